/*
 * A person's preview of a client list from a file: written row by row while the file comes, marked as a
 * whole, then imported or dropped. Client tables are touched by import_apply alone.
 */
#ifndef GAP_STORE_IMPORT_H
#define GAP_STORE_IMPORT_H

#include "core/import.h"
#include "io/pg.h"

enum { IMPORT_PAGE = 50, IMPORT_WAIT_S = 10 };

struct import_who {
	int64_t org_id, user_id;
};

/*
 * Writing, inside pg_begin: import_start, import_put for each row, import_end. The preview of before is gone.
 * ERR_LIMITED while another file of this organisation, or two of others, are worked on.
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
	struct import_counts counts;
};
/* ERR_NOT_FOUND: none, or older than IMPORT_KEEP_S. */
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
 * Inside pg_begin: takes a place as import_start does, locks the list, marks the rows against it as it is now, and adds what is good. ERR_CONFLICT
 * while a practice is connected; ERR_NOT_FOUND without a preview. When other than `clients` clients, of the
 * preview made at `created_at`, would be added, *changed_r is true and only the marks were renewed. The
 * preview is gone after it, and counts_r says what it was.
 */
MUSTUSE bool import_apply(struct pg *db, struct import_who who, int64_t clients,
	int64_t created_at, bool *changed_r, struct import_counts *counts_r, struct err *e);

MUSTUSE bool import_forget(struct pg *db, struct import_who who, struct err *e);

#endif
