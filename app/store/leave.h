/*
 * Leaving a practice: what a disconnect would mean, what an admin chose for the records, and
 * the removals of records that follow, one a practice. The web reads, and cancels removals; the
 * worker does the rest.
 */
#ifndef GAP_STORE_LEAVE_H
#define GAP_STORE_LEAVE_H

#include "io/pg.h"

enum { LEAVE_REMOVE_DAYS = 30, LEAVE_TELL_DAYS = 3, LEAVE_SHOWN_MAX = 20 };

struct leave_impact {
	int64_t people;	   /* users who would see the banner */
	int64_t fix_items; /* clients with an open line under "Fix in XPM" */
	bool review;	   /* a held sync waits for review */
};
MUSTUSE bool leave_impact(
	struct pg *db, int64_t org_id, struct leave_impact *i_r, struct err *e);

struct leave_state {
	bool read_only;		/* an admin chose so at the disconnect */
	bool telling_xero;	/* Xero has not confirmed the end yet */
	int64_t removals;	/* removals that are planned */
	int64_t newest_removal; /* removal_id, 0: none; a poll compares it and `removals` */
};
MUSTUSE bool leave_state(struct pg *db, int64_t org_id, struct leave_state *s_r, struct err *e);

struct leave_to_come {
	int64_t removal_id, at;
	const char *practice; /* its last name; NULL: unknown */
	bool is_former;	      /* it was the last one connected */
};
/* Planned removals, the next one first, at most LEAVE_SHOWN_MAX. */
MUSTUSE bool leave_removals(struct pg *db, struct arena *a, int64_t org_id,
	const struct leave_to_come **rows_r, size_t *n_r, struct err *e);

/*
 * Cancels a removal. *practice_r as in leave_to_come. ERR_CONFLICT: no such removal is planned,
 * or it has begun.
 */
MUSTUSE bool leave_cancel(struct pg *db, int64_t org_id, int64_t removal_id,
	const char **practice_r, struct err *e);

/* ---- the worker's; in its transaction ---- */

struct leave_choice {
	const char *tenant;
	const char *practice; /* its name at Xero; an admin's label for it is used instead */
	const char *
		choice; /* "edit", "read_only" or "remove"; NULL and anything else mean "edit" */
};
/* Stores the choice for this practice's records. Removals planned for other practices stay. */
MUSTUSE bool leave_choose(
	struct pg *db, int64_t org_id, const struct leave_choice *c, struct err *e);
/* Makes read-only records editable. *was_r: they were read only. */
MUSTUSE bool leave_free(struct pg *db, int64_t org_id, bool *was_r, struct err *e);
/* The practice is connected again: cancels the removal of its records. */
MUSTUSE bool leave_back(struct pg *db, int64_t org_id, const char *tenant, struct err *e);

struct leave_removal {
	const char *tenant;   /* NULL: none is planned */
	const char *practice; /* NULL: unknown */
	const char *zone;
	int64_t left_s, at;
	bool told;
};
/*
 * The removal planned for this practice. Locks its row until the transaction ends, so that a
 * cancel waits.
 */
MUSTUSE bool leave_removal(struct pg *db, int64_t org_id, const char *tenant,
	struct leave_removal *r_r, struct err *e);
MUSTUSE bool leave_told(struct pg *db, int64_t org_id, const char *tenant, struct err *e);
/*
 * Deletes the practice's clients, contacts and their history; tombstones stay. *n_r: clients
 * deleted.
 */
MUSTUSE bool leave_erase(
	struct pg *db, int64_t org_id, const char *tenant, int64_t *n_r, struct err *e);
MUSTUSE bool leave_telling(struct pg *db, int64_t org_id, bool telling, struct err *e);

#endif
