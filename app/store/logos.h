/* The organisation's logo. Every change raises the organisation's data version. */
#ifndef GAP_STORE_LOGOS_H
#define GAP_STORE_LOGOS_H

#include "core/picture.h"
#include "io/pg.h"

/* *kind_r NULL: no logo. */
MUSTUSE bool logo_get(
	struct pg *db, int64_t org_id, const char **kind_r, struct str *bytes_r, struct err *e);
/* A number that changes with every logo; 0: no logo. */
MUSTUSE bool logo_version(struct pg *db, int64_t org_id, int64_t *version_r, struct err *e);
/* *p: what picture_judge found in `bytes`. */
MUSTUSE bool logo_set(struct pg *db, int64_t org_id, const struct picture *p, struct str bytes,
	struct err *e);
MUSTUSE bool logo_remove(struct pg *db, int64_t org_id, struct err *e);

#endif
