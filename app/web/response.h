/*
 * The answer. Built whole on the arena and sent once, but for streamed exports.
 * The security headers are written where every answer begins to be sent, so no
 * page can forget them. A page that turns into an error page calls
 * response_begin again: it starts anew, but for cookies already set.
 */
#ifndef GAP_WEB_RESPONSE_H
#define GAP_WEB_RESPONSE_H

#include "base/buf.h"
#include "web/request.h"

enum { RESPONSE_BODY_MAX = 4 * 1024 * 1024, RESPONSE_HEADERS_MAX = 16 * 1024 };

struct response {
	struct fcgi *fcgi;
	struct arena *arena;
	int status; /* 0: not begun */
	bool head;  /* send no body */
	bool abort; /* sandbox: break the connection at the end, and give no length */
	bool streaming;
	bool sandbox; /* a thing that people sent: shown, never run; set behind response_begin */
	const char *form_action; /* extra origin for CSP form-action; NULL: 'self' only */
	const char *content_type;
	struct buf headers; /* of this page: "Name: value\r\n"... */
	struct buf cookies; /* Set-Cookie lines; they outlive response_begin */
	struct buf body;
};

void response_init(struct response *s, struct request *r);

/*
 * Status and type; drops headers and body of an earlier response_begin. A NULL
 * type is text/plain. Every answer carries: CSP (default-src 'none'; script-src,
 * style-src, font-src, connect-src, manifest-src 'self'; img-src 'self' data:;
 * form-action 'self' [+ form_action]; base-uri 'none'; frame-ancestors 'none';
 * object-src 'none'; report-uri /csp-report), nosniff, no-referrer, HSTS, COOP,
 * CORP, Permissions-Policy, Cache-Control: no-store.
 */
void response_begin(struct response *s, int status, const char *content_type);
void response_header(
	struct response *s, const char *name, const char *value); /* CR, LF refused (bug) */

/* 303 with an empty body. `to` must be local (url_is_local), else "/". */
void response_redirect(struct response *s, const char *to);
/* 303 to an absolute address built from configuration alone. */
void response_redirect_away(struct response *s, const char *url);

/*
 * Secure; HttpOnly; SameSite=Lax; Path=/. value NULL removes it. Cookie-octets
 * only (RFC 6265 section 4.1.1; anything else is a bug), before or after
 * response_begin.
 */
void response_cookie(struct response *s, const char *name, const char *value);

/* Status line, all headers, the empty line, as FastCGI wants them. For tests; what sends stands below. */
void response_head(const struct response *s, struct buf *out);

/* Streams: headers and what the body holds first, then pieces. False: the browser went away. */
bool response_stream(struct response *s);
bool response_write(struct response *s, struct str piece);

/*
 * Sends what is left. Called by the server, once. An answer never begun, or a
 * body over its limit, becomes a bare 500 and an error in the log.
 */
void response_send(struct response *s);

#endif
