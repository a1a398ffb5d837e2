#include "support/db.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

struct dbs d;

enum { ASK = STMT__MAX, DO, TABLE__MAX };

static struct pg_stmt table[TABLE__MAX];
static const char *superuser;

static void administer(const char *text)
{
	struct arena *a = arena_new();
	const struct pg_stmt s = {"administer", text, 0, true};
	struct err e;
	if (!pg_exec(pg_new(a, superuser, "test", &s, 1), 0, NULL, &e))
		die("%s", e.text);
	arena_free(&a);
}

/* The superuser's address has a user= of its own; of two the later counts. */
static char *url_of(struct arena *a, const char *database, const char *role)
{
	return arena_printf(a, "%s%sdbname=%s&user=%s", superuser,
		strchr(superuser, '?') == NULL ? "?" : "&", database, role);
}

char *db_url(struct arena *a, const char *role)
{
	return url_of(a, d.name, role);
}

struct pg *db_connect(struct arena *a, const char *role)
{
	return pg_new(a, db_url(a, role), "test", table, TABLE__MAX);
}

void db_create_empty(const char *name)
{
	struct arena *a = arena_new();
	administer(arena_printf(a, "CREATE DATABASE %s OWNER gap_owner", name));
	arena_free(&a);
}

void db_drop(const char *name)
{
	struct arena *a = arena_new();
	administer(arena_printf(a, "DROP DATABASE %s WITH (FORCE)", name));
	arena_free(&a);
}

/* Run as the caller: a function without SECURITY DEFINER has no rights of its own. */
static const char helpers[] =
	"CREATE FUNCTION public.ask(q text) RETURNS text LANGUAGE plpgsql AS $$"
	"DECLARE r text; BEGIN EXECUTE 'SELECT (' || q || ')::text' INTO r; RETURN r; END$$;"
	"CREATE FUNCTION public.run(q text) RETURNS bigint LANGUAGE plpgsql AS $$"
	"DECLARE n bigint; BEGIN EXECUTE q; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END$$;"
	"CREATE FUNCTION public.plan(q text) RETURNS text LANGUAGE plpgsql AS $$"
	"DECLARE r text; BEGIN EXECUTE 'EXPLAIN (FORMAT JSON, COSTS OFF) ' || q INTO r; RETURN r; END$$;"
	"INSERT INTO gap.organisation (org_id, name, time_zone) VALUES"
	" (1001, 'Harbour Accountants', 'Pacific/Auckland'), (1002, 'Valley Books', 'UTC');"
	"WITH u AS (INSERT INTO gap.app_user (org_id, email, name, role) VALUES"
	" (1001, 'ada@harbour.example', 'Ada Admin', 'admin'),"
	" (1001, 'max@harbour.example', 'Max Member', 'member'),"
	" (1002, 'olga@valley.example', 'Olga Other', 'admin') RETURNING org_id, user_id, email)"
	" INSERT INTO gap.login SELECT email, org_id, user_id FROM u;";

static void fill(void)
{
	struct err e;
	if (!pg_begin(d.super, 0, &e) || !pg_script(d.super, helpers, &e) ||
		!pg_commit(d.super, &e))
		die("%s", e.text);
	d.org = 1001;
	d.other_org = 1002;
	d.admin =
		db_number("SELECT user_id FROM login WHERE email_norm = 'ada@harbour.example'");
	d.member =
		db_number("SELECT user_id FROM login WHERE email_norm = 'max@harbour.example'");
	d.other_admin =
		db_number("SELECT user_id FROM login WHERE email_norm = 'olga@valley.example'");
}

int db_set_up(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	superuser = getenv("GAP_TEST_PG");
	if (superuser == NULL)
		die("GAP_TEST_PG must be the address of a PostgreSQL superuser.");
	memcpy(table, stmt_table, sizeof *table * STMT__MAX);
	table[ASK] = (struct pg_stmt){"test_ask", "SELECT public.ask($1)", 1, true};
	table[DO] = (struct pg_stmt){"test_do", "SELECT public.run($1)", 1, true};
	(void)snprintf(d.name, sizeof d.name, "gap_test_%d", (int)getpid());
	administer(arena_printf(
		a, "CREATE DATABASE %s TEMPLATE gap_template OWNER gap_owner", d.name));
	administer(arena_printf(
		a, "ALTER ROLE CURRENT_USER IN DATABASE %s SET search_path = gap", d.name));
	/* A copy does not carry over what 0001_house.sql says about the database itself. */
	administer(arena_printf(a, "REVOKE ALL ON DATABASE %s FROM PUBLIC", d.name));
	administer(
		arena_printf(a, "GRANT CONNECT ON DATABASE %s TO gap_web, gap_worker", d.name));
	administer(arena_printf(a, "GRANT TEMPORARY ON DATABASE %s TO gap_worker", d.name));
	arena_free(&a);
	d.home = arena_new();
	d.super = db_connect(d.home, "postgres");
	d.owner = db_connect(d.home, "gap_owner");
	d.web = db_connect(d.home, "gap_web");
	d.worker = db_connect(d.home, "gap_worker");
	fill();
	return 0;
}

int db_tear_down(void **state)
{
	(void)state;
	arena_free(&d.home);
	db_drop(d.name);
	return 0;
}

int db_begin(void **state)
{
	(void)test_begin(state);
	pg_use(d.super, *state);
	pg_use(d.owner, *state);
	pg_use(d.web, *state);
	pg_use(d.worker, *state);
	return 0;
}

bool db_try_ask(struct pg *db, const char *expression, const char **text_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, ASK, &r, e, PG_TEXT(expression)))
		return false;
	*text_r = pg_text(&r, 0, 0);
	return true;
}

bool db_try_do(struct pg *db, const char *statement, int64_t *touched_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, DO, &r, e, PG_TEXT(statement)))
		return false;
	*touched_r = pg_int(&r, 0, 0);
	return true;
}

const char *db_ask(const char *expression)
{
	struct err e;
	const char *text = NULL;
	assert_ok(db_try_ask(d.super, expression, &text, &e));
	return text;
}

int64_t db_number(const char *expression)
{
	int64_t n = 0;
	const char *text = db_ask(expression);
	if (text == NULL || !str_to_i64(str_of(text), &n))
		fail_msg("%s is no number: %s", expression, text == NULL ? "NULL" : text);
	return n;
}

int64_t db_do(const char *statement)
{
	struct err e;
	int64_t n = 0;
	assert_ok(db_try_do(d.super, statement, &n, &e));
	return n;
}

struct racer {
	const char *role;
	bool (*run)(struct pg *db, int nth, void *user);
	void *user;
	int start[2];
};

/* Never returns: the child must not run the parent's tests or close its connections. */
static void race_in_child(const struct racer *r, int nth)
{
	struct arena *a = arena_new();
	struct pg *db = db_connect(a, r->role);
	char c;
	bool up = pg_ping(db);
	(void)close(r->start[1]);
	(void)!read(r->start[0], &c, 1);
	_exit(!up ? 2 : r->run(db, nth, r->user) ? 1 : 0);
}

int db_race(
	int n, const char *role, bool (*run)(struct pg *db, int nth, void *user), void *user)
{
	struct racer r = {.role = role, .run = run, .user = user};
	pid_t pids[64];
	int won = 0, status;
	assert_int_equal(pipe(r.start), 0);
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			race_in_child(&r, i);
	}
	(void)close(r.start[0]);
	(void)usleep(150 * 1000); /* until most stand at the line */
	(void)close(r.start[1]);
	for (int i = 0; i < n; i++) {
		pid_t got = 0;
		/* Where io/stop's handlers are installed, they do not restart calls. */
		do
			got = waitpid(pids[i], &status, 0);
		while (got < 0 && errno == EINTR);
		assert_int_equal(got, pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		won += WEXITSTATUS(status);
	}
	return won;
}

static void must_deny(struct pg *db, const char *statement, const char *file, int line)
{
	struct err e = {.kind = ERR_NONE};
	int64_t n = 0;
	bool ok = db_try_do(db, statement, &n, &e);
	if (ok || e.kind != ERR_DENIED) {
		print_error("not denied: %s (%s)\n", statement, ok ? "it ran" : e.text);
		_fail(file, line);
	}
}

void db_assert_denied(struct pg *db, const char *statement, const char *file, int line)
{
	struct err e;
	must_deny(db, statement, file, line);
	assert_ok(pg_begin(db, d.org, &e));
	must_deny(db, statement, file, line);
	pg_rollback(db);
}
