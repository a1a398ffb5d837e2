/* Faults of the list that concern the life of workers, organisations and clocks: 4, 14, 20, 67, 68, 70, 71, 72. */
/* LDFLAGS: -Wl,--wrap=pg_commit */
#include "store/jobs.h"
#include "support/sync_cases.h"

#include <signal.h>
#include <unistd.h>

enum { CLICKS = 50, WORKERS = 2, OTHERS = 4, SLOW_MS = 2500 };

/* The answer to a commit that is lost: with it done, or not. */
static enum { COMMIT_FINE, COMMIT_DONE_UNHEARD, COMMIT_NOT_DONE } commit_fault;

bool __real_pg_commit(struct pg *db, struct err *e);
bool __wrap_pg_commit(struct pg *db, struct err *e);
bool __wrap_pg_commit(struct pg *db, struct err *e)
{
	if (commit_fault == COMMIT_FINE || db != g.w.db)
		return __real_pg_commit(db, e);
	bool done = commit_fault == COMMIT_DONE_UNHEARD;
	commit_fault = COMMIT_FINE;
	if (done && !__real_pg_commit(db, e))
		fail_msg("%s", e->text);
	else
		pg_rollback(db);
	return err_set(e, ERR_UNCERTAIN, "The link was cut.");
}

/* From the list on: the next commit is that of the apply. */
static void lose_answer(struct stub_xero *s)
{
	(void)s;
	commit_fault = COMMIT_DONE_UNHEARD;
}

static void lose_commit(struct stub_xero *s)
{
	(void)s;
	commit_fault = COMMIT_NOT_DONE;
}

static void fault_4_a_commit_that_happened_unheard_is_one_run(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Renamed";
	g.x->during = lose_answer;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(count("client WHERE name = 'Renamed'"), 1);
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(count("client_change WHERE field = 'name'"), 1);
}

static void fault_4_a_commit_that_did_not_happen_fails_the_run_and_the_next_has_it(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Renamed";
	g.x->during = lose_commit;
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_int_equal(count("client WHERE name = 'Renamed'"), 0);
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(count("client WHERE name = 'Renamed'"), 1);
	assert_int_equal(count("client_change WHERE field = 'name'"), 1);
}

static void ask_to_stop(struct stub_xero *s)
{
	(void)s;
	(void)kill(getpid(), SIGTERM);
}

static int stopped_child(void)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	bool did = false;
	int wait_s = 0;
	world_worker(&w, home, "stopped");
	return worker_step(&w, &did, &wait_s, &e) && did ? 0 : 1;
}

static void fault_14_a_worker_asked_to_stop_ends_at_a_safe_point(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Renamed";
	g.x->piece = 40;
	g.x->during = ask_to_stop;
	(void)db_do("DELETE FROM xero_budget");
	world_queue("sync", MANUAL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(stopped_child());
	assert_int_equal(world_reap(pid), 0);
	g.x->during = NULL;
	assert_string_equal(db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		"interrupted");
	assert_int_equal(count("client WHERE name = 'Renamed'"), 0);
	assert_string_equal(world_connection("failures"), "0");
	/* Given back at once: the next worker need not wait for a lease. */
	(void)db_do("DELETE FROM xero_budget");
	step();
	assert_int_equal(count("client WHERE name = 'Renamed'"), 1);
}

static int loop_child(void)
{
	struct arena *home = arena_new();
	struct worker w;
	world_worker(&w, home, "old");
	return worker_loop(&w);
}

static void fault_20_a_worker_older_than_the_database_stops_cleanly(void **state)
{
	(void)state;
	live();
	(void)db_do(
		"INSERT INTO schema_migration (version, name, checksum) SELECT max(version) + 1, 'newer', checksum FROM schema_migration GROUP BY checksum ORDER BY 1 DESC LIMIT 1");
	pid_t pid = fork();
	if (pid == 0)
		_exit(loop_child());
	assert_int_equal(world_reap(pid), WORKER_STALE);
	(void)db_do("DELETE FROM schema_migration WHERE name = 'newer'");
	assert_int_equal(count("job WHERE owner = 'old'"), 0);
}

static void delete_the_admin(struct stub_xero *s)
{
	(void)s;
	(void)db_do("UPDATE app_user SET status = 'disabled' WHERE org_id = 1001");
}

static void fault_67_the_admin_who_pressed_is_gone_and_the_run_goes_on(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Renamed";
	g.x->during = delete_the_admin;
	const char *payload = arena_printf(g.home,
		"{\"trigger\":\"manual\",\"user\":%lld,\"name\":\"Ada\"}", (long long)d.admin);
	assert_string_equal(world_sync(payload), "complete");
	(void)world_work();
	(void)db_do("UPDATE app_user SET status = 'active' WHERE org_id = 1001");
	assert_int_equal(count("client WHERE name = 'Renamed'"), 1);
}

/* Everything of it, but for the row of the organisation itself, which others of the test need. */
static void delete_the_connection(struct stub_xero *s)
{
	static const char *const tables[] = {"client_contact", "contact", "client",
		"client_change", "run_skip", "sync_run", "connection", "grant_use",
		"tenant_claim", "job"};
	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		(void)db_do(
			arena_printf(g.home, "DELETE FROM %s WHERE org_id = 1001", tables[i]));
}

static void fault_67_an_organisation_deleted_during_a_run_stays_deleted(void **state)
{
	struct err e;
	bool did = false;
	int wait_s = 0;
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Renamed";
	(void)stub_client(g.x, 2, "New");
	g.x->during = delete_the_connection;
	(void)db_do("DELETE FROM xero_budget");
	(void)db_do("DELETE FROM job");
	world_queue("sync", MANUAL);
	assert_ok(worker_step(&g.w, &did, &wait_s, &e));
	static const char *const empty[] = {"client", "contact", "client_contact", "connection",
		"sync_run", "client_change", "job"};
	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		assert_int_equal(
			count(arena_printf(g.home, "%s WHERE org_id = 1001", empty[i])), 0);
}

static int work_child(int nth)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	char name[32];
	bool did = true;
	int wait_s = 0;
	(void)snprintf(name, sizeof name, "child-%d", nth);
	world_worker(&w, home, name);
	while (did)
		if (!worker_step(&w, &did, &wait_s, &e))
			return 1;
	return 0;
}

static void start_workers(pid_t pids[WORKERS])
{
	for (int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(work_child(i));
	}
}

static bool click(struct pg *db, int nth, void *user)
{
	struct err e;
	bool running = false;
	int wait_s = 0;
	(void)nth, (void)user;
	return jobs_ask_sync(db, d.org, d.member, "Max", &running, &wait_s, &e);
}

/* 50 clicks at once, a slot that is due, two workers: one run, the button's or the slot's. */
static void fault_68_fifty_clicks_a_slot_and_two_workers_are_one_run(void **state)
{
	pid_t pids[WORKERS];
	(void)state;
	live();
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM xero_budget");
	world_due("slot");
	assert_int_equal(db_race(CLICKS, "gap_web", click, NULL), CLICKS);
	assert_int_equal(count("job WHERE kind = 'sync'"), 1);
	start_workers(pids);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(world_reap(pids[i]), 0);
	assert_int_equal(count("sync_run"), 1);
	assert_int_equal(count("sync_run WHERE state = 'complete'"), 1);
	assert_int_equal(g.x->shared->dead, 0);
	/* Pressed again after a manual one: the cool-down. */
	(void)db_do("UPDATE connection SET manual_ended_at = now()");
	(void)db_race(CLICKS, "gap_web", click, NULL);
	assert_int_equal(count("job WHERE kind = 'sync'"), 0);
}

static int runs_at(int64_t now)
{
	int before = g.x->lists;
	g.now = now;
	world_due("slot");
	step();
	return g.x->lists - before;
}

/* The worker's clock goes wrong by a day and comes back: a slot runs once, and none is left out for it. */
static void fault_70_a_clock_that_jumps_a_day_costs_no_run_and_makes_none_twice(void **state)
{
	(void)state;
	live();
	int64_t slot =
		schedule_next(&g.set.schedule, "Pacific/Auckland", d.org, (int64_t)time(NULL));
	assert_int_equal(runs_at(slot + 60), 1);
	assert_int_equal(runs_at(slot + DAY_S + 60), 1);
	assert_int_equal(runs_at(slot + 120), 0);
	/* A slot of yesterday that had no run has one now, and then never again. */
	assert_int_equal(runs_at(slot - DAY_S), 1);
	assert_int_equal(runs_at(slot - DAY_S + 60), 0);
	assert_int_equal(runs_at(slot + DAY_S / 2 + 60), 1);
	assert_int_equal(runs_at(slot + DAY_S + 120), 0);
	assert_int_equal(runs_at(slot + 3 * DAY_S / 2 + 60), 1);
	/* Leases are in the database's time: no run was taken over by a jump. */
	assert_int_equal(count("sync_run WHERE state <> 'complete'"), 0);
}

static void be_slow(struct stub_xero *s)
{
	const struct timespec pause = {SLOW_MS / 1000, (SLOW_MS % 1000) * 1000000L};
	(void)s;
	if (strcmp(g.x->last_tenant, stub_uuid(NULL, 't', 1)) == 0)
		(void)nanosleep(&pause, NULL);
}

/* Its practice answers slowly, its jobs are poison: the others are through long before it. */
static void fault_71_one_organisations_poison_and_slowness_delay_no_other(void **state)
{
	pid_t pids[WORKERS];
	(void)state;
	live();
	g.x->during = be_slow;
	(void)db_do("DELETE FROM job");
	(void)db_do("DELETE FROM xero_budget");
	(void)db_do("DELETE FROM sync_run");
	world_queue("sync", MANUAL);
	(void)db_do(
		"INSERT INTO job (org_id, kind, payload) SELECT 1001, 'poison', '{' FROM generate_series(1, 20)");
	for (int i = 0; i < OTHERS; i++)
		(void)db_do(arena_printf(g.home,
			"INSERT INTO job (org_id, kind, payload) VALUES (1002, 'mail', '{\"what\":\"mfa_required\",\"user\":%lld}')",
			(long long)d.other_admin));
	start_workers(pids);
	int64_t waited = 0;
	const struct timespec pause = {0, 50 * 1000000L};
	for (; count("job WHERE org_id = 1002") > 0 && waited < SLOW_MS; waited += 50)
		(void)nanosleep(&pause, NULL);
	assert_in_range(waited, 0, SLOW_MS - 500);
	assert_int_equal(count("sync_run WHERE state = 'running'"), 1);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(world_reap(pids[i]), 0);
	assert_int_equal(count("sync_run WHERE state = 'complete'"), 1);
	/* Poison is not tried in a circle: each once, then with growing pauses. */
	assert_int_equal(count("job WHERE kind = 'poison' AND attempts > 1"), 0);
}

/* Yesterday's token set is put back; Xero has moved on. Reconnected, the tables are Xero's again. */
static void fault_72_after_yesterdays_backup_a_reconnect_and_a_full_run_mend_it(void **state)
{
	struct err e;
	int64_t id = 0;
	(void)state;
	three_clients();
	first_import();
	(void)db_do("CREATE TABLE gap.yesterday AS SELECT * FROM gap.xero_grant");
	(void)db_do(
		"CREATE TABLE gap.yesterdays_clients AS SELECT client_id, name, fingerprint FROM gap.client");
	(void)db_do("UPDATE xero_grant SET access_ends_at = now()");
	stub_find(g.x, 1)->name = "Renamed since";
	assert_string_equal(world_sync(MANUAL), "complete");
	const char *right = arena_strdup(g.home, world_picture(d.org));
	(void)db_do(
		"UPDATE xero_grant x SET sealed = y.sealed, generation = y.generation, access_ends_at = now() FROM gap.yesterday y");
	(void)db_do(
		"UPDATE client c SET name = y.name, fingerprint = y.fingerprint FROM gap.yesterdays_clients y WHERE y.client_id = c.client_id");
	(void)db_do("DROP TABLE gap.yesterday, gap.yesterdays_clients");
	assert_string_not_equal(world_picture(d.org), right);
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
	const char *pair = arena_printf(g.home, "refresh-%lld", (long long)g.x->shared->pair);
	const struct oauth_tokens fresh = {.access = secret_new(g.home, "access-9", 8),
		.refresh = secret_new(g.home, pair, strlen(pair)),
		.expires_in_s = 1800,
		.scopes = ""};
	assert_ok(token_keep(&g.w, stub_uuid(NULL, 'u', 1), &fresh, &id, &e));
	(void)db_do("UPDATE connection SET state = 'first_import'");
	assert_string_equal(world_sync("{\"trigger\":\"reconnect\"}"), "complete");
	assert_string_equal(world_picture(d.org), right);
	assert_string_equal(world_connection("state"), "live");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_4_a_commit_that_happened_unheard_is_one_run),
		WORLD_TEST(
			fault_4_a_commit_that_did_not_happen_fails_the_run_and_the_next_has_it),
		WORLD_TEST(fault_14_a_worker_asked_to_stop_ends_at_a_safe_point),
		WORLD_TEST(fault_20_a_worker_older_than_the_database_stops_cleanly),
		WORLD_TEST(fault_67_the_admin_who_pressed_is_gone_and_the_run_goes_on),
		WORLD_TEST(fault_67_an_organisation_deleted_during_a_run_stays_deleted),
		WORLD_TEST(fault_68_fifty_clicks_a_slot_and_two_workers_are_one_run),
		WORLD_TEST(fault_70_a_clock_that_jumps_a_day_costs_no_run_and_makes_none_twice),
		WORLD_TEST(fault_71_one_organisations_poison_and_slowness_delay_no_other),
		WORLD_TEST(fault_72_after_yesterdays_backup_a_reconnect_and_a_full_run_mend_it),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
