#include "store/scope.h"

bool scope_begin(struct pg *db, int64_t org_id, bool *own_r, struct err *e)
{
	*own_r = !pg_in_transaction(db);
	return !*own_r || pg_begin(db, org_id, e);
}

bool scope_end(struct pg *db, bool own, bool ok, struct err *e)
{
	if (!own)
		return ok;
	if (ok)
		return pg_commit(db, e);
	pg_rollback(db);
	return false;
}
