/* When two rows are one client: the numbered table of core/match.h. */
#include "core/match.h"
#include "test.h"

static void every_row_of_the_table(void **state)
{
	static const struct {
		bool name, email;
		int64_t rivals;
		enum match_fit fit;
	} cases[] = {
		{true, true, 1, MATCH_SUGGESTED},
		{true, true, 2, MATCH_SEVERAL},
		{true, false, 0, MATCH_NAME_ONLY},
		{true, false, 2, MATCH_NAME_ONLY},
		{false, true, 0, MATCH_EMAIL_ONLY},
		{false, true, 1, MATCH_EMAIL_ONLY},
		{false, false, 0, MATCH_NONE},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(match_fit(cases[i].name, cases[i].email, cases[i].rivals),
			cases[i].fit);
}

static void every_verdict_has_its_own_words(void **state)
{
	(void)state;
	for (int i = MATCH_EMAIL_ONLY; i <= MATCH_SUGGESTED; i++) {
		assert_true(*match_fit_text((enum match_fit)i) != '\0');
		for (int k = MATCH_NONE; k < i; k++)
			assert_string_not_equal(match_fit_text((enum match_fit)i),
				match_fit_text((enum match_fit)k));
	}
	assert_string_equal(match_fit_text(MATCH_SUGGESTED), "same name and same email");
	assert_string_equal(match_fit_text(MATCH_NONE), "");
	assert_string_not_equal(match_reason_text("new_id"), match_reason_text("merged"));
	assert_string_equal(match_reason_text("other"), "");
	assert_string_equal(match_reason_text(NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table),
		cmocka_unit_test(every_verdict_has_its_own_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
