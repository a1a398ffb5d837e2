/* The sandbox's faults: each as it was asked for, as often as it was asked for, and then no more. */
#include "support/sandbox_test.h"

#include "base/clock.h"
#include "codec/xml.h"

#define LIST "/practicemanager/3.1/client.api/list"

static struct {
	const char *access, *tenant;
} app;

static void connect_app(struct arena *a)
{
	app.access = sbx_connect(a, SBX_SCOPES, "1").access;
	app.tenant = sbx_tenant(a, app.access);
}

static struct fcgi_answer list(struct arena *a)
{
	return sbx_call(a, "GET", LIST, app.access, app.tenant, NULL);
}

static struct fcgi_answer list_with(struct arena *a, const char *fault, const char *arg)
{
	sbx_control(a, arena_printf(a, "fault=%s&for=list&arg=%s", fault, arg));
	return list(a);
}

static bool any_start(
	void *user, const char *name, const char *const *attributes, struct err *e)
{
	(void)user;
	(void)name;
	(void)attributes;
	(void)e;
	return true;
}

static bool any_end(void *user, const char *name, struct err *e)
{
	(void)user;
	(void)name;
	(void)e;
	return true;
}

static bool any_text(void *user, const char *name, struct str text, struct err *e)
{
	(void)user;
	(void)name;
	(void)text;
	(void)e;
	return true;
}

static bool is_well_formed(struct arena *a, struct str body)
{
	const struct xml_handler h = {any_start, any_end, any_text, NULL};
	struct xml *x = xml_new(a, (struct xml_limits){16, 16, 65536}, &h);
	struct err e;
	return xml_feed(x, body.p, body.n, &e) && xml_end(x, &e);
}

static int count(struct str body, const char *words)
{
	int n = 0;
	for (const char *at = body.p; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static void whole_answers_come_once_and_go(void **state)
{
	static const struct {
		const char *fault, *arg;
		int status;
		const char *type, *body, *header, *value;
	} cases[] = {
		{"400", "", 400, "text/xml; charset=utf-8", "<Status>ERROR</Status>", NULL,
			NULL},
		{"401", "", 401, "application/json", "AuthenticationUnsuccessful",
			"WWW-Authenticate", "Bearer error=invalid_token"},
		{"401-expired", "", 401, "application/json", "TokenExpired: token expired at ",
			"WWW-Authenticate", "Bearer error=invalid_token"},
		{"401-scope", "", 401, "application/json", "Unauthorized", "WWW-Authenticate",
			"Bearer error=insufficent_scope"},
		{"403", "", 403, "application/json", "Forbidden", "X-AppMinLimit-Remaining",
			"9999"},
		{"404", "", 404, "text/plain; charset=utf-8", "cannot be found", NULL, NULL},
		{"429", "", 429, "text/plain", "", "Retry-After", "22"},
		{"429", "0", 429, "text/plain", "", "Retry-After", "0"},
		{"429", "-5", 429, "text/plain", "", "Retry-After", "-5"},
		{"429", "soon", 429, "text/plain", "", "Retry-After", "soon"},
		{"429", "999999999", 429, "text/plain", "", "Retry-After", "999999999"},
		{"429", "none", 429, "text/plain", "", "Retry-After", NULL},
		{"429", "Sun%2C+06+Nov+1994+08%3A49%3A37+GMT", 429, "text/plain", "",
			"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"},
		{"429-day", "", 429, "text/plain", "", "X-Rate-Limit-Problem", "day"},
		{"429-concurrent", "", 429, "text/plain", "", "Retry-After", NULL},
		{"429-app", "", 429, "text/plain", "", "X-Rate-Limit-Problem", "appminute"},
		{"500", "", 500, "text/xml; charset=utf-8", "<Status>ERROR</Status>", NULL,
			NULL},
		{"500-junk", "", 500, "application/json", "{Status\":500}", NULL, NULL},
		{"500-html", "", 500, "text/html; charset=utf-8", "maintenance", NULL, NULL},
		{"502", "", 502, "text/html; charset=utf-8", "maintenance", NULL, NULL},
		{"503", "", 503, "application/json", "ServiceNotAvailable", NULL, NULL},
		{"503-text", "", 503, "text/plain; charset=utf-8", "offline", NULL, NULL},
		{"504", "", 504, "text/html; charset=utf-8", "maintenance", NULL, NULL},
		{"html", "", 200, "text/html; charset=utf-8", "<!doctype html>", NULL, NULL},
		{"empty-body", "", 200, "text/xml; charset=utf-8", "", "Content-Length", "0"},
		{"204", "", 204, "text/xml; charset=utf-8", "", "Content-Length", NULL},
		{"redirect", "", 302, "text/plain; charset=utf-8", "", "Location",
			"https://example.org/"},
		{"status-error", "Gone+fishing", 200, "text/xml; charset=utf-8",
			"<ErrorDescription>Gone fishing</ErrorDescription>", NULL, NULL},
	};
	struct arena *a = *state;
	connect_app(a);
	sbx_control(a, "limits=off");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fcgi_answer r = list_with(a, cases[i].fault, cases[i].arg);
		if (r.status != cases[i].status)
			fail_msg("%s: %d", cases[i].fault, r.status);
		assert_true(r.complete);
		assert_string_equal(fcgi_answer_header(a, &r, "Content-Type"), cases[i].type);
		if (*cases[i].body == '\0')
			assert_int_equal(r.body.n, 0);
		else
			assert_non_null(strstr(r.body.p, cases[i].body));
		if (cases[i].value != NULL)
			assert_string_equal(
				fcgi_answer_header(a, &r, cases[i].header), cases[i].value);
		else if (cases[i].header != NULL)
			assert_null(fcgi_answer_header(a, &r, cases[i].header));
		assert_int_equal(list(a).status, 200);
	}
}

static void faults_count_skip_and_clear(void **state)
{
	struct arena *a = *state;
	connect_app(a);
	sbx_control(a, "fault=503&for=list&times=2&after=1");
	assert_int_equal(list(a).status, 200);
	assert_int_equal(list(a).status, 503);
	assert_int_equal(list(a).status, 503);
	assert_int_equal(list(a).status, 200);
	sbx_control(a, "fault=500&for=list&times=always");
	sbx_control(a, "fault=403&for=get");
	for (int i = 0; i < 4; i++)
		assert_int_equal(list(a).status, 500);
	assert_int_equal(sbx_number(a, "faults", "fired"), 2);
	sbx_control(a, "clear=list");
	assert_int_equal(list(a).status, 200);
	assert_int_equal(sbx_number(a, "calls", "list"), 9);
	assert_int_equal(sbx_call(a, "GET", "/practicemanager/3.1/client.api/get/x", app.access,
				 app.tenant, NULL)
				 .status,
		403);
	/* One after the other, in the order in which they were set. */
	sbx_control(a, "fault=401&for=list");
	sbx_control(a, "fault=404&for=list");
	assert_int_equal(list(a).status, 401);
	assert_int_equal(list(a).status, 404);
	assert_int_equal(list(a).status, 200);
}

static void broken_documents_are_broken_as_asked(void **state)
{
	static const struct {
		const char *fault, *arg, *words;
		bool well_formed;
	} cases[] = {
		{"root", "", "<Answer api-method=\"List\"><Status>OK</Status>", true},
		{"no-status", "", "<Response api-method=\"List\"><Clients>", true},
		{"no-clients", "",
			"<Response api-method=\"List\"><Status>OK</Status></Response>", true},
		{"empty-list", "", "<Status>OK</Status><Clients /></Response>", true},
		{"not-closed", "", "</Clients>", false},
		{"trailing", "", "</Response><Response>", false},
		{"doctype", "", "<!DOCTYPE Response [<!ENTITY e SYSTEM", false},
		{"bombs", "", "<!ENTITY l9 \"&l8;", false},
		{"deep", "5000", "<Deeper><Deeper>", false},
		{"attributes", "5000", " a4999=\"\"", false},
		{"huge-text", "1", "aaaaaaaa", false},
		{"latin-1", "", "Wh?nau", false},
		{"bad-utf8", "", " \xFF</Name>", false},
		{"surrogate", "", " \xED\xA0\x80</Name>", false},
		{"control", "", " \x01</Name>", false},
	};
	struct arena *a = *state;
	connect_app(a);
	sbx_control(a, "limits=off");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fcgi_answer r = list_with(a, cases[i].fault, cases[i].arg);
		assert_int_equal(r.status, 200);
		assert_true(r.complete);
		if (strstr(r.body.p, cases[i].words) == NULL)
			fail_msg("%s: no %s in %.200s", cases[i].fault, cases[i].words,
				r.body.p);
		if (is_well_formed(a, r.body) != cases[i].well_formed)
			fail_msg("%s: well-formed or not", cases[i].fault);
	}
	struct fcgi_answer r = list_with(a, "nul", "");
	assert_true(str_has(r.body, '\0'));
}

static void transfers_break_as_asked(void **state)
{
	struct arena *a = *state;
	connect_app(a);
	sbx_control(a, "limits=off");
	struct fcgi_answer r = list_with(a, "cut", "777");
	assert_false(r.complete);
	assert_int_equal(r.body.n, 777);
	r = list_with(a, "cut-quietly", "0");
	assert_true(r.complete);
	assert_int_equal(r.body.n, 0);
	r = list_with(a, "cut-quietly", "777");
	assert_true(r.complete);
	assert_int_equal(r.body.n, 777);
	r = list_with(a, "cut", "999999999");
	assert_true(is_well_formed(a, r.body));
	r = list_with(a, "long-length", "10");
	assert_int_equal(
		strtoll(fcgi_answer_header(a, &r, "Content-Length"), NULL, 10), r.body.n + 10);
	assert_int_equal(fcgi_answer_count(&r, "Content-Length"), 1);
	r = list_with(a, "endless", "2");
	assert_false(r.complete);
	assert_true(r.body.n >= 2 * 1024 * 1024);
	r = list_with(a, "type", "");
	assert_string_equal(
		fcgi_answer_header(a, &r, "Content-Type"), "application/octet-stream");
	r = list_with(a, "charset", "");
	assert_string_equal(
		fcgi_answer_header(a, &r, "Content-Type"), "text/xml; charset=utf-16");

	int64_t began = clock_mono_ms();
	r = list_with(a, "slow", "300");
	assert_true(clock_mono_ms() - began >= 300);
	assert_true(is_well_formed(a, r.body));
	sbx_control(a, "size=1&fault=drip&for=list&arg=4000");
	began = clock_mono_ms();
	r = list(a);
	assert_true(is_well_formed(a, r.body));
	assert_true(clock_mono_ms() - began >= (int64_t)r.body.n / 8);

	sbx_control(a, "fault=drop&for=list");
	const struct fcgi_ask ask = {"GET", LIST, NULL, STR("")};
	assert_false(fcgi_ask(a, sbx.socket, &ask, &r));
	sbx_control(a, "fault=hang&for=list&arg=0");
	assert_false(fcgi_ask(a, sbx.socket, &ask, &r));
}

/* Of the first client that an app takes: faults are told of none that it leaves out. */
static const char *first_uuid(struct arena *a, struct str body)
{
	const char *no = strstr(body.p, "<IsProspect>No<"), *uuid = NULL;
	assert_non_null(no);
	for (const char *at = strstr(body.p, "<Client><UUID>"); at != NULL && at < no;
		at = strstr(at + 1, "<Client><UUID>"))
		uuid = at + strlen("<Client><UUID>");
	assert_non_null(uuid);
	return arena_strndup(a, uuid, 36);
}

static void records_are_told_wrong_as_asked(void **state)
{
	static const struct {
		const char *fault, *words;
		int least;
	} cases[] = {
		{"missing-uuid", "<Client><Name>", 1},

		{"blank-name", "<Name>   </Name>", 1},
		{"control-name", "\n\tbelow</Name>", 1},
		{"two-primaries", "Second Primary", 1},
		{"none-primary", "Nobody Either", 1},
		{"contact-no-uuid", "<Contact><Name>Without Uuid", 1},
		{"contact-bad-uuid", "<UUID>not-a-uuid</UUID>", 1},
		{"many-contacts", "<Name>Contact ", 600},
		{"duplicate-differs", "(again)</Name>", 1},
	};
	struct arena *a = *state;
	connect_app(a);
	sbx_control(a, "limits=off");
	struct fcgi_answer good = list(a);
	int clients = count(good.body, "<Client>");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fcgi_answer r = list_with(a, cases[i].fault, "");
		assert_true(is_well_formed(a, r.body));
		if (count(r.body, cases[i].words) < cases[i].least)
			fail_msg("%s: %.600s", cases[i].fault, r.body.p);
	}
	const char *uuid = first_uuid(a, good.body);
	assert_non_null(strstr(good.body.p, "<IsProspect>Yes<"));
	struct fcgi_answer r = list_with(a, "duplicate-uuid", "1");
	assert_int_equal(count(r.body, uuid), 2);
	assert_int_equal(count(r.body, "<Client>"), clients + 1);
	r = list_with(a, "bad-uuid", "1");
	assert_int_equal(count(r.body, arena_printf(a, "<UUID>%.30s</UUID>", uuid)), 1);
	r = list_with(a, "upper-uuid", "1");
	assert_int_equal(count(r.body, uuid), 0);
	assert_int_equal(count(r.body, "<Client>"), clients);
	r = list_with(a, "no-name", "1");
	assert_int_equal(count(r.body, "<Name>"), count(good.body, "<Name>") - 1);
	r = list_with(a, "no-contacts", "2");
	assert_int_equal(
		count(r.body, "<Contacts>") + count(r.body, "<Contacts />"), clients - 1);
	r = list_with(a, "duplicate-contact", "1");
	assert_true(count(r.body, "<Contact>") > count(good.body, "<Contact>"));
	r = list_with(a, "long-name", "10240");
	const char *bent = strstr(r.body.p, uuid);
	assert_non_null(bent);
	assert_int_equal(strcspn(strstr(bent, "<Name>") + 6, "<"), 10240);
}

/* Fault 41: another order, overlaps, gaps, pages. */
static void lists_come_otherwise_as_asked(void **state)
{
	struct arena *a = *state;
	connect_app(a);
	sbx_control(a, "limits=off");
	struct fcgi_answer good = list(a);
	int clients = count(good.body, "<Client>");
	const char *first = arena_strndup(a, strstr(good.body.p, "<UUID>"), 42);
	struct fcgi_answer r = list_with(a, "reversed", "");
	assert_int_equal(r.body.n, good.body.n);
	assert_int_equal(count(r.body, first), count(good.body, first));
	assert_true(strstr(r.body.p, first) - r.body.p > (ptrdiff_t)r.body.n / 2);
	r = list_with(a, "repeated", "");
	assert_int_equal(count(r.body, "<Client>"), 2 * clients);
	r = list_with(a, "left-out", "1");
	assert_int_equal(count(r.body, "<Client>"), clients - 1);
	assert_int_equal(count(r.body, first_uuid(a, good.body)), 0);
	assert_int_equal(count(r.body, first), count(good.body, first));
	r = list_with(a, "next-page", "");
	assert_true(is_well_formed(a, r.body));
	assert_non_null(
		strstr(r.body.p, "pageToken=Mg</Next></Links></Pagination></Response>"));
	r = list_with(a, "utf-16", "");
	assert_string_equal(
		fcgi_answer_header(a, &r, "Content-Type"), "text/xml; charset=utf-16");
	assert_memory_equal(r.body.p, "\xFF\xFE<\0R\0e\0s\0", 10);
}

static void token_answers_go_wrong_as_asked(void **state)
{
	struct arena *a = *state;
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1"), next;
	const char *form =
		arena_printf(a, "grant_type=refresh_token&refresh_token=%s", t.refresh);

	sbx_control(a, "fault=oauth&for=token");
	assert_string_equal(sbx_token(a, form).body.p, "{\"error\":\"invalid_grant\"}");
	sbx_control(a, "fault=oauth&for=token&arg=invalid_client");
	assert_string_equal(sbx_token(a, form).body.p, "{\"error\":\"invalid_client\"}");
	sbx_control(a, "fault=no-refresh-token&for=token");
	assert_null(sbx_tokens_of(a, form).refresh);
	sbx_control(a, "fault=no-id-token&for=token");
	assert_null(sbx_tokens_of(a, form).id);
	sbx_control(a, "fault=no-access-token&for=token");
	assert_null(sbx_tokens_of(a, form).access);
	sbx_control(a, "fault=no-expires-in&for=token");
	assert_int_equal(sbx_tokens_of(a, form).expires_in, -1);
	sbx_control(a, "fault=expires-in&for=token&arg=%22x%22");
	assert_non_null(strstr(sbx_token(a, form).body.p, "\"expires_in\":\"x\""));
	sbx_control(a, "fault=fewer-scopes&for=token");
	assert_string_equal(
		sbx_tokens_of(a, form).scope, "openid profile email offline_access");

	sbx_control(a, "fault=not-json&for=token");
	struct fcgi_answer r = sbx_token(a, form);
	assert_int_equal(r.status, 200);
	assert_true(r.body.p[r.body.n - 1] != '}');

	/* The answer is lost, but it happened: a token more has been given out. */
	int64_t before = sbx_number(a, "tokens", "refresh_issued");
	sbx_control(a, "fault=lost-answer&for=token");
	assert_false(fcgi_post(a, sbx.socket, "/connect/token", NULL,
		arena_printf(
			a, "%s&client_id=%s&client_secret=%s", form, SBX_CLIENT, SBX_SECRET),
		&r));
	assert_int_equal(sbx_number(a, "tokens", "refresh_issued"), before + 1);
	next = sbx_tokens_of(a, form);
	sbx_control(a, "act=kill-refresh");
	r = sbx_token(
		a, arena_printf(a, "grant_type=refresh_token&refresh_token=%s", next.refresh));
	assert_int_equal(r.status, 400);
}

static const char *part(struct arena *a, const char *token, int which)
{
	struct str rest = str_of(token), one = STR("");
	for (int i = 0; i <= which; i++)
		assert_true(str_next(&rest, '.', &one));
	return str_dup(a, one);
}

static void identity_answers_go_wrong_as_asked(void **state)
{
	static const char *const faults[] = {"id-nonce", "id-audience", "id-issuer",
		"id-expired", "id-signature", "id-unsigned"};
	struct arena *a = *state;
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	struct fcgi_answer good, r;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		sbx_control(a, arena_printf(a, "fault=%s&for=token", faults[i]));
		struct sbx_tokens bent = sbx_refresh(a, t.refresh);
		bool unsigned_one = strcmp(faults[i], "id-unsigned") == 0;
		assert_int_equal(bent.id[strlen(bent.id) - 1] == '.', unsigned_one);
		if (strcmp(faults[i], "id-signature") != 0)
			assert_string_not_equal(part(a, bent.id, 1), part(a, t.id, 1));
	}
	const char *jwks = "/.well-known/openid-configuration/jwks";
	assert_true(fcgi_get(a, sbx.socket, jwks, NULL, &good));
	sbx_control(a, "fault=no-keys&for=jwks");
	assert_true(fcgi_get(a, sbx.socket, jwks, NULL, &r));
	assert_string_equal(r.body.p, "{\"keys\":[]}");
	sbx_control(a, "fault=other-key&for=jwks");
	assert_true(fcgi_get(a, sbx.socket, jwks, NULL, &r));
	assert_string_not_equal(r.body.p, good.body.p);
	assert_memory_equal(r.body.p, good.body.p, 20);
	sbx_control(a, "act=rotate-key");
	assert_true(fcgi_get(a, sbx.socket, jwks, NULL, &r));
	assert_string_not_equal(r.body.p, good.body.p);

	struct sbx_browser b = {NULL, NULL};
	const char *uri = sbx_authorize_uri(a, SBX_SCOPES, NULL);
	sbx_control(a, "fault=server-error&for=authorize");
	r = sbx_browse(a, &b, uri);
	assert_string_equal(
		sbx_param(a, fcgi_answer_header(a, &r, "Location"), "error"), "server_error");
	sbx_control(a, "fault=wrong-state&for=authorize");
	r = sbx_browse(a, &b, uri);
	assert_string_equal(
		sbx_param(a, fcgi_answer_header(a, &r, "Location"), "state"), "somebody-elses");
	sbx_control(a, "fault=no-code&for=authorize");
	r = sbx_browse(a, &b, uri);
	assert_null(sbx_param(a, fcgi_answer_header(a, &r, "Location"), "code"));
}

static void connections_go_wrong_as_asked(void **state)
{
	struct arena *a = *state;
	connect_app(a);
	sbx_control(a, "fault=no-connections&for=connections");
	struct fcgi_answer r = sbx_call(a, "GET", "/connections", app.access, NULL, NULL);
	assert_string_equal(r.body.p, "[]");
	sbx_control(a, "fault=no-practice&for=connections");
	r = sbx_call(a, "GET", "/connections", app.access, NULL, NULL);
	assert_int_equal(json_len(sbx_json(a, r.body)), 1);
	assert_null(strstr(r.body.p, "PRACTICEMANAGER"));
	sbx_control(a, "fault=no-event&for=connections");
	r = sbx_call(a, "GET", "/connections?authEventId=x", app.access, NULL, NULL);
	assert_int_equal(json_len(sbx_json(a, r.body)), 2);
	assert_null(strstr(r.body.p, "authEventId"));
	sbx_control(a, "fault=503&for=delete");
	r = sbx_call(a, "DELETE", "/connections/x", app.access, NULL, NULL);
	assert_int_equal(r.status, 503);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SBX_TEST(whole_answers_come_once_and_go),
		SBX_TEST(faults_count_skip_and_clear),
		SBX_TEST(broken_documents_are_broken_as_asked),
		SBX_TEST(transfers_break_as_asked),
		SBX_TEST(records_are_told_wrong_as_asked),
		SBX_TEST(lists_come_otherwise_as_asked),
		SBX_TEST(token_answers_go_wrong_as_asked),
		SBX_TEST(identity_answers_go_wrong_as_asked),
		SBX_TEST(connections_go_wrong_as_asked),
	};
	return cmocka_run_group_tests(tests, sbx_set_up, sbx_tear_down);
}
