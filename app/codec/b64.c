#include "codec/b64.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL	"abcdefghijklmnopqrstuvwxyz"

static const char standard[] = LETTERS SMALL "0123456789+/";
static const char url_safe[] = LETTERS SMALL "0123456789-_";
static const char base32[] = LETTERS "234567";
static const char hex[] = "0123456789abcdef";

/*
 * All four encodings regroup bits from 8 to `width`, most significant first, and look each
 * group up.
 */
static char *encode(
	struct arena *a, const void *bytes, size_t n, unsigned width, const char *alphabet)
{
	const unsigned char *p = bytes;
	char *text = arena_alloc(a, n / width * 8 + (n % width * 8 + width - 1) / width + 4);
	size_t len = 0;
	uint32_t held = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < n; i++) {
		held = (held << 8 | p[i]) & 0xFFFF;
		for (bits += 8; bits >= width; bits -= width)
			text[len++] = alphabet[held >> (bits - width) & ((1U << width) - 1)];
	}
	if (bits != 0)
		text[len++] = alphabet[held << (width - bits) & ((1U << width) - 1)];
	return text;
}

/* The index of `c` in the alphabet; -1 when it is not in it. */
static int digit(const char *alphabet, char c)
{
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);
	return at == NULL ? -1 : (int)(at - alphabet);
}

/*
 * Refuses unused bits that are set, and an unused whole digit, so that each value has only one
 * spelling.
 */
static bool decode(struct arena *a, struct str s, unsigned width, const char *alphabet,
	struct str *bytes_r)
{
	char *bytes = arena_alloc(a, s.n / 8 * width + s.n % 8 * width / 8 + 1);
	size_t len = 0;
	uint32_t held = 0;
	unsigned bits = 0;
	for (size_t i = 0; i < s.n; i++) {
		int d = digit(alphabet, s.p[i]);
		if (d < 0)
			return false;
		held = (held << width | (uint32_t)d) & 0xFFFF;
		bits += width;
		if (bits >= 8) {
			bits -= 8;
			bytes[len++] = (char)(unsigned char)(held >> bits & 0xFF);
		}
	}
	if (bits >= width || (held & ((1U << bits) - 1)) != 0)
		return false;
	*bytes_r = (struct str){bytes, len};
	return true;
}

char *b64url_encode(struct arena *a, const void *p, size_t n)
{
	return encode(a, p, n, 6, url_safe);
}

char *b64_encode(struct arena *a, const void *p, size_t n)
{
	char *text = encode(a, p, n, 6, standard);
	for (size_t len = strlen(text); len % 4 != 0; len++)
		text[len] = '=';
	return text;
}

bool b64url_decode(struct arena *a, struct str s, struct str *bytes_r)
{
	return decode(a, s, 6, url_safe, bytes_r);
}

char *hex_encode(struct arena *a, const void *p, size_t n)
{
	return encode(a, p, n, 4, hex);
}

bool hex_decode(struct arena *a, struct str s, struct str *bytes_r)
{
	return decode(a, str_of(str_lower(a, s)), 4, hex, bytes_r);
}

char *base32_encode(struct arena *a, const void *p, size_t n)
{
	return encode(a, p, n, 5, base32);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool base32_decode(struct arena *a, struct str s, struct str *bytes_r)
{
	char *text = arena_alloc(a, s.n + 1);
	size_t len = 0;
	for (size_t i = 0; i < s.n; i++)
		if (!is_blank(s.p[i]))
			text[len++] =
				s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i];
	return decode(a, (struct str){text, len}, 5, base32, bytes_r);
}
