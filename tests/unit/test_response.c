#include "web/response.h"

#include "support/fake_request.h"
#include "test.h"

static struct response begun(struct arena *a, const char *method)
{
	struct request r = fake_request_of(a, method, "/", "");
	struct response s;
	response_init(&s, &r);
	return s;
}

static const char *head_of(const struct response *s)
{
	struct buf out;
	buf_init(&out, s->arena, 65536);
	response_head(s, &out);
	assert_false(out.over);
	return out.data;
}

/* How often the line stands in the head. */
static int lines(const struct response *s, const char *line)
{
	const char *head = head_of(s);
	const char *whole = arena_printf(s->arena, "\r\n%s\r\n", line);
	int n = strncmp(head, whole + 2, strlen(whole + 2)) == 0;
	for (const char *at = strstr(head, whole); at != NULL; at = strstr(at + 2, whole))
		n++;
	return n;
}

#define CSP_START                                                                            \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; " \
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; img-src 'self' data:; "   \
	"form-action 'self'"
#define CSP_END \
	"; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; report-uri /csp-report"

static void every_answer_carries_the_security_headers(void **state)
{
	static const int statuses[] = {200, 303, 400, 404, 405, 413, 429, 500, 503, 599};
	static const char *const want[] = {CSP_START CSP_END, "X-Content-Type-Options: nosniff",
		"Referrer-Policy: no-referrer",
		"Strict-Transport-Security: max-age=31536000; includeSubDomains",
		"Cross-Origin-Opener-Policy: same-origin",
		"Cross-Origin-Resource-Policy: same-origin",
		"Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
		"Cache-Control: no-store"};
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		struct response s = begun(*state, "GET");
		response_begin(&s, statuses[i], "text/html; charset=utf-8");
		for (size_t k = 0; k < ARRAY_LEN(want); k++)
			assert_int_equal(lines(&s, want[k]), 1);
		assert_null(strstr(head_of(&s), "unsafe"));
	}
}

static void a_head_is_whole(void **state)
{
	struct response s = begun(*state, "GET");
	response_begin(&s, 200, "text/html; charset=utf-8");
	buf_adds(&s.body, "12345");
	const char *head = head_of(&s);
	assert_int_equal(strncmp(head, "Status: 200 OK\r\n", 16), 0);
	assert_string_equal(head + strlen(head) - 4, "\r\n\r\n");
	assert_ptr_equal(strstr(head, "\r\n\r\n"), head + strlen(head) - 4);
	assert_int_equal(lines(&s, "Content-Type: text/html; charset=utf-8"), 1);
	assert_int_equal(lines(&s, "Content-Length: 5"), 1);
}

static void a_length_is_given_only_where_it_is_known(void **state)
{
	struct response s = begun(*state, "GET");
	response_begin(&s, 200, "text/csv");
	s.streaming = true;
	assert_null(strstr(head_of(&s), "Content-Length"));
	s.streaming = false;
	s.abort = true;
	assert_null(strstr(head_of(&s), "Content-Length"));
}

static void an_answer_may_begin_anew(void **state)
{
	struct response s = begun(*state, "GET");
	response_cookie(&s, "early", "1");
	response_begin(&s, 200, "text/html");
	response_header(&s, "Content-Disposition", "attachment");
	response_cookie(&s, "late", "2");
	buf_adds(&s.body, "half a page");
	response_begin(&s, 500, NULL);
	assert_int_equal(lines(&s, "Status: 500 Internal Server Error"), 1);
	assert_int_equal(lines(&s, "Content-Type: text/plain; charset=utf-8"), 1);
	assert_int_equal(lines(&s, "Content-Length: 0"), 1);
	assert_null(strstr(head_of(&s), "Content-Disposition"));
	assert_non_null(strstr(head_of(&s), "early=1"));
	assert_non_null(strstr(head_of(&s), "late=2"));
}

static void form_action_names_one_more_origin(void **state)
{
	struct response s = begun(*state, "GET");
	response_begin(&s, 200, "text/html");
	s.form_action = "https://login.xero.com https://*.xero.com";
	assert_int_equal(
		lines(&s, CSP_START " https://login.xero.com https://*.xero.com" CSP_END), 1);
}

static void cookies_have_every_guard(void **state)
{
	struct response s = begun(*state, "GET");
	response_begin(&s, 200, "text/html");
	response_cookie(&s, "__Host-s", "abc_-9");
	response_cookie(&s, "__Host-t", NULL);
	assert_int_equal(
		lines(&s,
			"Set-Cookie: __Host-s=abc_-9; Path=/; Secure; HttpOnly; SameSite=Lax"),
		1);
	assert_int_equal(
		lines(&s,
			"Set-Cookie: __Host-t=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
		1);
}

static void redirects_stay_at_home(void **state)
{
	static const struct {
		const char *to, *want;
	} cases[] = {{"/clients?page=2", "Location: /clients?page=2"},
		{"//evil.example", "Location: /"}, {"/\\evil.example", "Location: /"},
		{"https://evil.example", "Location: /"}, {"https:evil", "Location: /"},
		{"/a\r\nSet-Cookie: x=1", "Location: /"}, {"", "Location: /"},
		{NULL, "Location: /"}, {"clients", "Location: /"}, {"/a\tb", "Location: /"}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct response s = begun(*state, "POST");
		response_redirect(&s, cases[i].to);
		assert_int_equal(s.status, 303);
		assert_int_equal(lines(&s, "Status: 303 See Other"), 1);
		assert_int_equal(lines(&s, cases[i].want), 1);
		assert_int_equal(s.body.len, 0);
		assert_int_equal(lines(&s, "Content-Length: 0"), 1);
	}
}

static void one_redirect_leaves(void **state)
{
	struct response s = begun(*state, "POST");
	response_redirect_away(&s, "https://login.xero.com/identity/connect/authorize?state=x");
	assert_int_equal(s.status, 303);
	assert_int_equal(
		lines(&s,
			"Location: https://login.xero.com/identity/connect/authorize?state=x"),
		1);
}

static void head_is_remembered(void **state)
{
	assert_true(begun(*state, "HEAD").head);
	assert_false(begun(*state, "GET").head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_answer_carries_the_security_headers),
		TEST(a_head_is_whole),
		TEST(a_length_is_given_only_where_it_is_known),
		TEST(an_answer_may_begin_anew),
		TEST(form_action_names_one_more_origin),
		TEST(cookies_have_every_guard),
		TEST(redirects_stay_at_home),
		TEST(one_redirect_leaves),
		TEST(head_is_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
