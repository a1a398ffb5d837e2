/* Testing the connection: each line passes or says what to do, and nothing else is moved by it. */
#include "store/rehearse.h"
#include "support/sync_cases.h"

static const char *result(void)
{
	(void)db_do("DELETE FROM connection_test");
	(void)db_do("DELETE FROM xero_budget");
	struct err e;
	bool asked = false;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(rehearse_ask(d.web, d.org, "Ada", &asked, &e));
	assert_true(asked);
	assert_ok(rehearse_ask(d.web, d.org, "Ada", &asked, &e));
	assert_false(asked); /* cool-down */
	assert_ok(pg_commit(d.web, &e));
	(void)db_do(
		"UPDATE job SET due_at = now() + interval '1 day' WHERE kind <> 'rehearse'");
	const char *before = db_ask(
		"SELECT (SELECT to_jsonb(c)::text FROM connection c) || (SELECT count(*) FROM sync_run)");
	assert_int_equal(world_work(), 1);
	assert_string_equal(
		db_ask("SELECT (SELECT to_jsonb(c)::text FROM connection c) || (SELECT count(*) FROM sync_run)"),
		before);
	return db_ask(
		"SELECT string_agg(l ->> 'what' || ' ' || (l ->> 'ok'), ', ')"
		" FROM connection_test t, jsonb_array_elements(t.lines) l WHERE ended_at IS NOT NULL");
}

static void all_is_well(void **state)
{
	(void)state;
	live();
	assert_string_equal(result(),
		"Sign-in true, Practice true, Reading clients true, Calls left today true");
	assert_int_equal(g.x->gets, 1);
	assert_int_equal(g.x->lists, 1); /* the import's */
}

static void before_the_first_import(void **state)
{
	(void)state;
	(void)stub_client(g.x, 1, "Alder");
	world_connect();
	assert_string_equal(result(),
		"Sign-in true, Practice true, Reading clients true, Calls left today true");
	assert_int_equal(count("client"), 0);
}

static void each_trouble_has_its_line(void **state)
{
	(void)state;
	live();
	g.x->on_connections = XERO_DOWN;
	assert_string_equal(result(), "Sign-in true, Practice false");
	g.x->on_connections = XERO_FINE;
	stub_find(g.x, 1)->on_get = XERO_FORBIDDEN;
	assert_string_equal(result(), "Sign-in true, Practice true, Reading clients false");
	stub_find(g.x, 1)->on_get = XERO_FINE;
	g.x->n_tenants = 0;
	assert_string_equal(result(), "Sign-in true, Practice false");
	(void)db_do("UPDATE connection SET tenant_id = NULL, grant_id = NULL");
	assert_string_equal(result(), "Sign-in false");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(all_is_well),
		WORLD_TEST(before_the_first_import),
		WORLD_TEST(each_trouble_has_its_line),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
