/* Makes a worker from the configuration, for the real Xero. */
#ifndef GAP_WORKER_SETUP_H
#define GAP_WORKER_SETUP_H

#include "io/conf.h"
#include "worker/worker.h"

/*
 * Does everything but connect to the database. ERR_CONFIG names what is wrong: a setting, the
 * key file, the CA file.
 */
MUSTUSE bool worker_open(
	struct arena *home, const struct conf *conf, struct worker **w_r, struct err *e);

#endif
