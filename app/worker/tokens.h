/*
 * Gets a usable access token, and never loses tokens. Across all processes, one refreshes a
 * grant at a time (store/grants.h): the claim is committed in the grant's row before the
 * request is sent. New tokens are stored before they are used. On invalid_grant the row is read
 * again first, since another process may have stored newer tokens. If the answer to a refresh
 * is lost, the grant is "uncertain" and the same old refresh token is sent again, which Xero
 * allows for 30 minutes (developer.xero.com, OAuth 2.0 FAQ).
 */
#ifndef GAP_WORKER_TOKENS_H
#define GAP_WORKER_TOKENS_H

#include "store/grants.h"
#include "worker/worker.h"

struct token {
	const struct secret *access;
	int64_t grant_id, generation;
};

/*
 * An access token valid for at least five minutes, refreshed if needed. bad_generation: the
 * generation Xero has just refused (0: none); a newer one is used or made. ERR_REFUSED:
 * somebody must sign in at Xero again. ERR_CONFIG: the operator must act. ERR_UPSTREAM:
 * temporary.
 */
MUSTUSE bool token_get(struct worker *w, int64_t grant_id, int64_t bad_generation,
	struct token *t_r, struct err *e);

/* The refresh token, to revoke it. */
MUSTUSE bool token_refresh_secret(
	struct worker *w, int64_t grant_id, const struct secret **refresh_r, struct err *e);

/*
 * Stores the tokens of a new consent, before they are used. ERR_REFUSED: it has no refresh
 * token.
 */
MUSTUSE bool token_keep(struct worker *w, const char *xero_userid, const struct oauth_tokens *t,
	int64_t *grant_id_r, struct err *e);

/* Seals again, with the newest key, the tokens that are sealed with an older one. */
MUSTUSE bool token_reseal(struct worker *w, struct err *e);

#endif
