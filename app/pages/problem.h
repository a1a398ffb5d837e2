/* Every error page, made in one place from struct err. */
#ifndef GAP_PAGES_PROBLEM_H
#define GAP_PAGES_PROBLEM_H

#include "pages/page.h"

extern const struct tmpl_shape problem_shape;

/*
 * Replaces whatever the response held. Who is signed in (p->who) has it inside the app bar, with a way on, out of
 * every transaction; where that needs a database that is away, and for everybody else, it uses none.
 */
void problem_show(struct page *p, const struct err *e, const char *allow);

/* Retry-After where trying again later makes sense. Behind response_begin. */
void problem_headers(struct page *p, const struct err *e);

#endif
