#include "base/buf.h"

#include <stdarg.h>

void buf_init(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){.arena = a, .max = max, .cap = 64};
	b->data = arena_alloc(a, b->cap);
}

static bool room(struct buf *b, size_t n)
{
	if (b->over || n > b->max - b->len) {
		b->over = true;
		return false;
	}
	if (b->len + n < b->cap)
		return true;
	size_t cap = b->cap * 2;
	while (cap <= b->len + n)
		cap *= 2;
	if (arena_extend(b->arena, b->data, b->cap, cap)) {
		b->cap = cap;
		return true;
	}
	char *data = arena_alloc(b->arena, cap);
	memcpy(data, b->data, b->len);
	b->data = data;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !room(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	if (s != NULL)
		buf_add(b, s, strlen(s));
}

void buf_addstr(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addi(struct buf *b, int64_t n)
{
	buf_printf(b, "%lld", (long long)n);
}

void buf_addn(struct buf *b, int64_t n)
{
	char text[32]; /* 19 digits, 6 commas, a sign */
	size_t at = sizeof text;
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	for (int digits = 0; digits == 0 || left != 0; digits++, left /= 10) {
		if (digits != 0 && digits % 3 == 0)
			text[--at] = ',';
		text[--at] = (char)('0' + left % 10);
	}
	if (n < 0)
		text[--at] = '-';
	buf_add(b, text + at, sizeof text - at);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		bug("buf_printf: bad format %s", fmt);
	if (!room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->over = false;
	b->data[0] = '\0';
}

struct str buf_str(const struct buf *b)
{
	return (struct str){b->data, b->len};
}
