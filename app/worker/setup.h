/* From configuration to a worker that can run jobs against the real Xero. */
#ifndef GAP_WORKER_SETUP_H
#define GAP_WORKER_SETUP_H

#include "io/conf.h"
#include "worker/worker.h"

/* Everything but connecting. ERR_CONFIG names what is wrong: settings, key file, CA file. */
MUSTUSE bool worker_open(
	struct arena *home, const struct conf *conf, struct worker **w_r, struct err *e);

#endif
