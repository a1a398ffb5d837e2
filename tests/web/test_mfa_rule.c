/* The rule "everybody needs a second factor": notice, grace; and "Confirm it is you". */
#include "support/site_test.h"

static const char sentence[] =
	"Your organisation now syncs clients from Xero Practice Manager. Set up Multi-Factor "
	"Authentication to continue.";

static void set_rule(const struct firm *f, const char *since, int grace_days)
{
	sql_do("UPDATE organisation SET mfa_required_at = now() - interval '%s', mfa_grace_days = %d"
	       " WHERE org_id = %lld",
		since, grace_days, (long long)f->org_id);
	sql_do("UPDATE app_user SET created_at = now() - interval '100 days' WHERE org_id = %lld",
		(long long)f->org_id);
}

static struct fcgi_answer log_in(struct browser *b, const struct person *p)
{
	return submit(b, "/login", form_of("email", p->email, "password", SITE_PASSWORD, NULL));
}

static void the_notice_closes_everything_else(void **state)
{
	static const char *const closed[] = {"/", "/clients", "/clients.csv", "/clients/status",
		"/settings", "/settings/integrations", "/settings/team", "/profile", "/syncs",
		"/notifications", "/help"};
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	(void)firm_client(&f, "Hidden Client", false);
	set_rule(&f, "1 minute", 0);
	assert_goes(log_in(&b, &f.member), "/mfa/notice");
	struct fcgi_answer r = browse(&b, "/mfa/notice");
	assert_has(r, sentence);
	assert_has(r, "Set up now");
	assert_has(r, "Log out");
	assert_has_not(r, "Remind me later");
	assert_has_not(r, "Org Settings");
	for (size_t i = 0; i < ARRAY_LEN(closed); i++)
		assert_goes(browse(&b, closed[i]), "/mfa/notice");
	/* Pressing "later" where there is no later. */
	assert_goes(submit(&b, "/mfa/later", ""), "/clients");
	assert_goes(browse(&b, "/clients"), "/mfa/notice");
	assert_status(browse(&b, "/mfa/setup"), 200);
	assert_goes(submit(&b, "/logout", ""), "/login");
}

/* The rule is checked at every request, so a session that is open already is stopped, too. */
static void the_rule_reaches_open_sessions(void **state)
{
	struct firm f;
	struct browser b = {0}, enrolled = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	browser_log_in(&b, &f.member);
	browser_log_in(&enrolled, &f.admin);
	assert_status(browse(&b, "/clients"), 200);
	set_rule(&f, "1 second", 0);
	assert_goes(browse(&b, "/clients"), "/mfa/notice");
	assert_goes(submit(&b, "/profile", "name=Somebody"), "/mfa/notice");
	assert_status(browse(&enrolled, "/clients"), 200);
	assert_goes(browse(&enrolled, "/mfa/notice"), "/clients");
	/* A factor taken away by a reset: the same at once. */
	sql_do("DELETE FROM totp_factor WHERE user_id = %lld", (long long)f.admin.user_id);
	assert_goes(browse(&enrolled, "/clients"), "/mfa/notice");
}

static void it_stays_after_a_disconnect(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	firm_connect(&f, "live", NULL);
	firm_connect(&f, "not_connected", "disconnected");
	assert_goes(log_in(&b, &f.member), "/mfa/notice");
	assert_goes(browse(&b, "/clients"), "/mfa/notice");
}

static void grace_counts_its_days(void **state)
{
	static const struct {
		const char *since;
		int grace;
		const char *left; /* NULL: none */
	} cases[] = {
		{"1 minute", 3, "3 days left"},
		{"25 hours", 3, "2 days left"},
		{"47 hours", 2, "1 day left"},
		{"49 hours", 2, NULL},
		{"6 days 23 hours", 7, "1 day left"},
		{"8 days", 7, NULL},
	};
	struct firm f;
	(void)state;
	firm_make(&f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct browser b = {0};
		set_rule(&f, cases[i].since, cases[i].grace);
		assert_goes(log_in(&b, &f.member), "/mfa/notice");
		struct fcgi_answer r = browse(&b, "/mfa/notice");
		if (cases[i].left == NULL) {
			assert_has_not(r, "left before it is required");
			assert_goes(browse(&b, "/clients"), "/mfa/notice");
			continue;
		}
		assert_has(r, cases[i].left);
		assert_has(r, "Remind me later");
		assert_goes(submit(&b, "/mfa/later", ""), "/clients");
		assert_status(browse(&b, "/clients"), 200);
	}
}

/* For somebody who came later it runs from that day. */
static void grace_of_later_users_runs_from_their_first_day(void **state)
{
	struct firm f;
	struct person late;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	set_rule(&f, "30 days", 2);
	person_make(&late, f.org_id, "Lena Late", "member");
	assert_goes(log_in(&b, &late), "/mfa/notice");
	assert_has(browse(&b, "/mfa/notice"), "2 days left");
	assert_status(browse(&b, "/clients"), 200);
}

static void without_the_rule_there_is_no_notice(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	assert_goes(log_in(&b, &f.member), "/clients");
	assert_goes(browse(&b, "/mfa/notice"), "/clients");
}

static void admins_set_the_grace(void **state)
{
	static const char *const bad[] = {"8", "-1", "", "x", "1.5", "007", "+1"};
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	assert_has(browse(&b, "/settings/integrations"),
		"Days before Multi-Factor Authentication is required");
	assert_goes(
		submit(&b, "/settings/integrations/grace", "days=4"), "/settings/integrations");
	assert_has(browse(&b, "/settings/integrations"), "Saved.");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_goes(submit(&b, "/settings/integrations/grace",
				    form_of("days", bad[i], NULL)),
			"/settings/integrations");
		assert_has(browse(&b, "/settings/integrations"), "Choose 0 to 7 days.");
	}
	assert_int_equal(sql_int("SELECT mfa_grace_days FROM organisation WHERE org_id = %lld",
				 (long long)f.org_id),
		4);
}

static void grow_stale(const struct browser *b)
{
	sql_do("UPDATE session SET fresh_at = now() - interval '301 seconds' WHERE %s",
		browser_session(b));
}

static struct fcgi_answer confirm(struct browser *b, const char *password, const char *code)
{
	return submit(b, "/confirm", form_of("password", password, "code", code, NULL));
}

static void after_five_minutes_it_asks_again(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&b, &f.member);
	assert_status(browse(&b, "/mfa/setup"), 200);
	grow_stale(&b);
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
	struct fcgi_answer r = browse(&b, "/confirm");
	assert_has(r, "<h1>Confirm it is you</h1>");
	assert_has(r, "Authentication Code");
	assert_has(r, "Continue");
	r = confirm(&b, "not mine", person_code(&f.member, 0));
	assert_status(r, 422);
	assert_has(r, "That is not your password.");
	r = confirm(&b, SITE_PASSWORD, "000000");
	assert_status(r, 422);
	assert_has(r, "That code is not right.");
	assert_status(confirm(&b, SITE_PASSWORD, ""), 422);
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
	const char *code = person_code(&f.member, 0);
	assert_goes(confirm(&b, SITE_PASSWORD, code), "/mfa/setup");
	assert_status(browse(&b, "/mfa/setup"), 200);
	/* A code is spent here as anywhere. */
	grow_stale(&b);
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
	assert_has(confirm(&b, SITE_PASSWORD, code), "That code is not right.");
}

static void who_has_no_factor_is_asked_for_the_password(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	grow_stale(&b);
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
	assert_has_not(browse(&b, "/confirm"), "Authentication Code");
	assert_goes(confirm(&b, SITE_PASSWORD, ""), "/mfa/setup");
}

/* Whoever sits down at an open session and knows the password may not guess codes for ever. */
static void guesses_at_the_code_are_throttled(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&b, &f.member);
	grow_stale(&b);
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
	assert_status(browse(&b, "/confirm"), 200);
	for (int i = 0; i < 5; i++)
		assert_status(confirm(&b, SITE_PASSWORD, "1"), 422);
	struct fcgi_answer r = confirm(&b, SITE_PASSWORD, person_code(&f.member, 0));
	assert_status(r, 429);
	assert_has(r, "Too many tries. Wait 15 minutes and try again.");
	assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
	assert_goes(browse(&b, "/mfa/setup"), "/confirm");
}

static void guesses_at_the_password_are_throttled(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	grow_stale(&b);
	assert_status(browse(&b, "/confirm"), 200);
	for (int i = 0; i < 5; i++)
		assert_status(confirm(&b, "a guess", ""), 422);
	assert_status(confirm(&b, SITE_PASSWORD, ""), 429);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_notice_closes_everything_else),
		SITE_TEST(the_rule_reaches_open_sessions),
		SITE_TEST(it_stays_after_a_disconnect),
		SITE_TEST(grace_counts_its_days),
		SITE_TEST(grace_of_later_users_runs_from_their_first_day),
		SITE_TEST(without_the_rule_there_is_no_notice),
		SITE_TEST(admins_set_the_grace),
		SITE_TEST(after_five_minutes_it_asks_again),
		SITE_TEST(who_has_no_factor_is_asked_for_the_password),
		SITE_TEST(guesses_at_the_code_are_throttled),
		SITE_TEST(guesses_at_the_password_are_throttled),
	};
	return site_run(tests);
}
