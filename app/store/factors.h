/* Second factors: pending and proved TOTP secrets (sealed boxes), recovery codes (hashes). */
#ifndef GAP_STORE_FACTORS_H
#define GAP_STORE_FACTORS_H

#include "codec/hash.h"
#include "codec/seal.h"
#include "io/pg.h"

struct totp_row {
	bool found;
	struct str sealed;
	int64_t last_step, created_at;
	int misses; /* pending only */
};

/* The row identity a TOTP box is bound to: "totp:<org>:<user>". */
char *factors_row_name(struct arena *a, int64_t org_id, int64_t user_id);

/* Pending: shown but not proved. A younger one replaces an older. */
MUSTUSE bool factors_pending_set(
	struct pg *db, int64_t org_id, int64_t user_id, struct str sealed, struct err *e);
MUSTUSE bool factors_pending(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	struct totp_row *row_r, struct err *e);
MUSTUSE bool factors_pending_miss(
	struct pg *db, int64_t org_id, int64_t user_id, int *misses_r, struct err *e);

/*
 * The proving code counts: pending becomes the factor with last_step = step, old recovery codes go and
 * the new hashes come, all in one transaction. ERR_CONFLICT when the pending one is gone.
 */
MUSTUSE bool factors_prove(struct pg *db, int64_t org_id, int64_t user_id, int64_t step,
	const unsigned char (*code_hashes)[HASH_BYTES], size_t n, struct err *e);

MUSTUSE bool factors_get(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	struct totp_row *row_r, struct err *e);

/* Compare-and-set: false through *won_r when this step or a later one was used already. */
MUSTUSE bool factors_use_step(struct pg *db, int64_t org_id, int64_t user_id, int64_t step,
	bool *won_r, struct err *e);
/* The same secret in a box under a newer key; nothing when the box changed meanwhile. */
MUSTUSE bool factors_reseal(struct pg *db, int64_t org_id, int64_t user_id, struct str old_box,
	struct str new_box, struct err *e);
/* One statement deletes it: of parallel tries one wins. */
MUSTUSE bool factors_use_code(struct pg *db, int64_t org_id, int64_t user_id,
	const unsigned char hash[HASH_BYTES], bool *won_r, struct err *e);
MUSTUSE bool factors_codes_left(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t *n_r, struct err *e);
MUSTUSE bool factors_replace_codes(struct pg *db, int64_t org_id, int64_t user_id,
	const unsigned char (*code_hashes)[HASH_BYTES], size_t n, struct err *e);
/* With the last factor gone, recovery codes go too; nothing while there is one. */
MUSTUSE bool factors_last_gone(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

/*
 * One more wrong code in a row, committed before the code is looked at: over months and restarts.
 * *capped_r: MFA_MISSES_CAP of them came already, so no code is looked at any more. A right code, a
 * reset by an admin and a mailed link for a new password begin it anew.
 */
MUSTUSE bool factors_count_miss(
	struct pg *db, int64_t org_id, int64_t user_id, bool *capped_r, struct err *e);
MUSTUSE bool factors_was_right(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

/* App, pending, passkeys and codes go. */
MUSTUSE bool factors_remove(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

#endif
