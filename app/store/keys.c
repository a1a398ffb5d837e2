#include "store/keys.h"

#include "store/stmt.h"
#include "store/users.h"

bool keys_older_tokens(
	struct pg *db, struct arena *a, int64_t newest, int64_t *older_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	if (!pg_query(db, STMT_KEY_OLDER_TOKENS, &r, e, PG_INT(newest)))
		return false;
	*older_r = pg_int(&r, 0, 0);
	return true;
}

bool keys_older_totp(
	struct pg *db, struct arena *a, int64_t newest, int64_t *older_r, struct err *e)
{
	const int64_t *ids;
	size_t n;
	struct pg_rows r;
	*older_r = 0;
	if (!orgs_ids(db, a, &ids, &n, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!pg_once(db, ids[i], STMT_KEY_OLDER_TOTP, &r, e, PG_INT(ids[i]),
			    PG_INT(newest)))
			return false;
		*older_r += pg_int(&r, 0, 0);
	}
	return true;
}
