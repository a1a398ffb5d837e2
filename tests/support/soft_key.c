#include "support/soft_key.h"

#include "base/buf.h"
#include "codec/b64.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

enum { TEXT_MAX = 16 * 1024, SIGNATURE_MAX = 512 };

static void free_key(void *key)
{
	EVP_PKEY_free(key);
}

void soft_key_make(struct arena *a, struct soft_key *k, int alg)
{
	k->alg = alg;
	k->count = 1;
	k->key = alg == SOFT_ES256   ? EVP_EC_gen("P-256")
		 : alg == SOFT_ES384 ? EVP_EC_gen("P-384")
		 : alg == SOFT_EDDSA ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
				     : EVP_RSA_gen(2048);
	if (k->key == NULL || RAND_bytes((unsigned char *)k->id, sizeof k->id) != 1)
		die("no key could be made");
	arena_defer(a, free_key, k->key);
}

struct soft_ask soft_ask_make(const char *origin, const char *rp_id, const char *challenge)
{
	return (struct soft_ask){.challenge = challenge,
		.origin = origin,
		.rp_id = rp_id,
		.flags = SOFT_UP | SOFT_UV,
		.extra = ",\"crossOrigin\":false",
		.format = "none"};
}

/* A string of CBOR: its head with two bytes of length, or one, or none. */
static void add_string(struct buf *b, int major, const void *p, size_t n)
{
	if (n > 255) {
		buf_addc(b, (char)(major << 5 | 25));
		buf_addc(b, (char)(n >> 8));
	} else if (n > 23) {
		buf_addc(b, (char)(major << 5 | 24));
	} else {
		buf_addc(b, (char)(major << 5 | (int)n));
	}
	if (n > 23)
		buf_addc(b, (char)n);
	buf_add(b, p, n);
}

static void add_hex(struct arena *a, struct buf *b, const char *hex)
{
	struct str bytes;
	if (!hex_decode(a, str_of(hex), &bytes))
		die("no hex: %s", hex);
	buf_add(b, bytes.p, bytes.n);
}

/* COSE_Key (RFC 9053): kty, alg, and the numbers of the curve or the modulus. */
static void add_public_key(struct arena *a, struct buf *b, const struct soft_key *k)
{
	unsigned char raw[200];
	size_t n = sizeof raw;
	BIGNUM *modulus = NULL;
	unsigned char bytes[256];
	switch (k->alg) {
	case SOFT_EDDSA:
		EVP_PKEY_get_raw_public_key(k->key, raw, &n);
		add_hex(a, b, "a40101032720062158");
		buf_addc(b, (char)n);
		buf_add(b, raw, n);
		break;
	case SOFT_RS256:
		EVP_PKEY_get_bn_param(k->key, OSSL_PKEY_PARAM_RSA_N, &modulus);
		BN_bn2binpad(modulus, bytes, sizeof bytes);
		BN_free(modulus);
		add_hex(a, b, "a401030339010020590100");
		buf_add(b, bytes, sizeof bytes);
		add_hex(a, b, "2143010001");
		break;
	default:
		EVP_PKEY_get_octet_string_param(
			k->key, OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof raw, &n);
		add_hex(a, b, k->alg == SOFT_ES256 ? "a5010203262001" : "a501020338222002");
		buf_addc(b, 0x21);
		add_string(b, 2, raw + 1, n / 2);
		buf_addc(b, 0x22);
		add_string(b, 2, raw + 1 + n / 2, n / 2);
	}
}

static void add_attested(
	struct arena *a, struct buf *b, const struct soft_key *k, const struct soft_ask *ask)
{
	add_hex(a, b, "00000000000000000000000000000000");
	buf_addc(b, 0);
	buf_addc(b, SOFT_ID_BYTES);
	buf_add(b, k->id, SOFT_ID_BYTES);
	if (ask->public_key != NULL)
		add_hex(a, b, ask->public_key);
	else
		add_public_key(a, b, k);
}

static struct str authenticator_data(
	struct arena *a, const struct soft_key *k, const struct soft_ask *ask, bool attested)
{
	struct buf b;
	unsigned char sum[HASH_BYTES];
	buf_init(&b, a, TEXT_MAX);
	hash_sha256(ask->rp_id, strlen(ask->rp_id), sum);
	buf_add(&b, sum, sizeof sum);
	buf_addc(&b, (char)(ask->flags | (attested ? SOFT_AT : 0)));
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_addc(&b, (char)(k->count >> shift));
	if (attested)
		add_attested(a, &b, k, ask);
	if (ask->tail != NULL)
		add_hex(a, &b, ask->tail);
	return buf_str(&b);
}

static struct str sign(struct arena *a, const struct soft_key *k, const struct soft_ask *ask,
	struct str auth, const char *client_data)
{
	struct buf b;
	unsigned char sum[HASH_BYTES], *signature = arena_alloc(a, SIGNATURE_MAX);
	size_t n = SIGNATURE_MAX;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	buf_init(&b, a, TEXT_MAX);
	buf_add(&b, auth.p, auth.n);
	hash_sha256(client_data, strlen(client_data), sum);
	buf_add(&b, sum, sizeof sum);
	if (EVP_DigestSignInit(context, NULL, k->alg == SOFT_EDDSA ? NULL : EVP_sha256(), NULL,
		    k->key) != 1 ||
		EVP_DigestSign(context, signature, &n, (const unsigned char *)b.data, b.len) !=
			1)
		die("nothing could be signed");
	EVP_MD_CTX_free(context);
	signature[n - 1] ^= ask->bad_signature;
	return (struct str){(char *)signature, n};
}

static const char *client_data(struct arena *a, const struct soft_ask *ask, const char *type)
{
	return arena_printf(a, "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\"%s}",
		ask->type == NULL ? type : ask->type, ask->challenge, ask->origin, ask->extra);
}

static const char *claimed_id(
	struct arena *a, const struct soft_key *k, const struct soft_ask *ask)
{
	return ask->claimed_id != NULL ? ask->claimed_id
				       : b64url_encode(a, k->id, SOFT_ID_BYTES);
}

static const char *text_of(struct arena *a, struct str s)
{
	return b64url_encode(a, s.p, s.n);
}

const char *soft_register(struct arena *a, const struct soft_key *k, const struct soft_ask *ask)
{
	struct buf b;
	const char *data = client_data(a, ask, "webauthn.create");
	struct str auth = authenticator_data(a, k, ask, true);
	struct str signature = sign(a, k, ask, auth, data);
	buf_init(&b, a, TEXT_MAX);
	add_hex(a, &b, "a363666d74");
	add_string(&b, 3, ask->format, strlen(ask->format));
	add_hex(a, &b, "6761747453746d74");
	if (ask->statement != NULL) {
		add_hex(a, &b, ask->statement);
	} else if (strcmp(ask->format, "packed") == 0) {
		add_hex(a, &b, "a263616c672663736967");
		add_string(&b, 2, signature.p, signature.n);
	} else {
		add_hex(a, &b, "a0");
	}
	add_hex(a, &b, "686175746844617461");
	add_string(&b, 2, auth.p, auth.n);
	return arena_printf(a,
		"{\"id\":\"%s\",\"response\":{\"clientDataJSON\":\"%s\",\"attestationObject\":\"%s\"}}",
		claimed_id(a, k, ask), text_of(a, str_of(data)), text_of(a, buf_str(&b)));
}

const char *soft_answer(struct arena *a, const struct soft_key *k, const struct soft_ask *ask)
{
	const char *data = client_data(a, ask, "webauthn.get");
	struct str auth = authenticator_data(a, k, ask, false);
	const char *handle = ask->handle == NULL
				     ? ""
				     : arena_printf(a, ",\"userHandle\":\"%s\"", ask->handle);
	return arena_printf(a,
		"{\"id\":\"%s\",\"response\":{\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\","
		"\"signature\":\"%s\"%s}}",
		claimed_id(a, k, ask), text_of(a, str_of(data)), text_of(a, auth),
		text_of(a, sign(a, k, ask, auth, data)), handle);
}
