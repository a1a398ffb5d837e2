/*
 * "Why does this differ from XPM?": reads one client from XPM now and explains each difference
 * with one reason.
 */
#ifndef GAP_PAGES_WHY_H
#define GAP_PAGES_WHY_H

#include "pages/page.h"

extern const struct tmpl_shape why_shape;

bool why_show(struct page *p, struct err *e);
bool why_post(struct page *p, struct err *e);
bool why_status(struct page *p, struct err *e);

#endif
