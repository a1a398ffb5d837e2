/* What is to be put right in XPM opens, renames and closes by itself, in the run that finds it. */
#include "store/fix.h"
#include "support/sync_cases.h"

static const char *open_ones(void)
{
	return db_ask(
		"SELECT coalesce(string_agg(name || ':' || reasons || coalesce(':' || rule, ''), ' '"
		" ORDER BY name), '') FROM fix_item WHERE closed_at IS NULL");
}

/* Alder has no e-mail, Birch two primaries, Cedar nobody. */
static void flawed(void)
{
	struct stub_client *a = stub_client(g.x, 1, "Alder");
	stub_contact(a, 1, "Ann", NULL)->primary = true;
	struct stub_client *b = stub_client(g.x, 2, "Birch");
	stub_contact(b, 2, "Bob", "bob@example.com")->primary = true;
	stub_contact(b, 3, "Ben", "ben@example.com")->primary = true;
	stub_contact(stub_client(g.x, 4, "Dogwood"), 4, "Dora", "dora@example.com")->primary =
		true;
	first_import();
}

static void it_follows_the_runs(void **state)
{
	(void)state;
	flawed();
	assert_string_equal(open_ones(), "Alder:1 Birch:4");
	(void)db_do(
		arena_printf(g.home, "UPDATE fix_item SET assignee = %lld WHERE name = 'Alder'",
			(long long)d.member));
	/* A run without changes writes nothing. */
	const char *before = db_ask("SELECT string_agg(xmin::text, ' ') FROM fix_item");
	sync_again();
	assert_string_equal(db_ask("SELECT string_agg(xmin::text, ' ') FROM fix_item"), before);
	/* Renamed and worse; fixed; flawed anew. */
	stub_find(g.x, 1)->name = "Alder Ltd";
	stub_find(g.x, 1)->contacts[0].primary = false;
	stub_find(g.x, 2)->contacts[1].primary = false;
	stub_find(g.x, 4)->n_contacts = 0;
	sync_again();
	assert_non_null(strstr(open_ones(), "Alder Ltd:3"));
	assert_non_null(strstr(open_ones(), "Dogwood:"));
	assert_null(strstr(open_ones(), "Birch"));
	assert_int_equal(
		count("fix_item WHERE name = 'Birch' AND closed_at IS NOT NULL AND reasons = 4"
		      " AND closed_run = (SELECT max(run_id) FROM sync_run)"),
		1);
	assert_int_equal(
		db_number("SELECT assignee FROM fix_item WHERE name = 'Alder Ltd'"), d.member);
	/* Archived in XPM: nobody has to do anything. */
	stub_find(g.x, 1)->archived = true;
	sync_again();
	assert_null(strstr(open_ones(), "Alder"));
	/* Once more: a line of its own, the closed one stays. */
	stub_find(g.x, 2)->contacts[1].primary = true;
	sync_again();
	assert_int_equal(count("fix_item WHERE name = 'Birch'"), 2);
}

static void given_to_max(const char *where)
{
	(void)db_do(arena_printf(g.home,
		"UPDATE fix_item SET assignee = %lld, assigned_by = 'Ada' WHERE closed_at IS NULL AND %s",
		(long long)d.member, where));
}

static int64_t who_has(const char *name)
{
	return db_number(arena_printf(g.home,
		"SELECT coalesce(sum(assignee), 0) FROM fix_item WHERE closed_at IS NULL AND name = '%s'",
		name));
}

/* Each of the lines is closed, as by a run of another practice. */
static void all_closed(void)
{
	(void)db_do("UPDATE fix_item SET closed_at = now() WHERE closed_at IS NULL");
	(void)db_do("UPDATE client SET fingerprint = NULL");
}

static void one_that_comes_again_goes_to_who_had_it(void **state)
{
	(void)state;
	flawed();
	stub_client(g.x, 5, "Elm")->name = "";
	assert_string_equal(world_sync(MANUAL), "problems");
	given_to_max("name <> 'Birch'");
	all_closed();
	stub_find(g.x, 1)->name = "Alder Ltd";
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(who_has("Alder Ltd"), d.member);
	assert_int_equal(who_has(""), d.member);
	assert_int_equal(who_has("Birch"), 0);
	assert_string_equal(
		db_ask("SELECT assigned_by FROM fix_item WHERE name = 'Alder Ltd' AND"
		       " closed_at IS NULL"),
		"Ada");
	/* Another flaw is another matter. */
	given_to_max("name = 'Birch'");
	(void)db_do("UPDATE fix_item SET reasons = 8 WHERE name = 'Birch'");
	all_closed();
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(who_has("Birch"), 0);
	assert_int_equal(who_has("Alder Ltd"), d.member);
}

static void taken_from(const char *where)
{
	(void)db_do(arena_printf(g.home,
		"UPDATE fix_item SET assignee = NULL WHERE closed_at IS NULL AND %s", where));
}

/* Whom the newest line for the same reason was given to: nobody any more, or somebody before another flaw came. */
static void the_newest_line_for_the_reason_tells_who(void **state)
{
	(void)state;
	flawed();
	stub_client(g.x, 5, "Elm")->name = "";
	assert_string_equal(world_sync(MANUAL), "problems");
	given_to_max("true");
	all_closed();
	assert_string_equal(world_sync(MANUAL), "problems");
	taken_from("name <> 'Birch'");
	all_closed();
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(who_has("Alder"), 0);
	assert_int_equal(who_has(""), 0);
	assert_int_equal(who_has("Birch"), d.member);
	/* Between the two it was flawed otherwise, and that was another one's. */
	all_closed();
	(void)db_do(arena_printf(g.home,
		"INSERT INTO fix_item (org_id, client_id, name, reasons, assignee, closed_at)"
		" SELECT org_id, client_id, name, 8, %lld, now() FROM client WHERE name = 'Birch'",
		(long long)d.admin));
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(who_has("Birch"), d.member);
}

static void skipped_records_stand_there_too(void **state)
{
	(void)state;
	flawed();
	stub_client(g.x, 5, "Elm \x01")->name = "";
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_string_equal(open_ones(), ":0:no_name Alder:1 Birch:4");
	sync_again();
	assert_int_equal(count("fix_item WHERE rule IS NOT NULL"), 1);
	stub_find(g.x, 5)->name = "Elm";
	stub_contact(stub_find(g.x, 5), 5, "Eve", "eve@example.com")->primary = true;
	sync_again();
	assert_string_equal(open_ones(), "Alder:1 Birch:4");
	assert_int_equal(
		count("fix_item WHERE rule = 'no_name' AND closed_run = (SELECT max(run_id) FROM sync_run)"),
		1);
}

static void a_failed_or_held_run_closes_nothing(void **state)
{
	(void)state;
	flawed();
	g.x->raw = "<Response><Status>OK</Status><Clients></Clients></Response>";
	assert_string_equal(world_sync(MANUAL), "held");
	assert_string_equal(open_ones(), "Alder:1 Birch:4");
}

static void an_undo_opens_them_again(void **state)
{
	(void)state;
	flawed();
	stub_find(g.x, 2)->contacts[1].primary = false;
	sync_again();
	assert_string_equal(open_ones(), "Alder:1");
	int64_t run = world_run("run_id");
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE due_at <= now()");
	world_queue("undo", arena_printf(g.home, "{\"run\":%lld,\"user\":1,\"name\":\"Ada\"}",
				    (long long)run));
	step();
	assert_string_equal(open_ones(), "Alder:1 Birch:4");
}

static void the_page_puts_mine_first(void **state)
{
	struct err e;
	const struct fix_line *rows;
	size_t n;
	bool more;
	int64_t open = 0, mine = 0;
	struct fix_query q = {.reason = 0};
	flawed();
	int64_t birch = db_number("SELECT fix_id FROM fix_item WHERE name = 'Birch'");
	assert_ok(fix_assign(d.web, d.org, birch, d.member, "Ada", &e));
	assert_ok(fix_page(d.web, *state, d.org, d.member, &q, &rows, &n, &more, &e));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].name, "Birch");
	assert_true(rows[0].mine);
	assert_string_equal(rows[0].assignee_name, "Max Member");
	assert_string_equal(rows[1].name, "Alder");
	assert_false(more);
	assert_ok(fix_counts(d.web, d.org, d.member, &open, &mine, &e));
	assert_int_equal(open, 2);
	assert_int_equal(mine, 1);
	/* From the last of mine on: the others, from their start. */
	q = (struct fix_query){.key_mine = true, .key_name = "Birch", .key_id = birch};
	assert_ok(fix_page(d.web, *state, d.org, d.member, &q, &rows, &n, &more, &e));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].name, "Alder");
	q = (struct fix_query){.reason = CLIENT_TWO_PRIMARIES};
	assert_ok(fix_page(d.web, *state, d.org, d.admin, &q, &rows, &n, &more, &e));
	assert_int_equal(n, 1);
	q = (struct fix_query){.who = FIX_NOBODY};
	assert_ok(fix_page(d.web, *state, d.org, d.admin, &q, &rows, &n, &more, &e));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].name, "Alder");
	/* Who is not active takes care of nothing. */
	(void)db_do("UPDATE app_user SET status = 'disabled' WHERE name = 'Max Member'");
	assert_ok(fix_page(d.web, *state, d.org, d.admin, &q, &rows, &n, &more, &e));
	assert_int_equal(n, 2);
	assert_false(fix_assign(d.web, d.org, birch, d.member, "Ada", &e));
	assert_int_equal(e.kind, ERR_CONFLICT);
	(void)db_do("UPDATE app_user SET status = 'active' WHERE name = 'Max Member'");
	assert_false(fix_assign(d.web, d.org, birch, d.other_admin, "Ada", &e));
	assert_false(fix_get(d.web, d.other_org, birch, &(struct fix_line){0}, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(it_follows_the_runs),
		WORLD_TEST(one_that_comes_again_goes_to_who_had_it),
		WORLD_TEST(the_newest_line_for_the_reason_tells_who),
		WORLD_TEST(skipped_records_stand_there_too),
		WORLD_TEST(a_failed_or_held_run_closes_nothing),
		WORLD_TEST(an_undo_opens_them_again),
		WORLD_TEST(the_page_puts_mine_first),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
