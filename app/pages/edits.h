/* After a reconnect: the edits made meanwhile, before XPM's values replace them (rule D25). Deciding is review_post. */
#ifndef GAP_PAGES_EDITS_H
#define GAP_PAGES_EDITS_H

#include "pages/page.h"

extern const struct tmpl_shape edits_shape;

bool edits_show(struct page *p, struct err *e);
bool edits_csv(struct page *p, struct err *e);

#endif
