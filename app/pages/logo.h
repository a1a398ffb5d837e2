/*
 * The organisation's logo: uploaded and removed in Org Settings, shown in the frame of every
 * page.
 */
#ifndef GAP_PAGES_LOGO_H
#define GAP_PAGES_LOGO_H

#include "pages/page.h"

struct logo_seen; /* a process's cache of logo versions by organisation */
struct logo_seen *logo_seen_new(struct arena *a);

/*
 * The logo's version for the organisation of p->who; 0 when it has none. Asks the database once
 * per data version.
 */
MUSTUSE bool logo_of(struct page *p, int64_t *version_r, struct err *e);

bool logo_show(struct page *p, struct err *e);
bool logo_post(struct page *p, struct err *e);
bool logo_remove_post(struct page *p, struct err *e);

#endif
