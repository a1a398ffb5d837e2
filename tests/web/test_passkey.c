/* Passkeys at the site: adding, logging in, confirming, removing; and everything that is no such answer. */
#include "codec/b64.h"
#include "codec/json.h"
#include "support/site_test.h"
#include "support/soft_key.h"

enum { CROWD = 10 };

/* The challenge that the site gives at this address. */
static const char *challenge(struct browser *b, const char *uri)
{
	const struct json *root;
	struct err e;
	struct fcgi_answer r = submit(b, uri, "");
	assert_status(r, 200);
	assert_ok(json_parse(site.arena, r.body, &root, &e));
	assert_string_equal(json_text(json_get(root, "rp")), "localhost");
	return json_text(json_get(root, "challenge"));
}

static struct soft_ask asked(struct browser *b, const char *uri)
{
	return soft_ask_make(SITE_ORIGIN, "localhost", challenge(b, uri));
}

static struct fcgi_answer offer(struct browser *b, const struct soft_key *k, const char *name)
{
	assert_status(browse(b, "/mfa/setup/passkey"), 200);
	const struct soft_ask ask = asked(b, "/mfa/setup/passkey/ask");
	return submit(b, "/mfa/setup/passkey",
		form_of("name", name, "passkey", soft_register(site.arena, k, &ask), NULL));
}

static void add_key(const struct person *p, struct soft_key *k, const char *name)
{
	struct browser b = {0};
	soft_key_make(site.arena, k, SOFT_ES256);
	browser_enter(&b, p, 2);
	struct fcgi_answer r = offer(&b, k, name);
	assert_true(r.status == 200 || r.status == 303);
	k->count++;
}

static struct fcgi_answer give(
	struct browser *b, const struct soft_key *k, const struct soft_ask *ask)
{
	return submit(b, "/login/mfa",
		form_of("code", "", "passkey", soft_answer(site.arena, k, ask), NULL));
}

static int64_t audited(const struct person *p, const char *event, const char *detail)
{
	return sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND user_id = %lld"
		       " AND event = '%s' AND detail = '%s'",
		(long long)p->org_id, (long long)p->user_id, event, detail);
}

static int64_t mailed(const struct person *p, const char *what)
{
	return sql_int("SELECT count(*) FROM job WHERE kind = 'mail' AND payload LIKE"
		       " '{\"what\":\"%s\",\"user\":%lld%%'",
		what, (long long)p->user_id);
}

static int64_t kept(const struct person *p, const char *table)
{
	return sql_int(
		"SELECT count(*) FROM %s WHERE user_id = %lld", table, (long long)p->user_id);
}

static void the_first_one_comes_with_codes_and_logs_in(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser here = {0}, there = {0}, b = {0};
	(void)state;
	firm_make(&f);
	soft_key_make(site.arena, &k, SOFT_EDDSA);
	browser_enter(&there, &f.member, 2);
	browser_enter(&here, &f.member, 2);
	assert_has(browse(&here, "/mfa/setup"), "Use a passkey instead");
	struct fcgi_answer r = offer(&here, &k, "Blue <key>");
	assert_has(r, "Save your recovery codes");
	assert_int_equal(kept(&f.member, "recovery_code"), 10);
	assert_int_equal(kept(&f.member, "passkey"), 1);
	assert_int_equal(audited(&f.member, "passkey.added", "Blue <key>"), 1);
	assert_goes(browse(&there, "/clients"), "/login?next=%2Fclients");
	assert_goes(submit(&here, "/mfa/setup/done", "saved=1"), "/clients");
	assert_has(browse(&here, "/profile"), "Blue <key>");
	k.count++;
	browser_to_challenge(&b, &f.member);
	r = browse(&b, "/login/mfa");
	assert_has(r, "Use your passkey");
	assert_has_not(r, "Authentication Code");
	const struct soft_ask ask = asked(&b, "/login/mfa/passkey");
	assert_goes(give(&b, &k, &ask), "/clients");
	assert_int_equal(audited(&f.member, "login.mfa", "passkey"), 1);
	assert_int_equal(sql_int("SELECT sign_count FROM passkey WHERE user_id = %lld AND"
				 " used_at IS NOT NULL",
				 (long long)f.member.user_id),
		2);
}

/* A browser without script has no passkey: each page says what to do instead, and that works. */
static void without_script_a_recovery_code_leads_to_an_app(void **state)
{
	static const char off[] = "A passkey needs JavaScript, which is off in this browser.";
	struct firm f;
	struct soft_key k;
	struct browser b = {0}, fresh = {0};
	const char *code;
	(void)state;
	firm_make(&f);
	soft_key_make(site.arena, &k, SOFT_ES256);
	browser_enter(&fresh, &f.admin, 2);
	struct fcgi_answer r = offer(&fresh, &k, "Key");
	assert_has(r, "also where JavaScript is off");
	code = strstr(r.body.p, "<li><code>");
	assert_non_null(code);
	code = arena_strndup(site.arena, code + strlen("<li><code>"), 19);
	const char *const inside[] = {"/confirm", "/profile/codes"};
	for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
		r = browse(&fresh, inside[i]);
		assert_has(r, off);
		assert_has(r, "Log out, log in with a recovery code");
	}
	browser_to_challenge(&b, &f.admin);
	r = browse(&b, "/login/mfa");
	assert_has(r, off);
	assert_non_null(strstr(r.body.p, "<noscript><p class=\"note\">"));
	assert_non_null(strstr(
		r.body.p, "<a href=\"/login/recovery\">Log in with a recovery code</a>"));
	assert_has(browse(&b, "/login/recovery"), "Recovery code");
	assert_goes(submit(&b, "/login/recovery", form_of("code", code, NULL)), "/clients");
	/* That was proof enough to add the app at once; the passkey stays beside it. */
	r = browse(&b, "/mfa/setup");
	assert_has(r, "Can't scan? Enter this code");
	code = answer_setup_code(&r);
	assert_status(submit(&b, "/mfa/setup/code", form_of("code", code, NULL)), 200);
	assert_int_equal(kept(&f.admin, "passkey"), 1);
	browser_to_challenge(&b, &f.admin);
	r = browse(&b, "/login/mfa");
	assert_has(r, "Authentication Code");
	assert_has_not(r, off);
}

static void beside_an_authenticator_both_ways_are_open(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser b = {0}, again = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	add_key(&f.member, &k, "Key");
	assert_int_equal(mailed(&f.member, "mfa_changed"), 1);
	browser_to_challenge(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/login/mfa");
	assert_has(r, "Authentication Code");
	assert_has(r, "Use your passkey");
	assert_has(submit(&b, "/login/mfa", "code=&passkey="), "Enter the code.");
	assert_goes(submit(&b, "/login/mfa",
			    form_of("code", person_code(&f.member, 0), "passkey", "", NULL)),
		"/clients");
	/* The codes from before are still good. */
	browser_to_challenge(&again, &f.member);
	(void)browse(&again, "/login/recovery");
	assert_goes(submit(&again, "/login/recovery", form_of("code", f.member.codes[0], NULL)),
		"/clients");
}

/* Each refused, and then the honest one let in. */
static void what_is_no_answer_is_refused(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser b = {0}, other = {0};
	(void)state;
	firm_make(&f);
	add_key(&f.member, &k, "Key");
	browser_to_challenge(&b, &f.member);
	browser_to_challenge(&other, &f.member);
	struct soft_ask ask = asked(&b, "/login/mfa/passkey");
	ask.origin = "https://localhost:9443";
	assert_status(give(&b, &k, &ask), 422);
	/* Spent by that: the same challenge does not serve a better answer. */
	ask.origin = SITE_ORIGIN;
	assert_status(give(&b, &k, &ask), 422);
	ask = asked(&other, "/login/mfa/passkey");
	assert_status(give(&b, &k, &ask), 422);
	ask = asked(&b, "/login/mfa/passkey");
	sql_do("UPDATE session SET passkey_challenge_at = now() - interval '301 seconds'");
	assert_status(give(&b, &k, &ask), 422);
	assert_int_equal(audited(&f.member, "login.mfa", "passkey: challenge"), 3);
	assert_int_equal(audited(&f.member, "login.mfa", "passkey: origin"), 1);
	ask = asked(&b, "/login/mfa/passkey");
	assert_goes(give(&b, &k, &ask), "/clients");
	assert_int_equal(
		sql_int("SELECT count(*) FROM session WHERE octet_length(passkey_challenge) <> 32"),
		0);
}

static void anothers_passkey_opens_nothing(void **state)
{
	struct firm f, away;
	struct soft_key mine, colleague, stranger;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	firm_make(&away);
	add_key(&f.member, &mine, "Mine");
	add_key(&f.admin, &colleague, "Hers");
	add_key(&away.admin, &stranger, "Theirs");
	browser_to_challenge(&b, &f.member);
	struct soft_ask ask = asked(&b, "/login/mfa/passkey");
	assert_status(give(&b, &colleague, &ask), 422);
	ask = asked(&b, "/login/mfa/passkey");
	assert_status(give(&b, &stranger, &ask), 422);
	assert_int_equal(audited(&f.member, "login.mfa", "unknown passkey"), 2);
	/* The handle of somebody else with one's own key. */
	ask = asked(&b, "/login/mfa/passkey");
	ask.handle = "AAAAAAAAAAAAAAAAAAAAAA";
	assert_status(give(&b, &mine, &ask), 422);
	assert_int_equal(audited(&f.member, "login.mfa", "passkey: user handle"), 1);
	ask = asked(&b, "/login/mfa/passkey");
	assert_goes(give(&b, &mine, &ask), "/clients");
}

static void one_credential_is_one_persons(void **state)
{
	struct firm f, away;
	struct soft_key k;
	struct browser own = {0}, b = {0};
	(void)state;
	firm_make(&f);
	firm_make(&away);
	add_key(&f.member, &k, "Key");
	browser_enter(&own, &f.member, 2);
	browser_enter(&b, &away.admin, 2);
	struct fcgi_answer r = offer(&own, &k, "Again");
	assert_status(r, 409);
	assert_has(r, "registered already");
	assert_status(offer(&b, &k, "Mine now"), 409);
	assert_int_equal(kept(&away.admin, "passkey"), 0);
	assert_int_equal(kept(&away.admin, "recovery_code"), 0);
	/* And what was not asked for is not added. */
	struct soft_key fresh;
	soft_key_make(site.arena, &fresh, SOFT_ES256);
	struct soft_ask ask = asked(&b, "/mfa/setup/passkey/ask");
	ask.rp_id = "evil.example";
	assert_status(submit(&b, "/mfa/setup/passkey",
			      form_of("name", "Key", "passkey",
				      soft_register(site.arena, &fresh, &ask), NULL)),
		422);
	assert_int_equal(audited(&away.admin, "passkey.added", "rpIdHash"), 1);
	assert_status(submit(&b, "/mfa/setup/passkey", "name=&passkey="), 422);
}

static void a_copy_is_refused_and_told(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	add_key(&f.member, &k, "Copied key");
	k.count = 9;
	browser_to_challenge(&b, &f.member);
	struct soft_ask ask = asked(&b, "/login/mfa/passkey");
	assert_goes(give(&b, &k, &ask), "/clients");
	for (uint32_t count = 8; count <= 9; count++) {
		struct browser copy = {0};
		k.count = count;
		browser_to_challenge(&copy, &f.member);
		ask = asked(&copy, "/login/mfa/passkey");
		assert_status(give(&copy, &k, &ask), 422);
	}
	assert_int_equal(audited(&f.member, "passkey.copied", "Copied key"), 2);
	assert_int_equal(mailed(&f.member, "passkey_copied"), 2);
}

static void one_answer_gets_in_once(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser b = {0}, crowd[CROWD];
	struct fcgi_answer answers[CROWD];
	int in = 0;
	(void)state;
	firm_make(&f);
	add_key(&f.member, &k, "Key");
	k.count = 0; /* as of those that do not count */
	sql_do("UPDATE passkey SET sign_count = 0 WHERE user_id = %lld",
		(long long)f.member.user_id);
	browser_to_challenge(&b, &f.member);
	const struct soft_ask ask = asked(&b, "/login/mfa/passkey");
	const char *form =
		form_of("code", "", "passkey", soft_answer(site.arena, &k, &ask), NULL);
	for (size_t i = 0; i < CROWD; i++)
		crowd[i] = b;
	ask_at_once(crowd, CROWD, "POST", "/login/mfa", form, answers);
	for (size_t i = 0; i < CROWD; i++)
		in += strcmp(answer_location(&answers[i]), "/clients") == 0;
	assert_int_equal(in, 1);
}

static void it_confirms_beside_the_password(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	add_key(&f.member, &k, "Key");
	browser_enter(&b, &f.member, 2);
	sql_do("UPDATE session SET fresh_at = now() - interval '6 minutes' WHERE %s",
		browser_session(&b));
	assert_goes(browse(&b, "/profile/password"), "/confirm");
	assert_has(browse(&b, "/confirm"), "Use your passkey");
	struct soft_ask ask = asked(&b, "/login/mfa/passkey");
	const char *answer = soft_answer(site.arena, &k, &ask);
	struct fcgi_answer r = submit(&b, "/confirm",
		form_of("password", "not the password", "passkey", answer, NULL));
	assert_has(r, "That is not your password.");
	assert_has(submit(&b, "/confirm", form_of("password", SITE_PASSWORD, NULL)),
		"Use your passkey.");
	assert_goes(submit(&b, "/confirm",
			    form_of("password", SITE_PASSWORD, "passkey", answer, NULL)),
		"/profile/password");
	assert_int_equal(audited(&f.member, "confirm", ""), 1);
}

static int64_t key_of(const struct person *p)
{
	return sql_int("SELECT max(passkey_id) FROM passkey WHERE user_id = %lld",
		(long long)p->user_id);
}

static void it_is_renamed_and_removed(void **state)
{
	struct firm f;
	struct soft_key first, second;
	struct browser b = {0}, there = {0};
	(void)state;
	firm_make(&f);
	add_key(&f.member, &first, "First");
	add_key(&f.member, &second, "Second");
	browser_enter(&there, &f.member, 2);
	browser_enter(&b, &f.member, 2);
	const char *at = arena_printf(
		site.arena, "/profile/passkeys/%lld", (long long)key_of(&f.member));
	assert_has_not(browse(&b, at), "your only second factor");
	assert_status(submit(&b, arena_printf(site.arena, "%s/name", at), "name="), 422);
	assert_goes(
		submit(&b, arena_printf(site.arena, "%s/name", at), "name=Drawer"), "/profile");
	assert_has(browse(&b, "/profile"), "Drawer");
	(void)browse(&b, at);
	assert_goes(submit(&b, arena_printf(site.arena, "%s/remove", at), ""), "/profile");
	assert_int_equal(kept(&f.member, "passkey"), 1);
	assert_int_equal(kept(&f.member, "recovery_code"), 10);
	assert_goes(browse(&there, "/clients"), "/login?next=%2Fclients");
	assert_int_equal(audited(&f.member, "passkey.removed", "Drawer"), 1);
	assert_int_equal(audited(&f.member, "passkey.renamed", "Drawer"), 1);
	assert_int_equal(mailed(&f.member, "mfa_changed"), 2);
}

static void with_the_last_factor_the_rule_leads_to_set_up(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	firm_connect(&f, "live", NULL);
	add_key(&f.member, &k, "Only");
	browser_enter(&b, &f.member, 2);
	assert_status(browse(&b, "/clients"), 200);
	const char *at = arena_printf(
		site.arena, "/profile/passkeys/%lld", (long long)key_of(&f.member));
	assert_has(browse(&b, at), "your only second factor");
	assert_goes(submit(&b, arena_printf(site.arena, "%s/remove", at), ""), "/mfa/setup");
	assert_int_equal(kept(&f.member, "recovery_code"), 0);
	assert_goes(browse(&b, "/clients"), "/mfa/notice");
}

static void an_admin_with_a_passkey_resets_and_renews(void **state)
{
	struct firm f;
	struct soft_key mine, lost;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	add_key(&f.admin, &mine, "Mine");
	add_key(&f.member, &lost, "Lost");
	browser_enter(&b, &f.admin, 2);
	const char *at = arena_printf(
		site.arena, "/settings/team/%lld/reset-mfa", (long long)f.member.user_id);
	assert_has(browse(&b, at), "Use your passkey");
	struct soft_ask ask = asked(&b, "/login/mfa/passkey");
	assert_status(
		submit(&b, at, form_of("passkey", soft_answer(site.arena, &lost, &ask), NULL)),
		422);
	ask = asked(&b, "/login/mfa/passkey");
	assert_status(
		submit(&b, at, form_of("passkey", soft_answer(site.arena, &mine, &ask), NULL)),
		303);
	assert_int_equal(kept(&f.member, "passkey"), 0);
	assert_int_equal(kept(&f.member, "recovery_code"), 0);
	mine.count++;
	(void)browse(&b, "/profile/codes");
	ask = asked(&b, "/login/mfa/passkey");
	assert_has(submit(&b, "/profile/codes",
			   form_of("passkey", soft_answer(site.arena, &mine, &ask), NULL)),
		"Save your recovery codes");
}

static void no_more_than_twenty(void **state)
{
	struct firm f;
	struct soft_key k;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	add_key(&f.member, &k, "Key");
	sql_do("INSERT INTO passkey (org_id, user_id, credential_id, alg, public_key, sign_count,"
	       " backup_eligible, backed_up, name) SELECT org_id, user_id,"
	       " uuid_send(gen_random_uuid()), alg, public_key, 0, false, false, 'Key ' || i"
	       " FROM passkey, generate_series(2, 20) i WHERE user_id = %lld",
		(long long)f.member.user_id);
	browser_enter(&b, &f.member, 2);
	soft_key_make(site.arena, &k, SOFT_ES256);
	assert_has(offer(&b, &k, "One more"), "You have 20 passkeys.");
	assert_int_equal(kept(&f.member, "passkey"), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_first_one_comes_with_codes_and_logs_in),
		SITE_TEST(without_script_a_recovery_code_leads_to_an_app),
		SITE_TEST(beside_an_authenticator_both_ways_are_open),
		SITE_TEST(what_is_no_answer_is_refused),
		SITE_TEST(anothers_passkey_opens_nothing),
		SITE_TEST(one_credential_is_one_persons),
		SITE_TEST(a_copy_is_refused_and_told),
		SITE_TEST(one_answer_gets_in_once),
		SITE_TEST(it_confirms_beside_the_password),
		SITE_TEST(it_is_renamed_and_removed),
		SITE_TEST(with_the_last_factor_the_rule_leads_to_set_up),
		SITE_TEST(an_admin_with_a_passkey_resets_and_renews),
		SITE_TEST(no_more_than_twenty),
	};
	return site_run(tests);
}
