/* A held run as its review shows it: why, how much, and which clients (rule D15). Deciding is a job. */
#ifndef GAP_STORE_HELD_H
#define GAP_STORE_HELD_H

#include "core/run.h"
#include "io/pg.h"

struct held_run {
	int64_t run_id; /* 0: nothing is held */
	int64_t started_at, live;
	struct run_held what; /* CAUSE_EDITS: store/edits.h has the list */
};
MUSTUSE bool held_run(struct pg *db, int64_t org_id, struct held_run *h_r, struct err *e);

struct held_row {
	int64_t client_id;
	const char *name, *kind, *detail; /* kind: "archive" or "blank" */
};
MUSTUSE bool held_changes(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	int limit, const struct held_row **rows_r, size_t *n_r, struct err *e);

#endif
