/* Of any bytes as an attestation object, as authenticator data, or as the whole answer: refused, or a key of
 * a length it may have. */
#include "codec/b64.h"
#include "codec/cbor.h"
#include "codec/passkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

/* An item lies within what it was taken from, and takes a byte at least. */
static void walk(struct str in)
{
	struct cbor_item item, value;
	const char *from = in.p, *end = in.p + in.n;
	while (cbor_next(&in, &item)) {
		must(item.whole.p == from && item.whole.n > 0 && in.p == from + item.whole.n);
		must(item.inside.p >= from && item.inside.p + item.inside.n == in.p &&
			in.p <= end);
		if (cbor_get(&item, "authData", &value))
			must(value.whole.p >= item.inside.p &&
				value.whole.p + value.whole.n <= in.p);
		from = in.p;
	}
	must(in.p == from && in.n == (size_t)(end - from));
}

#define CLIENT_DATA(type)            \
	"{\"type\":\"webauthn." type \
	"\",\"challenge\":\"AAAA\",\"origin\":\"https://gap.example\"}"

/* The key's id is not known before it is read: an honest one's, and that of the corpus. */
static const char *answer(struct arena *a, const char *client_data, const char *name,
	const uint8_t *data, size_t size)
{
	return arena_printf(a,
		"{\"id\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"response\":{\"clientDataJSON\":\"%s\",\"%s\":\"%s\",\"signature\":\"AAAA\"}}",
		b64url_encode(a, client_data, strlen(client_data)), name,
		b64url_encode(a, data, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	unsigned char sum[HASH_BYTES];
	static const char zeros[32];
	struct str in = {arena_strndup(a, (const char *)data, size), size};
	struct passkey made, seen;
	struct err e;
	hash_sha256("\0\0\0", 3, sum);
	const struct passkey_rules rules = {.rp_id = "gap.example",
		.origin = "https://gap.example",
		.challenge_hash = {(const char *)sum, sizeof sum}};
	walk((struct str){(const char *)data, size});
	const char *made_of = answer(a, CLIENT_DATA("create"), "attestationObject", data, size);
	if (passkey_register(a, &rules, str_of(made_of), &made, &e))
		must(made.id.n == 32 && made.public_key.n >= 32 &&
			made.public_key.n <= PASSKEY_KEY_MAX && made.sign_count >= 0);
	if (passkey_register(a, &rules, in, &made, &e))
		must(made.id.n > 0 && made.id.n <= PASSKEY_ID_MAX);
	const struct passkey key = {.alg = -7, .id = {zeros, sizeof zeros}, .public_key = in};
	const char *answered = answer(a, CLIENT_DATA("get"), "authenticatorData", data, size);
	must(!passkey_verify(a, &rules, &key, str_of(answered), &seen, &e));
	must(!passkey_verify(a, &rules, &key, in, &seen, &e));
	arena_free(&a);
	return 0;
}
