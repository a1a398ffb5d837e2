/*
 * Client lists as files: which columns count, and what happens to each row. Pure: no socket, no
 * SQL. Rows with the same client name are contacts of one client; its primary contact is the
 * first row marked as primary, else the first row. This file has the rules that need one row
 * only. Those that need the other rows or the client list (duplicates, a client with a bad row)
 * are in sql/migrations/0010_import.sql.
 */
#ifndef GAP_CORE_IMPORT_H
#define GAP_CORE_IMPORT_H

#include "codec/csv_read.h"

enum {
	IMPORT_BYTES_MAX = 10 * 1024 * 1024,
	IMPORT_ROWS_MAX = 50000,
	/* A preview is deleted this long after its file came, or after "Import" was selected. */
	IMPORT_KEEP_S = 24 * 3600
};

enum import_column {
	IMPORT_CLIENT,
	IMPORT_FIRST,
	IMPORT_LAST,
	IMPORT_EMAIL,
	IMPORT_PHONE,
	IMPORT_STATUS,
	IMPORT_PRIMARY,
	IMPORT_COLUMN__MAX
};

/* The mark of a row. The names below are what is stored and filtered by. */
enum import_mark {
	IMPORT_ADD,
	IMPORT_DUPLICATE,  /* the same as a client in the list, or as a row above */
	IMPORT_MISSING,	   /* client, first name, last name or e-mail is missing */
	IMPORT_LONG,	   /* a cell is longer than its field */
	IMPORT_BAD_EMAIL,  /* the address can receive no mail */
	IMPORT_BAD_VALUE,  /* status or primary has a value that is not allowed */
	IMPORT_UNREADABLE, /* not text, broken quotes, or more cells than columns */
	IMPORT_HELD,	   /* the row is good, but another row of its client is not */
	IMPORT_MARK__MAX
};
extern const char *const import_mark_names[IMPORT_MARK__MAX + 1]; /* "add", ...; NULL last */
const char *import_mark_text(enum import_mark m);		  /* "Will be added" */
/* IMPORT_UNREADABLE for an unknown name. */
enum import_mark import_mark_parse(const char *name);

/* The states of a preview, from the upload of the file to the result of "Import". */
enum import_state {
	IMPORT_SHOWN,	/* a person is reviewing it */
	IMPORT_ASKED,	/* "Import" was selected; the worker has to do it */
	IMPORT_DONE,	/* imported; its rows were deleted */
	IMPORT_CHANGED, /* the result would differ from the preview; nothing was added */
	IMPORT_FAILED,	/* nothing was added */
	IMPORT_STATE__MAX
};
extern const char *const import_state_names[IMPORT_STATE__MAX]; /* "shown", ... */
/* IMPORT_FAILED for an unknown name. */
enum import_state import_state_parse(const char *name);

/* "3 clients were added with 4 contacts. 1 row was left out." On the arena. */
const char *import_done_words(
	struct arena *a, int64_t clients, int64_t contacts, int64_t left_out);

/* "Client Name", in the order of the template. */
const char *import_column_name(enum import_column c);

struct import_head {
	int at[IMPORT_COLUMN__MAX]; /* index of the cell in a record; -1: no such column */
	size_t n;		    /* cells of the first record */
	const char *ignored; /* names of the columns that are not read, "A, B"; "" when none */
};
/*
 * Reads the column names from the first record: in any order and case, with any blanks and
 * punctuation between words. The columns "Line" and "Reason", which we add to a file of
 * rejected rows, are skipped. ERR_INVALID when a required column is missing or a column comes
 * twice.
 */
MUSTUSE bool import_head_read(
	struct arena *a, const struct csv_record *r, struct import_head *h_r, struct err *e);

struct import_row {
	int64_t line;
	const char *cell[IMPORT_COLUMN__MAX]; /* trimmed; never NULL */
	enum import_mark mark;		      /* IMPORT_ADD: the row by itself has no fault */
	const char *reason;		      /* one sentence per fault; "" when none */
	/* Set only when the row has no fault: */
	bool is_primary, has_status, is_prospect;
	const char *contact_name;		    /* first and last name, joined */
	const char *client_search, *contact_search; /* both together become client.search */
};
/*
 * Judges one row. False: the row is blank and does not count. A leading ' before = + - @ is
 * removed: our own CSV files have it, against formulas.
 */
MUSTUSE bool import_row_judge(struct arena *a, const struct import_head *h,
	const struct csv_record *r, struct import_row *row_r);

#endif
