#include "base/str.h"
#include "test.h"

static void of_takes_null_as_empty(void **state)
{
	(void)state;
	assert_true(str_is(str_of("abc"), "abc"));
	assert_true(str_empty(str_of(NULL)));
	assert_non_null(str_of(NULL).p);
	assert_int_equal(STR("a\0b").n, 3);
}

static void sub_is_clamped(void **state)
{
	(void)state;
	struct str s = STR("abcdef");
	assert_true(str_is(str_sub(s, 1, 3), "bcd"));
	assert_true(str_is(str_sub(s, 4, 99), "ef"));
	assert_true(str_is(str_sub(s, 4, SIZE_MAX), "ef"));
	assert_true(str_empty(str_sub(s, 6, 1)));
	assert_true(str_empty(str_sub(s, 99, 1)));
}

static void comparing(void **state)
{
	(void)state;
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_true(str_eq((struct str){NULL, 0}, STR("")));
	assert_false(str_is(STR("abc"), "ab"));
	assert_false(str_is(STR("ab"), "abc"));
	assert_true(str_is_ci(STR("Content-Type"), "cONTENT-tYPE"));
	assert_false(str_is_ci(STR("a"), "ab"));
	assert_false(str_is_ci(STR("["), "{"));
	assert_false(str_is_ci(STR("\xC4"), "\xE4"));
	assert_true(str_starts(STR("abc"), "ab"));
	assert_true(str_starts(STR("abc"), ""));
	assert_false(str_starts(STR("a"), "ab"));
	assert_true(str_has(STR("a\0b"), '\0'));
	assert_false(str_has(STR("ab"), '\0'));
	assert_false(str_has((struct str){NULL, 0}, 'a'));
}

static void trim_takes_ascii_blanks(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t\r\n\v\fa b\n ")), "a b"));
	assert_true(str_empty(str_trim(STR(" \n "))));
	assert_true(str_empty(str_trim(STR(""))));
	assert_true(str_is(str_trim(STR("\xC2\xA0x")), "\xC2\xA0x"));
}

static void next_gives_every_piece(void **state)
{
	(void)state;
	struct str rest = STR("a,,b,"), piece;
	static const char *const want[] = {"a", "", "b", ""};
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(str_next(&rest, ',', &piece));
		assert_true(str_is(piece, want[i]));
	}
	assert_false(str_next(&rest, ',', &piece));
	assert_false(str_next(&rest, ',', &piece));
}

static void next_of_nothing(void **state)
{
	(void)state;
	struct str rest = STR(""), piece;
	assert_true(str_next(&rest, ',', &piece));
	assert_true(str_empty(piece));
	assert_false(str_next(&rest, ',', &piece));
	rest = (struct str){NULL, 0};
	assert_false(str_next(&rest, ',', &piece));
}

static void cut_splits_at_the_first(void **state)
{
	(void)state;
	struct str before = STR("x"), after = STR("y");
	assert_true(str_cut(STR("a=b=c"), '=', &before, &after));
	assert_true(str_is(before, "a"));
	assert_true(str_is(after, "b=c"));
	assert_true(str_cut(STR("="), '=', &before, &after));
	assert_true(str_empty(before) && str_empty(after));
	before = STR("x");
	assert_false(str_cut(STR("abc"), '=', &before, &after));
	assert_false(str_cut(STR(""), '=', &before, &after));
	assert_true(str_is(before, "x"));
}

static void copies(void **state)
{
	struct str s = STR("MiXed \xC3\x84");
	assert_string_equal(str_dup(*state, str_sub(s, 0, 3)), "MiX");
	assert_string_equal(str_lower(*state, s), "mixed \xC3\x84");
	assert_string_equal(str_dup(*state, (struct str){NULL, 0}), "");
}

struct number {
	const char *text;
	int64_t n;
};

static void numbers_in_range_are_read(void **state)
{
	(void)state;
	static const struct number good[] = {{"0", 0}, {"7", 7}, {"-1", -1},
		{"1234567890", 1234567890}, {"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN}};
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		int64_t n = 42;
		assert_true(str_to_i64(str_of(good[i].text), &n));
		assert_int_equal(n, good[i].n);
	}
}

static void other_numbers_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "01", "00", "-0", "-01",
		"1.0", "1e3", "0x1", "1,000", "9223372036854775808", "-9223372036854775809",
		"99999999999999999999", "\xD9\xA1", "--1"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t n = 42;
		if (str_to_i64(str_of(bad[i]), &n))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(n, 42);
	}
}

/* RFC 3629 sections 3, 4 and 10. */
static void utf8_is_judged_strictly(void **state)
{
	(void)state;
	static const char *const good[] = {"", "plain", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
		"\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80",
		"\xF4\x8F\xBF\xBF"};
	static const char *const bad[] = {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2",
		"\xC2 ", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
		"\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80", "\xF0\x90\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF",
		"ok\xC3(", "\xE2\x28\xA1"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(str_utf8_valid(str_of(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (str_utf8_valid(str_of(bad[i])))
			fail_msg("bad UTF-8 number %zu was taken", i);
	assert_true(str_utf8_valid(STR("a\0b")));
	assert_true(str_utf8_valid((struct str){NULL, 0}));
}

static void utf8_is_counted_in_code_points(void **state)
{
	(void)state;
	assert_int_equal(str_utf8_len(STR("")), 0);
	assert_int_equal(str_utf8_len(STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
}

static void numbers_are_told_with_separators(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} cases[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {-999, "-999"}, {-1000, "-1,000"},
		{1234567, "1,234,567"}, {INT64_MAX, "9,223,372,036,854,775,807"},
		{INT64_MIN, "-9,223,372,036,854,775,808"}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(str_number(*state, cases[i].n), cases[i].text);
	assert_string_equal(str_count(*state, 0, "client", "clients"), "0 clients");
	assert_string_equal(str_count(*state, 1, "client", "clients"), "1 client");
	assert_string_equal(str_count(*state, 1200, "client", "clients"), "1,200 clients");
}

/* Written from right to left: Hebrew, Arabic, N'Ko, a mark alone, and the far blocks. */
#define FSI "\xE2\x81\xA8"
#define PDI "\xE2\x81\xA9"
#define RLO "\xE2\x80\xAE"
static void a_name_from_right_to_left_is_isolated(void **state)
{
	static const char *const turning[] = {"\xD7\xA0\xD7\x95\xD7\xA2\xD7\x94 (Ltd) 42",
		"Bob \xD8\xA8", "\xDF\x8A", "\xD6\x90", "\xE0\xA3\xBF", "a\xE2\x80\x8F",
		"\xEF\xAC\x9D", "\xEF\xBB\xBC", "\xF0\x90\xA0\x80", "\xF0\x9E\xA4\x80"};
	static const char *const plain[] = {"", "Ann & Bob", "Zo\xC3\xAB",
		"\xE6\x9D\xB1\xE4\xBA\xAC", "\xD6\x8F", "\xE0\xA4\x80", "\xEF\xAC\x9C",
		"\xEF\xB9\xAF", "\xF0\x91\x80\x80", "\xF0\x9F\x98\x80", "\xFF\xD7"};
	for (size_t i = 0; i < ARRAY_LEN(turning); i++)
		assert_string_equal(str_isolate(*state, turning[i]),
			arena_printf(*state, FSI "%s" PDI, turning[i]));
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		assert_string_equal(str_isolate(*state, plain[i]), plain[i]);
	assert_string_equal(str_isolate(*state, NULL), "");
}

static void a_name_brings_no_way_out_of_its_isolation(void **state)
{
	static const char *const pairs[][2] = {
		{RLO "gnirts", "gnirts"},
		{"a" PDI "b", "ab"},
		{"\xD7\xA0" PDI " x", FSI "\xD7\xA0 x" PDI},
		{"\xD7\xA0" FSI, FSI "\xD7\xA0" PDI},
		{PDI FSI "\xD7\xA0", FSI "\xD7\xA0" PDI},
		{FSI "\xD7\xA0" PDI " (you)", FSI FSI "\xD7\xA0" PDI " (you)" PDI},
		{"\xD7\xA0" RLO "x", FSI "\xD7\xA0x" PDI},
	};
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		assert_string_equal(str_isolate(*state, pairs[i][0]), pairs[i][1]);
}

static void uuids_are_canonical(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdeff", "0123456789abcdef0123456789abcdef0123",
		"{1234567-89ab-cdef-0123-456789abcde}", "01234567_89ab-cdef-0123-456789abcdef",
		"0123456789-ab-cdef-0123-456789abcdef", "g1234567-89ab-cdef-0123-456789abcdef",
		" 1234567-89ab-cdef-0123-456789abcdef"};
	char out[37];
	assert_true(str_uuid(STR("01234567-89AB-cdef-0123-456789ABCDEF"), out));
	assert_string_equal(out, "01234567-89ab-cdef-0123-456789abcdef");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (str_uuid(str_of(bad[i]), out))
			fail_msg("'%s' was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_takes_null_as_empty),
		TEST(sub_is_clamped),
		TEST(comparing),
		TEST(trim_takes_ascii_blanks),
		TEST(next_gives_every_piece),
		TEST(next_of_nothing),
		TEST(cut_splits_at_the_first),
		TEST(copies),
		TEST(numbers_in_range_are_read),
		TEST(other_numbers_are_refused),
		TEST(utf8_is_judged_strictly),
		TEST(utf8_is_counted_in_code_points),
		TEST(numbers_are_told_with_separators),
		TEST(a_name_from_right_to_left_is_isolated),
		TEST(a_name_brings_no_way_out_of_its_isolation),
		TEST(uuids_are_canonical),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
