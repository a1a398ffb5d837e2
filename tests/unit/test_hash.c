#include "codec/b64.h"
#include "codec/hash.h"
#include "test.h"

static const char *hex_of(struct arena *a, const unsigned char digest[HASH_BYTES])
{
	return hex_encode(a, digest, HASH_BYTES);
}

/* FIPS 180-4, the examples of NIST. */
static void sha256_gives_the_known_digests(void **state)
{
	unsigned char d[HASH_BYTES];
	hash_sha256("abc", 3, d);
	assert_string_equal(hex_of(*state, d),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_sha256("", 0, d);
	assert_string_equal(hex_of(*state, d),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_sha256(NULL, 0, d);
	assert_string_equal(hex_of(*state, d),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test cases 2 and 6. */
static void hmac_gives_the_known_codes(void **state)
{
	unsigned char d[HASH_BYTES];
	char key[131];
	hash_hmac(STR("Jefe"), STR("what do ya want for nothing?"), d);
	assert_string_equal(hex_of(*state, d),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xAA, sizeof key);
	hash_hmac((struct str){key, sizeof key},
		STR("Test Using Larger Than Block-Size Key - Hash Key First"), d);
	assert_string_equal(hex_of(*state, d),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void hmac_takes_empty_key_and_text(void **state)
{
	unsigned char d[HASH_BYTES];
	hash_hmac((struct str){NULL, 0}, (struct str){NULL, 0}, d);
	assert_string_equal(hex_of(*state, d),
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void equal_compares_bytes_and_lengths(void **state)
{
	(void)state;
	assert_true(hash_equal(STR("same"), STR("same")));
	assert_true(hash_equal((struct str){NULL, 0}, STR("")));
	assert_false(hash_equal(STR("same"), STR("sane")));
	assert_false(hash_equal(STR("same"), STR("samey")));
	assert_false(hash_equal(STR("a\0b"), STR("a\0c")));
}

static void stream_of(
	struct hash_stream *h, struct str a, struct str b, unsigned char d[HASH_BYTES])
{
	hash_stream_add(h, a);
	hash_stream_add(h, b);
	hash_stream_end(h, d);
}

static void stream_frames_its_parts(void **state)
{
	struct hash_stream *h = hash_stream_new(*state);
	unsigned char one[HASH_BYTES], two[HASH_BYTES], three[HASH_BYTES];
	stream_of(h, STR("a"), STR("bc"), one);
	stream_of(h, STR("ab"), STR("c"), two);
	stream_of(h, STR("abc"), STR(""), three);
	assert_memory_not_equal(one, two, HASH_BYTES);
	assert_memory_not_equal(two, three, HASH_BYTES);
}

static void stream_begins_anew_after_its_end(void **state)
{
	struct hash_stream *h = hash_stream_new(*state);
	unsigned char first[HASH_BYTES], again[HASH_BYTES];
	stream_of(h, STR("name"), STR("phone"), first);
	stream_of(h, STR("name"), STR("phone"), again);
	assert_memory_equal(first, again, HASH_BYTES);
}

/* The fingerprints are kept in the database, so the framing may never change. */
static void stream_framing_is_fixed(void **state)
{
	struct hash_stream *h = hash_stream_new(*state);
	unsigned char framed[HASH_BYTES], whole[HASH_BYTES];
	stream_of(h, STR("a"), STR("bc"), framed);
	struct str by_hand = STR("\1\0\0\0\0\0\0\0a\2\0\0\0\0\0\0\0bc");
	hash_sha256(by_hand.p, by_hand.n, whole);
	assert_memory_equal(framed, whole, HASH_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sha256_gives_the_known_digests),
		TEST(hmac_gives_the_known_codes),
		TEST(hmac_takes_empty_key_and_text),
		TEST(equal_compares_bytes_and_lengths),
		TEST(stream_frames_its_parts),
		TEST(stream_begins_anew_after_its_end),
		TEST(stream_framing_is_fixed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
