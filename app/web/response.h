/*
 * The response. It is built whole on the arena and sent once, except for streamed exports. The
 * security headers are written where a response is sent, so no page can forget them. A page
 * that turns into an error page calls response_begin again: this drops everything except the
 * cookies already set.
 */
#ifndef GAP_WEB_RESPONSE_H
#define GAP_WEB_RESPONSE_H

#include "base/buf.h"
#include "web/request.h"

enum { RESPONSE_BODY_MAX = 4 * 1024 * 1024, RESPONSE_HEADERS_MAX = 16 * 1024 };

struct response {
	struct fcgi *fcgi;
	struct arena *arena;
	int status; /* 0: response_begin was not called yet */
	bool head;  /* HEAD: send no body */
	bool abort; /* for the sandbox: break the connection at the end, send no length */
	bool streaming;
	/*
	 * CSP `sandbox`, for files that users uploaded: shown, but no script in them runs. Set
	 * it after response_begin.
	 */
	bool sandbox;
	const char *form_action; /* extra origin in CSP form-action; NULL: 'self' only */
	const char *content_type;
	struct buf headers; /* of this page: "Name: value\r\n"... */
	struct buf cookies; /* Set-Cookie lines; response_begin keeps them */
	struct buf body;
};

void response_init(struct response *s, struct request *r);

/*
 * Sets status and content type; drops the headers and body of an earlier response_begin. A NULL
 * type is text/plain. Every response carries: CSP (default-src 'none'; script-src, style-src,
 * font-src, connect-src, manifest-src 'self'; img-src 'self' data:; form-action 'self' [+
 * form_action]; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; report-uri
 * /csp-report), nosniff, no-referrer, HSTS, COOP, CORP, Permissions-Policy, Cache-Control:
 * no-store.
 */
void response_begin(struct response *s, int status, const char *content_type);
void response_header(
	struct response *s, const char *name, const char *value); /* CR, LF refused (bug) */

/* 303 with an empty body. When `to` is not local (url_is_local), "/" is used instead. */
void response_redirect(struct response *s, const char *to);
/* 303 to an absolute address. `url` must come from the configuration alone. */
void response_redirect_away(struct response *s, const char *url);

/*
 * Sets a cookie: Secure; HttpOnly; SameSite=Lax; Path=/. A NULL value removes it. `value` must
 * be cookie-octets (RFC 6265 section 4.1.1); anything else is a bug of the caller. May be
 * called before or after response_begin.
 */
void response_cookie(struct response *s, const char *name, const char *value);

/*
 * Writes the status line, all headers and the empty line, as FastCGI wants them. For tests;
 * production code uses the functions below.
 */
void response_head(const struct response *s, struct buf *out);

/*
 * Streaming: response_stream sends the headers and what the body holds so far; response_write
 * sends one more piece. False: the browser has disconnected.
 */
bool response_stream(struct response *s);
bool response_write(struct response *s, struct str piece);

/*
 * Sends what is left. The server calls it once per request. A response that was never begun, or
 * whose body is over its limit, is sent as a bare 500 and logged as an error.
 */
void response_send(struct response *s);

#endif
