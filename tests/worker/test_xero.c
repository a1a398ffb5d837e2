/* xpm/ over real TLS: what is asked, and what is made of every kind of answer. */
#include "support/tls_server.h"
#include "unit/test.h"

#include "base/log.h"
#include "xpm/api.h"
#include "xpm/parse.h"

/* What the server says next; set before it starts, since it is a process of its own. */
static const char *say;
static bool vanish;

static void talk(struct tls_peer *p)
{
	if (tls_hear_request(p).n == 0)
		return;
	tls_say(p, str_of(say));
	if (vanish)
		tls_vanish(p);
}

struct fixture {
	struct arena *arena;
	struct tls_server server;
	struct xero xero;
	struct xero_answer answer;
	struct err e;
	struct buf body;
	const char *media_type;
};

static struct fixture *begin(struct arena *a, const char *what)
{
	struct fixture *f = arena_new_of(a, struct fixture);
	say = what;
	f->arena = a;
	f->server = tls_server_start(a, TLS_GOOD, false, talk);
	const struct xero_setup setup = {
		.http = http_new(a, f->server.ca_file),
		.token_url = tls_server_url(a, &f->server, "/connect/token"),
		.revoke_url = tls_server_url(a, &f->server, "/connect/revocation"),
		.jwks_url = tls_server_url(a, &f->server, "/jwks"),
		.api_url = tls_server_url(a, &f->server, ""),
		.client_id = "the-client",
		.redirect_uri = "https://localhost:8443/oauth/xero/callback",
		.client_secret = secret_new(a, "the-secret", 10),
		.list_timeout_s = 10,
		.list_max_bytes = 64 * 1024,
	};
	f->xero = xero_real(a, &setup);
	buf_init(&f->body, a, 1024 * 1024);
	return f;
}

static void end(struct fixture *f)
{
	tls_server_stop(&f->server);
}

static bool heard(struct fixture *f, const char *line)
{
	struct str log = tls_server_log(f->arena, &f->server);
	return strstr(str_dup(f->arena, log), line) != NULL;
}

static bool on_start(void *user, const char *media_type, const char *charset, struct err *e)
{
	struct fixture *f = user;
	(void)charset, (void)e;
	f->media_type = arena_strdup(f->arena, media_type);
	return true;
}

static bool on_piece(void *user, struct str bytes, struct err *e)
{
	struct fixture *f = user;
	(void)e;
	buf_addstr(&f->body, bytes);
	return true;
}

static bool list(struct fixture *f)
{
	const struct xero_sink sink = {on_start, on_piece, NULL, f};
	const struct secret *access = secret_new(f->arena, "the-access", 10);
	f->e = (struct err){0};
	return f->xero.list(
		f->xero.self, f->arena, access, "the-tenant", &sink, &f->answer, &f->e);
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nConnection: close\r\n"

static void a_list_is_asked_for_as_xero_wants_it(void **state)
{
	struct fixture *f = begin(*state,
		HEAD "Content-Length: 9\r\nX-DayLimit-Remaining: 4999\r\n\r\n<Response");
	assert_true(list(f));
	assert_string_equal(f->body.data, "<Response");
	assert_string_equal(f->media_type, "text/xml");
	assert_int_equal(f->answer.bytes, 9);
	assert_int_equal(f->answer.day_left, 4999);
	assert_true(heard(f, "GET /practicemanager/3.1/client.api/list HTTP/"));
	assert_true(heard(f, "Authorization: Bearer the-access\r\n"));
	assert_true(heard(f, "xero-tenant-id: the-tenant\r\n"));
	assert_true(heard(f, "Accept: text/xml, application/xml\r\n"));
	end(f);
}

/* Xero: yyyy-MM-ddTHH:mm:ss, UTC, no zone. */
static void a_list_of_changes_says_since_when(void **state)
{
	struct fixture *f = begin(*state, HEAD "Content-Length: 9\r\n\r\n<Response");
	const struct xero_sink sink = {.start = on_start, .piece = on_piece, .user = f};
	assert_true(f->xero.list_since(f->xero.self, f->arena, secret_new(*state, "a", 1),
		"the-tenant", 1767323045, &sink, &f->answer, &f->e));
	assert_true(heard(f,
		"GET /practicemanager/3.1/client.api/list?modifiedsince=2026-01-02T03%3A04%3A05 "
		"HTTP/"));
	end(f);
}

/* X-MinLimit-Remaining and X-AppMinLimit-Remaining steer; nonsense in them does not. */
static void what_is_left_steers(void **state)
{
	static const struct {
		const char *headers;
		int breathe_s;
	} cases[] = {
		{"", 0},
		{"X-MinLimit-Remaining: 59\r\n", 0},
		{"x-minlimit-remaining: 10\r\n", 0},
		{"X-MinLimit-Remaining: 3\r\n", 7},
		{"X-MinLimit-Remaining: 0\r\n", 30},
		{"X-MinLimit-Remaining: -1\r\n", 0},
		{"X-MinLimit-Remaining: few\r\n", 0},
		{"X-AppMinLimit-Remaining: 9876\r\n", 0},
		{"X-AppMinLimit-Remaining: 99\r\n", 30},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture *f = begin(*state,
			arena_printf(*state, HEAD "%sContent-Length: 9\r\n\r\n<Response",
				cases[i].headers));
		assert_true(list(f));
		assert_int_equal(f->answer.breathe_s, cases[i].breathe_s);
		end(f);
	}
}

static void statuses_become_troubles(void **state)
{
	static const struct {
		const char *say;
		enum xero_trouble trouble;
		enum err_kind kind;
		int after_s;
	} cases[] = {
		{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nwww-authenticate: Bearer error=invalid_token\r\n\r\n{}",
			XERO_TOKEN, ERR_REFUSED, -1},
		{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWWW-Authenticate: Bearer error=\"insufficent_scope\"\r\n\r\n",
			XERO_SCOPE, ERR_REFUSED, -1},
		{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", XERO_FORBIDDEN,
			ERR_REFUSED, -1},
		{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", XERO_GONE,
			ERR_NOT_FOUND, -1},
		{"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nRetry-After: 22\r\nX-Rate-Limit-Problem: minute\r\n\r\n",
			XERO_MINUTE, ERR_LIMITED, 22},
		{"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nRetry-After: 66975\r\nX-Rate-Limit-Problem: Day\r\n\r\n",
			XERO_DAY, ERR_LIMITED, 66975},
		{"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nRetry-After: soon\r\n\r\n",
			XERO_MINUTE, ERR_LIMITED, -1},
		{"HTTP/1.1 500 Error\r\nContent-Length: 3\r\n\r\n{{{", XERO_DOWN, ERR_UPSTREAM,
			-1},
		{"HTTP/1.1 503 Gone fishing\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n",
			XERO_DOWN, ERR_UPSTREAM, 5},
		{"HTTP/1.1 302 Found\r\nLocation: https://localhost/\r\nContent-Length: 0\r\n\r\n",
			XERO_DOWN, ERR_UPSTREAM, -1},
		{"HTTP/1.1 204 No Content\r\n\r\n", XERO_DOWN, ERR_MALFORMED, -1},
		{HEAD "Content-Length: 0\r\n\r\n", XERO_DOWN, ERR_MALFORMED, -1},
		/* Cut short of its own length. */
		{HEAD "Content-Length: 100\r\n\r\n<Response", XERO_DOWN, ERR_UPSTREAM, -1},
		{HEAD "Transfer-Encoding: chunked\r\n\r\n9\r\n<Response\r\n", XERO_DOWN,
			ERR_UPSTREAM, -1},
		{"nonsense\r\n\r\n", XERO_DOWN, ERR_UPSTREAM, -1},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture *f = begin(*state, cases[i].say);
		assert_false(list(f));
		assert_int_equal(f->answer.trouble, cases[i].trouble);
		assert_int_equal(f->e.kind, cases[i].kind);
		assert_int_equal(f->answer.retry_after_s, cases[i].after_s);
		assert_null(strstr(f->e.text, "the-access"));
		end(f);
	}
}

/* Without length or chunks the transport cannot know that it was cut: the document must. */
static void fault_31_a_cut_that_the_transport_misses_is_found_by_the_document(void **state)
{
	struct xpm_parse *p = NULL;
	struct err e;
	vanish = true;
	struct fixture *f =
		begin(*state, HEAD "\r\n<Response><Status>OK</Status><Clients><Client>");
	assert_true(list(f));
	assert_ok(xpm_parse_new(*state, XPM_LIST, f->media_type, "utf-8", NULL, NULL, &p, &e));
	assert_ok(xpm_parse_feed(p, buf_str(&f->body), &e));
	assert_fails(xpm_parse_end(p, &e), ERR_MALFORMED);
	vanish = false;
	end(f);
}

static void fault_32_a_list_over_the_cap_is_stopped(void **state)
{
	struct buf b;
	buf_init(&b, *state, 1024 * 1024);
	buf_adds(&b, HEAD "\r\n<Response>");
	for (int i = 0; i < 10000; i++)
		buf_adds(&b, "<Client /> ");
	struct fixture *f = begin(*state, b.data);
	assert_false(list(f));
	assert_int_equal(f->e.kind, ERR_TOO_LARGE);
	end(f);
}

/* Not one byte of a token to a server that is not Xero's. */
static void fault_38_a_wrong_certificate_gets_no_token(void **state)
{
	static const enum tls_certificate bad[] = {
		TLS_OTHER_HOST, TLS_EXPIRED, TLS_SELF_SIGNED, TLS_NONE};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct fixture *f = begin(*state, HEAD "Content-Length: 1\r\n\r\nx");
		end(f);
		f->server = tls_server_start(*state, bad[i], false, talk);
		const struct xero_setup setup = {.http = http_new(*state, f->server.ca_file),
			.api_url = tls_server_url(*state, &f->server, ""),
			.list_timeout_s = 5,
			.list_max_bytes = 1000};
		f->xero = xero_real(*state, &setup);
		assert_false(list(f));
		assert_int_equal(f->e.kind, ERR_UPSTREAM);
		assert_false(heard(f, "the-access"));
		end(f);
	}
}

static bool connections(struct fixture *f, const struct xero_tenant **rows, size_t *n)
{
	const struct secret *access = secret_new(f->arena, "the-access", 10);
	f->e = (struct err){0};
	return f->xero.connections(f->xero.self, f->arena, access, rows, n, &f->answer, &f->e);
}

#define JSON(status, body) \
	"HTTP/1.1 " status \
	" X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body

static void connections_are_read(void **state)
{
	const struct xero_tenant *rows = NULL;
	size_t n = 0;
	struct fixture *f = begin(*state,
		JSON("200",
			"[{\"id\":\"E1EEDE29-f875-4a5d-8470-17f6a29a88b1\",\"authEventId\":\"d99ecdfe-391d-43d2-b834-17636ba90e8d\","
			"\"tenantId\":\"70784a63-d24b-46a9-a4db-0e70a274b056\",\"tenantType\":\"ORGANISATION\",\"tenantName\":\"Maple\","
			"\"createdDateUtc\":\"2019-07-09T23:40:30.1833130\",\"updatedDateUtc\":\"2020-05-15T01:35:13.8491980\"},"
			"{\"id\":\"74305bf3-12e0-45e2-8dc8-e3ec73e3b1f9\",\"tenantId\":\"c3d5e782-2153-4cda-bdb4-cec791ceb90d\","
			"\"tenantType\":\"PRACTICEMANAGER\",\"tenantName\":null,\"createdDateUtc\":\"2020\",\"updatedDateUtc\":\"2020\",\"new\":[1]},"
			"{\"id\":\"7\",\"tenantId\":\"c3d5e782-2153-4cda-bdb4-cec791ceb90d\"}]"));
	assert_true(connections(f, &rows, &n));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].connection, "e1eede29-f875-4a5d-8470-17f6a29a88b1");
	assert_false(rows[0].added);
	assert_string_equal(rows[1].type, "PRACTICEMANAGER");
	assert_null(rows[1].name);
	assert_null(rows[1].auth_event);
	assert_true(rows[1].added);
	assert_true(heard(f, "GET /connections HTTP/"));
	assert_false(heard(f, "xero-tenant-id"));
	end(f);
	f = begin(*state, JSON("200", "{}"));
	assert_false(connections(f, &rows, &n));
	assert_int_equal(f->e.kind, ERR_MALFORMED);
	end(f);
	f = begin(*state, JSON("200", "[]"));
	assert_true(connections(f, &rows, &n));
	assert_int_equal(n, 0);
	end(f);
}

static void a_removal_that_finds_nothing_is_done(void **state)
{
	static const char *const good[] = {"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
	const struct secret *access = secret_new(*state, "the-access", 10);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct fixture *f = begin(*state, good[i]);
		assert_true(f->xero.remove(
			f->xero.self, *state, access, "the-connection", &f->answer, &f->e));
		assert_true(heard(f, "DELETE /connections/the-connection HTTP/"));
		end(f);
	}
	struct fixture *f = begin(*state, "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
	assert_false(f->xero.remove(
		f->xero.self, *state, access, "the-connection", &f->answer, &f->e));
	end(f);
}

static void a_code_is_exchanged_with_secret_and_verifier(void **state)
{
	struct oauth_tokens t;
	const struct xero_code code = {
		secret_new(*state, "the code", 8), secret_new(*state, "the-verifier", 12)};
	struct fixture *f = begin(*state,
		JSON("200",
			"{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":1800}"));
	assert_true(f->xero.exchange(f->xero.self, *state, &code, &t, &f->e));
	assert_string_equal(secret_open(t.refresh).p, "r");
	assert_true(heard(f, "POST /connect/token HTTP/"));
	assert_true(heard(f, "Authorization: Basic dGhlLWNsaWVudDp0aGUtc2VjcmV0\r\n"));
	assert_true(heard(f, "Content-Type: application/x-www-form-urlencoded\r\n"));
	assert_true(heard(f,
		"grant_type=authorization_code&code=the%20code&redirect_uri=https%3A%2F%2Flocalhost%3A8443%2Foauth%2Fxero%2Fcallback&code_verifier=the-verifier"));
	end(f);
}

static void refreshing_ends_in_the_right_kind(void **state)
{
	static const struct {
		const char *say;
		enum err_kind kind;
	} cases[] = {
		{JSON("400", "{\"error\":\"invalid_grant\"}"), ERR_REFUSED},
		{JSON("400", "{\"error\":\"invalid_client\"}"), ERR_CONFIG},
		{JSON("401", "{\"error\":\"invalid_client\"}"), ERR_CONFIG},
		{JSON("429", ""), ERR_LIMITED},
		{JSON("500", "oops"), ERR_UPSTREAM},
		{JSON("400", "<html>"), ERR_UPSTREAM},
		/* It may have rotated: the answer cannot be used, or never came. */
		{JSON("200", "{\"access_token\":\"\"}"), ERR_UNCERTAIN},
		{JSON("200", "{\"access_token\":\"a\",\"expires_in\":0}"), ERR_UNCERTAIN},
		{"", ERR_UNCERTAIN},
		{"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"access", ERR_UNCERTAIN},
	};
	const struct secret *refresh = secret_new(*state, "the-refresh", 11);
	struct oauth_tokens t;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture *f = begin(*state, cases[i].say);
		assert_false(f->xero.refresh(f->xero.self, *state, refresh, &t, &f->e));
		if (f->e.kind != cases[i].kind)
			fail_msg("case %zu ended as %d: %s", i, (int)f->e.kind, f->e.text);
		assert_true(heard(f, "grant_type=refresh_token&refresh_token=the-refresh"));
		assert_null(strstr(f->e.text, "the-refresh"));
		end(f);
	}
	/* Nothing left this machine: nothing can have rotated. */
	struct fixture *f = begin(*state, "");
	end(f);
	assert_false(f->xero.refresh(f->xero.self, *state, refresh, &t, &f->e));
	assert_int_equal(f->e.kind, ERR_UPSTREAM);
}

static int quiet(void **state)
{
	(void)state;
	log_set_level(LOG_ERROR);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	tls_server_forget_ca();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_is_asked_for_as_xero_wants_it),
		TEST(statuses_become_troubles),
		TEST(what_is_left_steers),
		TEST(a_list_of_changes_says_since_when),
		TEST(fault_31_a_cut_that_the_transport_misses_is_found_by_the_document),
		TEST(fault_32_a_list_over_the_cap_is_stopped),
		TEST(fault_38_a_wrong_certificate_gets_no_token),
		TEST(connections_are_read),
		TEST(a_removal_that_finds_nothing_is_done),
		TEST(a_code_is_exchanged_with_secret_and_verifier),
		TEST(refreshing_ends_in_the_right_kind),
	};
	return cmocka_run_group_tests(tests, quiet, forget);
}
