/* Password hashes: what is taken, that spelling does not matter, and that strangers cost the same. */
#include "codec/passwd.h"
#include "test.h"

#include <time.h>

static struct secret *typed(struct arena *a, const char *text)
{
	return secret_new(a, text, strlen(text));
}

static struct secret *repeated(struct arena *a, const char *s, size_t times)
{
	size_t n = strlen(s);
	char *text = arena_alloc(a, n * times);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * n, s, n);
	return secret_new(a, text, n * times);
}

static const char *hashed(struct arena *a, struct secret *password)
{
	char *encoded = NULL;
	struct err e;
	assert_ok(passwd_hash(a, password, &encoded, &e));
	return encoded;
}

static void checks_length_in_code_points(void **state)
{
	struct err e;
	assert_ok(passwd_check(*state, typed(*state, "12345678"), &e));
	assert_ok(passwd_check(*state, typed(*state, "        "), &e));
	assert_ok(passwd_check(*state, repeated(*state, "\xF0\x9F\x98\x80", 8), &e));
	assert_ok(passwd_check(*state, repeated(*state, "x", PASSWD_BYTES_MAX), &e));
	assert_ok(passwd_check(*state, secret_new(*state, "1234567\0", 8), &e));
	assert_fails(passwd_check(*state, typed(*state, "1234567"), &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "too short"));
	assert_fails(
		passwd_check(*state, repeated(*state, "\xF0\x9F\x98\x80", 7), &e), ERR_INVALID);
	assert_fails(passwd_check(*state, typed(*state, ""), &e), ERR_INVALID);
	assert_fails(passwd_check(*state, NULL, &e), ERR_INVALID);
	assert_fails(passwd_check(*state, repeated(*state, "x", PASSWD_BYTES_MAX + 1), &e),
		ERR_INVALID);
	assert_non_null(strstr(e.text, "too long"));
	assert_fails(passwd_check(*state, typed(*state, "12345678\xFF"), &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "type it again"));
}

static void refused_passwords_have_no_hash(void **state)
{
	char *encoded = NULL;
	struct err e;
	assert_fails(passwd_hash(*state, typed(*state, "1234567"), &encoded, &e), ERR_INVALID);
	assert_fails(
		passwd_hash(*state, typed(*state, "12345678\xC3"), &encoded, &e), ERR_INVALID);
	assert_null(encoded);
}

static void only_the_password_matches(void **state)
{
	const char *encoded = hashed(*state, typed(*state, "correct horse"));
	assert_true(strncmp(encoded, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0);
	assert_true(passwd_verify(*state, encoded, typed(*state, "correct horse")));
	static const char *const wrong[] = {"Correct horse", "correct horse ", "correct hors",
		"", "correct horse\xFF", " correct horse"};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(passwd_verify(*state, encoded, typed(*state, wrong[i])));
	assert_false(passwd_verify(*state, encoded, NULL));
	assert_false(
		passwd_verify(*state, encoded, secret_new(*state, "correct horse\0x", 15)));
	assert_string_not_equal(encoded, hashed(*state, typed(*state, "correct horse")));
}

static void nothing_is_cut(void **state)
{
	struct secret *full = repeated(*state, "x", PASSWD_BYTES_MAX);
	const char *encoded = hashed(*state, full);
	assert_true(passwd_verify(*state, encoded, full));
	assert_false(
		passwd_verify(*state, encoded, repeated(*state, "x", PASSWD_BYTES_MAX - 1)));
	assert_false(
		passwd_verify(*state, encoded, repeated(*state, "x", PASSWD_BYTES_MAX + 1)));
	assert_false(passwd_verify(*state, encoded, repeated(*state, "x", 72)));
}

/* UAX 15: the same password from another keyboard. */
static void spelling_is_normalised(void **state)
{
	static const char *const pairs[][2] = {
		{"caf\xC3\xA9-12345", "cafe\xCC\x81-12345"},
		{"\xEF\xBC\x91\xEF\xBC\x92"
		 "345678",
			"12345678"}, /* full width digits */
		{"o\xEF\xAC\x83"
		 "ce 1234",
			"office 1234"}, /* ligature */
		{"\xED\x95\x9C\xEA\xB8\x80 12345",
			"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"
			"\xE1\x84\x80\xE1\x85\xB3\xE1\x86\xAF 12345"},
		{"1\xC2\xA0"
		 "2345678",
			"1 2345678"}, /* no-break space */
	};
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const char *encoded = hashed(*state, typed(*state, pairs[i][0]));
		if (!passwd_verify(*state, encoded, typed(*state, pairs[i][1])))
			fail_msg("pair %zu differs", i);
	}
	/* The longest there is: 341 signs of 3 bytes that become 18 letters each. */
	struct secret *longest = repeated(*state, "\xEF\xB7\xBA", PASSWD_BYTES_MAX / 3);
	assert_true(passwd_verify(*state, hashed(*state, longest), longest));
}

static void damaged_hashes_match_nothing(void **state)
{
	struct secret *password = typed(*state, "correct horse");
	const char *good = hashed(*state, password);
	static const char *const bad[] = {"", "x", "$argon2id$",
		"$argon2id$v=19$m=19456,t=2,p=1$",
		"$argon2id$v=19$m=4194304,t=2,p=1$gq5zFKbL8dyV3jibWtRm3g$"
		"DhuHD8z97AtIExX/sMhClkoItIbemVOFytKiK613KsU",
		"$argon2id$v=19$m=19456,t=4000000,p=1$gq5zFKbL8dyV3jibWtRm3g$"
		"DhuHD8z97AtIExX/sMhClkoItIbemVOFytKiK613KsU",
		"$argon2i$v=19$m=19456,t=2,p=1$gq5zFKbL8dyV3jibWtRm3g$"
		"DhuHD8z97AtIExX/sMhClkoItIbemVOFytKiK613KsU"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(passwd_verify(*state, bad[i], password));
	for (size_t n = 31; n < strlen(good); n += 7)
		assert_false(passwd_verify(*state, arena_strndup(*state, good, n), password));
}

static int64_t cpu_us(struct arena *a, const char *encoded, struct secret *password)
{
	int64_t best = INT64_MAX;
	for (int i = 0; i < 5; i++) {
		struct timespec from, to;
		assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from), 0);
		(void)passwd_verify(a, encoded, password);
		assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to), 0);
		int64_t us = (to.tv_sec - from.tv_sec) * 1000000 +
			     (to.tv_nsec - from.tv_nsec) / 1000;
		best = us < best ? us : best;
	}
	return best;
}

/* Processor time, best of five: a short cut would be a thousand times quicker, not a half. */
static void strangers_cost_the_same(void **state)
{
	struct secret *password = typed(*state, "correct horse");
	int64_t known = cpu_us(*state, hashed(*state, typed(*state, "another one")), password);
	int64_t costs[] = {cpu_us(*state, NULL, password), cpu_us(*state, "damaged", password),
		cpu_us(*state, NULL, typed(*state, "short")),
		cpu_us(*state, NULL, repeated(*state, "x", PASSWD_BYTES_MAX + 1))};
	for (size_t i = 0; i < ARRAY_LEN(costs); i++)
		if (costs[i] < known / 2 || costs[i] > known * 2)
			fail_msg("case %zu: %lld us, known %lld us", i, (long long)costs[i],
				(long long)known);
	assert_false(passwd_verify(*state, NULL, password));
}

static void old_parameters_are_seen(void **state)
{
	assert_false(passwd_outdated(hashed(*state, typed(*state, "correct horse"))));
	assert_true(passwd_outdated(NULL));
	assert_true(passwd_outdated(""));
	/* Made with 8 MiB, t=1: still a log-in, then hashed again. */
	const char *old =
		"$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$ulKcj6VJ78RNwnS/MJMzy87l8JYJKGxNMZ6yzgcex6M";
	assert_true(passwd_outdated(old));
	assert_true(passwd_verify(*state, old, typed(*state, "correct horse")));
	assert_false(passwd_verify(*state, old, typed(*state, "correct mouse")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(checks_length_in_code_points),
		TEST(refused_passwords_have_no_hash),
		TEST(only_the_password_matches),
		TEST(nothing_is_cut),
		TEST(spelling_is_normalised),
		TEST(damaged_hashes_match_nothing),
		TEST(strangers_cost_the_same),
		TEST(old_parameters_are_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
