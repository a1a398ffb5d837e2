/*
 * The HTTPS client, through libcurl's easy interface: the worker's only way to the network.
 * https only, certificate and host verified, no redirects, no proxy, no netrc. Limits: 5 s to
 * connect (name look-up included); a total time; once the answer has begun, a minimum speed
 * (100 B/s over 20 s); a number of decoded body bytes, counted in the write callback (libcurl's
 * own limit misses bodies of unknown length); 64 headers of 8 KiB. Accepts gzip. Mail goes over
 * SMTP in the same way (http_send_mail).
 *
 * A header section that is cut off, or a body that ends before its Content-Length or last
 * chunk, is an error. Two cuts cannot be detected: a body with neither length nor chunks ends
 * where the connection ends, with or without a TLS close_notify; and a gzip stream may break
 * off inside complete framing. Both count as success here, so the caller must check from the
 * document itself that it is whole.
 */
#ifndef GAP_IO_HTTP_H
#define GAP_IO_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

struct http; /* one libcurl handle; keeps connections alive; closed with the arena */

struct http *http_new(struct arena *a, const char *ca_file); /* NULL: the CAs of the system */

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
	int stall_s;		    /* seconds it may be slower than 100 B/s; 0: 20 */

	/*
	 * Called for each piece of a 2xx body; the status, headers and content_type of `reply`
	 * are then known. The first 64 KiB of a body that is not 2xx are collected in the
	 * reply. Returns false, with *e set, to stop. NULL: every body is collected, up to
	 * body_max.
	 */
	bool (*on_body)(
		void *user, const struct http_reply *reply, struct str piece, struct err *e);
	/*
	 * Called about once a second while waiting, for the heartbeat of a lease. False, with
	 * *e set, stops.
	 */
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
	bool was_sent;	 /* the request was sent, so after an error its effect may be unknown */
	bool untrusted;	 /* TLS failed: the server could not prove its identity */
};

/*
 * Sends one request. True: an answer came, of any status. False: no complete answer came:
 * ERR_UPSTREAM (refused, reset, DNS, timeout, cut off, TLS), ERR_TOO_LARGE, ERR_CONFIG (not an
 * https address, no such CA file), or what a callback set. *reply_r is filled as far as the
 * answer got. Only a GET may reuse a connection, because libcurl by itself repeats a request
 * that a reused connection may have lost.
 */
MUSTUSE bool http_fetch(struct http *h, struct arena *a, const struct http_request *q,
	struct http_reply *reply_r, struct err *e);

const char *http_header(const struct http_reply *r,
	const char *name); /* `name` in lower case; NULL when absent */

/*
 * Retry-After (seconds or an HTTP date) in seconds from `now`, at most 86400. 0 for a date in
 * the past. -1 when it is absent, negative or invalid.
 */
int http_retry_after(const struct http_reply *r, int64_t now);

/*
 * Sends one mail over SMTP (smtp:// with STARTTLS required, or smtps://). `message` is complete
 * RFC 5322 text with CRLF line ends. ERR_REFUSED: permanent (5yz, log-in, no TLS, certificate).
 * ERR_UPSTREAM: temporary, and certainly not accepted. ERR_UNCERTAIN: the whole message was
 * sent but no answer came. ERR_INVALID: `from` or `to` is not an address. Takes at most
 * HTTP_MAIL_S seconds.
 */
enum { HTTP_MAIL_S = 40 };
MUSTUSE bool http_send_mail(struct http *h, const struct secret *smtp_url, const char *from,
	const char *to, struct str message, struct err *e);

#endif
