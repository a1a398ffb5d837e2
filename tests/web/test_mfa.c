/* The second step of a log-in: code, recovery code, misses, races. */
#include "support/site_test.h"

enum { CROWD = 50 };

static const char not_right[] =
	"That code is not right. Check your device's clock and use the newest code.";

/* Password given; the challenge is open. */
static void come_to_challenge(struct browser *b, const struct person *p)
{
	assert_goes(submit(b, "/login",
			    form_of("email", p->email, "password", SITE_PASSWORD, NULL)),
		"/login/mfa");
	assert_status(browse(b, "/login/mfa"), 200);
}

static struct fcgi_answer give(struct browser *b, const char *code)
{
	return submit(b, "/login/mfa", form_of("code", code, NULL));
}

static void set_last_step(const struct person *p, int from_now)
{
	sql_do("UPDATE totp_factor SET last_step = floor(extract(epoch FROM now()) / 30)::bigint + %d"
	       " WHERE user_id = %lld",
		from_now, (long long)p->user_id);
}

/* A code that no step near now has. */
static const char *wrong_code(const struct person *p)
{
	char *code = arena_alloc(site.arena, 7);
	for (int n = 0;; n++) {
		bool taken = false;
		(void)snprintf(code, 7, "%06d", n);
		for (int step = -4; step <= 4; step++)
			taken |= strcmp(code, person_code(p, step)) == 0;
		if (!taken)
			return code;
	}
}

static void the_challenge_asks_for_a_code(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	come_to_challenge(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/login/mfa");
	assert_has(r, "<h1>Enter MFA code</h1>");
	assert_has(r, "Authentication Code");
	assert_has(r, "autocomplete=\"one-time-code\"");
	assert_has(r, "Lost your code generator?");
	assert_has(r, "Log out");
	/* Nothing of the inside shows yet. */
	assert_has_not(r, "Org Settings");
	assert_has_not(r, f.member.name);
	r = browse(&b, "/login/recovery");
	assert_has(r, "Recovery code");
	assert_has(r, "Ada Admin");
}

/* Nobody is sent to oneself for help. */
static void the_only_admin_is_sent_to_support(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	come_to_challenge(&b, &f.admin);
	struct fcgi_answer r = browse(&b, "/login/recovery");
	assert_has(r, "You are the only admin");
	assert_has(r, "contact support");
	assert_has_not(r, "Ask an admin");
}

static void codes_of_three_steps_are_good(void **state)
{
	struct firm f;
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	for (int step = -1; step <= 1; step++) {
		struct browser b = {0};
		come_to_challenge(&b, &f.member);
		assert_goes(give(&b, person_code(&f.member, step)), "/clients");
	}
	/* As people type them. */
	struct browser b = {0};
	const char *code = person_code(&f.member, 0);
	come_to_challenge(&b, &f.member);
	assert_goes(
		give(&b, arena_printf(site.arena, " %.3s %s ", code, code + 3)), "/clients");
}

/* A code of a minute ago or ahead, one used before, one of another person: the very same page. */
static void wrong_and_used_codes_read_the_same(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	person_enrol(&f.admin);
	come_to_challenge(&b, &f.member);
	const char *used = person_code(&f.member, 0);
	const char *codes[] = {wrong_code(&f.member), "12345", "1234567", "abcdef", used,
		person_code(&f.member, -2), person_code(&f.member, 2),
		person_code(&f.admin, 0)};
	set_last_step(&f.member, 2);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		sql_do("UPDATE session SET factor_misses = 0");
		sql_do("DELETE FROM throttle");
		struct fcgi_answer r = give(&b, codes[i]);
		assert_status(r, 422);
		assert_has(r, not_right);
		assert_non_null(strstr(r.body.p, "role=\"alert\""));
	}
	struct fcgi_answer r = give(&b, "");
	assert_status(r, 422);
	assert_has(r, "Enter the code.");
	r = give(&b, "<script>");
	assert_status(r, 422);
	assert_null(strstr(r.body.p, "<script>"));
}

static void a_step_is_used_once_and_only_forward(void **state)
{
	struct firm f;
	struct browser b = {0}, again = {0}, before = {0}, after = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	const char *now = person_code(&f.member, 0), *earlier = person_code(&f.member, -1);
	const char *later = person_code(&f.member, 1);
	come_to_challenge(&b, &f.member);
	assert_goes(give(&b, now), "/clients");
	come_to_challenge(&again, &f.member);
	assert_has(give(&again, now), not_right);
	come_to_challenge(&before, &f.member);
	assert_has(give(&before, earlier), not_right);
	come_to_challenge(&after, &f.member);
	assert_goes(give(&after, later), "/clients");
}

/* Our clock was a day ahead when a code was used, and is right again. */
static void fault_70_a_step_from_a_wrong_clock_locks_nobody_out(void **state)
{
	struct firm f;
	struct browser b = {0}, again = {0}, late = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	const char *now = person_code(&f.member, 0);
	set_last_step(&f.member, 2880);
	come_to_challenge(&b, &f.member);
	assert_goes(give(&b, now), "/clients");
	/* From here on all is as ever: once, and forward only. */
	come_to_challenge(&again, &f.member);
	assert_has(give(&again, now), not_right);
	set_last_step(&f.member, 5);
	come_to_challenge(&late, &f.member);
	assert_has(give(&late, now), not_right);
}

/* Counted in the database, and over all log-ins of the person. */
static void five_misses_end_the_log_in(void **state)
{
	struct firm f;
	struct browser b = {0}, again = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	const char *wrong = wrong_code(&f.member);
	come_to_challenge(&b, &f.member);
	for (int i = 0; i < 5; i++)
		assert_status(give(&b, wrong), 422);
	const char *session = browser_session(&b);
	assert_int_equal(sql_int("SELECT factor_misses FROM session WHERE %s", session), 5);
	/* The right one comes too late. */
	assert_goes(give(&b, person_code(&f.member, 0)), "/login?ended=1");
	assert_string_equal(b.cookie, "");
	assert_int_equal(sql_int("SELECT count(*) FROM session WHERE %s", session), 0);
	assert_has(browse(&b, "/login?ended=1"), "Wait 15 minutes and log in again.");
	come_to_challenge(&again, &f.member);
	assert_goes(give(&again, person_code(&f.member, 0)), "/login?ended=1");
	sql_do("UPDATE throttle SET since = since - interval '15 minutes', last_at = last_at -"
	       " interval '15 minutes'");
	come_to_challenge(&again, &f.member);
	assert_goes(give(&again, person_code(&f.member, 0)), "/clients");
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'login.mfa' AND result = 'refused'",
			(long long)f.org_id),
		7);
}

static void misses_of_both_kinds_add_up(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	const char *wrong = wrong_code(&f.member);
	come_to_challenge(&b, &f.member);
	for (int i = 0; i < 5; i++) {
		struct fcgi_answer r =
			i % 2 == 0 ? give(&b, wrong)
				   : submit(&b, "/login/recovery", "code=AAAA-AAAA-AAAA-AAAA");
		assert_status(r, 422);
	}
	assert_goes(submit(&b, "/login/recovery", form_of("code", f.member.codes[0], NULL)),
		"/login?ended=1");
	assert_int_equal(sql_int("SELECT count(*) FROM recovery_code WHERE user_id = %lld",
				 (long long)f.member.user_id),
		10);
}

static void a_recovery_code_lets_in_once(void **state)
{
	struct firm f;
	struct browser b = {0}, again = {0}, other = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	person_enrol(&f.admin);
	come_to_challenge(&b, &f.member);
	struct fcgi_answer r =
		submit(&b, "/login/recovery", form_of("code", f.admin.codes[0], NULL));
	assert_status(r, 422);
	assert_has(r, "That recovery code is not right.");
	/* As people type them: other case, blanks instead of dashes. */
	char *typed = str_lower(site.arena, str_of(f.member.codes[3]));
	for (char *p = typed; *p != '\0'; p++)
		*p = *p == '-' ? ' ' : *p;
	assert_goes(submit(&b, "/login/recovery", form_of("code", typed, NULL)), "/clients");
	come_to_challenge(&again, &f.member);
	assert_has(submit(&again, "/login/recovery", form_of("code", f.member.codes[3], NULL)),
		"That recovery code is not right.");
	assert_goes(submit(&again, "/login/recovery", form_of("code", f.member.codes[4], NULL)),
		"/clients");
	assert_has(browse(&again, "/profile"), "8 recovery codes left");
	come_to_challenge(&other, &f.admin);
	assert_goes(submit(&other, "/login/recovery", form_of("code", f.admin.codes[0], NULL)),
		"/clients");
}

static int64_t mails(const struct person *p, const char *what, const char *detail)
{
	return sql_int(
		"SELECT count(*) FROM job WHERE kind = 'mail' AND payload::json ->> 'what'"
		" = '%s' AND payload::json ->> 'user' = '%lld' AND"
		" coalesce(payload::json ->> 'detail', '') = '%s'",
		what, (long long)p->user_id, detail);
}

/* Whoever logs in with a recovery code may be its thief. */
static void v6_3_7_using_a_recovery_code_is_mailed(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	come_to_challenge(&b, &f.member);
	assert_status(submit(&b, "/login/recovery", "code=AAAA-AAAA-AAAA-AAAA"), 422);
	assert_int_equal(mails(&f.member, "recovery_used", "You have 9 left."), 0);
	assert_goes(submit(&b, "/login/recovery", form_of("code", f.member.codes[3], NULL)),
		"/clients");
	assert_int_equal(mails(&f.member, "recovery_used", "You have 9 left."), 1);
	assert_int_equal(mails(&f.admin, "recovery_used", "You have 9 left."), 0);
}

/* Whoever fails at the codes knew the password: one mail, not one a try. */
static void v6_3_5_guessing_at_the_factor_is_mailed_once(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	come_to_challenge(&b, &f.member);
	for (int i = 0; i < 5; i++)
		assert_status(give(&b, wrong_code(&f.member)), 422);
	assert_int_equal(mails(&f.member, "factor_guessed", ""), 0);
	assert_goes(give(&b, wrong_code(&f.member)), "/login?ended=1");
	for (int i = 0; i < 3; i++) {
		struct browser again = {0};
		come_to_challenge(&again, &f.member);
		assert_goes(give(&again, wrong_code(&f.member)), "/login?ended=1");
	}
	assert_int_equal(mails(&f.member, "factor_guessed", ""), 1);
}

static void the_last_codes_are_announced(void **state)
{
	static const char *const bars[] = {"You have 2 recovery codes left.",
		"You have 1 recovery code left.", "You have 0 recovery codes left."};
	struct firm f;
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	for (int i = 0; i < 7; i++) {
		struct browser b = {0};
		come_to_challenge(&b, &f.member);
		assert_goes(
			submit(&b, "/login/recovery", form_of("code", f.member.codes[i], NULL)),
			"/clients");
		assert_has_not(browse(&b, "/clients"), "recovery code");
	}
	for (int i = 0; i < 3; i++) {
		struct browser b = {0};
		come_to_challenge(&b, &f.member);
		assert_goes(submit(&b, "/login/recovery",
				    form_of("code", f.member.codes[7 + i], NULL)),
			"/clients");
		assert_has(browse(&b, "/clients"), bars[i]);
		/* A bar is shown once. */
		assert_has_not(browse(&b, "/clients"), bars[i]);
	}
}

/* Half sessions of one person in as many browsers. */
static void gather(struct browser crowd[CROWD], const struct person *p)
{
	for (size_t i = 0; i < CROWD; i++) {
		crowd[i] = (struct browser){0};
		browser_enter(&crowd[i], p, 1);
	}
	/* The race is between codes: the throttle would let only five of them run. */
	sql_do("INSERT INTO throttle (bucket, misses) VALUES ('factor:%lld:%lld', -1000)"
	       " ON CONFLICT (bucket) DO UPDATE SET misses = -1000",
		(long long)p->org_id, (long long)p->user_id);
}

static void one_of_many_wins(struct browser *crowd, const char *uri, const char *form)
{
	struct fcgi_answer r[CROWD];
	size_t won = 0, refused = 0;
	ask_at_once(crowd, CROWD, "POST", uri, form, r);
	for (size_t i = 0; i < CROWD; i++) {
		won += r[i].status == 303 && strcmp(answer_location(&r[i]), "/clients") == 0;
		/* Once one has won the count begins anew: after five more the rest are sent away. */
		refused += r[i].status == 422 ||
			   strcmp(answer_location(&r[i]), "/login?ended=1") == 0;
	}
	assert_int_equal(won, 1);
	assert_int_equal(refused, CROWD - 1);
}

static void of_parallel_uses_of_a_code_one_wins(void **state)
{
	struct firm f;
	struct browser crowd[CROWD];
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	for (int round = 0; round < site_race_rounds(); round++) {
		gather(crowd, &f.member);
		const char *form = form_of("code", person_code(&f.member, 0), NULL);
		sql_hold(200,
			arena_printf(site.arena,
				"SELECT 1 FROM totp_factor WHERE user_id = %lld FOR UPDATE",
				(long long)f.member.user_id));
		one_of_many_wins(crowd, "/login/mfa", form);
	}
}

static void of_parallel_uses_of_a_recovery_code_one_wins(void **state)
{
	struct firm f;
	struct browser crowd[CROWD];
	(void)state;
	for (int round = 0; round < site_race_rounds(); round++) {
		const size_t code = (size_t)round % ARRAY_LEN(f.member.codes);
		if (code == 0) {
			firm_make(&f);
			person_enrol(&f.member);
		}
		gather(crowd, &f.member);
		sql_hold(200, arena_printf(site.arena,
				      "SELECT count(*) FROM (SELECT FROM recovery_code WHERE"
				      " user_id = %lld FOR UPDATE) held",
				      (long long)f.member.user_id));
		one_of_many_wins(
			crowd, "/login/recovery", form_of("code", f.member.codes[code], NULL));
	}
}

/* Wrong ones, 50 at once: not more than five are looked at. */
static void parallel_guesses_do_not_outrun_the_count(void **state)
{
	struct firm f;
	struct browser crowd[CROWD];
	struct fcgi_answer r[CROWD];
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	const char *form = form_of("code", wrong_code(&f.member), NULL);
	size_t looked_at = 0;
	for (int round = 0; round < 5; round++) {
		gather(crowd, &f.member);
		if (round == 0)
			sql_do("DELETE FROM throttle");
		else
			sql_do("UPDATE throttle SET misses = 5");
		ask_at_once(crowd, CROWD, "POST", "/login/mfa", form, r);
		for (size_t i = 0; i < CROWD; i++)
			looked_at += r[i].status == 422;
	}
	assert_int_equal(looked_at, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_challenge_asks_for_a_code),
		SITE_TEST(the_only_admin_is_sent_to_support),
		SITE_TEST(codes_of_three_steps_are_good),
		SITE_TEST(wrong_and_used_codes_read_the_same),
		SITE_TEST(a_step_is_used_once_and_only_forward),
		SITE_TEST(fault_70_a_step_from_a_wrong_clock_locks_nobody_out),
		SITE_TEST(five_misses_end_the_log_in),
		SITE_TEST(misses_of_both_kinds_add_up),
		SITE_TEST(a_recovery_code_lets_in_once),
		SITE_TEST(v6_3_7_using_a_recovery_code_is_mailed),
		SITE_TEST(v6_3_5_guessing_at_the_factor_is_mailed_once),
		SITE_TEST(the_last_codes_are_announced),
		SITE_TEST(of_parallel_uses_of_a_code_one_wins),
		SITE_TEST(of_parallel_uses_of_a_recovery_code_one_wins),
		SITE_TEST(parallel_guesses_do_not_outrun_the_count),
	};
	return site_run(tests);
}
