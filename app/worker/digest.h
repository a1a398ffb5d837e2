/* Writes the summary of syncs, in a mail that job_digest has queued. */
#ifndef GAP_WORKER_DIGEST_H
#define GAP_WORKER_DIGEST_H

#include "worker/letter.h"

/*
 * The payload has {"from":N,"to":N}, UTC seconds. *worth_r false: no run ended in that time, so
 * no mail is sent.
 */
MUSTUSE bool digest_compose(struct worker *w, const struct job *j, const char *zone,
	struct letter *l, bool *worth_r, struct err *e);

#endif
