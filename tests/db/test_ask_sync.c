/* "Update Xero Clients": of any number of presses one starts a run, and none too early. */
#include "support/db.h"

#include "store/jobs.h"

static int ask_begin(void **state)
{
	int rc = db_begin(state);
	(void)db_do("DELETE FROM job");
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM connection");
	return rc;
}
#define A_TEST(f) cmocka_unit_test_setup_teardown((f), ask_begin, test_end)

static void set_state(struct arena *a, const char *name)
{
	(void)db_do(arena_printf(a,
		"INSERT INTO connection (org_id, state) VALUES (1001, '%s')"
		" ON CONFLICT (org_id) DO UPDATE SET state = excluded.state",
		name));
}

static void ask(bool *running, int *wait_s)
{
	struct err e;
	assert_ok(jobs_ask_sync(d.web, d.org, d.member, "Max \"M\" \n", running, wait_s, &e));
}

static void a_press_queues_one_run(void **state)
{
	bool running;
	int wait_s;
	set_state(*state, "live");
	ask(&running, &wait_s);
	assert_false(running);
	assert_int_equal(wait_s, 0);
	assert_string_equal(db_ask("SELECT single FROM job"), "sync:1001");
	assert_string_equal(db_ask("SELECT kind FROM job"), "sync");
	assert_string_equal(db_ask("SELECT payload::json ->> 'trigger' FROM job"), "manual");
	assert_int_equal(db_number("SELECT payload::json ->> 'user' FROM job"), d.member);
	assert_string_equal(db_ask("SELECT payload::json ->> 'name' FROM job"), "Max \"M\" \n");
	/* The next press joins the one that waits. */
	ask(&running, &wait_s);
	assert_true(running);
	assert_int_equal(wait_s, 0);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 1);
}

static void a_press_during_a_run_joins_it(void **state)
{
	bool running;
	int wait_s;
	set_state(*state, "live");
	/* Also within the cool-down: joining calls nobody. */
	(void)db_do("UPDATE connection SET manual_ended_at = now()");
	(void)db_do("INSERT INTO sync_run (org_id, trigger) VALUES (1001, 'scheduled')");
	ask(&running, &wait_s);
	assert_true(running);
	assert_int_equal(wait_s, 0);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 0);
	/* A job that a worker holds and that has no run row yet. */
	(void)db_do("DELETE FROM sync_run");
	(void)db_do(
		"INSERT INTO job (org_id, kind, single, owner, due_at) VALUES (1001, 'sync',"
		" 'sync:1001', 'w', now() + interval '60 s')");
	ask(&running, &wait_s);
	assert_true(running);
	/* Its lease was not touched. */
	assert_true(db_number("SELECT epoch(due_at) - epoch(now()) FROM job") > 50);
}

/* The cool-down lasts five minutes from the end of the last manual run that called Xero. */
static void within_the_cool_down_the_seconds_are_told(void **state)
{
	bool running;
	int wait_s;
	set_state(*state, "live");
	(void)db_do("UPDATE connection SET manual_ended_at = now() - interval '48 s'");
	ask(&running, &wait_s);
	assert_false(running);
	assert_in_range(wait_s, 250, 252);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 0);
	(void)db_do("UPDATE connection SET manual_ended_at = now() - interval '300 s'");
	ask(&running, &wait_s);
	assert_false(running);
	assert_int_equal(wait_s, 0);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 1);
}

static void a_waiting_repeat_is_brought_forward(void **state)
{
	bool running;
	int wait_s;
	set_state(*state, "degraded");
	(void)db_do(
		"INSERT INTO job (org_id, kind, payload, single, due_at) VALUES (1001, 'sync',"
		" '{\"trigger\":\"retry\"}', 'sync:1001', now() + interval '1 hour')");
	ask(&running, &wait_s);
	assert_false(running);
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE due_at <= now()"), 1);
	assert_string_equal(db_ask("SELECT payload::json ->> 'trigger' FROM job"), "manual");
}

static void without_a_connection_there_is_no_run(void **state)
{
	static const char *const none[] = {
		"not_connected", "connecting", "choosing", "needs_reconnect", "disconnecting"};
	struct err e;
	bool running;
	int wait_s;
	assert_fails(jobs_ask_sync(d.web, d.org, d.member, "M", &running, &wait_s, &e),
		ERR_CONFLICT);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		set_state(*state, none[i]);
		assert_fails(jobs_ask_sync(d.web, d.org, d.member, "M", &running, &wait_s, &e),
			ERR_CONFLICT);
	}
	assert_int_equal(db_number("SELECT count(*) FROM job"), 0);
}

static bool press(struct pg *db, int nth, void *user)
{
	struct err e;
	bool running = false;
	int wait_s = 0;
	(void)nth;
	(void)user;
	return jobs_ask_sync(db, d.org, d.member, "M", &running, &wait_s, &e) && !running &&
	       wait_s == 0;
}

/* ASVS 2.3.4: 50 parallel presses start one run. */
static void of_fifty_parallel_presses_one_starts(void **state)
{
	set_state(*state, "live");
	assert_int_equal(db_race(50, "gap_web", press, NULL), 1);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		A_TEST(a_press_queues_one_run),
		A_TEST(a_press_during_a_run_joins_it),
		A_TEST(within_the_cool_down_the_seconds_are_told),
		A_TEST(a_waiting_repeat_is_brought_forward),
		A_TEST(without_a_connection_there_is_no_run),
		A_TEST(of_fifty_parallel_presses_one_starts),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
