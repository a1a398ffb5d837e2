/*
 * The worker's parent: keeps so many children, does no work itself. A child
 * that dies, or could not be forked, is replaced, at most one a second; TERM ends them (repeated each
 * 100 ms, since one sent before a child has its handlers is lost; KILL after 10 s).
 */
#ifndef GAP_WORKER_CHILDREN_H
#define GAP_WORKER_CHILDREN_H

#include "base/err.h"

/*
 * child(user, index) runs in each child and returns its exit status. Returns when stopped; ERR_CONFIG,
 * all ended, when a child ended with WORKER_STALE.
 */
MUSTUSE bool children_run(
	int n, int (*child)(void *user, int index), void *user, struct err *e);

#endif
