#include "web/request.h"

#include "support/fake_request.h"
#include "test.h"

#define FORM "application/x-www-form-urlencoded"

/* Judges the words given (NAME, value, ..., NULL) with this body. */
static bool judge(struct arena *a, const char *const *params, struct str body,
	struct request *r_r, struct err *e)
{
	struct fake_request *fake = arena_new_of(a, struct fake_request);
	*fake = (struct fake_request){.params = params, .body = body};
	struct request_source source = fake_request_source(fake);
	return request_judge(a, &source, r_r, e);
}

static bool judge_uri(struct arena *a, const char *uri, struct request *r_r, struct err *e)
{
	const char **params = arena_array(a, const char *, 5);
	const char *const words[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", uri, NULL};
	memcpy(params, words, sizeof words);
	return judge(a, params, STR(""), r_r, e);
}

static bool judge_post(
	struct arena *a, const char *type, struct str body, struct request *r_r, struct err *e)
{
	const char **params = arena_array(a, const char *, 7);
	const char *const words[] = {
		"REQUEST_METHOD", "POST", "REQUEST_URI", "/x", "CONTENT_TYPE", type, NULL};
	memcpy(params, words, sizeof words);
	return judge(a, params, body, r_r, e);
}

static const char *value(const struct form *f, const char *name)
{
	bool twice;
	return form_get(f, name, &twice);
}

static char *repeat(struct arena *a, char c, size_t n)
{
	char *text = arena_alloc(a, n + 1);
	memset(text, c, n);
	return text;
}

static void reads_everything(void **state)
{
	static const char *const params[] = {"REQUEST_METHOD", "POST", "REQUEST_URI",
		"/clients/7?page=2&q=J%C3%B6+A", "CONTENT_TYPE",
		"Application/X-WWW-form-urlencoded; charset=UTF-8", "REMOTE_ADDR", "192.0.2.7",
		"REQUEST_ID", "0123456789abcdef0123456789abcdef", "HTTP_USER_AGENT",
		"Browser/1", "HTTP_HOST", "localhost:8443", NULL};
	struct request r;
	struct err e;
	assert_ok(judge(*state, params, STR("name=Ann&note="), &r, &e));
	assert_int_equal(r.method, METHOD_POST);
	assert_string_equal(r.method_text, "POST");
	assert_string_equal(r.path, "/clients/7");
	assert_string_equal(r.query_text, "page=2&q=J%C3%B6+A");
	assert_string_equal(value(&r.query, "q"), "J\xC3\xB6 A");
	assert_string_equal(value(&r.body, "name"), "Ann");
	assert_null(value(&r.body, "page"));
	assert_string_equal(r.peer, "192.0.2.7");
	assert_string_equal(r.id, "0123456789abcdef0123456789abcdef");
	assert_string_equal(r.user_agent, "Browser/1");
	assert_string_equal(r.host, "localhost:8443");
	assert_int_equal(r.id_param, 0);
}

static void knows_methods(void **state)
{
	static const struct {
		const char *text;
		enum method want;
	} cases[] = {{"GET", METHOD_GET}, {"HEAD", METHOD_HEAD}, {"POST", METHOD_POST},
		{"DELETE", METHOD_DELETE}, {"PUT", METHOD_OTHER}, {"get", METHOD_OTHER},
		{"VERSION-CONTROL", METHOD_OTHER}, {"SIXTEEN_LETTERS_", METHOD_OTHER}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const params[] = {
			"REQUEST_METHOD", cases[i].text, "REQUEST_URI", "/", NULL};
		struct request r;
		struct err e;
		assert_ok(judge(*state, params, STR(""), &r, &e));
		assert_int_equal(r.method, cases[i].want);
		assert_string_equal(r.method_text, cases[i].text);
	}
}

static void refuses_methods_that_are_none(void **state)
{
	static const char *const bad[] = {
		"", "SEVENTEEN_LETTERS", "GE T", "GET1", "G\xC3\x89T", "GET\n", "GET/"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *const params[] = {
			"REQUEST_METHOD", bad[i], "REQUEST_URI", "/", NULL};
		struct request r;
		struct err e;
		assert_fails(judge(*state, params, STR(""), &r, &e), ERR_MALFORMED);
	}
}

static void nothing_sent_is_still_good_for_an_error_page(void **state)
{
	static const char *const params[] = {NULL};
	struct request r;
	struct err e;
	assert_fails(judge(*state, params, STR(""), &r, &e), ERR_MALFORMED);
	assert_int_equal(r.method, METHOD_OTHER);
	assert_string_equal(r.method_text, "");
	assert_string_equal(r.path, "/");
	assert_string_equal(r.query_text, "");
	assert_string_equal(r.peer, "");
	assert_string_equal(r.host, "");
	assert_string_equal(r.user_agent, "");
	assert_int_equal(strlen(r.id), 32);
	assert_null(request_cookie(&r, "a"));
	assert_null(request_header(&r, "HTTP_ORIGIN"));
	assert_false(request_is_cross_site(&r, "https://localhost"));
	assert_ptr_equal(r.arena, *state);
}

static void a_fault_late_keeps_what_was_read(void **state)
{
	struct request r;
	struct err e;
	assert_fails(judge_post(*state, FORM, STR("a=%00"), &r, &e), ERR_MALFORMED);
	assert_int_equal(r.method, METHOD_POST);
	assert_string_equal(r.path, "/x");
	assert_int_equal(r.body.n, 0);
}

static void takes_paths_as_sent(void **state)
{
	static const char *const good[] = {"/", "/a/b", "/a%2Fb", "/%C3%A9", "//x", "/a/../b",
		"/\xC3\xA9", "/a;b=c", "/~x"};
	struct request r;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_ok(judge_uri(*state, good[i], &r, &e));
		assert_string_equal(r.path, good[i]);
	}
}

static void refuses_paths_that_are_none(void **state)
{
	static const char *const bad[] = {"", "*", "clients", "http://x/", "/%", "/%4", "/%zz",
		"/%00", "/a%00b", "/%ff", "/%C3", "/\xFF", "/a b", "/a\tb", "/a%0ab", "/%7f",
		"/%C0%AF", "?a=1"};
	struct request r;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(judge_uri(*state, bad[i], &r, &e), ERR_MALFORMED);
		assert_string_equal(r.path, "/");
	}
}

static void caps_path_and_query(void **state)
{
	struct arena *a = *state;
	struct request r;
	struct err e;
	assert_ok(judge_uri(a, arena_printf(a, "/%s", repeat(a, 'x', 1023)), &r, &e));
	assert_fails(judge_uri(a, arena_printf(a, "/%s", repeat(a, 'x', 1024)), &r, &e),
		ERR_MALFORMED);
	assert_ok(judge_uri(a, arena_printf(a, "/?q=%s", repeat(a, 'x', 8190)), &r, &e));
	assert_fails(judge_uri(a, arena_printf(a, "/?q=%s", repeat(a, 'x', 8191)), &r, &e),
		ERR_MALFORMED);
}

static void refuses_queries_that_are_none(void **state)
{
	static const char *const bad[] = {"/?a=%00", "/?a=%FF", "/?a=\xFF", "/?a=%", "/?a=%4",
		"/?a=%4g", "/?%zz=1", "/?a=1&a=2", "/?a=1&b=2&%61=3", "/?a=\x01"};
	struct request r;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(judge_uri(*state, bad[i], &r, &e), ERR_MALFORMED);
		assert_string_equal(r.path, "/");
		assert_int_equal(r.query.n, 0);
	}
	assert_ok(judge_uri(*state, "/?a=1?b=2", &r, &e));
	assert_string_equal(value(&r.query, "a"), "1?b=2");
}

static void refuses_bodies_that_are_no_form(void **state)
{
	static const struct {
		const char *type;
		struct str body;
	} bad[] = {{FORM, {"a=\0b", 4}}, {FORM, {"a=%00", 5}}, {FORM, {"a=\xFF", 3}},
		{FORM, {"a=%FF", 5}}, {FORM, {"a=%", 3}}, {FORM, {"a=%1", 4}},
		{FORM, {"a=1&a=1", 7}}, {"text/plain", {"a=1", 3}}, {"", {"a=1", 3}},
		{"application/json", {"{}", 2}},
		{"multipart/form-data; boundary=x", {"--x", 3}}, {FORM "x", {"a=1", 3}},
		{" " FORM, {"a=1", 3}}, {"\r\r" FORM, {"a=1", 3}},
		{"application/csp-report", {"{\0}", 3}},
		{"application/csp-report", {"\xFF", 1}}};
	struct request r;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(
			judge_post(*state, bad[i].type, bad[i].body, &r, &e), ERR_MALFORMED);
		assert_int_equal(r.body.n, 0);
		assert_int_equal(r.report.n, 0);
	}
}

static void the_same_name_in_query_and_body_is_no_double(void **state)
{
	static const char *const params[] = {
		"REQUEST_METHOD", "POST", "REQUEST_URI", "/x?a=1", "CONTENT_TYPE", FORM, NULL};
	struct request r;
	struct err e;
	assert_ok(judge(*state, params, STR("a=2"), &r, &e));
	assert_string_equal(value(&r.query, "a"), "1");
	assert_string_equal(value(&r.body, "a"), "2");
}

static void caps_the_body(void **state)
{
	struct arena *a = *state;
	struct request r;
	struct err e;
	char *body = repeat(a, 'x', REQUEST_BODY_MAX + 1);
	body[1] = '=';
	assert_ok(judge_post(a, FORM, (struct str){body, REQUEST_BODY_MAX}, &r, &e));
	assert_int_equal(strlen(value(&r.body, "x")), REQUEST_BODY_MAX - 2);
	assert_fails(judge_post(a, FORM, (struct str){body, REQUEST_BODY_MAX + 1}, &r, &e),
		ERR_TOO_LARGE);
}

static void a_body_that_cannot_be_read_is_the_fault(void **state)
{
	static const char *const params[] = {
		"REQUEST_METHOD", "POST", "REQUEST_URI", "/x", "CONTENT_TYPE", FORM, NULL};
	const struct err cut = {.kind = ERR_MALFORMED, .text = "cut"};
	struct fake_request fake = {.params = params, .body_fault = &cut};
	struct request_source source = fake_request_source(&fake);
	struct request r;
	struct err e;
	assert_fails(request_judge(*state, &source, &r, &e), ERR_MALFORMED);
	assert_string_equal(e.text, "cut");
}

static void an_empty_body_needs_no_type_and_a_report_is_kept(void **state)
{
	struct request r;
	struct err e;
	assert_ok(judge_post(*state, "", STR(""), &r, &e));
	assert_ok(judge_post(*state, "application/csp-report", STR("{\"a\":1}"), &r, &e));
	assert_true(str_is(r.report, "{\"a\":1}"));
	assert_int_equal(r.body.n, 0);
	assert_ok(judge_post(*state, "application/reports+json", STR("[]"), &r, &e));
	assert_true(str_is(r.report, "[]"));
}

static void only_post_has_a_body(void **state)
{
	static const char *const params[] = {
		"REQUEST_METHOD", "DELETE", "REQUEST_URI", "/x", "CONTENT_TYPE", FORM, NULL};
	struct request r;
	struct err e;
	assert_ok(judge(*state, params, STR("a=1"), &r, &e));
	assert_int_equal(r.body.n, 0);
}

static void repairs_the_user_agent(void **state)
{
	static const struct {
		const char *sent, *want;
	} cases[] = {{"", ""},
		{"a\xFF"
		 "b",
			"a?b"},
		{"a\nb\x7F", "a?b?"}, {"\xC3\xA9!", "\xC3\xA9!"}, {"\xC3", "?"},
		{"x\xE2\x82", "x??"}, {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const params[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/",
			"HTTP_USER_AGENT", cases[i].sent, NULL};
		struct request r;
		struct err e;
		assert_ok(judge(*state, params, STR(""), &r, &e));
		assert_string_equal(r.user_agent, cases[i].want);
	}
}

static void cuts_the_user_agent_between_characters(void **state)
{
	struct arena *a = *state;
	const char *long_one = arena_printf(a, "%s\xE2\x82\xAC tail", repeat(a, 'x', 199));
	const char *const params[] = {
		"REQUEST_METHOD", "GET", "REQUEST_URI", "/", "HTTP_USER_AGENT", long_one, NULL};
	struct request r;
	struct err e;
	assert_ok(judge(a, params, STR(""), &r, &e));
	assert_string_equal(r.user_agent, repeat(a, 'x', 199));
}

static void makes_an_id_when_none_that_is_one_came(void **state)
{
	static const char *const bad[] = {"", "0123", "0123456789ABCDEF0123456789ABCDEF",
		"0123456789abcdef0123456789abcdef0", "\"},{\"x\":\"0123456789abcdef01234"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *const params[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/",
			"REQUEST_ID", bad[i], NULL};
		struct request r, again;
		struct err e;
		assert_ok(judge(*state, params, STR(""), &r, &e));
		assert_ok(judge(*state, params, STR(""), &again, &e));
		assert_int_equal(strspn(r.id, "0123456789abcdef"), 32);
		assert_int_equal(strlen(r.id), 32);
		assert_string_not_equal(r.id, again.id);
	}
}

static struct request with_header(
	struct arena *a, const char *n1, const char *v1, const char *n2, const char *v2)
{
	const char **params = arena_array(a, const char *, 9);
	const char *const words[] = {
		"REQUEST_METHOD", "POST", "REQUEST_URI", "/", n1, v1, n2, v2, NULL};
	memcpy(params, words, sizeof words);
	struct request r;
	struct err e;
	assert_ok(judge(a, params, STR(""), &r, &e));
	return r;
}

static void finds_cookies(void **state)
{
	struct request r = with_header(*state, "HTTP_COOKIE",
		"a=1; __Host-s=tok-en_9=; b=2;c=3;  a=4; bad=x\"y; odd; ctl=a\x01; utf=\xC3\xA9; e=",
		NULL, NULL);
	assert_string_equal(request_cookie(&r, "__Host-s"), "tok-en_9=");
	assert_string_equal(request_cookie(&r, "a"), "1");
	assert_string_equal(request_cookie(&r, "c"), "3");
	assert_string_equal(request_cookie(&r, "e"), "");
	assert_null(request_cookie(&r, "bad"));
	assert_null(request_cookie(&r, "odd"));
	assert_null(request_cookie(&r, "ctl"));
	assert_null(request_cookie(&r, "utf"));
	assert_null(request_cookie(&r, "A"));
	assert_null(request_cookie(&r, "Host-s"));
	assert_null(request_cookie(&r, ""));
}

static void gives_clean_headers_alone(void **state)
{
	struct request r =
		with_header(*state, "HTTP_ORIGIN", "https://x", "HTTP_RANGE", "a\nb");
	assert_string_equal(request_header(&r, "HTTP_ORIGIN"), "https://x");
	assert_null(request_header(&r, "HTTP_RANGE"));
	assert_null(request_header(&r, "HTTP_ACCEPT"));
	r = with_header(*state, "HTTP_ORIGIN", "", "HTTP_RANGE", "\xFF");
	assert_null(request_header(&r, "HTTP_ORIGIN"));
	assert_null(request_header(&r, "HTTP_RANGE"));
}

static void judges_other_sites(void **state)
{
	static const struct {
		const char *site, *origin;
		bool want;
	} cases[] = {
		{"", "", false},
		{"same-origin", "", false},
		{"none", "", false},
		{"cross-site", "", true},
		{"same-site", "", true},
		{"nonsense", "", true},
		{"", "https://localhost:8443", false},
		{"", "https://localhost", true},
		{"", "https://localhost:8443.evil.example", true},
		{"", "http://localhost:8443", true},
		{"", "null", true},
		{"same-origin", "null", false},
		{"same-origin", "https://evil.example", true},
		{"same-origin", "https://localhost:8443", false},
		{"cross-site", "https://localhost:8443", true},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request r = with_header(*state, "HTTP_SEC_FETCH_SITE", cases[i].site,
			"HTTP_ORIGIN", cases[i].origin);
		assert_int_equal(
			request_is_cross_site(&r, "https://localhost:8443"), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_everything),
		TEST(knows_methods),
		TEST(refuses_methods_that_are_none),
		TEST(nothing_sent_is_still_good_for_an_error_page),
		TEST(a_fault_late_keeps_what_was_read),
		TEST(takes_paths_as_sent),
		TEST(refuses_paths_that_are_none),
		TEST(caps_path_and_query),
		TEST(refuses_queries_that_are_none),
		TEST(refuses_bodies_that_are_no_form),
		TEST(the_same_name_in_query_and_body_is_no_double),
		TEST(caps_the_body),
		TEST(a_body_that_cannot_be_read_is_the_fault),
		TEST(an_empty_body_needs_no_type_and_a_report_is_kept),
		TEST(only_post_has_a_body),
		TEST(repairs_the_user_agent),
		TEST(cuts_the_user_agent_between_characters),
		TEST(makes_an_id_when_none_that_is_one_came),
		TEST(finds_cookies),
		TEST(gives_clean_headers_alone),
		TEST(judges_other_sites),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
