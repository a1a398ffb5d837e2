/*
 * Reads CSV, fed in pieces and handed out record by record, in fixed memory: RFC 4180 and what
 * spreadsheets write. The separator (comma, semicolon or tab) is the one named by a first line
 * "sep=;", else the one that occurs most often in the first record. Lines end with CR LF, LF or
 * CR. A byte order mark is skipped. A blank line is not a record.
 *
 * The text must be UTF-8. A file in UTF-16, or one whose first record is not UTF-8, is refused.
 * A later record with a fault is handed out with its faults, so that the caller can explain
 * every row. A quote inside a cell that does not begin with a quote is an ordinary character.
 */
#ifndef GAP_CODEC_CSV_READ_H
#define GAP_CODEC_CSV_READ_H

#include "base/err.h"
#include "base/str.h"

enum {
	CSV_CELL_MAX = 1024,	   /* bytes; a longer cell is cut */
	CSV_CELLS_MAX = 64,	   /* cells of a record; more are dropped */
	CSV_RECORD_MAX = 16 * 1024 /* bytes; a longer record is cut; the first one must fit */
};

enum csv_fault {
	CSV_NOT_UTF8 = 1,     /* bytes that are not UTF-8 were replaced by '?' */
	CSV_NUL = 2,	      /* NUL bytes were replaced by '?' */
	CSV_CELL_CUT = 4,     /* a cell exceeded CSV_CELL_MAX and was cut at a code point */
	CSV_RECORD_CUT = 8,   /* the record exceeded CSV_RECORD_MAX or CSV_CELLS_MAX */
	CSV_AFTER_QUOTE = 16, /* text between a closing quote and the next separator */
	CSV_OPEN_QUOTE = 32   /* the file ended inside quotes */
};

struct csv_record {
	int64_t line;		  /* the line of the file where it begins, from 1 */
	const char *const *cells; /* valid UTF-8, no NUL, not trimmed; valid during the call */
	size_t n;		  /* >= 1 */
	unsigned faults;	  /* bits of enum csv_fault */
};

/* Called for every record, also the first. Returns false, with *e set, to stop. */
typedef bool csv_sink(void *user, const struct csv_record *r, struct err *e);

struct csv_reader;

/* Takes about 40 KiB on the arena, for a file of any size. */
struct csv_reader *csv_reader_new(struct arena *a, csv_sink *sink, void *user);

/*
 * Feeds the next bytes, in pieces of any size. ERR_INVALID with a sentence for the person who
 * chose the file.
 */
MUSTUSE bool csv_reader_feed(struct csv_reader *c, struct str bytes, struct err *e);
/*
 * Call at the end of the file: hands out the last record. ERR_INVALID for a file without a
 * record.
 */
MUSTUSE bool csv_reader_end(struct csv_reader *c, struct err *e);

#endif
