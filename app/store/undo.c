#include "store/undo.h"

#include "codec/json.h"
#include "store/jobs.h"
#include "store/scope.h"

bool undo_run(struct pg *db, int64_t org_id, int64_t run_id, int64_t retention_days,
	struct undo_run *r_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_UNDO_RUN, &r, e, PG_INT(org_id), PG_INT(run_id),
		PG_INT(retention_days));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such sync."))
		return false;
	*r_r = (struct undo_run){.trigger = pg_text(&r, 0, 0),
		.state = pg_text(&r, 0, 1),
		.applied = pg_bool(&r, 0, 2),
		.too_old = pg_bool(&r, 0, 3),
		.of_ours = pg_bool(&r, 0, 4),
		.by_run = pg_int(&r, 0, 5),
		.by_name = pg_text(&r, 0, 6),
		.undone_at = pg_int(&r, 0, 7),
		.put_back = pg_int(&r, 0, 8),
		.left_alone = pg_int(&r, 0, 9),
		.asked = pg_bool(&r, 0, 10),
		.held = pg_int(&r, 0, 11),
		.started_at = pg_int(&r, 0, 12),
		.met_held = pg_int(&r, 0, 13)};
	return true;
}

static bool is_state(const char *name, enum run_state s)
{
	return str_is(str_of(name), run_state_name(s));
}

const char *undo_refusal(const struct undo_run *r)
{
	if (str_is(str_of(r->trigger), run_trigger_name(RUN_UNDO)))
		return "An undo cannot be undone. Lift the hold instead: the next sync then brings "
		       "the changes again.";
	if (is_state(r->state, RUN_UNDONE))
		return "This sync has been undone already.";
	if (is_state(r->state, RUN_RUNNING))
		return "This sync is still running. Wait until it has ended.";
	if (!is_state(r->state, RUN_COMPLETE) && !is_state(r->state, RUN_PROBLEMS))
		return "This sync was not applied, so there is nothing to undo.";
	if (r->too_old)
		return "The details of this sync are too old to undo it.";
	if (!r->applied)
		return "This sync changed no client, so there is nothing to undo.";
	if (!r->of_ours)
		return "The practice of this sync is not connected now. Connect it again, then undo "
		       "the sync.";
	return NULL;
}

bool undo_counts(
	struct pg *db, int64_t org_id, int64_t run_id, struct undo_counts *c_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_UNDO_COUNTS, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	*c_r = (struct undo_counts){pg_int(&r, 0, 0), pg_int(&r, 0, 1), pg_int(&r, 0, 2),
		pg_int(&r, 0, 3), pg_int(&r, 0, 4)};
	return true;
}

bool undo_names(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id, bool since,
	int limit, const struct undo_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_UNDO_NAMES, &r, e, PG_INT(org_id), PG_INT(run_id),
		    PG_BOOL(since), PG_INT(limit)))
		return false;
	struct undo_row *rows = arena_array(a, struct undo_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct undo_row){
			pg_int(&r, i, 0), pg_text(&r, i, 1), pg_text(&r, i, 2)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool undo_ask(struct pg *db, int64_t org_id, int64_t run_id, int64_t user_id,
	const char *user_name, bool *added_r, struct err *e)
{
	struct arena *a = arena_new();
	struct buf payload;
	buf_init(&payload, a, SIZE_MAX);
	buf_printf(&payload, "{\"run\":%lld,\"user\":%lld,\"name\":", (long long)run_id,
		(long long)user_id);
	json_add_string(&payload, user_name);
	buf_addc(&payload, '}');
	bool ok = jobs_add(db, org_id, "undo", payload.data,
		arena_printf(a, "undo:%lld", (long long)org_id), 0, added_r, e);
	arena_free(&a);
	return ok;
}

bool hold_lift(struct pg *db, int64_t org_id, int64_t client_id, int64_t run_id, int64_t *n_r,
	struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_HOLD_LIFT, &r, e, PG_INT(client_id), PG_INT(run_id)))
		return false;
	*n_r = pg_int(&r, 0, 0);
	return true;
}

bool hold_of(struct pg *db, int64_t org_id, int64_t client_id, int64_t *run_id_r, struct err *e)
{
	struct pg_rows r;
	bool ok =
		scope_once(db, org_id, STMT_HOLD_OF, &r, e, PG_INT(org_id), PG_INT(client_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such client."))
		return false;
	*run_id_r = pg_int(&r, 0, 0);
	return true;
}

bool undo_lock(struct pg *db, const struct undo_key *k, const char **why_r, struct err *e)
{
	struct pg_rows r;
	bool ok = pg_query(db, STMT_UNDO_LOCK, &r, e, PG_INT(k->org_id), PG_INT(k->undone));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such sync."))
		return false;
	const char *tenant = pg_text(&r, 0, 3), *connected = pg_text(&r, 0, 6);
	const struct undo_run now = {.state = pg_text(&r, 0, 0),
		.trigger = pg_text(&r, 0, 1),
		.applied = pg_bool(&r, 0, 2),
		.of_ours =
			tenant != NULL && connected != NULL && strcmp(tenant, connected) == 0};
	*why_r = undo_refusal(&now);
	return true;
}

/* Statements with the arguments of both runs. */
static bool put_back(struct pg *db, const struct undo_key *k, struct err *e)
{
	static const enum stmt steps[] = {STMT_UNDO_CONTACTS_AGAIN, STMT_UNDO_CONTACTS_CHANGE,
		STMT_UNDO_LINKS_REMOVE, STMT_UNDO_LINKS_BACK, STMT_UNDO_CLIENTS_CHANGE,
		STMT_UNDO_CLIENTS_ARCHIVE};
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (!pg_exec(db, steps[i], NULL, e, PG_INT(k->org_id), PG_INT(k->run_id),
			    PG_INT(k->undone)))
			return false;
	return pg_exec(
		db, STMT_UNDO_CONTACTS_REMOVE, NULL, e, PG_INT(k->org_id), PG_INT(k->undone));
}

static bool tally(
	struct pg *db, const struct undo_key *k, struct run_counts *counts, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_SYNC_TALLY, &r, e, PG_INT(k->org_id), PG_INT(k->run_id)))
		return false;
	counts->changed = pg_int(&r, 0, 1);
	counts->archived = pg_int(&r, 0, 2);
	counts->restored = pg_int(&r, 0, 3);
	return true;
}

bool undo_apply(
	struct pg *db, const struct undo_key *k, struct run_counts *counts_r, struct err *e)
{
	struct pg_rows ignored;
	size_t back = 0, since = 0;
	*counts_r = (struct run_counts){0};
	if (!pg_query(db, STMT_SYNC_WAYS, &ignored, e) ||
		!pg_exec(db, STMT_UNDO_SINCE, &since, e, PG_INT(k->org_id), PG_INT(k->run_id),
			PG_INT(k->undone)) ||
		!pg_exec(db, STMT_UNDO_MARK, &back, e, PG_INT(k->org_id), PG_INT(k->run_id),
			PG_INT(k->undone)) ||
		!put_back(db, k, e) ||
		!pg_query(db, STMT_HISTORY_TELL, &ignored, e, PG_INT(k->run_id), PG_NULL,
			PG_INT(0)) ||
		!tally(db, k, counts_r, e))
		return false;
	counts_r->held = (int64_t)back;
	counts_r->skipped = (int64_t)since;
	return true;
}

bool undo_books(struct pg *db, const struct undo_key *k, int64_t live_clients,
	int64_t live_contacts, struct err *e)
{
	return pg_exec(db, STMT_UNDO_DONE, NULL, e, PG_INT(k->org_id), PG_INT(k->run_id),
		       PG_INT(k->undone)) &&
	       pg_exec(db, STMT_UNDO_BOOKS, NULL, e, PG_INT(k->org_id), PG_INT(k->run_id),
		       PG_INT(live_clients), PG_INT(live_contacts));
}

bool history_by_hand(struct pg *db, int64_t client_id, const char *by_name, struct err *e)
{
	struct pg_rows ignored;
	return pg_query(db, STMT_HISTORY_TELL, &ignored, e, PG_INT(0), PG_TEXT(by_name),
		PG_INT(client_id));
}
