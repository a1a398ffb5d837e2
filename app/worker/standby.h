/*
 * The standby: a second admin's consent, kept in reserve. For worker/ only.
 *
 *  1 added        by another Xero user who sees the connected practice; else refused, and undone at Xero
 *  2 idle         the daily check refreshes its tokens; a dead standby is dropped, and admins are told
 *  3 takes over   when the first grant is dead, or the admin who connected has left: at once, with notice and
 *                 mail. Or when Xero refuses the first grant the practice but lists it for the standby
 *  4 missing      the admin who connected has left: admins are asked to choose a new connector
 *  5 removed      by an admin, or because its admin left: it is removed at Xero, too
 */
#ifndef GAP_WORKER_STANDBY_H
#define GAP_WORKER_STANDBY_H

#include "store/work.h"
#include "worker/worker.h"

/* Case 3, in a transaction of its own. *done_r false: no standby, or another worker did it. */
MUSTUSE bool standby_take_over(struct worker *w, int64_t org_id,
	const struct work_connection *c, const char *why, bool *done_r, struct err *e);
/*
 * Case 3, when the first grant has lost the practice: asks Xero what the standby sees. No
 * transaction may be open.
 */
MUSTUSE bool standby_rescue(struct worker *w, int64_t org_id, const struct work_connection *c,
	const char *why, bool *done_r, struct err *e);
/* Case 2, called by job_check. */
MUSTUSE bool standby_check(struct worker *w, int64_t org_id, struct err *e);
/* In the caller's transaction: ends the standby together with the connection. */
MUSTUSE bool standby_end(struct worker *w, int64_t org_id, struct err *e);

#endif
