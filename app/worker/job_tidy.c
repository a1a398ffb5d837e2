#include "base/log.h"
#include "store/grants.h"
#include "store/work.h"
#include "worker/disconnect.h"
#include "worker/sync.h"
#include "worker/tokens.h"

enum { TIDY_S = 3600, SWEEP_S = 6 * 3600 };

/*
 * Orphaned grants: a worker died after it stored the tokens and before a connection used them,
 * or before it revoked them.
 */
static bool forget_orphans(struct worker *w, struct err *e)
{
	const int64_t *ids = NULL;
	size_t n = 0;
	if (!grant_orphans(w->db, w->arena, &ids, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!disconnect_drop_grant(w, ids[i], e) || !worker_tick(w, e))
			return false;
	return true;
}

/*
 * Deletes what has expired: sessions, links, attempts, unused grants, old detail. Seals again
 * what an older key sealed.
 */
bool job_tidy(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const int64_t *orgs = NULL;
	size_t n = 0;
	(void)j;
	end_r->later_s = TIDY_S;
	if (!tidy_house(w->db, e) || !forget_orphans(w, e) || !token_reseal(w, e) ||
		!work_orgs(w->db, w->arena, &orgs, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!tidy_org(w->db, orgs[i], w->set->retention_days, e) || !worker_tick(w, e))
			return false;
	log_info("tidy.done", log_int("organisations", (int64_t)n));
	return true;
}

/*
 * Makes sure that every connected organisation has its slot job: after a restore, a lost job or
 * a new schedule.
 */
static bool sweep_org(struct worker *w, int64_t org_id, struct err *e)
{
	struct work_connection c;
	int64_t next = 0;
	if (!pg_begin(w->db, org_id, e))
		return false;
	bool ok = work_connection(w->db, org_id, &c, e) &&
		  (!connection_runs(c.state, false) || slots_plan(w, org_id, c.zone, &next, e));
	if (ok)
		return pg_commit(w->db, e);
	pg_rollback(w->db);
	return e->kind == ERR_NOT_FOUND;
}

bool job_sweep(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const int64_t *orgs = NULL;
	size_t n = 0;
	bool added = false;
	(void)j;
	end_r->later_s = SWEEP_S;
	if (!jobs_add(w->db, 0, "tidy", NULL, "tidy", 60, &added, e) ||
		!jobs_add(w->db, 0, "digest", NULL, "digest", 60, &added, e) ||
		!work_orgs(w->db, w->arena, &orgs, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!sweep_org(w, orgs[i], e) || !worker_tick(w, e))
			return false;
	return true;
}
