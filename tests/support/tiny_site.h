/*
 * A real prefork server with a small site in it, for tests of the
 * web floor: started in a folder of its own, talked to over its socket, ended
 * by its process id.
 *
 *     GET  /           "hello", a cookie        GET  /pid      the child's process id
 *     POST /echo       its field "text" back    GET  /loads    how often the child reloaded
 *     GET  /big        1 MiB of 'x'             GET  /slow     "done" after 400 ms
 *     GET  /stream     "abc" in three pieces    GET  /cut      half an answer, then broken off
 *     GET  /silent     begins no answer         GET  /pool     which pool answers
 *     GET  /things/{id}                         DELETE /things/{id}
 *     GET  /hang       "late" after a minute    GET  /used     bytes on the request's arena
 */
#ifndef GAP_TESTS_TINY_SITE_H
#define GAP_TESTS_TINY_SITE_H

#include "base/base.h"

#include <sys/types.h>

enum { TINY_PROCESSES = 3, TINY_CHILDREN_MAX = 8, TINY_BIG = 1024 * 1024 };

struct tiny_site {
	char dir[32];
	char socket[64];
	char auth_socket[64]; /* the second pool: one process */
	char starts[64];      /* file: one byte a start of a child of tiny_dying() */
	char log[64];	      /* what it says on stderr */
	pid_t parent;
};

/* Makes the folder and starts the server; true when both sockets answer. */
MUSTUSE bool tiny_start(struct tiny_site *t);

/* The same, but each child ends at once. */
MUSTUSE bool tiny_start_dying(struct tiny_site *t);

/* TERM, and waits up to timeout_ms: the exit status, or -1 when it did not end well. */
int tiny_stop(struct tiny_site *t, int timeout_ms);

/* KILLs what still runs and removes the folder. */
void tiny_clear(struct tiny_site *t);

/* Process ids of the children, sorted; how many. */
size_t tiny_children(const struct tiny_site *t, pid_t pids_r[TINY_CHILDREN_MAX]);

/* Waits up to timeout_ms for `want` children of which none is `not` (0: any will do). */
bool tiny_wait_children(const struct tiny_site *t, size_t want, pid_t not, int timeout_ms);

#endif
