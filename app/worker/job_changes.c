#include "worker/sync.h"

/*
 * With XERO_DELTA: between full runs, every half hour or so, reads only what XPM says has
 * changed since the last successful run began, with some minutes of overlap. Archived, deleted
 * and contact-only changes may be absent from such a list (developer.xero.com, Practice Manager
 * API 3.1, Clients: modifiedsinceutc), so it archives nobody for being absent, and it never
 * replaces a full run:
 *
 *  1 live, a full run within a day      changes are read
 *  2 no full run within a day           nothing: the next slot does a full run
 *  3 degraded, held, first import       nothing: a full run must succeed first
 *  4 reading the changes failed         the connection is degraded; the retry is a full run
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
	/* A run is under way, which reads at least as much. */
	return sync_run(w, &ask, end_r, e) || e->kind == ERR_CONFLICT;
}
