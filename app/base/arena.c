#include "base/arena.h"

#include <stdarg.h>

/* KEPT_MAX: the most that an arena keeps allocated between two uses. */
enum { BLOCK_SIZE = 16 * 1024, KEPT_MAX = 256 * 1024, ALIGN = 16 };

struct block {
	struct block *next;
	size_t cap, used;
	_Alignas(ALIGN) unsigned char data[];
};

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *blocks; /* newest first */
	struct cleanup *cleanups;
	size_t used;
	size_t first_cap; /* of the next block when there is none; 0: BLOCK_SIZE */
};

static void *must(void *p)
{
	if (p == NULL)
		die("out of memory");
	return p;
}

struct arena *arena_new(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

static void run_cleanups(struct arena *a)
{
	while (a->cleanups != NULL) {
		struct cleanup *c = a->cleanups;
		a->cleanups = c->next;
		c->fn(c->arg);
		free(c);
	}
}

/* Frees the blocks, but keeps one that has at least `cap` bytes, if there is one. */
static void wipe(struct arena *a, size_t cap)
{
	struct block *kept = NULL;
	while (a->blocks != NULL) {
		struct block *b = a->blocks;
		a->blocks = b->next;
		explicit_bzero(b->data, b->used);
		b->used = 0;
		b->next = NULL;
		if (kept == NULL && b->cap >= cap && b->cap <= KEPT_MAX)
			kept = b;
		else
			free(b);
	}
	a->blocks = kept;
}

/*
 * Keeps one block for all that was in use, so that a next use of the same size allocates
 * nothing.
 */
void arena_reset(struct arena *a)
{
	size_t cap = BLOCK_SIZE;
	run_cleanups(a);
	while (cap < a->used && cap < KEPT_MAX)
		cap *= 2;
	wipe(a, cap);
	a->first_cap = cap;
	a->used = 0;
}

void arena_free(struct arena **a)
{
	if (*a == NULL)
		return;
	run_cleanups(*a);
	wipe(*a, SIZE_MAX);
	free(*a);
	*a = NULL;
}

static struct block *block_for(struct arena *a, size_t n)
{
	struct block *b = a->blocks;
	if (b != NULL && b->cap - b->used >= n)
		return b;
	size_t cap = b == NULL && a->first_cap > BLOCK_SIZE ? a->first_cap : BLOCK_SIZE;
	cap = n > cap ? n : cap;
	b = must(calloc(1, sizeof *b + cap));
	b->cap = cap;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

static size_t aligned(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

void *arena_alloc(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		die("out of memory: one piece of %zu bytes", n);
	size_t want = aligned(n);
	struct block *b = block_for(a, want);
	void *p = b->data + b->used;
	b->used += want;
	a->used += want;
	return p;
}

bool arena_extend(struct arena *a, const void *p, size_t n, size_t to)
{
	struct block *b = a->blocks;
	if (b == NULL || n > to || to > SIZE_MAX / 2 || b->used < aligned(n) ||
		p != b->data + (b->used - aligned(n)) ||
		aligned(to) - aligned(n) > b->cap - b->used)
		return false;
	b->used += aligned(to) - aligned(n);
	a->used += aligned(to) - aligned(n);
	return true;
}

void *arena_alloc_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / 2 / size)
		die("out of memory: %zu pieces of %zu bytes", n, size);
	return arena_alloc(a, n * size);
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
	void *to = arena_alloc(a, n);
	if (n != 0)
		memcpy(to, p, n);
	return to;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *to = arena_alloc(a, n + 1);
	if (n != 0)
		memcpy(to, s, n);
	return to;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		bug("arena_printf: bad format %s", fmt);
	char *to = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return to;
}

void *arena_grow(struct arena *a, void *items, size_t len, size_t *cap, size_t size)
{
	if (len < *cap)
		return items;
	size_t more = *cap == 0 ? 8 : *cap * 2;
	void *to = arena_alloc_array(a, more, size);
	if (len != 0)
		memcpy(to, items, len * size);
	*cap = more;
	return to;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct cleanup *c = must(calloc(1, sizeof *c));
	c->fn = fn;
	c->arg = arg;
	c->next = a->cleanups;
	a->cleanups = c;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
