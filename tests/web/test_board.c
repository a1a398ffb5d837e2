/* The roll-out board: who is set up, with what, how long the rest has, and a reminder at most once a day. */
#include "support/site_test.h"

static const char *nudge_of(const struct person *p)
{
	return arena_printf(site.arena, "/settings/team/%lld/nudge", (long long)p->user_id);
}

static int64_t reminders(const struct person *p)
{
	return sql_int("SELECT count(*) FROM job WHERE payload LIKE"
		       " '{\"what\":\"mfa_nudge\",\"user\":%lld,\"by\":\"Ada Admin\"%%'",
		(long long)p->user_id);
}

static void it_says_who_is_set_up_and_how(void **state)
{
	struct firm f;
	struct person key, both;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_make(&key, f.org_id, "Kim Key", "member");
	person_make(&both, f.org_id, "Bo Both", "member");
	person_enrol(&f.admin);
	person_enrol(&both);
	(void)person_passkey(&key, "Key");
	(void)person_passkey(&both, "Key");
	browser_enter(&b, &f.admin, 2);
	struct fcgi_answer r = browse(&b, "/settings/team");
	assert_has(r, "3 of 4 have set up");
	assert_has(r, "Enabled Authenticator app Never");
	assert_has(r, "Enabled Passkey");
	assert_has(r, "Enabled Authenticator app and passkey");
	assert_has(r, "Only one admin has");
	r = browse(&b, "/settings/team?mfa=missing");
	assert_has(r, "Max Member");
	assert_has_not(r, "Kim Key");
	r = browse(&b, "/settings/team?mfa=enabled");
	assert_has(r, "Kim Key");
	assert_has_not(r, "Max Member");
}

/* Beside whoever has something to reset, for admins, and not for themselves. */
static void a_reset_begins_in_the_row(void **state)
{
	struct firm f;
	struct browser b = {0}, m = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_enter(&b, &f.admin, 2);
	browser_enter(&m, &f.member, 2);
	assert_has_not(browse(&b, "/settings/team"), "Reset MFA");
	person_enrol(&f.member);
	const char *to = arena_printf(
		site.arena, "/settings/team/%lld/reset-mfa", (long long)f.member.user_id);
	struct fcgi_answer r = browse(&b, "/settings/team");
	assert_has(
		r, arena_printf(site.arena,
			   "href=\"%s\" aria-label=\"Reset MFA of Max Member\">Reset MFA</a>",
			   to));
	assert_has_not(r, "Reset MFA of Ada Admin");
	assert_has(browse(&b, to), "Reset");
	assert_has_not(browse(&m, "/settings/team"), "Reset MFA");
}

static void it_counts_the_days_of_grace(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_enter(&b, &f.admin, 2);
	assert_has_not(browse(&b, "/settings/team"), "left");
	sql_do("UPDATE organisation SET mfa_required_at = now(), mfa_grace_days = 3 WHERE org_id ="
	       " %lld",
		(long long)f.org_id);
	assert_has(browse(&b, "/settings/team"), "3 days left");
	sql_do("UPDATE organisation SET mfa_required_at = now() - interval '61 hours' WHERE org_id"
	       " = %lld",
		(long long)f.org_id);
	sql_do("UPDATE app_user SET created_at = now() - interval '9 days' WHERE org_id = %lld",
		(long long)f.org_id);
	assert_has(browse(&b, "/settings/team"), "1 day left");
	sql_do("UPDATE organisation SET mfa_grace_days = 0 WHERE org_id = %lld",
		(long long)f.org_id);
	assert_has(browse(&b, "/settings/team"), "Due at the next log-in");
}

static void a_reminder_goes_out_once_a_day(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_enter(&b, &f.admin, 2);
	assert_has(browse(&b, "/settings/team"), "Nudge");
	assert_goes(submit(&b, nudge_of(&f.member), ""), "/settings/team");
	struct fcgi_answer r = browse(&b, "/settings/team");
	assert_has(r, "A reminder is on its way to");
	assert_has(r, "Reminded just now");
	assert_has_not(r, "Nudge");
	assert_status(submit(&b, nudge_of(&f.member), ""), 409);
	assert_int_equal(reminders(&f.member), 1);
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'mfa.nudged' AND result = 'ok'",
			(long long)f.org_id),
		1);
	sql_do("UPDATE app_user SET nudged_at = now() - interval '25 hours' WHERE user_id = %lld",
		(long long)f.member.user_id);
	assert_goes(submit(&b, nudge_of(&f.member), ""), "/settings/team");
	assert_int_equal(reminders(&f.member), 2);
}

static void of_many_reminders_at_once_one_goes_out(void **state)
{
	enum { CROWD = 8 };
	struct firm f;
	struct browser b = {0}, crowd[CROWD];
	struct fcgi_answer answers[CROWD];
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_enter(&b, &f.admin, 2);
	(void)browse(&b, "/settings/team");
	for (size_t i = 0; i < CROWD; i++)
		crowd[i] = b;
	ask_at_once(crowd, CROWD, "POST", nudge_of(&f.member), "", answers);
	assert_int_equal(reminders(&f.member), 1);
}

static void who_needs_none_gets_none(void **state)
{
	struct firm f, away;
	struct person guest;
	struct browser b = {0}, member = {0};
	(void)state;
	firm_make(&f);
	firm_make(&away);
	person_make(&guest, f.org_id, "Gil Guest", "member");
	sql_do("UPDATE app_user SET password_hash = NULL WHERE user_id = %lld",
		(long long)guest.user_id);
	person_enrol(&f.admin);
	browser_enter(&b, &f.admin, 2);
	browser_enter(&member, &f.member, 2);
	(void)browse(&b, "/settings/team");
	assert_status(submit(&b, nudge_of(&f.admin), ""), 409);
	assert_status(submit(&b, nudge_of(&guest), ""), 409);
	assert_status(submit(&b, nudge_of(&away.member), ""), 404);
	sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)guest.user_id);
	assert_status(submit(&b, nudge_of(&guest), ""), 409);
	assert_has_not(browse(&member, "/settings/team"), "Nudge");
	assert_status(submit(&member, nudge_of(&f.member), ""), 403);
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE payload LIKE '%%mfa_nudge%%' AND"
			" org_id IN (%lld, %lld)",
			(long long)f.org_id, (long long)away.org_id),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(it_says_who_is_set_up_and_how),
		SITE_TEST(a_reset_begins_in_the_row),
		SITE_TEST(it_counts_the_days_of_grace),
		SITE_TEST(a_reminder_goes_out_once_a_day),
		SITE_TEST(of_many_reminders_at_once_one_goes_out),
		SITE_TEST(who_needs_none_gets_none),
	};
	return site_run(tests);
}
