/*
 * A run described in sentences, from its stored row; and what the run's files share with its
 * tabs.
 */
#ifndef GAP_PAGES_SYNC_LOG_H
#define GAP_PAGES_SYNC_LOG_H

#include "pages/syncs.h"

struct log_line {
	const struct moment *at; /* NULL when only the order is known */
	const char *words, *by;	 /* by: who asked for it; NULL: nobody */
	const struct moment *slot;
	const char *link; /* to another sync, with its start time; NULL: none */
	const struct moment *link_at;
};
extern const struct tmpl_shape log_line_shape;

/* The whole line as one sentence, for a CSV file. */
const char *log_words(struct page *p, const struct log_line *l);

/* The log of run r: a list of struct log_line, in the order of events. */
MUSTUSE bool log_fill(
	struct page *p, const struct run_row *r, struct tmpl_list *lines_r, struct err *e);

/* The query of the tab Changes; it asks for one row more than a page. */
struct change_query sync_changes_query(const struct page *p);

#endif
