/*
 * A child process: accept, read, serve, send, reset the arena; again until it is asked to stop.
 *
 * Signals are delivered only while the child waits for a request, so a request in progress is
 * always finished, however often TERM comes. HUP takes effect after the current request or, in
 * an idle child, before the next one is served.
 */
#ifndef GAP_WEB_SERVER_H
#define GAP_WEB_SERVER_H

#include "web/response.h"

struct server_site {
	/*
	 * Answers one request. `fault` is NULL when the request could be read; else it says why
	 * not, and `serve` must answer with an error page. A response that `serve` leaves
	 * unbegun is sent as 500.
	 */
	void (*serve)(
		void *user, struct request *q, struct response *s, const struct err *fault);
	/* Called when HUP has come. */
	void (*reload)(void *user);
	void *user;
	/* As in struct request_source; NULL: no address takes a file. */
	size_t (*upload_max)(void *user, const struct request *q);
};

/*
 * Serves requests on listen_fd. True: it was asked to stop. False: FastCGI cannot be started on
 * this socket. The caller has installed the signal handlers (prefork_run does).
 */
MUSTUSE bool server_run(int listen_fd, const struct server_site *site, struct err *e);

#endif
