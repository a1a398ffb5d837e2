#include "store/leave.h"

#include "store/scope.h"

bool leave_impact(struct pg *db, int64_t org_id, struct leave_impact *i_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_LEAVE_IMPACT, &r, e, PG_INT(org_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such organisation."))
		return false;
	*i_r = (struct leave_impact){pg_int(&r, 0, 0), pg_int(&r, 0, 1), pg_bool(&r, 0, 2)};
	return true;
}

bool leave_state(struct pg *db, int64_t org_id, struct leave_state *s_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_LEAVE_STATE, &r, e, PG_INT(org_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such organisation."))
		return false;
	*s_r = (struct leave_state){.read_only = pg_bool(&r, 0, 0),
		.telling_xero = pg_bool(&r, 0, 1),
		.removals = pg_int(&r, 0, 2),
		.newest_removal = pg_int(&r, 0, 3)};
	return true;
}

bool leave_removals(struct pg *db, struct arena *a, int64_t org_id,
	const struct leave_to_come **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_LEAVE_REMOVALS, &r, e, PG_INT(org_id),
		    PG_INT(LEAVE_SHOWN_MAX)))
		return false;
	struct leave_to_come *rows = arena_array(a, struct leave_to_come, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct leave_to_come){.removal_id = pg_int(&r, i, 0),
			.practice = pg_text(&r, i, 1),
			.at = pg_int(&r, i, 2),
			.is_former = pg_bool(&r, i, 3)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool leave_cancel(struct pg *db, int64_t org_id, int64_t removal_id, const char **practice_r,
	struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(
		db, org_id, STMT_LEAVE_CANCEL, &r, e, PG_INT(org_id), PG_INT(removal_id));
	if (!scope_one(ok, &r, e, ERR_CONFLICT,
		    "This removal is not to come any more. Reload the page to see the state."))
		return false;
	*practice_r = pg_text(&r, 0, 0);
	return true;
}

bool leave_choose(struct pg *db, int64_t org_id, const struct leave_choice *c, struct err *e)
{
	struct str what = str_of(c->choice);
	if (!pg_exec(db, STMT_LEAVE_CHOOSE, NULL, e, PG_INT(org_id), PG_TEXT(c->tenant),
		    PG_BOOL(str_is(what, "read_only"))))
		return false;
	if (!str_is(what, "remove"))
		return leave_back(db, org_id, c->tenant, e);
	return pg_exec(db, STMT_LEAVE_REMOVE, NULL, e, PG_INT(org_id), PG_TEXT(c->tenant),
		PG_TEXT(c->practice), PG_INT(LEAVE_REMOVE_DAYS));
}

bool leave_free(struct pg *db, int64_t org_id, bool *was_r, struct err *e)
{
	size_t touched = 0;
	bool ok = pg_exec(db, STMT_LEAVE_FREE, &touched, e, PG_INT(org_id));
	*was_r = touched > 0;
	return ok;
}

bool leave_back(struct pg *db, int64_t org_id, const char *tenant, struct err *e)
{
	return pg_exec(db, STMT_LEAVE_BACK, NULL, e, PG_INT(org_id), PG_TEXT(tenant));
}

bool leave_removal(struct pg *db, int64_t org_id, const char *tenant, struct leave_removal *r_r,
	struct err *e)
{
	struct pg_rows r;
	*r_r = (struct leave_removal){.tenant = NULL};
	if (!pg_exec(db, STMT_LEAVE_LOCK, NULL, e, PG_INT(org_id)) ||
		!pg_query(db, STMT_CLIENT_LOCK_LIST, &r, e, PG_INT(org_id)) ||
		!pg_query(db, STMT_LEAVE_REMOVAL, &r, e, PG_INT(org_id), PG_TEXT(tenant)))
		return false;
	if (r.n > 0)
		*r_r = (struct leave_removal){.tenant = tenant,
			.practice = pg_text(&r, 0, 0),
			.left_s = pg_int(&r, 0, 1),
			.told = pg_bool(&r, 0, 2),
			.at = pg_int(&r, 0, 3),
			.zone = pg_text(&r, 0, 4)};
	return true;
}

bool leave_told(struct pg *db, int64_t org_id, const char *tenant, struct err *e)
{
	return pg_exec(db, STMT_LEAVE_TOLD, NULL, e, PG_INT(org_id), PG_TEXT(tenant));
}

bool leave_erase(struct pg *db, int64_t org_id, const char *tenant, int64_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_exec(db, STMT_LEAVE_UNTELL, NULL, e, PG_INT(org_id), PG_TEXT(tenant)) ||
		!pg_query(db, STMT_LEAVE_ERASE, &r, e, PG_INT(org_id), PG_TEXT(tenant)))
		return false;
	*n_r = pg_int(&r, 0, 0);
	return leave_back(db, org_id, tenant, e);
}

bool leave_telling(struct pg *db, int64_t org_id, bool telling, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_LEAVE_TELLING, &r, e, PG_INT(org_id), PG_BOOL(telling));
}
