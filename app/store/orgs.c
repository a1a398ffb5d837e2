#include "codec/when.h"
#include "store/scope.h"
#include "store/users.h"

static bool check(const char *name, const char *zone, struct err *e)
{
	size_t n = str_utf8_len(str_of(name));
	if (n == 0 || n > 120)
		return err_set(e, ERR_INVALID,
			"Give the organisation a name of at most 120 characters.");
	if (!when_zone_exists(zone))
		return err_set(e, ERR_INVALID,
			"There is no time zone \"%.60s\". Name one such as Pacific/Auckland.",
			zone);
	return true;
}

/*
 * Gets the number first: row-level security lets a row be added only inside its own
 * organisation.
 */
static bool add(
	struct pg *db, const char *name, const char *zone, int64_t *org_id_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_ORG_NEXT, &r, e))
		return false;
	*org_id_r = pg_int(&r, 0, 0);
	return pg_enter(db, *org_id_r, e) &&
	       pg_exec(db, STMT_ORG_ADD, NULL, e, PG_INT(*org_id_r), PG_TEXT(name),
		       PG_TEXT(zone));
}

bool orgs_add(
	struct pg *db, const char *name, const char *zone, int64_t *org_id_r, struct err *e)
{
	bool own;
	if (!check(name, zone, e) || !scope_begin(db, 0, &own, e))
		return false;
	return scope_end(db, own, add(db, name, zone, org_id_r, e), e);
}

bool orgs_get(struct pg *db, struct arena *a, int64_t org_id, struct org *org_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	bool ok = scope_once(db, org_id, STMT_ORG_GET, &r, e, PG_INT(org_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such organisation."))
		return false;
	*org_r = (struct org){.org_id = org_id,
		.name = pg_text(&r, 0, 0),
		.zone = pg_text(&r, 0, 1),
		.mfa_required_at = pg_int(&r, 0, 2),
		.mfa_grace_days = (int)pg_int(&r, 0, 3)};
	return true;
}

bool orgs_set(struct pg *db, const struct org *o, struct err *e)
{
	struct pg_rows r;
	if (!check(o->name, o->zone, e))
		return false;
	if (o->mfa_grace_days < 0 || o->mfa_grace_days > 7)
		return err_set(e, ERR_INVALID, "Choose 0 to 7 days.");
	bool ok = scope_once(db, o->org_id, STMT_ORG_SET, &r, e, PG_INT(o->org_id),
		PG_TEXT(o->name), PG_TEXT(o->zone), PG_INT(o->mfa_grace_days));
	return scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such organisation.");
}

bool orgs_ids(struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_ORG_IDS, &r, e))
		return false;
	int64_t *ids = arena_array(a, int64_t, r.n);
	for (size_t i = 0; i < r.n; i++)
		ids[i] = pg_int(&r, i, 0);
	*ids_r = ids;
	*n_r = r.n;
	return true;
}
