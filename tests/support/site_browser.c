#include "support/site_test.h"

#include "codec/b64.h"
#include "codec/form.h"
#include "core/session.h"

#include <unistd.h>

enum { PAGE_MAX = 4 * 1024 * 1024 };

static const char *header_of(const struct fcgi_answer *r, const char *name)
{
	const char *value = fcgi_answer_header(site.arena, r, name);
	return value == NULL ? "" : value;
}

static const char *words_of(const struct fcgi_answer *r)
{
	return str_dup(site.arena, str_sub(r->body, 0, 6000));
}

/* One header of that name, which holds the text. */
static void judge_header(
	const struct fcgi_answer *r, const char *uri, const char *name, const char *holds)
{
	if (fcgi_answer_count(r, name) != 1 || strstr(header_of(r, name), holds) == NULL)
		fail_msg("%s: %s should stand once and hold \"%s\":\n%s", uri, name, holds,
			r->head);
}

static void judge_csp(const struct fcgi_answer *r, const char *uri)
{
	static const char *const parts[] = {"default-src 'none'", "script-src 'self';",
		"style-src 'self';", "connect-src 'self';", "img-src 'self' data:;",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
		"object-src 'none'"};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		judge_header(r, uri, "Content-Security-Policy", parts[i]);
	assert_null(strstr(header_of(r, "Content-Security-Policy"), "unsafe"));
	assert_null(strstr(header_of(r, "Content-Security-Policy"), "*;"));
}

static void judge_headers(const struct fcgi_answer *r, const char *uri)
{
	static const char *const rules[][2] = {
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy", "camera=()"},
		{"Cache-Control", "no-store"},
	};
	/* A picture that somebody sent has no words; whatever it is, it runs nothing. */
	if (strncmp(header_of(r, "Content-Type"), "image/", 6) == 0)
		judge_header(r, uri, "Content-Security-Policy", "; sandbox");
	else
		judge_header(r, uri, "Content-Type", "charset=utf-8");
	judge_csp(r, uri);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		judge_header(r, uri, rules[i][0], rules[i][1]);
	assert_int_equal(fcgi_answer_count(r, "Access-Control-Allow-Origin"), 0);
	assert_int_equal(fcgi_answer_count(r, "ETag"), 0);
	assert_int_equal(fcgi_answer_count(r, "Server"), 0);
	assert_int_equal(fcgi_answer_count(r, "X-Powered-By"), 0);
}

static void judge_cookie(const struct fcgi_answer *r, const char *uri)
{
	static const char *const parts[] = {
		SITE_COOKIE "=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"};
	if (fcgi_answer_count(r, "Set-Cookie") == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		judge_header(r, uri, "Set-Cookie", parts[i]);
	assert_null(strstr(header_of(r, "Set-Cookie"), "Domain"));
	assert_true(strlen(header_of(r, "Set-Cookie")) < 4096);
}

/* Local, or to Xero and nowhere else; see other, and nothing to see here. */
static void judge_redirect(const struct fcgi_answer *r, const char *uri)
{
	const char *to = header_of(r, "Location");
	bool local = to[0] == '/' && to[1] != '/' && to[1] != '\\';
	if (r->status < 300 || r->status > 399) {
		assert_string_equal(to, "");
		return;
	}
	if (r->status != 303 || r->body.n != 0 ||
		(!local && strncmp(to, SITE_AUTHORIZE "?", strlen(SITE_AUTHORIZE) + 1) != 0))
		fail_msg("%s: a bad redirect:\n%s", uri, r->head);
}

/* cmocka cuts long messages: what is long goes out beside it. */
static const char *last_words(void)
{
	const char *log = site_log();
	size_t n = strlen(log);
	return n > 3000 ? log + n - 3000 : log;
}

static void judge(const struct browser *b, const char *uri, const struct fcgi_answer *r)
{
	if (!r->complete)
		fail_msg("%s: the answer was cut off", uri);
	if (r->status >= 500 && !site.may_fail) {
		(void)fprintf(stderr, "%s: %d\n%s\n", uri, r->status, last_words());
		fail_msg("%s: %d", uri, r->status);
	}
	judge_headers(r, uri);
	judge_cookie(r, uri);
	judge_redirect(r, uri);
	if (b->cookie[0] != '\0') {
		assert_null(strstr(r->body.p, b->cookie));
		assert_null(strstr(header_of(r, "Location"), b->cookie));
	}
}

static void take_cookie(struct browser *b, const struct fcgi_answer *r)
{
	const char *value = fcgi_answer_cookie(site.arena, r, SITE_COOKIE);
	struct session_token t;
	char *csrf;
	struct err e;
	if (value == NULL)
		return;
	(void)snprintf(b->cookie, sizeof b->cookie, "%s", value);
	b->csrf[0] = '\0';
	if (value[0] == '\0')
		return;
	site_keep_out(value);
	/* What the next page would bring: the forms of the one before died with its token. */
	if (!session_token_read(site.arena, value, &t) || !csrf_make(site.arena, &t, &csrf, &e))
		die("that is no session token: %s", value);
	(void)snprintf(b->csrf, sizeof b->csrf, "%s", csrf);
}

static bool is_auth(const char *method, const char *uri)
{
	struct str path = str_of(uri), query;
	(void)str_cut(path, '?', &path, &query);
	return strcmp(method, "POST") == 0 &&
	       (str_is(path, "/login") || str_is(path, "/confirm") ||
		       str_is(path, "/profile/password") || str_starts(path, "/password/") ||
		       str_starts(path, "/invite/"));
}

enum { PARAMS_MAX = 64 };

static struct fcgi_ask ask_of(const struct browser *b, const char *method, const char *uri,
	const char *const *params, struct str body)
{
	const char **all = arena_array(site.arena, const char *, PARAMS_MAX);
	size_t n = 0;
	all[n++] = "REMOTE_ADDR";
	all[n++] = b->peer == NULL ? SITE_FAR_AWAY : b->peer;
	for (; params != NULL && *params != NULL && n < PARAMS_MAX - 3; params++)
		all[n++] = *params;
	all[n++] = "HTTP_COOKIE";
	all[n++] = b->cookie[0] == '\0'
			   ? ""
			   : arena_printf(site.arena, "other=1; %s=%s", SITE_COOKIE, b->cookie);
	return (struct fcgi_ask){method, uri, all, body};
}

static const char *socket_for(const char *method, const char *uri)
{
	return is_auth(method, uri) ? site.auth_socket : site.socket;
}

static void take_answer(struct browser *b, const char *uri, const struct fcgi_answer *r)
{
	judge(b, uri, r);
	take_cookie(b, r);
	const char *csrf = answer_input(r, "csrf");
	if (csrf != NULL)
		(void)snprintf(b->csrf, sizeof b->csrf, "%s", csrf);
}

struct fcgi_answer browser_ask(struct browser *b, const char *method, const char *uri,
	const char *const *params, struct str body)
{
	struct fcgi_answer r;
	const struct fcgi_ask ask = ask_of(b, method, uri, params, body);
	if (!fcgi_ask(site.arena, socket_for(method, uri), &ask, &r))
		fail_msg("%s %s: no answer", method, uri);
	take_answer(b, uri, &r);
	return r;
}

static const char *with_token(const struct browser *b, const char *form)
{
	if (b->csrf[0] == '\0')
		return form;
	return arena_printf(
		site.arena, "csrf=%s%s%s", b->csrf, form[0] == '\0' ? "" : "&", form);
}

static int send_one(
	const struct browser *b, const char *method, const char *uri, const char *form)
{
	struct buf out;
	const char *body = strcmp(method, "POST") == 0 ? with_token(b, form) : "";
	const struct fcgi_ask ask = ask_of(b, method, uri, NULL, str_of(body));
	buf_init(&out, site.arena, PAGE_MAX);
	fcgi_client_request(&out, &ask);
	int fd = fcgi_client_connect(socket_for(method, uri));
	assert_true(fd >= 0 && fcgi_client_send(fd, buf_str(&out)));
	return fd;
}

/*
 * The queue of the log-in socket holds no more connections (20); the child that has answered
 * waits for us to hang up.
 */
enum { AUTH_QUEUE = 20 };

void ask_at_once(struct browser *b, size_t n, const char *method, const char *uri,
	const char *form, struct fcgi_answer *answers_r)
{
	int *fds = arena_array(site.arena, int, n);
	size_t ahead = is_auth(method, uri) && n > AUTH_QUEUE ? AUTH_QUEUE : n;
	for (size_t sent = 0, read = 0; read < n;) {
		if (sent < n && sent - read < ahead) {
			fds[sent] = send_one(&b[sent], method, uri, form);
			sent++;
			continue;
		}
		if (!fcgi_client_receive(site.arena, fds[read], &answers_r[read]))
			fail_msg("%s %s: no answer", method, uri);
		(void)close(fds[read]);
		take_answer(&b[read], uri, &answers_r[read]);
		read++;
	}
}

struct fcgi_answer browse(struct browser *b, const char *uri)
{
	return browser_ask(b, "GET", uri, NULL, STR(""));
}

struct fcgi_answer submit(struct browser *b, const char *uri, const char *form)
{
	return browser_ask(b, "POST", uri, NULL, str_of(with_token(b, form)));
}

void browser_to_challenge(struct browser *b, const struct person *p)
{
	sql_do("DELETE FROM throttle");
	assert_goes(submit(b, "/login",
			    form_of("email", p->email, "password", SITE_PASSWORD, NULL)),
		"/login/mfa");
	assert_status(browse(b, "/login/mfa"), 200);
}

void browser_enter(struct browser *b, const struct person *p, int level)
{
	struct session_token t;
	char *csrf;
	struct err e;
	if (!session_token_new(site.arena, &t, &e) || !csrf_make(site.arena, &t, &csrf, &e))
		die("%s", e.text);
	sql_do("INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer, user_agent)"
	       " VALUES ('\\x%s', %lld, %lld, %d, now() + interval '%s', '" SITE_FAR_AWAY
	       "', 'test')",
		hex_encode(site.arena, t.hash, sizeof t.hash), (long long)p->org_id,
		(long long)p->user_id, level, level == 1 ? "10 minutes" : "12 hours");
	(void)snprintf(b->cookie, sizeof b->cookie, "%s", secret_open(t.text).p);
	(void)snprintf(b->csrf, sizeof b->csrf, "%s", csrf);
	site_keep_out(b->cookie);
}

const char *browser_session(const struct browser *b)
{
	unsigned char hash[HASH_BYTES];
	hash_sha256(b->cookie, strlen(b->cookie), hash);
	return arena_printf(
		site.arena, "token_hash = '\\x%s'", hex_encode(site.arena, hash, sizeof hash));
}

void browser_log_in(struct browser *b, const struct person *p)
{
	struct fcgi_answer r = submit(b, "/login",
		form_of("email", p->email, "password", SITE_PASSWORD, "next", "", NULL));
	assert_status(r, 303);
	if (p->key == NULL)
		return;
	assert_goes(r, "/login/mfa");
	r = browse(b, "/login/mfa");
	assert_status(r, 200);
	assert_status(submit(b, "/login/mfa", form_of("code", person_code(p, 0), NULL)), 303);
}

const char *form_of(const char *name, ...)
{
	struct buf b;
	va_list args;
	buf_init(&b, site.arena, PAGE_MAX);
	va_start(args, name);
	for (; name != NULL; name = va_arg(args, const char *))
		form_add(&b, name, va_arg(args, const char *));
	va_end(args);
	return b.data;
}

const char *answer_location(const struct fcgi_answer *r)
{
	return header_of(r, "Location");
}

static const char *unescaped(struct str s)
{
	static const char *const pairs[][2] = {
		{"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
	struct buf b;
	buf_init(&b, site.arena, PAGE_MAX);
	for (size_t i = 0; i < s.n;) {
		size_t k = 0;
		while (k < ARRAY_LEN(pairs) && !str_starts(str_sub(s, i, 5), pairs[k][0]))
			k++;
		if (k < ARRAY_LEN(pairs)) {
			buf_adds(&b, pairs[k][1]);
			i += strlen(pairs[k][0]);
		} else
			buf_addc(&b, s.p[i++]);
	}
	return b.data;
}

const char *answer_input(const struct fcgi_answer *r, const char *name)
{
	const char *at = strstr(r->body.p, arena_printf(site.arena, "name=\"%s\"", name));
	const char *end = at == NULL ? NULL : strchr(at, '>');
	const char *value = at == NULL ? NULL : strstr(at, " value=\"");
	if (value == NULL || end == NULL || value > end)
		return NULL;
	value += strlen(" value=\"");
	const char *close = strchr(value, '"');
	return close == NULL ? NULL : unescaped((struct str){value, (size_t)(close - value)});
}

/* Does this tag begin a new line, or at least a new word? */
static bool parts_words(const char *tag)
{
	static const char *const inside[] = {
		"a", "bdi", "strong", "span", "time", "code", "em", "wbr"};
	if (*tag == '/')
		tag++;
	size_t n = strcspn(tag, " />");
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		if (strlen(inside[i]) == n && strncmp(inside[i], tag, n) == 0)
			return false;
	return true;
}

const char *answer_words(const struct fcgi_answer *r)
{
	struct buf b;
	buf_init(&b, site.arena, PAGE_MAX);
	for (const char *p = r->body.p; *p != '\0'; p++) {
		bool blank = strchr(" \t\r\n", *p) != NULL;
		if (*p == '<') {
			blank = parts_words(p + 1);
			p += strcspn(p, ">");
			if (*p == '\0')
				break;
			if (!blank)
				continue;
		}
		if (!blank)
			buf_addc(&b, *p);
		else if (b.len > 0 && b.data[b.len - 1] != ' ')
			buf_addc(&b, ' ');
	}
	return unescaped(buf_str(&b));
}

bool answer_holds(const struct fcgi_answer *r, const char *text)
{
	return strstr(r->body.p, text) != NULL || strstr(answer_words(r), text) != NULL;
}

void assert_status_at(struct fcgi_answer r, int status, const char *file, int line)
{
	if (r.status == status)
		return;
	(void)fprintf(stderr, "status %d instead of %d:\n%s\n%s\n", r.status, status, r.head,
		words_of(&r));
	_fail(file, line);
}

void assert_holds_at(
	struct fcgi_answer r, const char *text, bool want, const char *file, int line)
{
	if (answer_holds(&r, text) == want)
		return;
	(void)fprintf(stderr, "%s \"%s\" in:\n%s\n", want ? "no" : "there is", text,
		str_dup(site.arena, str_sub(str_of(answer_words(&r)), 0, 3000)));
	_fail(file, line);
}

void assert_goes_at(struct fcgi_answer r, const char *location, const char *file, int line)
{
	assert_status_at(r, 303, file, line);
	if (strcmp(answer_location(&r), location) == 0 && r.body.n == 0)
		return;
	print_error("goes to \"%s\" instead of \"%s\"\n", answer_location(&r), location);
	_fail(file, line);
}
