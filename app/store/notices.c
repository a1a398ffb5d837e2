#include "store/notices.h"

#include "store/scope.h"

bool notices_list(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	const struct notice_query *q, const struct notice **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_NOTICE_LIST, &r, e, PG_INT(org_id), PG_INT(user_id),
		    PG_INT(q->before), PG_BOOL(q->unread_only), PG_INT(q->limit)))
		return false;
	struct notice *rows = arena_array(a, struct notice, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct notice){.notice_id = pg_int(&r, i, 0),
			.created_at = pg_int(&r, i, 1),
			.kind = pg_text(&r, i, 2),
			.body = pg_text(&r, i, 3),
			.link = pg_text(&r, i, 4),
			.read = pg_bool(&r, i, 5)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool notices_mark(struct pg *db, int64_t org_id, int64_t user_id, int64_t notice_id, bool read,
	const char **link_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_NOTICE_MARK, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_INT(notice_id), PG_BOOL(read));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "No such notification."))
		return false;
	*link_r = pg_text(&r, 0, 0);
	return true;
}

bool notices_read_all(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_NOTICE_READ_ALL, &r, e, PG_INT(org_id), PG_INT(user_id));
}

bool notices_add(struct pg *db, int64_t org_id, bool admins_only, const char *kind,
	const char *body, const char *link, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_NOTICE_ADD, &r, e, PG_INT(org_id),
		PG_BOOL(admins_only), PG_TEXT(kind), PG_TEXT(body), PG_TEXT(link));
}
