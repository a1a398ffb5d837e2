/* One-time codes against the published vectors, and the window around a step. */
#include "codec/b64.h"
#include "codec/totp.h"
#include "test.h"

static struct secret *rfc_secret(struct arena *a)
{
	return secret_new(a, "12345678901234567890", 20);
}

static const char *code_of(struct arena *a, const struct secret *secret, int64_t step)
{
	char *code = NULL;
	struct err e;
	assert_ok(totp_code(a, secret, step, &code, &e));
	return code;
}

/* RFC 4226 appendix D. */
static void hotp_vectors(void **state)
{
	static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
		"254676", "287922", "162583", "399871", "520489"};
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		assert_string_equal(code_of(*state, rfc_secret(*state), (int64_t)i), codes[i]);
}

/*
 * RFC 6238 appendix B, SHA-1. It publishes eight digits; a code is a number taken modulo a power of
 * ten, so ours are the last six of them. The last time needs 64 bits.
 */
static const struct vector {
	int64_t at;
	const char *eight;
} vectors[] = {
	{59, "94287082"},
	{1111111109, "07081804"},
	{1111111111, "14050471"},
	{1234567890, "89005924"},
	{2000000000, "69279037"},
	{INT64_C(20000000000), "65353130"},
};

static void totp_vectors(void **state)
{
	const struct secret *secret = rfc_secret(*state);
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		int64_t step = -1, want = vectors[i].at / TOTP_STEP_S;
		const char *six = vectors[i].eight + 2;
		assert_string_equal(code_of(*state, secret, want), six);
		assert_true(totp_match(secret, six, vectors[i].at, 0, false, &step));
		assert_int_equal(step, want);
	}
	/* Leading zeros survive: 1111111111 gives 050471. */
	int64_t step;
	assert_false(totp_match(secret, "50471", 1111111111, 0, false, &step));
	assert_true(
		totp_match(secret, totp_clean(*state, "050 471"), 1111111111, 0, false, &step));
}

static void the_window_is_one_step_each_way(void **state)
{
	const struct secret *secret = rfc_secret(*state);
	const int64_t now = 1234567890, step = now / TOTP_STEP_S;
	for (int64_t d = -3; d <= 3; d++) {
		const char *code = code_of(*state, secret, step + d);
		int64_t got = -1;
		assert_int_equal(
			totp_match(secret, code, now, 0, false, &got), d >= -1 && d <= 1);
		assert_int_equal(got, d >= -1 && d <= 1 ? step + d : -1);
		got = -1;
		assert_int_equal(
			totp_match(secret, code, now, 0, true, &got), d >= -1 && d <= 0);
		assert_int_equal(got, d >= -1 && d <= 0 ? step + d : -1);
	}
}

static void a_step_ends_on_its_second(void **state)
{
	const struct secret *secret = rfc_secret(*state);
	const char *code = code_of(*state, secret, 100);
	int64_t step;
	assert_false(totp_match(secret, code, 2969, 0, false, &step));
	assert_true(totp_match(secret, code, 2970, 0, false, &step));
	assert_true(totp_match(secret, code, 3059, 0, false, &step));
	assert_false(totp_match(secret, code, 3060, 0, false, &step));
}

static void only_later_steps_count(void **state)
{
	const struct secret *secret = rfc_secret(*state);
	const int64_t now = 1234567890, here = now / TOTP_STEP_S;
	const char *code = code_of(*state, secret, here);
	int64_t step = -1;
	assert_true(totp_match(secret, code, now, here - 1, false, &step));
	assert_int_equal(step, here);
	assert_false(totp_match(secret, code, now, here, false, &step));
	assert_false(totp_match(secret, code, now, here + 1, false, &step));
	assert_false(totp_match(secret, code, now, INT64_MAX, false, &step));
	assert_true(
		totp_match(secret, code_of(*state, secret, here + 1), now, here, false, &step));
	assert_int_equal(step, here + 1);
}

/* Steps 910737 and the next have the same code: a pair found by search. */
static void twins_are_spent_together(void **state)
{
	const struct secret *secret = rfc_secret(*state);
	const int64_t first = 910737;
	const char *code = code_of(*state, secret, first);
	assert_string_equal(code, code_of(*state, secret, first + 1));
	int64_t step = -1;
	assert_true(totp_match(secret, code, first * TOTP_STEP_S, 0, false, &step));
	assert_int_equal(step, first + 1);
	assert_false(totp_match(secret, code, (first + 1) * TOTP_STEP_S, step, false, &step));
}

static void nonsense_matches_nothing(void **state)
{
	const struct secret *secret = rfc_secret(*state);
	static const char *const bad[] = {"", "0", "00000", "0000000", "abcdef", "89005924"};
	int64_t step = 5;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(totp_match(secret, bad[i], 1234567890, 0, false, &step));
	assert_false(totp_match(secret, NULL, 1234567890, 0, false, &step));
	assert_false(totp_match(secret, "005924", -1, -10, false, &step));
	assert_false(totp_match(secret, "005924", INT64_MIN, -10, false, &step));
	(void)totp_match(secret, "005924", INT64_MAX, -10, false, &step);
	assert_false(totp_match(secret, "123456", 0, -1, false, &step));
	assert_int_equal(step, 5);
	char *code;
	struct err e;
	assert_fails(totp_code(*state, secret, -1, &code, &e), ERR_INTERNAL);
}

static void typed_codes_are_cleaned(void **state)
{
	static const char *const good[] = {
		"012345", " 012345", "012345\r\n", "012 345", "0 1 2 3 4 5", "\t01\v2345\f"};
	static const char *const bad[] = {"", " ", "12345", "1234567", "12345a", "12345-",
		"+12345", "12.345", "123456 7", "23456\xEF\xBC\x91", "12345\xC2\xA0",
		"1234567890123456"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_string_equal(totp_clean(*state, good[i]), "012345");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (totp_clean(*state, bad[i]) != NULL)
			fail_msg("a code: %s", bad[i]);
	assert_null(totp_clean(*state, NULL));
	char *wide = arena_alloc(*state, 1001);
	memset(wide, ' ', 1000);
	assert_null(totp_clean(*state, wide));
}

static void secrets_are_random_and_typed_in_fours(void **state)
{
	struct secret *one, *two;
	struct str back;
	struct err e;
	assert_ok(totp_new_secret(*state, &one, &e));
	assert_ok(totp_new_secret(*state, &two, &e));
	assert_int_equal(secret_open(one).n, TOTP_SECRET_BYTES);
	assert_false(str_eq(secret_open(one), secret_open(two)));
	assert_string_equal(totp_show_secret(*state, rfc_secret(*state)),
		"GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
	assert_true(base32_decode(*state, str_of(totp_show_secret(*state, one)), &back));
	assert_true(str_eq(back, secret_open(one)));
	assert_string_equal(
		totp_show_secret(*state, secret_new(*state, "12345", 5)), "GEZD GNBV");
	assert_string_equal(
		totp_show_secret(*state, secret_new(*state, "123456", 6)), "GEZD GNBV GY");
}

static void the_address_holds_everything(void **state)
{
	assert_string_equal(
		totp_uri(*state, "The Gap", "ann+x@example.com", rfc_secret(*state)),
		"otpauth://totp/The%20Gap:ann%2Bx%40example.com"
		"?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=The%20Gap"
		"&algorithm=SHA1&digits=6&period=30");
	/* Nothing in a name can add a parameter. */
	assert_string_equal(totp_uri(*state, "a:b&c", "?secret=x#", rfc_secret(*state)),
		"otpauth://totp/a%3Ab%26c:%3Fsecret%3Dx%23"
		"?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=a%3Ab%26c"
		"&algorithm=SHA1&digits=6&period=30");
	char *longest = arena_alloc(*state, 5001);
	memset(longest, '%', 5000);
	const char *uri = totp_uri(*state, longest, longest, rfc_secret(*state));
	assert_string_equal(uri + strlen(uri) - 9, "period=30");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(hotp_vectors),
		TEST(totp_vectors),
		TEST(the_window_is_one_step_each_way),
		TEST(a_step_ends_on_its_second),
		TEST(only_later_steps_count),
		TEST(twins_are_spent_together),
		TEST(nonsense_matches_nothing),
		TEST(typed_codes_are_cleaned),
		TEST(secrets_are_random_and_typed_in_fours),
		TEST(the_address_holds_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
