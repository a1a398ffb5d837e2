#include "store/logos.h"

#include "store/scope.h"

bool logo_get(
	struct pg *db, int64_t org_id, const char **kind_r, struct str *bytes_r, struct err *e)
{
	struct pg_rows r;
	*kind_r = NULL;
	*bytes_r = STR("");
	if (!scope_once(db, org_id, STMT_LOGO_GET, &r, e, PG_INT(org_id)))
		return false;
	if (r.n > 0) {
		*kind_r = pg_text(&r, 0, 0);
		*bytes_r = pg_bytes(&r, 0, 1);
	}
	return true;
}

bool logo_version(struct pg *db, int64_t org_id, int64_t *version_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_LOGO_VERSION, &r, e, PG_INT(org_id)))
		return false;
	*version_r = pg_int(&r, 0, 0);
	return true;
}

bool logo_set(
	struct pg *db, int64_t org_id, const struct picture *p, struct str bytes, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_LOGO_SET, &r, e, PG_INT(org_id), PG_TEXT(p->type),
		PG_BYTES(bytes), PG_INT(p->width), PG_INT(p->height));
}

bool logo_remove(struct pg *db, int64_t org_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_LOGO_REMOVE, &r, e, PG_INT(org_id));
}
