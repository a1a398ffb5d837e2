/*
 * Any bytes as a box: never open, unless they are the one box we know. The same bytes as a key file:
 * what is taken can seal and open.
 */
#include "codec/b64.h"
#include "codec/seal.h"
#include "fuzz/fuzz.h"

static const char row[] = "xero_grant:tokens:7:42";
static const char key_line[] =
	"258 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/* "refresh token" sealed with that key for that row: a seed, so that its neighbours are tried. */
static const char known_box[] =
	"0100000102000102030405060708090a0b3567b069a096aa3bf92efceedf1c5de9cb71d9192e59d73cee131e7a"
	"fb";

static void check_box(struct arena *a, struct str box)
{
	const struct seal_keys *keys;
	struct secret *plain;
	struct str known;
	struct err e;
	must(seal_keys_parse(a, str_of(key_line), &keys, &e));
	must(hex_decode(a, str_of(known_box), &known));
	bool open = seal_open(a, keys, box, row, &plain, &e);
	must(open == str_eq(box, known));
	must(open || e.kind == ERR_INTERNAL);
	must(!open || str_is(secret_open(plain), "refresh token"));
}

static void check_keys(struct arena *a, struct str text)
{
	const struct seal_keys *keys;
	struct secret *plain;
	struct str box;
	struct err e;
	if (!seal_keys_parse(a, text, &keys, &e)) {
		must(e.kind == ERR_CONFIG);
		return;
	}
	must(seal_box(a, keys, text, row, &box, &e) || e.kind == ERR_TOO_LARGE);
	if (text.n > SEAL_PLAIN_MAX)
		return;
	must(seal_key_id(box) == seal_newest(keys));
	must(seal_open(a, keys, box, row, &plain, &e) && str_eq(secret_open(plain), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str bytes = {(const char *)data, size};
	check_box(a, bytes);
	check_keys(a, bytes);
	arena_free(&a);
	return 0;
}
