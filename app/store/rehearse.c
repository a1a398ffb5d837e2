#include "store/rehearse.h"

#include "store/jobs.h"
#include "store/scope.h"

bool rehearse_get(struct pg *db, int64_t org_id, struct rehearsal *r_r, struct err *e)
{
	struct pg_rows r;
	*r_r = (struct rehearsal){.any = false};
	if (!scope_once(db, org_id, STMT_REHEARSE_GET, &r, e, PG_INT(org_id),
		    PG_INT(REHEARSE_COOL_DOWN_S)))
		return false;
	if (r.n > 0)
		*r_r = (struct rehearsal){.any = true,
			.asked_at = pg_int(&r, 0, 0),
			.by = pg_text(&r, 0, 1),
			.ended_at = pg_int(&r, 0, 2),
			.wait_s = pg_int(&r, 0, 3)};
	return true;
}

bool rehearse_lines(struct pg *db, struct arena *a, int64_t org_id,
	const struct rehearse_line **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_REHEARSE_LINES, &r, e, PG_INT(org_id)))
		return false;
	struct rehearse_line *rows = arena_array(a, struct rehearse_line, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct rehearse_line){.what = pg_text(&r, i, 0),
			.ok = pg_bool(&r, i, 1),
			.says = pg_text(&r, i, 2)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool rehearse_ask(struct pg *db, int64_t org_id, const char *by, bool *asked_r, struct err *e)
{
	size_t touched = 0;
	bool added;
	bool ok = pg_exec(db, STMT_REHEARSE_ASK, &touched, e, PG_INT(org_id), PG_TEXT(by),
		PG_INT(REHEARSE_COOL_DOWN_S));
	*asked_r = ok && touched == 1;
	return ok && (!*asked_r || jobs_add(db, org_id, "rehearse", NULL, NULL, 0, &added, e));
}

bool rehearse_end(struct pg *db, int64_t org_id, const char *lines, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_REHEARSE_END, &r, e, PG_INT(org_id), PG_TEXT(lines));
}

bool rehearse_client(
	struct pg *db, int64_t org_id, const char *tenant, const char **xpm_id_r, struct err *e)
{
	struct pg_rows r;
	*xpm_id_r = NULL;
	if (!scope_once(
		    db, org_id, STMT_REHEARSE_CLIENT, &r, e, PG_INT(org_id), PG_TEXT(tenant)))
		return false;
	if (r.n > 0)
		*xpm_id_r = pg_text(&r, 0, 0);
	return true;
}

bool rehearse_budget(struct pg *db, const char *tenant, int64_t *calls_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_REHEARSE_BUDGET, &r, e, PG_TEXT(tenant)))
		return false;
	*calls_r = r.n == 0 ? 0 : pg_int(&r, 0, 0);
	return true;
}
