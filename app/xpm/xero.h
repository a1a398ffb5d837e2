/*
 * Xero as the worker's jobs see it: every call, in a table of functions, so that tests, benches
 * and the simulator can replace it (xero_real in xpm/api.h is the one over TLS). A call never
 * waits for a lock, stores anything, or retries; the jobs decide.
 *
 * Error kinds (developer.xero.com, "HTTP response codes" and "OAuth 2.0: Errors"):
 *   ERR_UPSTREAM   network, 5xx, a redirect, an unreadable answer: temporary
 *   ERR_MALFORMED  an incomplete or invalid document: retry once, then wait for the next run
 *   ERR_LIMITED    429; retry_after_s has Xero's Retry-After
 *   ERR_REFUSED    401, 403, invalid_grant, Status ERROR: somebody must act; xero_answer says which
 *   ERR_NOT_FOUND  404
 *   ERR_UNCERTAIN  a refresh was sent and no usable answer came
 *   ERR_CONFIG     invalid_client and the like: the operator must act
 *   ERR_TOO_LARGE  over the size limit
 */
#ifndef GAP_XPM_XERO_H
#define GAP_XPM_XERO_H

#include "base/secret.h"
#include "core/oauth.h"

enum xero_trouble {
	XERO_FINE,
	XERO_TOKEN,	/* 401: refresh once, try once more */
	XERO_SCOPE,	/* 401 with insufficient_scope: a new consent is needed */
	XERO_FORBIDDEN, /* 403: ask /connections */
	XERO_GONE,	/* 404, or Status ERROR with the reason for an unknown id */
	XERO_MINUTE,	/* 429, the minute's limit: wait and go on */
	XERO_DAY,	/* 429, the day's limit: postpone */
	XERO_ERROR,	/* Status ERROR: another business error, do not retry */
	XERO_DOWN	/* 5xx, network, timeout, unreadable */
};

struct xero_answer {
	enum xero_trouble trouble;
	int status;	   /* HTTP; 0: no answer */
	int64_t bytes;	   /* of the body, after decompression */
	int retry_after_s; /* of 429 and 503: Retry-After, at most a day; -1: none */
	int64_t day_left;  /* X-DayLimit-Remaining; -1: none */
	int breathe_s; /* seconds to pause, the minute's limit of practice or app is near; 0: no */
	bool untrusted; /* the server did not prove that it is Xero: a security event */
};

struct xero_code {
	const struct secret *code, *verifier; /* verifier NULL: without PKCE */
};

/* One row of /connections. */
struct xero_tenant {
	const char *connection, *tenant, *type, *name; /* canonical UUIDs; name NULL: none */
	const char *auth_event;			       /* NULL: none */
	bool added; /* the latest consent made it: created and updated at the same time */
};

/* Receives a streamed document. Each function returns false (with *e set) to stop it. */
struct xero_sink {
	bool (*start)(void *user, const char *media_type, const char *charset, struct err *e);
	bool (*piece)(void *user, struct str bytes, struct err *e);
	bool (*tick)(void *user, struct err *e); /* called about once a second; may be NULL */
	void *user;
};

struct xero {
	void *self;
	bool (*exchange)(void *self, struct arena *a, const struct xero_code *c,
		struct oauth_tokens *t_r, struct err *e);
	bool (*refresh)(void *self, struct arena *a, const struct secret *refresh,
		struct oauth_tokens *t_r, struct err *e);
	bool (*revoke)(
		void *self, struct arena *a, const struct secret *refresh, struct err *e);
	bool (*jwks)(void *self, struct arena *a, struct str *jwks_r, struct err *e);
	bool (*connections)(void *self, struct arena *a, const struct secret *access,
		const struct xero_tenant **rows_r, size_t *n_r, struct xero_answer *w_r,
		struct err *e);
	/* 404 is success: the connection does not exist any more. */
	bool (*remove)(void *self, struct arena *a, const struct secret *access,
		const char *connection, struct xero_answer *w_r, struct err *e);
	/*
	 * client.api/list. True only says that the transfer ended; the caller checks that the
	 * document is complete.
	 */
	bool (*list)(void *self, struct arena *a, const struct secret *access,
		const char *tenant, const struct xero_sink *sink, struct xero_answer *w_r,
		struct err *e);
	/*
	 * client.api/list with only what changed since then (UTC seconds). A client that is not
	 * in it may still exist.
	 */
	bool (*list_since)(void *self, struct arena *a, const struct secret *access,
		const char *tenant, int64_t since, const struct xero_sink *sink,
		struct xero_answer *w_r, struct err *e);
	/* client.api/get/{uuid} */
	bool (*get)(void *self, struct arena *a, const struct secret *access,
		const char *tenant, const char *uuid, const struct xero_sink *sink,
		struct xero_answer *w_r, struct err *e);
};

/*
 * Does Xero's ErrorDescription say that there is no such client? Compares with the texts Xero
 * uses.
 */
bool xero_says_gone(const char *reason);

#endif
