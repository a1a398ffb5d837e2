/*
 * Has the database gone back in time, by a restore? A worker takes a rising number with its signs of life and
 * keeps it where no backup of the database reaches; a number that it has seen before tells. So does another
 * place: a dump that was read back elsewhere. What was valid then ends at once: sessions, links, codes of
 * passed moments (sql/migrations/0014_engine.sql).
 */
#ifndef GAP_STORE_PULSE_H
#define GAP_STORE_PULSE_H

#include "io/pg.h"

/* Both inside. The caller writes the line in the installation's audit chain. */

/* seen: the highest number so far, 0: none. *restored_r: this call, and no other, found a restore and saw to it. */
MUSTUSE bool pulse_take(
	struct pg *db, int64_t seen, int64_t *pulse_r, bool *restored_r, struct err *e);

/* The operator says so: what pulse_take does when it finds out by itself. The owner's. */
MUSTUSE bool pulse_restored(struct pg *db, struct err *e);

#endif
