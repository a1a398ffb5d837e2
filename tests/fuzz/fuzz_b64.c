/* Whatever goes in comes back; whatever is taken in has one spelling only. */
#include "codec/b64.h"
#include "fuzz/fuzz.h"

typedef char *encoder(struct arena *a, const void *p, size_t n);
typedef bool decoder(struct arena *a, struct str s, struct str *bytes_r);

static void check_bytes(struct arena *a, encoder *to, decoder *from, struct str bytes)
{
	struct str back;
	must(from(a, str_of(to(a, bytes.p, bytes.n)), &back) && str_eq(back, bytes));
}

/* Blanks out and letters of one case: the only freedom the readers give. */
static struct str canonical(struct arena *a, struct str text, bool base32)
{
	char *to = arena_alloc(a, text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool blank = c == ' ' || (c >= '\t' && c <= '\r');
		if (base32 && c >= 'a' && c <= 'z')
			c = (char)(c - 32);
		if (!base32 || !blank)
			to[n++] = c;
	}
	return (struct str){to, n};
}

static void check_text(
	struct arena *a, encoder *to, decoder *from, struct str text, struct str want)
{
	struct str bytes;
	if (from(a, text, &bytes))
		must(str_eq(str_of(to(a, bytes.p, bytes.n)), want));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str s = {(const char *)data, size};
	check_bytes(a, b64url_encode, b64url_decode, s);
	check_bytes(a, base32_encode, base32_decode, s);
	check_bytes(a, hex_encode, hex_decode, s);
	must(strlen(b64_encode(a, s.p, s.n)) == (s.n + 2) / 3 * 4);
	check_text(a, b64url_encode, b64url_decode, s, s);
	check_text(a, base32_encode, base32_decode, s, canonical(a, s, true));
	check_text(a, hex_encode, hex_decode, s, str_of(str_lower(a, s)));
	arena_free(&a);
	return 0;
}
