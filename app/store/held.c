#include "store/held.h"

#include "store/scope.h"

bool held_run(struct pg *db, int64_t org_id, struct held_run *h_r, struct err *e)
{
	struct pg_rows r;
	*h_r = (struct held_run){.run_id = 0};
	if (!scope_once(db, org_id, STMT_HELD_RUN, &r, e, PG_INT(org_id)))
		return false;
	if (r.n > 0)
		*h_r = (struct held_run){.run_id = pg_int(&r, 0, 0),
			.started_at = pg_int(&r, 0, 1),
			.live = pg_int(&r, 0, 2),
			.what = {.archive = pg_int(&r, 0, 3),
				.blank = pg_int(&r, 0, 4),
				.edits = pg_int(&r, 0, 5),
				.cause = connection_cause_parse(pg_text(&r, 0, 6))}};
	return true;
}

bool held_changes(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id, int limit,
	const struct held_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_HELD_CHANGES, &r, e, PG_INT(org_id), PG_INT(run_id),
		    PG_INT(limit)))
		return false;
	struct held_row *rows = arena_array(a, struct held_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct held_row){pg_int(&r, i, 0), pg_text(&r, i, 1),
			pg_text(&r, i, 2), pg_text(&r, i, 3)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}
