/*
 * Edits made by hand while disconnected. The database marks them as they are made. The first
 * run after a reconnect is held when it would replace any of them, so that an admin sees the
 * list first.
 */
#ifndef GAP_STORE_EDITS_H
#define GAP_STORE_EDITS_H

#include "store/sync.h"

/*
 * In the run's transaction, after everything is staged: stores which edits the run would
 * replace, for its review. *n_r: how many; with 0 nothing is stored.
 */
MUSTUSE bool edits_note(struct pg *db, const struct sync_key *k, const struct sync_stage *s,
	int64_t *n_r, struct err *e);
/* An admin has accepted the list of this held run: those edits may be replaced. */
MUSTUSE bool edits_accept(struct pg *db, int64_t org_id, int64_t run_id, struct err *e);
/* After the apply: clears the marks, since no edit is left to be replaced. */
MUSTUSE bool edits_over(struct pg *db, int64_t org_id, struct err *e);

struct edit_row {
	int64_t client_id;
	const char *client, *field; /* as client_change.field, or "status" */
	const char *who;	   /* the contact's name; NULL: the field is the client's own */
	const char *ours, *theirs; /* NULL: empty */
};
MUSTUSE bool edits_list(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	int limit, const struct edit_row **rows_r, size_t *n_r, struct err *e);

#endif
