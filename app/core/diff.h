/*
 * Compares each record of a document with its stored fingerprint: is it new, the
 * same, changed, seen twice, or missing? Holds 33 bytes per stored client and
 * nothing per fetched record, so a run's memory hardly grows with the list.
 * Pure: the caller stages and applies. An id is the 16 bytes of a UUID.
 *
 *  1 DIFF_NEW         not stored, not seen before
 *  2 DIFF_MAYBE_NEW   not stored, perhaps seen before: stage it, then fold doubles
 *  3 DIFF_SAME        stored, equal
 *  4 DIFF_CHANGED     stored, different (or stored without fingerprint: compare the fields)
 *  5 DIFF_AGAIN_SAME  seen before in this document with the same content: nothing to do
 *  6 DIFF_AGAIN       seen before, other content: the later counts; stage, then fold doubles
 *  7 DIFF_HELD        held after an undo, still equal to what was undone: counted, nothing to do
 *
 * "Held after an undo": XPM still sends what an admin undid, so the client stays as the undo left
 * it, until XPM sends something else or an admin ends the hold.
 *
 * Verdict 2 comes from a filter of fixed size (a Bloom filter). It may take a new id for one seen
 * before, but never the other way round.
 */
#ifndef GAP_CORE_DIFF_H
#define GAP_CORE_DIFF_H

#include "base/err.h"
#include "core/client.h"

enum { DIFF_ID_BYTES = 16 };

enum diff_verdict {
	DIFF_NEW,
	DIFF_MAYBE_NEW,
	DIFF_SAME,
	DIFF_CHANGED,
	DIFF_AGAIN_SAME,
	DIFF_AGAIN,
	DIFF_HELD
};

struct diff;

/* Makes room for `stored` clients; diff_store() refuses more. */
struct diff *diff_new(struct arena *a, size_t stored);

/*
 * Adds a stored client; call in ascending order of `id`. fingerprint NULL: none is known.
 * ERR_INTERNAL when out of order or too many.
 */
MUSTUSE bool diff_store(struct diff *d, const unsigned char id[DIFF_ID_BYTES],
	const unsigned char *fingerprint, bool archived, struct err *e);

/*
 * Marks the client that diff_store() added last as held after an undo; its fingerprint is that
 * of the undone record. gone: the undone change was that the client went missing. Then the list
 * is not expected to hold it, and its absence is no news.
 */
void diff_hold(struct diff *d, bool gone);

/*
 * Marks the entry that diff_store() added last as deleted here for good: no run may take this
 * client in again.
 */
void diff_bury(struct diff *d);
bool diff_is_buried(struct diff *d, const unsigned char id[DIFF_ID_BYTES]);

enum diff_verdict diff_judge(struct diff *d, const unsigned char id[DIFF_ID_BYTES],
	const unsigned char fingerprint[CLIENT_FINGERPRINT_BYTES]);

/*
 * For a record that is in the document but is unreadable or left out: the client is not
 * missing. True when it is stored, live and not held as gone.
 */
bool diff_present(struct diff *d, const unsigned char id[DIFF_ID_BYTES]);

/*
 * The number of stored clients; and of those that the list is expected to hold: neither
 * archived nor held as gone.
 */
size_t diff_count(const struct diff *d);
int64_t diff_live(const struct diff *d);
/*
 * The number of clients that stay held and were seen. whole: the document is the whole list;
 * then those that stay held and are not expected in it (archived, or held as gone) count too.
 */
int64_t diff_held(const struct diff *d, bool whole);
/* Does any client stay held, seen or not? */
bool diff_any_held(const struct diff *d);

/*
 * Call only after the document has proved that it is complete and is the whole list: only then
 * can a client be missing. Never call it for a list of changes (modifiedsince), from which
 * nothing can be missing.
 */
struct diff_whole;
const struct diff_whole *diff_whole(const struct diff *d);
/* The next client that is stored and live but was not seen. *at starts as 0. False: no more. */
bool diff_missing(const struct diff_whole *w, size_t *at, unsigned char id_r[DIFF_ID_BYTES]);

/*
 * Converts a canonical UUID to its 16 bytes (false when it is none), and back (36 characters
 * and a NUL).
 */
MUSTUSE bool diff_id(const char *uuid, unsigned char id_r[DIFF_ID_BYTES]);
void diff_uuid(const unsigned char id[DIFF_ID_BYTES], char uuid_r[37]);

#endif
