/*
 * The worker's part in detecting a restored database (store/pulse.h). With its heartbeats it
 * takes a number and keeps the highest one in $GAP_STATE_DIR/pulse, for all workers of this
 * host and for the next start.
 */
#ifndef GAP_WORKER_PULSE_H
#define GAP_WORKER_PULSE_H

#include "base/base.h"

struct worker;

struct pulse_seen {
	int64_t highest;	   /* 0: none yet */
	bool read;		   /* the file has been read */
	int64_t at_ms, kept_at_ms; /* monotonic ms: last number taken, last written; 0: never */
};

/* Called with every heartbeat. A failure is logged and retried with the next. */
void pulse(struct worker *w);

#endif
