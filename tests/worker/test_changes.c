/* XERO_DELTA: lists of changes between the full runs. They add and change; they never take away. */
#include "support/sync_cases.h"

enum { EVERY_S = 1800, OVERLAP_S = 600 };

static int64_t now_s(void)
{
	return (int64_t)time(NULL);
}

static const char *changes(void)
{
	(void)db_do("DELETE FROM job WHERE kind <> 'slot'");
	(void)db_do("DELETE FROM xero_budget");
	world_queue("changes", "{}");
	assert_true(world_work() >= 1); /* and what mails it queues */
	return db_ask(
		"SELECT concat_ws(' ', state, cause) FROM sync_run ORDER BY run_id DESC LIMIT 1");
}

static void on(void)
{
	g.set.delta_every_s = EVERY_S;
	g.set.delta_overlap_s = OVERLAP_S;
	(void)stub_client(g.x, 2, "Birch");
	(void)stub_client(g.x, 3, "Cedar");
	live();
}

static int end(void **state)
{
	g.set.delta_every_s = 0;
	return world_end(state);
}
#define CHANGES_TEST(f) cmocka_unit_test_setup_teardown((f), world_begin, end)

static int64_t live_clients(void)
{
	return db_number("SELECT count(*) FROM client WHERE archived_at IS NULL");
}

static void it_is_off_by_default(void **state)
{
	(void)state;
	live();
	assert_int_equal(count("job WHERE kind = 'changes'"), 0);
	int64_t runs = count("sync_run");
	world_queue("changes", "{}");
	assert_int_equal(world_work(), 1);
	assert_int_equal(count("sync_run"), runs);
	assert_int_equal(count("job WHERE kind = 'changes'"), 0);
}

static void the_first_good_run_plans_it(void **state)
{
	(void)state;
	on();
	assert_int_equal(count("job WHERE kind = 'changes' AND due_at > now()"), 1);
}

static void changes_are_taken_and_the_run_says_what_it_was(void **state)
{
	(void)state;
	on();
	stub_find(g.x, 1)->name = "Renamed";
	stub_find(g.x, 1)->modified = now_s();
	stub_client(g.x, 50, "New")->modified = now_s();
	stub_find(g.x, 2)->name = "Changed, but XPM does not say so";
	assert_string_equal(changes(), "complete changes_only");
	run_said(1, 1, 0, 0, 0);
	assert_int_equal(world_run("seen"), 2);
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE name = 'Renamed'"), 1);
	/* It reaches back before the last run's begin. */
	int64_t before =
		db_number("SELECT epoch(started_at) FROM sync_run ORDER BY run_id LIMIT 1");
	assert_int_equal(g.x->since, before - OVERLAP_S);
	assert_string_equal(world_connection("state"), "live");
	/* The full run has what XPM did not say. */
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE name LIKE 'Changed,%'"), 1);
	assert_null(db_ask("SELECT cause FROM sync_run ORDER BY run_id DESC LIMIT 1"));
}

static void nobody_is_missing_from_a_list_of_changes(void **state)
{
	(void)state;
	on();
	int64_t were = live_clients();
	int gets = g.x->gets;
	/* One is really gone; of the others nothing has changed: an empty list, and no brake. */
	stub_drop(g.x, 3);
	assert_string_equal(changes(), "complete changes_only");
	run_said(0, 0, 0, 0, 0);
	assert_int_equal(live_clients(), were);
	assert_int_equal(g.x->gets, gets);
	assert_int_equal(count("held_change"), 0);
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(live_clients(), were - 1);
}

static void an_archived_record_in_it_is_archived(void **state)
{
	(void)state;
	on();
	stub_find(g.x, 1)->archived = true;
	stub_find(g.x, 1)->modified = now_s();
	assert_string_equal(changes(), "complete changes_only");
	run_said(0, 0, 1, 0, 0);
}

static void a_tenth_archived_at_once_is_held_all_the_same(void **state)
{
	(void)state;
	for (int i = 10; i < 30; i++)
		(void)stub_client(g.x, i, arena_printf(g.home, "Client %d", i));
	on();
	for (int i = 10; i < 18; i++) {
		stub_find(g.x, i)->archived = true;
		stub_find(g.x, i)->modified = now_s();
	}
	assert_string_equal(changes(), "held brake");
	assert_int_equal(count("held_change"), 8);
	assert_string_equal(world_connection("state"), "held");
	/* While it is held, nothing more of the kind. */
	int lists = g.x->lists;
	(void)changes();
	assert_int_equal(g.x->lists, lists);
}

static void undo_last(void)
{
	(void)db_do("DELETE FROM job WHERE kind <> 'slot'");
	world_queue(
		"undo", arena_printf(g.home, "{\"run\":%lld,\"user\":%lld,\"name\":\"Ada\"}",
				(long long)world_run("run_id"), (long long)d.admin));
	assert_true(world_work() >= 1);
	assert_string_equal(
		db_ask("SELECT trigger || ' ' || state FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		"undo complete");
}

/* Held after an undo: the same record in a list of changes is nothing new, another one ends the hold. */
static void what_is_held_stays_so_until_its_record_is_another_one(void **state)
{
	(void)state;
	on();
	stub_find(g.x, 1)->name = "Renamed";
	stub_drop(g.x, 3);
	assert_string_equal(world_sync(MANUAL), "complete");
	undo_last();
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 2);
	stub_find(g.x, 1)->modified = now_s();
	assert_string_equal(changes(), "complete changes_only");
	run_said(0, 0, 0, 0, 0);
	assert_int_equal(world_run("held"), 1); /* met, and left as it is */
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 2);
	assert_int_equal(count("client WHERE name = 'Renamed'"), 0);
	stub_find(g.x, 1)->name = "Renamed again";
	assert_string_equal(changes(), "complete changes_only");
	run_said(0, 1, 0, 0, 0);
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 1);
	/* Nobody asks for the one whose going was undone, nor counts it. */
	int gets = g.x->gets;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(g.x->gets, gets);
	assert_int_equal(count("client WHERE held_gone AND archived_at IS NULL"), 1);
}

/* A contact of a held client, brought by another that changes: the held one is not in the list at all. */
static void a_list_of_changes_brings_no_held_contact_back(void **state)
{
	(void)state;
	g.set.delta_every_s = EVERY_S;
	g.set.delta_overlap_s = OVERLAP_S;
	three_clients();
	first_import();
	struct stub_client *a = stub_find(g.x, 1), *b = stub_find(g.x, 2);
	a->contacts[1].mobile = b->contacts[0].mobile = "021 999";
	assert_string_equal(world_sync(MANUAL), "complete");
	undo_last();
	b->name = "Birch Limited";
	b->modified = now_s();
	assert_string_equal(changes(), "complete changes_only");
	run_said(0, 1, 0, 0, 0);
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 1);
	assert_string_equal(
		db_ask("SELECT phone FROM contact WHERE name = 'Bob Both'"), "021 222");
	/* The full run sees the same, and still nothing new of the held one. */
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_string_equal(
		db_ask("SELECT phone FROM contact WHERE name = 'Bob Both'"), "021 222");
}

static void without_a_full_run_within_a_day_there_is_none(void **state)
{
	(void)state;
	on();
	assert_string_equal(changes(), "complete changes_only");
	int64_t runs = count("sync_run");
	/* Lists of changes since do not count as full. */
	(void)db_do(
		"UPDATE sync_run SET started_at = now() - interval '25 hours' WHERE cause IS NULL");
	(void)changes();
	assert_int_equal(count("sync_run"), runs);
	assert_int_equal(count("job WHERE kind = 'changes' AND due_at > now()"), 1);
	assert_string_equal(world_sync(MANUAL), "complete");
	(void)changes();
	assert_int_equal(count("sync_run"), runs + 2);
}

static void a_failed_one_is_repeated_as_a_full_run(void **state)
{
	(void)state;
	on();
	for (int i = 0; i < 3; i++)
		g.x->script[i] = (struct stub_step){.trouble = XERO_DOWN, .retry_after_s = -1};
	g.x->steps = 3;
	g.x->step = 0;
	assert_string_equal(changes(), "failed sync_failed");
	assert_string_equal(world_connection("state"), "degraded");
	assert_int_equal(count("job WHERE kind = 'sync' AND payload LIKE '%retry%'"), 1);
	world_due("sync");
	assert_int_equal(world_work(), 1);
	assert_null(db_ask("SELECT cause FROM sync_run ORDER BY run_id DESC LIMIT 1"));
	assert_string_equal(world_connection("state"), "live");
}

static void the_slots_stay_full(void **state)
{
	(void)state;
	on();
	g.x->since = 0;
	g.now = schedule_next(&g.set.schedule, "Pacific/Auckland", d.org, now_s()) + 60;
	(void)db_do("DELETE FROM xero_budget");
	world_due("slot");
	assert_true(world_work() >= 1);
	assert_int_equal(g.x->since, 0);
	assert_int_equal(count("sync_run WHERE slot IS NOT NULL AND cause IS NULL"), 1);
}

static void it_ends_with_the_connection(void **state)
{
	(void)state;
	on();
	(void)db_do("UPDATE connection SET state = 'disconnecting'");
	(void)db_do("DELETE FROM job");
	world_queue("disconnect", "{}");
	(void)world_work();
	assert_int_equal(count("job WHERE kind = 'changes'"), 0);
	world_queue("changes", "{}");
	(void)world_work();
	assert_int_equal(count("job WHERE kind = 'changes'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHANGES_TEST(it_is_off_by_default),
		CHANGES_TEST(the_first_good_run_plans_it),
		CHANGES_TEST(changes_are_taken_and_the_run_says_what_it_was),
		CHANGES_TEST(nobody_is_missing_from_a_list_of_changes),
		CHANGES_TEST(an_archived_record_in_it_is_archived),
		CHANGES_TEST(a_tenth_archived_at_once_is_held_all_the_same),
		CHANGES_TEST(what_is_held_stays_so_until_its_record_is_another_one),
		CHANGES_TEST(a_list_of_changes_brings_no_held_contact_back),
		CHANGES_TEST(without_a_full_run_within_a_day_there_is_none),
		CHANGES_TEST(a_failed_one_is_repeated_as_a_full_run),
		CHANGES_TEST(the_slots_stay_full),
		CHANGES_TEST(it_ends_with_the_connection),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
