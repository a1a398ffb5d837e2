/*
 * Token pairs in and out of their boxes (codec/seal.h), bound to the Xero user
 * they belong to. The key file is read anew each time, so that keys may rotate
 * while workers run. Inside worker/tokens only.
 */
#ifndef GAP_WORKER_SEAL_TOKENS_H
#define GAP_WORKER_SEAL_TOKENS_H

#include "codec/seal.h"
#include "store/grants.h"
#include "worker/worker.h"

struct token_pair {
	const struct secret *access, *refresh;
};

/* ERR_CONFIG: the key file is missing, wrong, or lacks the box's key. */
MUSTUSE bool tokens_keys(struct worker *w, const struct seal_keys **keys_r, struct err *e);
MUSTUSE bool tokens_open(
	struct worker *w, const struct grant *g, struct token_pair *pair_r, struct err *e);
/* Fills sealed and key_id of *t. */
MUSTUSE bool tokens_seal(struct worker *w, const char *xero_userid,
	const struct token_pair *pair, struct grant_tokens *t, struct err *e);

#endif
