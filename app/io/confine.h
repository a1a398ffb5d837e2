/*
 * A seccomp filter (libseccomp; only confine.c uses it) that limits what a process can do while
 * it serves. A forbidden call fails with EPERM. It cannot be undone, and children inherit it.
 * Install it after start-up and before the first byte from outside.
 */
#ifndef GAP_IO_CONFINE_H
#define GAP_IO_CONFINE_H

#include "base/err.h"

enum confine {
	CONFINE_NO_NETWORK = 1, /* no sockets except AF_UNIX */
	CONFINE_NO_EXEC = 2,	/* no exec: the process cannot start a program */
	CONFINE_NO_LISTEN = 4,	/* no listen, no accept */
	CONFINE_NO_FORK = 8 /* no fork; threads still work (libcurl resolves names in one) */
};

/*
 * Installs the filter; what: bits of enum confine. It always forbids ptrace, reading other
 * processes, kernel modules, keyrings, mounts, BPF, and io_uring, which would bypass a filter.
 * ERR_CONFIG.
 */
MUSTUSE bool confine_self(unsigned what, struct err *e);

/* Turns off core files and debuggers of the same user: both would show keys and sessions. */
void confine_memory(void);

#endif
