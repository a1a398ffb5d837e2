/* Authentication of API calls: the bearer token, and the practice that it may read. */
#ifndef GAP_SANDBOX_BEARER_H
#define GAP_SANDBOX_BEARER_H

#include "sandbox/site.h"

/*
 * Checks the bearer token and fills p->bearer; or responds 401 as Xero does and sets
 * *answered_r.
 */
MUSTUSE bool bearer_check(struct page *p, bool *answered_r, struct err *e);

/*
 * Sets *tenant_no_r to the practice of the header xero-tenant-id when this user has a
 * connection to it. Else responds (401 without the scope, 403 without the connection) and sets
 * *answered_r.
 */
MUSTUSE bool bearer_tenant(struct page *p, int *tenant_no_r, bool *answered_r, struct err *e);

#endif
