/* Migrations, and what they leave: versions, refusals, and a policy on every table of an organisation. */
#include "support/db.h"

#include "base/buf.h"
#include "io/file.h"
#include "store/schema.h"

#include <sys/stat.h>
#include <unistd.h>

static const char dir[] = "sql/migrations";

struct empty {
	char name[80];
	char *url;
	struct arena *home;
	struct pg *db;
};

static void begin_empty(struct arena *a, struct empty *x)
{
	static int n;
	(void)snprintf(x->name, sizeof x->name, "%s_empty_%d", d.name, n++);
	db_create_empty(x->name);
	x->home = arena_new();
	x->url = arena_printf(a, "%s&dbname=%s", db_url(a, "gap_owner"), x->name);
	x->db = pg_new(x->home, x->url, "test-schema", stmt_table, STMT__MAX);
}

static void end_empty(struct empty *x)
{
	arena_free(&x->home);
	db_drop(x->name);
}

static int files_in(struct arena *a, const char *const **names_r)
{
	size_t n;
	struct err e;
	assert_ok(file_list(a, dir, ".sql", names_r, &n, &e));
	return (int)n;
}

/* The migrations in a folder of our own, to be changed at will. */
static char *copy_migrations(struct arena *a)
{
	const char *const *names;
	int n = files_in(a, &names);
	char *to = arena_strdup(a, "/tmp/gap_test_migrations_XXXXXX");
	struct str text;
	struct err e;
	assert_non_null(mkdtemp(to));
	for (int i = 0; i < n; i++) {
		assert_ok(file_read(
			a, arena_printf(a, "%s/%s", dir, names[i]), 1 << 20, &text, &e));
		assert_ok(file_write(arena_printf(a, "%s/%s", to, names[i]), text, 0600, &e));
	}
	return to;
}

static void drop_copy(struct arena *a, const char *copy)
{
	const char *const *names;
	size_t n;
	struct err e;
	assert_ok(file_list(a, copy, ".sql", &names, &n, &e));
	for (size_t i = 0; i < n; i++)
		(void)unlink(arena_printf(a, "%s/%s", copy, names[i]));
	assert_int_equal(rmdir(copy), 0);
}

static void write_migration(
	struct arena *a, const char *copy, const char *name, const char *text)
{
	struct err e;
	assert_ok(file_write(arena_printf(a, "%s/%s", copy, name), str_of(text), 0600, &e));
}

static void the_build_knows_the_last_file(void **state)
{
	const char *const *names;
	assert_int_equal(files_in(*state, &names), SCHEMA_VERSION);
}

static void an_empty_database_is_filled_and_then_left_alone(void **state)
{
	struct empty x;
	struct err e;
	int applied = -1, version = -1;
	begin_empty(*state, &x);
	assert_fails(schema_check(x.db, &version, &e), ERR_CONFIG);
	assert_string_equal(e.text, "The database has no tables yet. Run gap-admin migrate.");
	assert_ok(schema_migrate(x.db, *state, dir, &applied, &e));
	assert_int_equal(applied, SCHEMA_VERSION);
	assert_ok(schema_check(x.db, &version, &e));
	assert_int_equal(version, SCHEMA_VERSION);
	assert_ok(schema_migrate(x.db, *state, dir, &applied, &e));
	assert_int_equal(applied, 0);
	end_empty(&x);
}

static bool migrate_once(struct pg *ignored, int nth, void *user)
{
	struct arena *a = arena_new();
	struct err e;
	int applied = 0;
	(void)ignored;
	(void)nth;
	struct pg *db = pg_new(a, user, "test-schema", stmt_table, STMT__MAX);
	if (!schema_migrate(db, a, dir, &applied, &e))
		_exit(3);
	return applied > 0;
}

static void of_several_at_once_one_migrates(void **state)
{
	struct empty x;
	begin_empty(*state, &x);
	assert_int_equal(db_race(4, "gap_owner", migrate_once, x.url), 1);
	end_empty(&x);
}

static void a_changed_file_is_refused(void **state)
{
	struct arena *a = *state;
	struct empty x;
	struct err e;
	int applied;
	char *copy = copy_migrations(a);
	begin_empty(a, &x);
	assert_ok(schema_migrate(x.db, a, copy, &applied, &e));
	const char *const *names;
	(void)files_in(a, &names);
	write_migration(a, copy, names[1], "-- other text\n");
	assert_fails(schema_migrate(x.db, a, copy, &applied, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, names[1]));
	assert_non_null(strstr(e.text, "was changed after it was applied"));
	assert_int_equal(applied, 0);
	end_empty(&x);
	drop_copy(a, copy);
}

static void a_gap_is_refused_before_anything_is_applied(void **state)
{
	struct arena *a = *state;
	struct empty x;
	struct err e;
	int applied, version;
	char *copy = copy_migrations(a);
	begin_empty(a, &x);
	write_migration(a, copy, "0099_far.sql", "SELECT 1;\n");
	assert_fails(schema_migrate(x.db, a, copy, &applied, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "0099_far.sql"));
	assert_fails(schema_check(x.db, &version, &e), ERR_CONFIG);
	end_empty(&x);
	drop_copy(a, copy);
}

/* Fault 10: half-applied. A file is applied whole or not at all, those before it stay. */
static void fault_10_a_failing_file_leaves_nothing_of_itself(void **state)
{
	struct arena *a = *state;
	struct empty x;
	struct err e;
	int applied, version;
	char name[40];
	char *copy = copy_migrations(a);
	begin_empty(a, &x);
	(void)snprintf(name, sizeof name, "%04d_bad.sql", SCHEMA_VERSION + 1);
	write_migration(
		a, copy, name, "CREATE TABLE gap.half (n int);\nSELECT no_such_thing;\n");
	assert_fails(schema_migrate(x.db, a, copy, &applied, &e), ERR_INTERNAL);
	assert_non_null(strstr(e.text, name));
	assert_int_equal(applied, SCHEMA_VERSION);
	assert_ok(schema_check(x.db, &version, &e));
	write_migration(a, copy, name, "CREATE TABLE gap.half (n int);\n");
	assert_ok(schema_migrate(x.db, a, copy, &applied, &e));
	assert_int_equal(applied, 1);
	/* A database from the future: this build stops, and says so. */
	assert_fails(schema_check(x.db, &version, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "Use the newer program."));
	assert_fails(schema_migrate(x.db, a, dir, &applied, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "Use the newer program."));
	end_empty(&x);
	drop_copy(a, copy);
}

/* The database as it was before the file with this end of its name; the number of files left out. */
static int migrate_before(struct arena *a, struct empty *x, const char *copy, const char *end)
{
	const char *const *names;
	struct err e;
	int n = files_in(a, &names), applied = 0, left = 0;
	for (int i = 0; i < n; i++) {
		left += left > 0 || strstr(names[i], end) != NULL;
		if (left > 0)
			assert_int_equal(unlink(arena_printf(a, "%s/%s", copy, names[i])), 0);
	}
	assert_ok(schema_migrate(x->db, a, copy, &applied, &e));
	assert_int_equal(applied, n - left);
	return left;
}

#define LARCH "00000000-0000-0000-0000-00000000000a"
static const struct pg_stmt promised[] = {
	{"firm",
		"INSERT INTO organisation (org_id, name, time_zone) OVERRIDING SYSTEM VALUE VALUES"
		" (7, 'Seven', 'UTC')",
		0, true},
	{"removal",
		"UPDATE organisation SET removal_tenant = '" LARCH "',"
		" removal_at = '2099-12-24 00:00+00', removal_told_at = now()",
		0, true},
	{"connection",
		"INSERT INTO connection (org_id, state, former_tenant, former_name) VALUES"
		" (7, 'not_connected', '" LARCH "', 'Larch Ltd')",
		0, true},
	{"job", "INSERT INTO job (org_id, kind, single) VALUES (7, 'erase', 'erase:7')", 0,
		true},
};
static const struct pg_stmt carried[] = {
	{"row",
		"DELETE FROM practice_removal WHERE org_id = 7 AND practice = 'Larch Ltd'"
		" AND at = '2099-12-24 00:00+00' AND told_at IS NOT NULL",
		0, true},
	{"job",
		"DELETE FROM job WHERE single = 'erase:7:" LARCH "'"
		" AND payload::json ->> 'tenant' = '" LARCH "'",
		0, true},
};

/* Each of them inside organisation 7, as the owner; each touches one row. */
static void each_once(struct empty *x, const struct pg_stmt *all, size_t n)
{
	struct err e;
	struct pg *db = pg_new(x->home, x->url, "test-schema", all, n);
	assert_ok(pg_begin(db, 7, &e));
	for (size_t i = 0; i < n; i++) {
		size_t touched = 0;
		assert_ok(pg_exec(db, (int)i, &touched, &e));
		assert_int_equal(touched, 1);
	}
	assert_ok(pg_commit(db, &e));
}

/* One that was promised before each practice had its own: date and word are kept, and the job knows which. */
static void a_removal_to_come_is_carried_over(void **state)
{
	struct empty x;
	struct err e;
	int applied = 0;
	char *copy = copy_migrations(*state);
	begin_empty(*state, &x);
	int left = migrate_before(*state, &x, copy, "_removals.sql");
	each_once(&x, promised, ARRAY_LEN(promised));
	assert_ok(schema_migrate(x.db, *state, dir, &applied, &e));
	assert_int_equal(applied, left);
	each_once(&x, carried, ARRAY_LEN(carried));
	end_empty(&x);
	drop_copy(*state, copy);
}

static void a_missing_folder_is_a_sentence(void **state)
{
	struct err e = {.kind = ERR_NONE};
	int applied;
	assert_false(schema_migrate(d.owner, *state, "/tmp/no/such/folder", &applied, &e));
	assert_non_null(strstr(e.text, "/tmp/no/such/folder"));
}

/* ---- the exempt tables ---- */

static bool is_exempt(struct str list, const char *table)
{
	struct str line, name, why;
	while (str_next(&list, '\n', &line))
		if (str_cut(line, ' ', &name, &why) && str_is(name, table))
			return str_trim(why).n > 10;
	return false;
}

static struct str read_list(struct arena *a)
{
	struct str list;
	struct err e;
	assert_ok(file_read(a, "tests/db/exempt_tables.txt", 1 << 16, &list, &e));
	return list;
}

#define TABLES                                                                     \
	"(SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced," \
	" (SELECT a.attname FROM pg_index i JOIN pg_attribute a"                   \
	"   ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"                      \
	"   WHERE i.indrelid = c.oid AND i.indisprimary) AS first_key,"            \
	" row_number() OVER (ORDER BY c.relname) AS n"                             \
	" FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace"           \
	" WHERE s.nspname = 'gap' AND c.relkind IN ('r', 'p')) t"

static void every_table_is_walled_or_exempt(void **state)
{
	struct arena *a = *state;
	struct str list = read_list(a);
	int64_t n = db_number("SELECT count(*) FROM " TABLES);
	int wrong = 0;
	assert_true(n > 20);
	for (int64_t i = 1; i <= n; i++) {
		const char *where = arena_printf(a, "FROM " TABLES " WHERE n = %d", (int)i);
		const char *name = db_ask(arena_printf(a, "SELECT relname %s", where));
		bool forced = db_number(arena_printf(a, "SELECT forced::int %s", where)) == 1;
		const char *key = db_ask(arena_printf(a, "SELECT first_key %s", where));
		bool walled = forced && key != NULL && strcmp(key, "org_id") == 0;
		if (walled == is_exempt(list, name)) {
			print_error("%s: %s\n", name,
				walled ? "has its policy and is on the list"
				       : "has neither a policy with org_id first nor a line on the list");
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void every_exempt_table_is_there(void **state)
{
	struct arena *a = *state;
	struct str list = read_list(a), line, name, why;
	int n = 0;
	while (str_next(&list, '\n', &line)) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		assert_true(str_cut(line, ' ', &name, &why));
		assert_int_equal(
			db_number(arena_printf(a,
				"SELECT count(*) FROM " TABLES " WHERE relname = '%.*s'",
				(int)name.n, name.p)),
			1);
		n++;
	}
	assert_true(n > 5);
}

/* No role but the owner's can change the schema, bypass a policy, or make a table. */
static void no_role_stands_above_the_policies(void **state)
{
	(void)state;
	assert_int_equal(
		db_number("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'gap\\_%'"
			  " AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)"),
		0);
	assert_int_equal(db_number("SELECT count(*) FROM pg_class c JOIN pg_namespace s"
				   " ON s.oid = c.relnamespace WHERE s.nspname = 'gap'"
				   " AND c.relowner <> 'gap_owner'::regrole"),
		0);
	assert_int_equal(db_number("SELECT count(*) FROM pg_roles WHERE rolname = 'gap_search'"
				   " AND rolcanlogin"),
		0);
	/* Nothing is marked LEAKPROOF, and a view reads as whoever asks. */
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM pg_proc p JOIN pg_namespace s"
			" ON s.oid = p.pronamespace WHERE s.nspname = 'gap' AND p.proleakproof"),
		0);
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM pg_class c JOIN pg_namespace s"
			" ON s.oid = c.relnamespace WHERE s.nspname = 'gap' AND c.relkind = 'v'"
			" AND NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}'"),
		0);
	assert_denied(d.web, "CREATE TABLE gap.mine (n int)");
	assert_denied(d.worker, "CREATE TABLE gap.mine (n int)");
	assert_denied(d.web, "ALTER TABLE gap.client DISABLE ROW LEVEL SECURITY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(the_build_knows_the_last_file),
		DB_TEST(an_empty_database_is_filled_and_then_left_alone),
		DB_TEST(of_several_at_once_one_migrates),
		DB_TEST(a_changed_file_is_refused),
		DB_TEST(a_gap_is_refused_before_anything_is_applied),
		DB_TEST(fault_10_a_failing_file_leaves_nothing_of_itself),
		DB_TEST(a_removal_to_come_is_carried_over),
		DB_TEST(a_missing_folder_is_a_sentence),
		DB_TEST(every_table_is_walled_or_exempt),
		DB_TEST(every_exempt_table_is_there),
		DB_TEST(no_role_stands_above_the_policies),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
