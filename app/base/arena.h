/*
 * Region memory: one arena for each request, each job, or each record while streaming.
 * Everything an arena hands out is zeroed, aligned for any type, and lives until the arena is
 * reset or freed. Single pieces are never freed. A reset wipes what was handed out, so a secret
 * never outlives the request that held it.
 *
 * Foreign handles (PGresult, CURL *, an open transaction) are registered with arena_defer().
 * The arena closes them, newest first. So an early `return false` is always right, and no
 * handler calls free().
 *
 * When memory runs out the process ends (its parent starts another). These functions never
 * return NULL.
 */
#ifndef GAP_BASE_ARENA_H
#define GAP_BASE_ARENA_H

#include "base/base.h"

struct arena;

/*
 * A new arena. Its first block is allocated on first use. The caller frees it with
 * arena_free().
 */
struct arena *arena_new(void);

/* Runs the clean-ups, wipes and frees the arena, and sets *a to NULL. *a may be NULL. */
void arena_free(struct arena **a);

/*
 * Runs the clean-ups and wipes what was handed out. One block is kept for the next use. It is
 * as large as this use needed, up to 256 KiB.
 */
void arena_reset(struct arena *a);

/* Zeroed bytes. n may be 0. */
void *arena_alloc(struct arena *a, size_t n);

/*
 * Grows the piece at `p` in place from `n` to `to` bytes; the new bytes are zeroed. Works only
 * if the piece is the newest of the arena and its block has room behind it. Otherwise returns
 * false and changes nothing.
 */
bool arena_extend(struct arena *a, const void *p, size_t n, size_t to);

/* One zeroed struct / array of n of them. */
#define arena_new_of(a, type)	((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_array((a), (n), sizeof(type)))
void *arena_alloc_array(struct arena *a, size_t n, size_t size);

/* Copies. arena_strdup(NULL) is NULL; arena_strndup adds the NUL. */
void *arena_copy(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/*
 * Makes room for one more item in a growing array on the arena. Returns `items`, or, when len
 * == *cap, a larger copy with *cap doubled. The old copy stays behind until the reset, so a
 * long array costs at most twice its size.
 */
void *arena_grow(struct arena *a, void *items, size_t len, size_t *cap, size_t size);

/* Calls fn(arg) at the reset or when the arena is freed. The newest clean-up runs first. */
void arena_defer(struct arena *a, void (*fn)(void *arg), void *arg);

/* Bytes handed out since the last reset: for tests and the memory bench. */
size_t arena_used(const struct arena *a);

#endif
