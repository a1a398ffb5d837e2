/*
 * Makes one-time links (store/one_time.h uses them): 128 random bits, stored as their SHA-256.
 */
#ifndef GAP_STORE_INVITES_H
#define GAP_STORE_INVITES_H

#include "io/pg.h"

enum { INVITE_BYTES = 16, INVITE_LIFE_S = 7 * 24 * 3600, INVITE_RESET_LIFE_S = 60 * 60 };

struct invite_new {
	int64_t org_id, user_id;
	const char *purpose; /* "set_password", "invitation" */
	int life_s;
};

/*
 * *token_r is base64url, for the address GAP_BASE_URL/invite/<token>: show or mail it once,
 * never log it. Deletes older links of this user with the same purpose. Roles gap_worker and
 * gap_owner; gap_web may not make links.
 */
MUSTUSE bool invites_add(struct pg *db, struct arena *a, const struct invite_new *n,
	const char **token_r, struct err *e);

#endif
