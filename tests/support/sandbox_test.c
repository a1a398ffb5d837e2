#include "support/sandbox_test.h"

#include "base/clock.h"
#include "codec/b64.h"
#include "codec/form.h"
#include "codec/hash.h"
#include "io/file.h"
#include "io/pg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 10000, STOP_MS = 15000 };

struct sandbox_test sbx;
static struct arena *home;
static const char *superuser;

/* ---- the program ---- */

static void nap(void)
{
	const struct timespec t = {0, 20 * 1000000};
	(void)nanosleep(&t, NULL);
}

static const char *url_of(const char *database, const char *user)
{
	return arena_printf(home, "%s%sdbname=%s&user=%s", superuser,
		strchr(superuser, '?') == NULL ? "?" : "&", database, user);
}

static void run_sql(const char *url, const char *text)
{
	struct arena *a = arena_new();
	const struct pg_stmt s = {"administer", text, 0, true};
	struct err e;
	if (!pg_exec(pg_new(a, url, "test", &s, 1), 0, NULL, &e))
		die("%s: %s", text, e.text);
	arena_free(&a);
}

const char *sbx_url(void)
{
	return url_of(sbx.database, "gap_sandbox");
}

void sbx_sql(const char *text)
{
	run_sql(url_of(sbx.database, "postgres"), text);
}

static void write_file(const char *name, const char *text)
{
	struct err e;
	if (!file_write(arena_printf(home, "%s/%s", sbx.dir, name), str_of(text), 0600, &e))
		die("%s", e.text);
}

static void make_folder(void)
{
	(void)snprintf(sbx.dir, sizeof sbx.dir, "/tmp/gap-sandbox-XXXXXX");
	if (mkdtemp(sbx.dir) == NULL)
		die("mkdtemp: %s", strerror(errno));
	(void)snprintf(sbx.socket, sizeof sbx.socket, "%s/sandbox.sock", sbx.dir);
	write_file("secret", SBX_SECRET "\n");
	write_file("demo.json",
		"{\"xero\":{\"email\":\"" SBX_EMAIL "\",\"password\":\"" SBX_PASSWORD "\"}}\n");
}

static void set_environment(void)
{
	const char *const settings[][2] = {
		{"GAP_DATABASE_URL", url_of(sbx.database, "gap_sandbox")},
		{"GAP_STATE_DIR", sbx.dir},
		{"GAP_RUN_DIR", sbx.dir},
		{"GAP_SANDBOX_BASE_URL", SBX_ORIGIN},
		{"GAP_SANDBOX_CLIENT_ID", SBX_CLIENT},
		{"GAP_SANDBOX_CLIENT_SECRET_FILE", arena_printf(home, "%s/secret", sbx.dir)},
		{"GAP_SANDBOX_REDIRECT_URI", SBX_BACK},
		{"GAP_SANDBOX_LOGIN_FILE", arena_printf(home, "%s/demo.json", sbx.dir)},
	};
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (setenv(settings[i][0], settings[i][1], 1) != 0)
			die("setenv: %s", strerror(errno));
}

static void start(void)
{
	const char *build = getenv("GAP_BUILD");
	char *program = arena_printf(home, "%s/gap-sandbox", build == NULL ? "build" : build);
	char *const argv[] = {program, NULL};
	const char *log = arena_printf(home, "%s/log", sbx.dir);
	(void)fflush(NULL);
	sbx.parent = fork();
	if (sbx.parent != 0)
		return;
	int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	set_environment();
	/* A test that is killed leaves no server behind. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (fd >= 0 && dup2(fd, STDERR_FILENO) >= 0)
		(void)execv(program, argv);
	_exit(127);
}

static bool is_up(void)
{
	struct arena *a = arena_new();
	struct fcgi_answer r;
	bool up = fcgi_get(a, sbx.socket, "/sandbox/state", NULL, &r) && r.status == 200;
	arena_free(&a);
	return up;
}

int sbx_set_up(void **state)
{
	(void)state;
	home = arena_new();
	superuser = getenv("GAP_TEST_PG");
	if (superuser == NULL)
		die("GAP_TEST_PG must be the address of a PostgreSQL superuser.");
	(void)snprintf(sbx.database, sizeof sbx.database, "gap_sandbox_%d", (int)getpid());
	run_sql(superuser,
		arena_printf(home, "CREATE DATABASE %s TEMPLATE gap_template OWNER gap_owner",
			sbx.database));
	make_folder();
	start();
	for (int64_t until = clock_mono_ms() + START_MS; clock_mono_ms() < until; nap())
		if (is_up())
			return 0;
	return -1;
}

static int stop(void)
{
	int status = -1;
	(void)kill(sbx.parent, SIGTERM);
	for (int64_t until = clock_mono_ms() + STOP_MS; clock_mono_ms() < until; nap())
		if (waitpid(sbx.parent, &status, WNOHANG) == sbx.parent)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	(void)kill(sbx.parent, SIGKILL);
	(void)waitpid(sbx.parent, &status, 0);
	return -1;
}

int sbx_tear_down(void **state)
{
	static const char *const files[] = {"secret", "demo.json", "log", "sandbox.sock"};
	(void)state;
	int status = stop();
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		(void)unlink(arena_printf(home, "%s/%s", sbx.dir, files[i]));
	(void)rmdir(sbx.dir);
	run_sql(superuser, arena_printf(home, "DROP DATABASE %s WITH (FORCE)", sbx.database));
	arena_free(&home);
	return status;
}

int sbx_begin(void **state)
{
	(void)test_begin(state);
	sbx_control(*state, "reset=all");
	return 0;
}

/* ---- controls ---- */

void sbx_control(struct arena *a, const char *form)
{
	struct fcgi_answer r;
	assert_true(fcgi_post(a, sbx.socket, "/sandbox/faults", NULL, form, &r));
	if (r.status != 200)
		fail_msg("%s: %d %s", form, r.status, r.body.p);
}

const struct json *sbx_json(struct arena *a, struct str text)
{
	const struct json *root;
	struct err e;
	if (!json_parse(a, text, &root, &e))
		fail_msg("%s: %s", e.text, text.p);
	return root;
}

int64_t sbx_number(struct arena *a, const char *group, const char *name)
{
	struct fcgi_answer r;
	int64_t n = -1;
	assert_true(fcgi_get(a, sbx.socket, "/sandbox/state", NULL, &r));
	const struct json *in = json_get(sbx_json(a, r.body), group);
	if (json_is_array(in))
		in = json_at(in, 0);
	if (!json_int(json_get(in, name), &n))
		fail_msg("no number %s.%s in %s", group, name, r.body.p);
	return n;
}

/* ---- a person with a browser ---- */

static void keep_cookie(struct arena *a, struct sbx_browser *b, const struct fcgi_answer *r)
{
	const char *value = fcgi_answer_cookie(a, r, "__Host-sandbox-8444");
	if (value != NULL)
		b->cookie = arena_printf(a, "__Host-sandbox-8444=%s", value);
}

struct fcgi_answer sbx_browse(struct arena *a, struct sbx_browser *b, const char *uri)
{
	const char *const params[] = {"HTTP_COOKIE", b->cookie == NULL ? "-" : b->cookie, NULL};
	struct fcgi_answer r;
	if (str_starts(str_of(uri), SBX_ORIGIN))
		uri += strlen(SBX_ORIGIN);
	assert_true(fcgi_get(a, sbx.socket, uri, params, &r));
	assert_true(r.complete);
	keep_cookie(a, b, &r);
	return r;
}

struct fcgi_answer sbx_submit(
	struct arena *a, struct sbx_browser *b, const char *uri, const char *form)
{
	const char *const params[] = {"HTTP_COOKIE", b->cookie == NULL ? "-" : b->cookie,
		"HTTP_ORIGIN", SBX_ORIGIN, "HTTP_SEC_FETCH_SITE", "same-origin", NULL};
	struct fcgi_answer r;
	assert_true(fcgi_post(a, sbx.socket, uri, params, form, &r));
	assert_true(r.complete);
	keep_cookie(a, b, &r);
	return r;
}

const char *sbx_challenge(struct arena *a, const char *verifier)
{
	unsigned char sum[HASH_BYTES];
	hash_sha256(verifier, strlen(verifier), sum);
	return b64url_encode(a, sum, sizeof sum);
}

const char *sbx_authorize_uri(struct arena *a, const char *scope, const char *challenge)
{
	struct buf q;
	buf_init(&q, a, 4096);
	form_add(&q, "response_type", "code");
	form_add(&q, "client_id", SBX_CLIENT);
	form_add(&q, "redirect_uri", SBX_BACK);
	form_add(&q, "scope", scope);
	form_add(&q, "state", "the state & more");
	form_add(&q, "nonce", "the-nonce");
	if (challenge != NULL) {
		form_add(&q, "code_challenge", challenge);
		form_add(&q, "code_challenge_method", "S256");
	}
	return arena_printf(a, "/identity/connect/authorize?%s", q.data);
}

const char *sbx_hidden(struct arena *a, const struct fcgi_answer *page, const char *name)
{
	const char *mark = arena_printf(a, "name=\"%s\" value=\"", name);
	const char *at = strstr(page->body.p, mark);
	if (at == NULL)
		fail_msg("no hidden field %s in %s", name, page->body.p);
	at += strlen(mark);
	return arena_strndup(a, at, strcspn(at, "\""));
}

static const char *with_hidden(
	struct arena *a, const struct fcgi_answer *page, const char *more)
{
	return arena_printf(a, "csrf=%s&attempt=%s&%s", sbx_hidden(a, page, "csrf"),
		sbx_hidden(a, page, "attempt"), more);
}

const char *sbx_location(struct arena *a, const struct fcgi_answer *r)
{
	const char *to = fcgi_answer_header(a, r, "Location");
	if (to == NULL)
		fail_msg("%d and no Location: %s", r->status, r->body.p);
	return to;
}

void sbx_has(const struct fcgi_answer *r, const char *words)
{
	if (strstr(r->body.p, words) == NULL)
		fail_msg("\"%s\" is not in %s", words, r->body.p);
}

struct fcgi_answer sbx_consent_page(struct arena *a, struct sbx_browser *b, const char *uri)
{
	struct fcgi_answer r = sbx_browse(a, b, uri);
	assert_int_equal(r.status, 303);
	r = sbx_browse(a, b, sbx_location(a, &r));
	if (r.status == 303)
		return sbx_browse(a, b, sbx_location(a, &r));
	if (strstr(r.body.p, "name=\"password\"") == NULL)
		return r;
	r = sbx_submit(a, b, "/identity/login",
		with_hidden(a, &r,
			arena_printf(a,
				"email=robin%%40example.com&password=correct+horse+battery&person=%s",
				b->who == NULL ? "" : b->who)));
	assert_int_equal(r.status, 303);
	return sbx_browse(a, b, sbx_location(a, &r));
}

struct fcgi_answer sbx_allow(struct arena *a, struct sbx_browser *b,
	const struct fcgi_answer *page, const char *practice)
{
	return sbx_submit(a, b, "/identity/consent",
		with_hidden(a, page, arena_printf(a, "answer=allow&practice=%s", practice)));
}

const char *sbx_param(struct arena *a, const char *address, const char *name)
{
	struct str path, query;
	struct form form;
	struct err e;
	bool twice;
	if (!str_cut(str_of(address), '?', &path, &query) || !form_parse(a, query, &form, &e))
		return NULL;
	return form_get(&form, name, &twice);
}

/* ---- the app ---- */

struct fcgi_answer sbx_token(struct arena *a, const char *form)
{
	const char *pair = SBX_CLIENT ":" SBX_SECRET;
	const char *const params[] = {"HTTP_AUTHORIZATION",
		arena_printf(a, "Basic %s", b64_encode(a, pair, strlen(pair))), NULL};
	struct fcgi_answer r;
	assert_true(fcgi_post(a, sbx.socket, "/connect/token", params, form, &r));
	return r;
}

struct sbx_tokens sbx_tokens_of(struct arena *a, const char *form)
{
	struct fcgi_answer r = sbx_token(a, form);
	if (r.status != 200)
		fail_msg("token: %d %s", r.status, r.body.p);
	const struct json *root = sbx_json(a, r.body);
	struct sbx_tokens t = {.access = json_text(json_get(root, "access_token")),
		.refresh = json_text(json_get(root, "refresh_token")),
		.id = json_text(json_get(root, "id_token")),
		.scope = json_text(json_get(root, "scope")),
		.expires_in = -1};
	assert_string_equal(json_text(json_get(root, "token_type")), "Bearer");
	(void)json_int(json_get(root, "expires_in"), &t.expires_in);
	return t;
}

struct sbx_tokens sbx_refresh(struct arena *a, const char *refresh_token)
{
	return sbx_tokens_of(
		a, arena_printf(a, "grant_type=refresh_token&refresh_token=%s", refresh_token));
}

struct sbx_tokens sbx_connect(struct arena *a, const char *scope, const char *practice)
{
	struct sbx_browser b = {NULL, NULL};
	return sbx_connect_in(a, &b, scope, practice);
}

struct sbx_tokens sbx_connect_in(
	struct arena *a, struct sbx_browser *b, const char *scope, const char *practice)
{
	struct buf form;
	struct fcgi_answer r = sbx_consent_page(
		a, b, sbx_authorize_uri(a, scope, sbx_challenge(a, SBX_VERIFIER)));
	r = sbx_allow(a, b, &r, practice);
	buf_init(&form, a, 4096);
	form_add(&form, "grant_type", "authorization_code");
	form_add(&form, "code", sbx_param(a, sbx_location(a, &r), "code"));
	form_add(&form, "redirect_uri", SBX_BACK);
	form_add(&form, "code_verifier", SBX_VERIFIER);
	return sbx_tokens_of(a, form.data);
}

struct fcgi_answer sbx_call(struct arena *a, const char *method, const char *uri,
	const char *access, const char *tenant, const char *const *extra)
{
	const char *params[12] = {"HTTP_AUTHORIZATION",
		access == NULL ? "-" : arena_printf(a, "Bearer %s", access),
		"HTTP_XERO_TENANT_ID", tenant == NULL ? "-" : tenant, NULL};
	for (size_t i = 0; extra != NULL && extra[i] != NULL; i++)
		params[4 + i] = extra[i];
	const struct fcgi_ask ask = {method, uri, params, STR("")};
	struct fcgi_answer r;
	assert_true(fcgi_ask(a, sbx.socket, &ask, &r));
	return r;
}

const char *sbx_tenant(struct arena *a, const char *access)
{
	struct fcgi_answer r = sbx_call(a, "GET", "/connections", access, NULL, NULL);
	const struct json *root = sbx_json(a, r.body);
	for (size_t i = 0; i < json_len(root); i++) {
		const struct json *one = json_at(root, i);
		if (str_is(str_of(json_text(json_get(one, "tenantType"))), "PRACTICEMANAGER"))
			return json_text(json_get(one, "tenantId"));
	}
	fail_msg("no practice in %s", r.body.p);
	return NULL;
}
