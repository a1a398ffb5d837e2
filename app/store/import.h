/*
 * The preview of a client list uploaded as a file: one a user. Rows are stored while the file
 * is read, then marked all together, then imported by the worker or dropped. Only import_apply
 * writes client tables.
 */
#ifndef GAP_STORE_IMPORT_H
#define GAP_STORE_IMPORT_H

#include "core/import.h"
#include "io/pg.h"

enum {
	IMPORT_PAGE = 50,
	IMPORT_WAIT_S = 10,
	IMPORT_PATIENCE_S = 300 /* seconds a statement may take */
};

struct import_who {
	int64_t org_id, user_id;
};

/*
 * Writing a preview, in the caller's transaction: import_start, import_put for each row,
 * import_end. It replaces the user's earlier preview. ERR_LIMITED: another file of this
 * organisation or two files of other organisations are being read, or the earlier preview is
 * being imported.
 */
struct import_writer;
MUSTUSE bool import_start(struct pg *db, struct arena *a, struct import_who who,
	const char *file_name, const char *ignored, struct import_writer **w_r, struct err *e);
/*
 * Adds a row, in batches of constant memory. ERR_INVALID: more than IMPORT_ROWS_MAX rows. *row
 * may be released after the call.
 */
MUSTUSE bool import_put(struct import_writer *w, const struct import_row *row, struct err *e);
/* ERR_INVALID: the file had no row. */
MUSTUSE bool import_end(struct import_writer *w, struct err *e);

struct import_counts {
	int64_t rows[IMPORT_MARK__MAX];
	int64_t all;
	int64_t clients; /* clients that the import will add */
};
struct import_preview {
	const char *file_name, *ignored;
	int64_t created_at;
	enum import_state state;
	const char *
		said; /* IMPORT_DONE: what was added; IMPORT_FAILED: why nothing was; else "" */
	int64_t asked_at,
		asked_clients; /* IMPORT_ASKED: when, and how many clients the user was shown */
	struct import_counts counts; /* zeros unless the rows can be shown */
};
/* ERR_NOT_FOUND: no preview, or one that is older than IMPORT_KEEP_S and was not asked for. */
MUSTUSE bool import_get(
	struct pg *db, struct import_who who, struct import_preview *p_r, struct err *e);

struct import_line {
	int64_t line;
	const char *cell[IMPORT_COLUMN__MAX];
	enum import_mark mark;
	const char *reason; /* "": the twin_ fields say it */
	/*
	 * Status of the client this row will be part of: that of the client's first row that
	 * has one. NULL: not added.
	 */
	const char *becomes;
	/*
	 * A duplicate of this stored client (0: none) or of this line. For IMPORT_HELD,
	 * twin_line has the fault.
	 */
	int64_t twin_client;
	const char *twin_name;
	int64_t twin_line;
};
/*
 * IMPORT_PAGE lines with this mark, after the first `skip`; IMPORT_MARK__MAX: lines with any
 * mark.
 */
MUSTUSE bool import_page(struct pg *db, struct arena *a, struct import_who who,
	enum import_mark mark, int64_t skip, const struct import_line **lines_r, size_t *n_r,
	struct err *e);
/* Passes every line that will not be added to `line`. */
MUSTUSE bool import_rejected(struct pg *db, struct import_who who,
	bool (*line)(void *user, const struct import_line *l, struct err *e), void *user,
	struct err *e);

/*
 * "Import", in the caller's transaction: queues the job for the preview made at `created_at`.
 * `clients`: how many clients the user was told will be added. *asked_r false: the preview
 * cannot be imported, or was asked for already; import_get tells which.
 */
MUSTUSE bool import_ask(struct pg *db, struct import_who who, const char *user_name,
	int64_t clients, int64_t created_at, bool *asked_r, struct err *e);

/*
 * Drops the preview. *dropped_r false: there is none, or it is IMPORT_ASKED or IMPORT_DONE and
 * stays.
 */
MUSTUSE bool import_forget(
	struct pg *db, struct import_who who, bool *dropped_r, struct err *e);

/* ---- the worker's; in the caller's transaction ---- */

struct import_outcome {
	/*
	 * IMPORT_ASKED: another file of the organisation is being imported, try later.
	 * IMPORT_SHOWN: no import is asked for any more. IMPORT_FAILED: a practice is
	 * connected. IMPORT_CHANGED: the client list had changed, so only the marks were
	 * renewed. IMPORT_DONE: imported.
	 */
	enum import_state state;
	const char *said; /* for IMPORT_FAILED and IMPORT_DONE; on the connection's arena */
	int64_t clients, contacts;
};
/*
 * Locks the client list, marks the rows again as the list is now, adds the good ones with their
 * history (by "Ada (import)" for user_name "Ada"), and deletes the rows. The outcome is stored in
 * the preview, in the same transaction and last: its row is locked only then.
 * ERR_CONFLICT: import_fail ended it meanwhile.
 */
MUSTUSE bool import_apply(struct pg *db, struct arena *a, struct import_who who,
	const char *user_name, struct import_outcome *o_r, struct err *e);

/*
 * Ends an import that failed: IMPORT_FAILED with this sentence. *told_r false: no import was
 * asked for.
 */
MUSTUSE bool import_fail(
	struct pg *db, struct import_who who, const char *said, bool *told_r, struct err *e);

#endif
