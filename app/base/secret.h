/*
 * Bytes that must not be printed: tokens, keys, codes, passwords. They have a type of their
 * own, so that no log or format function takes one by accident. A secret lives on an arena,
 * which wipes it. Only secret_open() gives access to the bytes; it has few callers, which are
 * easy to review.
 */
#ifndef GAP_BASE_SECRET_H
#define GAP_BASE_SECRET_H

#include "base/str.h"

struct secret;

/* Copies `n` bytes from `p` and adds a NUL. */
struct secret *secret_new(struct arena *a, const void *p, size_t n);

/*
 * The bytes, to pass to a codec or a connection. Do not store the slice. For NULL the slice is
 * empty.
 */
struct str secret_open(const struct secret *s);

#endif
