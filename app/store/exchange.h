/*
 * Attempts to connect, as the worker processes them. The web makes them (store/connections.h).
 */
#ifndef GAP_STORE_EXCHANGE_H
#define GAP_STORE_EXCHANGE_H

#include "base/secret.h"
#include "io/pg.h"

struct exchange {
	bool found;
	const struct secret *code, *verifier; /* verifier NULL: connected without PKCE */
	const char *nonce;
	int64_t user_id;
	bool preview;
};
/*
 * Reads code and verifier and wipes both in the same statement. found false: taken already, or
 * expired.
 */
MUSTUSE bool exchange_claim(struct pg *db, struct arena *a, int64_t org_id, int64_t attempt_id,
	struct exchange *x_r, struct err *e);

struct exchange_state {
	bool found, over;
	const char *stage;
	int64_t grant_id, user_id;
	const char *came_from; /* the connection's state before the attempt; NULL: unknown */
	bool preview;
};
MUSTUSE bool exchange_look(struct pg *db, int64_t org_id, int64_t attempt_id,
	struct exchange_state *s_r, struct err *e);

struct exchange_move {
	const char *stage;     /* "returned", "choosing", "done", "failed" */
	const char *cause;     /* NULL: none */
	int64_t grant_id;      /* 0: unchanged */
	const char *came_from; /* NULL: unchanged */
};
MUSTUSE bool exchange_stage(struct pg *db, int64_t org_id, int64_t attempt_id,
	const struct exchange_move *m, struct err *e);

struct practice {
	const char *tenant, *xero_connection;
	const char *name; /* NULL: Xero gave none */
	bool preselected;
};
/*
 * Replaces the practices offered by this attempt. In the caller's transaction or one of its
 * own.
 */
MUSTUSE bool exchange_offer(struct pg *db, int64_t org_id, int64_t attempt_id,
	const struct practice *p, size_t n, struct err *e);
MUSTUSE bool exchange_offered(struct pg *db, struct arena *a, int64_t org_id,
	int64_t attempt_id, const struct practice **p_r, size_t *n_r, struct err *e);
MUSTUSE bool exchange_offer_over(
	struct pg *db, int64_t org_id, int64_t attempt_id, struct err *e);

#endif
