/* The automatic runs: two a day whatever the clocks do, one catch-up, none without a connection. */
#include "support/sync_cases.h"

#include "codec/when.h"

static void wake_slot(int64_t at)
{
	g.now = at;
	world_due("slot");
	step();
}

static int64_t slots_of(const char *zone, int64_t from, int64_t to)
{
	(void)db_do(arena_printf(
		g.home, "UPDATE organisation SET time_zone = '%s' WHERE org_id = 1001", zone));
	(void)db_do(
		arena_printf(g.home, "UPDATE connection SET connected_at = to_timestamp(%lld)",
			(long long)from - DAY_S));
	(void)db_do("DELETE FROM sync_run");
	int runs = g.x->lists;
	for (int64_t at = from; at < to; at += 1800)
		wake_slot(at);
	(void)db_do(
		"UPDATE organisation SET time_zone = 'Pacific/Auckland' WHERE org_id = 1001");
	return g.x->lists - runs;
}

/* S8: woken every half hour around a change of the clocks, it runs twice a day all the same. */
static void fault_70_two_runs_a_day_whatever_the_clocks_do(void **state)
{
	(void)state;
	live();
	/* Auckland: spring change on 27 September 2026, autumn change on 5 April 2026. */
	int64_t spring = when_local("Pacific/Auckland", 2026, 9, 26, 12, 0);
	assert_int_equal(slots_of("Pacific/Auckland", spring,
				 when_local("Pacific/Auckland", 2026, 9, 28, 12, 0)),
		5);
	int64_t autumn = when_local("Europe/London", 2026, 10, 24, 12, 0);
	assert_int_equal(slots_of("Europe/London", autumn,
				 when_local("Europe/London", 2026, 10, 26, 12, 0)),
		5);
	assert_int_equal(count("sync_run WHERE slot IS NOT NULL"), 5);
}

/* Fault 69: three days off, one catch-up. */
static void fault_69_downtime_costs_one_catch_up_run(void **state)
{
	(void)state;
	live();
	int64_t now =
		schedule_next(&g.set.schedule, "Pacific/Auckland", d.org, (int64_t)time(NULL)) +
		3 * DAY_S + 100;
	int lists = g.x->lists;
	wake_slot(now);
	wake_slot(now + 60);
	wake_slot(now + 120);
	assert_int_equal(g.x->lists - lists, 1);
	assert_int_equal(count("sync_run WHERE trigger = 'scheduled'"), 1);
}

static void a_slot_before_the_connection_is_no_slot(void **state)
{
	(void)state;
	live();
	(void)db_do("UPDATE connection SET connected_at = now()");
	int lists = g.x->lists;
	wake_slot((int64_t)time(NULL));
	assert_int_equal(g.x->lists, lists);
	assert_int_equal(count("job WHERE kind = 'slot' AND due_at > now()"), 1);
}

/* The first import, a moment ago, has read all that the slot's run would. */
static void a_slot_that_a_later_run_has_covered_is_done(void **state)
{
	(void)state;
	live();
	int lists = g.x->lists;
	world_due("slot");
	step();
	assert_int_equal(g.x->lists, lists);
	assert_int_equal(count("job WHERE kind = 'slot' AND due_at > now()"), 1);
	/* Not by one that failed, nor by one before it. */
	(void)db_do("UPDATE sync_run SET state = 'failed'");
	world_due("slot");
	step();
	assert_int_equal(g.x->lists, lists + 1);
	(void)db_do(
		"UPDATE sync_run SET started_at = now() - interval '13 hours', slot = NULL");
	world_due("slot");
	step();
	assert_int_equal(g.x->lists, lists + 2);
}

static void a_slot_waits_for_the_run_under_way(void **state)
{
	(void)state;
	live();
	(void)db_do("UPDATE sync_run SET started_at = now() - interval '13 hours'");
	(void)db_do(arena_printf(g.home,
		"INSERT INTO sync_run (org_id, trigger, tenant_id) VALUES (1001, 'manual', '%s')",
		stub_uuid(NULL, 't', 1)));
	world_due("slot");
	step();
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'slot'"),
		55, 60);
}

static void the_next_time_is_shown(void **state)
{
	(void)state;
	live();
	int64_t next =
		schedule_next(&g.set.schedule, "Pacific/Auckland", d.org, (int64_t)time(NULL));
	assert_int_equal(db_number("SELECT epoch(next_sync_at) FROM connection"), next);
}

static int64_t shown_next(void)
{
	return db_number("SELECT coalesce(epoch(next_sync_at), 0) FROM connection");
}

/* After a reconnect or a hand-over, and when a good run came before the repeat of a failed one. */
static void the_next_time_is_shown_again(void **state)
{
	(void)state;
	live();
	int64_t next = shown_next();
	(void)db_do("DELETE FROM job WHERE kind = 'slot'");
	(void)db_do("UPDATE connection SET state = 'first_import', next_sync_at = NULL");
	assert_string_equal(world_sync("{\"trigger\":\"reconnect\"}"), "complete");
	assert_int_equal(shown_next(), next);
	assert_int_equal(count("job WHERE kind = 'slot'"), 1);
	(void)db_do(
		"UPDATE connection SET failures = 1, next_sync_at = now() + interval '5 min'");
	assert_string_equal(world_sync("{\"trigger\":\"manual\"}"), "complete");
	assert_int_equal(shown_next(), next);
}

static void slots_end_with_the_connection(void **state)
{
	(void)state;
	live();
	(void)db_do("UPDATE connection SET state = 'needs_reconnect'");
	world_due("slot");
	step();
	assert_int_equal(count("job WHERE kind = 'slot'"), 0);
}

/* After a restore or a lost job: the sweep makes what is missing, and nothing for those not connected. */
static void the_sweep_makes_missing_slot_jobs(void **state)
{
	(void)state;
	live();
	(void)db_do("DELETE FROM job");
	(void)db_do("INSERT INTO connection (org_id, state) VALUES (1002, 'not_connected')");
	(void)db_do("INSERT INTO job (kind, single) VALUES ('sweep', 'sweep')");
	step();
	assert_int_equal(count("job WHERE kind = 'slot' AND org_id = 1001"), 1);
	assert_int_equal(count("job WHERE kind = 'slot' AND org_id = 1002"), 0);
	assert_int_equal(count("job WHERE kind = 'tidy'"), 1);
}

/* ---- disconnect ---- */

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_70_two_runs_a_day_whatever_the_clocks_do),
		WORLD_TEST(fault_69_downtime_costs_one_catch_up_run),
		WORLD_TEST(a_slot_before_the_connection_is_no_slot),
		WORLD_TEST(a_slot_that_a_later_run_has_covered_is_done),
		WORLD_TEST(a_slot_waits_for_the_run_under_way),
		WORLD_TEST(the_next_time_is_shown),
		WORLD_TEST(the_next_time_is_shown_again),
		WORLD_TEST(slots_end_with_the_connection),
		WORLD_TEST(the_sweep_makes_missing_slot_jobs),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
