/*
 * Bytes that must not be printed: tokens, keys, codes, passwords. A type of
 * its own, so that no log or format function takes it by accident; the arena
 * it lives on wipes it. The one door out is secret_open(), whose callers are
 * few and easy to read.
 */
#ifndef GAP_BASE_SECRET_H
#define GAP_BASE_SECRET_H

#include "base/str.h"

struct secret;

/* Copies n bytes and adds a NUL behind them. */
struct secret *secret_new(struct arena *a, const void *p, size_t n);

/* The bytes, to hand to a codec or a wire. Do not store the slice. NULL gives an empty slice. */
struct str secret_open(const struct secret *s);

#endif
