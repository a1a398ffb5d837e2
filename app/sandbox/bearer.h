/* Who calls the API: the bearer token, and the practice it may read. */
#ifndef GAP_SANDBOX_BEARER_H
#define GAP_SANDBOX_BEARER_H

#include "sandbox/site.h"

/* Fills p->bearer; or answers 401 as Xero does and sets *answered_r. */
MUSTUSE bool bearer_check(struct page *p, bool *answered_r, struct err *e);

/*
 * The practice that xero-tenant-id names, if a connection of this user leads there; or answers
 * (401 without the scope, 403 without the connection) and sets *answered_r.
 */
MUSTUSE bool bearer_tenant(struct page *p, int *tenant_no_r, bool *answered_r, struct err *e);

#endif
