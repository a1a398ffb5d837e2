#include "store/scope.h"
#include "store/work.h"

bool run_begin(struct pg *db, int64_t org_id, const struct run_new *n, int64_t *run_id_r,
	struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_BEGIN, &r, e, PG_INT(org_id),
		    PG_TEXT(run_trigger_name(n->trigger)), PG_INT(n->asked_by),
		    PG_TEXT(n->asked_by_name), PG_INT(n->slot), PG_TEXT(n->tenant)))
		return false;
	if (r.n == 0)
		return err_set(e, ERR_CONFLICT, "Another sync is under way.");
	*run_id_r = pg_int(&r, 0, 0);
	return true;
}

bool run_take_over(struct pg *db, int64_t org_id, int64_t *run_id_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_TAKE_OVER, &r, e, PG_INT(org_id)))
		return false;
	*run_id_r = r.n == 0 ? 0 : pg_int(&r, 0, 0);
	return true;
}

bool run_slot_taken(struct pg *db, int64_t org_id, int64_t slot, bool *taken_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_SLOT_TAKEN, &r, e, PG_INT(org_id), PG_INT(slot)))
		return false;
	*taken_r = pg_bool(&r, 0, 0);
	return true;
}

bool run_over(struct pg *db, int64_t org_id, int64_t run_id, bool *over_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_OVER, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	*over_r = r.n > 0 && pg_bool(&r, 0, 0);
	return true;
}

bool run_beat(struct pg *db, int64_t org_id, int64_t run_id, int64_t progress, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_BEAT, &r, e, PG_INT(org_id), PG_INT(run_id),
		    PG_INT(progress)))
		return false;
	return r.n > 0 || err_set(e, ERR_CONFLICT, "This sync was ended from elsewhere.");
}

bool run_lock(
	struct pg *db, int64_t org_id, int64_t run_id, struct run_locked *l_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_RUN_LOCK, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	if (r.n == 0)
		return err_set(e, ERR_CONFLICT, "The connection of this sync is gone.");
	*l_r = (struct run_locked){
		.running = str_is(str_of(pg_text(&r, 0, 0)), run_state_name(RUN_RUNNING)),
		.tenant = pg_text(&r, 0, 2),
		.failures = pg_int(&r, 0, 3),
		.was_live = pg_bool(&r, 0, 4),
		.cause = connection_cause_parse(pg_text(&r, 0, 5)),
	};
	if (!connection_state_parse(pg_text(&r, 0, 1), &l_r->state))
		return err_set(e, ERR_INTERNAL, "A connection is in a state nobody knows.");
	return true;
}

bool run_end(struct pg *db, int64_t org_id, int64_t run_id, const struct run_result *r,
	struct err *e)
{
	const struct run_counts *c = &r->counts;
	struct pg_rows rows;
	if (!run_may_move(RUN_RUNNING, r->state))
		return err_set(e, ERR_CONFLICT, "A run under way does not become %s.",
			run_state_name(r->state));
	bool ok = scope_once(db, org_id, STMT_RUN_END, &rows, e, PG_INT(org_id), PG_INT(run_id),
		PG_TEXT(run_state_name(r->state)), PG_TEXT(connection_cause_name(r->cause)),
		PG_TEXT(r->cause_text), PG_INT(c->seen), PG_INT(c->added), PG_INT(c->changed),
		PG_INT(c->archived), PG_INT(c->restored), PG_INT(c->unchanged),
		PG_INT(c->prospects), PG_INT(c->skipped), PG_INT(c->failed), PG_INT(c->calls),
		PG_INT(c->bytes), PG_INT(c->would_go), PG_BOOL(r->keep_slot), PG_INT(c->held),
		PG_INT(c->excluded));
	return ok && (rows.n > 0 || err_set(e, ERR_CONFLICT, "This run is over already."));
}

bool run_newest_good(struct pg *db, int64_t org_id, const char *tenant, int64_t *any_r,
	int64_t *full_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_NEWEST_GOOD, &r, e, PG_INT(org_id),
		    PG_TEXT(tenant), PG_TEXT(connection_cause_name(CAUSE_CHANGES_ONLY))))
		return false;
	*any_r = pg_int(&r, 0, 0);
	*full_r = pg_int(&r, 0, 1);
	return true;
}

bool run_good_since(struct pg *db, int64_t org_id, const char *tenant, int64_t since_us,
	bool *good_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_GOOD_SINCE, &r, e, PG_INT(org_id), PG_TEXT(tenant),
		    PG_INT(since_us), PG_TEXT(connection_cause_name(CAUSE_CHANGES_ONLY))))
		return false;
	*good_r = pg_bool(&r, 0, 0);
	return true;
}

bool run_replace_held(struct pg *db, int64_t org_id, int64_t run_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_RUN_REPLACE_HELD, &r, e, PG_INT(org_id), PG_INT(run_id));
}

bool run_interrupt(struct pg *db, int64_t org_id, const char *why, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_RUN_INTERRUPT, &r, e, PG_INT(org_id), PG_TEXT(why));
}

bool run_discard(struct pg *db, int64_t org_id, int64_t run_id, bool *done_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_DISCARD, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	*done_r = r.n > 0;
	return true;
}

bool run_would_go(struct pg *db, int64_t org_id, int64_t run_id, int64_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_WOULD_GO, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	*n_r = r.n == 0 ? -1 : pg_int(&r, 0, 0);
	return true;
}
