/*
 * Region memory: one arena a request, one a job, one a record while streaming.
 * Everything handed out is zeroed, aligned for any type, and lives until the
 * arena is reset or freed; nothing is freed singly. Reset wipes what was
 * handed out, so a secret never outlives the request that held it.
 *
 * Foreign handles (PGresult, CURL *, an open transaction) are hung on the
 * arena with arena_defer() and closed by it, newest first: an early
 * `return false` is always right and no handler holds a free().
 *
 * Out of memory ends the process (the parent starts another): these
 * functions never return NULL.
 */
#ifndef GAP_BASE_ARENA_H
#define GAP_BASE_ARENA_H

#include "base/base.h"

struct arena;

/* A new arena; its first block is made on first use. The caller frees it. */
struct arena *arena_new(void);

/* Runs the clean-ups, wipes and frees. Accepts NULL inside, leaves NULL. */
void arena_free(struct arena **a);

/*
 * Runs the clean-ups and wipes. What one use needed, up to 256 KiB, is kept for the next in one block.
 */
void arena_reset(struct arena *a);

/* Zeroed bytes. n may be 0. */
void *arena_alloc(struct arena *a, size_t n);

/*
 * The piece at p, n bytes, has `to` of them from now on, the new ones zeroed: true where it is the newest
 * and room follows it. False: nothing was done.
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
 * Room for one more in a growing array on the arena: returns items, moved and
 * with *cap doubled when len == *cap. The old copy stays behind until reset,
 * so a long array costs at most twice its size.
 */
void *arena_grow(struct arena *a, void *items, size_t len, size_t *cap, size_t size);

/* fn(arg) at reset or free, newest first. */
void arena_defer(struct arena *a, void (*fn)(void *arg), void *arg);

/* Bytes handed out since the last reset: for tests and the memory bench. */
size_t arena_used(const struct arena *a);

#endif
