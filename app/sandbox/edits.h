/*
 * The scripted life of the practice: what its people do to clients and
 * contacts. Part of `POST /sandbox/faults`:
 *
 *   edit=   what happens, one of
 *           rename            value= the new name
 *           contact-name, contact-email, contact-phone    value=; the client's first contact.
 *                             (The client's own modified time stays, as it may at Xero.)
 *           blank             the first contact loses e-mail, phone and mobile
 *           archive, unarchive, delete, restore, prospect
 *           vanish, return    left out of every response, and back again
 *           merge             into=: its contacts move to that client, and it is deleted; nothing
 *                             says that it was a merge
 *           add-client        value= its name
 *           add-contact       value= its name; remove-contact: the first one's link
 *           share-contact, move-contact    into=: the first contact is shared with that
 *                             client, or moves to it
 *           replace           value= the new name: its UUID now stands for another client, without
 *                             contacts
 *           primary           the last contact becomes the only primary
 *           two-primaries, none-primary    every contact is primary, or none is
 *   client= which client: a UUID, a name, or #3 for the third live one. The default is the first
 *           live one (for unarchive, restore, return: the first one that is gone). 2:... is a
 *           client of the second practice.
 *   into=   the other client, in the same notation
 *   count=  how many clients, from that one on (1), or 15% for that share of the live ones
 */
#ifndef GAP_SANDBOX_EDITS_H
#define GAP_SANDBOX_EDITS_H

#include "base/arena.h"
#include "io/pg.h"

struct edit {
	const char *what;
	const char *client, *into, *value, *count; /* "" or NULL when not given */
};

/* The name of edit number i, from 0; NULL after the last. */
const char *edit_name(size_t i);

/*
 * Applies one edit; *touched_r is how many rows or clients it changed. ERR_INVALID with a
 * sentence: no edit of that name, no such client, or a value is missing.
 */
MUSTUSE bool edit_apply(struct pg *db, struct arena *a, const struct edit *edit,
	size_t *touched_r, struct err *e);

/* ---- days.c ---- */

enum { DAYS_LAST = 8 };

/*
 * Plays the edits of `day` (2 to DAYS_LAST; the generated practice is day 1). The practice must
 * have 300 clients or more:
 *
 *   2  three clients change (a name, an e-mail, a phone), and one is merged into another
 *   3  a new client with a contact; one is archived, one deleted
 *   4  one vanishes; a contact moves to another client; another contact becomes primary
 *   5  the vanished client and an archived one come back
 *   6  two clients swap their names; a contact becomes shared
 *   7  15% are archived at once, by mistake
 *   8  as many clients come back
 */
MUSTUSE bool day_play(struct pg *db, struct arena *a, int day, struct err *e);

#endif
