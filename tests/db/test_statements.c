/* Every statement of sql/queries, planned as each role that its file names, against the migrated schema. */
#include "support/db.h"

#include "base/buf.h"
#include "io/file.h"

enum { ROLES_MAX = 3 };

struct roles {
	struct str of_file, of_statement; /* "gap_web gap_owner" */
};

/* The roles of every statement, by its place in stmt_table: "-- role:" before a file's first statement
 * holds for the file, inside a statement for that one. */
static struct str roles[STMT__MAX];

static int find_statement(struct str name)
{
	for (int i = 0; i < STMT__MAX; i++)
		if (str_is(name, stmt_table[i].name))
			return i;
	return -1;
}

static void read_roles(struct str text, const char *file)
{
	struct str line, of_file = STR("");
	int current = -1;
	while (str_next(&text, '\n', &line)) {
		if (str_starts(line, "-- name:")) {
			current = find_statement(str_trim(str_sub(line, 8, line.n)));
			assert_true(current >= 0);
			roles[current] = of_file;
		} else if (str_starts(line, "-- role:")) {
			struct str said = str_trim(str_sub(line, 8, line.n));
			if (current < 0)
				of_file = said;
			else
				roles[current] = said;
		}
	}
	if (current < 0)
		fail_msg("%s holds no statement", file);
}

static void read_all_roles(struct arena *a)
{
	const char *const *names;
	size_t n;
	struct err e;
	assert_ok(file_list(a, "sql/queries", ".sql", &names, &n, &e));
	for (size_t i = 0; i < n; i++) {
		struct str text;
		assert_ok(file_read(
			a, arena_printf(a, "sql/queries/%s", names[i]), 1 << 20, &text, &e));
		read_roles(text, names[i]);
	}
}

/* COPY, CREATE and ANALYZE have no plan; preparing them (below) is all that can be asked. */
static bool has_plan(const char *text)
{
	struct str s = str_of(text);
	return !str_starts(s, "COPY") && !str_starts(s, "CREATE") && !str_starts(s, "ANALYZE");
}

/* EXPLAIN starts the executor, and with it the check of every privilege; it runs nothing. */
static bool explain(struct pg *db, struct arena *a, const struct pg_stmt *s, struct err *e)
{
	struct buf text;
	buf_init(&text, a, 1 << 20);
	buf_adds(&text, "SET LOCAL plan_cache_mode = force_generic_plan;\n");
	if (strstr(s->text, "sync_stage") != NULL)
		buf_adds(&text, "CREATE TEMPORARY TABLE sync_stage (LIKE gap.sync_stage)"
				" ON COMMIT DROP;\n");
	buf_printf(&text, "PREPARE probe AS %s;\nEXPLAIN EXECUTE probe", s->text);
	for (int i = 0; i < s->params; i++)
		buf_adds(&text, i == 0 ? "(NULL" : ", NULL");
	buf_adds(&text, s->params > 0 ? ");\nDEALLOCATE probe" : ";\nDEALLOCATE probe");
	return pg_begin(db, 0, e) && pg_script(db, text.data, e);
}

static bool try_as(struct arena *a, struct str role, const struct pg_stmt *s)
{
	struct arena *own = arena_new();
	struct err e;
	struct pg *db = db_connect(own, str_dup(a, role));
	bool ok = explain(db, a, s, &e);
	if (!ok)
		print_error("%s as %.*s: %s\n", s->name, (int)role.n, role.p, e.text);
	arena_free(&own);
	return ok;
}

static void every_statement_is_for_its_roles(void **state)
{
	struct arena *a = *state;
	int wrong = 0;
	read_all_roles(a);
	for (int i = 0; i < STMT__MAX; i++) {
		struct str rest = roles[i], role;
		if (rest.n == 0) {
			print_error("%s does not say whose it is\n", stmt_table[i].name);
			wrong++;
		}
		while (rest.n > 0 && has_plan(stmt_table[i].text) &&
			str_next(&rest, ' ', &role))
			wrong += !try_as(a, role, &stmt_table[i]);
	}
	assert_int_equal(wrong, 0);
}

static void every_statement_prepares(void **state)
{
	struct arena *a = *state;
	struct err e;
	struct pg *db =
		pg_new(a, db_url(a, "gap_owner"), "test-prepare", stmt_table, STMT__MAX);
	assert_ok(pg_prepare_all(db, &e));
}

/* sql/gen.awk sees INSERT, UPDATE and DELETE; of a function only the database knows whether it writes. */
static void statements_that_call_what_writes_say_so(void **state)
{
	struct arena *a = *state;
	int wrong = 0, called = 0;
	const char *names = db_ask("SELECT string_agg(proname, ' ') FROM pg_proc"
				   " WHERE pronamespace = 'gap'::regnamespace AND"
				   " provolatile = 'v' AND prorettype <> 'trigger'::regtype");
	for (int i = 0; i < STMT__MAX; i++) {
		struct str rest = str_of(names), name;
		while (str_next(&rest, ' ', &name)) {
			const char *call = arena_printf(a, "%.*s(", (int)name.n, name.p);
			if (strstr(stmt_table[i].text, call) == NULL)
				continue;
			called++;
			if (stmt_table[i].writes)
				continue;
			print_error("%s calls %s), which may write: add a line \"-- writes\"\n",
				stmt_table[i].name, call);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_true(called > 10);
}

/* The test itself: a statement that the role may not run is seen. */
static void a_forbidden_statement_is_noticed(void **state)
{
	struct arena *a = *state;
	const struct pg_stmt forbidden = {
		"forbidden", "SELECT sealed FROM xero_grant WHERE grant_id = $1", 1, false};
	struct arena *own = arena_new();
	struct err e = {.kind = ERR_NONE};
	assert_false(explain(db_connect(own, "gap_web"), a, &forbidden, &e));
	assert_int_equal(e.kind, ERR_DENIED);
	arena_free(&own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(every_statement_prepares),
		DB_TEST(every_statement_is_for_its_roles),
		DB_TEST(statements_that_call_what_writes_say_so),
		DB_TEST(a_forbidden_statement_is_noticed),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
