#include "base/log.h"
#include "store/audit.h"
#include "store/leave.h"
#include "store/work.h"
#include "worker/calls.h"
#include "worker/disconnect.h"
#include "worker/standby.h"
#include "worker/tokens.h"

/*
 * The steps:
 *
 *  1 The end here, in one transaction: records editable, practice free, runs and slots over.
 *  2 Xero is told by DELETE /connections/{id}, once now; the page waits for it.
 *  3 The page may say "Not connected".
 *  4 If Xero could not be told, job_remove retries for 24 hours.
 */
enum { REMOVE_AGAIN_S = 60, REMOVE_MOST_S = 3600 };

bool disconnect_queue_removal(struct worker *w, int64_t org_id, int64_t grant_id,
	const char *xero_connection, int due_in_s, struct err *e)
{
	int64_t id = 0;
	bool added = false;
	if (!removal_add(w->db, org_id, grant_id, xero_connection, &id, e))
		return false;
	const char *payload = arena_printf(w->arena, "{\"removal\":%lld}", (long long)id);
	const char *single = arena_printf(w->arena, "remove:%lld", (long long)id);
	return jobs_add(w->db, org_id, "remove", payload, single, due_in_s, &added, e);
}

bool disconnect_drop_grant(struct worker *w, int64_t grant_id, struct err *e)
{
	const struct secret *refresh = NULL;
	struct err why = {0};
	bool used = false;
	if (!grant_in_use(w->db, grant_id, &used, e))
		return false;
	if (used)
		return true;
	if (!token_refresh_secret(w, grant_id, &refresh, &why) ||
		!w->xero->revoke(w->xero->self, w->arena, refresh, &why))
		log_warn("disconnect.revoke", log_text("why", why.text));
	return grant_forget(w->db, grant_id, e);
}

static bool removed(struct worker *w, const struct removal *r, struct err *e)
{
	log_info("disconnect.removed", log_int("grant", r->grant_id));
	return removal_done(w->db, r->removal_id, e) &&
	       leave_telling(w->db, r->org_id, false, e) &&
	       disconnect_drop_grant(w, r->grant_id, e);
}

/* *done_r: Xero has confirmed the removal, or nobody can any more. */
static bool tell_xero(struct worker *w, const struct removal *r, bool *done_r, struct err *e)
{
	struct token t;
	struct xero_answer answer = {.trouble = XERO_DOWN};
	struct err why = {0};
	*done_r = false;
	bool told = token_get(w, r->grant_id, 0, &t, &why) &&
		    call_remove(w, t.access, r->xero_connection, &answer, &why);
	/*
	 * Without a valid grant nobody can remove it; with 403 it is gone, or not ours to
	 * remove.
	 */
	bool hopeless = !told && why.kind == ERR_REFUSED && answer.trouble != XERO_TOKEN;
	if (!told)
		log_warn("disconnect.xero", log_text("why", why.text));
	if (!told && !hopeless && !r->over)
		return true;
	*done_r = true;
	return removed(w, r, e);
}

bool job_remove(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct removal r;
	bool done = false;
	if (!removal_get(w->db, job_number(w, j, "removal"), &r, e))
		return false;
	if (r.removal_id == 0)
		return true;
	if (!tell_xero(w, &r, &done, e))
		return false;
	int again_s = REMOVE_AGAIN_S * j->attempts;
	end_r->later_s = done ? -1 : again_s < REMOVE_MOST_S ? again_s : REMOVE_MOST_S;
	return true;
}

/* What happens to the records; read from the job once, for the log and the database. */
struct parting {
	const char *choice; /* NULL: queued before there was a choice */
	int64_t user_id;
};

static bool audit(struct worker *w, int64_t org_id, const char *practice,
	const struct parting *p, struct err *e)
{
	const struct audit_entry entry = {.org_id = org_id,
		.user_id = p->user_id,
		.event = "connection.ended",
		.result = "ok",
		.detail = arena_printf(w->arena, "%s; records: %s",
			str_isolate(w->arena, practice),
			p->choice == NULL ? "edit" : p->choice)};
	return audit_add(w->db, &entry, e);
}

static bool choose(struct worker *w, int64_t org_id, const struct work_connection *c,
	const struct parting *p, struct err *e)
{
	const struct leave_choice choice = {c->tenant, c->tenant_name, p->choice};
	return leave_choose(w->db, org_id, &choice, e) &&
	       (p->choice == NULL || strcmp(p->choice, "remove") != 0 ||
		       erase_plan(w, org_id, c->tenant, e));
}

static bool drop_jobs(struct worker *w, int64_t org_id, struct err *e)
{
	static const char *const kinds[] = {
		"sync", "slot", "changes", "check", "review", "undo"};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!job_drop(w->db,
			    arena_printf(w->arena, "%s:%lld", kinds[i], (long long)org_id), e))
			return false;
	return true;
}

/* The state stays "disconnecting" until the first attempt to tell Xero is over. */
static bool end_here(struct worker *w, int64_t org_id, const struct work_connection *c,
	const struct parting *p, struct err *e)
{
	struct pg *db = w->db;
	bool known = c->grant_id != 0 && c->xero_connection != NULL;
	return pg_begin(db, org_id, e) &&
	       run_interrupt(db, org_id,
		       "The connection was ended during this sync. Nothing of it was applied.",
		       e) &&
	       (!known || disconnect_queue_removal(w, org_id, c->grant_id, c->xero_connection,
				  REMOVE_AGAIN_S, e)) &&
	       standby_end(w, org_id, e) &&
	       connection_end(db, org_id, CONNECTION_DISCONNECTING, CAUSE_DISCONNECTED, e) &&
	       grant_use(db, org_id, 0, e) &&
	       (c->tenant == NULL || claim_drop(db, c->tenant, org_id, e)) &&
	       (c->tenant == NULL || choose(w, org_id, c, p, e)) &&
	       leave_telling(db, org_id, known, e) && drop_jobs(w, org_id, e) &&
	       audit(w, org_id, c->tenant_name, p, e) && pg_commit(db, e);
}

/* Tries the removal just stored at once. */
static bool try_now(struct worker *w, const struct work_connection *c, struct err *e)
{
	struct removal r;
	bool done = false;
	int64_t id = 0;
	if (c->grant_id == 0 || c->xero_connection == NULL)
		return true;
	if (!removal_find(w->db, c->grant_id, c->xero_connection, &id, e) ||
		!removal_get(w->db, id, &r, e))
		return false;
	return r.removal_id == 0 || tell_xero(w, &r, &done, e);
}

bool job_disconnect(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct work_connection c;
	const struct parting p = {job_text(w, j, "choice"), job_number(w, j, "user")};
	bool moved = false;
	(void)end_r;
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	if (c.state != CONNECTION_DISCONNECTING)
		return true;
	/*
	 * If a worker died in between, the connection has ended already; only the page's state
	 * is left to do.
	 */
	if (c.tenant != NULL && (!end_here(w, j->org_id, &c, &p, e) || !try_now(w, &c, e)))
		return false;
	return connection_move(w->db, j->org_id, CONNECTION_DISCONNECTING,
		CONNECTION_NOT_CONNECTED, CAUSE_DISCONNECTED, &moved, e);
}
