#include "store/look.h"

#include "store/scope.h"

enum { TOP_AT = 8, FIX_AT = TOP_AT + 2 * LOOK_NAMES };

static bool note(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_LOOK_NOTE, &r, e, PG_INT(org_id), PG_INT(user_id));
}

bool look_news(struct pg *db, int64_t org_id, int64_t user_id, const char *user_name,
	struct look_news *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_LOOK_NEWS, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_TEXT(user_name), PG_INT(LOOK_CHANGES_MAX), PG_INT(LOOK_FIX_MAX)))
		return false;
	*n_r = (struct look_news){.mark = pg_int(&r, 0, 0),
		.added = pg_int(&r, 0, 2),
		.changed = pg_int(&r, 0, 3),
		.archived = pg_int(&r, 0, 4),
		.restored = pg_int(&r, 0, 5),
		.people = pg_int(&r, 0, 6),
		.more = pg_bool(&r, 0, 7),
		.to_fix = pg_int(&r, 0, FIX_AT)};
	for (int i = 0; i < LOOK_NAMES; i++) {
		n_r->top[i].name = pg_text(&r, 0, TOP_AT + 2 * i);
		n_r->top[i].client_id = pg_int(&r, 0, TOP_AT + 2 * i + 1);
	}
	return !pg_bool(&r, 0, 1) || note(db, org_id, user_id, e);
}

bool look_seen(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_LOOK_SEEN, &r, e, PG_INT(org_id), PG_INT(user_id));
}
