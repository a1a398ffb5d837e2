/* The three people who can log in at the sandbox: what one may see, holds and loses is no other's. */
#include "support/sandbox_test.h"

#include "codec/jwt.h"

#define LIST "/practicemanager/3.1/client.api/list"

static struct fcgi_answer login_page(struct arena *a, struct sbx_browser *b)
{
	struct fcgi_answer r = sbx_browse(a, b, sbx_authorize_uri(a, SBX_SCOPES, NULL));
	return sbx_browse(a, b, sbx_location(a, &r));
}

static struct fcgi_answer log_in(
	struct arena *a, struct sbx_browser *b, const struct fcgi_answer *page, const char *who)
{
	return sbx_submit(a, b, "/identity/login",
		arena_printf(a,
			"csrf=%s&attempt=%s&email=robin%%40example.com"
			"&password=correct+horse+battery&person=%s",
			sbx_hidden(a, page, "csrf"), sbx_hidden(a, page, "attempt"), who));
}

static int status_of_list(struct arena *a, const struct sbx_tokens *t, const char *tenant)
{
	return sbx_call(a, "GET", LIST, t->access, tenant, NULL).status;
}

static int status_of_refresh(struct arena *a, const struct sbx_tokens *t)
{
	return sbx_token(
		a, arena_printf(a, "grant_type=refresh_token&refresh_token=%s", t->refresh))
		.status;
}

static const struct json *payload(struct arena *a, const char *token)
{
	struct sbx_browser nobody = {NULL, NULL};
	const struct json *claims;
	struct err e;
	struct fcgi_answer r = sbx_browse(a, &nobody, "/.well-known/openid-configuration/jwks");
	assert_ok(jwt_verify(a, str_of(token), r.body, &claims, &e));
	return claims;
}

static void the_owner_is_chosen_and_need_not_be(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL, NULL};
	struct fcgi_answer r = login_page(a, &b);
	sbx_has(&r, "value=\"owner\" checked");
	sbx_has(&r, "<span>Practice manager</span>");
	sbx_has(&r, "<span>Someone without a practice</span>");
	r = log_in(a, &b, &r, "");
	r = sbx_browse(a, &b, sbx_location(a, &r));
	sbx_has(&r, "You are logged in as Practice owner (robin@example.com).");
	sbx_has(&r, ">Allow access</button>");
}

static void nobody_else_may_log_in(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL, NULL};
	struct fcgi_answer r = login_page(a, &b);
	r = log_in(a, &b, &r, "auditor");
	assert_int_equal(r.status, 422);
	sbx_has(&r, "Your email or password is incorrect.");
	sbx_has(&r, "value=\"owner\" checked");
}

static void one_browser_can_change_who_it_is(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL, "manager"};
	struct fcgi_answer r = sbx_consent_page(a, &b, sbx_authorize_uri(a, SBX_SCOPES, NULL));
	sbx_has(&r, "You are logged in as Practice manager (manager@example.com).");
	const char *attempt = sbx_hidden(a, &r, "attempt");
	r = sbx_browse(a, &b, arena_printf(a, "/identity/login?attempt=%s&again=1", attempt));
	assert_int_equal(r.status, 200);
	r = log_in(a, &b, &r, "outsider");
	r = sbx_browse(a, &b, sbx_location(a, &r));
	sbx_has(&r, "You are logged in as Someone without a practice (someone@example.com).");
	assert_string_equal(sbx_hidden(a, &r, "attempt"), attempt);
}

static void without_a_practice_there_is_only_cancel(void **state)
{
	struct arena *a = *state;
	struct sbx_browser b = {NULL, "outsider"};
	struct fcgi_answer r = sbx_consent_page(a, &b, sbx_authorize_uri(a, SBX_SCOPES, NULL));
	sbx_has(&r, "You don't have access to connect any Xero Practice Manager accounts");
	assert_null(strstr(r.body.p, "Allow access"));
	r = sbx_allow(a, &b, &r, "1");
	assert_int_equal(r.status, 422);
	assert_int_equal(sbx_number(a, "tokens", "consents"), 0);
}

static void each_is_a_user_with_connections_of_their_own(void **state)
{
	struct arena *a = *state;
	struct sbx_browser second = {NULL, "manager"};
	struct sbx_tokens owner = sbx_connect(a, SBX_SCOPES, "1");
	const char *tenant = sbx_tenant(a, owner.access);
	struct sbx_tokens manager = sbx_connect_in(a, &second, SBX_SCOPES, "1");
	assert_string_equal(sbx_tenant(a, manager.access), tenant);
	const struct json *first_id = payload(a, owner.id), *id = payload(a, manager.id);
	assert_string_equal(json_text(json_get(id, "email")), "manager@example.com");
	assert_string_not_equal(json_text(json_get(id, "xero_userid")),
		json_text(json_get(first_id, "xero_userid")));

	struct fcgi_answer r = sbx_call(a, "GET", "/connections", owner.access, NULL, NULL);
	const struct json *first = json_at(sbx_json(a, r.body), 0);
	const char *path = arena_printf(a, "/connections/%s", json_text(json_get(first, "id")));
	assert_int_equal(sbx_call(a, "DELETE", path, manager.access, NULL, NULL).status, 404);

	/* The first one takes the app away; the second keeps it. */
	sbx_control(a, "act=disconnect&who=owner");
	assert_int_equal(status_of_list(a, &owner, tenant), 403);
	assert_int_equal(status_of_list(a, &manager, tenant), 200);
	sbx_control(a, "act=kill-refresh&who=owner");
	assert_int_equal(status_of_refresh(a, &owner), 400);
	assert_int_equal(status_of_refresh(a, &manager), 200);
}

static void who_is_switched_off_loses_all_and_alone(void **state)
{
	struct arena *a = *state;
	struct sbx_browser first = {NULL, NULL}, second = {NULL, "manager"};
	struct sbx_tokens owner = sbx_connect_in(a, &first, SBX_SCOPES, "1");
	struct sbx_tokens manager = sbx_connect_in(a, &second, SBX_SCOPES, "1");
	const char *tenant = sbx_tenant(a, owner.access);
	sbx_control(a, "act=switch-off&who=owner");
	assert_int_equal(status_of_list(a, &owner, tenant), 401);
	assert_int_equal(
		sbx_call(a, "GET", "/connections", owner.access, NULL, NULL).status, 401);
	struct fcgi_answer r = sbx_token(
		a, arena_printf(a, "grant_type=refresh_token&refresh_token=%s", owner.refresh));
	assert_int_equal(r.status, 400);
	sbx_has(&r, "invalid_grant");
	assert_int_equal(status_of_list(a, &manager, tenant), 200);
	assert_int_equal(status_of_refresh(a, &manager), 200);

	/* Its browser is logged out, and may not log in. */
	r = login_page(a, &first);
	sbx_has(&r, "Practice owner <em>Switched off</em>");
	r = log_in(a, &first, &r, "owner");
	assert_int_equal(r.status, 422);
	sbx_has(&r, "This log-in has been switched off.");

	/* On again, it consents anew; the old tokens stay dead. */
	sbx_control(a, "act=switch-on&who=owner");
	struct sbx_tokens anew = sbx_connect_in(a, &first, SBX_SCOPES, "1");
	assert_int_equal(status_of_list(a, &anew, tenant), 200);
	assert_int_equal(status_of_refresh(a, &owner), 400);
}

static void the_panel_shows_them_and_switches_one(void **state)
{
	static const char *const browser[] = {
		"HTTP_ACCEPT", "text/html", "REMOTE_ADDR", "127.0.0.1", NULL};
	struct arena *a = *state;
	struct sbx_browser b = {NULL, NULL};
	struct fcgi_answer r = sbx_browse(a, &b, "/sandbox");
	sbx_has(&r, "Practice owner<br><span class=\"quiet\">robin@example.com</span>");
	sbx_has(&r, "Switch off<span class=\"unseen\"> Practice manager</span>");
	assert_true(fcgi_post(
		a, sbx.socket, "/sandbox/faults", browser, "act=switch-off&who=manager", &r));
	assert_int_equal(r.status, 303);
	r = sbx_browse(a, &b, "/sandbox");
	sbx_has(&r, "Switch on<span class=\"unseen\"> Practice manager</span>");
	assert_true(fcgi_post(a, sbx.socket, "/sandbox/faults", NULL, "act=switch-off", &r));
	assert_int_equal(r.status, 422);
	sbx_has(&r, "Name whose log-in it is.");
	sbx_control(a, "reset=tokens");
	r = sbx_browse(a, &b, "/sandbox");
	sbx_has(&r, "Switch off<span class=\"unseen\"> Practice manager</span>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SBX_TEST(the_owner_is_chosen_and_need_not_be),
		SBX_TEST(nobody_else_may_log_in),
		SBX_TEST(one_browser_can_change_who_it_is),
		SBX_TEST(without_a_practice_there_is_only_cancel),
		SBX_TEST(each_is_a_user_with_connections_of_their_own),
		SBX_TEST(who_is_switched_off_loses_all_and_alone),
		SBX_TEST(the_panel_shows_them_and_switches_one),
	};
	return cmocka_run_group_tests(tests, sbx_set_up, sbx_tear_down);
}
