/* ASVS V3: what a browser is told with every page, and what it may not be used for. */
#include "pages/gate.h"
#include "pages/routes.h"
#include "support/site_test.h"

static struct firm f;
static int64_t client, run;

static void settle(struct browser *b)
{
	firm_make(&f);
	person_enrol(&f.admin);
	firm_connect(&f, "live", NULL);
	client = firm_client(&f, "Somebody", true);
	run = firm_run(&f, "complete");
	*b = (struct browser){0};
	browser_enter(b, &f.admin, 2);
}

static const char *address_of(const struct route *r)
{
	struct str before, after, name;
	if (!str_cut(str_of(r->pattern), '{', &before, &after) ||
		!str_cut(after, '}', &name, &after))
		return r->pattern;
	int64_t id = str_starts(before, "/syncs")	    ? run
		     : str_starts(before, "/settings/team") ? f.member.user_id
							    : client;
	return arena_printf(site.arena, "%.*s%lld%.*s", (int)before.n, before.p, (long long)id,
		(int)after.n, after.p);
}

static const char *header(const struct fcgi_answer *r, const char *name)
{
	const char *value = fcgi_answer_header(site.arena, r, name);
	return value == NULL ? "" : value;
}

/* Each page is of the type its address says, and nothing else is guessed (the rest: site_browser.c). */
static void v3_2_1_every_answer_says_what_it_is(void **state)
{
	struct browser b;
	(void)state;
	settle(&b);
	for (size_t i = 0; i < routes_count; i++) {
		if (routes_table[i].method != METHOD_GET)
			continue;
		const char *uri = address_of(&routes_table[i]);
		struct fcgi_answer r = browse(&b, uri);
		const char *type = header(&r, "Content-Type");
		bool data = strstr(uri, "/status") != NULL && r.status == 200;
		bool file = header(&r, "Content-Disposition")[0] != '\0';
		bool plain =
			routes_table[i].gates & (GATE_BARE | GATE_LOOPBACK) || r.status == 303;
		if (file) {
			assert_non_null(
				strstr(header(&r, "Content-Disposition"), "attachment"));
			assert_null(strstr(type, "html"));
			assert_non_null(strstr(type, "; charset=utf-8"));
		} else if (!plain)
			assert_string_equal(type, data ? "application/json; charset=utf-8"
						       : "text/html; charset=utf-8");
		assert_string_equal(header(&r, "X-Content-Type-Options"), "nosniff");
	}
}

static void v3_4_2_no_other_origin_may_read(void **state)
{
	static const char *const origins[] = {"https://evil.example", "null",
		"https://localhost:8444", "https://localhost:8443.evil.example", ""};
	struct browser b;
	(void)state;
	settle(&b);
	for (size_t i = 0; i < routes_count; i++)
		for (size_t k = 0; k < ARRAY_LEN(origins); k++) {
			const char *const from[] = {"HTTP_ORIGIN", origins[k],
				"HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST", NULL};
			const char *method =
				routes_table[i].method == METHOD_GET ? "GET" : "OPTIONS";
			struct fcgi_answer r = browser_ask(
				&b, method, address_of(&routes_table[i]), from, STR(""));
			assert_null(strstr(r.head, "Access-Control-"));
		}
}

/* Every POST, replayed as GET and HEAD with its form in the address: no such method, or the page of that name. */
static void v3_5_3_each_post_replayed_as_get_changes_nothing(void **state)
{
	static const char *const methods[] = {"GET", "HEAD"};
	struct browser b;
	size_t refused = 0;
	(void)state;
	settle(&b);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *post = &routes_table[i];
		bool page = false;
		if (post->method != METHOD_POST)
			continue;
		for (size_t k = 0; k < routes_count; k++)
			page |= routes_table[k].method == METHOD_GET &&
				strcmp(routes_table[k].pattern, post->pattern) == 0;
		for (size_t k = 0; k < ARRAY_LEN(methods); k++) {
			const char *uri = arena_printf(site.arena,
				"%s?csrf=%s&name=Changed&role=admin&days=7&label=Changed&status=client",
				address_of(post), b.csrf);
			struct fcgi_answer r = browser_ask(&b, methods[k], uri, NULL, STR(""));
			if (!page)
				assert_status(r, 405);
			refused += r.status == 405;
			assert_string_equal(sql_state_of(f.org_id, 0), before);
		}
	}
	assert_true(refused >= 30);
	assert_status(browse(&b, "/clients"), 200);
}

/* The longest that people may be makes no longer cookie: it names a session and nothing else. */
static void v3_3_5_the_cookie_is_short_for_everybody(void **state)
{
	struct browser b = {0};
	struct person p;
	(void)state;
	firm_make(&f);
	char *name = arena_alloc(site.arena, 121);
	memset(name, 'N', 120);
	person_make(&p, f.org_id, name, "member");
	sql_do("UPDATE organisation SET name = repeat('O', 120) WHERE org_id = %lld",
		(long long)f.org_id);
	struct fcgi_answer r = submit(&b, "/login",
		form_of("email", p.email, "password", SITE_PASSWORD, "next", "", NULL));
	assert_status(r, 303);
	assert_in_range(strlen(header(&r, "Set-Cookie")), 60, 200);
	assert_int_equal(fcgi_answer_count(&r, "Set-Cookie"), 1);
}

static void v3_4_3_the_policy_has_no_hole(void **state)
{
	static const char *const holes[] = {"unsafe-", "*", "http:", "https:;",
		"strict-dynamic", "blob:", "filesystem:", "report-only"};
	struct browser b;
	(void)state;
	settle(&b);
	for (size_t i = 0; i < routes_count; i++) {
		if (routes_table[i].method != METHOD_GET)
			continue;
		struct fcgi_answer r = browse(&b, address_of(&routes_table[i]));
		const char *csp = header(&r, "Content-Security-Policy");
		assert_non_null(strstr(csp, "default-src 'none'"));
		for (size_t k = 0; k < ARRAY_LEN(holes); k++)
			assert_null(strstr(csp, holes[k]));
		/* data: for pictures alone: a QR code needs no request. */
		const char *data = strstr(csp, "data:");
		assert_true(data == NULL || strncmp(data - 15, "img-src 'self' ", 15) == 0);
		assert_int_equal(
			fcgi_answer_count(&r, "Content-Security-Policy-Report-Only"), 0);
	}
}

static void v3_4_7_reports_have_a_limit(void **state)
{
	static const char *const type[] = {"CONTENT_TYPE", "application/csp-report", NULL};
	struct browser b = {0};
	(void)state;
	char *body = arena_alloc(site.arena, 70001);
	memset(body, 'x', 70000);
	assert_status(
		browser_ask(&b, "POST", "/csp-report", type, (struct str){body, 70000}), 413);
	assert_status(browser_ask(&b, "POST", "/csp-report", type, STR("{}")), 204);
	assert_status(browser_ask(&b, "GET", "/csp-report", NULL, STR("")), 405);
}

/* A script that came in from elsewhere finds no page that it could run as one. */
static void v3_5_7_no_page_is_a_script(void **state)
{
	struct browser b;
	(void)state;
	settle(&b);
	for (size_t i = 0; i < routes_count; i++) {
		if (routes_table[i].method != METHOD_GET)
			continue;
		struct fcgi_answer r = browse(&b, address_of(&routes_table[i]));
		assert_null(strstr(header(&r, "Content-Type"), "script"));
		assert_string_equal(header(&r, "Cross-Origin-Resource-Policy"), "same-origin");
	}
}

/* Whoever is in finds the way out on every page. */
static void v7_4_4_log_out_is_on_every_page(void **state)
{
	struct browser b;
	size_t pages = 0;
	(void)state;
	settle(&b);
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *r = &routes_table[i];
		if (r->method != METHOD_GET || r->gates & (GATE_OPEN | GATE_BARE))
			continue;
		struct fcgi_answer page = browse(&b, address_of(r));
		if (page.status != 200 || strstr(header(&page, "Content-Type"), "html") == NULL)
			continue;
		assert_non_null(strstr(page.body.p, "action=\"/logout\""));
		pages++;
	}
	assert_true(pages >= 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(v3_2_1_every_answer_says_what_it_is),
		SITE_TEST(v3_3_5_the_cookie_is_short_for_everybody),
		SITE_TEST(v3_4_2_no_other_origin_may_read),
		SITE_TEST(v3_4_3_the_policy_has_no_hole),
		SITE_TEST(v3_4_7_reports_have_a_limit),
		SITE_TEST(v3_5_3_each_post_replayed_as_get_changes_nothing),
		SITE_TEST(v3_5_7_no_page_is_a_script),
		SITE_TEST(v7_4_4_log_out_is_on_every_page),
	};
	return site_run(tests);
}
