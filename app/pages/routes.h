/* The route table: every address of the site, who may use it, and the fields it reads. */
#ifndef GAP_PAGES_ROUTES_H
#define GAP_PAGES_ROUTES_H

#include "web/router.h"

extern const struct route routes_table[];
extern const size_t routes_count;

#endif
