/* The sandbox's identity side: log-in, consent, tokens, connections. */
#include "support/sandbox_test.h"

#include "codec/jwt.h"

static const struct json *verified(struct arena *a, const char *token)
{
	struct fcgi_answer r;
	const struct json *claims;
	struct err e;
	assert_true(
		fcgi_get(a, sbx.socket, "/.well-known/openid-configuration/jwks", NULL, &r));
	if (!jwt_verify(a, str_of(token), r.body, &claims, &e))
		fail_msg("%s", e.text);
	return claims;
}

static const char *claim(const struct json *claims, const char *name)
{
	const char *text = json_text(json_get(claims, name));
	return text == NULL ? "" : text;
}

static void the_pages_lead_from_authorize_to_the_app(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL, NULL};
	struct fcgi_answer r = sbx_browse(
		a, &b, sbx_authorize_uri(a, SBX_SCOPES, sbx_challenge(a, SBX_VERIFIER)));
	assert_int_equal(r.status, 303);
	assert_non_null(b.cookie);
	const char *before = b.cookie;
	r = sbx_browse(a, &b, sbx_location(a, &r));
	sbx_has(&r, "<label for=\"email\">Email address</label>");
	sbx_has(&r, "<label for=\"password\">Password</label>");
	sbx_has(&r, ">Log in</button>");

	const char *hidden = arena_printf(a, "csrf=%s&attempt=%s", sbx_hidden(a, &r, "csrf"),
		sbx_hidden(a, &r, "attempt"));
	struct fcgi_answer wrong = sbx_submit(a, &b, "/identity/login",
		arena_printf(a, "%s&email=robin%%40example.com&password=wrong", hidden));
	assert_int_equal(wrong.status, 422);
	sbx_has(&wrong, "Your email or password is incorrect.");
	assert_null(strstr(wrong.body.p, "value=\"wrong\""));

	r = sbx_submit(a, &b, "/identity/login",
		arena_printf(a, "%s&email=Robin%%40Example.com&password=correct+horse+battery",
			hidden));
	assert_int_equal(r.status, 303);
	assert_string_not_equal(b.cookie, before);

	r = sbx_browse(a, &b, sbx_location(a, &r));
	assert_int_equal(r.status, 200);
	sbx_has(&r, "The Gap");
	sbx_has(&r, "Read your clients and their contacts");
	sbx_has(&r, "Harbour &amp; Vale Accountants");
	sbx_has(&r, ">Allow access</button>");
	sbx_has(&r, ">Cancel</button>");
	assert_non_null(strstr(fcgi_answer_header(a, &r, "Content-Security-Policy"),
		"form-action 'self' https://localhost:8443;"));

	struct fcgi_answer back = sbx_allow(a, &b, &r, "1");
	assert_int_equal(back.status, 303);
	assert_int_equal(back.body.n, 0);
	const char *to = sbx_location(a, &back);
	assert_true(str_starts(str_of(to), SBX_BACK "?code="));
	assert_string_equal(sbx_param(a, to, "state"), "the state & more");
	assert_string_equal(sbx_param(a, to, "scope"), SBX_SCOPES);
	assert_int_equal(strlen(sbx_param(a, to, "session_state")), 64);

	/* Once answered, it is over. */
	r = sbx_allow(a, &b, &r, "1");
	assert_int_equal(r.status, 400);
	sbx_has(&r, "no longer valid");
}

static void what_xero_refuses_on_its_own_page(void **state)
{
	static const struct {
		const char *part, *instead, *text;
	} cases[] = {
		{"client_id=0", "client_id=F", "unauthorized_client : Unknown client"},
		{"callback", "callback2", "unauthorized_client : Invalid redirect_uri"},
		{"callback", "callback%2F", "unauthorized_client : Invalid redirect_uri"},
		{"type=code", "type=token", "unsupported_response_type"},
		{"scope=openid", "scope=nonsense", "invalid_scope"},
		{"scope=openid", "scope=openid%20openid.read", "invalid_scope"},
		{"method=S256", "method=plain", "Transform algorithm not supported"},
		{"code_challenge=", "code_challenge=short",
			"Transform algorithm not supported"},
	};
	struct arena *a = *state;
	struct sbx_browser b = {NULL, NULL};
	const char *good = sbx_authorize_uri(a, SBX_SCOPES, sbx_challenge(a, SBX_VERIFIER));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *at = strstr(good, cases[i].part);
		assert_non_null(at);
		const char *bad = arena_printf(a, "%.*s%s%s", (int)(at - good), good,
			cases[i].instead, at + strlen(cases[i].part));
		struct fcgi_answer r = sbx_browse(a, &b, bad);
		assert_int_equal(r.status, 500);
		sbx_has(&r, cases[i].text);
		sbx_has(&r, "Error code: 500");
	}
	sbx_control(a, "fault=scope-refused&for=authorize");
	struct fcgi_answer r = sbx_browse(a, &b, good);
	sbx_has(&r, "unauthorized_client : Invalid scope for client");
	assert_int_equal(sbx_browse(a, &b, good).status, 303);
}

static void cancel_comes_back_as_denied(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL, NULL};
	struct fcgi_answer r = sbx_consent_page(a, &b, sbx_authorize_uri(a, SBX_SCOPES, NULL));
	r = sbx_submit(a, &b, "/identity/consent",
		arena_printf(a, "csrf=%s&attempt=%s&practice=1&answer=cancel",
			sbx_hidden(a, &r, "csrf"), sbx_hidden(a, &r, "attempt")));
	const char *to = sbx_location(a, &r);
	assert_string_equal(sbx_param(a, to, "error"), "access_denied");
	assert_string_equal(
		sbx_param(a, to, "error_description"), "TenantConsent status DENIED");
	assert_string_equal(sbx_param(a, to, "state"), "the state & more");
	assert_null(sbx_param(a, to, "code"));
}

static void forms_need_their_session_and_token(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL}, other = {NULL}, none = {NULL};
	const char *uri = sbx_authorize_uri(a, SBX_SCOPES, NULL);
	struct fcgi_answer r = sbx_consent_page(a, &b, uri);
	(void)sbx_consent_page(a, &other, uri);
	const char *attempt = sbx_hidden(a, &r, "attempt");
	const char *form = arena_printf(a, "attempt=%s&practice=1&answer=allow&csrf=", attempt);
	const char *with = arena_printf(a, "%s%s", form, sbx_hidden(a, &r, "csrf"));
	assert_int_equal(sbx_submit(a, &b, "/identity/consent", form).status, 403);
	assert_int_equal(sbx_submit(a, &none, "/identity/consent", with).status, 403);
	assert_int_equal(sbx_submit(a, &other, "/identity/consent", with).status, 403);
	r = sbx_browse(a, &other, arena_printf(a, "/identity/consent?attempt=%s", attempt));
	assert_int_equal(r.status, 400);
	assert_int_equal(sbx_submit(a, &b, "/identity/consent", with).status, 303);
}

static void the_practices_offered_are_those_set(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL, NULL};
	const char *uri = sbx_authorize_uri(a, SBX_SCOPES, NULL);
	sbx_control(a, "practices=2");
	struct fcgi_answer r = sbx_consent_page(a, &b, uri);
	sbx_has(&r, "Choose a practice");
	sbx_has(&r, "Southern Ledger Ltd");
	assert_int_equal(sbx_allow(a, &b, &r, "").status, 422);
	assert_int_equal(sbx_allow(a, &b, &r, "3").status, 422);
	assert_int_equal(sbx_allow(a, &b, &r, "2").status, 303);
	r = sbx_consent_page(a, &b, uri);
	sbx_has(&r, "<em>Connected</em>");

	sbx_control(a, "practices=0");
	r = sbx_consent_page(a, &b, uri);
	sbx_has(&r, "You don't have access to connect any Xero Practice Manager accounts");
	assert_null(strstr(r.body.p, "Allow access"));
	assert_int_equal(sbx_allow(a, &b, &r, "1").status, 422);
}

static void tokens_say_what_xeros_say(void **state)
{
	struct arena *a = *state;
	int64_t exp = 0, nbf = 0;
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	assert_int_equal(t.expires_in, 1800);
	assert_string_equal(t.scope, SBX_SCOPES);
	assert_non_null(t.refresh);

	const struct json *access = verified(a, t.access), *id = verified(a, t.id);
	assert_string_equal(claim(access, "iss"), SBX_ORIGIN);
	assert_string_equal(claim(access, "aud"), SBX_ORIGIN "/resources");
	assert_int_equal(strlen(claim(access, "sub")), 32);
	assert_int_equal(strlen(claim(access, "xero_userid")), 36);
	assert_int_equal(strlen(claim(access, "authentication_event_id")), 36);
	assert_int_equal(json_len(json_get(access, "scope")), 5);
	assert_true(json_int(json_get(access, "exp"), &exp));
	assert_true(json_int(json_get(access, "nbf"), &nbf));
	assert_int_equal(exp - nbf, 1800);

	assert_string_equal(claim(id, "iss"), SBX_ORIGIN);
	assert_string_equal(claim(id, "aud"), SBX_CLIENT);
	assert_string_equal(claim(id, "nonce"), "the-nonce");
	/* Of the left half's 16 bytes the first 21 characters hold nothing of the right one. */
	assert_memory_equal(claim(id, "at_hash"), sbx_challenge(a, t.access), 21);
	assert_int_equal(strlen(claim(id, "at_hash")), 22);
	assert_string_equal(claim(id, "xero_userid"), claim(access, "xero_userid"));

	sbx_control(a, "expires_in=60");
	assert_int_equal(sbx_connect(a, SBX_SCOPES, "1").expires_in, 60);
	t = sbx_connect(a, "openid practicemanager.client.read", "1");
	assert_null(t.refresh);
	t = sbx_connect(a, "offline_access practicemanager.client.read", "1");
	assert_null(t.id);
	assert_non_null(t.refresh);
}

static const char *new_code(struct arena *a, const char *challenge)
{
	struct sbx_browser b = {NULL, NULL};
	struct fcgi_answer r =
		sbx_consent_page(a, &b, sbx_authorize_uri(a, SBX_SCOPES, challenge));
	r = sbx_allow(a, &b, &r, "1");
	return sbx_param(a, sbx_location(a, &r), "code");
}

static void refused(struct arena *a, const char *form, const char *error)
{
	struct fcgi_answer r = sbx_token(a, form);
	assert_int_equal(r.status, 400);
	assert_string_equal(json_text(json_get(sbx_json(a, r.body), "error")), error);
}

static const char *code_form(
	struct arena *a, const char *code, const char *back, const char *verifier)
{
	return arena_printf(a,
		"grant_type=authorization_code&code=%s&redirect_uri=%s&code_verifier=%s", code,
		back, verifier);
}

static void a_code_serves_once_and_only_its_asker(void **state)
{
	struct arena *a = *state;
	const char *challenge = sbx_challenge(a, SBX_VERIFIER);
	refused(a, code_form(a, new_code(a, challenge), SBX_BACK "/", SBX_VERIFIER),
		"invalid_grant");
	refused(a, code_form(a, new_code(a, challenge), SBX_BACK, "wrong"), "invalid_grant");
	refused(a, code_form(a, new_code(a, challenge), SBX_BACK, ""), "invalid_grant");
	refused(a, code_form(a, "unknown", SBX_BACK, SBX_VERIFIER), "invalid_grant");

	/* A code that was tried with the wrong verifier is used up. */
	const char *code = new_code(a, challenge);
	refused(a, code_form(a, code, SBX_BACK, "wrong"), "invalid_grant");
	refused(a, code_form(a, code, SBX_BACK, SBX_VERIFIER), "invalid_grant");

	code = new_code(a, challenge);
	(void)sbx_tokens_of(a, code_form(a, code, SBX_BACK, SBX_VERIFIER));
	refused(a, code_form(a, code, SBX_BACK, SBX_VERIFIER), "invalid_grant");

	code = new_code(a, challenge);
	sbx_sql("UPDATE sandbox.code SET created_at = created_at - interval '5 minutes 1 second'");
	refused(a, code_form(a, code, SBX_BACK, SBX_VERIFIER), "invalid_grant");

	(void)sbx_tokens_of(a, code_form(a, new_code(a, NULL), SBX_BACK, ""));
}

static void refresh_tokens_rotate_with_grace(void **state)
{
	struct arena *a = *state;
	struct sbx_tokens first = sbx_connect(a, SBX_SCOPES, "1");
	struct sbx_tokens second = sbx_refresh(a, first.refresh);
	assert_string_not_equal(second.refresh, first.refresh);
	assert_non_null(second.access);
	/* The old one goes on working for half an hour, and both lines live. */
	struct sbx_tokens again = sbx_refresh(a, first.refresh);
	assert_string_not_equal(again.refresh, second.refresh);
	(void)sbx_refresh(a, second.refresh);
	(void)sbx_refresh(a, again.refresh);

	const char *old =
		arena_printf(a, "grant_type=refresh_token&refresh_token=%s", first.refresh);
	sbx_control(a, "act=expire-grace");
	refused(a, old, "invalid_grant");
	assert_int_equal(sbx_number(a, "tokens", "refresh_issued"), 5);

	struct sbx_tokens last = sbx_connect(a, SBX_SCOPES, "1");
	sbx_sql("UPDATE sandbox.refresh SET created_at = created_at - interval '60 days 1 second'");
	refused(a, arena_printf(a, "grant_type=refresh_token&refresh_token=%s", last.refresh),
		"invalid_grant");
}

static void strict_refresh_tokens_serve_once(void **state)
{
	struct arena *a = *state;
	sbx_control(a, "strict_refresh=on");
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	const char *form =
		arena_printf(a, "grant_type=refresh_token&refresh_token=%s", t.refresh);
	struct sbx_tokens next = sbx_tokens_of(a, form);
	refused(a, form, "invalid_grant");
	(void)sbx_refresh(a, next.refresh);
}

static void a_second_consent_may_end_the_first(void **state)
{
	struct arena *a = *state;
	struct sbx_tokens first = sbx_connect(a, SBX_SCOPES, "1");
	(void)sbx_connect(a, SBX_SCOPES, "1");
	first = sbx_refresh(a, first.refresh);
	sbx_control(a, "second_consent=ends");
	(void)sbx_connect(a, SBX_SCOPES, "1");
	refused(a, arena_printf(a, "grant_type=refresh_token&refresh_token=%s", first.refresh),
		"invalid_grant");
}

static void the_token_endpoint_judges_the_app(void **state)
{
	struct arena *a = *state;
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	struct fcgi_answer r;
	const char *form =
		arena_printf(a, "grant_type=refresh_token&refresh_token=%s", t.refresh);
	assert_true(fcgi_post(a, sbx.socket, "/connect/token", NULL, form, &r));
	assert_int_equal(r.status, 400);
	sbx_has(&r, "{\"error\":\"invalid_client\"}");
	const char *body = arena_printf(
		a, "%s&client_id=%s&client_secret=%s", form, SBX_CLIENT, SBX_SECRET);
	assert_true(fcgi_post(a, sbx.socket, "/connect/token", NULL, body, &r));
	assert_int_equal(r.status, 200);
	refused(a, "grant_type=password", "unsupported_grant_type");
	refused(a, "", "unsupported_grant_type");
	static const char *const json[] = {"CONTENT_TYPE", "application/json", NULL};
	assert_true(fcgi_post(a, sbx.socket, "/connect/token", json, "{}", &r));
	assert_int_equal(r.status, 400);
	sbx_has(&r, "unsupported_grant_type");
}

static void revoking_takes_everything_away(void **state)
{
	struct arena *a = *state;
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	const char *tenant = sbx_tenant(a, t.access);
	struct fcgi_answer r;
	const char *form = arena_printf(
		a, "token=%s&client_id=%s&client_secret=%s", t.refresh, SBX_CLIENT, SBX_SECRET);
	assert_true(fcgi_post(a, sbx.socket, "/connect/revocation", NULL, form, &r));
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	refused(a, arena_printf(a, "grant_type=refresh_token&refresh_token=%s", t.refresh),
		"invalid_grant");
	r = sbx_call(a, "GET", "/connections", t.access, NULL, NULL);
	assert_string_equal(r.body.p, "[]");
	r = sbx_call(a, "GET", "/practicemanager/3.1/client.api/list", t.access, tenant, NULL);
	assert_int_equal(r.status, 403);
}

static void connections_tell_each_consent(void **state)
{
	struct arena *a = *state;
	sbx_control(a, "practices=2");
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	struct fcgi_answer r = sbx_call(a, "GET", "/connections", t.access, NULL, NULL);
	const struct json *all = sbx_json(a, r.body);
	assert_int_equal(json_len(all), 2);
	assert_string_equal(claim(json_at(all, 0), "tenantType"), "ORGANISATION");
	assert_string_equal(claim(json_at(all, 1), "tenantType"), "PRACTICEMANAGER");
	assert_string_equal(claim(json_at(all, 1), "tenantName"), "Harbour & Vale Accountants");
	assert_int_equal(strlen(claim(json_at(all, 1), "createdDateUtc")), 27);

	t = sbx_connect(a, SBX_SCOPES, "2");
	const char *event = claim(verified(a, t.access), "authentication_event_id");
	r = sbx_call(a, "GET", arena_printf(a, "/connections?authEventId=%s", event), t.access,
		NULL, NULL);
	const struct json *mine = sbx_json(a, r.body);
	assert_int_equal(json_len(mine), 1);
	assert_string_equal(claim(json_at(mine, 0), "tenantName"), "Southern Ledger Ltd");
	const char *id = claim(json_at(mine, 0), "id");

	sbx_control(a, "tenant_name=null");
	r = sbx_call(a, "GET", "/connections", t.access, NULL, NULL);
	sbx_has(&r, "\"tenantName\":null");

	const char *uri = arena_printf(a, "/connections/%s", id);
	assert_int_equal(sbx_call(a, "DELETE", uri, t.access, NULL, NULL).status, 204);
	assert_int_equal(sbx_call(a, "DELETE", uri, t.access, NULL, NULL).status, 404);
	assert_int_equal(sbx_call(a, "GET", "/connections", NULL, NULL, NULL).status, 401);
}

static void reconnecting_keeps_the_connection(void **state)
{
	struct arena *a = *state;
	struct sbx_tokens t = sbx_connect(a, SBX_SCOPES, "1");
	struct fcgi_answer r = sbx_call(a, "GET", "/connections", t.access, NULL, NULL);
	const struct json *one = json_at(sbx_json(a, r.body), 1);
	t = sbx_connect(a, SBX_SCOPES, "1");
	r = sbx_call(a, "GET", "/connections", t.access, NULL, NULL);
	const struct json *two = json_at(sbx_json(a, r.body), 1);
	assert_string_equal(claim(one, "id"), claim(two, "id"));
	assert_string_not_equal(claim(one, "authEventId"), claim(two, "authEventId"));
	assert_string_not_equal(claim(two, "updatedDateUtc"), claim(two, "createdDateUtc"));
	/* Made anew, the practice has another tenant id, and the old one opens nothing. */
	sbx_control(a, "act=new-tenant");
	r = sbx_call(a, "GET", "/practicemanager/3.1/client.api/list", t.access,
		claim(one, "tenantId"), NULL);
	assert_int_equal(r.status, 403);
	t = sbx_connect(a, SBX_SCOPES, "1");
	assert_string_not_equal(sbx_tenant(a, t.access), claim(one, "tenantId"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SBX_TEST(the_pages_lead_from_authorize_to_the_app),
		SBX_TEST(what_xero_refuses_on_its_own_page),
		SBX_TEST(cancel_comes_back_as_denied),
		SBX_TEST(forms_need_their_session_and_token),
		SBX_TEST(the_practices_offered_are_those_set),
		SBX_TEST(tokens_say_what_xeros_say),
		SBX_TEST(a_code_serves_once_and_only_its_asker),
		SBX_TEST(refresh_tokens_rotate_with_grace),
		SBX_TEST(strict_refresh_tokens_serve_once),
		SBX_TEST(a_second_consent_may_end_the_first),
		SBX_TEST(the_token_endpoint_judges_the_app),
		SBX_TEST(revoking_takes_everything_away),
		SBX_TEST(connections_tell_each_consent),
		SBX_TEST(reconnecting_keeps_the_connection),
	};
	return cmocka_run_group_tests(tests, sbx_set_up, sbx_tear_down);
}
