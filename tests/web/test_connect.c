/* Connect: what stands before Xero, and the address that leads there. */
#include "codec/b64.h"
#include "codec/form.h"
#include "codec/hash.h"
#include "core/session.h"
#include "support/site_test.h"

#define CONNECT "/settings/integrations/connect"

static const char to_xero[] = "form-action 'self' https://127.0.0.1:8444;";

static const char *csp(const struct fcgi_answer *r)
{
	return fcgi_answer_header(site.arena, r, "Content-Security-Policy");
}

/* The query of the address at Xero. */
static struct form leaves(const struct fcgi_answer *r)
{
	struct form form;
	struct str base, query;
	struct err e;
	assert_status(*r, 303);
	assert_true(str_cut(str_of(answer_location(r)), '?', &base, &query));
	assert_true(str_is(base, SITE_AUTHORIZE));
	assert_ok(form_parse(site.arena, query, &form, &e));
	return form;
}

static const char *param(const struct form *form, const char *name)
{
	bool twice = false;
	const char *value = form_get(form, name, &twice);
	assert_false(twice);
	assert_non_null(value);
	return value;
}

static void grow_stale(const struct browser *b)
{
	sql_do("UPDATE session SET fresh_at = now() - interval '301 seconds' WHERE %s",
		browser_session(b));
}

static int64_t attempts_of(const struct firm *f)
{
	return sql_int(
		"SELECT count(*) FROM oauth_attempt WHERE org_id = %lld", (long long)f->org_id);
}

static void the_address_at_xero_is_exact(void **state)
{
	static const char *const forged[] = {"HTTP_HOST", "evil.example", "SERVER_NAME",
		"evil.example", "HTTP_X_FORWARDED_HOST", "evil.example", NULL};
	struct firm f;
	struct browser b = {0};
	unsigned char hash[HASH_BYTES];
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_log_in(&b, &f.admin);
	assert_status(browse(&b, "/settings/integrations"), 200);
	struct fcgi_answer r = browser_ask(&b, "POST", CONNECT, forged,
		str_of(arena_printf(site.arena, "csrf=%s", b.csrf)));
	const struct form q = leaves(&r);
	assert_int_equal(q.n, 8);
	assert_string_equal(param(&q, "response_type"), "code");
	assert_string_equal(param(&q, "client_id"), SITE_XERO_ID);
	assert_string_equal(param(&q, "redirect_uri"), SITE_ORIGIN "/oauth/xero/callback");
	/* A new scope is a decision, not a slip (ASVS 10.2.3). */
	assert_string_equal(param(&q, "scope"),
		"openid profile email offline_access practicemanager.client.read");
	assert_string_equal(param(&q, "code_challenge_method"), "S256");
	const char *verifier = sql_text(
		"SELECT verifier FROM oauth_attempt WHERE org_id = %lld", (long long)f.org_id);
	assert_true(strlen(verifier) >= 43 && strlen(verifier) <= 128);
	hash_sha256(verifier, strlen(verifier), hash);
	assert_string_equal(
		param(&q, "code_challenge"), b64url_encode(site.arena, hash, sizeof hash));
	site_keep_out(verifier);
	const char *sent = param(&q, "state");
	assert_true(strlen(sent) >= 43);
	hash_sha256(sent, strlen(sent), hash);
	/* Bound to this browser's session, ten minutes, the state as its hash alone. */
	assert_int_equal(
		sql_int("SELECT count(*) FROM oauth_attempt a JOIN session s USING (session_id) WHERE"
			" s.%s AND a.state_hash = '\\x%s' AND a.nonce = '%s' AND a.user_id = %lld"
			" AND a.stage = 'open' AND a.ends_at BETWEEN now() + interval '9 minutes'"
			" AND now() + interval '10 minutes'",
			browser_session(&b), hex_encode(site.arena, hash, sizeof hash),
			param(&q, "nonce"), (long long)f.admin.user_id),
		1);
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'connect.begun'",
			(long long)f.org_id),
		1);
	assert_null(strstr(site_log(), sent));
}

static void every_try_has_its_own_secrets(void **state)
{
	static const char *const names[] = {"state", "nonce", "code_challenge"};
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_log_in(&b, &f.admin);
	assert_status(browse(&b, "/settings/integrations"), 200);
	struct fcgi_answer one = submit(&b, CONNECT, ""), two = submit(&b, CONNECT, "");
	const struct form first = leaves(&one), second = leaves(&two);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			assert_string_not_equal(
				param(&first, names[i]), param(&second, names[k]));
	/* Two tabs make one connection: the earlier try is closed. */
	assert_int_equal(sql_int("SELECT count(*) FROM oauth_attempt WHERE org_id = %lld AND"
				 " stage = 'open'",
				 (long long)f.org_id),
		1);
}

static void without_a_factor_it_leads_through_set_up(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	struct fcgi_answer r = browse(&b, "/settings/integrations");
	assert_has(r, "You will be asked to set up Multi-Factor Authentication");
	assert_goes(submit(&b, CONNECT, ""), "/mfa/setup");
	r = browse(&b, "/mfa/setup");
	assert_has(r,
		"must be done to sync client information, including client contacts, from XPM");
	assert_has(r, "Cancel");
	r = submit(&b, "/mfa/setup/code", form_of("code", answer_setup_code(&r), NULL));
	assert_has(r, "Continue takes you to Xero");
	assert_non_null(strstr(csp(&r), to_xero));
	/* Without the tick it stays here, and the way to Xero stays open. */
	r = submit(&b, "/mfa/setup/done", "");
	assert_status(r, 422);
	assert_non_null(strstr(csp(&r), to_xero));
	r = submit(&b, "/mfa/setup/done", "saved=1");
	(void)leaves(&r);
	assert_int_equal(attempts_of(&f), 1);
}

static void an_old_log_in_leads_through_confirmation(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_log_in(&b, &f.admin);
	assert_status(browse(&b, "/settings/integrations"), 200);
	grow_stale(&b);
	assert_goes(submit(&b, CONNECT, ""), "/confirm");
	struct fcgi_answer r = browse(&b, "/confirm");
	assert_non_null(strstr(csp(&r), to_xero));
	r = submit(&b, "/confirm", form_of("password", SITE_PASSWORD, "code", "000000", NULL));
	assert_status(r, 422);
	assert_non_null(strstr(csp(&r), to_xero));
	assert_int_equal(attempts_of(&f), 0);
	r = submit(&b, "/confirm",
		form_of("password", SITE_PASSWORD, "code", person_code(&f.admin, 0), NULL));
	(void)leaves(&r);
	assert_int_equal(attempts_of(&f), 1);
}

/* An old log-in and no factor: password, set-up, Xero; also when set-up takes its time. */
static void both_may_stand_before_it(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	assert_status(browse(&b, "/settings/integrations"), 200);
	grow_stale(&b);
	assert_goes(submit(&b, CONNECT, ""), "/confirm");
	assert_status(browse(&b, "/confirm"), 200);
	assert_goes(
		submit(&b, "/confirm", form_of("password", SITE_PASSWORD, NULL)), "/mfa/setup");
	assert_status(browse(&b, "/mfa/setup"), 200);
	grow_stale(&b);
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
	assert_goes(
		submit(&b, "/confirm", form_of("password", SITE_PASSWORD, NULL)), "/mfa/setup");
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	assert_status(
		submit(&b, "/mfa/setup/code", form_of("code", answer_setup_code(&r), NULL)),
		200);
	r = submit(&b, "/mfa/setup/done", "saved=1");
	(void)leaves(&r);
}

static void cancel_connects_nothing(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	assert_status(browse(&b, "/settings/integrations"), 200);
	assert_goes(submit(&b, CONNECT, ""), "/mfa/setup");
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	assert_non_null(strstr(r.body.p, "<a href=\"/settings/integrations\">Cancel</a>"));
	assert_has(browse(&b, "/settings/integrations"), "Not connected");
	/* Set-up later, from the profile, does not surprise with Xero. */
	r = browse(&b, "/mfa/setup");
	r = submit(&b, "/mfa/setup/code", form_of("code", answer_setup_code(&r), NULL));
	assert_has_not(r, "Continue takes you to Xero");
	assert_goes(submit(&b, "/mfa/setup/done", "saved=1"), "/clients");
	assert_int_equal(attempts_of(&f), 0);
}

static void set_up_after_confirmation_ends(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	grow_stale(&b);
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
	assert_status(browse(&b, "/confirm"), 200);
	assert_goes(
		submit(&b, "/confirm", form_of("password", SITE_PASSWORD, NULL)), "/mfa/setup");
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	assert_status(
		submit(&b, "/mfa/setup/code", form_of("code", answer_setup_code(&r), NULL)),
		200);
	assert_goes(submit(&b, "/mfa/setup/done", "saved=1"), "/clients");
}

/* Only pages with a form that leads to Xero may send one there. */
static void other_pages_have_no_form_to_xero(void **state)
{
	static const char *const pages[] = {"/clients", "/profile", "/settings",
		"/settings/team", "/mfa/setup", "/confirm", "/help", "/syncs"};
	struct firm f;
	struct browser b = {0}, m = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	browser_log_in(&m, &f.member);
	struct fcgi_answer r = browse(&b, "/settings/integrations");
	assert_non_null(strstr(csp(&r), to_xero));
	r = browse(&m, "/settings/integrations");
	assert_non_null(strstr(csp(&r), "form-action 'self';"));
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		r = browse(&b, pages[i]);
		assert_non_null(strstr(csp(&r), "form-action 'self';"));
	}
	firm_connect(&f, "live", NULL);
	person_enrol(&f.admin);
	r = browse(&b, "/settings/integrations");
	assert_non_null(strstr(csp(&r), "form-action 'self';"));
	firm_connect(&f, "needs_reconnect", "sign_in");
	r = browse(&b, "/settings/integrations");
	assert_non_null(strstr(csp(&r), to_xero));
}

static void members_begin_nothing(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&b, &f.member);
	assert_status(browse(&b, "/settings/integrations"), 200);
	assert_status(submit(&b, CONNECT, ""), 403);
	/* Nor by the side doors that lead there. */
	sql_do("UPDATE session SET return_to = '" CONNECT "' WHERE %s", browser_session(&b));
	assert_status(browse(&b, "/confirm"), 200);
	struct fcgi_answer r = submit(&b, "/confirm",
		form_of("password", SITE_PASSWORD, "code", person_code(&f.member, 0), NULL));
	assert_status(r, 303);
	assert_int_equal(answer_location(&r)[0], '/');
	sql_do("UPDATE session SET return_to = '" CONNECT "' WHERE %s", browser_session(&b));
	r = submit(&b, "/mfa/setup/done", "saved=1");
	assert_int_equal(answer_location(&r)[0], '/');
	assert_int_equal(attempts_of(&f), 0);
}

static void disconnect_asks_first(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	firm_connect(&f, "live", NULL);
	browser_log_in(&b, &f.admin);
	struct fcgi_answer r = browse(&b, "/settings/integrations/disconnect");
	assert_has(r, "Disconnect Xero Practice Manager?");
	assert_has(r, "Harbour Practice");
	assert_has(r, "Keep and make editable");
	assert_has(r, "Multi-Factor Authentication stays on");
	grow_stale(&b);
	assert_goes(browse(&b, "/settings/integrations/disconnect"), "/confirm");
	assert_goes(submit(&b, "/settings/integrations/disconnect", ""), "/confirm");
	assert_string_equal(sql_text("SELECT state FROM connection WHERE org_id = %lld",
				    (long long)f.org_id),
		"live");
	assert_goes(submit(&b, "/confirm",
			    form_of("password", SITE_PASSWORD, "code", person_code(&f.admin, 0),
				    NULL)),
		"/settings/integrations/disconnect");
	assert_goes(submit(&b, "/settings/integrations/disconnect", ""),
		"/settings/integrations?watch=1");
	assert_string_equal(
		sql_text("SELECT state || ' ' || cause FROM connection WHERE org_id ="
			 " %lld",
			(long long)f.org_id),
		"disconnecting disconnected");
	assert_int_equal(sql_int("SELECT count(*) FROM job WHERE org_id = %lld AND kind ="
				 " 'disconnect'",
				 (long long)f.org_id),
		1);
	/* Once is enough. */
	assert_status(submit(&b, "/settings/integrations/disconnect", ""), 409);
	assert_goes(browse(&b, "/settings/integrations/disconnect"), "/settings/integrations");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE org_id = %lld", (long long)f.org_id),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_address_at_xero_is_exact),
		SITE_TEST(every_try_has_its_own_secrets),
		SITE_TEST(without_a_factor_it_leads_through_set_up),
		SITE_TEST(an_old_log_in_leads_through_confirmation),
		SITE_TEST(both_may_stand_before_it),
		SITE_TEST(cancel_connects_nothing),
		SITE_TEST(set_up_after_confirmation_ends),
		SITE_TEST(other_pages_have_no_form_to_xero),
		SITE_TEST(members_begin_nothing),
		SITE_TEST(disconnect_asks_first),
	};
	return site_run(tests);
}
