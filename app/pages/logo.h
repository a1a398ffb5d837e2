/* The organisation's picture: uploaded and removed in Org Settings, shown in the frame of every page. */
#ifndef GAP_PAGES_LOGO_H
#define GAP_PAGES_LOGO_H

#include "pages/page.h"

struct logo_seen; /* what a process knows of the organisations it served */
struct logo_seen *logo_seen_new(struct arena *a);

/* For the frame: 0 when the organisation of p->who has none. Asks the database once a data version. */
MUSTUSE bool logo_of(struct page *p, int64_t *version_r, struct err *e);

bool logo_show(struct page *p, struct err *e);
bool logo_post(struct page *p, struct err *e);
bool logo_remove_post(struct page *p, struct err *e);

#endif
