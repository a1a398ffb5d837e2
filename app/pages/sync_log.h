/* A run told in sentences, from what its row remembers; and what the run's files share with its tabs. */
#ifndef GAP_PAGES_SYNC_LOG_H
#define GAP_PAGES_SYNC_LOG_H

#include "pages/syncs.h"

struct log_line {
	const struct moment *at; /* NULL where only the order is known */
	const char *words, *by;	 /* by: who asked for it; NULL: nobody */
	const struct moment *slot;
	const char *link; /* to another sync, with the time of its start; NULL: none */
	const struct moment *link_at;
};
extern const struct tmpl_shape log_line_shape;

/* The whole line as one sentence, for a file. */
const char *log_words(struct page *p, const struct log_line *l);

/* struct log_line, in the order it happened. */
MUSTUSE bool log_fill(
	struct page *p, const struct run_row *r, struct tmpl_list *lines_r, struct err *e);

/* What the query asks of the tab Changes: one row more than a page. */
struct change_query sync_changes_query(const struct page *p);

#endif
