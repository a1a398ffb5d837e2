/*
 * A usable access token, and tokens that never get lost. One refresher a grant
 * across all processes (store/grants.h: claimed in the row, durably, before a
 * byte leaves); the new pair is stored before it is used; invalid_grant re-reads
 * the row before it judges; a lost answer is the state uncertain, and the same
 * old token is tried again, which Xero allows for 30 minutes (Xero: OAuth 2.0 FAQ).
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
 * An access token with five minutes left, refreshed when need be. bad_generation: the one that Xero
 * just refused (0: none); a newer one is used or made. ERR_REFUSED: somebody has to sign in again.
 * ERR_CONFIG: the operator's. ERR_UPSTREAM: passes.
 */
MUSTUSE bool token_get(struct worker *w, int64_t grant_id, int64_t bad_generation,
	struct token *t_r, struct err *e);

/* The refresh token, for revoking. */
MUSTUSE bool token_refresh_secret(
	struct worker *w, int64_t grant_id, const struct secret **refresh_r, struct err *e);

/* Stores what a new consent brought, before it is used. ERR_REFUSED when there is no refresh token. */
MUSTUSE bool token_keep(struct worker *w, const char *xero_userid, const struct oauth_tokens *t,
	int64_t *grant_id_r, struct err *e);

/* Re-seals what another key than the newest one sealed. */
MUSTUSE bool token_reseal(struct worker *w, struct err *e);

#endif
