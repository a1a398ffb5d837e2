/*
 * Where a store function's statements run: in the caller's open transaction
 * when there is one (it entered the organisation, and its owner ends it), else
 * in one of their own. So a handler may call one function by itself, in one
 * round trip, or several with their audit line in one transaction.
 */
#ifndef GAP_STORE_SCOPE_H
#define GAP_STORE_SCOPE_H

#include "io/pg.h"
#include "store/stmt.h"

/* One statement inside the organisation. */
#define scope_once(db, org_id, stmt, rows, e, ...)                          \
	(pg_in_transaction(db) ? pg_query(db, stmt, rows, e, ##__VA_ARGS__) \
			       : pg_once(db, org_id, stmt, rows, e, ##__VA_ARGS__))

/* Several: true in *own_r when a transaction was begun, which scope_end then ends. */
MUSTUSE bool scope_begin(struct pg *db, int64_t org_id, bool *own_r, struct err *e);
/* Commits (ok) or rolls back what scope_begin began; returns whether all went well. */
MUSTUSE bool scope_end(struct pg *db, bool own, bool ok, struct err *e);

/* ok and one row touched: true. Touched none: the error. */
#define scope_one(ok, rows, e, kind, ...) \
	((ok) && ((rows)->n > 0 || err_set((e), (kind), __VA_ARGS__)))

#endif
