#include "web/keep.h"

struct entry {
	char *key; /* one allocation: the key, its NUL, the piece; NULL: free */
	const char *piece;
	size_t n; /* bytes of that allocation */
	uint64_t used_at;
};

struct keep {
	struct entry entries[KEEP_ENTRIES];
	uint64_t now; /* a clock that counts uses */
	size_t used;
};

static void drop(struct keep *k, struct entry *e)
{
	if (e->key == NULL)
		return;
	/*
	 * The entry held rows of one organisation, and the memory may serve another one next.
	 */
	explicit_bzero(e->key, e->n);
	free(e->key);
	k->used -= e->n;
	*e = (struct entry){.key = NULL};
}

void keep_clear(struct keep *k)
{
	for (size_t i = 0; i < KEEP_ENTRIES; i++)
		drop(k, &k->entries[i]);
}

static void clear_at_end(void *keep)
{
	keep_clear(keep);
}

struct keep *keep_new(struct arena *a)
{
	struct keep *k = arena_new_of(a, struct keep);
	arena_defer(a, clear_at_end, k);
	return k;
}

static struct entry *find(struct keep *k, const char *key)
{
	for (size_t i = 0; i < KEEP_ENTRIES; i++)
		if (k->entries[i].key != NULL && strcmp(k->entries[i].key, key) == 0)
			return &k->entries[i];
	return NULL;
}

/* The least recently used entry; NULL when the cache is empty. */
static struct entry *oldest(struct keep *k)
{
	struct entry *old = NULL;
	for (size_t i = 0; i < KEEP_ENTRIES; i++) {
		struct entry *e = &k->entries[i];
		if (e->key != NULL && (old == NULL || e->used_at < old->used_at))
			old = e;
	}
	return old;
}

static struct entry *vacant(struct keep *k)
{
	for (size_t i = 0; i < KEEP_ENTRIES; i++)
		if (k->entries[i].key == NULL)
			return &k->entries[i];
	struct entry *e = oldest(k);
	drop(k, e);
	return e;
}

struct html keep_get(struct keep *k, const char *key)
{
	struct entry *e = find(k, key);
	if (e == NULL)
		return (struct html){.markup = NULL};
	e->used_at = ++k->now;
	return (struct html){e->piece};
}

void keep_put(struct keep *k, const char *key, struct html piece)
{
	size_t n_key = strlen(key) + 1;
	size_t n_piece = piece.markup == NULL ? 0 : strlen(piece.markup) + 1;
	struct entry *e = find(k, key);
	if (e != NULL)
		drop(k, e);
	if (n_piece == 0 || n_piece > KEEP_PIECE_MAX || n_key > KEEP_KEY_MAX)
		return;
	while (k->used + n_key + n_piece > KEEP_BYTES)
		drop(k, oldest(k));
	char *bytes = malloc(n_key + n_piece);
	if (bytes == NULL)
		return;
	memcpy(bytes, key, n_key);
	memcpy(bytes + n_key, piece.markup, n_piece);
	e = vacant(k);
	*e = (struct entry){.key = bytes,
		.piece = bytes + n_key,
		.n = n_key + n_piece,
		.used_at = ++k->now};
	k->used += e->n;
}

size_t keep_used(const struct keep *k)
{
	return k->used;
}
