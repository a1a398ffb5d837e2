/* The Clients area: pages, search, one client, the CSV's rows. What is written by hand: test_clients_edit. */
#include "support/db.h"

#include "base/buf.h"
#include "store/clients.h"

#define TENANT "'11111111-1111-4111-8111-111111111111'"
#define OTHER  "'22222222-2222-4222-8222-222222222222'"

enum { MANY = 20000 };

static void fill_organisation(struct arena *a, int64_t org, int rows, const char *word)
{
	(void)db_do(arena_printf(a,
		"INSERT INTO contact (org_id, name, email, phone, xpm_id, tenant_id)"
		" SELECT %lld, 'Contact ' || i, 'c' || i || '@' || lower('%s') || '.example', '+64 9 ' || i,"
		" ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, " TENANT
		" FROM generate_series(1, %d) i",
		(long long)org, word, rows));
	(void)db_do(arena_printf(a,
		"INSERT INTO client (org_id, name, xpm_id, tenant_id, primary_contact_id, flags,"
		" archived_at, archived_reason, search) SELECT k.org_id, '%s Client ' || i, k.xpm_id,"
		" " TENANT
		", k.contact_id, CASE WHEN i %% 100 = 0 THEN 1 WHEN i %% 100 = 1 THEN 4"
		" ELSE 0 END, CASE WHEN i %% 50 = 7 THEN now() END,"
		" CASE WHEN i %% 50 = 7 THEN 'deleted_in_xpm' END,"
		" lower('%s client ' || i || ' ' || k.name || ' ' || k.email || ' ' || k.phone)"
		" FROM generate_series(1, %d) i JOIN contact k ON k.org_id = %lld AND k.xpm_id ="
		" ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid",
		word, word, rows, (long long)org));
	(void)db_do(arena_printf(a,
		"INSERT INTO client_contact SELECT org_id, client_id, primary_contact_id, tenant_id,"
		" true, 1 FROM client WHERE org_id = %lld",
		(long long)org));
}

static int clients_set_up(void **state)
{
	int rc = db_set_up(state);
	struct arena *a = arena_new();
	pg_use(d.super, a);
	fill_organisation(a, d.org, MANY, "Harbour");
	fill_organisation(a, d.other_org, 300, "Valley");
	(void)db_do("ANALYZE client");
	(void)db_do("ANALYZE contact");
	arena_free(&a);
	return rc;
}

static struct client_page page(
	struct arena *a, int64_t org, enum client_filter filter, const char *words)
{
	struct client_page p;
	struct err e;
	const struct client_query q = {.filter = filter, .words = words};
	assert_ok(clients_page(d.web, a, org, &q, &p, &e));
	return p;
}

static int64_t count(const char *where)
{
	struct arena *a = arena_new();
	int64_t n = db_number(arena_printf(
		a, "SELECT count(*) FROM client WHERE org_id = 1001 AND %s", where));
	arena_free(&a);
	return n;
}

/* From end to end and back, each row once, in the order of the database's collation. */
static void walk_in(struct arena *a, const struct client_query *of, int64_t want)
{
	struct client_query q = *of;
	struct client_page p = {.n = 0};
	struct client_row first = {.client_id = 0}, last = {.client_id = 0};
	int64_t seen = 0, pages = 0;
	struct err e;
	do {
		assert_ok(clients_page(d.web, a, d.org, &q, &p, &e));
		assert_int_equal(p.more_before, pages > 0);
		first = pages == 0 ? p.rows[0] : first;
		last = p.rows[p.n - 1];
		q.key_name = last.name;
		q.key_id = last.client_id;
		q.key_rank = last.rank;
		seen += (int64_t)p.n;
		pages++;
		assert_true(p.more_after ? p.n == CLIENTS_PAGE : true);
	} while (p.more_after);
	assert_int_equal(seen, want);
	seen = 1;
	q.back = true;
	do {
		assert_ok(clients_page(d.web, a, d.org, &q, &p, &e));
		assert_true(p.more_after);
		assert_true(p.n > 0);
		q.key_name = p.rows[0].name;
		q.key_id = p.rows[0].client_id;
		q.key_rank = p.rows[0].rank;
		seen += (int64_t)p.n;
	} while (p.more_before);
	assert_int_equal(seen, want);
	assert_int_equal(q.key_id, first.client_id);
}

static void walk(struct arena *a, enum client_filter filter, const char *words, int64_t want)
{
	for (int order = 0; order < CLIENTS_ORDER__MAX; order++)
		walk_in(a,
			&(struct client_query){.filter = filter,
				.words = words,
				.order = (enum client_order)order},
			want);
}

static void pages_go_there_and_back(void **state)
{
	walk(*state, CLIENTS_ARCHIVED, NULL, count("archived_at IS NOT NULL"));
	walk(*state, CLIENTS_ATTENTION, NULL, count("archived_at IS NULL AND flags <> 0"));
	walk(*state, CLIENTS_NO_PRIMARY, NULL,
		count("archived_at IS NULL AND flags & 11 <> 0"));
	walk(*state, CLIENTS_ALL, "client 123",
		count("archived_at IS NULL AND search LIKE '%client 123%'"));
	walk(*state, CLIENTS_ARCHIVED, "client 1",
		count("archived_at IS NOT NULL AND search LIKE '%client 1%'"));
	walk(*state, CLIENTS_ATTENTION, "client 1",
		count("archived_at IS NULL AND flags <> 0 AND search LIKE '%client 1%'"));
}

static void a_page_holds_what_the_list_shows(void **state)
{
	struct client_page p = page(*state, d.org, CLIENTS_ALL, "harbour client 15000");
	assert_int_equal(p.n, 1);
	assert_false(p.more_before || p.more_after);
	assert_string_equal(p.rows[0].name, "Harbour Client 15000");
	assert_string_equal(p.rows[0].status, "client");
	assert_true(p.rows[0].synced);
	assert_false(p.rows[0].view_only);
	assert_false(p.rows[0].archived);
	/* Flag 1, no e-mail address: shown as "No Primary Contact". */
	assert_int_equal(p.rows[0].flags, CLIENT_NO_EMAIL);
	assert_null(p.rows[0].contact_name);
	p = page(*state, d.org, CLIENTS_ALL, "client 15002 ");
	assert_int_equal(p.n, 1);
	assert_string_equal(p.rows[0].contact_name, "Contact 15002");
	assert_string_equal(p.rows[0].email, "c15002@harbour.example");
	assert_string_equal(p.rows[0].phone, "+64 9 15002");
	(void)db_do("UPDATE organisation SET active_tenant = " TENANT " WHERE org_id = 1001");
	assert_true(page(*state, d.org, CLIENTS_ALL, "client 15002 ").rows[0].view_only);
	(void)db_do("UPDATE organisation SET active_tenant = " OTHER " WHERE org_id = 1001");
	assert_false(page(*state, d.org, CLIENTS_ALL, "client 15002 ").rows[0].view_only);
	(void)db_do("UPDATE organisation SET active_tenant = NULL WHERE org_id = 1001");
}

/* ---- search ---- */

static void words_are_found_in_every_fact_and_any_case(void **state)
{
	static const char *const words[] = {
		"HARBOUR CLIENT 777 ", "contact 777 ", "C777@HARBOUR", "+64 9 777"};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(page(*state, d.org, CLIENTS_ALL, words[i]).n, 1);
	assert_true(page(*state, d.org, CLIENTS_ALL, words[3]).n > 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "no such words").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "").n, CLIENTS_PAGE);
}

static void signs_of_patterns_are_just_signs(void **state)
{
	(void)db_do(
		"INSERT INTO client (org_id, name, search) VALUES"
		" (1001, '100% Cotton_Ltd', '100% cotton_ltd back\\slash ärzte jane.doe@cotton.example +64 9 555 0177')");
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "100% cotton_l").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "100%cotton").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "cotton-ltd").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "k\\s").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "\xC3\x84RZTE").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "%").n, 1);
	/* The index is asked for a piece only; the whole counts. */
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "jane.doe@cotton.example").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "jane.doe@linen").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "@cotton").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "+64 9 555 0177").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "+61 9 555 0177").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "'; DROP TABLE client; --").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "\xff\xfe").n, 0);
	(void)db_do("DELETE FROM client WHERE xpm_id IS NULL");
}

/* The index is asked for pieces of words; who is found has the words whole, side by side. */
static void words_are_found_whole(void **state)
{
	(void)db_do("INSERT INTO client (org_id, name, search) VALUES"
		    " (1001, 'A', 'elderbrook holdings frankie'),"
		    " (1001, 'B', 'eldorado erbium rookery holdings'),"
		    " (1001, 'C', 'whakat\xC4\x81ne m\xC4\x81ori trust')");
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "elderbrook").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "derbroo").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "elderbrook holdings").n, 1);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "elderbrook  holdings").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "elderbrook-holdings").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "holdings elderbrook").n, 0);
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "elderbrook frankie").n, 0);
	assert_int_equal(
		page(*state, d.org, CLIENTS_ALL, "WHAKAT\xC4\x80NE M\xC4\x80ORI").n, 1);
	(void)db_do("DELETE FROM client WHERE xpm_id IS NULL");
}

/* The search function runs past row-level security, but keeps to the organisation. */
static void search_does_not_cross_organisations(void **state)
{
	struct err e;
	const char *n = "";
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, "valley").n, 0);
	assert_int_equal(page(*state, d.other_org, CLIENTS_ALL, "valley client 12 ").n, 1);
	assert_int_equal(page(*state, d.other_org, CLIENTS_ALL, "harbour").n, 0);
	static const char call[] =
		"SELECT count(*) FROM client_search('client', '{1,2,3,5,6,7,9,10,11}', 0, -1, '', 0, false, 1000)";
	/* Nothing entered: nothing found. */
	assert_ok(db_try_ask(d.web, call, &n, &e));
	assert_string_equal(n, "0");
	assert_ok(pg_begin(d.web, d.other_org, &e));
	assert_ok(db_try_ask(d.web, call, &n, &e));
	assert_string_equal(n, "294"); /* of 300, six are archived */
	pg_rollback(d.web);
	assert_denied(d.web, "SET LOCAL ROLE gap_search");
	assert_denied(d.web, "CREATE TEMPORARY TABLE client (org_id bigint)");
}

/* ---- plans ---- */

/* The generic plan that a long-lived connection settles on, as this role inside the organisation. */
static const char *plan_of(struct arena *a, struct pg *db, const char *text, const char *args)
{
	struct err e;
	const char *plan = "";
	struct buf script;
	buf_init(&script, a, 1 << 16);
	buf_printf(&script,
		"SET LOCAL plan_cache_mode = force_generic_plan;\nPREPARE probe AS %s", text);
	assert_ok(pg_script(db, script.data, &e));
	assert_ok(db_try_ask(
		db, arena_printf(a, "public.plan('EXECUTE probe(%s)')", args), &plan, &e));
	return plan;
}

static int count_in(const char *text, const char *what)
{
	int n = 0;
	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static void assert_plan(const char *plan, const char *index, int sorts)
{
	struct arena *a = arena_new();
	const char *name = arena_printf(a, "\"Index Name\": \"%s\"", index);
	if (strstr(plan, name) == NULL || count_in(plan, "\"Sort\"") != sorts ||
		strstr(plan, "Parallel Index") != NULL || strstr(plan, "Incremental") != NULL ||
		strstr(plan, "Seq Scan") != NULL)
		fail_msg("not by %s: %s", index, plan);
	arena_free(&a);
}

#define PLACED "1001, ''m'', 5, 51, ''{1,2,3}'', ''{2}'', 1, NULL"
#define NEWEST "1001, ''m'', 5, 51, ''{1,2,3}'', -1700000000000000"

/*
 * Each by one walk along its index, from the key on: the row comparison is a condition of the index. Of places
 * several walks of at most a page each are put in order; nothing else is sorted.
 */
static void keyset_pages_walk_their_index(void **state)
{
	static const struct {
		int stmt;
		const char *args, *index;
		int sorts;
	} pages[] = {
		{STMT_CLIENT_PAGE_LIVE, "1001, ''m'', 5, 51", "client_name", 0},
		{STMT_CLIENT_PAGE_LIVE_BACK, "1001, ''m'', 5, 51", "client_name", 0},
		{STMT_CLIENT_PAGE_PLACED, PLACED, "client_place", 1},
		{STMT_CLIENT_PAGE_PLACED_BACK, PLACED, "client_place", 1},
		{STMT_CLIENT_PAGE_NEWEST, NEWEST, "client_newest", 1},
		{STMT_CLIENT_PAGE_NEWEST_BACK, NEWEST, "client_newest", 1},
	};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		assert_ok(pg_begin(d.web, d.org, &e));
		const char *plan =
			plan_of(*state, d.web, stmt_table[pages[i].stmt].text, pages[i].args);
		assert_plan(plan, pages[i].index, pages[i].sorts);
		assert_non_null(strstr(strstr(plan, "Index Cond"), "ROW("));
		assert_ok(pg_script(d.web, "DEALLOCATE probe", &e));
		pg_rollback(d.web);
	}
}

/* The test itself: without its index the page is sorted, and that is seen. */
static void a_page_without_its_index_would_be_noticed(void **state)
{
	struct err e;
	assert_ok(pg_begin(d.super, 0, &e));
	assert_ok(pg_script(d.super,
		"DROP INDEX client_name; SET LOCAL ROLE gap_web;"
		" SET LOCAL gap.org_id = 1001",
		&e));
	const char *plan = plan_of(
		*state, d.super, stmt_table[STMT_CLIENT_PAGE_LIVE].text, "1001, ''m'', 5, 51");
	assert_non_null(strstr(plan, "Sort"));
	pg_rollback(d.super);
	pg_reset(d.super);
}

/* What the search function runs, planned as the role it runs as. */
static void search_is_one_index_scan(void **state)
{
	struct err e;
	const char *body = db_ask(
		"(SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace("
		"substring(prosrc FROM 'ELSE\\s*RETURN QUERY(.*);\\s*END IF'), 'p_words', '$1'),"
		" 'p_places', '$2::smallint[]'), 'p_order', '$3'), 'p_rank', '$4'),"
		" 'p_name', '$5'), 'p_id', '$6'), 'p_limit', '$7'), 'pattern', '$8'),"
		" 'v_org', '$9::bigint')"
		" FROM pg_proc WHERE oid = 'client_search'::regproc)");
	assert_ok(pg_begin(d.super, 0, &e));
	assert_ok(pg_script(
		d.super, "SET LOCAL ROLE gap_search; SET LOCAL gap.org_id = 1001", &e));
	const char *plan = plan_of(*state, d.super, body,
		"''harbour client 777 '', ''{3,7}'', 0, -1, '''', 0, 51, ''%client 777 %'', 1001");
	assert_non_null(strstr(plan, "\"Index Name\": \"client_search_trgm\""));
	assert_non_null(strstr(plan, "Bitmap Index Scan"));
	assert_null(strstr(plan, "Seq Scan"));
	/* One only. */
	assert_null(strstr(strstr(plan, "Index Scan") + 1, "Index Scan"));
	pg_rollback(d.super);
	pg_reset(d.super);
	/* And what it found is fetched by key. */
	assert_ok(pg_begin(d.web, d.org, &e));
	plan = plan_of(*state, d.web, stmt_table[STMT_CLIENT_PAGE_FOUND].text,
		"1001, '''', 0, 51, ''client 777'', ''{3,7}'', 0, -1, false");
	assert_non_null(strstr(plan, "client_pkey"));
	assert_null(strstr(plan, "Seq Scan"));
	assert_ok(pg_script(d.web, "DEALLOCATE probe", &e));
	pg_rollback(d.web);
}

/* ---- one client ---- */

static void a_client_shows_its_contacts_and_where_else_they_are(void **state)
{
	struct client_view v;
	struct err e;
	int64_t id = db_number("SELECT client_id FROM client WHERE org_id = 1001 AND name ="
			       " 'Harbour Client 42'");
	(void)db_do("INSERT INTO client_contact SELECT c.org_id, c.client_id, k.contact_id,"
		    " c.tenant_id, false, 0 FROM client c, contact k WHERE c.org_id = 1001 AND"
		    " c.name = 'Harbour Client 42' AND k.org_id = 1001 AND k.name IN"
		    " ('Contact 43', 'Contact 44')");
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_string_equal(v.name, "Harbour Client 42");
	assert_string_equal(v.status, "client");
	assert_string_equal(v.xpm_id, "00000000-0000-4000-8000-000000000042");
	assert_true(v.synced);
	assert_false(v.view_only);
	assert_int_equal(v.archived_at, 0);
	assert_null(v.archived_reason);
	assert_true(v.changed_at > 0);
	assert_int_equal(v.n_contacts, 3);
	assert_string_equal(v.contacts[0].name, "Contact 42");
	assert_true(v.contacts[0].is_primary);
	assert_null(v.contacts[0].also);
	assert_string_equal(v.contacts[1].name, "Contact 43");
	assert_false(v.contacts[1].is_primary);
	assert_string_equal(v.contacts[1].also, "Harbour Client 43");
	/* Names are set apart one by one. */
	(void)db_do("UPDATE client SET name = 'גלית' WHERE name = 'Harbour Client 43'");
	(void)db_do(
		"INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)"
		" SELECT k.org_id, c.client_id, k.contact_id, false, 9 FROM contact k JOIN client c"
		" ON c.org_id = k.org_id AND c.name = 'Harbour Client 44' WHERE k.name = 'Contact 43'");
	assert_ok(clients_get(d.web, *state, d.org, v.client_id, &v, &e));
	assert_string_equal(v.contacts[1].also, "Harbour Client 44, \u2068גלית\u2069");
	(void)db_do("UPDATE client SET name = 'Harbour Client 43' WHERE name = 'גלית'");
	(void)db_do("DELETE FROM client_contact WHERE NOT is_primary");
}

static void an_archived_client_says_why(void **state)
{
	struct client_view v;
	struct err e;
	int64_t id = db_number("SELECT client_id FROM client WHERE org_id = 1001 AND name ="
			       " 'Harbour Client 57'");
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_true(v.archived_at > 0);
	assert_string_equal(v.archived_reason, "deleted_in_xpm");
}

static void another_organisations_client_is_no_client(void **state)
{
	struct client_view v;
	struct err e;
	int64_t id = db_number("SELECT min(client_id) FROM client WHERE org_id = 1002");
	assert_fails(clients_get(d.web, *state, d.org, id, &v, &e), ERR_NOT_FOUND);
	char *theirs = arena_strdup(*state, e.text);
	assert_fails(clients_get(d.web, *state, d.org, INT64_MAX, &v, &e), ERR_NOT_FOUND);
	assert_string_equal(theirs, e.text);
	assert_fails(clients_get(d.web, *state, d.org, -1, &v, &e), ERR_NOT_FOUND);
}

static void is_there_any_client(void **state)
{
	struct err e;
	bool any = false;
	(void)state;
	assert_ok(clients_any(d.web, d.org, &any, &e));
	assert_true(any);
	assert_ok(clients_any(d.web, 4711, &any, &e));
	assert_false(any);
}

/* ---- the CSV's rows ---- */

struct tally {
	int64_t n;
	int stop_at;
	char last[100];
};

static bool tally_row(void *user, const struct client_row *r, struct err *e)
{
	struct tally *t = user;
	t->n++;
	(void)snprintf(t->last, sizeof t->last, "%s", r->name);
	return t->n != t->stop_at || err_set(e, ERR_TOO_LARGE, "enough");
}

static void every_row_of_a_filter_passes_once(void **state)
{
	static const struct {
		enum client_filter filter;
		const char *where;
	} cases[] = {{CLIENTS_ALL, "archived_at IS NULL"},
		{CLIENTS_ARCHIVED, "archived_at IS NOT NULL"},
		{CLIENTS_ATTENTION, "archived_at IS NULL AND flags <> 0"},
		{CLIENTS_NO_PRIMARY, "archived_at IS NULL AND flags & 11 <> 0"}};
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tally t = {.n = 0};
		assert_ok(clients_each(d.web, d.org,
			&(struct client_query){.filter = cases[i].filter}, tally_row, &t, &e));
		assert_int_equal(t.n, count(cases[i].where));
	}
}

static void a_row_that_fails_ends_it_and_the_next_works(void **state)
{
	struct err e;
	struct tally t = {.stop_at = 3};
	assert_fails(clients_each(d.web, d.org, &(struct client_query){.filter = CLIENTS_ALL},
			     tally_row, &t, &e),
		ERR_TOO_LARGE);
	assert_int_equal(t.n, 3);
	assert_false(pg_in_transaction(d.web));
	assert_int_equal(page(*state, d.org, CLIENTS_ALL, NULL).n, CLIENTS_PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(pages_go_there_and_back),
		DB_TEST(a_page_holds_what_the_list_shows),
		DB_TEST(words_are_found_in_every_fact_and_any_case),
		DB_TEST(signs_of_patterns_are_just_signs),
		DB_TEST(words_are_found_whole),
		DB_TEST(search_does_not_cross_organisations),
		DB_TEST(keyset_pages_walk_their_index),
		DB_TEST(a_page_without_its_index_would_be_noticed),
		DB_TEST(search_is_one_index_scan),
		DB_TEST(a_client_shows_its_contacts_and_where_else_they_are),
		DB_TEST(an_archived_client_says_why),
		DB_TEST(another_organisations_client_is_no_client),
		DB_TEST(is_there_any_client),
		DB_TEST(every_row_of_a_filter_passes_once),
		DB_TEST(a_row_that_fails_ends_it_and_the_next_works),
	};
	return cmocka_run_group_tests(tests, clients_set_up, db_tear_down);
}
