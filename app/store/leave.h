/*
 * Leaving a practice: what it would mean (for the sheet), what was chosen for
 * its records, and the removal that may follow. The web reads, and takes a
 * removal back; everything else is the worker's.
 */
#ifndef GAP_STORE_LEAVE_H
#define GAP_STORE_LEAVE_H

#include "io/pg.h"

enum { LEAVE_REMOVE_DAYS = 30, LEAVE_TELL_DAYS = 3 };

struct leave_impact {
	int64_t people;	   /* who would see the banner */
	int64_t fix_items; /* clients that need something done in XPM */
	bool review;	   /* a sync waits for review */
};
MUSTUSE bool leave_impact(
	struct pg *db, int64_t org_id, struct leave_impact *i_r, struct err *e);

struct leave_state {
	int64_t removal_at; /* 0: none is to come */
	bool read_only;	    /* kept so at a disconnect */
	bool telling_xero;  /* Xero has still to confirm the end */
};
MUSTUSE bool leave_state(struct pg *db, int64_t org_id, struct leave_state *s_r, struct err *e);

/* ERR_CONFLICT: none was to come, or it has begun. */
MUSTUSE bool leave_cancel(struct pg *db, int64_t org_id, struct err *e);

/* ---- the worker's; inside its transaction ---- */

/* choice: "edit", "read_only" or "remove"; anything else is "edit". */
MUSTUSE bool leave_choose(
	struct pg *db, int64_t org_id, const char *tenant, const char *choice, struct err *e);
/* *was_r: they were read only. */
MUSTUSE bool leave_free(struct pg *db, int64_t org_id, bool *was_r, struct err *e);
/* Connected again: a removal of this practice's records is taken back. */
MUSTUSE bool leave_back(struct pg *db, int64_t org_id, const char *tenant, struct err *e);

struct leave_removal {
	const char *tenant; /* NULL: none is to come */
	const char *zone;
	int64_t left_s, at;
	bool told;
};
/* Holds it: who cancels waits for the end of the transaction. */
MUSTUSE bool leave_removal(
	struct pg *db, int64_t org_id, struct leave_removal *r_r, struct err *e);
MUSTUSE bool leave_told(struct pg *db, int64_t org_id, struct err *e);
/* Clients, contacts and their history go, tombstones stay. *n_r: clients. */
MUSTUSE bool leave_erase(
	struct pg *db, int64_t org_id, const char *tenant, int64_t *n_r, struct err *e);
MUSTUSE bool leave_telling(struct pg *db, int64_t org_id, bool telling, struct err *e);

#endif
