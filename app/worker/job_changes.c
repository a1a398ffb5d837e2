#include "worker/sync.h"

/*
 * With XERO_DELTA: between the full runs, every half hour or so, only what XPM
 * says has changed since the last good run began, and some minutes before. Such
 * a list proves nothing about who is not in it (API reference: archived,
 * deleted and contact-only edits may be absent), so it takes nobody away, and
 * it never stands in for a full run:
 *
 *  1 live, a full run within a day      changes are read
 *  2 no full run within a day           nothing: the slots' turn
 *  3 degraded, held, first import       nothing: the full run under repair first
 *  4 a failed one                       the connection is degraded; what repeats it is a full run
 *  5 turned off, or disconnected        the job ends
 */
enum { DAY_S = 24 * 3600 };

bool changes_plan(struct worker *w, int64_t org_id, struct err *e)
{
	int64_t every = w->set->delta_every_s;
	bool added = false;
	const char *single = arena_printf(w->arena, "changes:%lld", (long long)org_id);
	return every == 0 || jobs_add(w->db, org_id, "changes", NULL, single,
				     (int)(every / 2 + org_id % every), &added, e);
}

bool job_changes(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct work_connection c;
	int64_t good = 0, full = 0;
	if (w->set->delta_every_s == 0)
		return true;
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	if (!connection_runs(c.state, false))
		return true;
	end_r->later_s = (int)w->set->delta_every_s;
	if (c.state != CONNECTION_LIVE || !c.active)
		return true;
	if (!run_newest_good(w->db, j->org_id, c.tenant, &good, &full, e))
		return false;
	if (full == 0 || w->clock() - full > DAY_S)
		return true;
	const struct sync_ask ask = {.org_id = j->org_id,
		.trigger = RUN_SCHEDULED,
		.since = good - w->set->delta_overlap_s};
	/* One is under way: it reads everything, and more. */
	return sync_run(w, &ask, end_r, e) || e->kind == ERR_CONFLICT;
}
