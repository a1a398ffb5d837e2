/*
 * Deleting a client for good: the page that says what will be deleted, the request for it, and
 * the list of what was deleted so far.
 */
#ifndef GAP_PAGES_FORGET_H
#define GAP_PAGES_FORGET_H

#include "pages/page.h"

extern const struct tmpl_shape forget_shape, deleted_shape;

enum { DELETED_BEFORE, DELETED__MAX };
extern const struct field deleted_query[DELETED__MAX];

bool forget_show(struct page *p, struct err *e);
bool forget_post(struct page *p, struct err *e);
bool deleted_show(struct page *p, struct err *e);
bool deleted_allow(struct page *p, struct err *e);

#endif
