/*
 * A file that is streamed, most often a CSV: header, then one row at a time in constant memory,
 * then the end. When a stream fails midway the connection is broken, so that an incomplete file
 * never looks complete.
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
	/* false for HEAD, or when the browser has disconnected: write no rows */
	bool wanted;
};

struct download_file {
	const char *type, *name; /* media type; the file's name in the browser */
	/* The audit line of the download. HEAD gets no rows and leaves no line. */
	const char *event, *detail;
};
/* Writes the audit line, then begins the response. */
MUSTUSE bool download_open(
	struct download *o, struct page *p, const struct download_file *file, struct err *e);
/*
 * The same for a CSV: the audit detail is the file's name, the first row holds the column names
 * `heads`.
 */
MUSTUSE bool download_begin(struct download *o, struct page *p, const char *file,
	const char *event, const char *const *heads, size_t n, struct err *e);
/* Writes one row. A NULL cell is empty. */
void download_row(struct download *o, const char *const *cells, size_t n);
/* Writes one line of a file that is not a CSV; adds the line feed. */
void download_line(struct download *o, const char *text);
/*
 * Ends the file. `ok`: every row was written. Always returns true: the response is complete or
 * its connection is broken.
 */
bool download_end(struct download *o, bool ok, const struct err *why);

#endif
