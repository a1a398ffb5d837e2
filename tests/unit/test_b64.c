#include "codec/b64.h"
#include "test.h"

typedef char *encoder(struct arena *a, const void *p, size_t n);
typedef bool decoder(struct arena *a, struct str s, struct str *bytes_r);

struct pair {
	const char *bytes, *text;
};

static void both_ways(
	struct arena *a, encoder *to, decoder *from, const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str bytes;
		assert_string_equal(
			to(a, pairs[i].bytes, strlen(pairs[i].bytes)), pairs[i].text);
		assert_true(from(a, str_of(pairs[i].text), &bytes));
		assert_true(str_is(bytes, pairs[i].bytes));
	}
}

/* RFC 4648 section 10, without the padding. */
static void rfc_vectors_go_both_ways(void **state)
{
	static const struct pair url[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"},
		{"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
		{"\xFB\xFF\xFE", "-__-"}};
	static const struct pair base32[] = {{"", ""}, {"f", "MY"}, {"fo", "MZXQ"},
		{"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"},
		{"foobar", "MZXW6YTBOI"}};
	static const struct pair hex[] = {
		{"", ""}, {"f", "66"}, {"foobar", "666f6f626172"}, {"\xFF\x01", "ff01"}};
	both_ways(*state, b64url_encode, b64url_decode, url, ARRAY_LEN(url));
	both_ways(*state, base32_encode, base32_decode, base32, ARRAY_LEN(base32));
	both_ways(*state, hex_encode, hex_decode, hex, ARRAY_LEN(hex));
}

static void every_length_and_byte_comes_back(void **state)
{
	static encoder *const to[] = {b64url_encode, base32_encode, hex_encode};
	static decoder *const from[] = {b64url_decode, base32_decode, hex_decode};
	char bytes[300];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(unsigned char)(i * 7 & 0xFF);
	for (size_t n = 0; n <= sizeof bytes; n++)
		for (size_t k = 0; k < ARRAY_LEN(to); k++) {
			struct str back;
			char *text = to[k](*state, bytes, n);
			assert_true(from[k](*state, str_of(text), &back));
			assert_true(str_eq(back, (struct str){bytes, n}));
		}
}

static void basic_has_the_standard_alphabet_and_padding(void **state)
{
	assert_string_equal(b64_encode(*state, "", 0), "");
	assert_string_equal(b64_encode(*state, "f", 1), "Zg==");
	assert_string_equal(b64_encode(*state, "fo", 2), "Zm8=");
	assert_string_equal(b64_encode(*state, "foo", 3), "Zm9v");
	assert_string_equal(b64_encode(*state, "\xFB\xFF\xFE", 3), "+//+");
	/* RFC 7617 section 2 */
	assert_string_equal(
		b64_encode(*state, "Aladdin:open sesame", 19), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

static void refuses(struct arena *a, decoder *from, struct str text)
{
	struct str bytes = STR("untouched");
	if (from(a, text, &bytes))
		fail_msg("'%s' was taken", str_dup(a, text));
	assert_true(str_is(bytes, "untouched"));
}

static void b64url_is_strict(void **state)
{
	static const char *const bad[] = {"Zg==", "Zg=", "Z", "Zm9vY", "Zm9v ", " Zm9v", "Zm+v",
		"Zm/v", "Zm\n9v", "Zh", "Zm9", "\xC3\xA9"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuses(*state, b64url_decode, str_of(bad[i]));
	refuses(*state, b64url_decode, STR("Zm\0v"));
}

static void hex_is_strict_but_takes_both_cases(void **state)
{
	static const char *const bad[] = {"f", "0g", "0x", " 00", "00 ", "fff"};
	struct str bytes;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuses(*state, hex_decode, str_of(bad[i]));
	assert_true(hex_decode(*state, STR("C0fFeE"), &bytes));
	assert_true(str_is(bytes, "\xC0\xFF\xEE"));
}

static void base32_is_strict_but_reads_as_people_type(void **state)
{
	static const char *const bad[] = {
		"M", "MZX", "MZXW6Y", "MZ1W", "MZ8W", "MZXW6===", "MZ", "M-Y"};
	struct str bytes;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuses(*state, base32_decode, str_of(bad[i]));
	assert_true(base32_decode(*state, STR("mzxw 6yTB\toi\n"), &bytes));
	assert_true(str_is(bytes, "foobar"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rfc_vectors_go_both_ways),
		TEST(every_length_and_byte_comes_back),
		TEST(basic_has_the_standard_alphabet_and_padding),
		TEST(b64url_is_strict),
		TEST(hex_is_strict_but_takes_both_cases),
		TEST(base32_is_strict_but_reads_as_people_type),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
