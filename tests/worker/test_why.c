/* One client asked for now: the answer, what is not visible, and what Xero may do instead of answering. */
#include "store/why.h"
#include "support/sync_cases.h"

/* Asks as the web does, lets the worker answer, and reads it back as the web does. */
static struct why_answer ask(void)
{
	struct err e;
	struct why_answer w;
	bool asked = false;
	struct pg *web = db_connect(g.home, "gap_web");
	int64_t client = db_number("SELECT min(client_id) FROM client");
	pg_use(web, g.home);
	(void)db_do("UPDATE why_ask SET asked_at = asked_at - interval '61 seconds'");
	assert_ok(why_ask(web, g.home, d.org, client, d.admin, &asked, &e));
	assert_true(asked);
	/* Once a minute. */
	assert_ok(why_ask(web, g.home, d.org, client, d.admin, &asked, &e));
	assert_false(asked);
	assert_int_equal(count("job WHERE kind = 'why'"), 1);
	assert_ok(why_get(web, g.home, d.org, client, &w, &e));
	assert_int_equal(w.state, WHY_ASKING);
	step();
	assert_int_equal(count("job WHERE kind = 'why'"), 0);
	assert_ok(why_get(web, g.home, d.org, client, &w, &e));
	return w;
}

static enum why only(const struct why_answer *w)
{
	assert_int_equal(w->state, WHY_DONE);
	assert_int_equal(w->n, 1);
	return w->rows[0].reason;
}

static void the_same_is_no_difference(void **state)
{
	(void)state;
	live();
	struct why_answer w = ask();
	assert_int_equal(w.state, WHY_DONE);
	assert_int_equal(w.n, 0);
	assert_int_equal(g.x->gets, 1);
	assert_int_equal(g.x->lists, 1);
}

static void changed_held_failed(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Alder & Sons";
	struct why_answer w = ask();
	assert_int_equal(only(&w), WHY_CHANGED);
	assert_string_equal(w.rows[0].theirs, "Alder & Sons");
	(void)db_do("INSERT INTO sync_run (org_id, trigger, state, tenant_id) SELECT 1001,"
		    " 'manual', 'held', active_tenant FROM organisation WHERE org_id = 1001");
	w = ask();
	assert_int_equal(only(&w), WHY_HELD);
	(void)db_do("UPDATE sync_run SET state = 'failed' WHERE state = 'held'");
	w = ask();
	assert_int_equal(only(&w), WHY_FAILED);
	/* Nothing is written by asking. */
	assert_string_equal(db_ask("SELECT name FROM client"), "Alder");
}

static void not_visible_any_more(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->on_get = XERO_GONE;
	struct why_answer w = ask();
	assert_int_equal(only(&w), WHY_NOT_VISIBLE);
	stub_find(g.x, 1)->on_get = XERO_FORBIDDEN;
	w = ask();
	assert_int_equal(only(&w), WHY_NOT_VISIBLE);
}

static void xero_away_is_a_sentence(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->on_get = XERO_DOWN;
	struct why_answer w = ask();
	assert_int_equal(w.state, WHY_ERROR);
	assert_non_null(strstr(w.error, "Try again"));
	assert_int_equal(count("job WHERE kind = 'why'"), 0);
}

static void the_reserve_is_not_for_it(void **state)
{
	(void)state;
	live();
	g.keep_budget = true;
	(void)db_do(arena_printf(g.home,
		"INSERT INTO xero_budget (tenant_id, day_calls) VALUES ('%s', %lld)"
		" ON CONFLICT (tenant_id) DO UPDATE SET day_calls = excluded.day_calls",
		stub_uuid(NULL, 't', 1), (long long)(g.set.day_budget * 95 / 100)));
	struct err e;
	bool asked = false, did = false;
	int wait_s = 0;
	int64_t client = db_number("SELECT client_id FROM client");
	struct pg *web = db_connect(g.home, "gap_web");
	struct why_answer w;
	pg_use(web, g.home);
	assert_ok(why_ask(web, g.home, d.org, client, d.admin, &asked, &e));
	assert_ok(worker_step(&g.w, &did, &wait_s, &e));
	assert_ok(why_get(web, g.home, d.org, client, &w, &e));
	assert_int_equal(w.state, WHY_ERROR);
	assert_non_null(strstr(w.error, "Xero's limit is reached"));
	assert_int_equal(g.x->gets, 0);
}

static void of_nothing_that_is_not_synced(void **state)
{
	(void)state;
	live();
	(void)db_do("UPDATE organisation SET active_tenant = NULL");
	struct why_answer w = ask();
	assert_int_equal(w.state, WHY_ERROR);
	assert_int_equal(g.x->gets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(the_same_is_no_difference),
		WORLD_TEST(changed_held_failed),
		WORLD_TEST(not_visible_any_more),
		WORLD_TEST(xero_away_is_a_sentence),
		WORLD_TEST(the_reserve_is_not_for_it),
		WORLD_TEST(of_nothing_that_is_not_synced),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
