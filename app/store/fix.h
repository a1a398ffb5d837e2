/*
 * The list "Fix in XPM": clients with flags (core/client.h), and records that syncs skip. The
 * run that finds or no longer finds a problem opens or closes its line, in its own transaction;
 * people only assign lines. A line that is opened again goes to the person the last line was
 * assigned to, while that one is kept (GAP_RETENTION_DAYS): a line of the same client with one
 * of the same reasons, or of the same XPM record with the same rule. A user who is not active
 * counts as nobody.
 */
#ifndef GAP_STORE_FIX_H
#define GAP_STORE_FIX_H

#include "core/client.h"
#include "io/pg.h"

enum { FIX_PAGE = 50, FIX_COUNT_MAX = 1000 };

/* FIX_SKIPPED stands in place of a reason's bit, FIX_NOBODY in place of a user's id. */
enum { FIX_SKIPPED = -1, FIX_NOBODY = -1 };

struct fix_line {
	bool mine;
	int64_t fix_id,
		client_id; /* client_id 0: a record that was skipped, so no client is stored */
	const char *name;  /* "": no name */
	int reasons;	   /* of a client: its flags; of a closed line, the last ones */
	const char *rule;  /* of a skipped record: client_rule_text() */
	const char *record_xpm, *web_url;
	int64_t opened_at, assignee;
	const char *assignee_name; /* NULL: nobody */
	int64_t closed_at, closed_run, closed_run_at;
};

struct fix_query {
	int reason;  /* 0: any; a flag; FIX_SKIPPED */
	int64_t who; /* 0: anybody; FIX_NOBODY; else a user_id */
	/* Keyset: lines after this line. key_name NULL: from the start. */
	bool key_mine;
	const char *key_name;
	int64_t key_id;
};
/* At most FIX_PAGE open lines; those of user `me` come first. *more_r: more lines follow. */
MUSTUSE bool fix_page(struct pg *db, struct arena *a, int64_t org_id, int64_t me,
	const struct fix_query *q, const struct fix_line **rows_r, size_t *n_r, bool *more_r,
	struct err *e);
/* Closed lines, newest first, older than fix_id `before` (0: from the newest). */
MUSTUSE bool fix_closed(struct pg *db, struct arena *a, int64_t org_id, int64_t before,
	const struct fix_line **rows_r, size_t *n_r, bool *more_r, struct err *e);
/* Streams all open lines that match the filters. */
MUSTUSE bool fix_each(struct pg *db, int64_t org_id, const struct fix_query *q,
	bool (*row)(void *user, const struct fix_line *l, struct err *e), void *user,
	struct err *e);
/*
 * ERR_NOT_FOUND: no such line in this organisation; another organisation's line gives the same
 * error.
 */
MUSTUSE bool fix_get(
	struct pg *db, int64_t org_id, int64_t fix_id, struct fix_line *l_r, struct err *e);
/* Counts the open lines, and those of user `me`. Each count stops at FIX_COUNT_MAX. */
MUSTUSE bool fix_counts(struct pg *db, int64_t org_id, int64_t me, int64_t *open_r,
	int64_t *mine_r, struct err *e);

/*
 * Assigns a line to user `to`; 0: to nobody. ERR_CONFLICT: the line was closed meanwhile, or
 * `to` is not an active user here.
 */
MUSTUSE bool fix_assign(struct pg *db, int64_t org_id, int64_t fix_id, int64_t to,
	const char *by_name, struct err *e);
/* Adds a notice for one person, unless the same notice is there unread. */
MUSTUSE bool fix_notice(struct pg *db, int64_t org_id, int64_t user_id, const char *body,
	const char *link, struct err *e);

struct fix_person {
	int64_t user_id;
	const char *name;
};
/* The people a line can be assigned to: active users, at most 500. */
MUSTUSE bool fix_people(struct pg *db, struct arena *a, int64_t org_id,
	const struct fix_person **rows_r, size_t *n_r, struct err *e);

/* ---- the worker's; in a run's last transaction ---- */

/*
 * Opens and closes lines for the clients this run changed. A fixed number of statements,
 * whatever the size.
 */
MUSTUSE bool fix_follow(struct pg *db, int64_t run_id, const char *tenant, struct err *e);
/*
 * The same for skipped records. all: the run read the whole list and stored every record it
 * skipped.
 */
MUSTUSE bool fix_follow_skips(struct pg *db, int64_t run_id, bool all, struct err *e);

#endif
