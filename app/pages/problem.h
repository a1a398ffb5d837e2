/* Every error page, made in one place from struct err. */
#ifndef GAP_PAGES_PROBLEM_H
#define GAP_PAGES_PROBLEM_H

#include "pages/page.h"

extern const struct tmpl_shape problem_shape;

/*
 * Replaces whatever the response held by the error page for `e`; `allow` is the Allow header of
 * a 405. A signed-in person (p->who) sees it inside the app bar, outside any transaction. When
 * the database is unavailable, and for everybody else, the page uses no database.
 */
void problem_show(struct page *p, const struct err *e, const char *allow);

/* Sets Retry-After when a later attempt makes sense. Call after response_begin. */
void problem_headers(struct page *p, const struct err *e);

#endif
