#include "store/grants.h"

#include "store/scope.h"

bool grant_get(struct pg *db, int64_t grant_id, struct grant *g_r, struct err *e)
{
	struct pg_rows r;
	*g_r = (struct grant){0};
	if (!pg_query(db, STMT_GRANT_GET, &r, e, PG_INT(grant_id)))
		return false;
	if (r.n == 0)
		return true;
	*g_r = (struct grant){
		.grant_id = grant_id,
		.sealed = pg_bytes(&r, 0, 0),
		.generation = pg_int(&r, 0, 1),
		.access_left_s = pg_int(&r, 0, 2),
		.scopes = pg_text(&r, 0, 3),
		.refreshing = pg_bool(&r, 0, 4),
		.uncertain = pg_bool(&r, 0, 5),
		.cool_s = pg_int(&r, 0, 6),
		.dead = pg_bool(&r, 0, 7),
		.xero_userid = pg_text(&r, 0, 8),
		.idle_days = pg_int(&r, 0, 9),
	};
	return true;
}

bool grant_claim(
	struct pg *db, const struct grant *g, const char *owner, bool *won_r, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_GRANT_CLAIM, &touched, e, PG_INT(g->grant_id),
		    PG_INT(g->generation), PG_TEXT(owner)))
		return false;
	*won_r = touched == 1;
	return true;
}

bool grant_store(struct pg *db, const struct grant *g, const struct grant_tokens *t,
	bool *stored_r, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_GRANT_STORE, &touched, e, PG_INT(g->grant_id),
		    PG_INT(g->generation), PG_BYTES(t->sealed), PG_INT(t->key_id),
		    PG_INT(t->life_s), PG_TEXT(t->scopes)))
		return false;
	*stored_r = touched == 1;
	return true;
}

bool grant_release(
	struct pg *db, const struct grant *g, const char *owner, bool uncertain, struct err *e)
{
	return pg_exec(db, STMT_GRANT_RELEASE, NULL, e, PG_INT(g->grant_id),
		PG_INT(g->generation), PG_TEXT(owner), PG_BOOL(uncertain));
}

bool grant_dead(struct pg *db, const struct grant *g, bool *dead_r, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_GRANT_DEAD, &touched, e, PG_INT(g->grant_id),
		    PG_INT(g->generation)))
		return false;
	*dead_r = touched == 1;
	return true;
}

bool grant_put(struct pg *db, const char *xero_userid, const struct grant_tokens *t,
	int64_t *grant_id_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_GRANT_PUT, &r, e, PG_TEXT(xero_userid), PG_BYTES(t->sealed),
		    PG_INT(t->key_id), PG_INT(t->life_s), PG_TEXT(t->scopes)))
		return false;
	*grant_id_r = pg_int(&r, 0, 0);
	return true;
}

bool grant_use(struct pg *db, int64_t org_id, int64_t grant_id, struct err *e)
{
	if (grant_id == 0)
		return pg_exec(db, STMT_GRANT_UNUSE, NULL, e, PG_INT(org_id));
	return pg_exec(db, STMT_GRANT_USE, NULL, e, PG_INT(org_id), PG_INT(grant_id));
}

bool grant_in_use(struct pg *db, int64_t grant_id, bool *used_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_GRANT_IN_USE, &r, e, PG_INT(grant_id)))
		return false;
	*used_r = pg_bool(&r, 0, 0);
	return true;
}

bool grant_forget(struct pg *db, int64_t grant_id, struct err *e)
{
	return pg_exec(db, STMT_GRANT_FORGET, NULL, e, PG_INT(grant_id));
}

bool grant_orphans(
	struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_GRANT_ORPHANS, &r, e))
		return false;
	int64_t *ids = arena_array(a, int64_t, r.n);
	for (size_t i = 0; i < r.n; i++)
		ids[i] = pg_int(&r, i, 0);
	*ids_r = ids;
	*n_r = r.n;
	return true;
}

bool grant_old_keys(struct pg *db, struct arena *a, uint32_t newest,
	const struct grant **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_GRANT_OLD_KEYS, &r, e, PG_INT(newest)))
		return false;
	struct grant *rows = arena_array(a, struct grant, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct grant){.grant_id = pg_int(&r, i, 0),
			.sealed = pg_bytes(&r, i, 1),
			.generation = pg_int(&r, i, 2),
			.xero_userid = pg_text(&r, i, 3)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool grant_reseal(
	struct pg *db, const struct grant *g, const struct grant_tokens *t, struct err *e)
{
	return pg_exec(db, STMT_GRANT_RESEAL, NULL, e, PG_INT(g->grant_id),
		PG_INT(g->generation), PG_BYTES(t->sealed), PG_INT(t->key_id));
}

bool removal_add(struct pg *db, int64_t org_id, int64_t grant_id, const char *xero_connection,
	int64_t *id_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_REMOVAL_ADD, &r, e, PG_INT(org_id), PG_INT(grant_id),
		    PG_TEXT(xero_connection)))
		return false;
	*id_r = pg_int(&r, 0, 0);
	return true;
}

bool removal_get(struct pg *db, int64_t id, struct removal *r_r, struct err *e)
{
	struct pg_rows r;
	*r_r = (struct removal){0};
	if (!pg_query(db, STMT_REMOVAL_GET, &r, e, PG_INT(id)))
		return false;
	if (r.n > 0)
		*r_r = (struct removal){id, pg_int(&r, 0, 0), pg_int(&r, 0, 1),
			pg_text(&r, 0, 2), pg_bool(&r, 0, 3)};
	return true;
}

bool removal_find(struct pg *db, int64_t grant_id, const char *xero_connection, int64_t *id_r,
	struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_REMOVAL_FIND, &r, e, PG_INT(grant_id), PG_TEXT(xero_connection)))
		return false;
	*id_r = r.n == 0 ? 0 : pg_int(&r, 0, 0);
	return true;
}

bool removal_done(struct pg *db, int64_t id, struct err *e)
{
	return pg_exec(db, STMT_REMOVAL_DONE, NULL, e, PG_INT(id));
}

bool claim_tenant(struct pg *db, const char *tenant, int64_t org_id, bool *won_r, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_CLAIM_TENANT, &touched, e, PG_TEXT(tenant), PG_INT(org_id)))
		return false;
	*won_r = touched == 1;
	return true;
}

bool claim_owner(struct pg *db, const char *tenant, int64_t *org_id_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_CLAIM_OWNER, &r, e, PG_TEXT(tenant)))
		return false;
	*org_id_r = r.n == 0 ? 0 : pg_int(&r, 0, 0);
	return true;
}

bool claim_drop(struct pg *db, const char *tenant, int64_t org_id, struct err *e)
{
	return pg_exec(db, STMT_CLAIM_DROP, NULL, e, PG_TEXT(tenant), PG_INT(org_id));
}

bool claim_drop_others(struct pg *db, const char *tenant, int64_t org_id, struct err *e)
{
	return pg_exec(db, STMT_CLAIM_DROP_OTHERS, NULL, e, PG_INT(org_id), PG_TEXT(tenant));
}

bool budget_take(struct pg *db, const char *tenant, int64_t day, int *wait_s_r, bool *long_r,
	struct err *e)
{
	size_t touched = 0;
	struct pg_rows r;
	*wait_s_r = 0;
	*long_r = false;
	if (!pg_exec(db, STMT_BUDGET_TAKE, &touched, e, PG_TEXT(tenant), PG_INT(day)))
		return false;
	if (touched == 1)
		return true;
	if (!pg_query(db, STMT_BUDGET_WAIT, &r, e, PG_TEXT(tenant), PG_INT(day)))
		return false;
	*wait_s_r = r.n == 0 ? 1 : (int)pg_int(&r, 0, 0);
	*long_r = r.n > 0 && pg_bool(&r, 0, 1);
	return true;
}

bool budget_pause(struct pg *db, const char *tenant, int seconds, struct err *e)
{
	return pg_exec(db, STMT_BUDGET_PAUSE, NULL, e, PG_TEXT(tenant), PG_INT(seconds));
}

bool budget_learn(struct pg *db, const char *tenant, int64_t day, int64_t day_left,
	int breathe_s, struct err *e)
{
	return pg_exec(db, STMT_BUDGET_LEARN, NULL, e, PG_TEXT(tenant), PG_INT(day),
		PG_INT(day_left), PG_INT(breathe_s));
}

bool meter_count(struct pg *db, int64_t org_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_METER_COUNT, &r, e, PG_INT(org_id));
}

bool lane_take(struct pg *db, const char *tenant, int n, int *lane_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_LANE_TAKE, &r, e, PG_TEXT(tenant), PG_INT(n)))
		return false;
	*lane_r = r.n == 0 ? 0 : (int)pg_int(&r, 0, 0);
	return true;
}

bool lane_give(struct pg *db, const char *tenant, int lane, struct err *e)
{
	struct pg_rows r;
	return pg_query(db, STMT_LANE_GIVE, &r, e, PG_TEXT(tenant), PG_INT(lane));
}
