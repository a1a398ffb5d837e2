/*
 * The limits of the API (developer.xero.com, "OAuth 2.0: API limits"), for each app and
 * practice: 60 calls a minute, 5,000 a day and 5 at once. Every counted response says how many
 * calls are left.
 */
#ifndef GAP_SANDBOX_LIMITS_H
#define GAP_SANDBOX_LIMITS_H

#include "sandbox/site.h"

enum { LIMIT_MINUTE = 60, LIMIT_DAY = 5000, LIMIT_APP_MINUTE = 10000 };

/*
 * Counts the call and takes one of the five places, and sets p->limit_headers; or responds 429
 * and sets *answered_r.
 */
MUSTUSE bool limits_enter(struct page *p, int tenant_no, bool *answered_r, struct err *e);

/* Gives the place back. May be called before or after the response is sent. */
void limits_leave(struct page *p, int tenant_no);

#endif
