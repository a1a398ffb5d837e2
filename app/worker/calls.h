/*
 * All calls to Xero's API are made here, and each is counted for its organisation (meter_count
 * in store/grants.h). Xero's limits apply to a practice; they are kept across all workers:
 *
 *  at once      A call holds one of the practice's CALLS_AT_ONCE lanes, an advisory lock of the `beat`
 *               connection. A worker that dies gives it back when its connection ends.
 *  a minute,    sync_may_call takes from the budget before the call (budget_take in store/grants.h): at
 *  a day        most 60 calls in any minute, and the day's budget with a reserve for scheduled runs.
 *  as told      What Xero's X-*-Remaining headers say goes before our own count. A 429 holds back every
 *               call to the practice, from every worker.
 *
 * For worker/ only.
 */
#ifndef GAP_WORKER_CALLS_H
#define GAP_WORKER_CALLS_H

#include "worker/worker.h"

enum {
	CALLS_AT_ONCE = 3
}; /* Xero allows five at once; the rest is for the firm's other apps */

struct call {
	const struct secret *access;
	const char *tenant;
	const char *uuid; /* the client to get; NULL: the list */
	int64_t since;	  /* for the list: only changes since then, UTC seconds; 0: all */
};

enum { CALL_PATIENCE_S = 30 }; /* seconds a job waits for Xero before it gives up */

/*
 * Seconds to wait before the next call: as Xero says, or the usual time after a 429 that does
 * not say. 0: none.
 */
int call_wait_s(const struct xero_answer *w);

/*
 * As list and get of struct xero. Also fails with ERR_LIMITED and XERO_MINUTE when no lane came
 * free within a minute, and with worker_tick's ERR_UNAVAILABLE or ERR_CONFLICT while it waits
 * for a lane.
 */
MUSTUSE bool call_practice(struct worker *w, struct arena *a, const struct call *c,
	const struct xero_sink *sink, struct xero_answer *w_r, struct err *e);

/*
 * Lists the tenants of the sign-in, and removes one. No practice's limits apply to these calls.
 * Results on w->arena.
 */
MUSTUSE bool call_connections(struct worker *w, const struct secret *access,
	const struct xero_tenant **rows_r, size_t *n_r, struct xero_answer *w_r, struct err *e);
MUSTUSE bool call_remove(struct worker *w, const struct secret *access, const char *connection,
	struct xero_answer *w_r, struct err *e);

#endif
