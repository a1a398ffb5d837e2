/*
 * After a key rotation: how many sealed secrets are still under an older key. Needs the role
 * gap_owner.
 */
#ifndef GAP_STORE_KEYS_H
#define GAP_STORE_KEYS_H

#include "io/pg.h"

MUSTUSE bool keys_older_tokens(
	struct pg *db, struct arena *a, int64_t newest, int64_t *older_r, struct err *e);

/* In every organisation, one after the other. */
MUSTUSE bool keys_older_totp(
	struct pg *db, struct arena *a, int64_t newest, int64_t *older_r, struct err *e);

#endif
