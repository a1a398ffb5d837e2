/*
 * A file that streams, most often a CSV: head, rows one at a time with flat memory, end. A stream that fails
 * midway breaks the connection, so that half a file never looks whole.
 *
 *     struct download o;
 *     return download_begin(&o, p, "syncs.csv", "syncs.exported", heads, ARRAY_LEN(heads), e) &&
 *            download_end(&o, !o.wanted || runs_each(..., row, &o, e), e);
 */
#ifndef GAP_PAGES_DOWNLOAD_H
#define GAP_PAGES_DOWNLOAD_H

#include "pages/page.h"

struct download {
	struct page *p;
	struct buf lines;
	bool wanted; /* rows are to follow: not HEAD, and the browser is still there */
};

struct download_file {
	const char *type, *name; /* media type; what the browser calls it */
	const char *event,
		*detail; /* of the audit line: HEAD, which gets no rows, leaves none */
};
/* Writes the audit line, then begins the answer. */
MUSTUSE bool download_open(
	struct download *o, struct page *p, const struct download_file *file, struct err *e);
/* The same of a CSV, with the file's name as detail and the names of its columns as first row. */
MUSTUSE bool download_begin(struct download *o, struct page *p, const char *file,
	const char *event, const char *const *heads, size_t n, struct err *e);
/* A cell may be NULL: empty. */
void download_row(struct download *o, const char *const *cells, size_t n);
/* A line of a file that is no CSV; the line feed is added. */
void download_line(struct download *o, const char *text);
/* ok: every row was written. Returns true: whatever happened, it has been answered. */
bool download_end(struct download *o, bool ok, const struct err *why);

#endif
