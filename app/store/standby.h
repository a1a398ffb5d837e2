/*
 * The standby: a second admin's consent for the connected practice, given in advance. Its grant
 * replaces the first one when that grant dies, or when the admin who connected leaves. The web
 * reads; the worker does the rest.
 */
#ifndef GAP_STORE_STANDBY_H
#define GAP_STORE_STANDBY_H

#include "core/connection.h"
#include "io/pg.h"

struct standby_show {
	int64_t by, since; /* by 0: no standby */
	const char *name;
	bool connector_stays; /* the user who connected is still an active admin */
	int64_t connected_by;
	bool failed; /* the newest attempt of the last hour failed, with this cause */
	enum connection_cause cause;
};
MUSTUSE bool standby_show(
	struct pg *db, int64_t org_id, struct standby_show *s_r, struct err *e);

/* ---- the worker's; in its transaction, or one of their own ---- */

struct standby {
	int64_t grant_id; /* 0: no standby */
	const char *xero_connection, *name;
	int64_t by;
	bool connector_stays;
	int64_t connected_by;
};
MUSTUSE bool standby_get(struct pg *db, int64_t org_id, struct standby *s_r, struct err *e);

/*
 * *set_r false: the organisation is connected to another practice by now, or by this grant
 * already.
 */
MUSTUSE bool standby_set(struct pg *db, int64_t org_id, const struct standby *s,
	const char *tenant, bool *set_r, struct err *e);
MUSTUSE bool standby_drop(struct pg *db, int64_t org_id, int64_t grant_id, struct err *e);
/*
 * Makes the standby's grant the connection's. *done_r false: `first` is not the connection's
 * grant any more, or there is no standby.
 */
MUSTUSE bool standby_promote(
	struct pg *db, int64_t org_id, int64_t first, bool *done_r, struct err *e);

#endif
