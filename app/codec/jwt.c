#include "codec/jwt.h"

#include "codec/b64.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

struct jwt {
	struct str signed_part; /* header.claims, as received */
	struct str signature;	/* decoded */
	const char *kid;
	const struct json *claims;
};

static bool refuse(struct err *e, const char *why)
{
	ERR_clear_error(); /* otherwise a later TLS failure would report this error */
	return err_set(e, ERR_REFUSED, "The token is refused: %s.", why);
}

static void free_key(void *key)
{
	EVP_PKEY_free(key);
}

static void free_bn(void *n)
{
	BN_free(n);
}

static bool part_json(struct arena *a, struct str part, const struct json **json_r)
{
	struct str text;
	struct err ignored;
	return b64url_decode(a, part, &text) && json_parse(a, text, json_r, &ignored) &&
	       json_is_object(*json_r);
}

/*
 * RFC 8725 sections 3.1 and 3.10: only one algorithm, and no key that the token itself carries.
 */
static bool judge_header(const struct json *header, struct jwt *jwt_r, struct err *e)
{
	static const char *const forbidden[] = {"jku", "jwk", "x5u", "x5c", "crit"};
	const char *alg = json_text(json_get(header, "alg"));
	if (alg == NULL || strcmp(alg, "RS256") != 0)
		return refuse(e, "it is not signed with RS256");
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		if (json_get(header, forbidden[i]) != NULL)
			return refuse(e, "its header brings its own key or a demand");
	jwt_r->kid = json_text(json_get(header, "kid"));
	if (jwt_r->kid == NULL || jwt_r->kid[0] == '\0')
		return refuse(e, "it names no key");
	return true;
}

static bool take_apart(struct arena *a, struct str token, struct jwt *jwt_r, struct err *e)
{
	struct str header, claims, signature, rest;
	const struct json *json;
	if (token.n > JWT_BYTES_MAX)
		return refuse(e, "it is too long");
	if (!str_cut(token, '.', &header, &rest) || !str_cut(rest, '.', &claims, &signature) ||
		str_has(signature, '.'))
		return refuse(e, "it has not three parts");
	if (!part_json(a, header, &json))
		return refuse(e, "its header cannot be read");
	if (!judge_header(json, jwt_r, e))
		return false;
	if (!part_json(a, claims, &jwt_r->claims))
		return refuse(e, "its claims cannot be read");
	if (!b64url_decode(a, signature, &jwt_r->signature))
		return refuse(e, "its signature cannot be read");
	jwt_r->signed_part = str_sub(token, 0, header.n + 1 + claims.n);
	return true;
}

static bool text_is(const struct json *object, const char *name, const char *want)
{
	const struct json *node = json_get(object, name);
	return node == NULL || (json_text(node) != NULL && strcmp(json_text(node), want) == 0);
}

/* The only usable key of that name; none when two have it. */
static bool find_key(const struct json *keys, const char *kid, const struct json **key_r)
{
	size_t found = 0;
	for (size_t i = 0; i < json_len(keys); i++) {
		const struct json *key = json_at(keys, i);
		const char *name = json_text(json_get(key, "kid"));
		const char *type = json_text(json_get(key, "kty"));
		if (name == NULL || strcmp(name, kid) != 0 || type == NULL ||
			strcmp(type, "RSA") != 0 || !text_is(key, "use", "sig") ||
			!text_is(key, "alg", "RS256"))
			continue;
		*key_r = key;
		found++;
	}
	return found == 1;
}

static BIGNUM *number_of(struct arena *a, const struct json *key, const char *name)
{
	const char *text = json_text(json_get(key, name));
	struct str bytes;
	if (text == NULL || !b64url_decode(a, str_of(text), &bytes) || bytes.n == 0 ||
		bytes.n > JWT_KEY_BITS_MAX / 8)
		return NULL;
	BIGNUM *n = BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);
	if (n == NULL)
		die("out of memory: a key");
	arena_defer(a, free_bn, n);
	return n;
}

static EVP_PKEY *public_key(struct arena *a, const BIGNUM *n, const BIGNUM *exponent)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	if (build != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		params = OSSL_PARAM_BLD_to_param(build);
	if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	if (key != NULL)
		arena_defer(a, free_key, key);
	return key;
}

static EVP_PKEY *load_key(struct arena *a, const struct json *jwk)
{
	const BIGNUM *n = number_of(a, jwk, "n"), *exponent = number_of(a, jwk, "e");
	if (n == NULL || exponent == NULL || BN_num_bits(n) < JWT_KEY_BITS_MIN || !BN_is_odd(n))
		return NULL;
	/*
	 * Every usual key has 65537. A small exponent makes forgery easier, and a large one
	 * costs time.
	 */
	if (!BN_is_word(exponent, 65537))
		return NULL;
	return public_key(a, n, exponent);
}

static bool signature_fits(EVP_PKEY *key, const struct jwt *jwt)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		die("out of memory: a signature");
	bool ok =
		EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(ctx, (const unsigned char *)jwt->signature.p, jwt->signature.n,
			(const unsigned char *)jwt->signed_part.p, jwt->signed_part.n) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool jwt_verify(struct arena *a, struct str token, struct str jwks,
	const struct json **claims_r, struct err *e)
{
	struct jwt jwt;
	const struct json *set, *jwk = NULL;
	if (!take_apart(a, token, &jwt, e))
		return false;
	struct err ignored;
	if (!json_parse(a, jwks, &set, &ignored) || !json_is_array(json_get(set, "keys")))
		return refuse(e, "the issuer's keys cannot be read");
	if (!find_key(json_get(set, "keys"), jwt.kid, &jwk))
		return refuse(e, "the issuer has no such key");
	EVP_PKEY *key = load_key(a, jwk);
	if (key == NULL)
		return refuse(e, "the issuer's key is unfit");
	if (!signature_fits(key, &jwt))
		return refuse(e, "its signature is wrong");
	*claims_r = jwt.claims;
	return true;
}

bool jwt_claims(struct arena *a, struct str token, const struct json **claims_r, struct err *e)
{
	struct jwt jwt;
	if (!take_apart(a, token, &jwt, e))
		return false;
	*claims_r = jwt.claims;
	return true;
}

static bool failed(struct err *e, const char *what)
{
	ERR_clear_error();
	return err_set(e, ERR_INTERNAL, "A signing key failed: %s.", what);
}

static void free_bio(void *bio)
{
	BIO_free_all(bio);
}

bool jwt_new_key(struct arena *a, struct secret **pem_r, struct err *e)
{
	EVP_PKEY *key = EVP_RSA_gen(JWT_KEY_BITS_MIN);
	if (key == NULL)
		return failed(e, "cannot be made");
	arena_defer(a, free_key, key);
	BIO *out = BIO_new(BIO_s_secmem()); /* memory that is wiped when freed */
	if (out == NULL)
		return failed(e, "no memory");
	arena_defer(a, free_bio, out);
	char *text;
	if (PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) != 1)
		return failed(e, "cannot be written");
	long n = BIO_get_mem_data(out, &text);
	if (n <= 0)
		return failed(e, "cannot be written");
	*pem_r = secret_new(a, text, (size_t)n);
	return true;
}

/*
 * Our PEM is never encrypted. Without this function OpenSSL would ask for a passphrase on the
 * terminal.
 */
static int no_passphrase(char *to, int size, int writing, void *user)
{
	(void)to, (void)size, (void)writing, (void)user;
	return -1;
}

static bool private_key(
	struct arena *a, const struct secret *pem, EVP_PKEY **key_r, struct err *e)
{
	struct str text = secret_open(pem);
	if (text.n == 0 || text.n > JWT_BYTES_MAX)
		return err_set(e, ERR_CONFIG, "The signing key's file is empty or too long.");
	BIO *in = BIO_new_mem_buf(text.p, (int)text.n);
	if (in == NULL)
		return failed(e, "no memory");
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	ERR_clear_error();
	if (key != NULL)
		arena_defer(a, free_key, key);
	if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return err_set(
			e, ERR_CONFIG, "The signing key's file holds no RSA key in PEM.");
	*key_r = key;
	return true;
}

static char *encode_number(struct arena *a, const EVP_PKEY *key, const char *name)
{
	BIGNUM *n = NULL;
	if (EVP_PKEY_get_bn_param(key, name, &n) != 1)
		return NULL;
	arena_defer(a, free_bn, n);
	int len = BN_num_bytes(n);
	unsigned char *bytes = arena_alloc(a, (size_t)len);
	return BN_bn2bin(n, bytes) == len ? b64url_encode(a, bytes, (size_t)len) : NULL;
}

bool jwt_jwks(
	struct arena *a, struct secret *pem, const char *kid, char **jwks_r, struct err *e)
{
	EVP_PKEY *key;
	if (!private_key(a, pem, &key, e))
		return false;
	const char *n = encode_number(a, key, OSSL_PKEY_PARAM_RSA_N);
	const char *exponent = encode_number(a, key, OSSL_PKEY_PARAM_RSA_E);
	if (n == NULL || exponent == NULL)
		return failed(e, "has no public half");
	const char *jwk = json_object(a, "kty", "RSA", "use", "sig", "alg", "RS256", "kid", kid,
		"n", n, "e", exponent, (char *)NULL);
	*jwks_r = arena_printf(a, "{\"keys\":[%s]}", jwk);
	return true;
}

static bool make_signature(
	struct arena *a, EVP_PKEY *key, struct str text, struct str *signature_r)
{
	size_t n = (size_t)EVP_PKEY_get_size(key);
	unsigned char *bytes = arena_alloc(a, n);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		  EVP_DigestSign(ctx, bytes, &n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(ctx);
	*signature_r = (struct str){(const char *)bytes, n};
	return ok;
}

bool jwt_sign(struct arena *a, struct secret *pem, const char *kid, const char *claims_json,
	char **token_r, struct err *e)
{
	EVP_PKEY *key;
	const struct json *claims;
	struct str signature, claims_text = str_of(claims_json);
	if (!json_parse(a, claims_text, &claims, e) || !private_key(a, pem, &key, e))
		return false;
	const char *header =
		json_object(a, "alg", "RS256", "typ", "JWT", "kid", kid, (char *)NULL);
	char *text = arena_printf(a, "%s.%s", b64url_encode(a, header, strlen(header)),
		b64url_encode(a, claims_text.p, claims_text.n));
	if (!make_signature(a, key, str_of(text), &signature))
		return failed(e, "cannot sign");
	*token_r = arena_printf(a, "%s.%s", text, b64url_encode(a, signature.p, signature.n));
	return true;
}
