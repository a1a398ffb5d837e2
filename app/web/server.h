/*
 * A child: accept, read, serve, send, reset the arena; again until asked to stop.
 *
 * Signals are let in only while waiting for a request: one being served is
 * finished whole, however often TERM comes. HUP takes effect behind the request
 * at hand or, in an idle child, before its next one is served.
 */
#ifndef GAP_WEB_SERVER_H
#define GAP_WEB_SERVER_H

#include "web/response.h"

struct server_site {
	/*
	 * Answers. `fault` is NULL when the request could be read; else it says
	 * why not, and an error page is due. What it leaves unbegun is sent as 500.
	 */
	void (*serve)(
		void *user, struct request *q, struct response *s, const struct err *fault);
	/* HUP came. */
	void (*reload)(void *user);
	void *user;
	/* As in struct request_source; NULL: no address takes a file. */
	size_t (*upload_max)(void *user, const struct request *q);
};

/*
 * True: stopped as asked. The caller has installed the signals (prefork_run
 * does). False when FastCGI cannot be started on this socket.
 */
MUSTUSE bool server_run(int listen_fd, const struct server_site *site, struct err *e);

#endif
