#include "core/diff.h"

enum {
	FILTER_BITS_LOG2 = 24, /* 2 MiB; at 100,000 new clients one in 500 million is wrong */
	FILTER_HASHES = 6
};

enum mark {
	MARK_ARCHIVED = 1,
	MARK_SEEN = 2,
	MARK_BLANK = 4, /* its fingerprint is not known */
	MARK_HELD = 8,
	MARK_HELD_GONE = 16,
	MARK_BURIED = 32,
	MARKS_KEPT = MARK_ARCHIVED | MARK_HELD | MARK_HELD_GONE /* if the same record comes */
};

struct entry {
	unsigned char id[DIFF_ID_BYTES];
	unsigned char fingerprint[CLIENT_FINGERPRINT_BYTES]; /* of the document, once seen */
	unsigned char marks;
};

struct diff {
	struct entry *entries; /* in ascending order of id */
	size_t n, cap;
	int64_t live;
	unsigned char *filter; /* Bloom filter of the ids seen that are not stored */
};

struct diff *diff_new(struct arena *a, size_t stored)
{
	struct diff *d = arena_new_of(a, struct diff);
	d->entries = arena_array(a, struct entry, stored);
	d->cap = stored;
	d->filter = arena_alloc(a, (size_t)1 << (FILTER_BITS_LOG2 - 3));
	return d;
}

bool diff_store(struct diff *d, const unsigned char id[DIFF_ID_BYTES],
	const unsigned char *fingerprint, bool archived, struct err *e)
{
	if (d->n == d->cap)
		return err_set(e, ERR_INTERNAL, "More clients are stored than were counted.");
	if (d->n > 0 && memcmp(d->entries[d->n - 1].id, id, DIFF_ID_BYTES) >= 0)
		return err_set(e, ERR_INTERNAL, "The stored clients came out of order.");
	struct entry *to = &d->entries[d->n++];
	memcpy(to->id, id, DIFF_ID_BYTES);
	if (fingerprint != NULL)
		memcpy(to->fingerprint, fingerprint, CLIENT_FINGERPRINT_BYTES);
	to->marks = (unsigned char)((archived ? MARK_ARCHIVED : 0) |
				    (fingerprint == NULL ? MARK_BLANK : 0));
	d->live += !archived;
	return true;
}

void diff_hold(struct diff *d, bool gone)
{
	struct entry *last = &d->entries[d->n - 1];
	last->marks |= (unsigned char)(MARK_HELD | (gone ? MARK_HELD_GONE : 0));
	d->live -= gone && (last->marks & MARK_ARCHIVED) == 0;
}

static struct entry *find(struct diff *d, const unsigned char id[DIFF_ID_BYTES])
{
	size_t from = 0, to = d->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = memcmp(d->entries[middle].id, id, DIFF_ID_BYTES);
		if (order == 0)
			return &d->entries[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

void diff_bury(struct diff *d)
{
	d->entries[d->n - 1].marks |= MARK_BURIED;
}

bool diff_is_buried(struct diff *d, const unsigned char id[DIFF_ID_BYTES])
{
	const struct entry *at = find(d, id);
	return at != NULL && (at->marks & MARK_BURIED) != 0;
}

/* The finaliser of MurmurHash3: every bit of `n` affects every bit of the result. */
static uint64_t mixed(uint64_t n)
{
	n = (n ^ n >> 33) * 0xFF51AFD7ED558CCDu;
	n = (n ^ n >> 33) * 0xC4CEB9FE1A85EC53u;
	return n ^ n >> 33;
}

/*
 * Sets the bits of the id; true when all were already set. The ids may be sequential, so they
 * are mixed first.
 */
static bool filter_met(struct diff *d, const unsigned char id[DIFF_ID_BYTES])
{
	uint64_t high = 0, low = 0;
	memcpy(&high, id, sizeof high);
	memcpy(&low, id + sizeof high, sizeof low);
	uint64_t hash = mixed(high ^ mixed(low + 0x9E3779B97F4A7C15u));
	uint64_t step = mixed(hash) | 1;
	bool met = true;
	for (int i = 0; i < FILTER_HASHES; i++, hash += step) {
		size_t bit = (size_t)(hash >> (64 - FILTER_BITS_LOG2));
		unsigned char mask = (unsigned char)(1u << (bit & 7));
		met &= (d->filter[bit >> 3] & mask) != 0;
		d->filter[bit >> 3] |= mask;
	}
	return met;
}

enum diff_verdict diff_judge(struct diff *d, const unsigned char id[DIFF_ID_BYTES],
	const unsigned char fingerprint[CLIENT_FINGERPRINT_BYTES])
{
	struct entry *at = find(d, id);
	if (at == NULL)
		return filter_met(d, id) ? DIFF_MAYBE_NEW : DIFF_NEW;
	bool again = (at->marks & MARK_SEEN) != 0;
	bool blank = (at->marks & MARK_BLANK) != 0;
	bool same =
		!blank && memcmp(at->fingerprint, fingerprint, CLIENT_FINGERPRINT_BYTES) == 0;
	memcpy(at->fingerprint, fingerprint, CLIENT_FINGERPRINT_BYTES);
	at->marks =
		(unsigned char)((at->marks & (same ? MARKS_KEPT : MARK_ARCHIVED)) | MARK_SEEN);
	if (again)
		return same ? DIFF_AGAIN_SAME : DIFF_AGAIN;
	if (!same)
		return DIFF_CHANGED;
	return (at->marks & MARK_HELD) != 0 ? DIFF_HELD : DIFF_SAME;
}

bool diff_present(struct diff *d, const unsigned char id[DIFF_ID_BYTES])
{
	struct entry *at = find(d, id);
	if (at == NULL)
		return false;
	at->marks |= MARK_SEEN;
	return (at->marks & (MARK_ARCHIVED | MARK_HELD_GONE)) == 0;
}

size_t diff_count(const struct diff *d)
{
	return d->n;
}

int64_t diff_live(const struct diff *d)
{
	return d->live;
}

int64_t diff_held(const struct diff *d, bool whole)
{
	unsigned met = MARK_SEEN | (whole ? MARK_ARCHIVED | MARK_HELD_GONE : 0u);
	int64_t held = 0;
	for (size_t i = 0; i < d->n; i++) {
		unsigned char marks = d->entries[i].marks;
		held += (marks & MARK_HELD) != 0 && (marks & met) != 0;
	}
	return held;
}

bool diff_any_held(const struct diff *d)
{
	for (size_t i = 0; i < d->n; i++)
		if ((d->entries[i].marks & MARK_HELD) != 0)
			return true;
	return false;
}

const struct diff_whole *diff_whole(const struct diff *d)
{
	return (const struct diff_whole *)d;
}

bool diff_missing(const struct diff_whole *w, size_t *at, unsigned char id_r[DIFF_ID_BYTES])
{
	const struct diff *d = (const struct diff *)w;
	for (; *at < d->n; ++*at) {
		if ((d->entries[*at].marks & (MARK_SEEN | MARK_ARCHIVED | MARK_HELD_GONE)) != 0)
			continue;
		memcpy(id_r, d->entries[(*at)++].id, DIFF_ID_BYTES);
		return true;
	}
	return false;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool diff_id(const char *uuid, unsigned char id_r[DIFF_ID_BYTES])
{
	size_t n = 0;
	for (const char *p = uuid; *p != '\0'; p++) {
		int half = nibble(*p);
		if (*p == '-')
			continue;
		if (half < 0 || n == 2 * DIFF_ID_BYTES)
			return false;
		id_r[n / 2] = (unsigned char)(n % 2 == 0 ? half << 4 : id_r[n / 2] | half);
		n++;
	}
	return n == 2 * DIFF_ID_BYTES;
}

void diff_uuid(const unsigned char id[DIFF_ID_BYTES], char uuid_r[37])
{
	static const char digits[] = "0123456789abcdef";
	char *to = uuid_r;
	for (size_t i = 0; i < DIFF_ID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[id[i] >> 4];
		*to++ = digits[id[i] & 15];
	}
	*to = '\0';
}
