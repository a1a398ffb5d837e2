/* What no browser of ours sends: wrong addresses, methods, sizes, bytes; and a great many by chance. */
#include "pages/routes.h"
#include "support/site_test.h"

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->admin);
	*b = (struct browser){0};
	browser_enter(b, &f->admin, 2);
}

static void unknown_addresses_are_404(void **state)
{
	static const char *const pages[] = {"/nope", "/clients/", "//clients", "/clients//1",
		"/Clients", "/%63lients", "/clients/1/2", "/clients.csv/", "/clients.json",
		"/.git", "/.env", "/app/pages/site.c", "/sql/roles.sql", "/static/app.css~",
		"/sandbox", "/settings/integrations/", "/oauth/xero/callback/x", "/invite/",
		"/invite/a/b", "/;/clients", "/clients;x=1"};
	struct firm f;
	struct browser b, nobody = {0};
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct fcgi_answer r = browse(&b, pages[i]);
		assert_status(r, 404);
		assert_has(r, "Page not found");
		assert_status(r = browse(&nobody, pages[i]), 404);
		assert_has_not(r, f.admin.email);
	}
}

/* What the table has at this address, in the order that Allow uses. */
static const char *allowed_at(const char *pattern)
{
	bool get = false, post = false;
	for (size_t i = 0; i < routes_count; i++)
		if (strcmp(routes_table[i].pattern, pattern) == 0) {
			get |= routes_table[i].method == METHOD_GET;
			post |= routes_table[i].method == METHOD_POST;
		}
	return get && post ? "GET, HEAD, POST" : get ? "GET, HEAD" : "POST";
}

static const char *address_of(const char *pattern)
{
	struct str before, after, name;
	if (!str_cut(str_of(pattern), '{', &before, &after) ||
		!str_cut(after, '}', &name, &after))
		return pattern;
	return arena_printf(
		site.arena, "%.*s7%.*s", (int)before.n, before.p, (int)after.n, after.p);
}

static void other_methods_are_405_with_allow(void **state)
{
	static const char *const methods[] = {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE",
		"CONNECT", "PROPFIND", "get", "GET", "HEAD", "POST"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < routes_count; i++) {
		const char *pattern = routes_table[i].pattern, *allow = allowed_at(pattern);
		for (size_t k = 0; k < ARRAY_LEN(methods); k++) {
			/* "GET" is a part of "GET, HEAD", and of no other word there. */
			if (strstr(allow, methods[k]) != NULL)
				continue;
			struct fcgi_answer r =
				browser_ask(&b, methods[k], address_of(pattern), NULL, STR(""));
			assert_status(r, 405);
			assert_string_equal(fcgi_answer_header(site.arena, &r, "Allow"), allow);
		}
	}
	char *long_one = arena_alloc(site.arena, 2049);
	memset(long_one, 'M', 2048);
	assert_status(browser_ask(&b, long_one, "/clients", NULL, STR("")), 400);
	assert_status(browser_ask(&b, "G\tET", "/clients", NULL, STR("")), 400);
	assert_string_equal(sql_state_of(f.org_id, 0), before);
}

static void head_is_get_without_a_body(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	(void)firm_client(&f, "Somebody", true);
	for (size_t i = 0; i < routes_count; i++) {
		if (routes_table[i].method != METHOD_GET)
			continue;
		const char *uri = address_of(routes_table[i].pattern);
		struct fcgi_answer get = browse(&b, uri);
		struct fcgi_answer head = browser_ask(&b, "HEAD", uri, NULL, STR(""));
		assert_status(head, get.status);
		assert_int_equal(head.body.n, 0);
		assert_string_equal(fcgi_answer_header(site.arena, &head, "Content-Type"),
			fcgi_answer_header(site.arena, &get, "Content-Type"));
		assert_string_equal(answer_location(&head), answer_location(&get));
	}
}

static void long_bodies_are_413(void **state)
{
	static const char *const pages[] = {"/login", "/clients/new", "/profile", "/syncs",
		"/oauth/xero/callback", "/nope", "/csp-report"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	char *body = arena_alloc(site.arena, 70001);
	memset(body, 'x', 70000);
	memcpy(body, "name=", 5);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct fcgi_answer r =
			browser_ask(&b, "POST", pages[i], NULL, (struct str){body, 70000});
		assert_status(r, 413);
		assert_has(r, "That is too large");
	}
	/* Short of the limit it is a form, with a field that is too long. */
	body[60000] = '\0';
	assert_status(submit(&b, "/clients/new", body), 422);
}

static void bytes_that_are_no_text_are_400(void **state)
{
	static const char *const pieces[] = {"%00", "%FF", "%C3", "%C0%AF", "%ED%A0%80",
		"%F4%90%80%80", "\xFF", "\xC3", "%", "%4", "%zz"};
	static const char *const pages[] = {"/clients?q=", "/login?next=", "/syncs?before=",
		"/oauth/xero/callback?state=", "/oauth/xero/callback?code=", "/clients/",
		"/invite/", "/nope?"};
	static const struct {
		const char *page, *form;
	} forms[] = {{"/login", "email="}, {"/login", "password="}, {"/clients/new", "name="},
		{"/clients/new", "email="}, {"/profile", "name="}, {"/settings", "zone="},
		{"/mfa/setup/code", "code="}, {"/settings/integrations/label", "label="},
		{"/syncs", "anything="}};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		for (size_t k = 0; k < ARRAY_LEN(pages); k++) {
			struct fcgi_answer r = browse(
				&b, arena_printf(site.arena, "%s%s", pages[k], pieces[i]));
			/* A percent sign in a path is no escape, but such a page is not there either. */
			assert_true(r.status == 400 || (r.status == 404 && k >= 5));
		}
		for (size_t k = 0; k < ARRAY_LEN(forms); k++)
			assert_status(submit(&b, forms[k].page,
					      arena_printf(site.arena, "%s%s", forms[k].form,
						      pieces[i])),
				400);
	}
	assert_status(
		browser_ask(&b, "POST", "/profile", NULL, (struct str){"name=a\0b", 8}), 400);
	assert_string_equal(sql_state_of(f.org_id, 0), before);
}

static void what_stands_twice_is_400(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	assert_status(browse(&b, "/clients?q=a&q=b"), 400);
	assert_status(browse(&b, "/clients?q=a&%71=b"), 400);
	assert_status(browse(&b, "/clients?unknown=1&unknown=2"), 400);
	assert_status(submit(&b, "/profile", "name=a&name=b"), 400);
	assert_status(
		submit(&b, "/profile", arena_printf(site.arena, "name=a&csrf=%s", b.csrf)),
		400);
	/* A field of the form is not looked for in the address. */
	assert_status(browser_ask(&b, "POST", "/profile?name=a", NULL,
			      str_of(arena_printf(site.arena, "csrf=%s", b.csrf))),
		422);
}

/* ASVS 1.1.1. */
static void escapes_are_undone_once(void **state)
{
	static const char *const cases[][2] = {{"%2541", "%41"}, {"%252e%252e", "%2e%2e"},
		{"a+b%2Bc", "a b+c"}, {"%26amp%3B", "&amp;"}, {"%25", "%"}};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fcgi_answer r =
			browse(&b, arena_printf(site.arena, "/clients?q=%s", cases[i][0]));
		assert_string_equal(answer_input(&r, "q"), cases[i][1]);
	}
}

/* ASVS 3.5.2: other kinds of bodies, which a form elsewhere may send without asking first. */
static void only_forms_are_forms(void **state)
{
	static const char *const types[] = {"text/plain", "application/json",
		"multipart/form-data", "multipart/form-data; boundary=x", "", "text/html",
		"application/xml"};
	static const char *const pages[] = {"/login", "/logout", "/profile", "/clients/new",
		"/syncs", "/settings/integrations/connect",
		"/settings/integrations/disconnect"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		for (size_t k = 0; k < ARRAY_LEN(pages); k++) {
			const char *const params[] = {"CONTENT_TYPE", types[i], NULL};
			const char *body = arena_printf(site.arena, "csrf=%s&name=x", b.csrf);
			assert_status(
				browser_ask(&b, "POST", pages[k], params, str_of(body)), 400);
		}
	assert_string_equal(sql_state_of(f.org_id, 0), before);
	assert_status(browse(&b, "/clients"), 200);
}

static void what_a_browser_says_of_itself_is_only_text(void **state)
{
	static const char *const agents[] = {"<script>alert(1)</script>",
		"x\r\nSet-Cookie: a=b", "\xFF\xFE", "\"}\n{\"level\":\"error\"", "%n%n%s"};
	struct firm f;
	(void)state;
	firm_make(&f);
	for (size_t i = 0; i < ARRAY_LEN(agents); i++) {
		struct browser b = {0};
		const char *const params[] = {"HTTP_USER_AGENT", agents[i], "HTTP_X_USER", "1",
			"HTTP_ACCEPT", "\xFF", NULL};
		assert_goes(browser_ask(&b, "POST", "/login", params,
				    str_of(form_of("email", f.member.email, "password",
					    SITE_PASSWORD, NULL))),
			"/clients");
		struct fcgi_answer r = browse(&b, "/profile");
		assert_status(r, 200);
		assert_null(strstr(r.body.p, "<script>alert"));
	}
	/* Every line of the log is one object. */
	struct str rest = str_of(site_log()), line;
	while (str_next(&rest, '\n', &line))
		if (line.n > 0)
			assert_true(
				str_starts(line, "{\"at\":\"") && line.p[line.n - 1] == '}');
}

static void reports_are_taken_and_not_kept(void **state)
{
	static const char *const report[] = {"CONTENT_TYPE", "application/csp-report", NULL};
	struct browser b = {0};
	(void)state;
	struct fcgi_answer r = browser_ask(&b, "POST", "/csp-report", report,
		STR("{\"csp-report\":{\"blocked-uri\":\"https://evil.example/\"}}"));
	assert_status(r, 204);
	assert_int_equal(r.body.n, 0);
	assert_status(
		browser_ask(&b, "POST", "/csp-report", report, STR("{\"a\":\"\xFF\"}")), 400);
}

static void settings_are_judged(void **state)
{
	static const char *const forms[][2] = {
		{"name=&zone=UTC", "Enter the organisation's name."},
		{"name=A&zone=", "Enter a time zone."},
		{"name=A&zone=Mars%2FOlympus", "This time zone is not known."},
		{"name=A&zone=..%2F..%2Fetc%2Fpasswd", "This time zone is not known."},
		{"name=A&zone=%2Fetc%2Flocaltime", "This time zone is not known."},
		{"name=A&zone=posixrules%0A", ""},
	};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct fcgi_answer r = submit(&b, "/settings", forms[i][0]);
		if (i + 1 == ARRAY_LEN(forms) && r.status == 303)
			continue;
		assert_status(r, 422);
		assert_has(r, forms[i][1]);
		assert_string_equal(sql_state_of(f.org_id, 0), before);
	}
	assert_goes(
		submit(&b, "/settings",
			form_of("name", "Rim & <b>Sons</b>", "zone", "Australia/Sydney", NULL)),
		"/settings");
	struct fcgi_answer r = browse(&b, "/settings");
	assert_string_equal(answer_input(&r, "name"), "Rim & <b>Sons</b>");
	assert_null(strstr(browse(&b, "/clients").body.p, "<b>Sons"));
	r = submit(&b, "/profile", "name=");
	assert_status(r, 422);
	assert_has(r, "Enter your name.");
}

/* A small generator of its own, so that a run can be repeated. */
static unsigned chance(unsigned below)
{
	static unsigned seed = 20260301;
	seed = seed * 1103515245U + 12345U;
	return (seed >> 8) % below;
}

static const char *some_bytes(void)
{
	static const char *const words[] = {"", "1", "-1", "0", "99999999999999999999", "%00",
		"%FF", "%", "a+b", "%0d%0aSet-Cookie:%20x=y", "..%2f..%2f", "'%20OR%201=1--",
		"<script>", "%3Cscript%3E", "{{csrf}}", "%E2%80%AE", "%F0%9F%A5%9D", "\xFF",
		"null", "true", "1e9", "%2541", "&", "=", "&&==", ";", "#", "archived",
		"client", "csrf", "%41%41%41%41"};
	struct buf b;
	buf_init(&b, site.arena, 65536);
	for (unsigned n = chance(4); n > 0; n--) {
		if (chance(5) > 0)
			buf_adds(&b, words[chance(ARRAY_LEN(words))]);
		else
			for (unsigned k = chance(300); k > 0; k--)
				buf_addc(&b, (char)(0x21 + chance(0x5E)));
	}
	return b.data;
}

static const char *some_form(const struct route *r)
{
	static const char *const names[] = {"csrf", "name", "q", "id", "email", "x"};
	struct buf b;
	buf_init(&b, site.arena, 65536);
	for (unsigned n = chance(6); n > 0; n--) {
		const char *name = r->n_fields > 0 && chance(4) > 0
					   ? r->fields[chance((unsigned)r->n_fields)].name
					   : names[chance(ARRAY_LEN(names))];
		buf_printf(&b, "%s%s=%s", b.len == 0 ? "" : "&", name, some_bytes());
	}
	return b.data;
}

static void ask_something(struct browser *b)
{
	static const char *const methods[] = {
		"GET", "GET", "POST", "POST", "POST", "HEAD", "PUT"};
	static const char *const headers[] = {"HTTP_COOKIE", "HTTP_ORIGIN",
		"HTTP_SEC_FETCH_SITE", "HTTP_USER_AGENT", "CONTENT_TYPE", "HTTP_HOST",
		"HTTP_ACCEPT", "HTTP_RANGE", "CONTENT_LENGTH", "REMOTE_ADDR", "REQUEST_ID"};
	const struct route *r = &routes_table[chance((unsigned)routes_count)];
	const char *uri = address_of(r->pattern), *form = some_form(r);
	const char *params[3] = {NULL};
	/* Log-ins cost time on purpose. */
	if (strcmp(uri, "/login") == 0 || strcmp(uri, "/confirm") == 0)
		uri = "/login?x=1";
	if (chance(3) == 0)
		uri = arena_printf(site.arena, "%s%c%s", uri, "?/."[chance(3)], some_form(r));
	if (chance(4) == 0) {
		params[0] = headers[chance(ARRAY_LEN(headers))];
		params[1] = some_bytes();
	}
	const char *method = methods[chance(ARRAY_LEN(methods))];
	if (strcmp(method, "POST") == 0 && chance(2) == 0)
		(void)submit(b, uri, form);
	else
		(void)browser_ask(b, method, uri, params, str_of(form));
}

/* browser_ask() fails at a 5xx, a cut answer, a missing header; here it is also looked at who died. */
static void thousands_by_chance_do_no_harm(void **state)
{
	struct firm f, away;
	struct browser b, nobody = {0};
	int times = site_is_long() ? 10000 : 1500;
	(void)state;
	settle(&f, &b);
	firm_make(&away);
	(void)firm_client(&away, "Not to be touched", false);
	const char *before = sql_state_of(away.org_id, 0);
	for (int i = 0; i < times; i++) {
		struct arena *kept = site.arena;
		site.arena = arena_new();
		struct browser *who = i % 4 == 0 ? &nobody : &b;
		ask_something(who);
		if (b.cookie[0] == '\0' || i % 100 == 0)
			browser_enter(&b, &f.admin, 2);
		arena_free(&site.arena);
		site.arena = kept;
	}
	assert_string_equal(sql_state_of(away.org_id, 0), before);
	assert_null(strstr(site_log(), "prefork.child_ended"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(unknown_addresses_are_404),
		SITE_TEST(other_methods_are_405_with_allow),
		SITE_TEST(head_is_get_without_a_body),
		SITE_TEST(long_bodies_are_413),
		SITE_TEST(bytes_that_are_no_text_are_400),
		SITE_TEST(what_stands_twice_is_400),
		SITE_TEST(escapes_are_undone_once),
		SITE_TEST(only_forms_are_forms),
		SITE_TEST(what_a_browser_says_of_itself_is_only_text),
		SITE_TEST(reports_are_taken_and_not_kept),
		SITE_TEST(settings_are_judged),
		SITE_TEST(thousands_by_chance_do_no_harm),
	};
	return site_run(tests);
}
