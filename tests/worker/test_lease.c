/* A run that applies holds its rows for minutes: others neither wait for it nor take its job. */
#include "base/clock.h"
#include "support/sync_cases.h"

enum { SOON_MS = 3000 /* a lock is waited for 5 s */ };

/* Another worker in the middle of an apply, its last sign of life two minutes ago. */
static struct pg *apply_elsewhere(struct arena *a)
{
	struct err e;
	int64_t n = 0;
	struct pg *other = db_connect(a, "gap_worker");
	pg_use(other, a);
	(void)db_do(
		"INSERT INTO sync_run (org_id, trigger, tenant_id, beat_at)"
		" SELECT org_id, 'manual', tenant_id, now() - interval '2 min' FROM connection");
	assert_ok(pg_begin(other, d.org, &e));
	assert_ok(db_try_do(other,
		"UPDATE connection SET failures = failures WHERE org_id = 1001", &n, &e));
	assert_int_equal(n, 1);
	assert_ok(db_try_do(other,
		"UPDATE sync_run SET state = 'complete', ended_at = now() WHERE state = 'running'",
		&n, &e));
	assert_int_equal(n, 1);
	return other;
}

static void is_quick(void)
{
	int64_t began = clock_mono_ms();
	step();
	assert_in_range(clock_mono_ms() - began, 0, SOON_MS);
}

static void nobody_waits_for_an_apply(void **state)
{
	struct arena *a = arena_new();
	(void)state;
	live();
	(void)db_do("UPDATE sync_run SET started_at = now() - interval '13 h', slot = NULL");
	struct pg *other = apply_elsewhere(a);
	/* Who pressed the button has joined it. */
	world_queue("sync", MANUAL);
	is_quick();
	assert_int_equal(count("job WHERE kind = 'sync'"), 0);
	/* A repeat and a slot come back; neither has failed. */
	world_queue("sync", "{\"trigger\":\"retry\"}");
	is_quick();
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'sync'"),
		25, 30);
	world_due("slot");
	is_quick();
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'slot'"),
		55, 60);
	assert_int_equal(count("sync_run WHERE state = 'running'"), 1);
	assert_int_equal(count("sync_run"), 2);
	assert_int_equal(g.x->lists, 1);
	/* It dies: what it had begun is over, and its place free. */
	pg_rollback(other);
	arena_free(&a);
	world_due("sync");
	step();
	assert_int_equal(count("sync_run WHERE state = 'interrupted'"), 1);
	assert_int_equal(count("sync_run WHERE state = 'complete'"), 2);
}

/* A slot that another run has covered: the next one's time is shown when the rows are free. */
static void a_covered_slot_does_not_wait_either(void **state)
{
	struct arena *a = arena_new();
	struct err e;
	int64_t n = 0;
	(void)state;
	live();
	struct pg *other = db_connect(a, "gap_worker");
	pg_use(other, a);
	assert_ok(pg_begin(other, d.org, &e));
	assert_ok(db_try_do(other,
		"UPDATE connection SET failures = failures WHERE org_id = 1001", &n, &e));
	world_due("slot");
	is_quick();
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'slot'"),
		55, 60);
	pg_rollback(other);
	arena_free(&a);
	world_due("slot");
	step();
	assert_true(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'slot'") >
		60);
}

static void the_lease_is_kept_while_the_database_works(void **state)
{
	(void)state;
	(void)db_do("INSERT INTO job (org_id, kind, owner, due_at)"
		    " VALUES (1001, 'sync', 'worker-1', now() + interval '5 s')");
	g.w.job = (struct job){
		.job_id = db_number("SELECT max(job_id) FROM job"), .org_id = d.org};
	g.w.beat_at_ms = clock_mono_ms();
	worker_keep(&g.w);
	assert_in_range(db_number("SELECT epoch(due_at) - epoch(now()) FROM job"), 0, 5);
	g.w.beat_at_ms -= WORKER_BEAT_S * 1000;
	worker_keep(&g.w);
	assert_in_range(db_number("SELECT epoch(due_at) - epoch(now()) FROM job"), 55, 60);
	/* However late, it ends nothing: an apply that is under way comes to its end. */
	g.w.began_ms = clock_mono_ms() - 2 * g.set.job_time_s * 1000;
	g.w.beat_at_ms = 0;
	worker_keep(&g.w);
	assert_false(g.w.spent);
	g.w.job = (struct job){.job_id = 0};
	worker_watch(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(nobody_waits_for_an_apply),
		WORLD_TEST(a_covered_slot_does_not_wait_either),
		WORLD_TEST(the_lease_is_kept_while_the_database_works),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
