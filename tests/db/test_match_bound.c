/* Finding twins among many: a list of one name, or of one e-mail, makes no pairs without end. */
#include "support/db.h"

#include "store/match.h"

#define TENANT "11111111-1111-4111-8111-111111111111"

enum { ALIKE = 3000, SOME = 60 };

/* n clients by hand and n of XPM, of the name and e-mail: texts of SQL in which i is their number. */
static void twins(struct arena *a, int n, const char *name, const char *email)
{
	static const char *const sides[] = {
		"NULL::uuid, NULL::uuid", "'" TENANT "'::uuid, gen_random_uuid()"};
	for (size_t side = 0; side < ARRAY_LEN(sides); side++)
		(void)db_do(arena_printf(a,
			"WITH c AS (INSERT INTO client (org_id, tenant_id, xpm_id, name) SELECT 1001, %s, %s"
			"  FROM generate_series(1, %d) i RETURNING client_id),"
			" k AS (INSERT INTO contact (org_id, name, email) SELECT 1001, 'Ann', %s"
			"  FROM generate_series(1, %d) i RETURNING contact_id)"
			" INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)"
			" SELECT 1001, c.client_id, k.contact_id, true, 0"
			" FROM (SELECT client_id, row_number() OVER (ORDER BY client_id) AS n FROM c) c"
			" JOIN (SELECT contact_id, row_number() OVER (ORDER BY contact_id) AS n FROM k) k USING (n)",
			sides[side], name, n, email, n));
	(void)db_do(
		"UPDATE client c SET primary_contact_id = l.contact_id FROM client_contact l"
		" WHERE l.org_id = c.org_id AND l.client_id = c.client_id");
}

static int64_t candidates(struct arena *a, const char *of)
{
	struct err e;
	const char *n = "";
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(db_try_ask(d.web,
		arena_printf(a, "SELECT count(*) FROM match_candidates(%s) m", of), &n, &e));
	pg_rollback(d.web);
	return strtoll(n, NULL, 10);
}

/* Without the bound these would be nine million pairs of one name, and as many of one e-mail. */
static void many_alike_are_left_to_people(void **state)
{
	const struct match_key start = {.name = NULL};
	struct err e;
	int64_t suggested = 0;
	size_t rows = 0;
	const struct match_row *page = NULL;
	(void)db_do("UPDATE organisation SET active_tenant = '" TENANT "' WHERE org_id = 1001");
	twins(*state, ALIKE, "'Same Ltd'", "'same@example.com'");
	twins(*state, ALIKE, "'Mail ' || i || clock_timestamp()", "'info@example.com'");
	twins(*state, SOME, "'Pair  ' || i", "'pair' || i || '@example.com'");
	(void)db_do("ANALYZE client");
	assert_int_equal(candidates(*state, ""), SOME);
	/* "Mail" stands before "Pair" by name: 3,000 without a suggestion. */
	assert_ok(match_page(d.web, *state, d.org, &start, &page, &rows, &suggested, &e));
	assert_int_equal(suggested, SOME);
	assert_int_equal(rows, MATCH_PAGE + 1);
	for (size_t i = 0; i < rows; i++) {
		assert_int_equal(page[i].fit, MATCH_SUGGESTED);
		assert_string_equal(page[i].name, page[i].twin);
		assert_false(page[i].rest);
	}
	/* Then the others from their beginning, and each once. */
	const struct match_key last = {page[MATCH_PAGE - 1].name,
		page[MATCH_PAGE - 1].client_id, page[MATCH_PAGE - 1].rest};
	assert_ok(match_page(d.web, *state, d.org, &last, &page, &rows, &suggested, &e));
	assert_int_equal(suggested, SOME);
	assert_int_equal(rows, MATCH_PAGE + 1);
	for (size_t i = 0; i < rows; i++) {
		assert_int_equal(page[i].rest, i >= SOME - MATCH_PAGE);
		assert_int_equal(strncmp(page[i].name, page[i].rest ? "Mail" : "Pair", 4), 0);
	}
}

/* A few of one name are shown, and a page asks for no more than its own; with the same answer. */
static void a_page_finds_what_all_would(void **state)
{
	(void)db_do("DELETE FROM client WHERE name LIKE 'Same%' OR name LIKE 'Mail%'");
	twins(*state, 3, "'Three'", "'three@example.com'");
	int64_t id = db_number(
		"SELECT min(client_id) FROM client WHERE name = 'Three' AND xpm_id IS NULL");
	assert_int_equal(candidates(*state, ""), SOME + 9);
	assert_int_equal(
		candidates(*state, arena_printf(*state, "ARRAY[%lld]", (long long)id)), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(many_alike_are_left_to_people),
		DB_TEST(a_page_finds_what_all_would),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
