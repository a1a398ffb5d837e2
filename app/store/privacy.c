#include "store/privacy.h"

#include "codec/json.h"
#include "store/jobs.h"
#include "store/scope.h"

enum { ID_DIGITS = 21 };

bool privacy_forget(struct pg *db, const int64_t *client_ids, size_t n, int64_t by_user,
	struct forgotten *f_r, struct err *e)
{
	struct pg_rows r;
	struct arena *a = arena_new();
	struct buf ids;
	buf_init(&ids, a, 16 + n * ID_DIGITS);
	buf_addc(&ids, '{');
	for (size_t i = 0; i < n; i++)
		buf_printf(&ids, "%s%lld", i == 0 ? "" : ",", (long long)client_ids[i]);
	buf_addc(&ids, '}');
	bool ok = pg_exec(db, STMT_PRIVACY_UNTELL, NULL, e, PG_TEXT(ids.data)) &&
		  pg_query(db, STMT_PRIVACY_FORGET, &r, e, PG_TEXT(ids.data), PG_INT(by_user));
	arena_free(&a);
	if (ok)
		*f_r = (struct forgotten){pg_int(&r, 0, 0), pg_int(&r, 0, 1)};
	return ok;
}

bool privacy_may(struct pg *db, int64_t org_id, int64_t client_id, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(
		db, org_id, STMT_PRIVACY_MAY, &r, e, PG_INT(org_id), PG_INT(client_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such client."))
		return false;
	return pg_bool(&r, 0, 0) ||
	       err_set(e, ERR_CONFLICT,
		       "Only an archived client can be deleted for good. While it comes from Xero "
		       "Practice Manager, archive it there; after the next sync it can go.");
}

bool privacy_ask(struct pg *db, int64_t org_id, int64_t client_id, int64_t user_id,
	const char *user_name, bool *added_r, struct err *e)
{
	struct arena *a = arena_new();
	struct buf b;
	buf_init(&b, a, 1024);
	buf_printf(&b, "{\"client\":%lld,\"user\":%lld,\"name\":", (long long)client_id,
		(long long)user_id);
	json_add_string(&b, user_name);
	buf_addc(&b, '}');
	const char *single =
		arena_printf(a, "forget:%lld:%lld", (long long)org_id, (long long)client_id);
	bool ok = jobs_add(db, org_id, "forget", b.data, single, 0, added_r, e);
	arena_free(&a);
	return ok;
}

bool privacy_asked(
	struct pg *db, int64_t org_id, int64_t client_id, bool *asked_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(
		    db, org_id, STMT_PRIVACY_ASKED, &r, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	*asked_r = pg_bool(&r, 0, 0);
	return true;
}

bool privacy_counts(struct pg *db, int64_t org_id, int64_t client_id,
	struct privacy_counts *c_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(
		    db, org_id, STMT_PRIVACY_COUNTS, &r, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	*c_r = (struct privacy_counts){.contacts = pg_int(&r, 0, 0),
		.shared = pg_int(&r, 0, 1),
		.changes = pg_int(&r, 0, 2),
		.to_fix = pg_bool(&r, 0, 3)};
	return true;
}

bool tombstones_list(struct pg *db, struct arena *a, int64_t org_id, int64_t before, int limit,
	const struct tombstone **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_TOMBSTONE_LIST, &r, e, PG_INT(org_id), PG_INT(before),
		    PG_INT(limit)))
		return false;
	struct tombstone *rows = arena_array(a, struct tombstone, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct tombstone){.tombstone_id = pg_int(&r, i, 0),
			.xpm_id = pg_text(&r, i, 1),
			.deleted_at = pg_int(&r, i, 2),
			.by_name = pg_text(&r, i, 3)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool tombstones_allow(struct pg *db, int64_t org_id, int64_t tombstone_id, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(
		db, org_id, STMT_TOMBSTONE_ALLOW, &r, e, PG_INT(org_id), PG_INT(tombstone_id));
	return scope_one(ok, &r, e, ERR_NOT_FOUND, "It is allowed again already.");
}
