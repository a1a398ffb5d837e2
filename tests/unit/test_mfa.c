#include "codec/b64.h"
#include "core/mfa.h"
#include "test.h"

enum { DAY = 24 * 3600, NOW = 1800000000 };

static void no_rule_or_a_factor_is_no_duty(void **state)
{
	int left = -1;
	(void)state;
	assert_int_equal(mfa_duty(false, 0, NOW, 0, NOW, &left), MFA_NO_DUTY);
	assert_int_equal(mfa_duty(true, NOW - DAY, NOW, 0, NOW, &left), MFA_NO_DUTY);
	assert_int_equal(left, 0);
}

static void without_grace_it_is_due_at_once(void **state)
{
	int left = -1;
	(void)state;
	assert_int_equal(mfa_duty(false, NOW, NOW - DAY, 0, NOW, &left), MFA_DUE);
	assert_int_equal(left, 0);
}

static void grace_counts_whole_days_and_ends_to_the_second(void **state)
{
	int left = -1;
	(void)state;
	assert_int_equal(mfa_duty(false, NOW, 1, 3, NOW, &left), MFA_GRACE);
	assert_int_equal(left, 3);
	assert_int_equal(mfa_duty(false, NOW, 1, 3, NOW + 1, &left), MFA_GRACE);
	assert_int_equal(left, 3);
	assert_int_equal(mfa_duty(false, NOW, 1, 3, NOW + 2 * DAY, &left), MFA_GRACE);
	assert_int_equal(left, 1);
	assert_int_equal(mfa_duty(false, NOW, 1, 3, NOW + 3 * DAY - 1, &left), MFA_GRACE);
	assert_int_equal(left, 1);
	assert_int_equal(mfa_duty(false, NOW, 1, 3, NOW + 3 * DAY, &left), MFA_DUE);
	assert_int_equal(left, 0);
}

/* For users created after the rule was switched on, grace runs from their creation. */
static void a_later_user_has_the_grace_anew(void **state)
{
	int left;
	(void)state;
	assert_int_equal(mfa_duty(false, NOW - 30 * DAY, NOW, 2, NOW, &left), MFA_GRACE);
	assert_int_equal(left, 2);
	assert_int_equal(mfa_duty(false, NOW - 30 * DAY, NOW, 0, NOW, &left), MFA_DUE);
}

static void a_recovery_code_is_80_bits_in_four_groups(void **state)
{
	struct arena *a = *state;
	char *one, *two;
	struct str bytes;
	struct err e;
	assert_ok(mfa_recovery_code(a, &one, &e));
	assert_ok(mfa_recovery_code(a, &two, &e));
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 19);
	for (int i = 0; i < 19; i++)
		if (i % 5 == 4)
			assert_int_equal(one[i], '-');
	char *plain = arena_printf(a, "%.4s%.4s%.4s%.4s", one, one + 5, one + 10, one + 15);
	assert_true(base32_decode(a, str_of(plain), &bytes));
	assert_int_equal(bytes.n, 10);
}

static void five_misses_close_the_door_for_fifteen_minutes(void **state)
{
	(void)state;
	assert_int_equal(throttle_wait_s(0, 5, 0, NOW), 0);
	assert_int_equal(throttle_wait_s(4, 5, NOW, NOW), 0);
	assert_int_equal(throttle_wait_s(5, 5, NOW, NOW), 900);
	assert_int_equal(throttle_wait_s(5, 5, NOW, NOW + 899), 1);
	assert_int_equal(throttle_wait_s(5, 5, NOW, NOW + 900), 0);
	assert_int_equal(throttle_wait_s(99, 5, NOW, NOW + 900), 0);
}

static void a_clock_set_back_closes_it_no_longer(void **state)
{
	(void)state;
	assert_int_equal(throttle_wait_s(5, 5, NOW + 10 * DAY, NOW), 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_rule_or_a_factor_is_no_duty),
		TEST(without_grace_it_is_due_at_once),
		TEST(grace_counts_whole_days_and_ends_to_the_second),
		TEST(a_later_user_has_the_grace_anew),
		TEST(a_recovery_code_is_80_bits_in_four_groups),
		TEST(five_misses_close_the_door_for_fifteen_minutes),
		TEST(a_clock_set_back_closes_it_no_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
