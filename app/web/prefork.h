/*
 * The parent: opens the sockets, keeps the children, never serves. A child that
 * dies is replaced (at most one a second per slot after quick deaths); TERM
 * drains (children get TERM, repeated each 100 ms, KILL after 10 s); HUP is passed on to the
 * children. Each pool is a socket with its own processes and backlog.
 *
 * A child dies with its parent, however that one ends (PR_SET_PDEATHSIG), so no
 * orphan goes on serving an old program. A child started after a HUP begins
 * with a HUP of its own: what the parent loaded before it forked may be old.
 *
 * A socket's file that is gone, or another's, is one that nobody reaches: after five seconds that is an alarm in
 * the log and the end, so that whoever started us starts us again. Children begun in vain (no process, no
 * descriptor left) are tried again each second.
 */
#ifndef GAP_WEB_PREFORK_H
#define GAP_WEB_PREFORK_H

#include "base/err.h"

struct prefork_pool {
	const char *socket_path;
	int processes;
	int backlog;
};

/* With this a child ends all: its program is too old for the database. */
enum { PREFORK_STALE = 3 };

/*
 * Installs the signals, then child(user, listen_fd, pool index) runs in each
 * child and returns its exit status. Returns when stopped; the socket files
 * are gone then. ERR_CONFIG: a socket cannot be opened, or a child ended as
 * PREFORK_STALE; ERR_UNAVAILABLE: a socket's file went away; ERR_INTERNAL.
 */
MUSTUSE bool prefork_run(const struct prefork_pool *pools, size_t n,
	int (*child)(void *user, int listen_fd, size_t pool), void *user, struct err *e);

#endif
