#include "base/log.h"
#include "store/audit.h"
#include "store/fix.h"
#include "store/notices.h"
#include "store/sync.h"
#include "store/undo.h"
#include "store/work.h"
#include "worker/worker.h"

/*
 * Undoes a run, as an admin asked. It is a job: only the worker may write synced rows, and a
 * run may have changed 100,000 clients. The undo is a run itself and holds the lease of one, so
 * no sync begins meanwhile, and it waits for one that is under way.
 *
 * It is one transaction with a fixed number of statements. If the undo is not possible any
 * more, it ends as a failed run that says why; the page then says so before anybody asks again.
 */
enum { WAIT_S = 15, APPLY_PATIENCE_S = 600 };

struct undo {
	struct worker *w;
	struct undo_key key;
	int64_t user_id;
	const char *user_name, *tenant;
	struct run_counts counts;
};

static const char *words(struct undo *u)
{
	const struct run_counts *c = &u->counts;
	const char *since = c->skipped == 0 ? ""
					    : arena_printf(u->w->arena,
						      " %s had changed since and stayed as %s.",
						      str_number(u->w->arena, c->skipped),
						      c->skipped == 1 ? "it was" : "they were");
	return arena_printf(u->w->arena, "A sync was undone by %s: %s put back and held.%s",
		u->user_name == NULL ? "an admin" : str_isolate(u->w->arena, u->user_name),
		str_count(u->w->arena, c->held, "client", "clients"), since);
}

static bool tell(struct undo *u, const char *result, const char *why, struct err *e)
{
	const struct audit_entry entry = {.org_id = u->key.org_id,
		.user_id = u->user_id,
		.event = "sync.undone",
		.result = result,
		.detail = arena_printf(u->w->arena,
			"run %lld by run %lld: %s put back, %s changed since%s%s",
			(long long)u->key.undone, (long long)u->key.run_id,
			str_number(u->w->arena, u->counts.held),
			str_number(u->w->arena, u->counts.skipped), why == NULL ? "" : "; ",
			why == NULL ? "" : why)};
	return audit_add(u->w->db, &entry, e);
}

static bool refuse(struct undo *u, const char *why, struct err *e)
{
	const struct run_result result = {.state = RUN_FAILED, .cause_text = why};
	return run_end(u->w->db, u->key.org_id, u->key.run_id, &result, e) &&
	       tell(u, "refused", why, e) && pg_commit(u->w->db, e);
}

static bool books(struct undo *u, struct err *e)
{
	struct pg *db = u->w->db;
	int64_t org = u->key.org_id, clients = 0, contacts = 0;
	const struct sync_key key = {org, u->key.run_id, u->tenant};
	const struct run_result result = {
		.state = u->counts.skipped > 0 ? RUN_PROBLEMS : RUN_COMPLETE,
		.counts = u->counts};
	return fix_follow(db, u->key.run_id, u->tenant, e) &&
	       sync_live_counts(db, &key, &clients, &contacts, e) &&
	       run_end(db, org, u->key.run_id, &result, e) &&
	       undo_books(db, &u->key, clients, contacts, e) &&
	       notices_add(db, org, true, "sync_undone", words(u),
		       arena_printf(u->w->arena, "/syncs/%lld", (long long)u->key.undone), e) &&
	       tell(u, "ok", NULL, e) && pg_commit(db, e);
}

static bool perform(struct undo *u, struct err *e)
{
	struct pg *db = u->w->db;
	struct run_locked was;
	const char *why = NULL;
	u->w->beat_at_ms = 0;
	if (!worker_tick(u->w, e) || !pg_begin(db, u->key.org_id, e))
		return false;
	pg_patience(db, APPLY_PATIENCE_S);
	if (!run_lock(db, u->key.org_id, u->key.run_id, &was, e) ||
		!undo_lock(db, &u->key, &why, e))
		return false;
	if (!was.running)
		return err_set(e, ERR_CONFLICT, "This undo was ended from elsewhere.");
	if (why != NULL)
		return refuse(u, why, e);
	u->tenant = was.tenant;
	if (!undo_apply(db, &u->key, &u->counts, e))
		return false;
	log_info("undo.done", log_int("run", u->key.undone), log_int("back", u->counts.held),
		log_int("since", u->counts.skipped));
	return books(u, e);
}

/* The undo's own row must be ended after a failure: while it runs, no sync begins. */
static void give_up(struct undo *u, const struct err *why)
{
	const struct run_result result = {.state = RUN_FAILED,
		.cause_text =
			"The undo did not finish. Nothing was changed; it is tried again."};
	struct err e = {0};
	log_err("undo.failed", why);
	pg_rollback(u->w->db);
	if (!run_end(u->w->db, u->key.org_id, u->key.run_id, &result, &e))
		log_err("undo.end", &e);
}

bool job_undo(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct work_connection c;
	int64_t dead = 0;
	struct undo u = {.w = w,
		.key = {.org_id = j->org_id, .undone = job_number(w, j, "run")},
		.user_id = job_number(w, j, "user"),
		.user_name = job_text(w, j, "name")};
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	if (c.tenant == NULL)
		return true;
	const struct run_new n = {.trigger = RUN_UNDO,
		.asked_by = u.user_id,
		.asked_by_name = u.user_name,
		.tenant = c.tenant};
	if (!run_take_over(w->db, j->org_id, &dead, e))
		return false;
	if (!run_begin(w->db, j->org_id, &n, &u.key.run_id, e)) {
		end_r->later_s = WAIT_S;
		return e->kind == ERR_CONFLICT;
	}
	w->run = (struct worker_run){.org_id = j->org_id, .run_id = u.key.run_id};
	bool ok = perform(&u, e);
	w->run = (struct worker_run){.run_id = 0};
	if (!ok)
		give_up(&u, e);
	return ok;
}
