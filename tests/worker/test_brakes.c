/* The brakes: what a run that would take away too much does, who is asked, and what a decision covers. */
#include "support/sync_cases.h"

/* n clients of one contact each, numbered from 100. */
static void many_clients(int n)
{
	for (int i = 0; i < n; i++) {
		struct stub_client *c =
			stub_client(g.x, 100 + i, arena_printf(g.home, "Client %03d", i));
		stub_contact(c, 100 + i, "Somebody",
			arena_printf(g.home, "somebody%d@example.com", i))
			->primary = true;
	}
}

static void fault_47_a_vanished_client_is_asked_for(void **state)
{
	(void)state;
	many_clients(60);
	first_import();
	stub_find(g.x, 100)->unlisted = true; /* get: still there, live */
	stub_find(g.x, 101)->unlisted = stub_find(g.x, 101)->archived = true;
	stub_find(g.x, 102)->unlisted = true;
	stub_find(g.x, 102)->on_get = XERO_DOWN; /* undecided */
	stub_find(g.x, 103)->unlisted = true;
	stub_find(g.x, 103)->on_get = XERO_ERROR; /* Status ERROR: unknown id */
	stub_drop(g.x, 104);			  /* 404 */
	sync_again();
	assert_int_equal(g.x->gets, 5);
	run_said(0, 0, 3, 0, 56);
	assert_string_equal(
		db_ask("SELECT string_agg(name || '=' || archived_reason, ' ' ORDER BY name) FROM client WHERE archived_at IS NOT NULL"),
		"Client 001=archived_in_xpm Client 003=gone_from_xpm Client 004=gone_from_xpm");
	assert_string_equal(db_ask("SELECT rule FROM run_skip"), "undecided");
	assert_true(db_number("SELECT length(detail) FROM run_skip") > 5);
	assert_int_equal(world_run("failed"), 1);
	/* One that comes back is the same row again. */
	stub_find(g.x, 103)->unlisted = false;
	sync_again();
	run_said(0, 0, 0, 1, 56);
}

/* What people are told has the numbers as the pages have them. */
static void large_numbers_are_told_with_separators(void **state)
{
	enum { ALL = 1200, AWAY = 1100 };
	(void)state;
	many_clients(ALL);
	first_import();
	assert_int_equal(
		count("notice WHERE body = 'All clients have been imported from XPM. 1,200 clients,"
		      " 1,200 contacts.'"),
		1);
	assert_int_equal(count("audit_event WHERE event = 'sync.run' AND detail LIKE"
			       " '%: 1,200 seen, 1,200 new, 0 changed,%'"),
		1);
	for (int i = 0; i < AWAY; i++)
		stub_find(g.x, 100 + i)->unlisted = true;
	assert_string_equal(world_sync(MANUAL), "held");
	assert_int_equal(count("notice WHERE kind = 'sync_held' AND body LIKE"
			       " 'Sync paused: 1,100 clients would be archived%'"),
		1);
}

/* Those that XPM was not asked about, of the newest run. */
static int64_t not_asked(void)
{
	return db_number(
		"SELECT count(*) FROM run_skip WHERE rule = 'not_asked' AND run_id = (SELECT max(run_id) FROM sync_run)");
}

/* The worker's naps are short here, so the minute's limit does not pass while it waits: no limit. */
static void without_minutes(bool yes)
{
	(void)db_do("DROP TRIGGER IF EXISTS no_minute ON xero_budget");
	(void)db_do(
		"CREATE OR REPLACE FUNCTION public.no_minute() RETURNS trigger LANGUAGE plpgsql AS"
		" $$BEGIN NEW.next_at := now(); RETURN NEW; END$$");
	if (yes)
		(void)db_do("CREATE TRIGGER no_minute BEFORE INSERT OR UPDATE ON xero_budget"
			    " FOR EACH ROW EXECUTE FUNCTION public.no_minute()");
}

/* More are missing than a run asks for: nothing is lost silently, and each has its turn. */
static void fault_47_those_beyond_one_runs_questions_have_their_turn(void **state)
{
	enum { ALL = 450, AWAY = 44, STUBBORN = 2, ASKS = 30 };
	(void)state;
	many_clients(ALL);
	first_import();
	without_minutes(true);
	for (int i = 0; i < AWAY; i++)
		stub_find(g.x, 100 + i)->unlisted = stub_find(g.x, 100 + i)->archived = true;
	/* Two of the first to be asked never get a clear answer: they take nobody's turn away. */
	for (int i = 0; i < STUBBORN; i++)
		stub_find(g.x, 100 + i)->on_get = XERO_DOWN;
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(g.x->gets, ASKS);
	assert_int_equal(
		world_run("archived") + count("run_skip WHERE rule = 'undecided'"), ASKS);
	assert_int_equal(not_asked(), AWAY - ASKS);
	assert_int_equal(world_run("failed"), AWAY - world_run("archived"));
	/* No work of anybody's: XPM is to be asked, nothing to be put right there. */
	assert_int_equal(count("fix_item WHERE rule = 'not_asked'"), 0);
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(not_asked(), 0);
	assert_int_equal(count("client WHERE archived_at IS NULL"), ALL - AWAY + STUBBORN);
	/* They count for the brakes as long as they are away: with 44 more it would be over a tenth. */
	for (int i = 0; i < STUBBORN; i++)
		stub_find(g.x, 100 + i)->on_get = XERO_FINE;
	assert_string_equal(world_sync(MANUAL), "complete");
	for (int i = AWAY; i < 2 * AWAY; i++)
		stub_find(g.x, 100 + i)->unlisted = true;
	assert_string_equal(world_sync(MANUAL), "held");
	assert_int_equal(world_run("would_go"), AWAY);
	without_minutes(false);
}

/* The day's calls are used up in the middle of the questions: those that are left are named, with that reason. */
static void what_the_limit_leaves_unasked_says_so(void **state)
{
	(void)state;
	many_clients(60);
	first_import();
	for (int i = 0; i < 4; i++)
		stub_drop(g.x, 100 + i);
	g.keep_budget = true;
	(void)db_do("DELETE FROM xero_budget");
	g.set.day_budget = 3;
	assert_string_equal(world_sync(MANUAL), "problems");
	g.set.day_budget = 1000;
	assert_int_equal(not_asked(), 2);
	assert_int_equal(world_run("archived") + not_asked(), 4);
	assert_int_equal(count("run_skip WHERE rule = 'not_asked' AND detail LIKE '%limit%'"),
		not_asked());
	g.keep_budget = false;
	(void)db_do("DELETE FROM xero_budget");
	sync_again();
	assert_int_equal(count("client WHERE archived_at IS NOT NULL"), 4);
}

/* Run, notice and mail tell of the newest run with the same words. */
static void held_said(const char *words)
{
	assert_string_equal(
		db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		arena_printf(g.home, "%s.", words));
	assert_int_equal(
		count(arena_printf(g.home, "notice WHERE body = '%s. Review changes.'", words)),
		1);
	assert_int_equal(
		count(arena_printf(g.home,
			"job WHERE kind = 'mail' AND payload LIKE '%%\"detail\":\"%s.\"%%'",
			words)),
		1);
}

static void fault_50_more_than_a_tenth_is_held(void **state)
{
	(void)state;
	many_clients(50);
	first_import();
	for (int i = 0; i < 6; i++)
		stub_drop(g.x, 100 + i);
	assert_string_equal(world_sync(MANUAL), "held");
	assert_int_equal(g.x->gets, 0);
	assert_int_equal(world_run("would_go"), 6);
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE archived_at IS NOT NULL"), 0);
	assert_int_equal(
		db_number("SELECT count(*) FROM held_change WHERE kind = 'archive'"), 6);
	assert_string_equal(world_connection("state"), "held");
	assert_string_equal(world_connection("cause"), "brake");
	held_said("Sync paused: 6 clients would be archived");
	assert_int_equal(db_number("SELECT count(*) FROM notice WHERE kind = 'sync_held'"), 1);
	/* Again held: the older one is replaced, nobody is told twice. */
	assert_string_equal(world_sync(MANUAL), "held");
	assert_int_equal(
		db_number("SELECT count(*) FROM sync_run WHERE state = 'replaced'"), 1);
	assert_int_equal(db_number("SELECT count(*) FROM notice WHERE kind = 'sync_held'"), 1);
	/* A list that no longer trips the brake is applied and closes the hold. */
	many_clients(6);
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(db_number("SELECT count(*) FROM sync_run WHERE state = 'held'"), 0);
}

static void fault_50_blanking_counts_as_going(void **state)
{
	(void)state;
	many_clients(20);
	first_import();
	for (int i = 0; i < 3; i++)
		stub_find(g.x, 100 + i)->n_contacts = 0;
	for (int i = 3; i < 6; i++)
		stub_find(g.x, 100 + i)->contacts[0].email = NULL;
	assert_string_equal(world_sync(MANUAL), "held");
	assert_int_equal(world_run("would_go"), 6);
	assert_int_equal(db_number("SELECT count(*) FROM held_change WHERE kind = 'blank'"), 6);
	assert_int_equal(db_number("SELECT count(*) FROM contact WHERE email IS NULL"), 0);
	held_said("Sync paused: 6 clients would be blanked");
	stub_drop(g.x, 119);
	assert_string_equal(world_sync(MANUAL), "held");
	assert_string_equal(
		db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		"Sync paused: 1 client would be archived and 6 blanked.");
}

static void an_admin_applies_or_discards_a_held_run(void **state)
{
	(void)state;
	many_clients(50);
	first_import();
	for (int i = 0; i < 6; i++)
		stub_drop(g.x, 100 + i);
	assert_string_equal(world_sync(MANUAL), "held");
	int64_t held = world_run("run_id");
	world_queue("review",
		arena_printf(*state, "{\"run\":%lld,\"choice\":\"discard\",\"user\":1}",
			(long long)held));
	(void)world_work();
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(
		db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1"), "discarded");
	assert_int_equal(world_audited("sync.discarded", "ok"), 1);
	assert_string_equal(world_sync(MANUAL), "held");
	held = world_run("run_id");
	world_queue(
		"review", arena_printf(*state, "{\"run\":%lld,\"choice\":\"apply\",\"user\":1}",
				  (long long)held));
	(void)world_work();
	assert_int_equal(g.x->gets, 6);
	run_said(0, 0, 6, 0, 44);
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(
		db_number("SELECT count(*) FROM sync_run WHERE state = 'replaced'"), 1);
}

static void an_approval_covers_what_was_shown_and_no_more(void **state)
{
	(void)state;
	many_clients(50);
	first_import();
	for (int i = 0; i < 6; i++)
		stub_drop(g.x, 100 + i);
	assert_string_equal(world_sync(MANUAL), "held");
	int64_t held = world_run("run_id");
	stub_drop(g.x, 110);
	world_queue(
		"review", arena_printf(*state, "{\"run\":%lld,\"choice\":\"apply\",\"user\":1}",
				  (long long)held));
	(void)world_work();
	assert_int_equal(world_run("would_go"), 7);
	assert_string_equal(world_connection("state"), "held");
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE archived_at IS NOT NULL"), 0);
}

static void fault_49_an_empty_list_is_held(void **state)
{
	(void)state;
	three_clients();
	first_import();
	g.x->n = 0;
	assert_string_equal(world_sync(MANUAL), "held");
	assert_string_equal(world_connection("cause"), "empty");
	held_said("Sync paused: XPM sent an empty client list, so 3 clients would be archived");
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE archived_at IS NULL"), 3);
}

static void an_empty_practice_is_complete(void **state)
{
	(void)state;
	first_import();
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(world_connection("live_clients"), "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_47_a_vanished_client_is_asked_for),
		WORLD_TEST(large_numbers_are_told_with_separators),
		WORLD_TEST(fault_47_those_beyond_one_runs_questions_have_their_turn),
		WORLD_TEST(what_the_limit_leaves_unasked_says_so),
		WORLD_TEST(fault_50_more_than_a_tenth_is_held),
		WORLD_TEST(fault_50_blanking_counts_as_going),
		WORLD_TEST(an_admin_applies_or_discards_a_held_run),
		WORLD_TEST(an_approval_covers_what_was_shown_and_no_more),
		WORLD_TEST(fault_49_an_empty_list_is_held),
		WORLD_TEST(an_empty_practice_is_complete),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
