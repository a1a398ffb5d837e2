/*
 * What somebody has to put right in XPM: clients with flags (core/client.h) and records that syncs skip.
 * A line opens and closes by itself, in the transaction of the run that finds it; people only say
 * who takes care of it. One that comes again, wrong anew or back from another practice, goes to whom
 * the last one was given, as long as that one is kept (GAP_RETENTION_DAYS): of the same client for one
 * of the same reasons, of the same record of XPM by the same rule. Who is not active any more takes
 * care of nothing, here as elsewhere.
 */
#ifndef GAP_STORE_FIX_H
#define GAP_STORE_FIX_H

#include "core/client.h"
#include "io/pg.h"

enum { FIX_PAGE = 50, FIX_COUNT_MAX = 1000 };

/* Instead of a bit of the flags, and instead of a user's number. */
enum { FIX_SKIPPED = -1, FIX_NOBODY = -1 };

struct fix_line {
	bool mine;
	int64_t fix_id, client_id; /* client_id 0: a skipped record, which is no client here */
	const char *name;	   /* "": it has none */
	int reasons;		   /* of a client; when closed, those it had last */
	const char *rule;	   /* of a skipped record: client_rule_text() */
	const char *record_xpm, *web_url;
	int64_t opened_at, assignee;
	const char *assignee_name; /* NULL: nobody */
	int64_t closed_at, closed_run, closed_run_at;
};

struct fix_query {
	int reason;  /* 0: any; a flag; FIX_SKIPPED */
	int64_t who; /* 0: anybody; FIX_NOBODY; a user */
	/* Keyset: lines after this one. key_name NULL: from the start. */
	bool key_mine;
	const char *key_name;
	int64_t key_id;
};
/* At most FIX_PAGE; *more_r: there are others behind. `me`: whose come first. */
MUSTUSE bool fix_page(struct pg *db, struct arena *a, int64_t org_id, int64_t me,
	const struct fix_query *q, const struct fix_line **rows_r, size_t *n_r, bool *more_r,
	struct err *e);
/* Closed ones, the newest first, behind `before` (0: from the newest). */
MUSTUSE bool fix_closed(struct pg *db, struct arena *a, int64_t org_id, int64_t before,
	const struct fix_line **rows_r, size_t *n_r, bool *more_r, struct err *e);
/* Streams the open ones of the filters. */
MUSTUSE bool fix_each(struct pg *db, int64_t org_id, const struct fix_query *q,
	bool (*row)(void *user, const struct fix_line *l, struct err *e), void *user,
	struct err *e);
/* ERR_NOT_FOUND, the same for another organisation's. */
MUSTUSE bool fix_get(
	struct pg *db, int64_t org_id, int64_t fix_id, struct fix_line *l_r, struct err *e);
/* Open ones, and mine: FIX_COUNT_MAX means that or more. */
MUSTUSE bool fix_counts(struct pg *db, int64_t org_id, int64_t me, int64_t *open_r,
	int64_t *mine_r, struct err *e);

/* to 0: nobody. ERR_CONFLICT: closed meanwhile, or nobody of that number is active here. */
MUSTUSE bool fix_assign(struct pg *db, int64_t org_id, int64_t fix_id, int64_t to,
	const char *by_name, struct err *e);
/* In the bell of one person, unless the same stands there unread. */
MUSTUSE bool fix_notice(struct pg *db, int64_t org_id, int64_t user_id, const char *body,
	const char *link, struct err *e);

struct fix_person {
	int64_t user_id;
	const char *name;
};
/* Whom a line can be given to: active people, at most 500. */
MUSTUSE bool fix_people(struct pg *db, struct arena *a, int64_t org_id,
	const struct fix_person **rows_r, size_t *n_r, struct err *e);

/* ---- the worker's, inside a run's last transaction ---- */

/* Clients have changed. So many statements whatever the size. */
MUSTUSE bool fix_follow(struct pg *db, int64_t run_id, const char *tenant, struct err *e);
/* all: the run read the whole list and kept a row of each record it skipped. */
MUSTUSE bool fix_follow_skips(struct pg *db, int64_t run_id, bool all, struct err *e);

#endif
