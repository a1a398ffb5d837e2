/* Passwords: forgotten, by a link, changed; and what of a person's own stands in the profile. */
#include "codec/b64.h"
#include "codec/hash.h"
#include "support/site_test.h"

static const char fresh[] = "forty brass lanterns";

static int64_t events(const struct firm *f, const char *event, const char *result)
{
	return sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = '%s'"
		       " AND result = '%s'",
		(long long)f->org_id, event, result);
}

static int64_t mails(const struct person *p, const char *what)
{
	return sql_int("SELECT count(*) FROM job WHERE kind = 'mail' AND org_id = %lld AND"
		       " payload::json ->> 'what' = '%s' AND payload::json ->> 'user' = '%lld'",
		(long long)p->org_id, what, (long long)p->user_id);
}

static int64_t sessions_of(const struct person *p)
{
	return sql_int(
		"SELECT count(*) FROM session WHERE user_id = %lld", (long long)p->user_id);
}

static void make_stale(const struct browser *b)
{
	sql_do("UPDATE session SET fresh_at = now() - interval '6 minutes' WHERE %s",
		browser_session(b));
}

static struct fcgi_answer forget(struct browser *b, const char *email)
{
	return submit(b, "/password/forgot", form_of("email", email, NULL));
}

/* As the worker makes one. */
static const char *make_link(const struct person *p, const char *life)
{
	static unsigned char next;
	unsigned char secret[16] = {++next, 'r', 'e', 's', 'e', 't'}, hash[HASH_BYTES];
	hash_sha256(secret, sizeof secret, hash);
	sql_do("INSERT INTO one_time_token VALUES ('\\x%s', %lld, %lld, 'set_password', now() +"
	       " interval '%s')",
		hex_encode(site.arena, hash, sizeof hash), (long long)p->org_id,
		(long long)p->user_id, life);
	const char *token = b64url_encode(site.arena, secret, sizeof secret);
	site_keep_out(token);
	return arena_printf(site.arena, "/password/reset/%s", token);
}

/* ASVS 6.3.8: known, unknown, deactivated: the same answer to the last byte. */
static void asking_for_a_link_tells_nothing(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)f.member.user_id);
	assert_has(browse(&b, "/login"), "Forgot password");
	assert_status(browse(&b, "/password/forgot"), 200);
	struct fcgi_answer known = forget(&b, f.admin.email);
	struct fcgi_answer unknown = forget(&b, "nobody@firm.example");
	struct fcgi_answer off = forget(&b, f.member.email);
	assert_goes(known, "/password/forgot?sent=1");
	assert_string_equal(known.head, unknown.head);
	assert_string_equal(known.head, off.head);
	assert_int_equal(fcgi_answer_count(&known, "Set-Cookie"), 0);
	assert_has(browse(&b, "/password/forgot?sent=1"), "Check your mail");
	assert_int_equal(mails(&f.admin, "set_password"), 1);
	assert_int_equal(mails(&f.member, "set_password"), 0);
	assert_int_equal(events(&f, "password.forgot", "ok"), 1);
	/* The same was done for all three: one job each. */
	assert_int_equal(sql_int("SELECT count(*) FROM job WHERE payload::json ->> 'what' ="
				 " 'set_password' AND payload::json ->> 'user' = '0'"),
		2);
}

static void what_is_no_address_is_said(void **state)
{
	struct browser b = {0};
	(void)state;
	struct fcgi_answer r = forget(&b, "");
	assert_status(r, 422);
	assert_has(r, "Enter your email.");
	r = forget(&b, "no address");
	assert_status(r, 422);
	assert_string_equal(answer_input(&r, "email"), "no address");
}

/* Five from one address, known or not; others' asking neither floods nor shuts out anybody. */
static void asking_is_throttled(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	const char *const names[] = {f.admin.email, "nobody@firm.example"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		for (int k = 0; k < 5; k++)
			assert_status(forget(&b, names[i]), 303);
		struct fcgi_answer r = forget(&b, names[i]);
		assert_status(r, 429);
		assert_has(r, "Wait 15 minutes");
		assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
	}
	assert_int_equal(mails(&f.admin, "set_password"), 5);
	for (int k = 0; k < 8; k++) {
		struct browser other = {
			.peer = arena_printf(site.arena, "203.0.113.%d", 60 + k)};
		assert_goes(forget(&other, f.admin.email), "/password/forgot?sent=1");
	}
	assert_int_equal(mails(&f.admin, "set_password"), 10);
	/* The last link that was mailed is not taken away. */
	const char *link = make_link(&f.admin, "1 hour");
	struct browser other = {.peer = "203.0.113.80"};
	assert_goes(forget(&other, f.admin.email), "/password/forgot?sent=1");
	assert_status(browse(&b, link), 200);
}

static void a_newer_wish_kills_the_older_link(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	const char *first = make_link(&f.admin, "1 hour");
	assert_status(browse(&b, first), 200);
	assert_status(forget(&b, f.admin.email), 303);
	assert_status(browse(&b, first), 404);
	const char *second = make_link(&f.admin, "1 hour"),
		   *third = make_link(&f.admin, "1 hour");
	assert_status(browse(&b, second), 404);
	assert_status(browse(&b, third), 200);
}

static void a_reset_ends_at_the_log_in_form(void **state)
{
	struct firm f;
	struct browser old = {0}, b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_log_in(&old, &f.admin);
	site_keep_out(fresh);
	const char *link = make_link(&f.admin, "1 hour");
	assert_status(browse(&b, link), 200);
	assert_has(submit(&b, link, form_of("password", "password1", NULL)), "most common");
	assert_has(submit(&b, link, form_of("password", "Ada-Admin-1", NULL)),
		"which others know");
	struct fcgi_answer r = submit(&b, link, form_of("password", fresh, NULL));
	assert_goes(r, "/login?saved=1");
	assert_int_equal(fcgi_answer_count(&r, "Set-Cookie"), 0);
	assert_has(browse(&b, "/login?saved=1"), "Your password is saved.");
	assert_int_equal(sessions_of(&f.admin), 0);
	assert_int_equal(mails(&f.admin, "password_changed"), 1);
	assert_goes(
		submit(&b, "/login", form_of("email", f.admin.email, "password", fresh, NULL)),
		"/login/mfa");
	assert_goes(browse(&old, "/clients"), "/login?next=%2Fclients");
	struct fcgi_answer gone = browse(&b, link);
	assert_status(gone, 404);
	assert_has(gone, "This link no longer works");
	assert_status(browse(&b, make_link(&f.admin, "-1 second")), 404);
}

/* Who chooses a first password is not told that it "was changed". */
static void the_first_one_is_set_and_not_changed(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	site_keep_out(fresh);
	sql_do("UPDATE app_user SET password_hash = NULL WHERE user_id = %lld",
		(long long)f.member.user_id);
	assert_goes(
		submit(&b, make_link(&f.member, "1 hour"), form_of("password", fresh, NULL)),
		"/login?saved=1");
	assert_int_equal(mails(&f.member, "password_set"), 1);
	assert_int_equal(mails(&f.member, "password_changed"), 0);
}

static struct fcgi_answer change(struct browser *b, const char *old, const char *new_one)
{
	return submit(b, "/profile/password", form_of("old", old, "password", new_one, NULL));
}

static void a_password_is_changed(void **state)
{
	struct firm f;
	struct browser here = {0}, there = {0};
	(void)state;
	firm_make(&f);
	site_keep_out("sixty tin whistles");
	browser_log_in(&there, &f.member);
	browser_log_in(&here, &f.member);
	struct browser before = here;
	const char *link = make_link(&f.member, "1 hour");
	assert_status(browse(&here, "/profile/password"), 200);
	assert_goes(change(&here, SITE_PASSWORD, "sixty tin whistles"), "/profile");
	assert_has(browse(&here, "/profile"), "Your password is changed.");
	/* This one goes on under a new token; all others are over. */
	assert_string_not_equal(here.cookie, before.cookie);
	assert_goes(browse(&before, "/profile"), "/login?next=%2Fprofile");
	assert_goes(browse(&there, "/profile"), "/login?next=%2Fprofile");
	assert_status(browse(&there, link), 404);
	assert_int_equal(mails(&f.member, "password_changed"), 1);
	assert_int_equal(events(&f, "password.changed", "ok"), 1);
	assert_status(
		submit(&there, "/login",
			form_of("email", f.member.email, "password", SITE_PASSWORD, NULL)),
		422);
	assert_goes(submit(&there, "/login",
			    form_of("email", f.member.email, "password", "sixty tin whistles",
				    NULL)),
		"/clients");
}

static void a_bad_change_changes_nothing(void **state)
{
	static const struct {
		const char *old, *new_one, *sentence;
	} forms[] = {
		{"not the password", "forty brass lanterns", "That is not your password."},
		{"", "forty brass lanterns", "Enter the password you have now."},
		{SITE_PASSWORD, "", "Enter a new password."},
		{SITE_PASSWORD, "short", "at least 8 characters"},
		{SITE_PASSWORD, "PassW0rd", "most common"},
		{SITE_PASSWORD, "MaxMember99", "which others know"},
		{SITE_PASSWORD, SITE_PASSWORD, "This is the same one."},
	};
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	const char *before = sql_text("SELECT password_hash FROM app_user WHERE user_id = %lld",
		(long long)f.member.user_id);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct fcgi_answer r = change(&b, forms[i].old, forms[i].new_one);
		assert_status(r, 422);
		assert_has(r, forms[i].sentence);
		assert_null(strstr(r.body.p, "forty brass"));
	}
	assert_string_equal(sql_text("SELECT password_hash FROM app_user WHERE user_id = %lld",
				    (long long)f.member.user_id),
		before);
	for (int i = 0; i < 4; i++)
		assert_status(change(&b, "not the password", fresh), 422);
	struct fcgi_answer r = change(&b, "not the password", fresh);
	assert_status(r, 429);
	assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
}

static void a_change_asks_who_it_is(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&b, &f.member);
	make_stale(&b);
	assert_goes(browse(&b, "/profile/password"), "/confirm");
	assert_goes(change(&b, SITE_PASSWORD, fresh), "/confirm");
	assert_status(browse(&b, "/confirm"), 200);
	assert_goes(submit(&b, "/confirm",
			    form_of("password", SITE_PASSWORD, "code",
				    person_code(&f.member, 0), NULL)),
		"/profile/password");
	assert_status(browse(&b, "/profile/password"), 200);
}

static void other_sessions_are_ended(void **state)
{
	struct firm f;
	struct browser here = {0}, a = {0}, b = {0}, other = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&a, &f.member);
	browser_log_in(&b, &f.member);
	browser_log_in(&here, &f.member);
	browser_log_in(&other, &f.admin);
	assert_has(browse(&here, "/profile"), "Log out everywhere else");
	int64_t id = sql_int("SELECT session_id FROM session WHERE %s", browser_session(&a));
	const char *uri = arena_printf(site.arena, "/profile/sessions/%lld/end", (long long)id);
	/* Somebody else's session is not there. */
	assert_status(submit(&other, uri, ""), 404);
	assert_status(browse(&a, "/profile"), 200);
	assert_goes(submit(&here, uri, ""), "/profile");
	assert_goes(browse(&a, "/profile"), "/login?next=%2Fprofile");
	assert_status(submit(&here, uri, ""), 404);
	assert_status(browse(&b, "/profile"), 200);
	make_stale(&here);
	assert_goes(submit(&here, "/profile/sessions/end", ""), "/confirm");
	assert_string_equal(
		sql_text("SELECT return_to FROM session WHERE %s", browser_session(&here)),
		"/profile");
	assert_goes(submit(&here, "/confirm", form_of("password", SITE_PASSWORD, NULL)),
		"/profile");
	assert_goes(submit(&here, "/profile/sessions/end", ""), "/profile");
	assert_goes(browse(&b, "/profile"), "/login?next=%2Fprofile");
	assert_has_not(browse(&here, "/profile"), "Log out everywhere else");
	assert_status(browse(&other, "/profile"), 200);
	assert_int_equal(events(&f, "session.ended", "ok"), 2);
}

static void a_zone_of_ones_own_is_used(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = submit(
		&b, "/profile", form_of("name", "Max Member", "zone", "Mars/Olympus", NULL));
	assert_status(r, 422);
	assert_has(r, "This time zone is not known.");
	assert_string_equal(answer_input(&r, "zone"), "Mars/Olympus");
	assert_goes(submit(&b, "/profile",
			    form_of("name", "Max Member", "zone", "Europe/London", NULL)),
		"/profile");
	r = browse(&b, "/profile");
	assert_string_equal(answer_input(&r, "zone"), "Europe/London");
	assert_has(r, "Pacific/Auckland");
	assert_goes(submit(&b, "/profile", form_of("name", "Max Member", "zone", "", NULL)),
		"/profile");
	r = browse(&b, "/profile");
	assert_string_equal(answer_input(&r, "zone"), "");
}

static void new_recovery_codes_ask_a_code(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&b, &f.member);
	make_stale(&b);
	assert_status(browse(&b, "/profile/codes"), 200);
	struct fcgi_answer r = submit(&b, "/profile/codes", form_of("code", "000000", NULL));
	assert_status(r, 422);
	assert_has(r, "That code is not right.");
	const char *good = person_code(&f.member, 0);
	struct browser before = b;
	r = submit(&b, "/profile/codes", form_of("code", good, NULL));
	assert_status(r, 200);
	assert_has(r, "The codes from before no longer work.");
	assert_int_equal(sql_int("SELECT count(*) FROM recovery_code WHERE user_id = %lld",
				 (long long)f.member.user_id),
		10);
	assert_null(strstr(r.body.p, f.member.codes[0]));
	assert_goes(browse(&before, "/profile"), "/login?next=%2Fprofile");
	assert_int_equal(mails(&f.member, "mfa_changed"), 1);
	assert_int_equal(events(&f, "mfa.codes_renewed", "ok"), 1);
	/* Used up, and the same code does it no second time. */
	assert_status(submit(&b, "/profile/codes", form_of("code", good, NULL)), 422);
	assert_goes(submit(&b, "/mfa/setup/done", form_of("saved", "1", NULL)), "/profile");
	struct browser none = {0};
	browser_log_in(&none, &f.admin);
	assert_goes(browse(&none, "/profile/codes"), "/mfa/setup");
	assert_goes(submit(&none, "/profile/codes", form_of("code", "1", NULL)), "/mfa/setup");
}

static void guessing_for_recovery_codes_is_throttled(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&b, &f.member);
	for (int i = 0; i < 5; i++)
		assert_status(
			submit(&b, "/profile/codes", form_of("code", "000000", NULL)), 422);
	struct fcgi_answer r =
		submit(&b, "/profile/codes", form_of("code", person_code(&f.member, 0), NULL));
	assert_status(r, 429);
	assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(asking_for_a_link_tells_nothing),
		SITE_TEST(what_is_no_address_is_said),
		SITE_TEST(asking_is_throttled),
		SITE_TEST(a_newer_wish_kills_the_older_link),
		SITE_TEST(a_reset_ends_at_the_log_in_form),
		SITE_TEST(the_first_one_is_set_and_not_changed),
		SITE_TEST(a_password_is_changed),
		SITE_TEST(a_bad_change_changes_nothing),
		SITE_TEST(a_change_asks_who_it_is),
		SITE_TEST(other_sessions_are_ended),
		SITE_TEST(a_zone_of_ones_own_is_used),
		SITE_TEST(new_recovery_codes_ask_a_code),
		SITE_TEST(guessing_for_recovery_codes_is_throttled),
	};
	return site_run(tests);
}
