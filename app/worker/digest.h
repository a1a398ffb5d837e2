/* The summary of syncs: what goes into the mail that job_digest queued. */
#ifndef GAP_WORKER_DIGEST_H
#define GAP_WORKER_DIGEST_H

#include "worker/letter.h"

/* Reads {"from":N,"to":N}. *worth_r false: no sync ended in that time, so there is no mail. */
MUSTUSE bool digest_compose(struct worker *w, const struct job *j, const char *zone,
	struct letter *l, bool *worth_r, struct err *e);

#endif
