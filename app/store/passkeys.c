#include "store/passkeys.h"

#include "store/factors.h"
#include "store/scope.h"

static struct passkey_row read_row(const struct pg_rows *r, size_t i)
{
	return (struct passkey_row){
		.passkey_id = pg_int(r, i, 0),
		.key = {.id = pg_bytes(r, i, 1),
			.alg = (int)pg_int(r, i, 2),
			.public_key = pg_bytes(r, i, 3),
			.sign_count = pg_int(r, i, 4),
			.backup_eligible = pg_bool(r, i, 5),
			.backed_up = pg_bool(r, i, 6)},
		.name = pg_text(r, i, 7),
		.created_at = pg_int(r, i, 8),
		.used_at = pg_int(r, i, 9),
	};
}

static bool no_such(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "There is no such passkey.");
}

bool passkeys_list(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	const struct passkey_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_PASSKEY_LIST, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_NULL))
		return false;
	struct passkey_row *rows = arena_array(a, struct passkey_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = read_row(&r, i);
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool passkeys_get(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	int64_t passkey_id, struct passkey_row *row_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	if (!scope_once(db, org_id, STMT_PASSKEY_LIST, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_INT(passkey_id)))
		return false;
	if (r.n == 0)
		return no_such(e);
	*row_r = read_row(&r, 0);
	return true;
}

bool passkeys_add(struct pg *db, int64_t org_id, int64_t user_id, const struct passkey *key,
	const char *name, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_PASSKEY_ADD, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_BYTES(key->id), PG_INT(key->alg), PG_BYTES(key->public_key),
		PG_INT(key->sign_count), PG_BOOL(key->backup_eligible), PG_BOOL(key->backed_up),
		PG_TEXT(name), PG_INT(PASSKEYS_MAX));
	if (!ok && e->kind == ERR_CONFLICT)
		return err_set(e, ERR_CONFLICT,
			"This passkey is registered already. Use another device or key.");
	return scope_one(ok, &r, e, ERR_CONFLICT,
		"You have %d passkeys. Remove one that you do not use any more first.",
		PASSKEYS_MAX);
}

bool passkeys_rename(struct pg *db, int64_t org_id, int64_t user_id, int64_t passkey_id,
	const char *name, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_PASSKEY_RENAME, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_INT(passkey_id), PG_TEXT(name));
	return ok && (r.n > 0 || no_such(e));
}

bool passkeys_remove(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t passkey_id, struct err *e)
{
	struct pg_rows r;
	bool own;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = pg_query(db, STMT_PASSKEY_REMOVE, &r, e, PG_INT(org_id), PG_INT(user_id),
			  PG_INT(passkey_id)) &&
		  (r.n > 0 || no_such(e)) && factors_last_gone(db, org_id, user_id, e);
	return scope_end(db, own, ok, e);
}

bool passkeys_use(struct pg *db, int64_t org_id, int64_t user_id, int64_t passkey_id,
	const struct passkey *seen, bool *won_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_PASSKEY_USE, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_INT(passkey_id), PG_INT(seen->sign_count), PG_BOOL(seen->backed_up)))
		return false;
	*won_r = r.n == 1;
	return true;
}

bool passkeys_handle(
	struct pg *db, int64_t org_id, int64_t user_id, struct str *handle_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(
		db, org_id, STMT_PASSKEY_HANDLE, &r, e, PG_INT(org_id), PG_INT(user_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such user."))
		return false;
	*handle_r = pg_bytes(&r, 0, 0);
	return true;
}

bool passkeys_challenge_set(
	struct pg *db, int64_t session_id, const unsigned char hash[HASH_BYTES], struct err *e)
{
	struct str bytes = {(const char *)hash, HASH_BYTES};
	return pg_exec(
		db, STMT_PASSKEY_CHALLENGE_SET, NULL, e, PG_INT(session_id), PG_BYTES(bytes));
}

bool passkeys_challenge_take(
	struct pg *db, int64_t session_id, struct str *hash_r, struct err *e)
{
	struct pg_rows r;
	*hash_r = STR("");
	if (pg_in_transaction(db))
		bug("a challenge is spent, whatever becomes of the rest");
	if (!pg_query(db, STMT_PASSKEY_CHALLENGE_TAKE, &r, e, PG_INT(session_id),
		    PG_INT(PASSKEY_CHALLENGE_S)))
		return false;
	if (r.n > 0)
		*hash_r = pg_bytes(&r, 0, 0);
	return true;
}
