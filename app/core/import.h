/*
 * Client lists as files: which columns count, and what becomes of each row. Pure: no socket, no SQL. Several
 * rows with the same client name are several contacts of one client; the first row marked as primary, else
 * the first row, is its primary contact. The rules of a row stand here; those that need the other rows or the
 * client list (twins, a client with a bad row) in sql/migrations/0010_import.sql.
 */
#ifndef GAP_CORE_IMPORT_H
#define GAP_CORE_IMPORT_H

#include "codec/csv_read.h"

enum {
	IMPORT_BYTES_MAX = 10 * 1024 * 1024,
	IMPORT_ROWS_MAX = 50000,
	IMPORT_KEEP_S =
		24 * 3600 /* since the file came, or since "Import"; then it is forgotten */
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

/* What a row is marked with, and by what name it is stored and filtered. */
enum import_mark {
	IMPORT_ADD,
	IMPORT_DUPLICATE,  /* of a client in the list, or of a row above */
	IMPORT_MISSING,	   /* client, first or last name, or e-mail */
	IMPORT_LONG,	   /* a cell is longer than its field */
	IMPORT_BAD_EMAIL,  /* no address that mail can reach */
	IMPORT_BAD_VALUE,  /* status or primary is not one of the words */
	IMPORT_UNREADABLE, /* no text, broken quotes, more cells than columns */
	IMPORT_HELD,	   /* fine, but another row of the same client is not */
	IMPORT_MARK__MAX
};
extern const char *const import_mark_names[IMPORT_MARK__MAX + 1]; /* "add", ...; NULL last */
const char *import_mark_text(enum import_mark m);		  /* "Will be added" */
/* IMPORT_UNREADABLE for a name that is none. */
enum import_mark import_mark_parse(const char *name);

/* A preview, from the file to what came of "Import". */
enum import_state {
	IMPORT_SHOWN,	/* to be looked through */
	IMPORT_ASKED,	/* "Import" was selected: the worker's */
	IMPORT_DONE,	/* its rows are gone */
	IMPORT_CHANGED, /* other clients would have been added than were seen; nothing was */
	IMPORT_FAILED,	/* nothing was added */
	IMPORT_STATE__MAX
};
extern const char *const import_state_names[IMPORT_STATE__MAX]; /* "shown", ... */
/* IMPORT_FAILED for a name that is none. */
enum import_state import_state_parse(const char *name);

/* "3 clients were added with 4 contacts. 1 row was left out." On the arena. */
const char *import_done_words(
	struct arena *a, int64_t clients, int64_t contacts, int64_t left_out);

/* "Client Name", in the order of the template. */
const char *import_column_name(enum import_column c);

struct import_head {
	int at[IMPORT_COLUMN__MAX]; /* place in a record; -1: not there */
	size_t n;		    /* cells of the first record */
	const char *ignored;	    /* names of columns nobody reads, "A, B"; "" when none */
};
/*
 * From the first record: names in any case and order, blanks and marks between words as you like. Our own
 * "Line" and "Reason" of a file of rejected rows are passed over. ERR_INVALID when a required column is not
 * there or one is there twice.
 */
MUSTUSE bool import_head_read(
	struct arena *a, const struct csv_record *r, struct import_head *h_r, struct err *e);

struct import_row {
	int64_t line;
	const char *cell[IMPORT_COLUMN__MAX]; /* trimmed; never NULL */
	enum import_mark mark; /* IMPORT_ADD: nothing is wrong with it by itself */
	const char *reason;    /* every fault in a sentence each; "" when none */
	/* Of a row without fault: */
	bool is_primary, has_status, is_prospect;
	const char *contact_name;		    /* first and last name in one */
	const char *client_search, *contact_search; /* together client.search */
};
/* False: a blank row, which is none. A leading ' before = + - @ (our own disarming) is taken off. */
MUSTUSE bool import_row_judge(struct arena *a, const struct import_head *h,
	const struct csv_record *r, struct import_row *row_r);

#endif
