/* Sync history: every run, and one run with what it changed and left out. */
#ifndef GAP_PAGES_SYNCS_H
#define GAP_PAGES_SYNCS_H

#include "pages/page.h"

extern const struct tmpl_shape syncs_shape, sync_shape;

enum { SYNCS_BEFORE, SYNCS__MAX };
extern const struct field syncs_query[SYNCS__MAX];

bool syncs_list(struct page *p, struct err *e);
bool sync_show(struct page *p, struct err *e);

#endif
