/* The connection as the web moves it, and attempts to connect. */
#include "support/db.h"

#include "codec/hash.h"
#include "codec/json.h"
#include "store/connections.h"

#define TENANT "'11111111-1111-4111-8111-111111111111'"

static unsigned char state_hash[HASH_BYTES];

static int connections_begin(void **state)
{
	int rc = db_begin(state);
	(void)db_do("DELETE FROM job");
	(void)db_do("DELETE FROM oauth_attempt");
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM connection");
	memset(state_hash, 7, sizeof state_hash);
	return rc;
}
#define C_TEST(f) cmocka_unit_test_setup_teardown((f), connections_begin, test_end)

static void set_state(struct arena *a, const char *name)
{
	(void)db_do(arena_printf(a,
		"INSERT INTO connection (org_id, state, tenant_id) VALUES (1001, '%s', " TENANT
		") ON CONFLICT (org_id) DO UPDATE SET state = excluded.state",
		name));
}

static const char *state_now(void)
{
	return db_ask("SELECT state FROM connection WHERE org_id = 1001");
}

static const char *stage_now(void)
{
	return db_ask("SELECT stage FROM oauth_attempt ORDER BY attempt_id DESC LIMIT 1");
}

static void begin_attempt(int64_t session)
{
	struct err e;
	const struct attempt_new n = {.state_hash = state_hash,
		.session_id = session,
		.org_id = d.org,
		.user_id = d.admin,
		.nonce = "nonce",
		.verifier = "verifier"};
	assert_ok(attempts_add(d.web, &n, &e));
}

static void no_row_reads_as_not_connected(void **state)
{
	struct connection c;
	struct err e;
	assert_ok(connections_get(d.web, *state, d.org, &c, &e));
	assert_int_equal(c.state, CONNECTION_NOT_CONNECTED);
	assert_int_equal(c.cause, CAUSE_NONE);
	assert_null(c.practice);
	assert_false(c.running);
	assert_false(c.has_tenant);
	assert_int_equal(c.progress_done, -1);
}

static void a_connection_reads_whole(void **state)
{
	struct connection c;
	struct err e;
	(void)db_do(
		"INSERT INTO connection (org_id, state, cause, cause_at, tenant_id, tenant_name,"
		" connected_by, connected_by_name, connected_at, first_live_at, last_success_at,"
		" last_run_id, live_clients, live_contacts, failures, next_sync_at,"
		" manual_ended_at, progress_done) VALUES (1001, 'degraded', 'sync_failed',"
		" to_timestamp(10), " TENANT ", 'Harbour', 5, 'Ada', to_timestamp(20),"
		" to_timestamp(30), to_timestamp(40), 50, 60, 70, 1, to_timestamp(80),"
		" to_timestamp(90.9), 100)");
	assert_ok(connections_get(d.web, *state, d.org, &c, &e));
	assert_int_equal(c.state, CONNECTION_DEGRADED);
	assert_int_equal(c.cause, CAUSE_SYNC_FAILED);
	assert_int_equal(c.cause_at, 10);
	assert_string_equal(c.practice, "Harbour");
	assert_string_equal(c.connected_by, "Ada");
	assert_int_equal(c.connected_by_id, 5);
	assert_int_equal(c.connected_at, 20);
	assert_int_equal(c.first_live_at, 30);
	assert_int_equal(c.last_success_at, 40);
	assert_int_equal(c.last_run_id, 50);
	assert_int_equal(c.live_clients, 60);
	assert_int_equal(c.live_contacts, 70);
	assert_int_equal(c.failures, 1);
	assert_int_equal(c.next_sync_at, 80);
	assert_int_equal(c.manual_ended_at, 90);
	assert_true(c.has_tenant);
	/* Progress is that of a run under way, not of the last one. */
	assert_int_equal(c.progress_done, -1);
	(void)db_do("INSERT INTO sync_run (org_id, trigger) VALUES (1001, 'manual')");
	assert_ok(connections_get(d.web, *state, d.org, &c, &e));
	assert_true(c.running);
	assert_int_equal(c.progress_done, 100);
	assert_ok(connections_set_label(d.web, d.org, "Our practice", &e));
	assert_ok(connections_get(d.web, *state, d.org, &c, &e));
	assert_string_equal(c.practice, "Our practice");
	(void)db_do("UPDATE connection SET label = '', tenant_name = NULL");
	assert_ok(connections_get(d.web, *state, d.org, &c, &e));
	assert_string_equal(c.practice, "Your practice");
}

/* ---- the return from Xero ---- */

static void a_return_stores_the_code_and_queues_the_job(void **state)
{
	struct err e;
	int64_t id = 0;
	begin_attempt(1);
	assert_ok(
		attempts_return(d.web, d.org, 1, state_hash, "the-code", CAUSE_NONE, &id, &e));
	assert_true(id > 0);
	assert_string_equal(state_now(), "connecting");
	assert_string_equal(stage_now(), "returned");
	assert_string_equal(db_ask("SELECT code || verifier || nonce FROM oauth_attempt"),
		"the-codeverifiernonce");
	assert_string_equal(db_ask("SELECT kind FROM job"), "connect");
	const struct json *payload;
	int64_t attempt = 0;
	assert_ok(json_parse(*state, str_of(db_ask("SELECT payload FROM job")), &payload, &e));
	assert_true(json_int(json_get(payload, "attempt"), &attempt));
	assert_int_equal(attempt, id);
	assert_string_equal(json_text(json_get(payload, "from")), "not_connected");
	/* No secret in the queue. */
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE payload ~ 'code|verifier'"), 0);
	/* Replayed: nothing. */
	assert_ok(
		attempts_return(d.web, d.org, 1, state_hash, "the-code", CAUSE_NONE, &id, &e));
	assert_int_equal(id, 0);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 1);
}

static void the_state_it_leaves_is_told_to_the_worker(void **state)
{
	struct err e;
	int64_t id = 0;
	set_state(*state, "needs_reconnect");
	begin_attempt(1);
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, "c", CAUSE_NONE, &id, &e));
	assert_string_equal(
		db_ask("SELECT payload::json ->> 'from' FROM job"), "needs_reconnect");
}

static void nobody_else_can_use_an_attempt(void **state)
{
	struct err e;
	int64_t id = -1;
	unsigned char other[HASH_BYTES] = {0};
	(void)state;
	begin_attempt(1);
	/* Another browser, another organisation, another state. */
	assert_ok(attempts_return(d.web, d.org, 2, state_hash, "c", CAUSE_NONE, &id, &e));
	assert_int_equal(id, 0);
	assert_ok(attempts_return(d.web, d.other_org, 1, state_hash, "c", CAUSE_NONE, &id, &e));
	assert_int_equal(id, 0);
	assert_ok(attempts_return(d.web, d.org, 1, other, "c", CAUSE_NONE, &id, &e));
	assert_int_equal(id, 0);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 0);
	assert_int_equal(db_number("SELECT count(*) FROM connection"), 0);
	/* None of that used it up. */
	assert_string_equal(stage_now(), "open");
}

static void after_ten_minutes_it_is_over(void **state)
{
	struct err e;
	int64_t id = -1;
	(void)state;
	begin_attempt(1);
	assert_int_equal(
		db_number("SELECT epoch(ends_at) - epoch(created_at) FROM oauth_attempt"), 600);
	(void)db_do("UPDATE oauth_attempt SET ends_at = now() - interval '1 s'");
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, "c", CAUSE_NONE, &id, &e));
	assert_int_equal(id, 0);
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, NULL, CAUSE_CANCELLED, &id, &e));
	assert_int_equal(id, 0);
}

static void a_refusal_writes_its_cause(void **state)
{
	struct err e;
	int64_t id = 0;
	struct connection c;
	begin_attempt(1);
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, NULL, CAUSE_CANCELLED, &id, &e));
	assert_true(id > 0);
	assert_string_equal(stage_now(), "failed");
	assert_null(db_ask("SELECT verifier FROM oauth_attempt"));
	assert_ok(connections_get(d.web, *state, d.org, &c, &e));
	assert_int_equal(c.state, CONNECTION_NOT_CONNECTED);
	assert_int_equal(c.cause, CAUSE_CANCELLED);
	assert_true(c.cause_at > 0);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 0);
}

static void a_connection_keeps_its_own_cause(void **state)
{
	static const char *const kept[] = {"connecting", "choosing", "first_import", "live",
		"degraded", "held", "disconnecting", "needs_reconnect"};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		set_state(*state, kept[i]);
		assert_ok(connections_note_cause(d.web, d.org, CAUSE_EXPIRED, &e));
		assert_null(db_ask("SELECT cause FROM connection"));
	}
	set_state(*state, "not_connected");
	assert_ok(connections_note_cause(d.web, d.org, CAUSE_EXPIRED, &e));
	assert_string_equal(db_ask("SELECT cause FROM connection"), "expired");
}

static bool return_once(struct pg *db, int nth, void *user)
{
	struct err e;
	int64_t id = 0;
	(void)nth;
	(void)user;
	return attempts_return(db, d.org, 1, state_hash, "c", CAUSE_NONE, &id, &e) && id > 0;
}

/* The OAuth state is used once (RFC 9700 section 2.1). */
static void of_twenty_parallel_returns_one_counts(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		(void)db_do("DELETE FROM job");
		(void)db_do("DELETE FROM oauth_attempt");
		(void)db_do("DELETE FROM connection");
		begin_attempt(1);
		assert_int_equal(db_race(20, "gap_web", return_once, NULL), 1);
		assert_int_equal(
			db_number("SELECT count(*) FROM job WHERE kind = 'connect'"), 1);
	}
}

/* Fault 61: two tabs make at most one connection. */
static void a_second_tab_closes_the_first(void **state)
{
	struct err e;
	int64_t id = -1;
	(void)state;
	begin_attempt(1);
	memset(state_hash, 8, sizeof state_hash);
	begin_attempt(1);
	memset(state_hash, 7, sizeof state_hash);
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, "c", CAUSE_NONE, &id, &e));
	assert_int_equal(id, 0);
	memset(state_hash, 8, sizeof state_hash);
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, "c", CAUSE_NONE, &id, &e));
	assert_true(id > 0);
}

static void a_second_admin_does_not_cut_in(void **state)
{
	struct err e;
	int64_t id = -1;
	begin_attempt(1);
	memset(state_hash, 8, sizeof state_hash);
	begin_attempt(2);
	assert_ok(attempts_return(d.web, d.org, 2, state_hash, "c", CAUSE_NONE, &id, &e));
	assert_true(id > 0);
	memset(state_hash, 7, sizeof state_hash);
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, "late", CAUSE_NONE, &id, &e));
	assert_int_equal(id, 0);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 1);
	assert_int_equal(
		db_number("SELECT count(*) FROM oauth_attempt WHERE code = 'late'"), 0);
	assert_string_equal(state_now(), "connecting");
	(void)state;
}

/* ---- the choice ---- */

static int64_t begin_choice(struct arena *a)
{
	struct err e;
	int64_t id = 0;
	begin_attempt(1);
	assert_ok(attempts_return(d.web, d.org, 1, state_hash, "c", CAUSE_NONE, &id, &e));
	(void)db_do("DELETE FROM job");
	(void)db_do("UPDATE oauth_attempt SET stage = 'choosing'");
	set_state(a, "choosing");
	(void)db_do("INSERT INTO oauth_choice SELECT 1001, attempt_id, i, gen_random_uuid(),"
		    " gen_random_uuid(), CASE WHEN i = 0 THEN 'Harbour' END, i = 1"
		    " FROM oauth_attempt, generate_series(0, 1) i");
	return id;
}

static void practices_to_choose_from_have_names(void **state)
{
	struct err e;
	int64_t asked = begin_choice(*state), id = 0;
	const struct choice *choices;
	size_t n;
	assert_ok(attempts_choices(d.web, *state, d.org, &id, &choices, &n, &e));
	assert_int_equal(id, asked);
	assert_int_equal(n, 2);
	assert_string_equal(choices[0].name, "Harbour");
	assert_string_equal(choices[1].name, "Practice 2");
	assert_false(choices[0].preselected);
	assert_true(choices[1].preselected);
	assert_ok(attempts_choices(d.web, *state, d.other_org, &id, &choices, &n, &e));
	assert_int_equal(id, 0);
	assert_int_equal(n, 0);
}

static void a_choice_is_made_once(void **state)
{
	struct err e;
	int64_t id = begin_choice(*state);
	assert_fails(attempts_choose(d.web, d.org, id, 2, &e), ERR_CONFLICT);
	assert_fails(attempts_choose(d.web, d.org, id, -2, &e), ERR_INVALID);
	assert_fails(attempts_choose(d.web, d.other_org, id, 1, &e), ERR_CONFLICT);
	assert_fails(attempts_choose(d.web, d.org, id + 1, 1, &e), ERR_CONFLICT);
	assert_ok(attempts_choose(d.web, d.org, id, 1, &e));
	assert_string_equal(state_now(), "connecting");
	assert_string_equal(db_ask("SELECT kind FROM job"), "choose");
	assert_int_equal(db_number("SELECT payload::json ->> 'idx' FROM job"), 1);
	assert_int_equal(db_number("SELECT payload::json ->> 'attempt' FROM job"), id);
	assert_fails(attempts_choose(d.web, d.org, id, 0, &e), ERR_CONFLICT);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 1);
}

static void none_of_them_is_a_choice_too(void **state)
{
	struct err e;
	int64_t id = begin_choice(*state);
	assert_ok(attempts_choose(d.web, d.org, id, -1, &e));
	assert_int_equal(db_number("SELECT payload::json ->> 'idx' FROM job"), -1);
}

/* ---- disconnecting ---- */

static void disconnect_leaves_states_4_to_8_only(void **state)
{
	const struct disconnect_ask ask = {.choice = "read_only", .user_id = 7};
	static const struct {
		const char *state;
		bool may;
	} cases[] = {{"not_connected", false}, {"connecting", false}, {"choosing", false},
		{"first_import", true}, {"live", true}, {"degraded", true}, {"held", true},
		{"needs_reconnect", true}, {"disconnecting", false}};
	struct err e;
	assert_fails(connections_begin_disconnect(d.web, d.org, &ask, &e), ERR_CONFLICT);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		(void)db_do("DELETE FROM job");
		set_state(*state, cases[i].state);
		if (!cases[i].may) {
			assert_fails(connections_begin_disconnect(d.web, d.org, &ask, &e),
				ERR_CONFLICT);
			assert_string_equal(state_now(), cases[i].state);
			continue;
		}
		assert_ok(connections_begin_disconnect(d.web, d.org, &ask, &e));
		assert_string_equal(state_now(), "disconnecting");
		assert_string_equal(db_ask("SELECT cause FROM connection"), "disconnected");
		assert_int_equal(
			db_number("SELECT count(*) FROM job WHERE kind = 'disconnect'"), 1);
		assert_string_equal(
			db_ask("SELECT payload::json ->> 'choice' FROM job"), "read_only");
		assert_fails(
			connections_begin_disconnect(d.web, d.org, &ask, &e), ERR_CONFLICT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		C_TEST(no_row_reads_as_not_connected),
		C_TEST(a_connection_reads_whole),
		C_TEST(a_return_stores_the_code_and_queues_the_job),
		C_TEST(the_state_it_leaves_is_told_to_the_worker),
		C_TEST(nobody_else_can_use_an_attempt),
		C_TEST(after_ten_minutes_it_is_over),
		C_TEST(a_refusal_writes_its_cause),
		C_TEST(a_connection_keeps_its_own_cause),
		C_TEST(of_twenty_parallel_returns_one_counts),
		C_TEST(a_second_tab_closes_the_first),
		C_TEST(a_second_admin_does_not_cut_in),
		C_TEST(practices_to_choose_from_have_names),
		C_TEST(a_choice_is_made_once),
		C_TEST(none_of_them_is_a_choice_too),
		C_TEST(disconnect_leaves_states_4_to_8_only),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
