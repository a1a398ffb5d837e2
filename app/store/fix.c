#include "store/fix.h"

#include "store/scope.h"

/* Columns of a line (sql/queries/fix.sql). */
static struct fix_line read_line(const struct pg_rows *r, size_t i)
{
	return (struct fix_line){.mine = pg_int(r, i, 0) == 0,
		.fix_id = pg_int(r, i, 1),
		.client_id = pg_int(r, i, 2),
		.name = pg_text(r, i, 3),
		.reasons = (int)pg_int(r, i, 4),
		.rule = pg_text(r, i, 5),
		.record_xpm = pg_text(r, i, 6),
		.opened_at = pg_int(r, i, 7),
		.assignee = pg_int(r, i, 8),
		.assignee_name = pg_text(r, i, 9),
		.web_url = pg_text(r, i, 10),
		.closed_at = pg_int(r, i, 11),
		.closed_run = pg_int(r, i, 12),
		.closed_run_at = pg_int(r, i, 13)};
}

/* One row more than a page was read, to know whether there are more. */
static void fill(struct arena *a, const struct pg_rows *r, const struct fix_line **rows_r,
	size_t *n_r, bool *more_r)
{
	*more_r = r->n > FIX_PAGE;
	*n_r = *more_r ? FIX_PAGE : r->n;
	struct fix_line *rows = arena_array(a, struct fix_line, *n_r);
	for (size_t i = 0; i < *n_r; i++)
		rows[i] = read_line(r, i);
	*rows_r = rows;
}

bool fix_page(struct pg *db, struct arena *a, int64_t org_id, int64_t me,
	const struct fix_query *q, const struct fix_line **rows_r, size_t *n_r, bool *more_r,
	struct err *e)
{
	struct pg_rows r;
	bool start = q->key_name == NULL;
	if (!scope_once(db, org_id, STMT_FIX_PAGE, &r, e, PG_INT(org_id), PG_INT(me),
		    PG_INT(start || q->key_mine ? 0 : 1), PG_TEXT(start ? "" : q->key_name),
		    PG_INT(start ? 0 : q->key_id), PG_INT(FIX_PAGE + 1), PG_INT(q->reason),
		    PG_INT(q->who)))
		return false;
	fill(a, &r, rows_r, n_r, more_r);
	return true;
}

bool fix_closed(struct pg *db, struct arena *a, int64_t org_id, int64_t before,
	const struct fix_line **rows_r, size_t *n_r, bool *more_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_FIX_CLOSED, &r, e, PG_INT(org_id), PG_INT(before),
		    PG_INT(FIX_PAGE + 1)))
		return false;
	fill(a, &r, rows_r, n_r, more_r);
	return true;
}

struct each {
	bool (*row)(void *user, const struct fix_line *l, struct err *e);
	void *user;
};

static bool pass_line(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each *each = user;
	const struct fix_line line = read_line(r, 0);
	return each->row(each->user, &line, e);
}

bool fix_each(struct pg *db, int64_t org_id, const struct fix_query *q,
	bool (*row)(void *user, const struct fix_line *l, struct err *e), void *user,
	struct err *e)
{
	struct each each = {row, user};
	const struct pg_arg args[] = {PG_INT(org_id), PG_INT(q->reason), PG_INT(q->who)};
	bool own;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = pg_each(db, STMT_FIX_EACH, e, args, ARRAY_LEN(args), pass_line, &each);
	return scope_end(db, own, ok, e);
}

bool fix_get(struct pg *db, int64_t org_id, int64_t fix_id, struct fix_line *l_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_FIX_GET, &r, e, PG_INT(org_id), PG_INT(fix_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such entry."))
		return false;
	*l_r = read_line(&r, 0);
	return true;
}

bool fix_counts(struct pg *db, int64_t org_id, int64_t me, int64_t *open_r, int64_t *mine_r,
	struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_FIX_COUNTS, &r, e, PG_INT(org_id), PG_INT(me),
		    PG_INT(FIX_COUNT_MAX)))
		return false;
	*open_r = pg_int(&r, 0, 0);
	*mine_r = pg_int(&r, 0, 1);
	return true;
}

bool fix_assign(struct pg *db, int64_t org_id, int64_t fix_id, int64_t to, const char *by_name,
	struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_FIX_ASSIGN, &r, e, PG_INT(org_id), PG_INT(fix_id),
		PG_INT(to), PG_TEXT(by_name));
	return scope_one(ok, &r, e, ERR_CONFLICT,
		"It was closed meanwhile, or that person is no longer active. Look again.");
}

bool fix_notice(struct pg *db, int64_t org_id, int64_t user_id, const char *body,
	const char *link, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_FIX_NOTICE, &r, e, PG_INT(org_id), PG_INT(user_id),
		PG_TEXT(body), PG_TEXT(link));
}

bool fix_people(struct pg *db, struct arena *a, int64_t org_id,
	const struct fix_person **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_FIX_PEOPLE, &r, e, PG_INT(org_id)))
		return false;
	struct fix_person *rows = arena_array(a, struct fix_person, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct fix_person){pg_int(&r, i, 0), pg_text(&r, i, 1)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool fix_follow(struct pg *db, int64_t run_id, const char *tenant, struct err *e)
{
	struct pg_rows r;
	return pg_query(db, STMT_FIX_FOLLOW, &r, e, PG_INT(run_id), PG_TEXT(tenant));
}

bool fix_follow_skips(struct pg *db, int64_t run_id, bool all, struct err *e)
{
	struct pg_rows r;
	return pg_query(db, STMT_FIX_FOLLOW_SKIPS, &r, e, PG_INT(run_id), PG_BOOL(all));
}
