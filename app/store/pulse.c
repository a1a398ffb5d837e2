#include "store/pulse.h"

#include "store/stmt.h"

/*
 * Seconds for the statement: it goes through every organisation and every user with a factor.
 */
enum { RESTORE_PATIENCE_S = 600 };

bool pulse_take(struct pg *db, int64_t seen, int64_t *pulse_r, bool *restored_r, struct err *e)
{
	struct pg_rows r;
	pg_patience(db, RESTORE_PATIENCE_S);
	if (!pg_query(db, STMT_PULSE_TAKE, &r, e, PG_INT(seen)))
		return false;
	*pulse_r = pg_int(&r, 0, 0);
	*restored_r = pg_bool(&r, 0, 1);
	return true;
}

bool pulse_restored(struct pg *db, struct err *e)
{
	pg_patience(db, RESTORE_PATIENCE_S);
	return pg_exec(db, STMT_PULSE_RESTORED, NULL, e);
}
