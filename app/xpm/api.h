/*
 * Xero over TLS: makes a struct xero from the configuration and an HTTP handle. tokens.c calls
 * the identity server, api.c calls /connections and XPM, answer.c judges the answers. No log
 * line and no error contains a token. The Xero-Correlation-Id of every answer is logged, since
 * Xero's support asks for it.
 */
#ifndef GAP_XPM_API_H
#define GAP_XPM_API_H

#include "io/http.h"
#include "xpm/xero.h"

struct xero_setup {
	struct http *http;
	const char *token_url, *revoke_url, *jwks_url;
	const char *api_url; /* the base of /connections and /practicemanager/3.1 */
	const char *client_id, *redirect_uri;
	const struct secret *client_secret;
	const char *fields;	/* the `fields` query of list and get; NULL or "": none */
	int list_timeout_s;	/* seconds for the whole list */
	int64_t list_max_bytes; /* after decompression */
};

/* Keeps *setup and its pointers, which must outlive the result. */
struct xero xero_real(struct arena *a, const struct xero_setup *setup);

/* Within xpm. */
void xero_add_tokens(struct xero *x);
void xero_add_api(struct xero *x);

/*
 * Logs a call without an answer; as "security.tls" when the server's certificate was not
 * accepted.
 */
void xero_log_failed(const char *what, const struct http_reply *r, const struct err *e);

/*
 * Parses the body of /connections. Rows without usable ids are left out; the others are on the
 * arena. ERR_MALFORMED: not JSON, or not a list.
 */
MUSTUSE bool xero_parse_connections(struct arena *a, struct str body,
	const struct xero_tenant **rows_r, size_t *n_r, struct err *e);

/*
 * Makes one call and judges its answer into *w_r and *e. False: it failed; *reply_r is filled
 * as far as the answer came. `what` names the call in the log, as "client.list".
 */
MUSTUSE bool xero_call(const struct xero_setup *s, struct arena *a, const char *what,
	const struct http_request *q, struct http_reply *reply_r, struct xero_answer *w_r,
	struct err *e);

#endif
