/* A run told in sentences, from what its row remembers; and what the run's files share with its tabs. */
#ifndef GAP_PAGES_SYNC_LOG_H
#define GAP_PAGES_SYNC_LOG_H

#include "pages/syncs.h"

struct log_line {
	const char *at; /* "" where only the order is known */
	const char *words;
	const char *link, *link_words; /* NULL: none */
};
extern const struct tmpl_shape log_line_shape;

/* struct log_line, in the order it happened. */
MUSTUSE bool log_fill(
	struct page *p, const struct run_row *r, struct tmpl_list *lines_r, struct err *e);

/* What the query asks of the tab Changes: one row more than a page. */
struct change_query sync_changes_query(const struct page *p);

#endif
