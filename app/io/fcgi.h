/*
 * FastCGI through libfcgi; only fcgi.c uses it. One request at a time per process. We open the
 * socket ourselves, because libfcgi takes its mode from the umask and would take over an
 * existing file. We write the answer ourselves, in one record where it fits: that serves a
 * quarter more pages per second.
 */
#ifndef GAP_IO_FCGI_H
#define GAP_IO_FCGI_H

#include "base/err.h"
#include "base/str.h"

/*
 * Binds and listens on `path`, mode 0660. A socket file left behind, on which nobody listens,
 * is replaced. ERR_CONFIG when somebody listens on it, or when it is another kind of file.
 */
MUSTUSE bool fcgi_listen(const char *path, int backlog, int *fd_r, struct err *e);

struct fcgi;

/* Call once per process, after the fork. */
MUSTUSE bool fcgi_open(struct arena *a, int listen_fd, struct fcgi **f_r, struct err *e);

/*
 * Waits for a request; skips one whose peer has already gone. False: the process was asked to
 * stop.
 */
bool fcgi_accept(struct fcgi *f);

const char *fcgi_param(const struct fcgi *f, const char *name); /* NULL when absent */

/*
 * Reads the whole body. ERR_TOO_LARGE when it is over `max` (nothing is read); ERR_MALFORMED
 * when its length is not the one announced.
 */
MUSTUSE bool fcgi_body(
	struct fcgi *f, struct arena *a, size_t max, struct str *body_r, struct err *e);

/*
 * Instead of fcgi_body: reads the body piece by piece. Puts up to `room` bytes into `into` and
 * their number into *n_r; 0 at the end. Errors as fcgi_body; a body over `max` is refused at
 * the first piece.
 */
MUSTUSE bool fcgi_body_piece(
	struct fcgi *f, char *into, size_t room, size_t max, size_t *n_r, struct err *e);

/* False: the peer is gone; call fcgi_finish. */
bool fcgi_write(struct fcgi *f, struct str bytes);
bool fcgi_flush(struct fcgi *f);

/*
 * Sends what was written and ends the request. abort: drops the connection without an end (the
 * sandbox plays a cut).
 */
void fcgi_finish(struct fcgi *f, bool abort);

/* Makes fcgi_accept return false; to be passed to stop_also(). */
void fcgi_stop(void);

#endif
