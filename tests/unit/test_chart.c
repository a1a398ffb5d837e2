#include "codec/chart.h"
#include "test.h"

static void nothing_has_no_bar(void **state)
{
	(void)state;
	assert_int_equal(chart_length(0, 10, 80, CHART_LINEAR), 0);
	assert_int_equal(chart_length(0, 0, 80, CHART_LOG), 0);
	assert_int_equal(chart_length(-5, 10, 80, CHART_LINEAR), 0);
	assert_int_equal(chart_length(5, 0, 80, CHART_LINEAR), 0);
	assert_int_equal(chart_length(5, 10, 0, CHART_LINEAR), 0);
	assert_int_equal(chart_length(INT64_MIN, INT64_MIN, 80, CHART_LOG), 0);
}

static void anything_can_be_seen(void **state)
{
	(void)state;
	assert_int_equal(chart_length(1, 1000000, 80, CHART_LINEAR), CHART_LEAST);
	assert_int_equal(chart_length(1, INT64_MAX, 80, CHART_LINEAR), CHART_LEAST);
	assert_int_equal(chart_length(1, 1000000, 1, CHART_LINEAR), 1);
}

static void the_largest_is_full(void **state)
{
	(void)state;
	assert_int_equal(chart_length(7, 7, 80, CHART_LINEAR), 80);
	assert_int_equal(chart_length(7, 7, 80, CHART_LOG), 80);
	assert_int_equal(chart_length(8, 7, 80, CHART_LOG), 80);
	assert_int_equal(chart_length(INT64_MAX, INT64_MAX, 80, CHART_LOG), 80);
}

static void between_them_it_is_in_proportion(void **state)
{
	(void)state;
	assert_int_equal(chart_length(50, 100, 80, CHART_LINEAR), 40);
	assert_int_equal(chart_length(25, 100, 80, CHART_LINEAR), 20);
	/* log 10 of log 10,000 */
	assert_int_equal(chart_length(9, 9999, 80, CHART_LOG), 20);
	assert_int_equal(chart_length(99, 9999, 80, CHART_LOG), 40);
}

static void more_is_never_shorter(void **state)
{
	(void)state;
	for (int scale = CHART_LINEAR; scale <= CHART_LOG; scale++)
		for (int64_t v = 1; v <= 5000; v++)
			assert_true(chart_length(v - 1, 5000, 80, (enum chart_scale)scale) <=
				    chart_length(v, 5000, 80, (enum chart_scale)scale));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_has_no_bar),
		TEST(anything_can_be_seen),
		TEST(the_largest_is_full),
		TEST(between_them_it_is_in_proportion),
		TEST(more_is_never_shorter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
