/* The team: inviting, roles, access, and resetting somebody's second factor. */
#include "support/site_test.h"

static int64_t events(const struct firm *f, const char *event, const char *result)
{
	return sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = '%s'"
		       " AND result = '%s'",
		(long long)f->org_id, event, result);
}

static const char *mail_to(int64_t user_id, const char *what)
{
	return sql_text(
		"SELECT payload FROM job WHERE kind = 'mail' AND payload::json ->> 'what'"
		" = '%s' AND payload::json ->> 'user' = '%lld'",
		what, (long long)user_id);
}

static const char *column(const char *name, int64_t user_id)
{
	return sql_text(
		"SELECT %s FROM app_user WHERE user_id = %lld", name, (long long)user_id);
}

static const char *address(const struct person *p, const char *below)
{
	return arena_printf(site.arena, "/settings/team/%lld%s", (long long)p->user_id, below);
}

static void make_stale(const struct browser *b)
{
	sql_do("UPDATE session SET fresh_at = now() - interval '6 minutes' WHERE %s",
		browser_session(b));
}

static void members_see_the_list_and_no_button(void **state)
{
	struct firm f;
	struct browser admin = {0}, member = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_log_in(&admin, &f.admin);
	browser_log_in(&member, &f.member);
	struct fcgi_answer r = browse(&member, "/settings/team");
	assert_has(r, "Ada Admin");
	assert_has(r, "1 of 2 have set up");
	assert_has(r, "Only one admin has Multi-Factor Authentication.");
	assert_null(strstr(r.body.p, "/settings/team/"));
	r = browse(&admin, "/settings/team");
	assert_has(r, "Invite a team member");
	assert_non_null(strstr(r.body.p, address(&f.member, "\"")));
	r = browse(&admin, "/settings/team?mfa=missing");
	assert_has(r, "Max Member");
	assert_null(strstr(r.body.p, address(&f.admin, "\"")));
	assert_has_not(browse(&admin, "/settings/team?mfa=enabled"), "Max Member");
	assert_status(browse(&member, address(&f.admin, "")), 403);
	assert_status(submit(&member, address(&f.admin, "/deactivate"), ""), 403);
	assert_int_equal(events(&f, "denied", "refused"), 2);
}

static void somebody_is_invited(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	assert_status(browse(&b, "/settings/team/invite"), 200);
	const char *email =
		arena_printf(site.arena, "Nina%lld@Firm.Example", (long long)f.org_id);
	assert_goes(submit(&b, "/settings/team/invite",
			    form_of("name", "Nina New", "email", email, "role", "admin", NULL)),
		"/settings/team");
	struct fcgi_answer r = browse(&b, "/settings/team");
	assert_has(r, arena_printf(site.arena, "An invitation is on its way to %s.", email));
	assert_has(r, "Invited");
	int64_t id = sql_int("SELECT user_id FROM app_user WHERE email = '%s'", email);
	assert_string_equal(column("role", id), "admin");
	assert_null(column("password_hash", id));
	assert_int_equal(
		sql_int("SELECT count(*) FROM login WHERE user_id = %lld AND email_norm ="
			" lower('%s')",
			(long long)id, email),
		1);
	assert_non_null(strstr(mail_to(id, "invitation"), "Ada Admin of Firm"));
	assert_int_equal(events(&f, "user.invited", "ok"), 1);

	/* Once more, until the link was used. */
	struct person nina = {.user_id = id};
	assert_has(browse(&b, address(&nina, "")), "Send the invitation again");
	assert_goes(submit(&b, address(&nina, "/invite"), ""), address(&nina, ""));
	assert_int_equal(events(&f, "user.invited", "ok"), 2);
	assert_status(submit(&b, address(&f.member, "/invite"), ""), 409);
}

static void a_bad_invitation_is_explained(void **state)
{
	static const struct {
		const char *name, *email, *role, *sentence;
	} forms[] = {
		{"", "new@firm.example", "member", "Enter the person's name."},
		{"Nina", "", "member", "Enter the person's email."},
		{"Nina", "no address", "member", "name@example.com"},
		{"Nina", "new@firm.example", "owner", "role"},
		{"Nina", "new@firm.example", "", "role"},
		{"Nina", "taken@firm.example", "member", "This email is already in use."},
	};
	struct firm f, other;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	firm_make(&other);
	/* Also by somebody of another firm. */
	sql_do("INSERT INTO login VALUES ('taken@firm.example', %lld, %lld)",
		(long long)other.org_id, (long long)other.admin.user_id);
	browser_log_in(&b, &f.admin);
	const char *before = sql_state_of(f.org_id, other.org_id);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct fcgi_answer r = submit(&b, "/settings/team/invite",
			form_of("name", forms[i].name, "email", forms[i].email, "role",
				forms[i].role, NULL));
		assert_status(r, 422);
		assert_has(r, forms[i].sentence);
		assert_string_equal(answer_input(&r, "email"), forms[i].email);
	}
	assert_string_equal(sql_state_of(f.org_id, other.org_id), before);
	assert_int_equal(events(&f, "user.invited", "ok"), 0);
}

static void a_role_changes_and_sessions_end(void **state)
{
	struct firm f;
	struct browser admin = {0}, member = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&admin, &f.admin);
	browser_log_in(&member, &f.member);
	assert_goes(submit(&admin, address(&f.member, "/role"), form_of("role", "admin", NULL)),
		address(&f.member, ""));
	assert_has(browse(&admin, address(&f.member, "")), "Max Member is an admin now");
	assert_goes(browse(&member, "/clients"), "/login?next=%2Fclients");
	assert_string_equal(column("role", f.member.user_id), "admin");
	/* The same again changes nothing, and nobody is logged out for it. */
	browser_log_in(&member, &f.member);
	assert_goes(submit(&admin, address(&f.member, "/role"), form_of("role", "admin", NULL)),
		address(&f.member, ""));
	assert_status(browse(&member, "/settings/team/invite"), 200);
	assert_int_equal(events(&f, "user.role_changed", "ok"), 1);
	assert_status(
		submit(&admin, address(&f.member, "/role"), form_of("role", "king", NULL)),
		422);
	/* Oneself, while another admin is left. */
	assert_status(
		submit(&admin, address(&f.admin, "/role"), form_of("role", "member", NULL)),
		303);
	assert_goes(browse(&admin, "/clients"), "/login?next=%2Fclients");
}

static void the_last_admin_stays(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	struct fcgi_answer r =
		submit(&b, address(&f.admin, "/role"), form_of("role", "member", NULL));
	assert_status(r, 409);
	assert_has(
		r, "This is the only admin who can log in. Make somebody else an admin first.");
	r = submit(&b, address(&f.admin, "/deactivate"), "");
	assert_status(r, 409);
	assert_has(r, "This is the only admin who can log in.");
	assert_string_equal(column("role || status", f.admin.user_id), "adminactive");
	assert_status(browse(&b, "/clients"), 200);
	assert_int_equal(events(&f, "user.deactivated", "ok"), 0);
}

static void who_is_deactivated_is_out_at_once(void **state)
{
	struct firm f;
	struct browser admin = {0}, member = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&admin, &f.admin);
	browser_log_in(&member, &f.member);
	sql_do("INSERT INTO one_time_token VALUES ('link', %lld, %lld, 'set_password', now() +"
	       " interval '1 hour')",
		(long long)f.org_id, (long long)f.member.user_id);
	assert_goes(
		submit(&admin, address(&f.member, "/deactivate"), ""), address(&f.member, ""));
	struct fcgi_answer r = browse(&admin, address(&f.member, ""));
	assert_has(r, "Max Member is deactivated and logged out everywhere.");
	assert_has(r, "Activate");
	assert_goes(browse(&member, "/clients"), "/login?next=%2Fclients");
	assert_int_equal(sql_int("SELECT count(*) FROM session WHERE user_id = %lld",
				 (long long)f.member.user_id),
		0);
	assert_int_equal(sql_int("SELECT count(*) FROM one_time_token WHERE user_id = %lld",
				 (long long)f.member.user_id),
		0);
	assert_status(
		submit(&member, "/login",
			form_of("email", f.member.email, "password", SITE_PASSWORD, NULL)),
		422);
	assert_has(browse(&admin, "/settings/team"), "Deactivated");
	assert_goes(
		submit(&admin, address(&f.member, "/activate"), ""), address(&f.member, ""));
	browser_log_in(&member, &f.member);
	assert_int_equal(events(&f, "user.deactivated", "ok"), 1);
	assert_int_equal(events(&f, "user.activated", "ok"), 1);
}

static void a_change_asks_who_it_is(void **state)
{
	static const char *const below[] = {"/role", "/deactivate", "/activate", "/invite"};
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < ARRAY_LEN(below); i++) {
		make_stale(&b);
		assert_goes(submit(&b, address(&f.member, below[i]),
				    form_of("role", "admin", NULL)),
			"/confirm");
		/* Back to the page that the button stands on. */
		assert_goes(submit(&b, "/confirm", form_of("password", SITE_PASSWORD, NULL)),
			address(&f.member, ""));
	}
	assert_string_equal(sql_state_of(f.org_id, 0), before);
}

/*
 * An admin resets another person's second factor, with a code of their own; nobody resets their
 * own.
 */
static void a_second_factor_is_reset(void **state)
{
	struct firm f;
	struct browser admin = {0}, member = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	person_enrol(&f.member);
	browser_log_in(&admin, &f.admin);
	browser_log_in(&member, &f.member);
	const char *reset = address(&f.member, "/reset-mfa");
	assert_has(browse(&admin, reset), "Max Member");
	struct fcgi_answer r = submit(&admin, reset, form_of("code", "000000", NULL));
	assert_status(r, 422);
	assert_has(r, "That code is not right.");
	/* A member's code is not the admin's, and a recovery code is none. */
	assert_status(
		submit(&admin, reset, form_of("code", person_code(&f.member, 0), NULL)), 422);
	assert_status(submit(&admin, reset, form_of("code", f.admin.codes[0], NULL)), 422);
	assert_status(browse(&member, "/clients"), 200);
	const char *code = person_code(&f.admin, 0);
	assert_goes(submit(&admin, reset, form_of("code", code, NULL)), address(&f.member, ""));
	assert_has(browse(&admin, address(&f.member, "")),
		"Max Member is logged out and has to set up Multi-Factor Authentication again.");
	assert_goes(browse(&member, "/clients"), "/login?next=%2Fclients");
	assert_int_equal(
		sql_int("SELECT (SELECT count(*) FROM totp_factor WHERE user_id = %lld) +"
			" (SELECT count(*) FROM recovery_code WHERE user_id = %lld)",
			(long long)f.member.user_id, (long long)f.member.user_id),
		0);
	assert_non_null(strstr(mail_to(f.member.user_id, "mfa_reset"), "\"by\":\"Ada Admin\""));
	assert_int_equal(events(&f, "mfa.reset", "ok"), 1);
	assert_int_equal(events(&f, "mfa.reset", "refused"), 3);
	r = submit(&admin, reset, form_of("code", code, NULL));
	assert_status(r, 409);
	assert_has(r, "has no Multi-Factor Authentication to reset");
}

static void nobody_resets_the_own(void **state)
{
	struct firm f;
	struct browser b = {0}, without = {0};
	struct person second;
	(void)state;
	firm_make(&f);
	person_make(&second, f.org_id, "Sue Second", "admin");
	person_enrol(&f.admin);
	browser_log_in(&b, &f.admin);
	browser_log_in(&without, &second);
	const char *own = address(&f.admin, "/reset-mfa");
	assert_has_not(browse(&b, address(&f.admin, "")), "Reset MFA");
	assert_status(browse(&b, own), 409);
	struct fcgi_answer r = submit(&b, own, form_of("code", person_code(&f.admin, 0), NULL));
	assert_status(r, 409);
	assert_has(r, "Nobody resets their own.");
	/* Nor another's without a code of one's own to give. */
	r = submit(&without, own, form_of("code", "000000", NULL));
	assert_status(r, 409);
	assert_has(r, "Set up your own Multi-Factor Authentication first");
	assert_int_equal(sql_int("SELECT count(*) FROM totp_factor WHERE user_id = %lld",
				 (long long)f.admin.user_id),
		1);
}

static void guessing_at_a_reset_is_throttled(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	person_enrol(&f.member);
	browser_log_in(&b, &f.admin);
	const char *reset = address(&f.member, "/reset-mfa");
	for (int i = 0; i < 5; i++)
		assert_status(submit(&b, reset, form_of("code", "000000", NULL)), 422);
	struct fcgi_answer r =
		submit(&b, reset, form_of("code", person_code(&f.admin, 0), NULL));
	assert_status(r, 429);
	assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
	assert_int_equal(sql_int("SELECT count(*) FROM totp_factor WHERE user_id = %lld",
				 (long long)f.member.user_id),
		1);
}

/* Thirty in a quarter of an hour, new ones and repeated ones together. */
static void invitations_have_a_limit(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	(void)browse(&b, "/settings/team/invite");
	const char *email = arena_printf(site.arena, "n%lld@firm.example", (long long)f.org_id);
	const char *form = form_of("name", "Nina", "email", email, "role", "member", NULL);
	assert_goes(submit(&b, "/settings/team/invite", form), "/settings/team");
	const struct person nina = {.org_id = f.org_id,
		.user_id = sql_int("SELECT user_id FROM app_user WHERE email = '%s'", email)};
	for (int i = 1; i < 30; i++)
		assert_goes(submit(&b, address(&nina, "/invite"), ""), address(&nina, ""));
	assert_status(submit(&b, address(&nina, "/invite"), ""), 429);
	form = form_of("name", "Olga", "email", "olga@firm.example", "role", "member", NULL);
	struct fcgi_answer r = submit(&b, "/settings/team/invite", form);
	assert_status(r, 429);
	assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'mail' AND org_id = %lld",
			(long long)f.org_id),
		30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(invitations_have_a_limit),
		SITE_TEST(members_see_the_list_and_no_button),
		SITE_TEST(somebody_is_invited),
		SITE_TEST(a_bad_invitation_is_explained),
		SITE_TEST(a_role_changes_and_sessions_end),
		SITE_TEST(the_last_admin_stays),
		SITE_TEST(who_is_deactivated_is_out_at_once),
		SITE_TEST(a_change_asks_who_it_is),
		SITE_TEST(a_second_factor_is_reset),
		SITE_TEST(nobody_resets_the_own),
		SITE_TEST(guessing_at_a_reset_is_throttled),
	};
	return site_run(tests);
}
