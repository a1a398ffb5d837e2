/*
 * A person's preview of a client list from a file: written row by row while the file comes, marked as a
 * whole, then imported by the worker, or dropped. Client tables are touched by import_apply alone.
 */
#ifndef GAP_STORE_IMPORT_H
#define GAP_STORE_IMPORT_H

#include "core/import.h"
#include "io/pg.h"

enum { IMPORT_PAGE = 50, IMPORT_WAIT_S = 10, IMPORT_PATIENCE_S = 300 /* a statement */ };

struct import_who {
	int64_t org_id, user_id;
};

/*
 * Writing, inside pg_begin: import_start, import_put for each row, import_end. The preview of before is gone.
 * ERR_LIMITED while another file of this organisation, or two of others, are worked on, and while the preview of
 * before is being imported.
 */
struct import_writer;
MUSTUSE bool import_start(struct pg *db, struct arena *a, struct import_who who,
	const char *file_name, const char *ignored, struct import_writer **w_r, struct err *e);
/* Batched: memory stays flat. ERR_INVALID over IMPORT_ROWS_MAX. The row may go after this. */
MUSTUSE bool import_put(struct import_writer *w, const struct import_row *row, struct err *e);
/* ERR_INVALID when there was no row. */
MUSTUSE bool import_end(struct import_writer *w, struct err *e);

struct import_counts {
	int64_t rows[IMPORT_MARK__MAX];
	int64_t all;
	int64_t clients; /* that will be added */
};
struct import_preview {
	const char *file_name, *ignored;
	int64_t created_at;
	enum import_state state;
	const char *
		said; /* of IMPORT_DONE what was added, of IMPORT_FAILED why nothing was; else "" */
	int64_t asked_at, asked_clients; /* of IMPORT_ASKED: since when, and how many it said */
	struct import_counts counts;	 /* of one that can be looked through; else zeros */
};
/* ERR_NOT_FOUND: none, or older than IMPORT_KEEP_S and not asked for. */
MUSTUSE bool import_get(
	struct pg *db, struct import_who who, struct import_preview *p_r, struct err *e);

struct import_line {
	int64_t line;
	const char *cell[IMPORT_COLUMN__MAX];
	enum import_mark mark;
	const char *reason; /* "" where the twin says it */
	/* Status of the client it will be in: that of the first of its rows that has one. NULL: not added. */
	const char *becomes;
	/* Duplicate of this client (0: of none), or of this line; for IMPORT_HELD the line with the fault. */
	int64_t twin_client;
	const char *twin_name;
	int64_t twin_line;
};
/* IMPORT_PAGE lines behind the first `skip` of that mark; IMPORT_MARK__MAX: of all. */
MUSTUSE bool import_page(struct pg *db, struct arena *a, struct import_who who,
	enum import_mark mark, int64_t skip, const struct import_line **lines_r, size_t *n_r,
	struct err *e);
/* Everything that will not be added, one at a time. */
MUSTUSE bool import_rejected(struct pg *db, struct import_who who,
	bool (*line)(void *user, const struct import_line *l, struct err *e), void *user,
	struct err *e);

/*
 * "Import", inside pg_begin: queues the job for the preview made at `created_at`, of which `clients` clients were
 * seen to be added. *asked_r false: it cannot be asked for, or has been already; import_get tells which.
 */
MUSTUSE bool import_ask(struct pg *db, struct import_who who, const char *user_name,
	int64_t clients, int64_t created_at, bool *asked_r, struct err *e);

/* Drops the preview, unless it is IMPORT_ASKED or IMPORT_DONE: then *dropped_r is false, as when there is none. */
MUSTUSE bool import_forget(
	struct pg *db, struct import_who who, bool *dropped_r, struct err *e);

/* ---- the worker's, inside pg_begin ---- */

struct import_outcome {
	/*
	 * IMPORT_ASKED: another file of the organisation is at work, try later. IMPORT_SHOWN: nothing is asked for any
	 * more. IMPORT_FAILED: a practice is connected. IMPORT_CHANGED: only the marks were renewed. IMPORT_DONE.
	 */
	enum import_state state;
	const char *said; /* of IMPORT_FAILED and IMPORT_DONE; on the connection's arena */
	int64_t clients, contacts;
};
/*
 * Locks the list, marks the rows against it as it is now, and adds what is good, with its history ("Ada (import)");
 * the rows are then gone. What came of it is written into the preview, in the same transaction. ERR_CONFLICT: import_fail ended it meanwhile.
 */
MUSTUSE bool import_apply(struct pg *db, struct arena *a, struct import_who who,
	const char *user_name, struct import_outcome *o_r, struct err *e);

/* It ended without import_apply's word: IMPORT_FAILED with this sentence. *told_r false: it was not asked for. */
MUSTUSE bool import_fail(
	struct pg *db, struct import_who who, const char *said, bool *told_r, struct err *e);

#endif
