/* The sandbox's client list: the dialect, the counts, the oddities, the limits, the scripted life. */
#include "support/sandbox_test.h"

#include "codec/xml.h"
#include "sandbox/migrate.h"
#include "sandbox/stmt.h"

#include <unistd.h>

#define LIST "/practicemanager/3.1/client.api/list"
#define GET  "/practicemanager/3.1/client.api/get/"

enum { NAMES_MAX = 8192 };

/* What a document holds, counted by element. */
struct seen {
	struct arena *a;
	int depth, clients, contacts, primaries, without_contacts, archived, deleted, prospects,
		emails_in_client, addresses_as_names;
	bool in_contact, any_contact;
	const char *names[NAMES_MAX]; /* of the clients, in order */
	const char *uuids[NAMES_MAX];
	struct buf all; /* every text, one a line */
};

static bool on_start(void *user, const char *name, const char *const *attributes, struct err *e)
{
	struct seen *s = user;
	(void)attributes;
	(void)e;
	s->depth++;
	if (strcmp(name, "Client") == 0) {
		s->any_contact = false;
		s->clients++;
	}
	if (strcmp(name, "Contact") == 0) {
		s->in_contact = s->any_contact = true;
		s->contacts++;
	}
	return true;
}

static bool on_end(void *user, const char *name, struct err *e)
{
	struct seen *s = user;
	(void)e;
	s->depth--;
	if (strcmp(name, "Contact") == 0)
		s->in_contact = false;
	if (strcmp(name, "Client") == 0 && !s->any_contact)
		s->without_contacts++;
	return true;
}

static bool on_text(void *user, const char *name, struct str text, struct err *e)
{
	struct seen *s = user;
	bool yes = str_is(text, "Yes");
	(void)e;
	buf_addstr(&s->all, text);
	buf_addc(&s->all, '\n');
	if (s->depth == 4 && s->clients <= NAMES_MAX && strcmp(name, "Name") == 0)
		s->names[s->clients - 1] = str_dup(s->a, text);
	if (s->depth == 4 && s->clients <= NAMES_MAX && strcmp(name, "UUID") == 0)
		s->uuids[s->clients - 1] = str_dup(s->a, text);
	s->emails_in_client += s->depth == 4 && strcmp(name, "Email") == 0;
	s->addresses_as_names +=
		s->in_contact && strcmp(name, "Name") == 0 && str_has(text, '@');
	s->primaries += yes && strcmp(name, "IsPrimary") == 0;
	s->archived += yes && !s->in_contact && strcmp(name, "IsArchived") == 0;
	s->deleted += yes && !s->in_contact && strcmp(name, "IsDeleted") == 0;
	s->prospects += yes && strcmp(name, "IsProspect") == 0;
	return true;
}

static struct seen *parse(struct arena *a, struct str body)
{
	struct seen *s = arena_new_of(a, struct seen);
	const struct xml_handler h = {on_start, on_end, on_text, s};
	struct xml *x = xml_new(a, (struct xml_limits){16, 16, 65536}, &h);
	struct err e;
	s->a = a;
	buf_init(&s->all, a, 16 * 1024 * 1024);
	if (!xml_feed(x, body.p, body.n, &e) || !xml_end(x, &e))
		fail_msg("%s", e.text);
	return s;
}

/* One connection to the first practice, made anew for each test. */
struct app {
	const char *access, *tenant;
};

static struct app connected(struct arena *a)
{
	struct app app = {.access = sbx_connect(a, SBX_SCOPES, "1").access};
	app.tenant = sbx_tenant(a, app.access);
	return app;
}

static struct fcgi_answer call(struct arena *a, const struct app *app, const char *uri)
{
	return sbx_call(a, "GET", uri, app->access, app->tenant, NULL);
}

static struct seen *list(struct arena *a, const struct app *app)
{
	struct fcgi_answer r = call(a, app, LIST);
	assert_int_equal(r.status, 200);
	assert_true(r.complete);
	return parse(a, r.body);
}

static void the_list_holds_what_the_state_says(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	struct fcgi_answer r = call(a, &app, LIST);
	assert_string_equal(
		fcgi_answer_header(a, &r, "Content-Type"), "text/xml; charset=utf-8");
	assert_true(str_starts(r.body,
		"<Response api-method=\"List\"><Status>OK</Status><Clients><Client><UUID>"));
	assert_non_null(strstr(r.body.p, "</Client></Clients></Response>"));
	assert_non_null(strstr(r.body.p, "<Address></Address>"));
	assert_non_null(strstr(r.body.p, "<Address />"));
	assert_non_null(strstr(r.body.p, "<Contacts />"));
	assert_non_null(strstr(
		r.body.p, "<WebUrl>https://practicemanager.xero.com/Client/1/Detail</WebUrl>"));
	assert_null(strstr(r.body.p, "<Email></Email><DateOfBirth"));
	assert_null(strstr(r.body.p, "<Notes"));
	assert_int_equal(strlen(fcgi_answer_header(a, &r, "Xero-Correlation-Id")), 36);

	struct seen *s = parse(a, r.body);
	assert_int_equal(s->clients, 300);
	assert_int_equal(s->clients, sbx_number(a, "practices", "clients"));
	assert_int_equal(s->prospects, sbx_number(a, "practices", "prospects"));
	assert_int_equal(s->archived, sbx_number(a, "practices", "archived"));
	assert_int_equal(s->deleted, sbx_number(a, "practices", "deleted"));
	assert_true(s->prospects > 3 && s->archived > 5 && s->deleted > 1);
	/* One in eight without a contact; most e-mails are the contacts', not the clients'. */
	assert_in_range(s->without_contacts, 20, 60);
	assert_in_range(s->emails_in_client, 20, 150);
	assert_in_range(s->primaries, 120, 300);
}

static void every_oddity_is_there(void **state)
{
	static const char *const odd[] = {"  Stray Blanks Holdings Ltd ",
		"Whānau Tītoki Kererū Ltd", "Pasted\xE2\x80\xAC Numbers\xE2\x80\x8E Ltd",
		"\xF0\x9F\xA5\x90", "ask for Pania at the office",
		"Salt & Vinegar <Fish> \"and\" 'Chips' Ltd", "<Bold> & Sons",
		"北港灯笼贸易有限公司", "נועה מגדלור", "=1+1 Accounting Jokes Ltd",
		"Level 3, Ferry Building\nQuay Street", "no address yet"};
	struct arena *a = *state;
	struct app app = connected(a);
	struct seen *s = list(a, &app);
	int same = 0, longest = 0;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		if (strstr(s->all.data, odd[i]) == NULL)
			fail_msg("%s is not there", odd[i]);
	for (int i = 0; i < s->clients; i++) {
		same += strcmp(s->names[i], "Two Of A Kind Ltd") == 0;
		longest = strlen(s->names[i]) == 1024 ? longest + 1 : longest;
	}
	assert_int_equal(same, 2);
	assert_int_equal(longest, 1);
	assert_int_equal(s->addresses_as_names, 1);
	/* Contacts that several clients share. */
	assert_true(
		sbx_number(a, "practices", "links") > sbx_number(a, "practices", "contacts"));
}

static void the_same_seed_is_the_same_practice(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	struct seen *one = list(a, &app);
	sbx_control(a, "reset=practice");
	struct seen *two = list(a, &app);
	assert_string_equal(one->all.data, two->all.data);
	sbx_control(a, "seed=2");
	struct seen *other = list(a, &app);
	assert_int_equal(other->clients, 300);
	assert_string_not_equal(other->uuids[0], one->uuids[0]);
	sbx_control(a, "size=0");
	struct fcgi_answer r = call(a, &app, LIST);
	assert_string_equal(r.body.p,
		"<Response api-method=\"List\"><Status>OK</Status><Clients /></Response>");
}

static void json_comes_when_both_headers_ask(void **state)
{
	static const char *const both[] = {"HTTP_ACCEPT", "application/json",
		"HTTP_XERO_FEATURES", "practice-strict-content-type", NULL};
	static const char *const accept_alone[] = {"HTTP_ACCEPT", "application/json", NULL};
	struct arena *a = *state;
	struct app app = connected(a);
	struct seen *s = list(a, &app);
	struct fcgi_answer r = sbx_call(a, "GET", LIST, app.access, app.tenant, accept_alone);
	assert_string_equal(
		fcgi_answer_header(a, &r, "Content-Type"), "text/xml; charset=utf-8");
	r = sbx_call(a, "GET", LIST, app.access, app.tenant, both);
	assert_string_equal(
		fcgi_answer_header(a, &r, "Content-Type"), "application/json; charset=utf-8");
	const struct json *root = sbx_json(a, r.body), *clients = json_get(root, "clients");
	assert_string_equal(json_text(json_get(root, "status")), "OK");
	assert_int_equal(json_len(clients), s->clients);
	for (int i = 0; i < s->clients; i++) {
		const struct json *c = json_at(clients, (size_t)i);
		assert_string_equal(json_text(json_get(c, "uuid")), s->uuids[i]);
		assert_string_equal(json_text(json_get(c, "name")), s->names[i]);
		assert_true(json_is_array(json_get(c, "contacts")));
	}
	r = sbx_call(
		a, "GET", arena_printf(a, GET "%s", s->uuids[2]), app.access, app.tenant, both);
	root = sbx_json(a, r.body);
	assert_string_equal(json_text(json_get(json_get(root, "client"), "uuid")), s->uuids[2]);
}

static void one_client_is_got_by_its_uuid(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	struct seen *s = list(a, &app);
	const char *unknown = GET "00000000-0000-4000-8000-000000000000";
	struct fcgi_answer r = call(a, &app, arena_printf(a, GET "%s", s->uuids[1]));
	assert_true(str_starts(
		r.body, "<Response api-method=\"Get\"><Status>OK</Status><WebUrl>https://"));
	assert_non_null(
		strstr(r.body.p, "<Notes /><Groups /><Relationships /></Client></Response>"));
	r = call(a, &app, unknown);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body.p,
		"<Response><Status>ERROR</Status><ErrorDescription>Invalid "
		"client identifier</ErrorDescription></Response>");
	sbx_control(a, "unknown_client=404");
	assert_int_equal(call(a, &app, unknown).status, 404);
	sbx_control(a, "unknown_client=500");
	assert_int_equal(call(a, &app, unknown).status, 500);
	assert_int_equal(call(a, &app, GET "no-uuid").status, 500);
}

static void the_query_narrows_the_list(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	struct fcgi_answer r = call(a, &app, LIST "?fields=name,contacts");
	assert_null(strstr(r.body.p, "<City>"));
	assert_non_null(strstr(r.body.p, "</Name><Contacts>"));
	r = call(a, &app, LIST "?Detailed=TRUE&unknown=1");
	assert_non_null(strstr(r.body.p, "<Notes /><Groups /><Relationships /></Client>"));

	/* A change after the mark is in; a contact's alone is not. */
	sbx_sql("UPDATE sandbox.client SET modified_at = now() - interval '2 days'");
	sbx_control(a, "edit=rename&client=%235&value=Changed+Just+Now");
	sbx_control(a, "edit=contact-email&client=%237&value=quiet@example.org");
	sbx_sql("UPDATE sandbox.client SET modified_at = '2026-01-02 03:04:05Z'"
		" WHERE name = 'Changed Just Now'");
	sbx_sql("UPDATE sandbox.client SET modified_at = '2026-01-02 03:04:04Z'"
		" WHERE name <> 'Changed Just Now'");
	r = call(a, &app, LIST "?modifiedsince=2026-01-02T03%3A04%3A05");
	struct seen *s = parse(a, r.body);
	assert_int_equal(s->clients, 1);
	assert_string_equal(s->names[0], "Changed Just Now");
	r = call(a, &app, LIST "?modifiedsince=yesterday");
	assert_non_null(strstr(r.body.p, "<Status>ERROR</Status>"));
}

static void only_the_right_token_and_tenant_open_it(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	static const char wrong_tenant[] = "11111111-1111-4111-8111-111111111111";
	struct fcgi_answer r = sbx_call(a, "GET", LIST, NULL, app.tenant, NULL);
	assert_int_equal(r.status, 401);
	assert_string_equal(
		fcgi_answer_header(a, &r, "WWW-Authenticate"), "Bearer error=invalid_token");
	assert_non_null(
		strstr(r.body.p, "{\"Type\":null,\"Title\":\"Unauthorized\",\"Status\":401,"
				 "\"Detail\":\"AuthenticationUnsuccessful\",\"Instance\":\""));
	assert_non_null(strstr(r.body.p, fcgi_answer_header(a, &r, "Xero-Correlation-Id")));
	r = sbx_call(a, "GET", LIST, "no.such.token", app.tenant, NULL);
	assert_int_equal(r.status, 401);
	r = sbx_call(a, "GET", LIST, app.access, NULL, NULL);
	assert_int_equal(r.status, 403);
	assert_non_null(strstr(r.body.p, "\"Title\":\"Forbidden\",\"Status\":403"));
	assert_non_null(fcgi_answer_header(a, &r, "X-AppMinLimit-Remaining"));
	assert_null(fcgi_answer_header(a, &r, "X-MinLimit-Remaining"));
	assert_int_equal(sbx_call(a, "GET", LIST, app.access, wrong_tenant, NULL).status, 403);

	const char *narrow = sbx_connect(a, "openid offline_access", "1").access;
	r = sbx_call(a, "GET", LIST, narrow, app.tenant, NULL);
	assert_int_equal(r.status, 401);
	assert_string_equal(fcgi_answer_header(a, &r, "WWW-Authenticate"),
		"Bearer error=insufficent_scope");

	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	assert_int_equal(sbx_call(a, "GET", LIST, t.id, app.tenant, NULL).status, 401);
	sbx_control(a, "act=expire-access");
	r = sbx_call(a, "GET", LIST, t.access, app.tenant, NULL);
	assert_int_equal(r.status, 401);
	assert_non_null(strstr(r.body.p, "\"TokenExpired: token expired at "));
	t = sbx_refresh(a, t.refresh);
	assert_int_equal(sbx_call(a, "GET", LIST, t.access, app.tenant, NULL).status, 200);
	sbx_control(a, "act=disconnect");
	assert_int_equal(sbx_call(a, "GET", LIST, t.access, app.tenant, NULL).status, 403);
}

static void the_minute_and_the_day_have_limits(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	const char *uri = GET "00000000-0000-4000-8000-000000000000";
	sbx_control(a, "reset=counts");
	struct fcgi_answer r = call(a, &app, uri);
	assert_string_equal(fcgi_answer_header(a, &r, "X-MinLimit-Remaining"), "59");
	assert_string_equal(fcgi_answer_header(a, &r, "X-DayLimit-Remaining"), "4999");
	assert_string_equal(fcgi_answer_header(a, &r, "X-AppMinLimit-Remaining"), "9999");
	sbx_sql("UPDATE sandbox.usage SET minute_calls = 60, minute = date_trunc('minute', now())");
	/* Unless the minute has just turned. */
	r = call(a, &app, uri);
	if (r.status != 429) {
		sbx_sql("UPDATE sandbox.usage SET minute_calls = 60");
		r = call(a, &app, uri);
	}
	assert_int_equal(r.status, 429);
	assert_int_equal(r.body.n, 0);
	assert_string_equal(fcgi_answer_header(a, &r, "X-Rate-Limit-Problem"), "minute");
	assert_non_null(fcgi_answer_header(a, &r, "Retry-After"));
	sbx_sql("UPDATE sandbox.usage SET day_calls = 5000");
	r = call(a, &app, uri);
	assert_string_equal(fcgi_answer_header(a, &r, "X-Rate-Limit-Problem"), "day");
	sbx_control(a, "limits=off");
	assert_int_equal(call(a, &app, uri).status, 200);
}

/* Five answers that take their time hold five places. */
static void five_at_once_and_no_more(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	struct seen *s = list(a, &app);
	const char *uri = arena_printf(a, GET "%s", s->uuids[1]);
	const char *const params[] = {"HTTP_AUTHORIZATION",
		arena_printf(a, "Bearer %s", app.access), "HTTP_XERO_TENANT_ID", app.tenant,
		NULL};
	const struct fcgi_ask ask = {"GET", uri, params, STR("")};
	struct buf bytes;
	int fds[5];
	sbx_control(a, "fault=drip&for=get&times=5&arg=500");
	buf_init(&bytes, a, 65536);
	fcgi_client_request(&bytes, &ask);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = fcgi_client_connect(sbx.socket);
		assert_true(fds[i] >= 0 && fcgi_client_send(fds[i], buf_str(&bytes)));
	}
	while (sbx_number(a, "calls", "get") < 5)
		(void)usleep(20000);
	(void)usleep(200000);
	struct fcgi_answer r = call(a, &app, LIST);
	assert_int_equal(r.status, 429);
	assert_string_equal(fcgi_answer_header(a, &r, "X-Rate-Limit-Problem"), "concurrent");
	assert_null(fcgi_answer_header(a, &r, "Retry-After"));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		assert_true(fcgi_client_receive(a, fds[i], &r));
		assert_true(r.complete);
		(void)parse(a, r.body);
		(void)close(fds[i]);
	}
	assert_int_equal(call(a, &app, LIST).status, 200);
}

static void edits_change_what_they_say(void **state)
{
	struct arena *a = *state;
	struct app app = connected(a);
	sbx_control(a, "limits=off");
	struct seen *before = list(a, &app);
	int64_t live = sbx_number(a, "practices", "live");

	sbx_control(a, "edit=rename&client=Two+Of+A+Kind+Ltd&value=One+Of+A+Kind");
	sbx_control(a, "edit=add-client&value=Fresh+Ink+Ltd");
	sbx_control(a, "edit=add-contact&client=Fresh+Ink+Ltd&value=Inky+Quill");
	sbx_control(a, "edit=contact-email&client=Fresh+Ink+Ltd&value=ink%40example.net");
	struct seen *s = list(a, &app);
	assert_int_equal(s->clients, before->clients + 1);
	assert_string_equal(s->names[s->clients - 1], "Fresh Ink Ltd");
	assert_non_null(strstr(s->all.data, "Inky Quill\n"));
	assert_non_null(strstr(s->all.data, "ink@example.net\n"));
	assert_non_null(strstr(s->all.data, "One Of A Kind\n"));

	sbx_control(a, "edit=replace&client=%236&value=Somebody+Else");
	s = list(a, &app);
	assert_int_equal(s->clients, before->clients + 1);
	assert_non_null(strstr(s->all.data, "Somebody Else\n"));
	sbx_control(a, "edit=merge&client=Fresh+Ink+Ltd&into=One+Of+A+Kind");
	s = list(a, &app);
	assert_int_equal(s->deleted, before->deleted + 1);
	assert_non_null(strstr(s->all.data, "Inky Quill\n"));
	sbx_control(a, "edit=archive&count=10%25");
	assert_int_equal(sbx_number(a, "practices", "live"), live - (live + 9) / 10);
	sbx_control(a, "edit=vanish&client=%231&count=3");
	assert_int_equal(list(a, &app)->clients, before->clients + 1 - 3);
	sbx_control(a, "edit=return&count=3");
	assert_int_equal(list(a, &app)->clients, before->clients + 1);
	sbx_control(a, "edit=blank&count=100%25");
	assert_null(strstr(list(a, &app)->all.data, "no address yet"));

	for (int day = 2; day <= 8; day++)
		sbx_control(a, day == 2 ? "reset=practice&day=next" : "day=next");
	assert_int_equal(sbx_number(a, "settings", "day"), 8);
	assert_non_null(strstr(list(a, &app)->all.data, "Brand New Beginnings Ltd"));
}

static void a_wrong_control_changes_nothing(void **state)
{
	static const struct {
		const char *form, *field;
	} cases[] = {{"fault=nonsense&for=list", "fault"}, {"fault=401&for=nowhere", "for"},
		{"fault=deep&for=token", "for"}, {"fault=401&for=list&times=0", "times"},
		{"size=-1", "size"}, {"practices=3", "practices"}, {"clear=x", "clear"},
		{"size=20&edit=rename&client=Nobody&value=x", "edit"},
		{"edit=nonsense", "edit"}, {"size=20&day=99", "day"},
		{"edit=archive&count=many", "edit"}};
	struct arena *a = *state;
	struct fcgi_answer r;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(
			fcgi_post(a, sbx.socket, "/sandbox/faults", NULL, cases[i].form, &r));
		assert_int_equal(r.status, 422);
		const struct json *errors = json_get(sbx_json(a, r.body), "errors");
		if (json_text(json_get(errors, cases[i].field)) == NULL)
			fail_msg("%s: %s", cases[i].form, r.body.p);
		assert_int_equal(sbx_number(a, "practices", "clients"), 300);
	}
	static const char *const far[] = {"REMOTE_ADDR", "192.0.2.7", NULL};
	static const char *const html[] = {"HTTP_ACCEPT", "text/html", NULL};
	assert_true(fcgi_get(a, sbx.socket, "/sandbox", far, &r));
	assert_int_equal(r.status, 404);
	assert_true(fcgi_post(a, sbx.socket, "/sandbox/faults", far, "size=1", &r));
	assert_int_equal(r.status, 404);
	assert_true(fcgi_get(a, sbx.socket, "/sandbox", html, &r));
	assert_int_equal(r.status, 200);
	assert_non_null(strstr(r.body.p, "insufficent_scope"));
	assert_true(fcgi_post(a, sbx.socket, "/sandbox/faults", html, "latency_ms=1", &r));
	assert_int_equal(r.status, 303);
}

static void every_statement_fits_and_migrating_again_changes_nothing(void **state)
{
	struct arena *a = *state;
	struct err e;
	struct pg *db = pg_new(a, sbx_url(), "test", sandbox_stmt_table, SANDBOX_STMT__MAX);
	assert_ok(pg_prepare_all(db, &e));
	sbx_control(a, "size=30&edit=rename&client=%231&value=Kept");
	assert_ok(sandbox_migrate(db, a, &e));
	assert_int_equal(sbx_number(a, "practices", "clients"), 30);
	struct app app = connected(a);
	assert_non_null(strstr(list(a, &app)->all.data, "Kept\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SBX_TEST(the_list_holds_what_the_state_says),
		SBX_TEST(every_oddity_is_there),
		SBX_TEST(the_same_seed_is_the_same_practice),
		SBX_TEST(json_comes_when_both_headers_ask),
		SBX_TEST(one_client_is_got_by_its_uuid),
		SBX_TEST(the_query_narrows_the_list),
		SBX_TEST(only_the_right_token_and_tenant_open_it),
		SBX_TEST(the_minute_and_the_day_have_limits),
		SBX_TEST(five_at_once_and_no_more),
		SBX_TEST(edits_change_what_they_say),
		SBX_TEST(a_wrong_control_changes_nothing),
		SBX_TEST(every_statement_fits_and_migrating_again_changes_nothing),
	};
	return cmocka_run_group_tests(tests, sbx_set_up, sbx_tear_down);
}
