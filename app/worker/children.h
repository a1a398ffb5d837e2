/*
 * The worker's parent process. It keeps n children and does no jobs. A child that dies, or
 * could not be forked, is replaced, at most one a second. When stopped it sends SIGTERM to all,
 * again every 100 ms, since a signal is lost that comes before a child has its handlers; after
 * 10 s it sends SIGKILL.
 */
#ifndef GAP_WORKER_CHILDREN_H
#define GAP_WORKER_CHILDREN_H

#include "base/err.h"

/*
 * child(user, index) runs in each child and returns its exit status. children_run returns when
 * it is asked to stop; or with ERR_CONFIG, after all children have ended, when a child exits
 * with WORKER_STALE.
 */
MUSTUSE bool children_run(
	int n, int (*child)(void *user, int index), void *user, struct err *e);

#endif
