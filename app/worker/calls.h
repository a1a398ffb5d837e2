/*
 * The calls to Xero's API, and the one place that makes them: each counts for
 * its organisation (store/grants.h, meter_count). Xero's limits are a practice's,
 * and hold by construction, across every worker there is:
 *
 *  at once      a call holds one of CALLS_AT_ONCE lanes of its practice, a lock of the `beat` connection:
 *               a worker that dies gives it back with its connection
 *  a minute,    budget_take (store/grants.h), taken before by sync_may_call: no more than 60 in any minute,
 *  a day        a day's budget with a reserve for scheduled runs
 *  as told      what Xero's X-*-Remaining headers say is left counts more than what we have counted; a 429 holds
 *               back every call to the practice, whoever met it
 *
 * Inside worker/ only.
 */
#ifndef GAP_WORKER_CALLS_H
#define GAP_WORKER_CALLS_H

#include "worker/worker.h"

enum { CALLS_AT_ONCE = 3 }; /* Xero allows five at once; its other users are the firm's */

struct call {
	const struct secret *access;
	const char *tenant;
	const char *uuid; /* of the client asked for; NULL: the list */
	int64_t since;	  /* of the list, only what has changed since then; 0: all of it */
};

enum { CALL_PATIENCE_S = 30 }; /* so long a job waits for Xero to let it go on */

/* Seconds before another call makes sense: as told, or what is usual after a 429 that says nothing. 0: any time. */
int call_wait_s(const struct xero_answer *w);

/*
 * As struct xero's list and get. Besides: ERR_LIMITED with XERO_MINUTE when no lane came free for a
 * minute; ERR_UNAVAILABLE, ERR_CONFLICT of worker_tick while waiting.
 */
MUSTUSE bool call_practice(struct worker *w, struct arena *a, const struct call *c,
	const struct xero_sink *sink, struct xero_answer *w_r, struct err *e);

/* What the sign-in may see, and taking one away from it: of no practice, so no practice's limits. On w->arena. */
MUSTUSE bool call_connections(struct worker *w, const struct secret *access,
	const struct xero_tenant **rows_r, size_t *n_r, struct xero_answer *w_r, struct err *e);
MUSTUSE bool call_remove(struct worker *w, const struct secret *access, const char *connection,
	struct xero_answer *w_r, struct err *e);

#endif
