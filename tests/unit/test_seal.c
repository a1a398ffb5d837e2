/* Boxes: only the right key, the right row and untouched bytes open one. */
#include "codec/b64.h"
#include "codec/seal.h"
#include "test.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_B "FFEEDDCCBBAA99887766554433221100ffeeddccbbaa99887766554433221100"

static const char row[] = "xero_grant:tokens:7:42";

static const struct seal_keys *keys_of(struct arena *a, const char *text)
{
	const struct seal_keys *keys = NULL;
	struct err e;
	if (!seal_keys_parse(a, str_of(text), &keys, &e))
		fail_msg("%s: %s", text, e.text);
	return keys;
}

static struct str sealed(struct arena *a, const struct seal_keys *keys, struct str plain)
{
	struct str box = {NULL, 0};
	struct err e;
	assert_ok(seal_box(a, keys, plain, row, &box, &e));
	return box;
}

static void stays_shut(
	struct arena *a, const struct seal_keys *keys, struct str box, const char *for_row)
{
	struct secret *plain = NULL;
	struct err e;
	assert_fails(seal_open(a, keys, box, for_row, &plain, &e), ERR_INTERNAL);
	assert_string_equal(e.text, "A sealed secret cannot be opened.");
	assert_null(plain);
}

static void what_is_sealed_opens(void **state)
{
	const struct seal_keys *keys = keys_of(*state, "1 " KEY_A "\n");
	char bytes[3000];
	memset(bytes, 'x', sizeof bytes);
	bytes[10] = '\0';
	static const size_t sizes[] = {0, 1, 15, 16, 17, 20, 31, 32, 33, sizeof bytes};
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct str plain = {bytes, sizes[i]};
		struct str box = sealed(*state, keys, plain);
		struct secret *out;
		struct err e;
		assert_int_equal(box.n, plain.n + SEAL_OVERHEAD);
		assert_ok(seal_open(*state, keys, box, row, &out, &e));
		assert_true(str_eq(secret_open(out), plain));
		assert_int_equal(seal_key_id(box), 1);
	}
}

/* Made by another implementation: AES-256-GCM, nonce 00..0b, this row as associated data. */
static void the_format_is_the_one_described(void **state)
{
	const struct seal_keys *keys = keys_of(*state, "258 " KEY_A "\n");
	struct str box;
	struct secret *out;
	struct err e;
	assert_true(hex_decode(*state,
		STR("0100000102000102030405060708090a0b3567b069a096aa3bf92efceedf1c5de9cb71d9192e59d73cee131e7afb"),
		&box));
	assert_int_equal(seal_key_id(box), 258);
	assert_ok(seal_open(*state, keys, box, row, &out, &e));
	assert_true(str_is(secret_open(out), "refresh token"));
}

static void every_bit_counts(void **state)
{
	/* The other key's id is one bit away, so that a flipped id meets a real key too. */
	const struct seal_keys *keys = keys_of(*state, "2 " KEY_B "\n3 " KEY_A "\n");
	struct str box = sealed(*state, keys, STR("a refresh token, quite secret"));
	char *bytes = arena_copy(*state, box.p, box.n);
	for (size_t i = 0; i < box.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			bytes[i] = (char)(bytes[i] ^ (1 << bit));
			stays_shut(*state, keys, (struct str){bytes, box.n}, row);
			bytes[i] = (char)(bytes[i] ^ (1 << bit));
		}
	struct secret *out;
	struct err e;
	assert_ok(seal_open(*state, keys, (struct str){bytes, box.n}, row, &out, &e));
}

static void every_length_counts(void **state)
{
	const struct seal_keys *keys = keys_of(*state, "1 " KEY_A "\n");
	struct str box = sealed(*state, keys, STR("a refresh token"));
	for (size_t n = 0; n < box.n; n++)
		stays_shut(*state, keys, str_sub(box, 0, n), row);
	char *longer = arena_alloc(*state, box.n + 1);
	memcpy(longer, box.p, box.n);
	stays_shut(*state, keys, (struct str){longer, box.n + 1}, row);
	stays_shut(*state, keys, (struct str){NULL, 0}, row);
	char *huge = arena_alloc(*state, 1 << 20);
	memcpy(huge, box.p, box.n);
	stays_shut(*state, keys, (struct str){huge, 1 << 20}, row);
}

static void another_row_does_not_open_it(void **state)
{
	const struct seal_keys *keys = keys_of(*state, "1 " KEY_A "\n");
	struct str box = sealed(*state, keys, STR("token"));
	static const char *const others[] = {"xero_grant:tokens:7:43", "xero_grant:tokens:8:42",
		"app_user:totp:7:42", "xero_grant:tokens:7:4", "xero_grant:tokens:7:422"};
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		stays_shut(*state, keys, box, others[i]);
}

static void keys_rotate(void **state)
{
	const struct seal_keys *old = keys_of(*state, "1 " KEY_A "\n");
	const struct seal_keys *both = keys_of(*state, "1 " KEY_A "\n2 " KEY_B);
	const struct seal_keys *new = keys_of(*state, "2 " KEY_B "\n");
	const struct seal_keys *same_id = keys_of(*state, "1 " KEY_B "\n");
	struct secret *out;
	struct err e;
	struct str box = sealed(*state, old, STR("token"));
	assert_ok(seal_open(*state, both, box, row, &out, &e));
	assert_true(str_is(secret_open(out), "token"));
	stays_shut(*state, new, box, row);
	stays_shut(*state, same_id, box, row);
	assert_int_equal(seal_newest(both), 2);
	box = sealed(*state, both, STR("token"));
	assert_int_equal(seal_key_id(box), 2);
	assert_ok(seal_open(*state, new, box, row, &out, &e));
	stays_shut(*state, old, box, row);
}

static void no_two_boxes_are_alike(void **state)
{
	const struct seal_keys *keys = keys_of(*state, "1 " KEY_A "\n");
	struct str first = sealed(*state, keys, STR("token"));
	for (int i = 0; i < 100; i++)
		assert_false(str_eq(str_sub(first, 5, 12),
			str_sub(sealed(*state, keys, STR("token")), 5, 12)));
}

static void bad_key_files_are_named(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {{"", "empty"}, {"\n", "Line 1"}, {"1 " KEY_A "\n\n", "Line 2"},
		{"0 " KEY_A "\n", "Line 1"}, {"-1 " KEY_A "\n", "Line 1"},
		{"01 " KEY_A "\n", "Line 1"}, {"4294967296 " KEY_A "\n", "Line 1"},
		{"x " KEY_A "\n", "Line 1"}, {KEY_A "\n", "Line 1"}, {"1" KEY_A "\n", "Line 1"},
		{"1  " KEY_A "\n", "Line 1"}, {" 1 " KEY_A "\n", "Line 1"},
		{"1 " KEY_A " \n", "Line 1"}, {"1 " KEY_A "\r\n", "Line 1"},
		{"1 " KEY_A "0\n", "Line 1"}, {"1 0" KEY_A "\n", "Line 1"},
		{"1 g" KEY_A, "Line 1"}, {"1 \n", "Line 1"}, {"1 00\n", "Line 1"},
		{"1 " KEY_A "\n1 " KEY_B "\n", "Line 2"},
		{"2 " KEY_A "\n1 " KEY_B "\n", "Line 2"},
		{"1 " KEY_A "\n2 zz" KEY_B "\n", "Line 2"}};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct seal_keys *keys;
		struct err e;
		assert_fails(
			seal_keys_parse(*state, str_of(bad[i].text), &keys, &e), ERR_CONFIG);
		assert_non_null(strstr(e.text, bad[i].says));
		assert_null(strstr(e.text, "0001")); /* no part of a key in a log */
	}
}

static void makes_lines_for_the_file(void **state)
{
	struct secret *one, *two;
	struct err e;
	assert_ok(seal_key_line(*state, NULL, &one, &e));
	const struct seal_keys *keys = keys_of(*state, secret_open(one).p);
	assert_int_equal(seal_newest(keys), 1);
	assert_ok(seal_key_line(*state, keys, &two, &e));
	const char *file = arena_printf(*state, "%s%s", secret_open(one).p, secret_open(two).p);
	assert_int_equal(seal_newest(keys_of(*state, file)), 2);
	assert_string_not_equal(secret_open(one).p + 2, secret_open(two).p + 2);
	assert_fails(seal_key_line(*state, keys_of(*state, "4294967295 " KEY_A), &two, &e),
		ERR_CONFIG);
}

static void too_long_is_refused(void **state)
{
	const struct seal_keys *keys = keys_of(*state, "1 " KEY_A "\n");
	char *bytes = arena_alloc(*state, SEAL_PLAIN_MAX + 1);
	struct str box;
	struct secret *out;
	struct err e;
	assert_ok(seal_box(*state, keys, (struct str){bytes, SEAL_PLAIN_MAX}, row, &box, &e));
	assert_ok(seal_open(*state, keys, box, row, &out, &e));
	assert_int_equal(secret_open(out).n, SEAL_PLAIN_MAX);
	struct str over = {bytes, SEAL_PLAIN_MAX + 1};
	assert_fails(seal_box(*state, keys, over, row, &box, &e), ERR_TOO_LARGE);
}

static void key_ids_of_what_is_no_box(void **state)
{
	(void)state;
	char zero[SEAL_OVERHEAD] = {0}, one[SEAL_OVERHEAD] = {1, 0, 0, 1, 2};
	assert_int_equal(seal_key_id((struct str){zero, sizeof zero}), 0);
	assert_int_equal(seal_key_id((struct str){one, sizeof one}), 258);
	assert_int_equal(seal_key_id((struct str){one, sizeof one - 1}), 0);
	assert_int_equal(seal_key_id((struct str){NULL, 0}), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_sealed_opens),
		TEST(the_format_is_the_one_described),
		TEST(every_bit_counts),
		TEST(every_length_counts),
		TEST(another_row_does_not_open_it),
		TEST(keys_rotate),
		TEST(no_two_boxes_are_alike),
		TEST(bad_key_files_are_named),
		TEST(makes_lines_for_the_file),
		TEST(too_long_is_refused),
		TEST(key_ids_of_what_is_no_box),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
