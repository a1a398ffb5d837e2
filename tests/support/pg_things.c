#include "support/pg_things.h"

#include <unistd.h>

const struct pg_stmt pg_things_table[T__MAX] = {
	[T_ONE] = {"one", "SELECT 1", 0, false},
	[T_ECHO] = {"echo", "SELECT $1::text, $2::bigint, $3::boolean, $4::bytea, $5::text", 5,
		false},
	[T_ADD] = {"add", "INSERT INTO thing (name, raw) VALUES ($1, $2)", 2, true},
	[T_ADD_AND_TELL] = {"add_and_tell",
		"WITH a AS (INSERT INTO thing (name) VALUES ($1) RETURNING id) SELECT id FROM a",
		1, true},
	[T_COUNT] = {"count", "SELECT count(*) FROM thing", 0, false},
	[T_NAMES] = {"names", "SELECT name, note FROM thing ORDER BY id", 0, false},
	[T_ORG] = {"org", "SELECT nullif(current_setting('gap.org_id', true), '')", 0, false},
	[T_PID] = {"pid", "SELECT pg_backend_pid()", 0, false},
	[T_KILL] = {"kill", "SELECT pg_terminate_backend($1::int, 5000)", 1, false},
	[T_SERIES] = {"series",
		"SELECT g, repeat('x', 200), '\\xff00'::bytea FROM generate_series(1, $1::int) g",
		1, false},
	[T_COPY] = {"copy", "COPY thing (name, note) FROM STDIN", 0, false},
	[T_COPY_NUMBERS] = {"copy_numbers", "COPY number (n) FROM STDIN", 0, false},
	[T_NOTIFY] = {"notify", "SELECT pg_notify('gap_test', '')", 0, false},
	[T_ADD_RANGE] = {"add_range", "INSERT INTO span VALUES (int4range($1, $2))", 2, true},
	[T_RAISE] = {"raise", "SELECT test_raise($1, 'P0001')", 1, false},
	[T_RAISE_STATE] = {"raise_state", "SELECT test_raise('no', $1)", 1, false},
	[T_LOW_ROLE] = {"low_role", "SET LOCAL ROLE pg_read_all_stats", 0, false},
	[T_CHECK] = {"check", "INSERT INTO number VALUES (-1)", 0, true},
	[T_SLEEP] = {"sleep", "SELECT pg_sleep(20)", 0, false},
	[T_NAP] = {"nap", "SELECT pg_sleep(0.6)", 0, false},
	[T_BROKEN] = {"broken", "SELECT no_such_column FROM thing", 0, false},
	[T_DIE_AT_COMMIT] = {"die_at_commit", "INSERT INTO mortal VALUES (1)", 0, true},
	[T_REFUSE_AT_COMMIT] = {"refuse_at_commit", "INSERT INTO later VALUES (7)", 0, true},
	[T_SETTING] = {"setting", "SELECT current_setting($1)", 1, false},
	[T_TIME] = {"time", "SELECT $1::timestamptz", 1, false},
	[T_ANY] = {"any", "SELECT count(*) FROM unnest($1::text[]) t(x) WHERE x = $2", 2,
		false},
};

static const char schema[] =
	"CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text CONSTRAINT"
	" thing_name_once UNIQUE, note text, raw bytea);"
	"CREATE TABLE number (n int CHECK (n > 0));"
	"CREATE TABLE span (s int4range, EXCLUDE USING gist (s WITH &&));"
	"CREATE FUNCTION test_raise(text, state text) RETURNS void LANGUAGE plpgsql AS"
	" $$BEGIN RAISE EXCEPTION '%', $1 USING ERRCODE = state; END$$;"
	"CREATE TABLE mortal (n int);"
	"CREATE FUNCTION test_die() RETURNS trigger LANGUAGE plpgsql AS"
	" $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1);"
	" RETURN NULL; END$$;"
	"CREATE CONSTRAINT TRIGGER die AFTER INSERT ON mortal DEFERRABLE INITIALLY DEFERRED"
	" FOR EACH ROW EXECUTE FUNCTION test_die();"
	"CREATE TABLE later (n int);"
	"ALTER TABLE number ADD UNIQUE (n);"
	"ALTER TABLE later ADD FOREIGN KEY (n) REFERENCES number (n) DEFERRABLE INITIALLY DEFERRED";

struct pg_things t;

int64_t pg_number(struct pg *db, int stmt)
{
	struct pg_rows rows;
	struct err e;
	assert_ok(pg_query(db, stmt, &rows, &e));
	assert_int_equal(rows.n, 1);
	return pg_int(&rows, 0, 0);
}

void pg_things_empty(void)
{
	struct err e;
	assert_ok(pg_begin(t.other, 0, &e));
	assert_ok(pg_script(t.other, "TRUNCATE thing, number, span, later", &e));
	assert_ok(pg_commit(t.other, &e));
}

void pg_cut(struct pg *db)
{
	struct err e;
	int64_t pid = pg_number(db, T_PID);
	assert_ok(pg_exec(t.other, T_KILL, NULL, &e, PG_INT(pid)));
}

bool pg_give_up(void *user, const struct pg_rows *r, struct err *e)
{
	(void)user;
	(void)r;
	return err_set(e, ERR_DENIED, "enough");
}

static const char *superuser;
static char database[64];

static void administer(const char *text)
{
	struct arena *a = arena_new();
	const struct pg_stmt s = {"administer", text, 0, true};
	struct err e;
	if (!pg_exec(pg_new(a, superuser, "test-pg", &s, 1), 0, NULL, &e))
		die("%s", e.text);
	arena_free(&a);
}

int pg_things_set_up(void **state)
{
	(void)state;
	struct err e;
	char text[120];
	superuser = getenv("GAP_TEST_PG");
	if (superuser == NULL)
		die("GAP_TEST_PG must be the address of a PostgreSQL superuser.");
	(void)snprintf(database, sizeof database, "gap_test_pg_%d", (int)getpid());
	(void)snprintf(text, sizeof text, "CREATE DATABASE %s", database);
	administer(text);
	(void)snprintf(t.url, sizeof t.url, "%s%sdbname=%s", superuser,
		strchr(superuser, '?') == NULL ? "?" : "&", database);
	t.home = arena_new();
	t.other_home = arena_new();
	t.db = pg_new(t.home, t.url, "test-pg", pg_things_table, T__MAX);
	t.other = pg_new(t.other_home, t.url, "test-pg-other", pg_things_table, T__MAX);
	if (!pg_begin(t.other, 0, &e) || !pg_script(t.other, schema, &e) ||
		!pg_commit(t.other, &e))
		die("%s", e.text);
	return 0;
}

int pg_things_tear_down(void **state)
{
	(void)state;
	char text[120];
	arena_free(&t.home);
	arena_free(&t.other_home);
	(void)snprintf(text, sizeof text, "DROP DATABASE %s WITH (FORCE)", database);
	administer(text);
	return 0;
}

int pg_things_begin(void **state)
{
	(void)test_begin(state);
	pg_use(t.db, *state);
	pg_use(t.other, *state);
	return 0;
}
