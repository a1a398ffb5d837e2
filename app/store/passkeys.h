/* Passkeys of users, and the challenges given to their browsers. */
#ifndef GAP_STORE_PASSKEYS_H
#define GAP_STORE_PASSKEYS_H

#include "codec/passkey.h"
#include "io/pg.h"

enum { PASSKEY_CHALLENGE_S = 300, PASSKEYS_MAX = 20, PASSKEY_NAME_MAX = 60 };

struct passkey_row {
	int64_t passkey_id, created_at, used_at; /* used_at 0: never */
	struct passkey key;
	const char *name;
};

/* Oldest first. */
MUSTUSE bool passkeys_list(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	const struct passkey_row **rows_r, size_t *n_r, struct err *e);
/* ERR_NOT_FOUND: this user has no such passkey. */
MUSTUSE bool passkeys_get(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	int64_t passkey_id, struct passkey_row *row_r, struct err *e);

/*
 * ERR_CONFLICT with a sentence: registered already (by any user), or the user has PASSKEYS_MAX.
 */
MUSTUSE bool passkeys_add(struct pg *db, int64_t org_id, int64_t user_id,
	const struct passkey *key, const char *name, struct err *e);
MUSTUSE bool passkeys_rename(struct pg *db, int64_t org_id, int64_t user_id, int64_t passkey_id,
	const char *name, struct err *e);
/* If it was the last factor, the recovery codes are removed too. */
MUSTUSE bool passkeys_remove(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t passkey_id, struct err *e);

/*
 * Compare-and-set of the signature counter. *won_r false: it did not increase
 * (codec/passkey.h).
 */
MUSTUSE bool passkeys_use(struct pg *db, int64_t org_id, int64_t user_id, int64_t passkey_id,
	const struct passkey *seen, bool *won_r, struct err *e);

/* The user handle given to authenticators: 16 bytes (WebAuthn, section 4). */
MUSTUSE bool passkeys_handle(
	struct pg *db, int64_t org_id, int64_t user_id, struct str *handle_r, struct err *e);

/*
 * One challenge a session; a new one replaces it. It can be taken once, within five minutes;
 * else *hash_r is empty.
 */
MUSTUSE bool passkeys_challenge_set(
	struct pg *db, int64_t session_id, const unsigned char hash[HASH_BYTES], struct err *e);
MUSTUSE bool passkeys_challenge_take(
	struct pg *db, int64_t session_id, struct str *hash_r, struct err *e);

#endif
