#include "store/runs.h"

#include "store/scope.h"

/* In the order of a run (sql/queries/runs.sql). */
static struct run_row read_run(const struct pg_rows *r, size_t i)
{
	return (struct run_row){.run_id = pg_int(r, i, 0),
		.started_at = pg_int(r, i, 1),
		.ended_at = pg_int(r, i, 2),
		.trigger = pg_text(r, i, 3),
		.state = pg_text(r, i, 4),
		.asked_by = pg_text(r, i, 5),
		.cause_text = pg_text(r, i, 6),
		.counts = {.seen = pg_int(r, i, 7),
			.added = pg_int(r, i, 8),
			.changed = pg_int(r, i, 9),
			.archived = pg_int(r, i, 10),
			.restored = pg_int(r, i, 11),
			.unchanged = pg_int(r, i, 12),
			.prospects = pg_int(r, i, 13),
			.skipped = pg_int(r, i, 14),
			.failed = pg_int(r, i, 15),
			.calls = pg_int(r, i, 16),
			.bytes = pg_int(r, i, 17)}};
}

bool runs_list(struct pg *db, struct arena *a, int64_t org_id, int64_t before_id, int limit,
	const struct run_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_LIST, &r, e, PG_INT(org_id), PG_INT(before_id),
		    PG_INT(limit)))
		return false;
	struct run_row *rows = arena_array(a, struct run_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = read_run(&r, i);
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool runs_get(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	struct run_row *r_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	bool ok = scope_once(db, org_id, STMT_RUN_GET, &r, e, PG_INT(org_id), PG_INT(run_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such sync."))
		return false;
	*r_r = read_run(&r, 0);
	return true;
}

static void read_changes(
	struct arena *a, const struct pg_rows *r, const struct change_row **rows_r, size_t *n_r)
{
	struct change_row *rows = arena_array(a, struct change_row, r->n);
	for (size_t i = 0; i < r->n; i++)
		rows[i] = (struct change_row){.client_id = pg_int(r, i, 0),
			.run_id = pg_int(r, i, 1),
			.at = pg_int(r, i, 2),
			.client_name = pg_text(r, i, 3),
			.field = pg_text(r, i, 4),
			.old = pg_text(r, i, 5),
			.new = pg_text(r, i, 6)};
	*rows_r = rows;
	*n_r = r->n;
}

bool runs_changes(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id, int limit,
	const struct change_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_CHANGES, &r, e, PG_INT(org_id), PG_INT(run_id),
		    PG_INT(limit)))
		return false;
	read_changes(a, &r, rows_r, n_r);
	return true;
}

bool runs_skips(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id, int limit,
	const struct skip_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_SKIPS, &r, e, PG_INT(org_id), PG_INT(run_id),
		    PG_INT(limit)))
		return false;
	struct skip_row *rows = arena_array(a, struct skip_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct skip_row){.xpm_id = pg_text(&r, i, 0),
			.name = pg_text(&r, i, 1),
			.rule = pg_text(&r, i, 2),
			.detail = pg_text(&r, i, 3)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}
