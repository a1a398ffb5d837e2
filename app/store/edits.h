/*
 * Edits made by hand while disconnected. The database marks them as they are
 * made; the first run after a reconnect stops when it would replace any, so
 * that they are listed before (rule D25).
 */
#ifndef GAP_STORE_EDITS_H
#define GAP_STORE_EDITS_H

#include "store/sync.h"

/*
 * Inside the run's transaction, everything staged: which edits would be replaced, noted for the run's
 * review. *n_r 0: none, and nothing is left behind.
 */
MUSTUSE bool edits_note(struct pg *db, const struct sync_key *k, const struct sync_stage *s,
	int64_t *n_r, struct err *e);
/* An admin has seen the list of this held run. */
MUSTUSE bool edits_accept(struct pg *db, int64_t org_id, int64_t run_id, struct err *e);
/* Applied: nothing of it is an edit any more. */
MUSTUSE bool edits_over(struct pg *db, int64_t org_id, struct err *e);

struct edit_row {
	int64_t client_id;
	const char *client, *field; /* field as in client_change, or "status" */
	const char *who;	    /* the contact; NULL: the client itself */
	const char *ours, *theirs;  /* NULL: nothing there */
};
MUSTUSE bool edits_list(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	int limit, const struct edit_row **rows_r, size_t *n_r, struct err *e);

#endif
