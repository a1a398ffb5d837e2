/*
 * After a reconnect: the edits that were made while disconnected, shown before XPM's values
 * replace them. review_post takes the decision.
 */
#ifndef GAP_PAGES_EDITS_H
#define GAP_PAGES_EDITS_H

#include "pages/page.h"

extern const struct tmpl_shape edits_shape;

bool edits_show(struct page *p, struct err *e);
bool edits_csv(struct page *p, struct err *e);

#endif
