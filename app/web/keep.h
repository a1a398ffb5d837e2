/*
 * Rendered pieces of pages that a process keeps for the next request: markup by
 * key, the least used one going first. Bounded in entries and in bytes; wiped
 * when they go. Nothing here knows what a key means: whoever keeps a piece puts
 * everything into its key that the piece depends on, the organisation first.
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

/* Empty; goes with the arena. */
struct keep *keep_new(struct arena *a);

/* The piece kept under the key, good until the next keep_put or keep_clear; NULL markup: none. */
struct html keep_get(struct keep *k, const char *key);

/* Keeps a copy of the piece under the key; none and one larger than KEEP_PIECE_MAX are not kept. */
void keep_put(struct keep *k, const char *key, struct html piece);

/* All of it is forgotten. */
void keep_clear(struct keep *k);

/* Bytes held, keys included; at most KEEP_BYTES. */
size_t keep_used(const struct keep *k);

#endif
