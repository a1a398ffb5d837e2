/*
 * What has to be put right in XPM: the list, one entry, who is assigned to it, and the list as
 * a file.
 */
#ifndef GAP_PAGES_FIX_H
#define GAP_PAGES_FIX_H

#include "pages/page.h"

extern const struct tmpl_shape fix_shape, fix_one_shape;

enum { FIX_TAB, FIX_REASON, FIX_WHO, FIX_AFTER, FIX_FROM, FIX_OTHERS, FIX__MAX };
extern const struct field fix_query_fields[FIX__MAX];
enum { FIX_TO, FIX_ASSIGN__MAX };
extern const struct field fix_assign_fields[FIX_ASSIGN__MAX];

bool fix_show(struct page *p, struct err *e);
bool fix_csv(struct page *p, struct err *e);
bool fix_one(struct page *p, struct err *e);
bool fix_assign_post(struct page *p, struct err *e);

#endif
