/* CBOR by the examples of RFC 8949, appendix A, and what is not whole. */
#include "unit/test.h"

#include "codec/b64.h"
#include "codec/cbor.h"

static struct str bytes(struct arena *a, const char *hex)
{
	struct str s;
	assert_true(hex_decode(a, str_of(hex), &s));
	return s;
}

static const struct {
	const char *hex;
	enum cbor_kind kind;
	uint64_t number;
	size_t inside;
} examples[] = {
	{"00", CBOR_UNSIGNED, 0, 0},
	{"17", CBOR_UNSIGNED, 23, 0},
	{"1818", CBOR_UNSIGNED, 24, 0},
	{"1903e8", CBOR_UNSIGNED, 1000, 0},
	{"1a000f4240", CBOR_UNSIGNED, 1000000, 0},
	{"1bffffffffffffffff", CBOR_UNSIGNED, UINT64_MAX, 0},
	{"3903e7", CBOR_NEGATIVE, 999, 0},
	{"4401020304", CBOR_BYTES, 4, 4},
	{"6449455446", CBOR_TEXT, 4, 4},
	{"80", CBOR_ARRAY, 0, 0},
	{"8301820203820405", CBOR_ARRAY, 3, 7},
	{"a201020304", CBOR_MAP, 2, 4},
	{"a26161016162820203", CBOR_MAP, 2, 8},
	{"c11a514b67b0", CBOR_TAG, 1, 5},
	{"f5", CBOR_SIMPLE, 21, 0},
	{"fb3ff199999999999a", CBOR_SIMPLE, 0x3ff199999999999a, 0},
};

static void the_examples_of_the_rfc_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		struct str in = bytes(*state, examples[i].hex);
		struct cbor_item item;
		size_t n = in.n;
		assert_true(cbor_next(&in, &item));
		assert_int_equal(in.n, 0);
		assert_int_equal(item.kind, examples[i].kind);
		assert_true(item.number == examples[i].number);
		assert_int_equal(item.inside.n, examples[i].inside);
		assert_int_equal(item.whole.n, n);
	}
}

/* Cut anywhere, it is no item, and nothing is taken. */
static void a_cut_item_is_none(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		struct str whole = bytes(*state, examples[i].hex);
		for (size_t n = 0; n < whole.n; n++) {
			struct str in = {whole.p, n};
			struct cbor_item item;
			assert_false(cbor_next(&in, &item));
			assert_int_equal(in.n, n);
		}
	}
}

static void what_has_no_length_or_no_end_is_none(void **state)
{
	static const char *const texts[] = {"5f42010243030405ff", "9fff", "bf6161ff", "1c",
		"ff", "5bffffffffffffffff00", "9bffffffffffffffff00", "bbffffffffffffffff00",
		"bb80000000000000000000", "818181818181818181818100"};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct str in = bytes(*state, texts[i]);
		struct cbor_item item;
		assert_false(cbor_next(&in, &item));
	}
}

static void a_key_is_found_once(void **state)
{
	struct str in = bytes(*state, "a361610161628202036161f5");
	struct cbor_item map, item;
	assert_true(cbor_next(&in, &map));
	assert_true(cbor_get(&map, "b", &item));
	assert_int_equal(item.kind, CBOR_ARRAY);
	assert_false(cbor_get(&map, "a", &item)); /* twice */
	assert_false(cbor_get(&map, "c", &item));
	assert_false(cbor_get(&item, "a", &item)); /* no map */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_examples_of_the_rfc_are_read),
		TEST(a_cut_item_is_none),
		TEST(what_has_no_length_or_no_end_is_none),
		TEST(a_key_is_found_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
