/* Ending a connection: the local end at once, Xero told afterwards (rulings 7). Inside worker/ only. */
#ifndef GAP_WORKER_DISCONNECT_H
#define GAP_WORKER_DISCONNECT_H

#include "worker/worker.h"

/*
 * In an open transaction: notes that this connection must be removed at Xero and queues the job that
 * does it, for 24 hours. The tokens stay sealed for that alone.
 */
MUSTUSE bool disconnect_queue_removal(struct worker *w, int64_t org_id, int64_t grant_id,
	const char *xero_connection, int due_in_s, struct err *e);

/* A grant that nothing names any more: revoked at Xero if Xero answers, forgotten in any case. */
MUSTUSE bool disconnect_drop_grant(struct worker *w, int64_t grant_id, struct err *e);

/* In an open transaction: the job that removes a practice's records at the time noted (store/leave.h). */
MUSTUSE bool erase_plan(struct worker *w, int64_t org_id, const char *tenant, struct err *e);

#endif
