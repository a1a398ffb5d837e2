#include "store/edits.h"

#include "store/scope.h"

static bool any(struct pg *db, int64_t org_id, bool *any_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_EDITS_ANY, &r, e, PG_INT(org_id)))
		return false;
	*any_r = pg_bool(&r, 0, 0);
	return true;
}

/* Writes the history as the apply would, finds the edits in it, and takes the history back. */
static bool note(struct pg *db, const struct sync_key *k, const struct sync_stage *s,
	int64_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!sync_tell_history(db, k, s, e) ||
		!pg_exec(db, STMT_EDITS_NOTE, NULL, e, PG_INT(k->org_id), PG_INT(k->run_id)) ||
		!pg_exec(db, STMT_EDITS_NOTE_STATUS, NULL, e, PG_INT(k->org_id),
			PG_INT(k->run_id)) ||
		!pg_exec(
			db, STMT_EDITS_UNTELL, NULL, e, PG_INT(k->org_id), PG_INT(k->run_id)) ||
		!pg_query(db, STMT_EDITS_COUNT, &r, e, PG_INT(k->org_id), PG_INT(k->run_id)))
		return false;
	*n_r = pg_int(&r, 0, 0);
	return true;
}

bool edits_note(struct pg *db, const struct sync_key *k, const struct sync_stage *s,
	int64_t *n_r, struct err *e)
{
	bool edited = false;
	*n_r = 0;
	return !s->made ||
	       (any(db, k->org_id, &edited, e) && (!edited || note(db, k, s, n_r, e)));
}

bool edits_accept(struct pg *db, int64_t org_id, int64_t run_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_EDITS_ACCEPT, &r, e, PG_INT(org_id), PG_INT(run_id));
}

bool edits_over(struct pg *db, int64_t org_id, struct err *e)
{
	return pg_exec(db, STMT_EDITS_OVER, NULL, e, PG_INT(org_id));
}

bool edits_list(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id, int limit,
	const struct edit_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_EDITS_LIST, &r, e, PG_INT(org_id), PG_INT(run_id),
		    PG_INT(limit)))
		return false;
	struct edit_row *rows = arena_array(a, struct edit_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct edit_row){pg_int(&r, i, 0), pg_text(&r, i, 1),
			pg_text(&r, i, 2), pg_text(&r, i, 3), pg_text(&r, i, 4),
			pg_text(&r, i, 5)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}
