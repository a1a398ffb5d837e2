/*
 * A second admin's consent in reserve (D29, M10). Inside worker/ only.
 *
 *  1 added        another Xero log-in that sees the connected practice; else refused, and undone at Xero
 *  2 idle         its tokens are refreshed by the daily check; dead ones are dropped, and admins told
 *  3 takes over   the first grant died for good, or the admin who connected left: at once, told, mailed; or Xero
 *                 refuses the first one the practice, by permission or link, and lists it for the standby
 *  4 none there   the admin who connected left: admins are told to choose a new connector
 *  5 removed      by an admin, or its admin left: removed at Xero, too
 */
#ifndef GAP_WORKER_STANDBY_H
#define GAP_WORKER_STANDBY_H

#include "store/work.h"
#include "worker/worker.h"

/* 3, in a transaction of its own. *done_r false: there is none, or another worker has done it. */
MUSTUSE bool standby_take_over(struct worker *w, int64_t org_id,
	const struct work_connection *c, const char *why, bool *done_r, struct err *e);
/* 3, when the first one has lost the practice: asks Xero what the standby sees. No transaction may be open. */
MUSTUSE bool standby_rescue(struct worker *w, int64_t org_id, const struct work_connection *c,
	const char *why, bool *done_r, struct err *e);
/* 2, for job_check. */
MUSTUSE bool standby_check(struct worker *w, int64_t org_id, struct err *e);
/* In an open transaction: the connection ends, and the standby with it. */
MUSTUSE bool standby_end(struct worker *w, int64_t org_id, struct err *e);

#endif
