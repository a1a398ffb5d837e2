/*
 * The history of sync runs: lists, one run, its changes, the records it left out. Runs are
 * written by the worker (store/work.h, store/sync.h). Nothing is read as a whole: a page is at
 * most `limit` rows after a key, found by an index, and a stream passes one row at a time.
 */
#ifndef GAP_STORE_RUNS_H
#define GAP_STORE_RUNS_H

#include "core/run.h"
#include "io/pg.h"

struct run_row {
	int64_t run_id, started_at, ended_at;
	int64_t duration_ms; /* milliseconds; 0 while it runs */
	int64_t slot;	     /* the scheduled time this run is for */
	const char *trigger, *state, *asked_by, *cause_text;
	struct run_counts counts;
};

struct run_filter {
	const char *state, *trigger; /* names as in core/run.h; NULL: any */
	int64_t from, until;	     /* started at or after `from` and before `until` */
	bool changed_only;	     /* something was added, changed, archived or restored */
};
/* Newest first; before_id 0: from the newest. filter NULL: all. */
MUSTUSE bool runs_list(struct pg *db, struct arena *a, int64_t org_id,
	const struct run_filter *filter, int64_t before_id, int limit,
	const struct run_row **rows_r, size_t *n_r, struct err *e);
/* Streams all runs of the filter, for the CSV. */
MUSTUSE bool runs_each(struct pg *db, int64_t org_id, const struct run_filter *filter,
	bool (*row)(void *user, const struct run_row *r, struct err *e), void *user,
	struct err *e);
MUSTUSE bool runs_get(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	struct run_row *r_r, struct err *e);

/* The run after this one; run_id 0: none. */
struct run_next {
	int64_t run_id, started_at;
	const char *trigger;
};
MUSTUSE bool runs_next(
	struct pg *db, int64_t org_id, int64_t run_id, struct run_next *next_r, struct err *e);

/*
 * Calls to Xero made for the organisation in the last 24 hours, for any purpose; and what one
 * sync takes (0: unknown yet).
 */
MUSTUSE bool runs_calls(
	struct pg *db, int64_t org_id, int64_t *used_r, int64_t *cost_r, struct err *e);

struct change_row {
	int64_t change_id, client_id, run_id, at;
	const char *client_name; /* NULL: the client was removed for good */
	const char *field, *old, *new;
};
struct change_query {
	const char *kind; /* "new", "archived", "details", "contacts"; NULL: any */
	const char *
		words; /* only of clients that a search for these words finds; "" or NULL: of all */
	int64_t after_id;
	int limit;
};
MUSTUSE bool runs_changes(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	const struct change_query *q, const struct change_row **rows_r, size_t *n_r,
	struct err *e);
/* Streams all of them; q->limit is ignored. */
MUSTUSE bool runs_changes_each(struct pg *db, int64_t org_id, int64_t run_id,
	const struct change_query *q,
	bool (*row)(void *user, const struct change_row *r, struct err *e), void *user,
	struct err *e);

struct skip_row {
	int64_t skip_id;
	int64_t client_id; /* of the stored client with this XPM id; 0: none */
	const char *xpm_id, *name,
		*web_url;	   /* each may be NULL; from XPM, else from the stored client */
	const char *rule, *detail; /* rule: for client_rule_text(); detail may be NULL */
};
/* failed: records that XPM gave no clear answer about; else records that a rule left out. */
MUSTUSE bool runs_skips(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	bool failed, int64_t after_id, int limit, const struct skip_row **rows_r, size_t *n_r,
	struct err *e);
MUSTUSE bool runs_skips_each(struct pg *db, int64_t org_id, int64_t run_id, bool failed,
	bool (*row)(void *user, const struct skip_row *r, struct err *e), void *user,
	struct err *e);

#endif
