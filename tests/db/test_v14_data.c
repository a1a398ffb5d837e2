/* ASVS 14.1, 14.2: the table of what is kept (tests/security/data.txt) and the database say the same. */
#include "io/file.h"
#include "support/db.h"

enum { FILE_MAX = 64 * 1024, THINGS_MAX = 200 };

#define COLUMNS                                                                                  \
	"(SELECT k.relname::text AS t, a.attname::text AS c, y.typname::text AS u, row_number()" \
	" OVER (ORDER BY k.relname, a.attnum) AS n FROM pg_attribute a JOIN pg_class k ON"       \
	" k.oid = a.attrelid JOIN pg_type y ON y.oid = a.atttypid WHERE k.relnamespace ="        \
	" 'gap'::regnamespace AND k.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped) x"

static const char *things[THINGS_MAX], *classes[THINGS_MAX];
static size_t things_n;

static void read_things(struct arena *a)
{
	struct str rest, line, name, kind;
	struct err e;
	things_n = 0;
	assert_ok(file_read(a, "tests/security/data.txt", FILE_MAX, &rest, &e));
	while (str_next(&rest, '\n', &line)) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		assert_true(things_n < THINGS_MAX && str_cut(line, ' ', &name, &line));
		line = str_trim(line);
		assert_true(str_cut(line, ' ', &kind, &line));
		things[things_n] = str_dup(a, name);
		classes[things_n++] = str_dup(a, kind);
		assert_true(str_trim(line).n > 0);
	}
	assert_true(things_n > 30);
}

static const char *class_of(const char *thing)
{
	for (size_t i = 0; i < things_n; i++)
		if (strcmp(things[i], thing) == 0)
			return classes[i];
	return NULL;
}

static void v14_1_1_every_table_and_secret_column_has_its_class(void **state)
{
	struct arena *a = *state;
	int64_t n = db_number("SELECT count(*) FROM " COLUMNS);
	int wrong = 0;
	read_things(a);
	assert_true(n > 150);
	for (int64_t i = 1; i <= n; i++) {
		const char *from = arena_printf(a, "FROM " COLUMNS " WHERE n = %d", (int)i);
		const char *table = db_ask(arena_printf(a, "SELECT t %s", from));
		const char *column = db_ask(arena_printf(a, "SELECT t || '.' || c %s", from));
		bool bytes = db_number(arena_printf(a, "SELECT (u = 'bytea')::int %s", from));
		if (class_of(table) == NULL || (bytes && class_of(column) == NULL)) {
			print_error("%s has no line in tests/security/data.txt\n",
				class_of(table) == NULL ? table : column);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void v14_1_1_every_line_is_of_something(void **state)
{
	static const char *const kinds[] = {"secret", "personal", "business", "running"};
	struct arena *a = *state;
	read_things(a);
	for (size_t i = 0; i < things_n; i++) {
		bool known = false;
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			known |= strcmp(kinds[k], classes[i]) == 0;
		if (!known)
			fail_msg("%s: there is no class %s", things[i], classes[i]);
		if (db_number(arena_printf(a,
			    "SELECT count(*) FROM " COLUMNS " WHERE '%s' IN (t, t || '.' || c)",
			    things[i])) == 0)
			fail_msg("%s is not in the database", things[i]);
	}
}

/* 14.2.4: what opens something is bytes, or goes within minutes; nobody but its program may read it. */
static void v14_2_4_no_role_reads_anothers_secret(void **state)
{
	static const char *const roles[] = {"gap_web", "gap_worker"};
	static const struct {
		const char *thing, *reader; /* NULL: both */
	} others[] = {{"xero_grant.sealed", "gap_worker"},
		{"oauth_attempt.verifier", "gap_worker"}, {"oauth_attempt.code", "gap_worker"},
		{"oauth_attempt.nonce", "gap_worker"},
		/* The worker makes it, the web looks it up. */
		{"one_time_token.token_hash", NULL}};
	struct arena *a = *state;
	size_t secrets = 0;
	read_things(a);
	for (size_t i = 0; i < things_n; i++) {
		struct str table, column;
		if (strcmp(classes[i], "secret") != 0)
			continue;
		assert_true(str_cut(str_of(things[i]), '.', &table, &column));
		secrets++;
		const char *reader = "gap_web";
		for (size_t k = 0; k < ARRAY_LEN(others); k++)
			if (strcmp(others[k].thing, things[i]) == 0)
				reader = others[k].reader;
		for (size_t k = 0; k < ARRAY_LEN(roles); k++) {
			bool reads = db_number(arena_printf(a,
				"SELECT has_column_privilege('%s', 'gap.%.*s', '%.*s', 'SELECT')::int",
				roles[k], (int)table.n, table.p, (int)column.n, column.p));
			if (reads && reader != NULL && strcmp(roles[k], reader) != 0)
				fail_msg("%s reads %s", roles[k], things[i]);
		}
	}
	assert_true(secrets >= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(v14_1_1_every_table_and_secret_column_has_its_class),
		DB_TEST(v14_1_1_every_line_is_of_something),
		DB_TEST(v14_2_4_no_role_reads_anothers_secret),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
