#include "base/log.h"
#include "worker/sync.h"

/*
 * The automatic runs: one job an organisation, as long as it is connected. It runs at each slot
 * (a scheduled time) and then waits for the next. After downtime it runs at once for the last
 * slot missed, one time. A run's row has its slot, unique within the organisation, so a slot
 * has at most one run. It has none when a successful full run began after the slot's time for
 * another reason.
 */
enum { DAY_S = 24 * 3600, RUNNING_WAIT_S = 60 };

static char *single(struct worker *w, const char *kind, int64_t org_id)
{
	return arena_printf(w->arena, "%s:%lld", kind, (long long)org_id);
}

bool slots_plan(
	struct worker *w, int64_t org_id, const char *zone, int64_t *next_r, struct err *e)
{
	int64_t now = w->clock();
	bool added = false, shown = false;
	*next_r = schedule_next(&w->set->schedule, zone, org_id, now);
	return jobs_add(w->db, org_id, "slot", NULL, single(w, "slot", org_id),
		       (int)(*next_r - now), &added, e) &&
	       jobs_add(w->db, org_id, "check", NULL, single(w, "check", org_id),
		       DAY_S / 2 + (int)(org_id % (DAY_S / 2)), &added, e) &&
	       changes_plan(w, org_id, e) && connection_next(w->db, org_id, *next_r, &shown, e);
}

static bool has_slots(const struct work_connection *c)
{
	return c->tenant != NULL && connection_runs(c->state, false);
}

/*
 * 1 connecting or reconnecting: waits for its end. 2 a person must act, or the connection is
 * gone: the job ends, and the first successful run queues a new one.
 */
static bool not_now(const struct work_connection *c, struct job_end *end_r)
{
	end_r->later_s = connection_look(c->state)->coming ? RUNNING_WAIT_S : -1;
	return true;
}

static bool lie_down(struct worker *w, const struct job *j, const char *zone,
	struct job_end *end_r, struct err *e)
{
	int64_t now = w->clock();
	int64_t next = schedule_next(&w->set->schedule, zone, j->org_id, now);
	end_r->later_s = (int)(next - now);
	struct work_connection c;
	if (!work_connection(w->db, j->org_id, &c, e))
		return false;
	/* A retry may be due earlier; then its time is shown. */
	if (!has_slots(&c))
		return not_now(&c, end_r);
	bool shown = true;
	if (c.failures == 0 && !connection_next(w->db, j->org_id, next, &shown, e))
		return false;
	if (!shown)
		end_r->later_s = RUNNING_WAIT_S;
	return true;
}

/* A manual run has begun since, and has read all that this slot's run would read. */
static bool covered(struct worker *w, int64_t org_id, const struct work_connection *c,
	int64_t slot, bool *covered_r, struct err *e)
{
	int64_t good = 0, full = 0;
	if (!run_newest_good(w->db, org_id, c->tenant, &good, &full, e))
		return false;
	/* A run that began in the future shows that a clock was wrong. */
	*covered_r = full >= slot && full <= w->clock() + RUNNING_WAIT_S;
	return true;
}

bool job_slot(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct work_connection c;
	bool taken = false;
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	if (!has_slots(&c))
		return not_now(&c, end_r);
	int64_t slot = schedule_last(&w->set->schedule, c.zone, j->org_id, w->clock());
	if (!run_slot_taken(w->db, j->org_id, slot, &taken, e) ||
		(!taken && !covered(w, j->org_id, &c, slot, &taken, e)))
		return false;
	if (taken || slot < c.connected_at)
		return lie_down(w, j, c.zone, end_r, e);
	const struct sync_ask ask = {.org_id = j->org_id,
		.trigger = RUN_SCHEDULED,
		.slot = slot,
		.lost = j->lost >= JOB_LOST_MAX};
	const char *zone = arena_strdup(w->arena, c.zone);
	if (!sync_run(w, &ask, end_r, e)) {
		if (e->kind != ERR_CONFLICT)
			return false;
		end_r->later_s = RUNNING_WAIT_S;
		return true;
	}
	/* Interrupted: the slot has no result yet, so the job is due again at once. */
	return end_r->later_s == 0 || lie_down(w, j, zone, end_r, e);
}
