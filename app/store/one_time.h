/* One-time links (set a password, invitation), stored by hash, used by deleting them in one statement. */
#ifndef GAP_STORE_ONE_TIME_H
#define GAP_STORE_ONE_TIME_H

#include "codec/hash.h"
#include "io/pg.h"

struct one_time {
	int64_t org_id, user_id; /* 0: unknown, used or over */
	const char *email; /* "": the person is not active any more; then the others are, too */
	const char *name, *org_name;
};

/* Looks without using it up: for the form. */
MUSTUSE bool one_time_look(struct pg *db, struct arena *a, const unsigned char hash[HASH_BYTES],
	struct one_time *o_r, struct err *e);

/* A person's links die: all (purpose NULL), or "set_password" or "invitation". */
MUSTUSE bool one_time_forget(
	struct pg *db, int64_t org_id, int64_t user_id, const char *purpose, struct err *e);

/*
 * Uses it up, sets the password, ends the person's sessions and other links, in one transaction: its own, or the caller's,
 * which has entered no organisation.
 */
enum one_time_end {
	ONE_TIME_GONE,	/* it was used or over: nothing was set */
	ONE_TIME_FIRST, /* set; there was no password before */
	ONE_TIME_CHANGED
};
MUSTUSE bool one_time_set_password(struct pg *db, const unsigned char hash[HASH_BYTES],
	const char *password_hash, enum one_time_end *end_r, struct err *e);

#endif
