/* The rest of a request than its fields, at every route: address, headers, cookies, kinds of body, whole forms, chance. */
#include "pages/gate.h"
#include "support/crafted.h"

static struct crafted_world w;

/* Opening set-up makes the secret that it shows; a return from Xero that nobody waits for is told to admins. */
static bool leaves_traces(const struct route *r)
{
	return strcmp(r->pattern, "/mfa/setup") == 0 ||
	       strcmp(r->pattern, "/oauth/xero/callback") == 0;
}

/* Asks by everybody, without a token: then nothing at all may come of it. What a member may an admin may too. */
static void by_all(const struct route *r, const char *uri, const char *const *params)
{
	for (int who = 0; who < CRAFTED_WHO__MAX; who++)
		if (who != CRAFTED_MEMBER || site_is_long())
			(void)crafted_ask(
				&w, (enum crafted_who)who, r, uri, params, "x=1", false);
}

static void at_every_route(void (*with)(const struct route *r), const char *what)
{
	crafted_begin(&w);
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *r = &routes_table[i];
		const char *before = crafted_state();
		with(r);
		if (!leaves_traces(r))
			crafted_same(before, r->pattern);
		crafted_sign_in(&w);
	}
	crafted_end(&w, what);
}

/* What an address may have instead of {id}, or behind it. */
static const char *const segments[] = {"0", "-1", "+1", "01", "1e3", "0x1", "1.0", "%31",
	"9223372036854775807", "9223372036854775808", "99999999999999999999999", "%00", "1%00",
	"%FF", "%C3", "%", "%zz", "\xFF", "%2e%2e", "..", ".", "..%2f..%2f", "%2F", "%5c..%5c",
	"1%0d%0aX:%20y", "1%0a", "%20", "1%20", "%27--", "%3Cscript%3E", "{id}", "%E2%80%AE",
	"%F0%9F%A5%9D", "1;x=1", "1,2", "null", "%2541", "*", "1'", "1\"", "~"};

static void odd_segments(const struct route *r)
{
	struct str before, after, name;
	if (!str_cut(str_of(r->pattern), '{', &before, &after) ||
		!str_cut(after, '}', &name, &after))
		return;
	char *huge = arena_alloc(site.arena, 2001);
	memset(huge, 'A', 2000);
	for (size_t i = 0; i <= ARRAY_LEN(segments); i++) {
		const char *segment = i == ARRAY_LEN(segments) ? huge : segments[i];
		by_all(r,
			arena_printf(site.arena, "%.*s%s%.*s", (int)before.n, before.p, segment,
				(int)after.n, after.p),
			NULL);
	}
}

static void odd_addresses(const struct route *r)
{
	static const char *const around[] = {"%s/", "//%s", "/.%s", "%s/.", "%s/..", "%s//",
		"%s%%00", "%s%%2f", "%s;x=1", "%s.json", "%s%%20", "%s\\", "%s?", "%s?%%",
		"%s?&&=&", "%s?a=%%FF", "%s?a%%5B%%5D=1", "%s?x=1&x=2", "%s#f", "%s?a=%%00",
		"/%%2e%%2e%s", "/x/..%s", "http://evil.example%s", "https://localhost:8443%s",
		"%s%%3Fx=1", "*%s", "%s\xFF"};
	const char *uri = crafted_address(&w, r);
	for (size_t i = 0; i < ARRAY_LEN(around); i++) {
		struct str before, after;
		struct str pattern = str_of(around[i]);
		const char *at = strstr(around[i], "%s");
		before = str_sub(pattern, 0, (size_t)(at - around[i]));
		after = str_sub(pattern, before.n + 2, pattern.n);
		struct buf b;
		buf_init(&b, site.arena, 4096);
		buf_printf(&b, "%.*s%s", (int)before.n, before.p, uri);
		/* Two percent signs in the list are one on the wire. */
		for (size_t k = 0; k < after.n; k++)
			if (after.p[k] != '%' || k + 1 == after.n || after.p[k + 1] != '%')
				buf_addc(&b, after.p[k]);
		by_all(r, b.data, NULL);
	}
	odd_segments(r);
}

static void addresses_do_nothing(void **state)
{
	(void)state;
	at_every_route(odd_addresses, "addresses");
}

static const char *const headers[][2] = {
	{"HTTP_COOKIE", ""},
	{"HTTP_COOKIE", "="},
	{"HTTP_COOKIE", ";;;,"},
	{"HTTP_COOKIE", SITE_COOKIE},
	{"HTTP_COOKIE", SITE_COOKIE "="},
	{"HTTP_COOKIE", SITE_COOKIE "=x"},
	{"HTTP_COOKIE", SITE_COOKIE "=\xFF\xFE"},
	{"HTTP_COOKIE", SITE_COOKIE "=%00"},
	{"HTTP_COOKIE", SITE_COOKIE "=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	{"HTTP_COOKIE", SITE_COOKIE "=a; " SITE_COOKIE "=b"},
	{"HTTP_COOKIE", SITE_COOKIE "=\"quoted\""},
	{"HTTP_COOKIE", SITE_COOKIE "=../../x"},
	{"HTTP_COOKIE", SITE_COOKIE "=' OR 1=1--"},
	{"HTTP_COOKIE", "a=b\r\nX: y"},
	{"HTTP_COOKIE", "$Version=1; " SITE_COOKIE "=x; $Path=/"},
	{"HTTP_ORIGIN", "null"},
	{"HTTP_ORIGIN", "https://evil.example"},
	{"HTTP_ORIGIN", SITE_ORIGIN ".evil.example"},
	{"HTTP_ORIGIN", SITE_ORIGIN "@evil.example"},
	{"HTTP_ORIGIN", "\xFF"},
	{"HTTP_ORIGIN", SITE_ORIGIN "\r\n"},
	{"HTTP_SEC_FETCH_SITE", "cross-site"},
	{"HTTP_SEC_FETCH_SITE", "\xFF"},
	{"HTTP_SEC_FETCH_SITE", "same-origin, cross-site"},
	{"HTTP_REFERER", "javascript:x"},
	{"HTTP_HOST", ""},
	{"HTTP_HOST", "evil.example"},
	{"HTTP_HOST", "localhost:8443:1"},
	{"HTTP_HOST", "localhost\r\nX: y"},
	{"HTTP_HOST", "[::1"},
	{"HTTP_HOST", "\xFF"},
	{"SERVER_NAME", "evil.example"},
	{"HTTPS", "off"},
	{"SERVER_PROTOCOL", "HTTP/9.9"},
	{"HTTP_USER_AGENT", "() { :;}; /bin/id"},
	{"HTTP_USER_AGENT", "%n%n%s\r\n\xC3"},
	{"HTTP_ACCEPT", "\xFF;q=x"},
	{"HTTP_ACCEPT_LANGUAGE", "../../../etc"},
	{"HTTP_RANGE", "bytes=0-,0-,0-,0-"},
	{"HTTP_RANGE", "bytes=-99999999999999999999"},
	{"HTTP_EXPECT", "100-continue"},
	{"HTTP_PROXY", "http://evil.example:1"},
	{"HTTP_X_HTTP_METHOD_OVERRIDE", "DELETE"},
	{"HTTP_X_ORIGINAL_URL", "/settings"},
	{"HTTP_X_FORWARDED_FOR", "127.0.0.1"},
	{"HTTP_X_FORWARDED_HOST", "evil.example"},
	{"HTTP_AUTHORIZATION", "Basic Og=="},
	{"REMOTE_ADDR", ""},
	{"REMOTE_ADDR", "x"},
	{"REMOTE_ADDR", "999.1.1.1"},
	{"REMOTE_ADDR", "::ffff:127.0.0.1%lo"},
	{"REQUEST_ID", ""},
	{"REQUEST_ID", "x\r\ny"},
	{"REQUEST_ID", "\xFF"},
	{"CONTENT_LENGTH", "-1"},
	{"CONTENT_LENGTH", "0"},
	{"CONTENT_LENGTH", "2"},
	{"CONTENT_LENGTH", "4"},
	{"CONTENT_LENGTH", "+3"},
	{"CONTENT_LENGTH", "3, 3"},
	{"CONTENT_LENGTH", "0x3"},
	{"CONTENT_LENGTH", "99999999999999999999"},
	{"CONTENT_LENGTH", "65537"},
	{"HTTP_TRANSFER_ENCODING", "chunked"},
	{"HTTP_CONTENT_ENCODING", "gzip"},
	{"REQUEST_URI", ""},
	{"REQUEST_URI", "x"},
	{"REQUEST_URI", "*"},
	{"REQUEST_URI", "/\xFF"},
	{"QUERY_STRING", "\xFF"},
	{"DOCUMENT_URI", "/../../etc/passwd"},
	{"REQUEST_METHOD", ""},
	{"REQUEST_METHOD", "GET / HTTP/1.1\r\nX: y"},
	{"REQUEST_METHOD", "\xFF"},
	{"REQUEST_METHOD", "get"},
	{"REQUEST_METHOD", "DELETE"},
	{"REQUEST_METHOD", "TRACE"},
};

static void odd_headers(const struct route *r)
{
	const char *uri = crafted_address(&w, r);
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		const char *const params[] = {headers[i][0], headers[i][1], NULL};
		by_all(r, uri, params);
	}
	/* Longer than nginx would let through. */
	char *huge = arena_alloc(site.arena, 40001);
	memset(huge, 'h', 40000);
	const char *const names[] = {"HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_ORIGIN",
		"HTTP_HOST", "QUERY_STRING", "REQUEST_URI", "REMOTE_ADDR", "CONTENT_TYPE"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *const params[] = {names[i], huge, NULL};
		by_all(r, uri, params);
	}
}

static void headers_do_nothing(void **state)
{
	(void)state;
	at_every_route(odd_headers, "headers and cookies");
}

static const char *const types[] = {"", "x", "text/plain", "application/json", "text/xml",
	"multipart/form-data", "multipart/form-data; boundary=b",
	"multipart/form-data; boundary=\"", "multipart/mixed; boundary=b",
	"application/x-www-form-urlencodedx", "application/x-www-form-urlencoded/x",
	"application/csp-report", "application/octet-stream", "\xFF",
	"text/plain; application/x-www-form-urlencoded", "application/x-www-form-urlencode"};

/* A browser's report is a body that may come anywhere and says nothing: there the form is empty. */
static void refused(const struct route *r, const char *type, int status)
{
	bool report = strcmp(type, "application/csp-report") == 0;
	if (status != 400 && !(report && status >= 300 && status < 500))
		fail_msg("%s as %s: %d", r->pattern, type, status);
}

/* Good forms of people who may, in kinds of body that are no form: 400, every one. */
static void odd_bodies(const struct route *r)
{
	if (r->method != METHOD_POST || strcmp(r->pattern, "/csp-report") == 0)
		return;
	const char *uri = crafted_address(&w, r), *good;
	good = arena_printf(site.arena, "x=1&%s", crafted_form(r, r->n_fields, ""));
	const char *part = arena_printf(site.arena,
		"--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n--b--\r\n",
		w.browsers[CRAFTED_ADMIN].csrf);
	for (int who = 0; who < CRAFTED_WHO__MAX; who++)
		for (size_t i = 0; i < ARRAY_LEN(types); i++) {
			const char *const params[] = {"CONTENT_TYPE", types[i], NULL};
			enum crafted_who by = (enum crafted_who)who;
			refused(r, types[i], crafted_ask(&w, by, r, uri, params, good, true));
			refused(r, types[i], crafted_ask(&w, by, r, uri, params, part, false));
		}
}

static void bodies_that_are_no_form_do_nothing(void **state)
{
	(void)state;
	at_every_route(odd_bodies, "kinds of body");
}

/* A whole form gone wrong around good values. */
static void odd_forms(const struct route *r)
{
	static const char *const tails[] = {"&csrf=x", "&%63srf=x", "&=", "&%00=1", "&a=%FF",
		"&a=1&a=2", "&a%5B%5D=1&a%5B%5D=2", "&%=1", "&%zz", "&\xFF=1"};
	if (r->method != METHOD_POST || strcmp(r->pattern, "/csp-report") == 0)
		return;
	const char *uri = crafted_address(&w, r), *good = crafted_form(r, r->n_fields, "");
	struct buf many, name;
	buf_init(&many, site.arena, 4096);
	for (int i = 0; i < 70; i++)
		buf_printf(&many, "&f%d=1", i);
	buf_init(&name, site.arena, 4096);
	for (int i = 0; i < 200; i++)
		buf_adds(&name, i == 0 ? "&n" : "n");
	buf_adds(&name, "=1");
	for (int who = CRAFTED_MEMBER; who < CRAFTED_WHO__MAX; who++) {
		for (size_t i = 0; i < ARRAY_LEN(tails) + 2; i++) {
			const char *tail = i < ARRAY_LEN(tails)	   ? tails[i]
					   : i == ARRAY_LEN(tails) ? many.data
								   : name.data;
			/* An empty pair, or one unknown name, is no fault of a form's. */
			if (strcmp(tail, "&=") == 0)
				continue;
			int status = crafted_ask(&w, (enum crafted_who)who, r, uri, NULL,
				arena_printf(site.arena, "%s%s", good, tail), true);
			if (status < 400 || status > 499)
				fail_msg("%s with %s: %d", r->pattern, tail, status);
		}
	}
}

static void forms_gone_wrong_do_nothing(void **state)
{
	(void)state;
	at_every_route(odd_forms, "whole forms");
}

static const char *by_chance(void)
{
	struct buf b;
	buf_init(&b, site.arena, 64 * 1024);
	for (unsigned n = crafted_chance(6); n > 0; n--) {
		const char *value =
			crafted_values[crafted_chance((unsigned)crafted_values_count)].raw;
		switch (crafted_chance(4)) {
		case 0:
			buf_addc(&b, "&=?/;+%#"[crafted_chance(8)]);
			break;
		case 1:
			for (unsigned k = crafted_chance(64); k > 0; k--)
				buf_addc(&b, (char)(1 + crafted_chance(255)));
			break;
		default:
			buf_adds(&b, value);
		}
	}
	return b.data;
}

/* Where no token is asked a good form would be taken. */
static const char *some_form(const struct route *r)
{
	if (r->gates & GATE_NO_CSRF || crafted_chance(2) == 0)
		return by_chance();
	return crafted_form(r, r->n_fields, "");
}

/* Pieces of all that in any order; again by the seed that it prints. */
static void requests_by_chance_do_nothing(void **state)
{
	int times = site_is_long() ? 50000 : 1500;
	struct arena *kept = *state;
	crafted_begin(&w);
	const char *before = crafted_state();
	for (int i = 0; i < times; i++) {
		site.arena = arena_new();
		const struct route *r = &routes_table[crafted_chance((unsigned)routes_count)];
		const char *uri = crafted_address(&w, r);
		const char *const params[] = {
			headers[crafted_chance(ARRAY_LEN(headers))][0], by_chance(), NULL};
		if (crafted_chance(2) == 0)
			uri = arena_printf(site.arena, "%s%c%s", uri, "?/"[crafted_chance(2)],
				by_chance());
		if (!leaves_traces(r))
			(void)crafted_ask(&w,
				(enum crafted_who)crafted_chance(CRAFTED_WHO__MAX), r, uri,
				crafted_chance(2) == 0 ? params : NULL, some_form(r), false);
		arena_free(&site.arena);
	}
	site.arena = kept;
	crafted_same(before, "chance");
	crafted_end(&w, "by chance");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(addresses_do_nothing),
		SITE_TEST(headers_do_nothing),
		SITE_TEST(bodies_that_are_no_form_do_nothing),
		SITE_TEST(forms_gone_wrong_do_nothing),
		SITE_TEST(requests_by_chance_do_nothing),
	};
	return site_run(tests);
}
