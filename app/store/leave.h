/*
 * Leaving a practice: what it would mean (for the sheet), what was chosen for
 * its records, and the removals that may follow, one a practice. The web reads,
 * and takes a removal back; everything else is the worker's.
 */
#ifndef GAP_STORE_LEAVE_H
#define GAP_STORE_LEAVE_H

#include "io/pg.h"

enum { LEAVE_REMOVE_DAYS = 30, LEAVE_TELL_DAYS = 3, LEAVE_SHOWN_MAX = 20 };

struct leave_impact {
	int64_t people;	   /* who would see the banner */
	int64_t fix_items; /* clients that need something done in XPM */
	bool review;	   /* a sync waits for review */
};
MUSTUSE bool leave_impact(
	struct pg *db, int64_t org_id, struct leave_impact *i_r, struct err *e);

struct leave_state {
	bool read_only;	   /* kept so at a disconnect */
	bool telling_xero; /* Xero has still to confirm the end */
	int64_t removals;  /* how many are to come */
	int64_t newest_removal; /* with the former, another whenever leave_removals would be; 0: none */
};
MUSTUSE bool leave_state(struct pg *db, int64_t org_id, struct leave_state *s_r, struct err *e);

struct leave_to_come {
	int64_t removal_id, at;
	const char *practice; /* what it was called; NULL: not known */
	bool is_former;	      /* it is the practice that was connected last */
};
/* The next one first, LEAVE_SHOWN_MAX at most. */
MUSTUSE bool leave_removals(struct pg *db, struct arena *a, int64_t org_id,
	const struct leave_to_come **rows_r, size_t *n_r, struct err *e);

/* *practice_r as in leave_to_come. ERR_CONFLICT: there is none of that number any more, or it has begun. */
MUSTUSE bool leave_cancel(struct pg *db, int64_t org_id, int64_t removal_id,
	const char **practice_r, struct err *e);

/* ---- the worker's; inside its transaction ---- */

struct leave_choice {
	const char *tenant;
	const char *
		practice; /* its name at Xero, for people; the label that an admin gave it is told instead */
	const char *
		choice; /* "edit", "read_only" or "remove"; anything else, and NULL, is "edit" */
};
/* Of this practice's records. What was promised of another practice's stays. */
MUSTUSE bool leave_choose(
	struct pg *db, int64_t org_id, const struct leave_choice *c, struct err *e);
/* *was_r: they were read only. */
MUSTUSE bool leave_free(struct pg *db, int64_t org_id, bool *was_r, struct err *e);
/* Connected again: a removal of this practice's records is taken back. */
MUSTUSE bool leave_back(struct pg *db, int64_t org_id, const char *tenant, struct err *e);

struct leave_removal {
	const char *tenant;   /* NULL: none is to come */
	const char *practice; /* NULL: not known */
	const char *zone;
	int64_t left_s, at;
	bool told;
};
/* Of this practice. Holds it: who cancels waits for the end of the transaction. */
MUSTUSE bool leave_removal(struct pg *db, int64_t org_id, const char *tenant,
	struct leave_removal *r_r, struct err *e);
MUSTUSE bool leave_told(struct pg *db, int64_t org_id, const char *tenant, struct err *e);
/* Clients, contacts and their history go, tombstones stay. *n_r: clients. */
MUSTUSE bool leave_erase(
	struct pg *db, int64_t org_id, const char *tenant, int64_t *n_r, struct err *e);
MUSTUSE bool leave_telling(struct pg *db, int64_t org_id, bool telling, struct err *e);

#endif
