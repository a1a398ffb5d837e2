/*
 * The standby: a second admin's consent for the connected practice, taken in
 * advance. Its grant takes the place of the first when that dies or the admin
 * who connected leaves (D29, M10). The web reads; the rest is the worker's.
 */
#ifndef GAP_STORE_STANDBY_H
#define GAP_STORE_STANDBY_H

#include "core/connection.h"
#include "io/pg.h"

struct standby_show {
	int64_t by, since; /* by 0: there is none */
	const char *name;
	bool connector_stays; /* who connected is an active admin still */
	int64_t connected_by;
	bool failed; /* the newest try of the last hour */
	enum connection_cause cause;
};
MUSTUSE bool standby_show(
	struct pg *db, int64_t org_id, struct standby_show *s_r, struct err *e);

/* ---- the worker's; inside its transaction, or alone ---- */

struct standby {
	int64_t grant_id; /* 0: there is none */
	const char *xero_connection, *name;
	int64_t by;
	bool connector_stays;
	int64_t connected_by;
};
MUSTUSE bool standby_get(struct pg *db, int64_t org_id, struct standby *s_r, struct err *e);

/* *set_r false: the connection is another by now, or by this very grant. */
MUSTUSE bool standby_set(struct pg *db, int64_t org_id, const struct standby *s,
	const char *tenant, bool *set_r, struct err *e);
MUSTUSE bool standby_drop(struct pg *db, int64_t org_id, int64_t grant_id, struct err *e);
/* The standby is the connection's now; *done_r false: `first` was not its grant, or there is none. */
MUSTUSE bool standby_promote(
	struct pg *db, int64_t org_id, int64_t first, bool *done_r, struct err *e);

#endif
