/*
 * Faults 41, 42, 47 to 50: what can go wrong with a whole list. client.api/list is one document
 * without pages, so the faults of pages (another order, overlap, repetition, gaps) are tested
 * with records. Also: a run whose own writing breaks a constraint counts as failed; only a run
 * ended elsewhere does not.
 */
#include "support/sync_cases.h"

static void many_clients(int n)
{
	for (int i = 0; i < n; i++)
		stub_contact(stub_client(g.x, i, arena_printf(g.home, "Client %02d", i)), i,
			arena_printf(g.home, "Person %02d", i), "somebody@example.com")
			->primary = true;
}

static void turn_round(void)
{
	for (size_t i = 0; i < g.x->n / 2; i++) {
		struct stub_client swap = g.x->clients[i];
		g.x->clients[i] = g.x->clients[g.x->n - 1 - i];
		g.x->clients[g.x->n - 1 - i] = swap;
	}
}

static void fault_41_another_order_and_overlaps_give_the_same_tables(void **state)
{
	(void)state;
	many_clients(30);
	first_import();
	const char *before = world_picture(d.org);
	turn_round();
	sync_again();
	run_said(0, 0, 0, 0, 30);
	/* The last ten of one "page" are the first ten of the next; then everything again. */
	for (size_t i = 10; i < 20; i++)
		g.x->clients[g.x->n++] = g.x->clients[i];
	sync_again();
	run_said(0, 0, 0, 0, 30);
	for (size_t i = 0; i < 40; i++)
		g.x->clients[g.x->n++] = g.x->clients[i];
	sync_again();
	run_said(0, 0, 0, 0, 30);
	assert_string_equal(world_picture(d.org), before);
	assert_int_equal(g.x->gets, 0);
}

/* Should the list ever come as one page of several, with a next that leads anywhere: F. */
static void fault_41_a_page_that_names_a_next_one_is_no_list(void **state)
{
	static const char *const next[] = {
		"<Pagination><Links><First>x</First><Next>https://api.xero.com/x?pageToken=2</Next></Links></Pagination>",
		"<Pagination><Links><Next>again</Next></Links></Pagination>"};
	many_clients(3);
	first_import();
	const char *before = world_picture(d.org);
	stub_drop(g.x, 2);
	for (size_t i = 0; i < ARRAY_LEN(next); i++) {
		struct str list = stub_document(*state, g.x);
		list.n -= strlen("</Response>");
		g.x->raw =
			arena_printf(*state, "%.*s%s</Response>", (int)list.n, list.p, next[i]);
		assert_string_equal(world_sync(MANUAL), "failed");
		assert_string_equal(world_picture(d.org), before);
		assert_int_equal(g.x->gets, 0);
	}
	g.x->media_type = "application/json";
	g.x->raw =
		"{\"status\":\"OK\",\"clients\":[],\"pagination\":{\"links\":{\"next\":\"x\"}}}";
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "degraded");
	assert_non_null(
		strstr(db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
			"a page of the client list"));
	/* The last page, or the only one, names none. */
	struct str list = stub_document(*state, g.x);
	list.n -= strlen("</Response>");
	g.x->media_type = "text/xml";
	g.x->raw = arena_printf(*state,
		"%.*s<Pagination><Links><Next /></Links></Pagination></Response>", (int)list.n,
		list.p);
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(world_run("archived"), 1);
}

static void grow_and_shrink(struct stub_xero *s)
{
	stub_client(s, 50, "Came during the run");
	stub_drop(s, 7);
}

/* The count changes while the list comes in: what is not in it is asked for, and answers. */
static void fault_42_a_list_that_changes_under_way_marks_nobody_missing(void **state)
{
	(void)state;
	many_clients(20);
	first_import();
	for (int i = 3; i < 6; i++)
		stub_find(g.x, i)->unlisted = true; /* fell between two reads; get knows them */
	g.x->piece = 50;
	g.x->during = grow_and_shrink;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(g.x->gets, 3);
	run_said(0, 0, 0, 0, 20);
	for (int i = 3; i < 6; i++)
		stub_find(g.x, i)->unlisted = false;
	assert_string_equal(world_sync(MANUAL), "complete");
	run_said(1, 0, 1, 0, 19);
}

static int64_t row_of(int id)
{
	return db_number(arena_printf(g.home,
		"SELECT client_id FROM client WHERE xpm_id = '%s'", stub_uuid(NULL, 'c', id)));
}

static void fault_47_a_client_that_is_gone_is_archived_and_keeps_its_history(void **state)
{
	(void)state;
	many_clients(20);
	first_import();
	stub_find(g.x, 1)->name = "Renamed";
	sync_again();
	stub_drop(g.x, 1);
	stub_find(g.x, 2)->unlisted = true;
	stub_find(g.x, 2)->on_get = XERO_DOWN;
	stub_find(g.x, 3)->unlisted = true;
	stub_find(g.x, 3)->on_get = XERO_FORBIDDEN;
	sync_again();
	assert_string_equal(
		db_ask("SELECT string_agg(name || '=' || archived_reason, ', ' ORDER BY name) FROM client WHERE archived_at IS NOT NULL"),
		"Client 03=not_visible, Renamed=gone_from_xpm");
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM client_change JOIN client USING (org_id, client_id) WHERE client.name = 'Renamed'"),
		3);
	/* Undecided: unchanged, and named in the report. */
	assert_string_equal(db_ask("SELECT rule || ' ' || xpm_id FROM run_skip"),
		arena_printf(g.home, "undecided %s", stub_uuid(NULL, 'c', 2)));
}

static void fault_48_a_client_that_returns_is_the_same_row_with_its_links(void **state)
{
	(void)state;
	many_clients(20);
	first_import();
	const char *before = world_picture(d.org);
	int64_t row = row_of(4);
	struct stub_client kept = *stub_find(g.x, 4);
	int64_t link = db_number(arena_printf(g.home,
		"SELECT contact_id FROM client_contact WHERE client_id = %lld",
		(long long)row));
	stub_drop(g.x, 4);
	sync_again();
	run_said(0, 0, 1, 0, 19);
	g.x->clients[g.x->n++] = kept;
	sync_again();
	run_said(0, 0, 0, 1, 19);
	assert_int_equal(row_of(4), row);
	assert_int_equal(db_number(arena_printf(g.home,
				 "SELECT contact_id FROM client_contact WHERE client_id = %lld",
				 (long long)row)),
		link);
	assert_string_equal(world_picture(d.org), before);
}

static void fault_49_an_empty_list_archives_nobody_and_asks_an_admin(void **state)
{
	(void)state;
	many_clients(3);
	first_import();
	const char *before = world_picture(d.org);
	size_t n = g.x->n;
	g.x->n = 0;
	assert_string_equal(world_sync(MANUAL), "held");
	assert_string_equal(world_picture(d.org), before);
	assert_int_equal(db_number("SELECT count(*) FROM notice WHERE kind = 'sync_held'"), 1);
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE payload LIKE '%sync_held%'"), 1);
	g.x->n = n;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_string_equal(world_connection("state"), "live");
}

/* ---- a constraint is not the end of a run from elsewhere ---- */

/* Somebody else wrote the client that the list brings as new, while the list came in. */
static void write_it_first(struct stub_xero *s)
{
	(void)s;
	(void)db_do(arena_printf(g.home,
		"INSERT INTO client (org_id, tenant_id, xpm_id, name) VALUES (1001, '%s', '%s', 'Written meanwhile')",
		stub_uuid(NULL, 't', 1), stub_uuid(NULL, 'c', 40)));
}

static void a_broken_constraint_is_a_failed_run_that_heals(void **state)
{
	(void)state;
	many_clients(3);
	first_import();
	(void)stub_client(g.x, 40, "New here");
	g.x->during = write_it_first;
	g.x->piece = 50;
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_non_null(
		strstr(db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
			"client_xpm"));
	assert_string_equal(world_connection("state"), "degraded");
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE kind = 'sync'"), 1);
	/* The next run meets the row, and makes it what XPM says. */
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE name = 'New here'"), 1);
	assert_int_equal(db_number("SELECT count(*) FROM client"), 4);
}

static void end_it(struct stub_xero *s)
{
	(void)s;
	(void)db_do("UPDATE sync_run SET state = 'interrupted' WHERE state = 'running'");
}

static void an_end_from_elsewhere_is_no_failure(void **state)
{
	(void)state;
	many_clients(3);
	first_import();
	(void)stub_client(g.x, 40, "New here");
	g.x->during = end_it;
	g.x->piece = 50;
	assert_string_equal(world_sync(MANUAL), "interrupted");
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(world_connection("failures"), "0");
	assert_int_equal(db_number("SELECT count(*) FROM client"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_41_another_order_and_overlaps_give_the_same_tables),
		WORLD_TEST(fault_41_a_page_that_names_a_next_one_is_no_list),
		WORLD_TEST(fault_42_a_list_that_changes_under_way_marks_nobody_missing),
		WORLD_TEST(fault_47_a_client_that_is_gone_is_archived_and_keeps_its_history),
		WORLD_TEST(fault_48_a_client_that_returns_is_the_same_row_with_its_links),
		WORLD_TEST(fault_49_an_empty_list_archives_nobody_and_asks_an_admin),
		WORLD_TEST(a_broken_constraint_is_a_failed_run_that_heals),
		WORLD_TEST(an_end_from_elsewhere_is_no_failure),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
