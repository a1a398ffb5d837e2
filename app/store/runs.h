/* Sync runs as history: lists, one run, its changes and skips. Writing them is store/sync.h, the worker's. */
#ifndef GAP_STORE_RUNS_H
#define GAP_STORE_RUNS_H

#include "core/run.h"
#include "io/pg.h"

struct run_row {
	int64_t run_id, started_at, ended_at;
	const char *trigger, *state, *asked_by, *cause_text;
	struct run_counts counts;
};
/* Newest first; before 0: from the newest. */
MUSTUSE bool runs_list(struct pg *db, struct arena *a, int64_t org_id, int64_t before_id,
	int limit, const struct run_row **rows_r, size_t *n_r, struct err *e);
MUSTUSE bool runs_get(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	struct run_row *r_r, struct err *e);

struct change_row {
	int64_t client_id, run_id, at;
	const char *client_name, *field, *old, *new;
};
MUSTUSE bool runs_changes(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	int limit, const struct change_row **rows_r, size_t *n_r, struct err *e);

struct skip_row {
	const char *xpm_id, *name, *rule, *detail;
};
MUSTUSE bool runs_skips(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	int limit, const struct skip_row **rows_r, size_t *n_r, struct err *e);

#endif
