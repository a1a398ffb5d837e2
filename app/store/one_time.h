/*
 * One-time links (set a password, invitation). Stored as hashes; used by deleting the row in
 * one statement.
 */
#ifndef GAP_STORE_ONE_TIME_H
#define GAP_STORE_ONE_TIME_H

#include "codec/hash.h"
#include "io/pg.h"

struct one_time {
	int64_t org_id, user_id; /* 0: unknown, used or expired */
	const char *
		email; /* "": the user is not active any more; name and org_name are then "" too */
	const char *name, *org_name;
};

/* Reads a link without using it, to show the form. */
MUSTUSE bool one_time_look(struct pg *db, struct arena *a, const unsigned char hash[HASH_BYTES],
	struct one_time *o_r, struct err *e);

/* Deletes a user's links: all with purpose NULL, else "set_password" or "invitation". */
MUSTUSE bool one_time_forget(
	struct pg *db, int64_t org_id, int64_t user_id, const char *purpose, struct err *e);

/*
 * Uses the link: sets the password, ends the user's sessions and deletes their other links, in
 * one transaction. The transaction is its own, or the caller's, which must not have entered an
 * organisation.
 */
enum one_time_end {
	ONE_TIME_GONE,	/* used before, or expired: nothing was set */
	ONE_TIME_FIRST, /* set; the user had no password before */
	ONE_TIME_CHANGED
};
MUSTUSE bool one_time_set_password(struct pg *db, const unsigned char hash[HASH_BYTES],
	const char *password_hash, enum one_time_end *end_r, struct err *e);

#endif
