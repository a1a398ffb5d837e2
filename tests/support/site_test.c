#include "support/site_test.h"

#include "base/clock.h"
#include "io/file.h"
#include "io/pg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOG_MAX = 64 * 1024 * 1024, KEPT_OUT_MAX = 64 * 1024, SQL_MAX = 256 * 1024 };
enum { S_VALUE, S_RUN, S_STATE, S__MAX };

static const struct pg_stmt statements[S__MAX] = {
	[S_VALUE] = {"value", "SELECT test.value($1)", 1, true},
	[S_RUN] = {"run", "SELECT test.run($1)", 1, true},
	[S_STATE] = {"state", "SELECT test.state($1::text::bigint[])", 1, false},
};

/* Free text needs a function around it: io/pg takes statements by number only. */
static const char functions[] =
	"CREATE SCHEMA test;"
	"CREATE FUNCTION test.value(q text) RETURNS text LANGUAGE plpgsql SET search_path = gap AS"
	" $$DECLARE r text; BEGIN EXECUTE q INTO r; RETURN r; END$$;"
	"CREATE FUNCTION test.run(q text) RETURNS void LANGUAGE plpgsql SET search_path = gap AS"
	" $$BEGIN EXECUTE q; END$$;"
	/* Made of the tables there are; its plan is then kept, so that it may be asked often. */
	"DO $do$DECLARE q text; BEGIN"
	" SELECT string_agg(format('SELECT %L || string_agg(t::text, '';'' ORDER BY t::text) AS x"
	"   FROM %I t WHERE org_id = ANY(orgs)', c.relname, c.relname), ' UNION ALL ') INTO q"
	"  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
	"  WHERE c.relnamespace = 'gap'::regnamespace AND c.relkind = 'r' AND a.attname = 'org_id'"
	"  AND c.relname NOT IN ('session', 'client_look', 'audit_event', 'audit_head');"
	" EXECUTE format('CREATE FUNCTION test.state(orgs bigint[]) RETURNS text LANGUAGE plpgsql SET"
	"   search_path = gap AS $f$BEGIN RETURN (SELECT md5(string_agg(x, ''|'' ORDER BY x))"
	"   FROM (%s) all_of_it); END$f$', q);"
	"END$do$;";

struct site_test site;

/* The program's own, beside what a test may touch. */
static struct {
	struct arena *arena;
	struct pg *db;
	const char *superuser;
	const char *kept_out[KEPT_OUT_MAX];
	size_t n_kept_out;
	pid_t holder;
	bool ended_well;
} own;

static void nap_ms(int ms)
{
	const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	(void)nanosleep(&t, NULL);
}

static const char *url_of(const char *superuser, const char *database, const char *user)
{
	return arena_printf(own.arena, "%s%sdbname=%s&user=%s", superuser,
		strchr(superuser, '?') == NULL ? "?" : "&", database, user);
}

static void administer(const char *text)
{
	struct arena *a = arena_new();
	const struct pg_stmt s = {"administer", text, 0, true};
	struct err e;
	if (!pg_exec(pg_new(a, own.superuser, "test-site", &s, 1), 0, NULL, &e))
		die("%s: %s", text, e.text);
	arena_free(&a);
}

/*
 * What a test writes past the policies, in no organisation, raises no data version, and pages that are
 * kept by version would not show it: here it counts as a change of every organisation.
 */
static const char versions[] =
	"CREATE FUNCTION test.changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
	"BEGIN UPDATE gap.organisation SET data_version = data_version + 1 WHERE gap.current_org() IS NULL;"
	" RETURN NULL; END$$;"
	"CREATE TRIGGER test_changed AFTER INSERT OR UPDATE OR DELETE ON gap.client EXECUTE FUNCTION test.changed();"
	"CREATE TRIGGER test_changed AFTER INSERT OR UPDATE OR DELETE ON gap.contact EXECUTE FUNCTION test.changed();"
	"CREATE TRIGGER test_changed AFTER INSERT OR UPDATE OR DELETE ON gap.client_contact EXECUTE FUNCTION test.changed();";

static void make_database(void)
{
	struct err e;
	(void)snprintf(site.database, sizeof site.database, "gap_site_%d", (int)getpid());
	administer(arena_printf(own.arena,
		"CREATE DATABASE %s TEMPLATE gap_template OWNER gap_owner", site.database));
	own.db = pg_new(own.arena, url_of(own.superuser, site.database, "postgres"),
		"test-site", statements, S__MAX);
	if (!pg_begin(own.db, 0, &e) || !pg_script(own.db, functions, &e) ||
		!pg_script(own.db, versions, &e) || !pg_commit(own.db, &e))
		die("%s", e.text);
}

static void make_folder(void)
{
	struct secret *line;
	struct err e;
	(void)snprintf(site.dir, sizeof site.dir, "/tmp/gap-site-XXXXXX");
	if (mkdtemp(site.dir) == NULL)
		die("mkdtemp: %s", strerror(errno));
	(void)snprintf(site.socket, sizeof site.socket, "%s/web.sock", site.dir);
	(void)snprintf(site.auth_socket, sizeof site.auth_socket, "%s/auth.sock", site.dir);
	(void)snprintf(site.log, sizeof site.log, "%s/log", site.dir);
	if (!seal_key_line(own.arena, NULL, &line, &e) ||
		!file_write(arena_printf(own.arena, "%s/totp.key", site.dir), secret_open(line),
			0600, &e) ||
		!seal_keys_parse(own.arena, secret_open(line), &site.totp_keys, &e))
		die("%s", e.text);
}

static void set_environment(void)
{
	const char *const settings[][2] = {
		{"GAP_DATABASE_URL", url_of(own.superuser, site.database, "gap_web")},
		{"GAP_STATE_DIR", site.dir},
		{"GAP_RUN_DIR", site.dir},
		{"GAP_TOTP_KEY_FILE", arena_printf(own.arena, "%s/totp.key", site.dir)},
		{"GAP_BASE_URL", SITE_ORIGIN},
		{"GAP_WEB_PROCESSES", "4"},
		{"GAP_LOG_LEVEL", "debug"},
		{"XERO_CLIENT_ID", SITE_XERO_ID},
		{"XERO_AUTHORIZE_URL", SITE_AUTHORIZE},
		{"XERO_ISSUER", "https://127.0.0.1:8444"},
#ifdef __SANITIZE_ADDRESS__
		/* The leak check at the end of a process does what the filter forbids. */
		{"GAP_SECCOMP", "off"},
#endif
	};
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (setenv(settings[i][0], settings[i][1], 1) != 0)
			die("setenv: %s", strerror(errno));
}

static void start(void)
{
	const char *build = getenv("GAP_BUILD");
	char *program = arena_printf(own.arena, "%s/gap-web", build == NULL ? "build" : build);
	char *const argv[] = {program, NULL};
	(void)fflush(NULL);
	site.parent = fork();
	if (site.parent < 0)
		die("fork: %s", strerror(errno));
	if (site.parent > 0)
		return;
	int fd = open(site.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	set_environment();
	/* A test that is killed leaves no server behind. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (fd >= 0 && dup2(fd, STDERR_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
		(void)execv(program, argv);
	_exit(127);
}

static bool answers(const char *socket_path)
{
	struct arena *a = arena_new();
	struct fcgi_answer r;
	bool ok = fcgi_get(a, socket_path, "/healthz", NULL, &r) && r.status == 200;
	arena_free(&a);
	return ok;
}

int site_begin_on(const char *superuser_url)
{
	own.arena = arena_new();
	own.superuser = superuser_url;
	make_folder();
	make_database();
	site_keep_out(SITE_PASSWORD);
	start();
	for (int i = 0; i < 500; i++) {
		if (answers(site.socket) && answers(site.auth_socket))
			return 0;
		if (waitpid(site.parent, NULL, WNOHANG) != 0)
			break;
		nap_ms(20);
	}
	print_error("gap-web did not start: %s\n", site_log());
	return -1;
}

int site_begin(void **state)
{
	(void)state;
	const char *superuser = getenv("GAP_TEST_PG");
	if (superuser == NULL)
		die("GAP_TEST_PG must be the address of a PostgreSQL superuser.");
	return site_begin_on(superuser);
}

/* TERM, and the exit status; -1 when it did not end in order. */
static int stop(void)
{
	int status = 0;
	(void)kill(site.parent, SIGTERM);
	for (int i = 0; i < 1200; i++) {
		if (waitpid(site.parent, &status, WNOHANG) != 0)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		nap_ms(10);
	}
	(void)kill(site.parent, SIGKILL);
	(void)waitpid(site.parent, &status, 0);
	return -1;
}

const char *site_log(void)
{
	struct str text = STR("");
	struct err e;
	if (!file_read(own.arena, site.log, LOG_MAX, &text, &e))
		return "";
	/* A NUL in it would hide the rest. */
	char *copy = arena_strndup(own.arena, text.p, text.n);
	for (size_t i = 0; i < text.n; i++)
		if (copy[i] == '\0')
			copy[i] = '?';
	return copy;
}

void site_keep_out(const char *text)
{
	if (strlen(text) < 6 || own.n_kept_out == KEPT_OUT_MAX)
		die("site_keep_out: too short a text, or too many of them");
	own.kept_out[own.n_kept_out++] = arena_strdup(own.arena, text);
}

static int judge_log(void)
{
	const char *log = site_log();
	int found = 0;
	for (size_t i = 0; i < own.n_kept_out; i++) {
		if (strstr(log, own.kept_out[i]) == NULL)
			continue;
		print_error("gap-web logged what must stay secret: %s\n", own.kept_out[i]);
		found++;
	}
	const char *const alarms[] = {
		"Sanitizer", "runtime error:", "\"event\":\"bug\"", "prefork.child_ended"};
	for (size_t i = 0; i < ARRAY_LEN(alarms); i++) {
		const char *at = strstr(log, alarms[i]);
		if (at == NULL)
			continue;
		print_error("gap-web logged: %.2000s\n", at);
		found++;
	}
	return found;
}

int site_end(void **state)
{
	(void)state;
	const char *const files[] = {"web.sock", "auth.sock", "log", "totp.key"};
	/* Never begun: 0 would be our whole group. */
	if (site.parent <= 0)
		return -1;
	int status = stop();
	int found = judge_log();
	if (status != 0)
		print_error("gap-web ended with status %d: %s\n", status, site_log());
	pg_reset(own.db);
	administer(arena_printf(own.arena, "DROP DATABASE %s WITH (FORCE)", site.database));
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		(void)unlink(arena_printf(own.arena, "%s/%s", site.dir, files[i]));
	if (rmdir(site.dir) != 0) {
		print_error("gap-web left something in %s\n", site.dir);
		found++;
	}
	arena_free(&own.arena);
	own.ended_well = status == 0 && found == 0;
	return own.ended_well ? 0 : -1;
}

int site_verdict(int failed)
{
	return failed != 0 || !own.ended_well ? 1 : 0;
}

static void hold(int ms, const char *query, int ready_fd)
{
	struct arena *a = arena_new();
	struct pg *db = pg_new(a, url_of(own.superuser, site.database, "postgres"), "test-hold",
		statements, S__MAX);
	struct pg_rows r;
	struct err e;
	if (!pg_begin(db, 0, &e) || !pg_query(db, S_VALUE, &r, &e, PG_TEXT(query)) ||
		write(ready_fd, "x", 1) != 1)
		_exit(1);
	nap_ms(ms);
	/* The server lets go when the connection ends. */
	_exit(0);
}

static void end_hold(void)
{
	int status = 0;
	if (own.holder > 0 && (waitpid(own.holder, &status, 0) != own.holder || status != 0))
		die("the lock was not held");
	own.holder = 0;
}

void sql_hold(int ms, const char *query)
{
	int fds[2];
	char ready;
	end_hold();
	if (pipe2(fds, O_CLOEXEC) != 0)
		die("pipe: %s", strerror(errno));
	(void)fflush(NULL);
	own.holder = fork();
	if (own.holder == 0)
		hold(ms, query, fds[1]);
	(void)close(fds[1]);
	if (own.holder < 0 || read(fds[0], &ready, 1) != 1)
		die("%s: cannot be held", query);
	(void)close(fds[0]);
}

bool site_is_long(void)
{
	const char *longer = getenv("LONG");
	return longer != NULL && strcmp(longer, "1") == 0;
}

int site_race_rounds(void)
{
	return site_is_long() ? 100 : 10;
}

int site_test_begin(void **state)
{
	site.arena = arena_new();
	site.may_fail = false;
	*state = site.arena;
	pg_use(own.db, site.arena);
	sql_do("DELETE FROM throttle");
	return 0;
}

int site_test_end(void **state)
{
	(void)state;
	end_hold();
	arena_free(&site.arena);
	return 0;
}

static const char *ask_sql(int stmt, const char *fmt, va_list args)
{
	char *text = arena_alloc(site.arena, SQL_MAX);
	struct pg_rows r;
	struct err e;
	int n = vsnprintf(text, SQL_MAX, fmt, args);
	if (n < 0 || n >= SQL_MAX)
		die("sql: too long");
	if (!pg_query(own.db, stmt, &r, &e, PG_TEXT(text)))
		die("%s: %s", text, e.text);
	return pg_text(&r, 0, 0);
}

void sql_do(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	(void)ask_sql(S_RUN, fmt, args);
	va_end(args);
}

const char *sql_text(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *text = ask_sql(S_VALUE, fmt, args);
	va_end(args);
	return text;
}

int64_t sql_int(const char *fmt, ...)
{
	va_list args;
	int64_t n = 0;
	va_start(args, fmt);
	const char *text = ask_sql(S_VALUE, fmt, args);
	va_end(args);
	if (text != NULL && !str_to_i64(str_of(text), &n))
		die("sql_int: %s is no number", text);
	return n;
}

const char *sql_state_of(int64_t org_id, int64_t another)
{
	struct pg_rows r;
	struct err e;
	const char *both =
		arena_printf(site.arena, "{%lld,%lld}", (long long)org_id, (long long)another);
	if (!pg_query(own.db, S_STATE, &r, &e, PG_TEXT(both)))
		die("%s", e.text);
	return pg_text(&r, 0, 0);
}

void sql_reconnect(void)
{
	pg_reset(own.db);
}

const char *sql_quoted(const char *text)
{
	struct buf b;
	buf_init(&b, site.arena, SQL_MAX);
	buf_addc(&b, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_addc(&b, '\'');
		buf_addc(&b, *text);
	}
	buf_addc(&b, '\'');
	return b.data;
}
