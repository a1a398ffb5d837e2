/*
 * Xero as the worker's jobs see it: every call there is, as a table of
 * functions, so that tests, benches and the model can stand in for it
 * (xero_real in xpm/api.h is the one that speaks over TLS). No call waits for
 * a lock, stores anything or repeats itself; deciding is the jobs' part.
 *
 * Error kinds (Xero: HTTP response codes; API reference, Errors):
 *   ERR_UPSTREAM   network, 5xx, a redirect, an answer that cannot be read: passes
 *   ERR_MALFORMED  a document that does not prove itself: once more, then the next run
 *   ERR_LIMITED    429; retry_after_s as told (0: not told)
 *   ERR_REFUSED    401, 403, invalid_grant, Status ERROR: needs a decision; xero_answer says which
 *   ERR_NOT_FOUND  404
 *   ERR_UNCERTAIN  a refresh left this machine and no usable answer came
 *   ERR_CONFIG     invalid_client and its like: the operator's
 *   ERR_TOO_LARGE  over the size cap
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
	XERO_GONE,	/* 404, or Status ERROR in the words of an unknown id */
	XERO_MINUTE,	/* 429: wait and go on */
	XERO_DAY,	/* 429 for the day: postpone */
	XERO_ERROR,	/* Status ERROR: a business error, not to be repeated */
	XERO_DOWN	/* 5xx, network, timeout, not readable */
};

struct xero_answer {
	enum xero_trouble trouble;
	int status;	   /* 0: none came */
	int64_t bytes;	   /* decoded body */
	int retry_after_s; /* 429, 503: as told, capped at a day; -1: not told */
	int64_t day_left;  /* X-DayLimit-Remaining; -1: not told */
	int breathe_s; /* the minute's calls are nearly used up, the practice's or the app's: seconds to spare; 0: no */
	bool untrusted; /* it was not Xero that answered, or it could not prove it: a security event */
};

struct xero_code {
	const struct secret *code, *verifier; /* verifier NULL: without PKCE */
};

/* One of /connections. */
struct xero_tenant {
	const char *connection, *tenant, *type, *name; /* canonical UUIDs; name NULL: none */
	const char *auth_event;			       /* NULL: none */
	bool added; /* made by its latest consent: created and updated at the same moment */
};

/* Where a streamed document goes; each returns false (with *e set) to stop it. */
struct xero_sink {
	bool (*start)(void *user, const char *media_type, const char *charset, struct err *e);
	bool (*piece)(void *user, struct str bytes, struct err *e);
	bool (*tick)(void *user, struct err *e); /* every second or so; may be NULL */
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
	/* 404 is success: it is gone. */
	bool (*remove)(void *self, struct arena *a, const struct secret *access,
		const char *connection, struct xero_answer *w_r, struct err *e);
	/* client.api/list. The caller proves the document complete; a true only says that it ended. */
	bool (*list)(void *self, struct arena *a, const struct secret *access,
		const char *tenant, const struct xero_sink *sink, struct xero_answer *w_r,
		struct err *e);
	/* The same, but only what has changed since then (UTC seconds); absence says nothing. */
	bool (*list_since)(void *self, struct arena *a, const struct secret *access,
		const char *tenant, int64_t since, const struct xero_sink *sink,
		struct xero_answer *w_r, struct err *e);
	/* client.api/get/{uuid} */
	bool (*get)(void *self, struct arena *a, const struct secret *access,
		const char *tenant, const char *uuid, const struct xero_sink *sink,
		struct xero_answer *w_r, struct err *e);
};

/* Does Xero's ErrorDescription say that there is no such client (API reference 3.10)? */
bool xero_says_gone(const char *reason);

#endif
