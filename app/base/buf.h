/*
 * A growing byte buffer on an arena. Each buffer has a maximum size, set in buf_init(). Bytes
 * that would exceed it are dropped and `over` is set for good, so a writer can go on and its
 * owner checks `over` once, at the end. The contents are always NUL-terminated.
 */
#ifndef GAP_BASE_BUF_H
#define GAP_BASE_BUF_H

#include "base/str.h"

struct buf {
	struct arena *arena;
	char *data; /* NUL-terminated, never NULL after buf_init */
	size_t len, cap, max;
	bool over;
};

void buf_init(struct buf *b, struct arena *a, size_t max);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s); /* NULL adds nothing */
void buf_addstr(struct buf *b, struct str s);
void buf_addc(struct buf *b, char c);
void buf_addi(struct buf *b, int64_t n);
void buf_addn(struct buf *b, int64_t n); /* with thousands separators, "1,234" */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_reset(struct buf *b); /* empties it; the memory is kept */
struct str buf_str(const struct buf *b);

#endif
