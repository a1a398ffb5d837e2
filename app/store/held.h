/*
 * A held run as its review page shows it: why it is held, how much it would change, and which
 * clients. What an admin decides is done by a job (worker/job_review.c).
 */
#ifndef GAP_STORE_HELD_H
#define GAP_STORE_HELD_H

#include "core/run.h"
#include "io/pg.h"

struct held_run {
	int64_t run_id; /* 0: nothing is held */
	int64_t started_at, live;
	struct run_held what; /* for CAUSE_EDITS, edits_list has the edits */
};
MUSTUSE bool held_run(struct pg *db, int64_t org_id, struct held_run *h_r, struct err *e);

struct held_row {
	int64_t client_id;
	const char *name, *kind, *detail; /* kind: "archive" or "blank" */
};
MUSTUSE bool held_changes(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	int limit, const struct held_row **rows_r, size_t *n_r, struct err *e);

#endif
