#include "codec/b64.h"
#include "codec/random.h"
#include "test.h"

static void bytes_fill_all_and_no_more(void **state)
{
	(void)state;
	struct err e;
	unsigned char block[66];
	unsigned seen[64] = {0};
	for (int round = 0; round < 64; round++) {
		memset(block, 0x5A, sizeof block);
		assert_ok(random_bytes(block + 1, 64, &e));
		assert_int_equal(block[0], 0x5A);
		assert_int_equal(block[65], 0x5A);
		for (size_t i = 0; i < 64; i++)
			seen[i] |= block[i + 1] ^ 0x5AU;
	}
	for (size_t i = 0; i < 64; i++)
		assert_int_not_equal(seen[i], 0);
}

static void bytes_may_be_none(void **state)
{
	struct err e;
	assert_ok(random_bytes(*state, 0, &e));
}

static void bytes_beyond_openssl_are_refused(void **state)
{
	struct err e;
	assert_fails(random_bytes(*state, (size_t)1 << 40, &e), ERR_INTERNAL);
}

static void token_is_base64url_of_its_size(void **state)
{
	struct err e;
	struct secret *token = NULL;
	struct str bytes;
	assert_ok(random_token(*state, 32, &token, &e));
	assert_int_equal(secret_open(token).n, 43);
	assert_true(b64url_decode(*state, secret_open(token), &bytes));
	assert_int_equal(bytes.n, 32);
}

static void tokens_differ(void **state)
{
	struct err e;
	struct secret *one = NULL, *two = NULL;
	assert_ok(random_token(*state, 16, &one, &e));
	assert_ok(random_token(*state, 16, &two, &e));
	assert_false(str_eq(secret_open(one), secret_open(two)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_fill_all_and_no_more),
		TEST(bytes_may_be_none),
		TEST(bytes_beyond_openssl_are_refused),
		TEST(token_is_base64url_of_its_size),
		TEST(tokens_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
