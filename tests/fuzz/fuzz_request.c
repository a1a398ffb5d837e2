/*
 * What nginx may hand over, one part a line: method, address, kind of body,
 * cookies, browser, origin, fetch site, request id; the body is the rest. Judged
 * before anyone reads it: text that is no text reaches nobody, a body that is no form
 * (multipart above all) carries nothing, and a cookie is octets or absent.
 */
#include "fuzz/fuzz.h"
#include "support/fake_request.h"

static const char *const names[] = {"REQUEST_METHOD", "REQUEST_URI", "CONTENT_TYPE",
	"HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "REQUEST_ID"};

static bool is_text(const char *s)
{
	return s != NULL && str_utf8_valid(str_of(s));
}

static void check_form(const struct form *f)
{
	must(f->n <= FORM_PAIRS_MAX);
	for (size_t i = 0; i < f->n; i++) {
		bool twice = false;
		must(is_text(f->pairs[i].name) && is_text(f->pairs[i].value));
		must(form_get(f, f->pairs[i].name, &twice) == f->pairs[i].value && !twice);
	}
}

static void check(const struct request *r, const struct fake_request *fake, bool good)
{
	const char *cookie = request_cookie(r, "__Host-gap"), *type = fake->params[5];
	bool form = strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
	must(r->path[0] == '/' && is_text(r->path) && strlen(r->path) <= REQUEST_PATH_MAX);
	must(is_text(r->method_text) && is_text(r->query_text) && is_text(r->user_agent));
	must(strlen(r->user_agent) <= REQUEST_AGENT_MAX &&
		strpbrk(r->user_agent, "\r\n") == NULL);
	must(strlen(r->id) == 32 && strspn(r->id, "0123456789abcdef") == 32);
	must(cookie == NULL || strpbrk(cookie, " \t\r\n\",;\\") == NULL);
	must(r->method == METHOD_POST || (r->body.n == 0 && r->report.n == 0));
	must(r->body.n == 0 || form);
	must(r->report.n == 0 || (r->body.n == 0 && str_utf8_valid(r->report)));
	if (good && r->method == METHOD_POST && fake->body.n > 0)
		must(form || str_has(str_of(type), '/'));
	if (strncasecmp(type, "multipart/", 10) == 0 && fake->body.n > 0 &&
		r->method == METHOD_POST)
		must(!good);
	check_form(&r->query);
	check_form(&r->body);
	(void)request_is_cross_site(r, "https://localhost:8443");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str rest = {(const char *)data, size};
	const char *params[2 * ARRAY_LEN(names) + 1] = {NULL};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		params[2 * i] = names[i];
		params[2 * i + 1] = fuzz_part(a, &rest, '\n');
	}
	struct fake_request fake = {.params = params, .body = rest};
	struct request_source source = fake_request_source(&fake);
	struct request r;
	struct err e = {0};
	bool good = request_judge(a, &source, &r, &e);
	must(good || e.kind == ERR_MALFORMED || e.kind == ERR_TOO_LARGE);
	check(&r, &fake, good);
	arena_free(&a);
	return 0;
}
