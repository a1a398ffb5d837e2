/*
 * A cache of rendered pieces of pages, one per process: markup by key. The least recently used
 * entry is evicted first. The cache is bounded in entries and in bytes, and an evicted entry is
 * wiped. The cache does not know what a key means: the caller puts into the key everything that
 * the piece depends on, the organisation first.
 */
#ifndef GAP_WEB_KEEP_H
#define GAP_WEB_KEEP_H

#include "codec/html.h"

enum {
	KEEP_ENTRIES = 32,
	KEEP_BYTES = 1024 * 1024,
	KEEP_PIECE_MAX = 128 * 1024,
	KEEP_KEY_MAX = 4096
};

struct keep;

/* A new, empty cache. It is wiped and freed with the arena. */
struct keep *keep_new(struct arena *a);

/*
 * The piece stored under `key`, or NULL markup when there is none. Valid until the next
 * keep_put or keep_clear.
 */
struct html keep_get(struct keep *k, const char *key);

/*
 * Stores a copy of `piece` under `key`. A piece with NULL markup, or one larger than
 * KEEP_PIECE_MAX, is not stored.
 */
void keep_put(struct keep *k, const char *key, struct html piece);

/* Wipes and removes every entry. */
void keep_clear(struct keep *k);

/* Bytes stored, keys included; at most KEEP_BYTES. */
size_t keep_used(const struct keep *k);

#endif
