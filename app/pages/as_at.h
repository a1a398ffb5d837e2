/*
 * The client list, and one client, as they were at the end of a day:
 * /clients/as-at?on=2026-11-03. Without a day the page asks for one. A day that cannot be shown
 * gives a sentence beside the field (422).
 */
#ifndef GAP_PAGES_AS_AT_H
#define GAP_PAGES_AS_AT_H

#include "pages/page.h"

extern const struct tmpl_shape as_at_shape;

enum { AS_AT_ON, AS_AT_AFTER, AS_AT_KEY, AS_AT__MAX };
extern const struct field as_at_query[AS_AT__MAX];

bool as_at_show(struct page *p, struct err *e);
bool as_at_csv(struct page *p, struct err *e);
/* /clients/{id}/as-at */
bool as_at_one(struct page *p, struct err *e);

#endif
