#include "store/factors.h"

#include "core/mfa.h"
#include "store/scope.h"

char *factors_row_name(struct arena *a, int64_t org_id, int64_t user_id)
{
	return arena_printf(a, "totp:%lld:%lld", (long long)org_id, (long long)user_id);
}

bool factors_pending_set(
	struct pg *db, int64_t org_id, int64_t user_id, struct str sealed, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_TOTP_PENDING_SET, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_BYTES(sealed));
}

bool factors_pending(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	struct totp_row *row_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	*row_r = (struct totp_row){.found = false};
	if (!scope_once(
		    db, org_id, STMT_TOTP_PENDING_GET, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	if (r.n > 0)
		*row_r = (struct totp_row){.found = true,
			.sealed = pg_bytes(&r, 0, 0),
			.misses = (int)pg_int(&r, 0, 1),
			.created_at = pg_int(&r, 0, 2)};
	return true;
}

static bool set_up_over(struct err *e)
{
	return err_set(e, ERR_CONFLICT,
		"This set-up is no longer open. Start again with the new QR code.");
}

bool factors_pending_miss(
	struct pg *db, int64_t org_id, int64_t user_id, int *misses_r, struct err *e)
{
	struct pg_rows r;
	if (pg_in_transaction(db))
		bug("a miss is counted in a transaction of its own");
	if (!pg_once(
		    db, org_id, STMT_TOTP_PENDING_MISS, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	if (r.n == 0)
		return set_up_over(e);
	*misses_r = (int)pg_int(&r, 0, 0);
	return true;
}

/* Recovery codes of an earlier factor end with it. */
static bool put_codes(struct pg *db, int64_t org_id, int64_t user_id,
	const unsigned char (*code_hashes)[HASH_BYTES], size_t n, struct err *e)
{
	struct str hashes = {n == 0 ? "" : (const char *)code_hashes, n * HASH_BYTES};
	return pg_exec(db, STMT_RECOVERY_CLEAR, NULL, e, PG_INT(org_id), PG_INT(user_id)) &&
	       pg_exec(db, STMT_RECOVERY_ADD, NULL, e, PG_INT(org_id), PG_INT(user_id),
		       PG_BYTES(hashes));
}

static bool move_pending(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t step, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_TOTP_PROVE, &touched, e, PG_INT(org_id), PG_INT(user_id),
		    PG_INT(step), PG_INT(MFA_SETUP_LIFE_S)))
		return false;
	return touched > 0 || set_up_over(e);
}

bool factors_prove(struct pg *db, int64_t org_id, int64_t user_id, int64_t step,
	const unsigned char (*code_hashes)[HASH_BYTES], size_t n, struct err *e)
{
	bool own;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = move_pending(db, org_id, user_id, step, e) &&
		  put_codes(db, org_id, user_id, code_hashes, n, e);
	return scope_end(db, own, ok, e);
}

bool factors_get(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	struct totp_row *row_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	*row_r = (struct totp_row){.found = false};
	if (!scope_once(db, org_id, STMT_TOTP_GET, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	if (r.n > 0)
		*row_r = (struct totp_row){.found = true,
			.sealed = pg_bytes(&r, 0, 0),
			.last_step = pg_int(&r, 0, 1),
			.created_at = pg_int(&r, 0, 2)};
	return true;
}

bool factors_use_step(struct pg *db, int64_t org_id, int64_t user_id, int64_t step, bool *won_r,
	struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_TOTP_USE_STEP, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_INT(step), PG_INT(MFA_STEPS_AHEAD)))
		return false;
	*won_r = r.n == 1;
	return true;
}

bool factors_reseal(struct pg *db, int64_t org_id, int64_t user_id, struct str old_box,
	struct str new_box, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_TOTP_RESEAL, &r, e, PG_INT(org_id), PG_INT(user_id),
		PG_BYTES(old_box), PG_BYTES(new_box));
}

bool factors_use_code(struct pg *db, int64_t org_id, int64_t user_id,
	const unsigned char hash[HASH_BYTES], bool *won_r, struct err *e)
{
	struct pg_rows r;
	struct str bytes = {(const char *)hash, HASH_BYTES};
	if (!scope_once(db, org_id, STMT_RECOVERY_USE, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_BYTES(bytes)))
		return false;
	*won_r = r.n == 1;
	return true;
}

bool factors_codes_left(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RECOVERY_LEFT, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	*n_r = pg_int(&r, 0, 0);
	return true;
}

bool factors_replace_codes(struct pg *db, int64_t org_id, int64_t user_id,
	const unsigned char (*code_hashes)[HASH_BYTES], size_t n, struct err *e)
{
	bool own;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = put_codes(db, org_id, user_id, code_hashes, n, e);
	return scope_end(db, own, ok, e);
}

bool factors_last_gone(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_RECOVERY_CLEAR_IF_LAST, &r, e, PG_INT(org_id),
		PG_INT(user_id));
}

bool factors_count_miss(
	struct pg *db, int64_t org_id, int64_t user_id, bool *capped_r, struct err *e)
{
	struct pg_rows r;
	if (pg_in_transaction(db))
		bug("a miss is counted in a transaction of its own");
	if (!pg_once(db, org_id, STMT_FACTOR_MISS, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_INT(MFA_MISSES_CAP)))
		return false;
	*capped_r = r.n == 0;
	return true;
}

bool factors_was_right(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_FACTOR_RIGHT, &r, e, PG_INT(org_id), PG_INT(user_id));
}

bool factors_remove(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_FACTORS_REMOVE, &r, e, PG_INT(org_id), PG_INT(user_id));
}
