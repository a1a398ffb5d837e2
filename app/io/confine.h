/*
 * What a process can no longer do once it serves: a seccomp filter (libseccomp,
 * its only user). Forbidden calls answer EPERM. Cannot be undone; inherited by
 * children. Installed after start-up, before the first byte from outside.
 */
#ifndef GAP_IO_CONFINE_H
#define GAP_IO_CONFINE_H

#include "base/err.h"

enum confine {
	CONFINE_NO_NETWORK = 1, /* no socket but AF_UNIX */
	CONFINE_NO_EXEC = 2,	/* starts no program */
	CONFINE_NO_LISTEN = 4,	/* waits for nobody: no listen, no accept */
	CONFINE_NO_FORK =
		8 /* no process of its own; threads go on (libcurl resolves names in one) */
};

/*
 * Always also: no ptrace, no reading of other processes, no kernel modules, keyrings, mounts, BPF, and no
 * io_uring, which goes round a filter. ERR_CONFIG.
 */
MUSTUSE bool confine_self(unsigned what, struct err *e);

/* No core file, and no debugger of the same user: both would show keys and sessions. */
void confine_memory(void);

#endif
