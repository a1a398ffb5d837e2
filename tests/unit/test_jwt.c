/* Tokens: ours and one made elsewhere pass, everything an attacker may change is refused. */
#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/jwt.h"
#include "test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

static const char claims_text[] =
	"{\"iss\":\"https://identity.example\",\"sub\":\"42\",\"exp\":17}";

/* Making a key is slow, so the group shares two. */
static struct arena *group;
static struct secret *pem, *other_pem;
static char *jwks;

static int make_keys(void **state)
{
	struct err e;
	(void)state;
	group = arena_new();
	assert_ok(jwt_new_key(group, &pem, &e));
	assert_ok(jwt_new_key(group, &other_pem, &e));
	assert_ok(jwt_jwks(group, pem, "k1", &jwks, &e));
	return 0;
}

static int drop_keys(void **state)
{
	(void)state;
	arena_free(&group);
	return 0;
}

static char *signed_token(struct arena *a, struct secret *key, const char *kid)
{
	char *token = NULL;
	struct err e;
	assert_ok(jwt_sign(a, key, kid, claims_text, &token, &e));
	return token;
}

static void is_refused(struct arena *a, const char *token, const char *keys, const char *says)
{
	const struct json *claims = NULL;
	struct err e;
	assert_fails(jwt_verify(a, str_of(token), str_of(keys), &claims, &e), ERR_REFUSED);
	if (strstr(e.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.text, says);
	assert_null(claims);
}

static void a_signed_token_is_verified(void **state)
{
	const struct json *claims;
	struct err e;
	int64_t exp;
	const char *token = signed_token(*state, pem, "k1");
	assert_ok(jwt_verify(*state, str_of(token), str_of(jwks), &claims, &e));
	assert_string_equal(json_text(json_get(claims, "sub")), "42");
	assert_true(json_int(json_get(claims, "exp"), &exp));
	assert_int_equal(exp, 17);
	assert_ok(jwt_claims(*state, str_of(token), &claims, &e));
	assert_string_equal(json_text(json_get(claims, "iss")), "https://identity.example");
}

/* RFC 7515 appendix A.2 signs with RS256 but names no kid, so this one was made elsewhere. */
static void a_token_made_elsewhere_is_verified(void **state)
{
	static const char keys[] =
		"{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"1CAF8E66\",\"x5t\":\"HK-OZg\",\"e\":\"AQAB\""
		",\"n\":\"wgCRr7uIZYIdgtAbUSFyEQquaAUvcxPLrOKZnb8BcTa2yPF3lCxokj1Swj6hjyGRSDT6cX"
		"lB-85UMb6A8pg6IwTs1S5c2dRb_RYhF1MI6TCL2Ys9c32T4jAG6vCSZU-Jk7J4GJTABvOpiqRbFR"
		"qxtYQO1hjWvj5kYpkR2FkBouP_RRA8HvYahRWNItjuuMzMaiHgHCO_N4PTjHt_ghH4g-Gbcll1-C"
		"7WBoZeAz_M1TgU0M59vz8AgQRl-PdoTXuZLpvhLHizDKrWJKB_WlY5Tvw9d5IG2bNf_Vc6HKW58K"
		"9_lBXJkgTbMdMXDs6UG7zjgjtA4a3wwdFWcjTOhwSjKY1X6pVZzzOZpNWOIlUz4DxSjjgcmkF35c"
		"fTQmXCXkXL_LDj6yUWYLufV2QMTtjFKPb-oWzv7mIH9EDttJwrXFoUuz5Wh5xIqbFprNv0Scf-lX"
		"3FR8nNUQhzaNpVXzmf_LzKfWAFIXZ74VBFBfwPAMwSiv7MAVhkWvEMlGRzQjjz\",\"x5c\":[\"MIIC"
		"\"],\"alg\":\"RS256\"}]}";
	static const char token[] =
		"eyJhbGciOiJSUzI1NiIsImtpZCI6IjFDQUY4RTY2IiwidHlwIjoiSldUIiwieDV0IjoiSEstT1pn"
		"In0.eyJpc3MiOiJodHRwczovL2lkZW50aXR5LmV4YW1wbGUiLCJ4ZXJvX3VzZXJpZCI6InUtMSIs"
		"ImV4cCI6MTc5NTMyNzIwMH0.qTU7cHnI2N6MHbBPbxH4EdEkvMSeHU8o6E2QrTSJGSSeiCQt8Jpl"
		"-x4PrQbqfClhP4kYvBs0yG7Syaxg7mSOO_WZItdPyCU63EbQJqG9uXL5wb4ijAmvL71DF_mEhUIp"
		"kyHk7VRFFwsDNka_aipLlgI9RNrSaF30HELzSZiXguyWkaUmmTV07nLuf5I4qduHf0OE72rrCFXp"
		"_iXQ7ZZFwEzUlUJfFqrAM7BRzL-c_6kXvU2Lqv5e4qJi1OLGeNKVVgVkKwGKOWo-jaKLWcBE8xj2"
		"tggMr-9fPdL6GNgkNo5GZtvYzaz21wb72EpJNdv-kL_OkT2giue6bUStFjlZnQZCQCpKihf_gwDz"
		"UHSaRHXd_FNWx89XChYm79D6gg1c2QGit6cr6kQASskrwxbc51iRCJhFXZXyFAsTWyXDTIWVojlJ"
		"OybsvgmfdYiaVOTgHV_pzKXiT6BfwQGFlgPX4IBkTA01IfRD2S_jLYuaW52xzoWX-bMfkc8a0pR6"
		"4fCY";
	const struct json *claims;
	struct err e;
	assert_ok(jwt_verify(*state, str_of(token), str_of(keys), &claims, &e));
	assert_string_equal(json_text(json_get(claims, "xero_userid")), "u-1");
}

static void every_character_counts(void **state)
{
	char *token = signed_token(*state, pem, "k1");
	struct err e;
	for (size_t i = 0; token[i] != '\0'; i++) {
		struct arena *own = arena_new();
		const struct json *claims = NULL;
		char was = token[i];
		token[i] = was == 'A' ? 'B' : 'A';
		assert_fails(
			jwt_verify(own, str_of(token), str_of(jwks), &claims, &e), ERR_REFUSED);
		token[i] = was;
		assert_fails(jwt_verify(own, (struct str){token, i}, str_of(jwks), &claims, &e),
			ERR_REFUSED);
		arena_free(&own);
	}
}

/* header.claims.signature, each given as bytes */
static char *assembled(struct arena *a, const char *header, struct str signature)
{
	return arena_printf(a, "%s.%s.%s", b64url_encode(a, header, strlen(header)),
		b64url_encode(a, claims_text, sizeof claims_text - 1),
		b64url_encode(a, signature.p, signature.n));
}

/* Signed with our key whatever the header says: only the header can be at fault. */
static char *signed_with_header(struct arena *a, const char *header)
{
	struct str text = secret_open(pem);
	BIO *in = BIO_new_mem_buf(text.p, (int)text.n);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const char *input = arena_printf(a, "%s.%s", b64url_encode(a, header, strlen(header)),
		b64url_encode(a, claims_text, sizeof claims_text - 1));
	size_t n = 512;
	unsigned char *signature = arena_alloc(a, n);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(
		EVP_DigestSign(ctx, signature, &n, (const unsigned char *)input, strlen(input)),
		1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	BIO_free(in);
	return assembled(a, header, (struct str){(const char *)signature, n});
}

static void the_header_may_ask_for_nothing(void **state)
{
	const struct json *claims;
	struct err e;
	const char *plain =
		signed_with_header(*state, "{\"alg\":\"RS256\",\"kid\":\"k1\",\"x5t\":\"t\"}");
	assert_ok(jwt_verify(*state, str_of(plain), str_of(jwks), &claims, &e));
	static const char *const bad[][2] = {
		{"{\"alg\":\"none\",\"kid\":\"k1\"}", "RS256"},
		{"{\"alg\":\"None\",\"kid\":\"k1\"}", "RS256"},
		{"{\"alg\":\"HS256\",\"kid\":\"k1\"}", "RS256"},
		{"{\"alg\":\"PS256\",\"kid\":\"k1\"}", "RS256"},
		{"{\"alg\":\"RS512\",\"kid\":\"k1\"}", "RS256"},
		{"{\"alg\":\"rs256\",\"kid\":\"k1\"}", "RS256"},
		{"{\"alg\":[\"RS256\"],\"kid\":\"k1\"}", "RS256"},
		{"{\"kid\":\"k1\"}", "RS256"},
		{"{\"alg\":\"RS256\",\"kid\":\"k1\",\"jku\":\"https://evil.example\"}",
			"brings"},
		{"{\"alg\":\"RS256\",\"kid\":\"k1\",\"jwk\":{\"kty\":\"RSA\"}}", "brings"},
		{"{\"alg\":\"RS256\",\"kid\":\"k1\",\"x5u\":\"https://evil.example\"}",
			"brings"},
		{"{\"alg\":\"RS256\",\"kid\":\"k1\",\"x5c\":[]}", "brings"},
		{"{\"alg\":\"RS256\",\"kid\":\"k1\",\"crit\":[\"exp\"]}", "brings"},
		{"{\"alg\":\"RS256\",\"kid\":\"k1\",\"jwk\":null}", "brings"},
		{"{\"alg\":\"RS256\"}", "no key"},
		{"{\"alg\":\"RS256\",\"kid\":\"\"}", "no key"},
		{"{\"alg\":\"RS256\",\"kid\":7}", "no key"},
		{"{\"alg\":\"RS256\",\"kid\":\"k2\"}", "no such key"},
		{"{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"k1\"}",
			"header cannot be read"},
		{"[\"RS256\"]", "header cannot be read"},
		{"", "header cannot be read"},
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_refused(*state, signed_with_header(*state, bad[i][0]), jwks, bad[i][1]);
}

/* RFC 8725 section 2.1: the public key as the secret of an HMAC, and no signature at all. */
static void the_old_tricks_fail(void **state)
{
	unsigned char mac[HASH_BYTES];
	const char *header = "{\"alg\":\"HS256\",\"kid\":\"k1\"}";
	const char *input =
		arena_printf(*state, "%s.%s", b64url_encode(*state, header, strlen(header)),
			b64url_encode(*state, claims_text, sizeof claims_text - 1));
	hash_hmac(str_of(jwks), str_of(input), mac);
	struct str signature = {(const char *)mac, sizeof mac};
	is_refused(*state, assembled(*state, header, signature), jwks, "RS256");
	const char *none = "{\"alg\":\"none\",\"kid\":\"k1\"}",
		   *rs = "{\"alg\":\"RS256\",\"kid\":\"k1\"}";
	is_refused(*state, assembled(*state, none, STR("")), jwks, "RS256");
	is_refused(*state, assembled(*state, rs, STR("")), jwks, "signature is wrong");
	is_refused(*state, assembled(*state, rs, signature), jwks, "signature is wrong");
	/* Another key under our key's name. */
	is_refused(*state, signed_token(*state, other_pem, "k1"), jwks, "signature is wrong");
}

static void what_is_no_token_is_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d",
		"eyJhbGciOiJSUzI1NiJ9", "\xFF.\xFF.\xFF", "eyJh bGci.e30.e30", "e30.e30.e30"};
	const struct json *claims;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		is_refused(*state, bad[i], jwks, "The token is refused");
		assert_fails(jwt_claims(*state, str_of(bad[i]), &claims, &e), ERR_REFUSED);
	}
	assert_fails(jwt_verify(*state, (struct str){NULL, 0}, str_of(jwks), &claims, &e),
		ERR_REFUSED);
	char *token = signed_token(*state, pem, "k1");
	is_refused(*state, arena_printf(*state, "%s.", token), jwks, "three parts");
	is_refused(
		*state, arena_printf(*state, "%s=", token), jwks, "signature cannot be read");
	is_refused(*state, arena_printf(*state, " %s", token), jwks, "header cannot be read");
	char *longest = arena_alloc(*state, JWT_BYTES_MAX + 2);
	memset(longest, 'A', JWT_BYTES_MAX + 1);
	is_refused(*state, longest, jwks, "too long");
}

static void key_sets_are_held_to_rules(void **state)
{
	const char *token = signed_token(*state, pem, "k1");
	const struct json *set, *claims;
	struct err e;
	assert_ok(json_parse(*state, str_of(jwks), &set, &e));
	const char *n = json_text(json_get(json_at(json_get(set, "keys"), 0), "n"));
	static const struct {
		const char *format, *says;
	} cases[] = {
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"%s\",\"e\":\"AQAB\"}]}",
			NULL},
		{"{\"keys\":[7,null,{},{\"kty\":\"EC\",\"kid\":\"k1\"},{\"kty\":\"RSA\",\"use\":"
		 "\"sig\",\"kid\":\"k1\",\"n\":\"%s\",\"e\":\"AQAB\"}]}",
			NULL},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"use\":\"enc\",\"n\":\"%s\",\"e\":"
		 "\"AQAB\"}]}",
			"no such key"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"alg\":\"RS512\",\"n\":\"%s\",\"e\":"
		 "\"AQAB\"}]}",
			"no such key"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"use\":7,\"n\":\"%s\",\"e\":\"AQAB\"}"
		 "]}",
			"no such key"},
		{"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"%s\"}]}", "no such key"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"%s\",\"e\":\"AQAB\"},{\"kty\":"
		 "\"RSA\",\"kid\":\"k1\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
			"no such key"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"%s\",\"e\":\"AQ\"}]}",
			"unfit"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"%s\",\"e\":\"Aw\"}]}",
			"unfit"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"%s\",\"e\":\"\"}]}",
			"unfit"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"%s\"}]}", "unfit"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"n\":\"%s=\",\"e\":\"AQAB\"}]}",
			"unfit"},
		{"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k1\",\"e\":\"AQAB\",\"x\":\"%s\"}]}",
			"unfit"},
		{"{\"keys\":[]} %.0s", "no such key"},
		{"{\"keys\":{}} %.0s", "keys cannot be read"},
		{"[] %.0s", "keys cannot be read"},
		{"<html> %.0s", "keys cannot be read"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *at = strstr(cases[i].format, "%s");
		const char *keys = at == NULL ? arena_strndup(*state, cases[i].format,
							strcspn(cases[i].format, "%"))
					      : arena_printf(*state, "%.*s%s%s",
							(int)(at - cases[i].format),
							cases[i].format, n, at + 2);
		if (cases[i].says == NULL)
			assert_ok(jwt_verify(*state, str_of(token), str_of(keys), &claims, &e));
		else
			is_refused(*state, token, keys, cases[i].says);
	}
}

/* Whole and rightly signed: 1024 bits are too few all the same. */
static void small_keys_are_refused(void **state)
{
	EVP_PKEY *small = EVP_RSA_gen(1024);
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	assert_int_equal(PEM_write_bio_PrivateKey(out, small, NULL, NULL, 0, NULL, NULL), 1);
	long n = BIO_get_mem_data(out, &text);
	struct secret *key = secret_new(*state, text, (size_t)n);
	BIO_free(out);
	EVP_PKEY_free(small);
	char *keys;
	struct err e;
	assert_ok(jwt_jwks(*state, key, "k1", &keys, &e));
	is_refused(*state, signed_token(*state, key, "k1"), keys, "unfit");
}

static void bad_keys_of_ours_are_said(void **state)
{
	char *out = NULL;
	struct err e;
	static const char *const bad[] = {"", "x", "-----BEGIN PRIVATE KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct secret *key = secret_new(*state, bad[i], strlen(bad[i]));
		assert_fails(jwt_sign(*state, key, "k1", "{}", &out, &e), ERR_CONFIG);
		assert_fails(jwt_jwks(*state, key, "k1", &out, &e), ERR_CONFIG);
	}
	assert_fails(jwt_sign(*state, NULL, "k1", "{}", &out, &e), ERR_CONFIG);
	assert_fails(jwt_sign(*state, pem, "k1", "{", &out, &e), ERR_MALFORMED);
	assert_null(out);
}

static void the_set_holds_no_private_half(void **state)
{
	static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi"};
	const struct json *set;
	struct err e;
	assert_ok(json_parse(*state, str_of(jwks), &set, &e));
	const struct json *key = json_at(json_get(set, "keys"), 0);
	for (size_t i = 0; i < ARRAY_LEN(private); i++)
		assert_null(json_get(key, private[i]));
	assert_string_equal(json_text(json_get(key, "e")), "AQAB");
	assert_int_equal(strlen(json_text(json_get(key, "n"))), 342); /* 2048 bits */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_signed_token_is_verified),
		TEST(a_token_made_elsewhere_is_verified),
		TEST(every_character_counts),
		TEST(the_header_may_ask_for_nothing),
		TEST(the_old_tricks_fail),
		TEST(what_is_no_token_is_refused),
		TEST(key_sets_are_held_to_rules),
		TEST(small_keys_are_refused),
		TEST(bad_keys_of_ours_are_said),
		TEST(the_set_holds_no_private_half),
	};
	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
