/* Second factors: TOTP secrets (sealed), pending or confirmed, and recovery codes (hashes). */
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

/* The additional data a sealed TOTP secret is bound to: "totp:<org>:<user>". */
char *factors_row_name(struct arena *a, int64_t org_id, int64_t user_id);

/*
 * A pending secret was shown to the user, who has not typed a code of it yet. A newer one
 * replaces it.
 */
MUSTUSE bool factors_pending_set(
	struct pg *db, int64_t org_id, int64_t user_id, struct str sealed, struct err *e);
MUSTUSE bool factors_pending(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	struct totp_row *row_r, struct err *e);
MUSTUSE bool factors_pending_miss(
	struct pg *db, int64_t org_id, int64_t user_id, int *misses_r, struct err *e);

/*
 * The first right code confirms the pending secret: it becomes the factor with last_step =
 * step, and new recovery codes replace the old ones, all in one transaction. ERR_CONFLICT: the
 * pending secret is gone.
 */
MUSTUSE bool factors_prove(struct pg *db, int64_t org_id, int64_t user_id, int64_t step,
	const unsigned char (*code_hashes)[HASH_BYTES], size_t n, struct err *e);

MUSTUSE bool factors_get(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	struct totp_row *row_r, struct err *e);

/*
 * Compare-and-set. *won_r false: this time step or a later one was used already (RFC 6238
 * section 5.2).
 */
MUSTUSE bool factors_use_step(struct pg *db, int64_t org_id, int64_t user_id, int64_t step,
	bool *won_r, struct err *e);
/*
 * Stores the same secret sealed under a newer key; does nothing when the stored box is no
 * longer old_box.
 */
MUSTUSE bool factors_reseal(struct pg *db, int64_t org_id, int64_t user_id, struct str old_box,
	struct str new_box, struct err *e);
/* Uses up a recovery code by deleting it in one statement: of parallel attempts, one wins. */
MUSTUSE bool factors_use_code(struct pg *db, int64_t org_id, int64_t user_id,
	const unsigned char hash[HASH_BYTES], bool *won_r, struct err *e);
MUSTUSE bool factors_codes_left(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t *n_r, struct err *e);
MUSTUSE bool factors_replace_codes(struct pg *db, int64_t org_id, int64_t user_id,
	const unsigned char (*code_hashes)[HASH_BYTES], size_t n, struct err *e);
/* Removes the recovery codes when the user has no factor any more; else does nothing. */
MUSTUSE bool factors_last_gone(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

/*
 * Counts one wrong code, committed before the code is checked, so that the count survives
 * restarts. *capped_r: the user has reached MFA_MISSES_CAP wrong codes in a row, so the code
 * must not be checked. A right code, a reset by an admin and a new password through a mailed
 * link set the count to 0.
 */
MUSTUSE bool factors_count_miss(
	struct pg *db, int64_t org_id, int64_t user_id, bool *capped_r, struct err *e);
MUSTUSE bool factors_was_right(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

/* Removes every factor: TOTP secret, pending secret, passkeys and recovery codes. */
MUSTUSE bool factors_remove(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

#endif
