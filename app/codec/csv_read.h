/*
 * CSV in, piece by piece and record by record, in fixed memory: RFC 4180 and what spreadsheets make
 * of it. The separator (comma, semicolon or tab) is the one that stands most often in the first
 * record, or what a line "sep=;" before it says; line ends are CR LF, LF or CR; a byte order mark is
 * passed over; blank lines are no records.
 *
 * Only text in UTF-8 is read. A file in UTF-16, or a first record that is not UTF-8, is refused as a
 * whole; any later record with a fault is handed out with it, so that every row can be explained.
 * A quote inside a cell that does not begin with one stands for itself.
 */
#ifndef GAP_CODEC_CSV_READ_H
#define GAP_CODEC_CSV_READ_H

#include "base/err.h"
#include "base/str.h"

enum {
	CSV_CELL_MAX = 1024,	   /* bytes kept of a cell */
	CSV_CELLS_MAX = 64,	   /* kept of a record */
	CSV_RECORD_MAX = 16 * 1024 /* bytes kept of a record; the first one must fit whole */
};

enum csv_fault {
	CSV_NOT_UTF8 = 1, /* bad bytes became '?' */
	CSV_NUL = 2,	  /* NUL bytes became '?' */
	CSV_CELL_CUT = 4, /* a cell was longer than CSV_CELL_MAX: cut at a code point */
	CSV_RECORD_CUT =
		8, /* the record was longer than CSV_RECORD_MAX, or had more cells than CSV_CELLS_MAX */
	CSV_AFTER_QUOTE = 16, /* text between a closing quote and the next separator */
	CSV_OPEN_QUOTE = 32   /* the file ended inside quotes */
};

struct csv_record {
	int64_t line; /* the line of the file that it begins in, from 1 */
	const char *const
		*cells;	 /* valid UTF-8 without NUL, untrimmed; until the call returns */
	size_t n;	 /* >= 1 */
	unsigned faults; /* of enum csv_fault */
};

/* Called for every record, the first one too. False ends the reading with its *e. */
typedef bool csv_sink(void *user, const struct csv_record *r, struct err *e);

struct csv_reader;

/* About 40 KiB on the arena, however long the file is. */
struct csv_reader *csv_reader_new(struct arena *a, csv_sink *sink, void *user);

/* The next bytes, in pieces of any size. ERR_INVALID with a sentence for whoever chose the file. */
MUSTUSE bool csv_reader_feed(struct csv_reader *c, struct str bytes, struct err *e);
/* There are no more: hands out what is left. ERR_INVALID for a file without a record. */
MUSTUSE bool csv_reader_end(struct csv_reader *c, struct err *e);

#endif
