/* A hundred wrong codes in a row end guessing, over months and restarts; what lifts that; what it does not shut. */
#include "support/site_test.h"

static struct fcgi_answer give(struct browser *b, const char *code)
{
	return submit(b, "/login/mfa", form_of("code", code, NULL));
}

static const char *wrong_code(const struct person *p)
{
	const char *right = person_code(p, 0);
	return arena_printf(
		site.arena, "%c%s", right[0] == '9' ? '0' : right[0] + 1, right + 1);
}

static int64_t misses(const struct person *p)
{
	return sql_int("SELECT factor_misses FROM app_user WHERE user_id = %lld",
		(long long)p->user_id);
}

static void set_misses(const struct person *p, int n)
{
	sql_do("UPDATE app_user SET factor_misses = %d WHERE user_id = %lld", n,
		(long long)p->user_id);
}

/* Five a log-in, a quarter of an hour between them: after twenty log-ins even the right one is not looked at. */
static void a_hundred_wrong_codes_end_it(void **state)
{
	struct firm f;
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	for (int i = 0; i < 20; i++) {
		struct browser b = {0};
		const char *wrong = wrong_code(&f.member);
		browser_to_challenge(&b, &f.member);
		for (int j = 0; j < 5; j++)
			assert_status(give(&b, wrong), 422);
	}
	assert_int_equal(misses(&f.member), 100);
	struct browser b = {0};
	browser_to_challenge(&b, &f.member);
	struct fcgi_answer r = give(&b, person_code(&f.member, 0));
	assert_status(r, 403);
	assert_has(r, "Too many wrong codes, one after another.");
	assert_int_equal(misses(&f.member), 100);
	assert_int_equal(sql_int("SELECT last_step FROM totp_factor WHERE user_id = %lld",
				 (long long)f.member.user_id),
		0);
}

static void a_right_code_begins_the_count_anew(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	set_misses(&f.member, 98);
	browser_to_challenge(&b, &f.member);
	assert_status(give(&b, wrong_code(&f.member)), 422);
	assert_goes(give(&b, person_code(&f.member, 0)), "/clients");
	assert_int_equal(misses(&f.member), 0);
}

static void at_the_cap_a_recovery_code_still_lets_in(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	set_misses(&f.member, 100);
	browser_to_challenge(&b, &f.member);
	(void)browse(&b, "/login/recovery");
	assert_goes(submit(&b, "/login/recovery", form_of("code", f.member.codes[0], NULL)),
		"/clients");
	assert_int_equal(misses(&f.member), 0);
}

static void a_reset_by_an_admin_lifts_it(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	person_enrol(&f.member);
	set_misses(&f.member, 100);
	browser_enter(&b, &f.admin, 2);
	const char *at = arena_printf(
		site.arena, "/settings/team/%lld/reset-mfa", (long long)f.member.user_id);
	(void)browse(&b, at);
	assert_status(submit(&b, at, form_of("code", person_code(&f.admin, 0), NULL)), 303);
	assert_int_equal(misses(&f.member), 0);
}

static void a_mailed_link_lifts_it(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	set_misses(&f.member, 100);
	sql_do("INSERT INTO one_time_token VALUES (sha256(decode('%s', 'hex')), %lld, %lld,"
	       " 'set_password', now() + interval '1 hour')",
		"00000000000000000000000000000000", (long long)f.org_id,
		(long long)f.member.user_id);
	assert_goes(submit(&b, "/password/reset/AAAAAAAAAAAAAAAAAAAAAA",
			    form_of("password", "forty brass lanterns", NULL)),
		"/login?saved=1");
	assert_int_equal(misses(&f.member), 0);
}

/* Ten more at 97: three are looked at, whoever comes first. */
static void parallel_guesses_stop_at_the_cap(void **state)
{
	enum { CROWD = 10 };
	struct firm f;
	struct browser crowd[CROWD];
	struct fcgi_answer answers[CROWD];
	int looked_at = 0;
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	for (size_t i = 0; i < CROWD; i++) {
		crowd[i] = (struct browser){.peer = NULL};
		browser_enter(&crowd[i], &f.member, 1);
		(void)browse(&crowd[i], "/login/mfa");
	}
	set_misses(&f.member, 97);
	ask_at_once(crowd, CROWD, "POST", "/login/mfa",
		form_of("code", wrong_code(&f.member), NULL), answers);
	for (size_t i = 0; i < CROWD; i++)
		looked_at += answers[i].status == 422;
	assert_int_equal(looked_at, 3);
	assert_int_equal(misses(&f.member), 100);
}

static int64_t mails_of_use(const struct person *p)
{
	return sql_int("SELECT count(*) FROM job WHERE payload LIKE"
		       " '{\"what\":\"recovery_used\",\"user\":%lld,%%You have 9 left.%%'",
		(long long)p->user_id);
}

static void a_used_recovery_code_is_mailed(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_to_challenge(&b, &f.member);
	assert_status(submit(&b, "/login/recovery", "code=AAAA-AAAA-AAAA-AAAA"), 422);
	assert_int_equal(mails_of_use(&f.member), 0);
	assert_goes(submit(&b, "/login/recovery", form_of("code", f.member.codes[0], NULL)),
		"/clients");
	assert_int_equal(mails_of_use(&f.member), 1);
}

/* Fifty guesses from fifty places shut the account for strangers, not where its owner was before. */
static void others_guesses_do_not_shut_out_the_owner(void **state)
{
	struct firm f;
	struct browser home = {.peer = "203.0.113.90"}, cafe = {.peer = "203.0.113.91"};
	(void)state;
	firm_make(&f);
	const char *right = form_of("email", f.member.email, "password", SITE_PASSWORD, NULL);
	assert_goes(submit(&home, "/login", right), "/clients");
	for (int i = 0; i < 50; i++) {
		struct browser b = {.peer = arena_printf(site.arena, "198.51.100.%d", i)};
		assert_status(submit(&b, "/login",
				      form_of("email", f.member.email, "password",
					      "wrong guess", NULL)),
			422);
	}
	assert_status(submit(&cafe, "/login", right), 429);
	assert_goes(submit(&home, "/login", right), "/clients");
	/* There, too, five slips are enough. */
	for (int i = 0; i < 5; i++)
		assert_status(submit(&home, "/login",
				      form_of("email", f.member.email, "password",
					      "wrong guess", NULL)),
			422);
	assert_status(submit(&home, "/login", right), 429);
}

/* Only who came in wholly makes an address known: a password alone does not. */
static void half_a_log_in_makes_no_address_known(void **state)
{
	struct firm f;
	struct browser b = {.peer = "203.0.113.92"};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_to_challenge(&b, &f.member);
	const char *known = "SELECT count(*) FROM known_address WHERE peer = '203.0.113.92'";
	assert_int_equal(sql_int("%s", known), 0);
	assert_goes(give(&b, person_code(&f.member, 0)), "/clients");
	assert_int_equal(sql_int("%s", known), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_hundred_wrong_codes_end_it),
		SITE_TEST(a_right_code_begins_the_count_anew),
		SITE_TEST(at_the_cap_a_recovery_code_still_lets_in),
		SITE_TEST(a_reset_by_an_admin_lifts_it),
		SITE_TEST(a_mailed_link_lifts_it),
		SITE_TEST(parallel_guesses_stop_at_the_cap),
		SITE_TEST(a_used_recovery_code_is_mailed),
		SITE_TEST(others_guesses_do_not_shut_out_the_owner),
		SITE_TEST(half_a_log_in_makes_no_address_known),
	};
	return site_run(tests);
}
