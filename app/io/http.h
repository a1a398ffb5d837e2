/*
 * HTTPS out, through libcurl's easy interface: the worker's only way to the
 * world. https only, peer and host verified, no redirects, no proxy, no netrc,
 * connect within 5 s (looking the name up included), a total limit, from the answer's first line on a low-speed
 * limit (100 B/s for 20 s), a cap on decoded body bytes counted in the write
 * callback (libcurl's own limit misses bodies of unknown length), at most 64
 * headers of 8 KiB. Accepts gzip. SMTP goes the same way (http_send_mail).
 *
 * A head cut off, a body cut short of its Content-Length or last chunk: an
 * error. A body that has neither length nor chunks ends where the connection
 * ends, with or without TLS's farewell, and a gzip stream that breaks off inside
 * good framing is not noticed either: that is success here, and a document must
 * prove by its own end that it is whole.
 */
#ifndef GAP_IO_HTTP_H
#define GAP_IO_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

struct http; /* one libcurl handle, connections kept alive; closed with the arena */

struct http *http_new(struct arena *a, const char *ca_file); /* NULL: the system's anchors */

struct http_reply;

struct http_request {
	const char *method; /* GET, POST, DELETE */
	const char *url;
	const char *form_body;	     /* application/x-www-form-urlencoded, or NULL */
	const char *accept;	     /* NULL: application/json */
	const struct secret *bearer; /* Authorization: Bearer */
	const char *basic_user;	     /* Authorization: Basic, with basic_password */
	const struct secret *basic_password;
	const char *const *headers; /* "Name: value", NULL-ended, or NULL */
	int timeout_s;		    /* 0: 60 */
	size_t body_max;	    /* decoded bytes; 0: 8 MiB */
	int stall_s;		    /* how long it may be slower than 100 B/s; 0: 20 */

	/*
	 * Streaming: called for pieces of a 2xx body, when status, headers, content_type are
	 * known; NULL collects it. Of another body the first 64 KiB are collected. False stops
	 * with *e set.
	 */
	bool (*on_body)(
		void *user, const struct http_reply *reply, struct str piece, struct err *e);
	/* Called every second or so while waiting: heartbeat of the lease. False stops with *e set. */
	bool (*on_tick)(void *user, struct err *e);
	void *user;
};

struct http_header {
	const char *name; /* lower case */
	const char *value;
};

struct http_reply {
	int status;
	const char *content_type; /* media type only, lower case; "" when absent */
	const char *charset;	  /* lower case; "" when absent */
	const struct http_header *headers;
	size_t n_headers;
	struct str body; /* collected; empty when streamed */
	int64_t bytes;	 /* decoded body bytes seen */
	bool was_sent; /* the request left this machine: an error after it may be "uncertain" */
	bool untrusted; /* TLS failed: who answered could not prove to be who we asked */
};

/*
 * True: an answer came, whatever its status. False: no complete answer came:
 * ERR_UPSTREAM (refused, reset, DNS, timeout, cut off, TLS), ERR_TOO_LARGE,
 * ERR_CONFIG (no https address, no such CA file), or what a callback set.
 * reply_r is filled as far as it got. Only a GET goes over a kept connection:
 * libcurl repeats by itself what such a connection may have swallowed.
 */
MUSTUSE bool http_fetch(struct http *h, struct arena *a, const struct http_request *q,
	struct http_reply *reply_r, struct err *e);

const char *http_header(
	const struct http_reply *r, const char *name); /* lower-case name; NULL */

/*
 * Retry-After as seconds from `now` (seconds or HTTP date). A past date: 0; absent, negative,
 * junk: -1; at most 86400.
 */
int http_retry_after(const struct http_reply *r, int64_t now);

/*
 * One mail over SMTP (smtp:// with STARTTLS required, or smtps://). `message` is
 * complete RFC 5322 text with CRLF line ends. ERR_REFUSED: for good (5yz, log-in,
 * no TLS, certificate); ERR_UPSTREAM: later perhaps, and surely not taken yet;
 * ERR_UNCERTAIN: all of it was handed over and no answer came; ERR_INVALID: `from`
 * or `to` is no address. Takes at most HTTP_MAIL_S.
 */
enum { HTTP_MAIL_S = 40 };
MUSTUSE bool http_send_mail(struct http *h, const struct secret *smtp_url, const char *from,
	const char *to, struct str message, struct err *e);

#endif
