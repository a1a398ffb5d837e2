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
 *           vanish, return    no longer in any answer, and there again
 *           merge             into=: its contacts go over, it is deleted; no marker anywhere
 *           add-client        value= its name
 *           add-contact       value= its name; remove-contact: the first one's link
 *           share-contact, move-contact    into=: the first contact
 *           replace           value= the new name: its UUID stands for somebody else, without contacts
 *           primary           the last contact becomes the only primary
 *           two-primaries, none-primary    every contact is one, or none is
 *   client= which: a UUID, a name, or #3 for the third live one; the default is the first live
 *           one (for unarchive, restore, return: the first that is gone). 2:... is one of the
 *           second practice.
 *   into=   the other client, in the same words
 *   count=  how many, from that one on (1); 15% of the live ones
 */
#ifndef GAP_SANDBOX_EDITS_H
#define GAP_SANDBOX_EDITS_H

#include "base/arena.h"
#include "io/pg.h"

struct edit {
	const char *what;
	const char *client, *into, *value, *count; /* "" or NULL when not given */
};

/* Every `what`, from 0; NULL behind the last. */
const char *edit_name(size_t i);

/* ERR_INVALID with a sentence: nothing of that name, no such client, a value is missing. */
MUSTUSE bool edit_apply(struct pg *db, struct arena *a, const struct edit *edit,
	size_t *touched_r, struct err *e);

/* ---- days.c ---- */

enum { DAYS_LAST = 8 };

/*
 * Plays what happened on `day` (2 to DAYS_LAST; the generated practice is day 1), in a practice
 * of 300 or more:
 *
 *   2  three change (a name, an e-mail, a phone), and one merges into another
 *   3  a new client with a contact; one is archived, one deleted
 *   4  one vanishes; a contact moves to another client; another primary
 *   5  the vanished one comes back, and an archived one
 *   6  two swap their names; a contact becomes shared
 *   7  15% are archived at once, by mistake
 *   8  as many come back
 */
MUSTUSE bool day_play(struct pg *db, struct arena *a, int day, struct err *e);

#endif
