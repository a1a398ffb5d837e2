/*
 * Was the database restored from a backup? With its heartbeats a worker takes rising numbers
 * from the database and keeps the highest one in a file, where no backup of the database
 * reaches. If the database hands out a number that was seen before, or if it now runs in
 * another place (a dump read in elsewhere), it was restored. Then sessions and one-time links
 * end at once, and TOTP codes of past time steps stay invalid (sql/migrations/0014_engine.sql).
 */
#ifndef GAP_STORE_PULSE_H
#define GAP_STORE_PULSE_H

#include "io/pg.h"

/*
 * Both run in the caller's transaction. The caller writes the event into the installation's
 * audit chain.
 */

/*
 * seen: the highest number so far, 0: none. *restored_r: this call, and no other, found a
 * restore and handled it.
 */
MUSTUSE bool pulse_take(
	struct pg *db, int64_t seen, int64_t *pulse_r, bool *restored_r, struct err *e);

/*
 * The operator reports a restore: does what pulse_take does when it finds one. Needs the role
 * gap_owner.
 */
MUSTUSE bool pulse_restored(struct pg *db, struct err *e);

#endif
