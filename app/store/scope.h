/*
 * The transaction of a store function's statements. If the caller has one open, they run in it:
 * the caller has entered the organisation and will end it. Else they run in one of their own.
 * So a handler can call one function alone, in one round trip, or several together with their
 * audit row in one transaction.
 */
#ifndef GAP_STORE_SCOPE_H
#define GAP_STORE_SCOPE_H

#include "io/pg.h"
#include "store/stmt.h"

/* Runs one statement. */
#define scope_once(db, org_id, stmt, rows, e, ...)                          \
	(pg_in_transaction(db) ? pg_query(db, stmt, rows, e, ##__VA_ARGS__) \
			       : pg_once(db, org_id, stmt, rows, e, ##__VA_ARGS__))

/* For several statements. *own_r: a transaction was begun here, and scope_end will end it. */
MUSTUSE bool scope_begin(struct pg *db, int64_t org_id, bool *own_r, struct err *e);
/*
 * Ends the transaction if `own`: commits when `ok`, else rolls back. Returns whether all went
 * well.
 */
MUSTUSE bool scope_end(struct pg *db, bool own, bool ok, struct err *e);

/*
 * For an update of one row: true when `ok` and a row was changed; with no row, sets the error
 * of `kind`.
 */
#define scope_one(ok, rows, e, kind, ...) \
	((ok) && ((rows)->n > 0 || err_set((e), (kind), __VA_ARGS__)))

#endif
