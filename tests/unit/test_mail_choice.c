/* Which mails are a choice, and when a summary is due: by the wall clock of a zone. */
#include "core/mail_choice.h"

#include "codec/when.h"
#include "pages/notices.h"
#include "test.h"

static const char *const auckland = "Pacific/Auckland";

static void only_choices_can_be_switched_off(void **state)
{
	(void)state;
	assert_true(mail_is_choice("sync_held"));
	assert_false(mail_is_choice("mfa_reset"));
	assert_false(mail_is_choice(NULL));
	assert_true(mail_is_off("sync_healed,sync_held", "sync_held"));
	assert_false(mail_is_off("sync_healed", "sync_held"));
	assert_false(mail_is_off("mfa_reset", "mfa_reset"));
	assert_false(mail_is_off(NULL, "sync_held"));
	/* The form asks for each of them by its name. */
	for (size_t i = 0; i < MAIL_CHOICES; i++)
		assert_string_equal(mails_fields[i].name, mail_choices[i].what);
}

static void names_of_a_summary(void **state)
{
	(void)state;
	for (enum mail_digest d = DIGEST_OFF; d < DIGEST__MAX; d++)
		assert_int_equal(mail_digest_parse(mail_digest_name(d)), d);
	assert_int_equal(mail_digest_parse("hourly"), DIGEST_OFF);
	assert_int_equal(mail_digest_parse(NULL), DIGEST_OFF);
}

static void a_day_goes_from_morning_to_morning(void **state)
{
	int64_t seven = when_local(auckland, 2026, 11, 25, 7, 0), from, to;
	(void)state;
	assert_true(mail_digest_due(DIGEST_DAILY, auckland, 1, 0, seven, &from, &to));
	assert_int_equal(to, seven);
	assert_int_equal(from, seven - 24 * 3600);
	/* A second before, it is yesterday's; and that one came already. */
	assert_false(mail_digest_due(
		DIGEST_DAILY, auckland, 1, seven - 24 * 3600, seven - 1, &from, &to));
	assert_false(
		mail_digest_due(DIGEST_DAILY, auckland, 1, seven, seven + 3600, &from, &to));
	/* Switched on at noon: nothing until the next morning, and then from noon. */
	int64_t noon = seven + 5 * 3600;
	assert_false(mail_digest_due(DIGEST_DAILY, auckland, noon, 0, noon + 60, &from, &to));
	assert_true(mail_digest_due(
		DIGEST_DAILY, auckland, noon, 0, seven + 24 * 3600, &from, &to));
	assert_int_equal(from, noon);
	assert_false(mail_digest_due(DIGEST_OFF, auckland, 1, 0, noon, &from, &to));
}

/* 27 September 2026: clocks go forward, the day has 23 hours; 5 April: back, it has 25. */
static void a_day_may_be_23_or_25_hours_long(void **state)
{
	int64_t from, to;
	(void)state;
	assert_true(mail_digest_due(DIGEST_DAILY, auckland, 1, 0,
		when_local(auckland, 2026, 9, 27, 7, 5), &from, &to));
	assert_int_equal(to - from, 23 * 3600);
	assert_true(mail_digest_due(DIGEST_DAILY, auckland, 1, 0,
		when_local(auckland, 2026, 4, 5, 7, 5), &from, &to));
	assert_int_equal(to - from, 25 * 3600);
}

static void a_week_ends_on_monday_morning(void **state)
{
	int64_t monday = when_local(auckland, 2026, 11, 23, 7, 0), from, to;
	(void)state;
	for (int day = 0; day < 7; day++) {
		int64_t now = when_local(auckland, 2026, 11, 23 + day, 7, 0);
		assert_true(mail_digest_due(DIGEST_WEEKLY, auckland, 1, 0, now, &from, &to));
		assert_int_equal(to, monday);
		assert_int_equal(from, monday - 7 * 24 * 3600);
	}
	assert_true(mail_digest_due(DIGEST_WEEKLY, auckland, 1, 0, monday - 1, &from, &to));
	assert_int_equal(to, monday - 7 * 24 * 3600);
	/* After months of silence a week, not the months. */
	assert_true(mail_digest_due(
		DIGEST_WEEKLY, auckland, 1, monday - 90 * 24 * 3600, monday, &from, &to));
	assert_int_equal(from, monday - 7 * 24 * 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_choices_can_be_switched_off),
		TEST(names_of_a_summary),
		TEST(a_day_goes_from_morning_to_morning),
		TEST(a_day_may_be_23_or_25_hours_long),
		TEST(a_week_ends_on_monday_morning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
