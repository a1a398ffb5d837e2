/* io/http against a real TLS server: what goes out, what comes back. Faults are in test_http_faults.c. */
#include "io/http.h"

#include "support/tls_server.h"
#include "test.h"

/* ---- servers ---- */

static void say_ok(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p,
		STR("HTTP/1.1 200 OK\r\nContent-Type: Text/XML; a=b; Charset=\"UTF-8\"\r\n"
		    "X-Two:  first \r\nx-two: second\r\nEmpty:\r\nContent-Length: 5\r\n\r\nhello"));
}

/* Answers several requests on one connection with the number of each. */
static void count(struct tls_peer *p)
{
	for (char n = '1'; tls_hear_request(p).n != 0; n++) {
		char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n?";
		text[sizeof text - 2] = n;
		tls_say(p, (struct str){text, sizeof text - 1});
	}
}

static void redirect(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 4\r\n\r\n"
		       "away"));
}

static void no_content(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 204 No Content\r\n\r\n"));
}

static void interim_first(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p,
		STR("HTTP/1.1 103 Early Hints\r\nOnly-There: x\r\n\r\n"
		    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n"
		    "\r\n"));
}

static void chunks_and_trailers(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: head\r\n\r\n"
		       "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-A: trailer\r\nX-B: trailer\r\n\r\n"));
}

/* Gzip of "hello" (RFC 1952), in a stored block. */
static void gzip(struct tls_peer *p)
{
	static const unsigned char packed[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 5, 0,
		0xFA, 0xFF, 'h', 'e', 'l', 'l', 'o', 0x86, 0xA6, 0x10, 0x36, 5, 0, 0, 0};
	(void)tls_hear_request(p);
	tls_say(p,
		STR("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 28\r\n\r\n"));
	tls_say(p, (struct str){(const char *)packed, sizeof packed});
}

static void refuse_at_length(struct tls_peer *p)
{
	char block[1024];
	(void)tls_hear_request(p);
	memset(block, 'x', sizeof block);
	tls_say(p, STR("HTTP/1.1 503 Busy\r\nContent-Length: 204800\r\n\r\n"));
	for (int i = 0; i < 200; i++)
		tls_say(p, (struct str){block, sizeof block});
}

/* ---- tests ---- */

struct fetched {
	struct http_reply reply;
	struct str sent; /* what the server heard */
	struct err e;
	bool ok;
};

static struct fetched fetch(struct arena *a, tls_talk talk, struct http_request q)
{
	struct fetched f = {.ok = false};
	struct tls_server s = tls_server_start(a, TLS_GOOD, false, talk);
	if (q.url == NULL)
		q.url = tls_server_url(a, &s, "/path?x=1");
	if (q.method == NULL)
		q.method = "GET";
	f.ok = http_fetch(http_new(a, s.ca_file), a, &q, &f.reply, &f.e);
	f.sent = tls_server_log(a, &s);
	tls_server_stop(&s);
	return f;
}

static void a_get_and_its_answer(void **state)
{
	struct fetched f = fetch(*state, say_ok, (struct http_request){0});
	assert_true(f.ok);
	assert_int_equal(f.reply.status, 200);
	assert_true(str_is(f.reply.body, "hello"));
	assert_int_equal(f.reply.bytes, 5);
	assert_true(f.reply.was_sent);
	assert_string_equal(f.reply.content_type, "text/xml");
	assert_string_equal(f.reply.charset, "utf-8");
	assert_int_equal(f.reply.n_headers, 5);
	assert_string_equal(http_header(&f.reply, "x-two"), "first");
	assert_string_equal(http_header(&f.reply, "empty"), "");
	assert_null(http_header(&f.reply, "X-Two"));
	assert_true(str_starts(f.sent, "GET /path?x=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\nAccept-Encoding: gzip\r\n"));
	assert_null(strstr(f.sent.p, "Authorization"));
	assert_null(strstr(f.sent.p, "Expect"));
}

static void tokens_and_own_headers(void **state)
{
	static const char *const headers[] = {"Xero-Tenant-Id: abc", "Xero-User-Id: def", NULL};
	struct fetched f = fetch(*state, say_ok,
		(struct http_request){.bearer = secret_new(*state, "to.k-en", 7),
			.accept = "application/xml",
			.headers = headers});
	assert_true(f.ok);
	assert_non_null(strstr(f.sent.p, "\r\nAuthorization: Bearer to.k-en\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\nXero-Tenant-Id: abc\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\nXero-User-Id: def\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\nAccept: application/xml\r\n"));
	assert_null(strstr(f.sent.p, "application/json"));
}

static void a_post_with_a_form(void **state)
{
	struct fetched f = fetch(*state, say_ok,
		(struct http_request){.method = "POST",
			.form_body = "a=b&c=%26",
			.basic_user = "id",
			.basic_password = secret_new(*state, "pass", 4)});
	assert_true(f.ok);
	assert_true(str_starts(f.sent, "POST /path?x=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\nAuthorization: Basic aWQ6cGFzcw==\r\n"));
	assert_non_null(
		strstr(f.sent.p, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\nContent-Length: 9\r\n"));
	assert_non_null(strstr(f.sent.p, "\r\n\r\na=b&c=%26"));
	f = fetch(*state, say_ok, (struct http_request){.method = "POST"});
	assert_true(f.ok);
	assert_non_null(strstr(f.sent.p, "\r\nContent-Length: 0\r\n"));
	char *large = arena_alloc(*state, 2 * 1024 * 1024);
	memset(large, 'x', 2 * 1024 * 1024 - 1);
	f = fetch(*state, say_ok, (struct http_request){.method = "POST", .form_body = large});
	assert_true(f.ok);
	assert_true(f.sent.n > 2 * 1024 * 1024);
}

static void a_delete_without_answer_body(void **state)
{
	struct fetched f = fetch(*state, no_content, (struct http_request){.method = "DELETE"});
	assert_true(f.ok);
	assert_int_equal(f.reply.status, 204);
	assert_int_equal(f.reply.body.n, 0);
	assert_string_equal(f.reply.content_type, "");
	assert_string_equal(f.reply.charset, "");
	assert_true(str_starts(f.sent, "DELETE /path?x=1 HTTP/1.1\r\n"));
}

static void redirects_are_not_followed(void **state)
{
	struct fetched f = fetch(*state, redirect, (struct http_request){0});
	assert_true(f.ok);
	assert_int_equal(f.reply.status, 302);
	assert_true(str_is(f.reply.body, "away"));
	assert_null(strstr(f.sent.p, "elsewhere"));
}

static void interim_answers_are_passed_over(void **state)
{
	struct fetched f = fetch(*state, interim_first, (struct http_request){0});
	assert_true(f.ok);
	assert_int_equal(f.reply.status, 429);
	assert_null(http_header(&f.reply, "only-there"));
	assert_int_equal(http_retry_after(&f.reply, 0), 7);
}

static void chunks_are_joined_and_trailers_left(void **state)
{
	struct fetched f = fetch(*state, chunks_and_trailers, (struct http_request){0});
	assert_true(f.ok);
	assert_true(str_is(f.reply.body, "abcde"));
	assert_string_equal(http_header(&f.reply, "x-a"), "head");
	assert_null(http_header(&f.reply, "x-b"));
}

static void gzip_is_unpacked(void **state)
{
	struct fetched f = fetch(*state, gzip, (struct http_request){0});
	assert_true(f.ok);
	assert_true(str_is(f.reply.body, "hello"));
	assert_int_equal(f.reply.bytes, 5);
}

struct heard {
	char text[64];
	size_t n;
	int calls;
	bool stop;
};

static bool on_body(void *user, const struct http_reply *reply, struct str piece, struct err *e)
{
	struct heard *h = user;
	h->calls++;
	if (h->stop)
		return err_set(e, ERR_CONFLICT, "seen enough");
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply->content_type, "text/xml");
	assert_true(h->n + piece.n < sizeof h->text);
	memcpy(h->text + h->n, piece.p, piece.n);
	h->n += piece.n;
	return true;
}

static void a_body_may_be_streamed(void **state)
{
	struct heard h = {.n = 0};
	struct fetched f =
		fetch(*state, say_ok, (struct http_request){.on_body = on_body, .user = &h});
	assert_true(f.ok);
	assert_string_equal(h.text, "hello");
	assert_int_equal(f.reply.body.n, 0);
	assert_int_equal(f.reply.bytes, 5);
	h = (struct heard){.stop = true};
	f = fetch(*state, say_ok, (struct http_request){.on_body = on_body, .user = &h});
	assert_false(f.ok);
	assert_int_equal(f.e.kind, ERR_CONFLICT);
	assert_string_equal(f.e.text, "seen enough");
	assert_int_equal(h.calls, 1);
	assert_int_equal(f.reply.status, 200);
}

static void a_refusal_is_collected_and_not_streamed(void **state)
{
	struct heard h = {.n = 0};
	struct fetched f = fetch(*state, refuse_at_length,
		(struct http_request){.on_body = on_body, .user = &h});
	assert_true(f.ok);
	assert_int_equal(h.calls, 0);
	assert_int_equal(f.reply.status, 503);
	assert_int_equal(f.reply.bytes, 204800);
	assert_in_range(f.reply.body.n, 1000, 64 * 1024);
	f = fetch(*state, refuse_at_length, (struct http_request){0});
	assert_int_equal(f.reply.body.n, 204800);
}

static void only_a_get_uses_a_kept_connection(void **state)
{
	static const char *const methods[] = {"GET", "GET", "GET", "POST", "DELETE"};
	static const char *const counts[] = {"1", "2", "3", "1", "1"};
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, count);
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		/* The server has time for one at a time, so what is kept must be closed first. */
		struct arena *own = arena_new();
		struct http *h = http_new(own, s.ca_file);
		for (size_t k = 0; k <= i && i < 3; k++) {
			const struct http_request q = {
				.method = "GET", .url = tls_server_url(*state, &s, "/")};
			assert_ok(http_fetch(h, *state, &q, &r, &e));
			assert_string_equal(r.body.p, counts[k]);
		}
		if (i >= 3) {
			const struct http_request q = {
				.method = methods[i], .url = tls_server_url(*state, &s, "/")};
			assert_ok(http_fetch(h, *state, &q, &r, &e));
			assert_string_equal(r.body.p, counts[i]);
		}
		arena_free(&own);
	}
	tls_server_stop(&s);
}

static struct http_reply with_retry_after(struct http_header *h, const char *value)
{
	*h = (struct http_header){"retry-after", value};
	return (struct http_reply){.headers = h, .n_headers = value != NULL};
}

static void retry_after_in_every_form(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		int seconds;
	} rows[] = {{"0", 0}, {"7", 7}, {"007", 7}, {"86400", 86400}, {"86401", 86400},
		{"99999999999999999999999", 86400}, {"-5", -1}, {"+5", -1}, {"1.5", -1},
		{"", -1}, {"soon", -1}, {"5 s", -1}, {NULL, -1},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 37}, {"Sun, 06 Nov 1994 08:48:00 GMT", 0},
		{"Mon, 06 Nov 2094 08:49:37 GMT", -1}, {"Sat, 06 Nov 2094 08:49:37 GMT", 86400},
		{"Sunday, 06-Nov-94 08:49:37 GMT", -1}};
	const int64_t now = 784111740; /* 08:49:00 on that day */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_header h;
		struct http_reply r = with_retry_after(&h, rows[i].value);
		if (http_retry_after(&r, now) != rows[i].seconds)
			fail_msg("Retry-After: %s gives %d", rows[i].value,
				http_retry_after(&r, now));
	}
}

static int forget_ca(void **state)
{
	(void)state;
	tls_server_forget_ca();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_get_and_its_answer),
		TEST(tokens_and_own_headers),
		TEST(a_post_with_a_form),
		TEST(a_delete_without_answer_body),
		TEST(redirects_are_not_followed),
		TEST(interim_answers_are_passed_over),
		TEST(chunks_are_joined_and_trailers_left),
		TEST(gzip_is_unpacked),
		TEST(a_body_may_be_streamed),
		TEST(a_refusal_is_collected_and_not_streamed),
		TEST(only_a_get_uses_a_kept_connection),
		TEST(retry_after_in_every_form),
	};
	return cmocka_run_group_tests(tests, NULL, forget_ca);
}
