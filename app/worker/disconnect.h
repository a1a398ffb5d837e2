/*
 * Ends a connection: here at once, at Xero afterwards, retried for 24 hours. For worker/ only.
 */
#ifndef GAP_WORKER_DISCONNECT_H
#define GAP_WORKER_DISCONNECT_H

#include "worker/worker.h"

/*
 * In the caller's transaction: stores that this connection must be removed at Xero, and queues
 * the job that does so for up to 24 hours. The tokens stay sealed, for that purpose only.
 */
MUSTUSE bool disconnect_queue_removal(struct worker *w, int64_t org_id, int64_t grant_id,
	const char *xero_connection, int due_in_s, struct err *e);

/*
 * Drops a grant that nothing uses any more: revokes it at Xero if Xero answers, and deletes it
 * in any case.
 */
MUSTUSE bool disconnect_drop_grant(struct worker *w, int64_t grant_id, struct err *e);

/*
 * In the caller's transaction: queues the job that removes a practice's records at the planned
 * time (store/leave.h).
 */
MUSTUSE bool erase_plan(struct worker *w, int64_t org_id, const char *tenant, struct err *e);

#endif
