/*
 * A fetched record against its stored fingerprint: new, same or changed, seen
 * twice, not seen at all. Holds 33 bytes a stored client and nothing a record,
 * so a run's memory hardly grows with the list. Pure; the caller stages and
 * applies. An id is the 16 bytes of a UUID.
 *
 *  1 DIFF_NEW         not stored, not met before
 *  2 DIFF_MAYBE_NEW   not stored, perhaps met before in this document: stage it, then fold doubles
 *  3 DIFF_SAME        stored, equal
 *  4 DIFF_CHANGED     stored, different (or stored without fingerprint: compare the fields)
 *  5 DIFF_AGAIN_SAME  met before in this document with the same content: nothing to do
 *  6 DIFF_AGAIN       met before with other content: the later counts; stage it, then fold doubles
 *  7 DIFF_HELD        stored, and equal to what was undone (rulings 30): nothing to do, counted
 *
 * 2 comes from a filter of fixed size, which may err on that side only.
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

/* Room for `stored` clients; more are a bug. */
struct diff *diff_new(struct arena *a, size_t stored);

/* In rising order of id. fingerprint NULL: none known. ERR_INTERNAL when out of order or too many. */
MUSTUSE bool diff_store(struct diff *d, const unsigned char id[DIFF_ID_BYTES],
	const unsigned char *fingerprint, bool archived, struct err *e);

/*
 * The one stored last is held after an undo: its fingerprint is that of what was undone. `gone`: what was
 * undone is that it had gone, so the list is not expected to hold it, and its absence is nothing new.
 */
void diff_hold(struct diff *d, bool gone);

/* The one stored last is no client any more: it was deleted for good (rule D17), and is not to be taken. */
void diff_bury(struct diff *d);
bool diff_is_buried(struct diff *d, const unsigned char id[DIFF_ID_BYTES]);

enum diff_verdict diff_judge(struct diff *d, const unsigned char id[DIFF_ID_BYTES],
	const unsigned char fingerprint[CLIENT_FINGERPRINT_BYTES]);

/* In the document, but unreadable or left out: not missing. True when it is stored, live and not held as gone. */
bool diff_present(struct diff *d, const unsigned char id[DIFF_ID_BYTES]);

/* Stored clients; and those that the list is expected to hold: not archived, nor held as gone. */
size_t diff_count(const struct diff *d);
int64_t diff_live(const struct diff *d);
/* Those that stay held and were met; with the whole list, those too that it is not expected to hold. */
int64_t diff_held(const struct diff *d, bool whole);
/* Does any stay held, met or not? */
bool diff_any_held(const struct diff *d);

/*
 * The document has proved itself complete, and it was the whole list: only then can anything be missing.
 * Of a list of changes (modifiedsince) there is no such thing, so nothing can be missing from it.
 */
struct diff_whole;
const struct diff_whole *diff_whole(const struct diff *d);
/* Stored, live and not met: *at starts as 0. False: no more. */
bool diff_missing(const struct diff_whole *w, size_t *at, unsigned char id_r[DIFF_ID_BYTES]);

/* Canonical UUID text to its bytes, and back (37 with NUL). False when it is not one. */
MUSTUSE bool diff_id(const char *uuid, unsigned char id_r[DIFF_ID_BYTES]);
void diff_uuid(const unsigned char id[DIFF_ID_BYTES], char uuid_r[37]);

#endif
