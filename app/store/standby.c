#include "store/standby.h"

#include "store/grants.h"
#include "store/scope.h"

bool standby_show(struct pg *db, int64_t org_id, struct standby_show *s_r, struct err *e)
{
	struct pg_rows r;
	*s_r = (struct standby_show){.connector_stays = true};
	if (!scope_once(db, org_id, STMT_STANDBY_SHOW, &r, e, PG_INT(org_id)))
		return false;
	if (r.n > 0)
		*s_r = (struct standby_show){.by = pg_int(&r, 0, 0),
			.name = pg_text(&r, 0, 1),
			.since = pg_int(&r, 0, 2),
			.connector_stays = pg_bool(&r, 0, 3),
			.connected_by = pg_int(&r, 0, 4),
			.failed = !pg_null(&r, 0, 5),
			.cause = connection_cause_parse(pg_text(&r, 0, 5))};
	return true;
}

bool standby_get(struct pg *db, int64_t org_id, struct standby *s_r, struct err *e)
{
	struct pg_rows r;
	*s_r = (struct standby){.connector_stays = true};
	if (!scope_once(db, org_id, STMT_STANDBY_GET, &r, e, PG_INT(org_id)))
		return false;
	if (r.n > 0)
		*s_r = (struct standby){.grant_id = pg_int(&r, 0, 0),
			.xero_connection = pg_text(&r, 0, 1),
			.by = pg_int(&r, 0, 2),
			.name = pg_text(&r, 0, 3),
			.connector_stays = pg_bool(&r, 0, 5),
			.connected_by = pg_int(&r, 0, 6)};
	return true;
}

bool standby_set(struct pg *db, int64_t org_id, const struct standby *s, const char *tenant,
	bool *set_r, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_STANDBY_SET, &touched, e, PG_INT(org_id), PG_INT(s->grant_id),
		    PG_TEXT(s->xero_connection), PG_INT(s->by), PG_TEXT(tenant)))
		return false;
	*set_r = touched > 0;
	return !*set_r ||
	       pg_exec(db, STMT_STANDBY_USE, NULL, e, PG_INT(org_id), PG_INT(s->grant_id));
}

bool standby_drop(struct pg *db, int64_t org_id, int64_t grant_id, struct err *e)
{
	return pg_exec(db, STMT_STANDBY_DROP, NULL, e, PG_INT(org_id), PG_INT(grant_id)) &&
	       pg_exec(db, STMT_STANDBY_UNUSE, NULL, e, PG_INT(org_id));
}

bool standby_promote(struct pg *db, int64_t org_id, int64_t first, bool *done_r, struct err *e)
{
	struct standby s;
	size_t touched = 0;
	*done_r = false;
	if (!standby_get(db, org_id, &s, e) ||
		!pg_exec(db, STMT_STANDBY_PROMOTE, &touched, e, PG_INT(org_id), PG_INT(first)))
		return false;
	*done_r = touched > 0;
	return !*done_r || (pg_exec(db, STMT_STANDBY_UNUSE, NULL, e, PG_INT(org_id)) &&
				   grant_use(db, org_id, s.grant_id, e));
}
