/* Of any bytes as an attestation object, or as the whole answer: refused, or a key of a length it may have. */
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

static const char client_data[] =
	"{\"type\":\"webauthn.create\",\"challenge\":\"AAAA\",\"origin\":\"https://gap.example\"}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	unsigned char sum[HASH_BYTES];
	struct str in = {arena_strndup(a, (const char *)data, size), size};
	struct passkey made, seen;
	struct err e;
	hash_sha256("\0\0\0", 3, sum);
	const struct passkey_rules rules = {.rp_id = "gap.example",
		.origin = "https://gap.example",
		.challenge_hash = {(const char *)sum, sizeof sum}};
	walk((struct str){(const char *)data, size});
	/* The key's id is not known before it is read: an honest one's, and that of the corpus. */
	const char *answer = arena_printf(a,
		"{\"id\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"response\":{\"clientDataJSON\":\"%s\",\"attestationObject\":\"%s\"}}",
		b64url_encode(a, client_data, sizeof client_data - 1),
		b64url_encode(a, data, size));
	if (passkey_register(a, &rules, str_of(answer), &made, &e))
		must(made.id.n == 32 && made.public_key.n >= 32 &&
			made.public_key.n <= PASSKEY_KEY_MAX && made.sign_count >= 0);
	if (passkey_register(a, &rules, in, &made, &e))
		must(made.id.n > 0 && made.id.n <= PASSKEY_ID_MAX);
	const struct passkey key = {.alg = -7, .id = STR("id"), .public_key = in};
	must(!passkey_verify(a, &rules, &key, in, &seen, &e));
	arena_free(&a);
	return 0;
}
