/*
 * Xero over TLS: builds struct xero out of configuration and an HTTP handle.
 * tokens.c speaks to the identity server, api.c to /connections and XPM,
 * answer.c judges what comes back. Never a token in a log line or an error;
 * the Xero-Correlation-Id of every answer is logged, since Xero's support asks for it.
 */
#ifndef GAP_XPM_API_H
#define GAP_XPM_API_H

#include "io/http.h"
#include "xpm/xero.h"

struct xero_setup {
	struct http *http;
	const char *token_url, *revoke_url, *jwks_url;
	const char *api_url; /* /connections and /practicemanager/3.1 hang below it */
	const char *client_id, *redirect_uri;
	const struct secret *client_secret;
	const char *fields;	/* the `fields` query of list and get; NULL or "": none */
	int list_timeout_s;	/* the whole list */
	int64_t list_max_bytes; /* decoded */
};

/* Keeps the pointers of *setup, which must outlive it. */
struct xero xero_real(struct arena *a, const struct xero_setup *setup);

/* Within xpm. */
void xero_add_tokens(struct xero *x);
void xero_add_api(struct xero *x);

/* A call without an answer: a line in the log, and "security.tls" when it was not Xero we spoke to. */
void xero_log_failed(const char *what, const struct http_reply *r, const struct err *e);

/*
 * The body of /connections: rows without usable ids are left out, the rest lives on the arena.
 * ERR_MALFORMED: no JSON, or no list.
 */
MUSTUSE bool xero_parse_connections(struct arena *a, struct str body,
	const struct xero_tenant **rows_r, size_t *n_r, struct err *e);

/*
 * One call, its answer judged into *w_r and *e. False when it failed in any way; reply_r is filled as
 * far as it got. `what` names it in the log: "client.list".
 */
MUSTUSE bool xero_call(const struct xero_setup *s, struct arena *a, const char *what,
	const struct http_request *q, struct http_reply *reply_r, struct xero_answer *w_r,
	struct err *e);

#endif
