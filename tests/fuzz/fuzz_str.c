/* UTF-8, UUIDs and decimal numbers: what is accepted has one meaning and one spelling. */
#include "fuzz/fuzz.h"

/* Another decoder, written from RFC 3629 section 4 alone. -1: not well-formed. */
static int64_t code_points(struct str s)
{
	static const struct {
		unsigned char from, to, low, high;
		size_t more;
	} rows[] = {{0x00, 0x7F, 0, 0, 0}, {0xC2, 0xDF, 0x80, 0xBF, 1},
		{0xE0, 0xE0, 0xA0, 0xBF, 2}, {0xE1, 0xEC, 0x80, 0xBF, 2},
		{0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2},
		{0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3},
		{0xF4, 0xF4, 0x80, 0x8F, 3}};
	const unsigned char *p = (const unsigned char *)s.p;
	int64_t n = 0;
	for (size_t i = 0; i < s.n; n++) {
		size_t k = 0;
		while (k < ARRAY_LEN(rows) && !(p[i] >= rows[k].from && p[i] <= rows[k].to))
			k++;
		if (k == ARRAY_LEN(rows) || s.n - i <= rows[k].more)
			return -1;
		for (size_t j = 1; j <= rows[k].more; j++) {
			unsigned char low = j == 1 ? rows[k].low : 0x80;
			unsigned char high = j == 1 ? rows[k].high : 0xBF;
			if (p[i + j] < low || p[i + j] > high)
				return -1;
		}
		i += 1 + rows[k].more;
	}
	return n;
}

static void check_uuid(struct str s)
{
	char once[37], twice[37];
	if (!str_uuid(s, once))
		return;
	must(s.n == 36 && strlen(once) == 36 && str_is_ci(s, once));
	must(strspn(once, "0123456789abcdef-") == 36);
	must(str_uuid(str_of(once), twice) && strcmp(once, twice) == 0);
}

static void check_number(struct arena *a, struct str s)
{
	int64_t n = 0;
	if (!str_to_i64(s, &n))
		return;
	must(str_is(s, arena_printf(a, "%lld", (long long)n)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str s = {(const char *)data, size}, rest = s, piece;
	int64_t points = code_points(s);
	must(str_utf8_valid(s) == (points >= 0));
	must(points < 0 || str_utf8_len(s) == (size_t)points);
	check_uuid(s);
	check_number(a, s);
	struct str trimmed = str_trim(s);
	must(trimmed.n <= s.n && str_eq(str_trim(trimmed), trimmed));
	size_t total = 0;
	while (str_next(&rest, '/', &piece)) {
		must(!str_has(piece, '/'));
		total += piece.n;
	}
	must(total <= s.n);
	arena_free(&a);
	return 0;
}
