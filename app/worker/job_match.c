#include "base/log.h"
#include "store/audit.h"
#include "store/match.h"
#include "store/notices.h"
#include "worker/worker.h"

/*
 * Joins and separates the pairs one user has decided on. It is a job, since only the worker may
 * write synced rows. Each direction is one transaction under the lock a run's apply takes, too:
 * a run sees the rows either before or after. It finds its clients by practice and XPM id,
 * whichever row has them.
 */
enum { PATIENCE_S = 300 };

static bool tell(struct worker *w, const struct match_by *by, const char *event, int64_t n,
	int64_t failed, struct err *e)
{
	if (n == 0 && failed == 0)
		return true;
	const struct audit_entry entry = {.org_id = by->org_id,
		.user_id = by->user_id,
		.event = event,
		.result = n == 0 ? "refused" : "ok",
		.detail = arena_printf(w->arena, "%s%s",
			str_count(w->arena, n, "client", "clients"),
			failed == 0 ? ""
				    : arena_printf(w->arena, ", %s not any more",
					      str_number(w->arena, failed)))};
	if (failed > 0 && !notices_add(w->db, by->org_id, true, "match",
				  "This XPM client has been matched meanwhile.",
				  "/settings/integrations/match", e))
		return false;
	log_info("match.done", log_text("event", event), log_int("pairs", n),
		log_int("failed", failed));
	return audit_add(w->db, &entry, e);
}

static bool join(struct worker *w, const struct match_by *by, struct err *e)
{
	int64_t n = 0, failed = 0;
	if (!pg_begin(w->db, by->org_id, e))
		return false;
	pg_patience(w->db, PATIENCE_S);
	return match_join(w->db, by, &n, &failed, e) &&
	       tell(w, by, "match.joined", n, failed, e) && pg_commit(w->db, e);
}

static bool part(struct worker *w, const struct match_by *by, struct err *e)
{
	int64_t n = 0;
	if (!pg_begin(w->db, by->org_id, e))
		return false;
	pg_patience(w->db, PATIENCE_S);
	return match_part(w->db, by, &n, e) && tell(w, by, "match.parted", n, 0, e) &&
	       pg_commit(w->db, e);
}

bool job_match(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const char *name = job_text(w, j, "name");
	const struct match_by by = {j->org_id, job_number(w, j, "user"), name};
	(void)end_r;
	return join(w, &by, e) && part(w, &by, e);
}
