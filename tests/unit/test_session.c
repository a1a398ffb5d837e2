#include "codec/b64.h"
#include "core/session.h"
#include "test.h"

#include <stdlib.h>

static struct session_token new_token(struct arena *a)
{
	struct session_token t;
	struct err e;
	assert_ok(session_token_new(a, &t, &e));
	return t;
}

static void a_token_is_256_bits_and_comes_back_from_the_cookie(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a), again;
	struct str bytes;
	const char *cookie = secret_open(t.text).p;
	assert_int_equal(strlen(cookie), 43);
	assert_true(b64url_decode(a, str_of(cookie), &bytes));
	assert_int_equal(bytes.n, 32);
	assert_true(session_token_read(a, cookie, &again));
	assert_memory_equal(t.hash, again.hash, HASH_BYTES);
	assert_string_equal(secret_open(again.text).p, cookie);
}

static void no_two_tokens_are_alike(void **state)
{
	struct session_token one = new_token(*state), two = new_token(*state);
	assert_memory_not_equal(one.hash, two.hash, HASH_BYTES);
}

/* A million of them: each byte of each place is as likely as any other, each bit as likely set as not. */
enum { MANY = 1000 * 1000, PLACES = 32 };

struct tally {
	uint64_t *heads; /* the first 8 bytes of each */
	uint32_t count[PLACES][256];
};

static void count_tokens(struct tally *t)
{
	struct arena *a = arena_new();
	for (int i = 0; i < MANY; i++) {
		struct session_token token = new_token(a);
		struct str bytes;
		assert_true(b64url_decode(a, secret_open(token.text), &bytes));
		assert_int_equal(bytes.n, PLACES);
		memcpy(&t->heads[i], bytes.p, sizeof t->heads[i]);
		for (size_t at = 0; at < PLACES; at++)
			t->count[at][(unsigned char)bytes.p[at]]++;
		if (i % 1000 == 0)
			arena_reset(a);
	}
	arena_free(&a);
}

/* 255 degrees of freedom: 255 and, once in a thousand million, six times 22.6 away from it. */
static void assert_like_chance(const uint32_t count[256], double n)
{
	double chi = 0;
	for (size_t v = 0; v < 256; v++)
		chi += (count[v] - n / 256) * (count[v] - n / 256) / (n / 256);
	if (chi < 255 - 6 * 22.6 || chi > 255 + 6 * 22.6)
		fail_msg("chi-square %.1f", chi);
}

/* The share of set bits: half, and at most six deviations of half a root away. */
static void assert_bits_like_chance(const uint32_t count[256], double n)
{
	for (unsigned bit = 0; bit < 8; bit++) {
		double set = 0;
		for (unsigned v = 0; v < 256; v++)
			set += (v >> bit & 1) * (double)count[v];
		assert_true((set - n / 2) * (set - n / 2) < 36 * n / 4);
	}
}

static int by_value(const void *x, const void *y)
{
	const uint64_t *one = x, *two = y;
	return (*one > *two) - (*one < *two);
}

static void a_million_look_like_chance(void **state)
{
	struct tally *t = arena_new_of(*state, struct tally);
	uint32_t all[256] = {0};
	t->heads = arena_array(*state, uint64_t, MANY);
	count_tokens(t);
	for (size_t at = 0; at < PLACES; at++) {
		assert_like_chance(t->count[at], MANY);
		assert_bits_like_chance(t->count[at], MANY);
		for (size_t v = 0; v < 256; v++)
			all[v] += t->count[at][v];
	}
	assert_like_chance(all, (double)MANY * PLACES);
	qsort(t->heads, MANY, sizeof t->heads[0], by_value);
	for (size_t i = 1; i < MANY; i++)
		assert_true(t->heads[i - 1] != t->heads[i]);
}

/* What the database keeps does not open a session. */
static void the_hash_is_not_the_token(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a), again;
	assert_true(session_token_read(a, b64url_encode(a, t.hash, HASH_BYTES), &again));
	assert_memory_not_equal(t.hash, again.hash, HASH_BYTES);
}

static void other_cookies_are_refused(void **state)
{
	struct arena *a = *state;
	struct session_token t;
	const char *good = secret_open(new_token(a).text).p;
	static const char *const bad[] = {"", "x",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
		"AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA"};
	assert_false(session_token_read(a, NULL, &t));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(session_token_read(a, bad[i], &t));
	assert_false(session_token_read(a, arena_printf(a, "%s ", good), &t));
	assert_false(session_token_read(a, arena_printf(a, "%.42s", good), &t));
}

static char *csrf_of(struct arena *a, const struct session_token *t)
{
	char *token;
	struct err e;
	assert_ok(csrf_make(a, t, &token, &e));
	return token;
}

static void a_csrf_token_fits_its_session_alone(void **state)
{
	struct arena *a = *state;
	struct session_token mine = new_token(a), other = new_token(a);
	char *token = csrf_of(a, &mine);
	assert_true(csrf_check(a, &mine, token));
	assert_false(csrf_check(a, &other, token));
	assert_true(csrf_check(a, &other, csrf_of(a, &other)));
}

/* BREACH: no two pages carry the same bytes, and no stretch of them stays. */
static void it_looks_new_every_time(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	const char *one = csrf_of(a, &t), *two = csrf_of(a, &t);
	for (size_t i = 0; i + 8 <= strlen(one); i++)
		assert_null(strstr(two, arena_printf(a, "%.8s", one + i)));
	assert_true(csrf_check(a, &t, one) && csrf_check(a, &t, two));
}

static void any_change_of_it_is_refused(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	char *token = csrf_of(a, &t);
	size_t n = strlen(token);
	for (size_t i = 0; i < n; i++) {
		char was = token[i];
		token[i] = was == 'A' ? 'B' : 'A';
		assert_false(csrf_check(a, &t, token));
		token[i] = was;
	}
	assert_true(csrf_check(a, &t, token));
	assert_false(csrf_check(a, &t, ""));
	assert_false(csrf_check(a, &t, NULL));
	assert_false(csrf_check(a, &t, arena_printf(a, "%.*s", (int)n - 1, token)));
	assert_false(csrf_check(a, &t, arena_printf(a, "%sA", token)));
}

static void without_a_session_nothing_fits(void **state)
{
	struct arena *a = *state;
	const struct session_token none = {.text = NULL};
	struct session_token t = new_token(a);
	assert_false(csrf_check(a, &none, csrf_of(a, &t)));
}

static void codes_are_hashed_as_people_type_them(void **state)
{
	struct arena *a = *state;
	unsigned char want[HASH_BYTES], got[HASH_BYTES];
	static const char *const same[] = {"ABCD-EFGH-2345-6723", "abcd-efgh-2345-6723",
		" abcd efgh 2345 6723\n", "ABCDEFGH23456723", "AB-CD\tEFGH2345-67-23-"};
	session_hash_code(a, "ABCDEFGH23456723", want);
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		session_hash_code(a, same[i], got);
		assert_memory_equal(want, got, HASH_BYTES);
	}
	session_hash_code(a, "ABCDEFGH23456724", got);
	assert_memory_not_equal(want, got, HASH_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_256_bits_and_comes_back_from_the_cookie),
		TEST(no_two_tokens_are_alike),
		TEST(a_million_look_like_chance),
		TEST(the_hash_is_not_the_token),
		TEST(other_cookies_are_refused),
		TEST(a_csrf_token_fits_its_session_alone),
		TEST(it_looks_new_every_time),
		TEST(any_change_of_it_is_refused),
		TEST(without_a_session_nothing_fits),
		TEST(codes_are_hashed_as_people_type_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
