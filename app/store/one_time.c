#include "store/one_time.h"

#include "store/scope.h"

static struct str hash_bytes(const unsigned char hash[HASH_BYTES])
{
	return (struct str){(const char *)hash, HASH_BYTES};
}

bool one_time_look(struct pg *db, struct arena *a, const unsigned char hash[HASH_BYTES],
	struct one_time *o_r, struct err *e)
{
	struct pg_rows rows;
	*o_r = (struct one_time){.user_id = 0};
	if (!pg_query(db, STMT_ONE_TIME_LOOK, &rows, e, PG_BYTES(hash_bytes(hash))))
		return false;
	if (rows.n == 0)
		return true;
	o_r->org_id = pg_int(&rows, 0, 0);
	o_r->user_id = pg_int(&rows, 0, 1);
	if (!pg_once(db, o_r->org_id, STMT_ONE_TIME_PERSON, &rows, e, PG_INT(o_r->user_id)))
		return false;
	o_r->email = rows.n == 0 ? "" : arena_strdup(a, pg_text(&rows, 0, 0));
	o_r->name = rows.n == 0 ? "" : arena_strdup(a, pg_text(&rows, 0, 1));
	o_r->org_name = rows.n == 0 ? "" : arena_strdup(a, pg_text(&rows, 0, 2));
	return true;
}

bool one_time_forget(
	struct pg *db, int64_t org_id, int64_t user_id, const char *purpose, struct err *e)
{
	return pg_exec(db, STMT_ONE_TIME_FORGET, NULL, e, PG_INT(org_id), PG_INT(user_id),
		PG_TEXT(purpose));
}

static bool use(struct pg *db, const unsigned char hash[HASH_BYTES], const char *password_hash,
	enum one_time_end *end_r, struct err *e)
{
	struct pg_rows rows, had;
	if (!pg_query(db, STMT_ONE_TIME_USE, &rows, e, PG_BYTES(hash_bytes(hash))))
		return false;
	if (rows.n == 0)
		return true;
	int64_t org = pg_int(&rows, 0, 0);
	int64_t user = pg_int(&rows, 0, 1);
	if (!pg_enter(db, org, e) ||
		!pg_query(db, STMT_ONE_TIME_PASSWORD, &had, e, PG_INT(user),
			PG_TEXT(password_hash)) ||
		!pg_exec(db, STMT_ONE_TIME_SESSIONS, NULL, e, PG_INT(org), PG_INT(user)) ||
		!one_time_forget(db, org, user, NULL, e))
		return false;
	*end_r = had.n > 0 && !pg_bool(&had, 0, 0) ? ONE_TIME_FIRST : ONE_TIME_CHANGED;
	return true;
}

bool one_time_set_password(struct pg *db, const unsigned char hash[HASH_BYTES],
	const char *password_hash, enum one_time_end *end_r, struct err *e)
{
	bool own;
	*end_r = ONE_TIME_GONE;
	return scope_begin(db, 0, &own, e) &&
	       scope_end(db, own, use(db, hash, password_hash, end_r, e), e);
}
