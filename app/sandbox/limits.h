/*
 * The limits of the API (xero-api section 4): 60 calls a minute, 5,000 a day
 * and 5 at once for the app and a practice. Every counted answer carries what
 * is left.
 */
#ifndef GAP_SANDBOX_LIMITS_H
#define GAP_SANDBOX_LIMITS_H

#include "sandbox/site.h"

enum { LIMIT_MINUTE = 60, LIMIT_DAY = 5000, LIMIT_APP_MINUTE = 10000 };

/* Counts the call; or answers 429 and sets *answered_r. The headers are on the response then. */
MUSTUSE bool limits_enter(struct page *p, int tenant_no, bool *answered_r, struct err *e);

/* Gives the place back; before the answer is sent or behind it. */
void limits_leave(struct page *p, int tenant_no);

#endif
