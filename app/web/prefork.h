/*
 * The parent process. It opens the sockets and keeps the children running, and serves nothing
 * itself. A child that dies is replaced; each slot starts at most one child a second. On TERM
 * the parent drains: it sends TERM to the children every 100 ms, and KILL after 10 s. It passes
 * HUP on to the children. Each pool is a socket with its own processes and its own backlog.
 *
 * A child gets TERM when its parent dies, however the parent ended (PR_SET_PDEATHSIG), so no
 * orphan goes on serving an old program. A child that is started after a HUP sends itself a HUP
 * first, because what the parent loaded before the fork may be out of date.
 *
 * The parent checks every 5 s that each socket file is still the one it made. When a file is
 * missing or replaced at two checks in a row, nobody can connect any more: the parent logs an
 * error and ends, so that the service manager starts it again. A child that could not be
 * started (no process or descriptor left) is tried again each second.
 */
#ifndef GAP_WEB_PREFORK_H
#define GAP_WEB_PREFORK_H

#include "base/err.h"

struct prefork_pool {
	const char *socket_path;
	int processes;
	int backlog;
};

/*
 * A child exits with this when its program is too old for the database. All processes then end.
 */
enum { PREFORK_STALE = 3 };

/*
 * Installs the signal handlers, opens the sockets and runs child(user, listen_fd, index of the
 * pool) in each child; its result is the child's exit status. Returns when the parent is
 * stopped, with the socket files removed. ERR_CONFIG: a socket cannot be opened, or a child
 * exited with PREFORK_STALE; ERR_UNAVAILABLE: a socket's file went away; ERR_INTERNAL.
 */
MUSTUSE bool prefork_run(const struct prefork_pool *pools, size_t n,
	int (*child)(void *user, int listen_fd, size_t pool), void *user, struct err *e);

#endif
