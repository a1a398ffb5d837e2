/*
 * A worker's part in finding a restore (store/pulse.h): with its signs of life it takes a number, and keeps the
 * highest one in $GAP_STATE_DIR/pulse, for all workers of this host and the next start.
 */
#ifndef GAP_WORKER_PULSE_H
#define GAP_WORKER_PULSE_H

#include "base/base.h"

struct worker;

struct pulse_seen {
	int64_t highest;	   /* 0: none yet */
	bool read;		   /* what the file says is in it */
	int64_t at_ms, kept_at_ms; /* monotonic: last taken, last written; 0: never */
};

/* Called with every sign of life; a failure is logged, and tried again with the next. */
void pulse(struct worker *w);

#endif
