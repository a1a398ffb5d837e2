/* After a key's rotation: how many sealed secrets wait to be sealed anew. The owner's. */
#ifndef GAP_STORE_KEYS_H
#define GAP_STORE_KEYS_H

#include "io/pg.h"

MUSTUSE bool keys_older_tokens(
	struct pg *db, struct arena *a, int64_t newest, int64_t *older_r, struct err *e);

/* Of every organisation, one after the other. */
MUSTUSE bool keys_older_totp(
	struct pg *db, struct arena *a, int64_t newest, int64_t *older_r, struct err *e);

#endif
