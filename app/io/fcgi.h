/*
 * FastCGI through libfcgi: the one place that sees it. One request at a time
 * per process. We open the socket ourselves (libfcgi takes the mode from the
 * umask and would take over an existing file), and write the answer ourselves,
 * whole where it fits into a record: that is a quarter more pages a second.
 */
#ifndef GAP_IO_FCGI_H
#define GAP_IO_FCGI_H

#include "base/err.h"
#include "base/str.h"

/*
 * Binds and listens, mode 0660; a leftover socket file nobody listens on is replaced, a live one
 * or another kind of file is ERR_CONFIG.
 */
MUSTUSE bool fcgi_listen(const char *path, int backlog, int *fd_r, struct err *e);

struct fcgi;

/* Once per process, after fork. */
MUSTUSE bool fcgi_open(struct arena *a, int listen_fd, struct fcgi **f_r, struct err *e);

/* Waits for a request; one whose peer has gone meanwhile is passed over. False: asked to stop. */
bool fcgi_accept(struct fcgi *f);

const char *fcgi_param(const struct fcgi *f, const char *name); /* NULL when absent */

/* The whole body. ERR_TOO_LARGE over max (unread), ERR_MALFORMED when not as long as it says. */
MUSTUSE bool fcgi_body(
	struct fcgi *f, struct arena *a, size_t max, struct str *body_r, struct err *e);

/*
 * The same piece by piece, instead: *n_r bytes into `into`, 0 at the end. The errors are those of
 * fcgi_body, the size at the first piece.
 */
MUSTUSE bool fcgi_body_piece(
	struct fcgi *f, char *into, size_t room, size_t max, size_t *n_r, struct err *e);

/* False: the peer went away; go on to fcgi_finish. */
bool fcgi_write(struct fcgi *f, struct str bytes);
bool fcgi_flush(struct fcgi *f);

/* Ends the request with what was written; `abort` drops the connection instead (sandbox: cut off). */
void fcgi_finish(struct fcgi *f, bool abort);

/* To be handed to stop_also(). */
void fcgi_stop(void);

#endif
