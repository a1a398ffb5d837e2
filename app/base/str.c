#include "base/str.h"

#include "base/buf.h"

struct str str_of(const char *s)
{
	return (struct str){s == NULL ? "" : s, s == NULL ? 0 : strlen(s)};
}

struct str str_sub(struct str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	/* Adding to a NULL pointer is undefined, even when it adds 0. */
	return (struct str){from == 0 ? s.p : s.p + from, n};
}

bool str_empty(struct str s)
{
	return s.n == 0;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *b)
{
	return str_eq(a, str_of(b));
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_is_ci(struct str a, const char *b)
{
	struct str s = str_of(b);
	if (a.n != s.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (fold(a.p[i]) != fold(s.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool str_has(struct str s, char c)
{
	return s.n != 0 && memchr(s.p, c, s.n) != NULL;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n != 0 && is_space(s.p[0]))
		s = (struct str){s.p + 1, s.n - 1};
	while (s.n != 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_cut(struct str s, char sep, struct str *before_r, struct str *after_r)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, sep, s.n);
	if (at == NULL)
		return false;
	size_t i = (size_t)(at - s.p);
	*before_r = (struct str){s.p, i};
	*after_r = (struct str){at + 1, s.n - i - 1};
	return true;
}

bool str_next(struct str *rest, char sep, struct str *piece_r)
{
	if (rest->p == NULL)
		return false;
	if (!str_cut(*rest, sep, piece_r, rest)) {
		*piece_r = *rest;
		*rest = (struct str){NULL, 0};
	}
	return true;
}

char *str_dup(struct arena *a, struct str s)
{
	return arena_strndup(a, s.p, s.n);
}

char *str_lower(struct arena *a, struct str s)
{
	char *to = str_dup(a, s);
	for (size_t i = 0; i < s.n; i++)
		to[i] = fold(to[i]);
	return to;
}

bool str_to_i64(struct str s, int64_t *n_r)
{
	bool neg = s.n != 0 && s.p[0] == '-';
	struct str d = neg ? str_sub(s, 1, s.n) : s;
	if (d.n == 0 || (d.n > 1 && d.p[0] == '0') || (neg && d.p[0] == '0'))
		return false;
	int64_t n = 0;
	for (size_t i = 0; i < d.n; i++) {
		if (d.p[i] < '0' || d.p[i] > '9')
			return false;
		int digit = neg ? '0' - d.p[i] : d.p[i] - '0';
		if (__builtin_mul_overflow(n, (int64_t)10, &n) ||
			__builtin_add_overflow(n, (int64_t)digit, &n))
			return false;
	}
	*n_r = n;
	return true;
}

/* Length of the well-formed UTF-8 sequence at `p` (RFC 3629 section 4); 0 if there is none. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	size_t len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (n < len)
		return 0;
	unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
	unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xBF)
			return 0;
	return len;
}

bool str_utf8_valid(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	for (size_t i = 0; i < s.n;) {
		size_t step = utf8_sequence(p + i, s.n - i);
		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

size_t str_utf8_len(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

uint32_t str_code_point(const char *p, size_t *step_r)
{
	unsigned char c = (unsigned char)p[0];
	*step_r = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	uint32_t point = c < 0x80 ? c : c & (0x7FU >> *step_r);
	for (size_t i = 1; i < *step_r; i++)
		point = point << 6 | ((unsigned char)p[i] & 0x3FU);
	return point;
}

/* The Unicode blocks of right-to-left scripts, and U+200F RIGHT-TO-LEFT MARK. */
static bool is_right_to_left(uint32_t c)
{
	return (c >= 0x590 && c <= 0x8FF) || c == 0x200F || (c >= 0xFB1D && c <= 0xFDFF) ||
	       (c >= 0xFE70 && c <= 0xFEFF) || (c >= 0x10800 && c <= 0x10FFF) ||
	       (c >= 0x1E800 && c <= 0x1EFFF);
}

static bool is_isolate(uint32_t c)
{
	return c >= 0x2066 && c <= 0x2069;
}

/*
 * Every isolate that is opened in `s` is closed in it, and none is closed that was not opened
 * in it.
 */
static bool is_balanced(struct str s)
{
	size_t step = 0, open = 0;
	for (size_t i = 0; i < s.n; i += step) {
		uint32_t c = str_code_point(s.p + i, &step);
		if (c == 0x2069 && open == 0)
			return false;
		open = !is_isolate(c) ? open : c == 0x2069 ? open - 1 : open + 1;
	}
	return open == 0;
}

/*
 * Copies `s` without the characters that would act beyond it. True when the copy must be
 * isolated.
 */
static bool unsteered(struct str s, char *to)
{
	bool right_to_left = false, balanced = is_balanced(s);
	size_t step = 0;
	for (size_t i = 0; i < s.n; i += step) {
		uint32_t c = str_code_point(s.p + i, &step);
		right_to_left = right_to_left || is_right_to_left(c);
		bool steers = (c >= 0x202A && c <= 0x202E) || (is_isolate(c) && !balanced);
		if (!steers) {
			memcpy(to, s.p + i, step);
			to += step;
		}
	}
	*to = '\0';
	return right_to_left;
}

const char *str_isolate(struct arena *a, const char *name)
{
	struct str s = str_of(name);
	size_t plain = 0;
	while (plain < s.n && (unsigned char)s.p[plain] < 0x80)
		plain++;
	if (plain == s.n || !str_utf8_valid(s))
		return name == NULL ? "" : name;
	char *copy = arena_alloc(a, s.n + 1);
	return unsteered(s, copy) ? arena_printf(a, "\xE2\x81\xA8%s\xE2\x81\xA9", copy) : copy;
}

const char *str_number(struct arena *a, int64_t n)
{
	struct buf b;
	buf_init(&b, a, 64);
	buf_addn(&b, n);
	return b.data;
}

const char *str_count(struct arena *a, int64_t n, const char *one, const char *many)
{
	return arena_printf(a, "%s %s", str_number(a, n), n == 1 ? one : many);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool str_uuid(struct str s, char out_r[37])
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		char c = fold(s.p[i]);
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? c != '-' : !is_hex(c))
			return false;
		out_r[i] = c;
	}
	out_r[36] = '\0';
	return true;
}
