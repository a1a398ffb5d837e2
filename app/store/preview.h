/*
 * "Preview first": a practice is connected and its list is read, but nothing of it is stored.
 * An admin answers "Import" or "Cancel" within PREVIEW_LIFE_S; without an answer it is
 * cancelled. Until then no run begins.
 */
#ifndef GAP_STORE_PREVIEW_H
#define GAP_STORE_PREVIEW_H

#include "io/pg.h"

enum { PREVIEW_LIFE_S = 3600, PREVIEW_SKIPS_SHOWN = 50 };

struct preview {
	bool open;
	int64_t attempt_id, user_id;
	const char *trigger; /* trigger of the run that Import begins */
	bool ready, failed;  /* neither: the list is being read */
	const char *why;
	int64_t ends_at;
	int64_t seen, clients, archived, contacts, prospects, skipped, flagged, matches;
};
/* open false: there is no preview. */
MUSTUSE bool preview_get(struct pg *db, int64_t org_id, struct preview *p_r, struct err *e);

struct preview_client {
	const char *name, *contact, *email, *phone;
	bool archived;
};
MUSTUSE bool preview_sample(struct pg *db, struct arena *a, int64_t org_id,
	const struct preview_client **rows_r, size_t *n_r, struct err *e);
struct preview_skip {
	const char *name, *rule;
};
MUSTUSE bool preview_skips(struct pg *db, struct arena *a, int64_t org_id,
	const struct preview_skip **rows_r, size_t *n_r, struct err *e);

/*
 * The three answers, each of which queues its job, in the caller's transaction. ERR_CONFLICT:
 * the preview is not, or no longer, in a state for this answer.
 */
MUSTUSE bool preview_import(struct pg *db, int64_t org_id, struct err *e);
MUSTUSE bool preview_cancel(struct pg *db, int64_t org_id, struct err *e);
MUSTUSE bool preview_again(struct pg *db, int64_t org_id, struct err *e);

/* ---- the worker's ---- */

/*
 * In the transaction that takes a practice: adds the row, the job that reads the list, and the
 * job that cancels when PREVIEW_LIFE_S is over.
 */
MUSTUSE bool preview_begin(
	struct pg *db, int64_t org_id, const struct preview *p, struct err *e);
MUSTUSE bool preview_drop(struct pg *db, int64_t org_id, struct err *e);
/* Counts the rows staged in the open transaction into *p_r; *sample_r: JSON. */
MUSTUSE bool preview_staged(struct pg *db, int64_t org_id, struct preview *p_r,
	const char **sample_r, struct err *e);
/*
 * skips: a JSON array as for sync_skips (store/sync.h). Does nothing if the preview was
 * answered meanwhile.
 */
MUSTUSE bool preview_ready(struct pg *db, int64_t org_id, const struct preview *p,
	const char *sample, const char *skips, struct err *e);
MUSTUSE bool preview_failed(
	struct pg *db, int64_t org_id, int64_t attempt_id, const char *why, struct err *e);
/*
 * In the caller's transaction. *moved_r: the preview was still open, so the caller ends the
 * connection.
 */
MUSTUSE bool preview_end(struct pg *db, int64_t org_id, bool *moved_r, struct err *e);
/* In the caller's transaction, after connection_end. */
MUSTUSE bool preview_forget(struct pg *db, int64_t org_id, struct err *e);

#endif
