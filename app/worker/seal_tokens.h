/*
 * Seals and opens token pairs (codec/seal.h), bound to their Xero user. The key file is read
 * each time, so that keys can be rotated while workers run. For worker/tokens only.
 */
#ifndef GAP_WORKER_SEAL_TOKENS_H
#define GAP_WORKER_SEAL_TOKENS_H

#include "codec/seal.h"
#include "store/grants.h"
#include "worker/worker.h"

struct token_pair {
	const struct secret *access, *refresh;
};

/* ERR_CONFIG: the key file is missing, invalid, or lacks the key of the sealed box. */
MUSTUSE bool tokens_keys(struct worker *w, const struct seal_keys **keys_r, struct err *e);
MUSTUSE bool tokens_open(
	struct worker *w, const struct grant *g, struct token_pair *pair_r, struct err *e);
/* Sets sealed and key_id of *t. */
MUSTUSE bool tokens_seal(struct worker *w, const char *xero_userid,
	const struct token_pair *pair, struct grant_tokens *t, struct err *e);

#endif
