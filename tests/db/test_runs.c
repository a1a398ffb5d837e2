/* The history of runs: filters, pages by key, streams, walls, and that no page reads a whole run. */
#include "support/db.h"

#include "store/as_at.h"
#include "store/runs.h"

static void fill_runs(void)
{
	(void)db_do("DELETE FROM client_change");
	(void)db_do("DELETE FROM run_skip");
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM client");
	(void)db_do(
		"INSERT INTO sync_run (org_id, trigger, state, asked_by_name, cause_text,"
		" started_at, ended_at, seen, added, changed, archived, restored, unchanged,"
		" prospects, skipped, failed, calls, bytes, would_go, slot, tenant_id)"
		" SELECT 1001, 'manual', 'problems', 'Ada', 'Why', to_timestamp(1000 + i),"
		" to_timestamp(1010.25 + i), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,"
		" to_timestamp(900 + i), '5c1ea9a2-0b7e-4d52-8a0c-3f6b1d2e4a01'"
		" FROM generate_series(1, 7) i");
	(void)db_do(
		"INSERT INTO sync_run (org_id, trigger, state) VALUES (1002, 'first', 'failed')");
}

static int64_t newest(void)
{
	return db_number("SELECT max(run_id) FROM sync_run WHERE org_id = 1001");
}

static void runs_are_paged_newest_first(void **state)
{
	const struct run_row *rows;
	size_t n;
	struct err e;
	fill_runs();
	assert_ok(runs_list(d.web, *state, d.org, NULL, 0, 5, &rows, &n, &e));
	assert_int_equal(n, 5);
	assert_int_equal(rows[0].started_at, 1007);
	assert_int_equal(rows[4].started_at, 1003);
	/* A newer run that comes meanwhile moves nothing. */
	(void)db_do("INSERT INTO sync_run (org_id, trigger, state, ended_at) VALUES (1001,"
		    " 'scheduled', 'complete', now())");
	assert_ok(runs_list(d.web, *state, d.org, NULL, rows[4].run_id, 5, &rows, &n, &e));
	assert_int_equal(n, 2);
	assert_int_equal(rows[1].started_at, 1001);
}

static void a_run_reads_whole(void **state)
{
	struct run_row r;
	struct err e;
	fill_runs();
	assert_ok(runs_get(d.web, *state, d.org, newest(), &r, &e));
	assert_string_equal(r.trigger, "manual");
	assert_string_equal(r.state, "problems");
	assert_string_equal(r.asked_by, "Ada");
	assert_string_equal(r.cause_text, "Why");
	assert_int_equal(r.ended_at, 1017);
	assert_int_equal(r.duration_ms, 10250);
	assert_int_equal(r.slot, 907);
	const int64_t counts[] = {r.counts.seen, r.counts.added, r.counts.changed,
		r.counts.archived, r.counts.restored, r.counts.unchanged, r.counts.prospects,
		r.counts.skipped, r.counts.failed, r.counts.calls, r.counts.bytes,
		r.counts.would_go};
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		assert_int_equal(counts[i], i + 1);
	int64_t other = db_number("SELECT run_id FROM sync_run WHERE org_id = 1002");
	assert_fails(runs_get(d.web, *state, d.org, other, &r, &e), ERR_NOT_FOUND);
}

static size_t count(struct arena *a, const struct run_filter *f)
{
	const struct run_row *rows;
	size_t n = 0;
	struct err e;
	assert_ok(runs_list(d.web, a, d.org, f, 0, 100, &rows, &n, &e));
	return n;
}

static void each_filter_and_all_together(void **state)
{
	fill_runs();
	(void)db_do("INSERT INTO sync_run (org_id, trigger, state, started_at, ended_at) VALUES"
		    " (1001, 'scheduled', 'complete', to_timestamp(2000), to_timestamp(2001)),"
		    " (1001, 'retry', 'failed', to_timestamp(3000), to_timestamp(3001))");
	struct {
		struct run_filter filter;
		size_t n;
	} cases[] = {
		{{0}, 9},
		{{.state = "problems"}, 7},
		{{.state = "held"}, 0},
		{{.trigger = "retry"}, 1},
		{{.changed_only = true}, 7},
		{{.from = 1005}, 5},
		{{.until = 1005}, 4},
		{{.from = 1005, .until = 2000}, 3},
		{{.from = 1005, .until = 2001, .state = "complete"}, 1},
		{{.trigger = "manual",
			 .state = "problems",
			 .from = 1,
			 .until = 1003,
			 .changed_only = true},
			2},
		{{.trigger = "manual", .state = "failed"}, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(count(*state, &cases[i].filter), cases[i].n);
}

static bool add_run(void *user, const struct run_row *r, struct err *e)
{
	int64_t *sum = user;
	(void)e;
	*sum += r->started_at;
	return true;
}

static void a_stream_has_them_all(void **state)
{
	const struct run_filter some = {.until = 1003};
	int64_t sum = 0;
	struct err e;
	(void)state;
	fill_runs();
	assert_ok(runs_each(d.web, d.org, NULL, add_run, &sum, &e));
	assert_int_equal(sum, 7028);
	sum = 0;
	assert_ok(runs_each(d.web, d.org, &some, add_run, &sum, &e));
	assert_int_equal(sum, 2003);
}

static void neighbours_and_calls(void **state)
{
	struct run_next next;
	int64_t used = -1, cost = -1;
	struct err e;
	(void)state;
	fill_runs();
	assert_ok(runs_next(d.web, d.org, newest() - 1, &next, &e));
	assert_int_equal(next.run_id, newest());
	assert_int_equal(next.started_at, 1007);
	assert_ok(runs_next(d.web, d.org, newest(), &next, &e));
	assert_int_equal(next.run_id, 0);
	/* All of them are long ago. */
	assert_ok(runs_calls(d.web, d.org, &used, &cost, &e));
	assert_int_equal(used, 0);
	assert_int_equal(cost, 10);
	(void)db_do("INSERT INTO sync_run (org_id, trigger, state, calls) VALUES"
		    " (1001, 'manual', 'complete', 1), (1002, 'manual', 'complete', 70)");
	/* Whatever they were for, of the last day, and of nobody else. */
	(void)db_do(
		"INSERT INTO call_meter VALUES (1001, now(), 3), (1001, now() - interval '20 h', 4),"
		" (1001, now() - interval '25 h', 50), (1002, now(), 70)");
	assert_ok(runs_calls(d.web, d.org, &used, &cost, &e));
	assert_int_equal(used, 7);
	assert_int_equal(cost, 9); /* 71 of 8, rounded up */
}

/* ---- changes ---- */

/* Of each field one change, of two clients, one of them archived. */
static int64_t fill_changes(void)
{
	fill_runs();
	(void)db_do("INSERT INTO client (org_id, name, search, archived_at) VALUES"
		    " (1001, 'Acme', 'acme', NULL), (1001, 'Bell', 'bell', now())");
	(void)db_do(
		"INSERT INTO client_change (org_id, client_id, run_id, field, old, new)"
		" SELECT 1001, c.client_id, r.run_id, f, 'before', NULL FROM sync_run r,"
		" (SELECT * FROM client ORDER BY client_id) c, unnest(ARRAY['client', 'name',"
		" 'web_url', 'archived', 'primary', 'contact', 'contact.email']) f"
		" WHERE r.org_id = 1001");
	return newest();
}

static size_t changes(struct arena *a, int64_t run, const char *kind, const char *words)
{
	const struct change_row *rows;
	const struct change_query q = {.kind = kind, .words = words, .limit = 100};
	size_t n = 0;
	struct err e;
	assert_ok(runs_changes(d.web, a, d.org, run, &q, &rows, &n, &e));
	for (size_t i = 1; i < n; i++)
		assert_true(rows[i].change_id > rows[i - 1].change_id);
	return n;
}

static void changes_are_found_by_kind_and_client(void **state)
{
	int64_t run = fill_changes();
	assert_int_equal(changes(*state, run, NULL, NULL), 14);
	assert_int_equal(changes(*state, run, "new", ""), 2);
	assert_int_equal(changes(*state, run, "details", ""), 4);
	assert_int_equal(changes(*state, run, "archived", ""), 2);
	assert_int_equal(changes(*state, run, "contacts", ""), 6);
	/* The archived one, too; whatever the case. */
	assert_int_equal(changes(*state, run, NULL, "BEL"), 7);
	assert_int_equal(changes(*state, run, "contacts", "acm"), 3);
	assert_int_equal(changes(*state, run, NULL, "%"), 0);
	assert_int_equal(changes(*state, run - 100, NULL, NULL), 0);
}

static void changes_are_paged_by_key(void **state)
{
	const struct change_row *rows;
	struct change_query q = {.limit = 5};
	size_t n, all = 0;
	struct err e;
	int64_t run = fill_changes();
	do {
		assert_ok(runs_changes(d.web, *state, d.org, run, &q, &rows, &n, &e));
		for (size_t i = 0; i < n; i++)
			assert_true(rows[i].run_id == run && rows[i].change_id > q.after_id);
		q.after_id = n == 0 ? 0 : rows[n - 1].change_id;
		all += n;
	} while (n == 5);
	assert_int_equal(all, 14);
	assert_ok(runs_changes(d.web, *state, d.other_org, run, &q, &rows, &n, &e));
	assert_int_equal(n, 0);
	q = (struct change_query){.words = "acme", .limit = 5};
	assert_ok(runs_changes(d.web, *state, d.other_org, run, &q, &rows, &n, &e));
	assert_int_equal(n, 0);
}

static bool add_change(void *user, const struct change_row *r, struct err *e)
{
	int64_t *n = user;
	(void)e;
	*n += r->client_name == NULL ? 100 : 1;
	return true;
}

static void a_stream_of_changes_names_what_is_there(void **state)
{
	const struct change_query q = {.limit = 1};
	int64_t n = 0, run = fill_changes();
	struct err e;
	(void)state;
	(void)db_do("DELETE FROM client WHERE name = 'Bell'");
	assert_ok(runs_changes_each(d.web, d.org, run, &q, add_change, &n, &e));
	assert_int_equal(n, 707);
}

static void a_client_has_its_own_history(void **state)
{
	struct client_view v;
	struct client_history h = {.limit = 8};
	struct err e;
	int64_t run = fill_changes();
	int64_t client = db_number("SELECT client_id FROM client WHERE name = 'Acme'");
	assert_ok(clients_get_with(d.web, *state, d.org, client, &v, &h, &e));
	assert_int_equal(h.n, 8);
	assert_int_equal(h.rows[0].run_id, run);
	assert_true(h.rows[7].run_id < run);
	assert_string_equal(h.rows[0].old, "before");
	assert_null(h.rows[0].new);
	assert_true(h.rows[0].at > 0);
	int64_t last = h.rows[7].change_id;
	h = (struct client_history){.before_id = last, .limit = 3};
	assert_ok(clients_get_with(d.web, *state, d.org, client, &v, &h, &e));
	assert_true(h.n > 0 && h.rows[0].change_id < last);
	assert_fails(clients_get_with(d.web, *state, d.other_org, client, &v, &h, &e),
		ERR_NOT_FOUND);
}

/* ---- what was left out ---- */

static void skips_know_whom_they_are_about(void **state)
{
	const struct skip_row *rows;
	size_t n;
	struct err e;
	fill_runs();
	(void)db_do(
		"INSERT INTO client (org_id, tenant_id, xpm_id, name, web_url) VALUES (1001,"
		" '5c1ea9a2-0b7e-4d52-8a0c-3f6b1d2e4a01',"
		" '7d0f2c55-9f65-4a0a-b6e4-012345678901', 'Ours', 'https://example.com/1')");
	(void)db_do(
		"INSERT INTO run_skip (org_id, run_id, xpm_id, name, rule, detail)"
		" SELECT 1001, max(run_id), i, m, r, d FROM sync_run, (VALUES"
		" ('not an id', 'Nameless', 'no_uuid', NULL),"
		" ('7D0F2C55-9F65-4A0A-B6E4-012345678901', 'Theirs', 'bad_contact', 'Jo'),"
		" ('7d0f2c55-9f65-4a0a-b6e4-012345678901', NULL, 'undecided', 'Busy'),"
		" (NULL, NULL, 'no_name', NULL)) v (i, m, r, d) WHERE org_id = 1001 GROUP BY"
		" i, m, r, d ORDER BY r");
	int64_t run = newest();
	assert_ok(runs_skips(d.web, *state, d.org, run, false, 0, 10, &rows, &n, &e));
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].rule, "bad_contact");
	assert_string_equal(rows[0].name, "Theirs");
	assert_string_equal(rows[0].detail, "Jo");
	assert_true(rows[0].client_id != 0);
	assert_string_equal(rows[0].web_url, "https://example.com/1");
	assert_null(rows[1].name);
	assert_int_equal(rows[2].client_id, 0);
	assert_ok(runs_skips(
		d.web, *state, d.org, run, false, rows[1].skip_id, 10, &rows, &n, &e));
	assert_int_equal(n, 1);
	assert_ok(runs_skips(d.web, *state, d.org, run, true, 0, 10, &rows, &n, &e));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].name, "Ours");
	assert_ok(runs_skips(d.web, *state, d.org, run - 1, false, 0, 10, &rows, &n, &e));
	assert_int_equal(n, 0);
	assert_ok(runs_skips(d.web, *state, d.other_org, run, false, 0, 10, &rows, &n, &e));
	assert_int_equal(n, 0);
}

/* ---- plans ---- */

/* A first import of many, beside the runs of years. */
static int64_t fill_much(void)
{
	fill_runs();
	(void)db_do("INSERT INTO sync_run (org_id, trigger, state, ended_at) SELECT 1001,"
		    " 'scheduled', 'complete', now() FROM generate_series(1, 2000)");
	(void)db_do("INSERT INTO client (org_id, name, search) SELECT 1001, 'Client ' || i,"
		    " 'client ' || i FROM generate_series(1, 20000) i");
	(void)db_do(
		"INSERT INTO client_change (org_id, client_id, run_id, field, new)"
		" SELECT 1001, client_id, (SELECT max(run_id) FROM sync_run), 'client', name"
		" FROM client");
	(void)db_do("INSERT INTO run_skip (org_id, run_id, rule) SELECT 1001, run_id, 'no_name'"
		    " FROM sync_run, generate_series(1, 5) WHERE org_id = 1001");
	(void)db_do("ANALYZE sync_run, client, client_change, run_skip");
	return newest();
}

/* The generic plan that a long-lived connection settles on. */
static const char *plan_of(struct arena *a, int stmt, const char *args)
{
	struct err e;
	const char *plan = "";
	const char *script = arena_printf(a,
		"SET LOCAL plan_cache_mode = force_generic_plan;\nPREPARE probe AS %s",
		stmt_table[stmt].text);
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(pg_script(d.web, script, &e));
	assert_ok(db_try_ask(
		d.web, arena_printf(a, "public.plan('EXECUTE probe(%s)')", args), &plan, &e));
	pg_rollback(d.web);
	pg_reset(d.web);
	return plan;
}

static void pages_are_index_scans(void **state)
{
	long long run = fill_much();
	const struct {
		int stmt;
		const char *args, *index;
	} pages[] = {
		{STMT_RUN_LIST, "1001, 0, 31, NULL, NULL, NULL, NULL, false", "sync_run_pkey"},
		{STMT_RUN_LIST, "1001, 9, 31, ''held'', NULL, 1, NULL, true", "sync_run_pkey"},
		{STMT_RUN_CHANGES, arena_printf(*state, "1001, %lld, 5, NULL, 101", run),
			"client_change_run"},
		{STMT_RUN_CHANGES,
			arena_printf(*state, "1001, %lld, 5, ''contacts'', 101", run),
			"client_change_run"},
		{STMT_RUN_SKIPS, arena_printf(*state, "1001, %lld, 0, false, 101", run),
			"run_skip_pkey"},
	};
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		const char *plan = plan_of(*state, pages[i].stmt, pages[i].args);
		const char *name =
			arena_printf(*state, "\"Index Name\": \"%s\"", pages[i].index);
		if (strstr(plan, name) == NULL || strstr(plan, "\"Sort\"") != NULL ||
			strstr(plan, "Seq Scan") != NULL || strstr(plan, "Hash") != NULL)
			fail_msg("not by %s: %s", pages[i].index, plan);
	}
	/* The words go through the search's own index; nothing is read from end to end. */
	const char *found = plan_of(*state, STMT_RUN_CHANGES_FOUND,
		arena_printf(*state, "1001, %lld, 0, NULL, 101, ''17''", run));
	if (strstr(found, "Seq Scan") != NULL)
		fail_msg("a whole table: %s", found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(runs_are_paged_newest_first),
		DB_TEST(a_run_reads_whole),
		DB_TEST(each_filter_and_all_together),
		DB_TEST(a_stream_has_them_all),
		DB_TEST(neighbours_and_calls),
		DB_TEST(changes_are_found_by_kind_and_client),
		DB_TEST(changes_are_paged_by_key),
		DB_TEST(a_stream_of_changes_names_what_is_there),
		DB_TEST(a_client_has_its_own_history),
		DB_TEST(skips_know_whom_they_are_about),
		DB_TEST(pages_are_index_scans),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
