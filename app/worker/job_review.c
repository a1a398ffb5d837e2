#include "store/audit.h"
#include "store/edits.h"
#include "worker/sync.h"

/*
 * Does what an admin decided about a held run. "apply" reads the list again and lets as many
 * clients go as the admin was shown, not more; "again" reads it again with the brakes;
 * "discard" changes nothing until the next run.
 */
static bool discard(struct worker *w, const struct job *j, int64_t run_id, struct err *e)
{
	struct pg *db = w->db;
	bool done = false, moved = false;
	const struct audit_entry entry = {.org_id = j->org_id,
		.user_id = job_number(w, j, "user"),
		.event = "sync.discarded",
		.result = "ok",
		.detail = arena_printf(w->arena, "run %lld", (long long)run_id)};
	if (!pg_begin(db, j->org_id, e) || !run_discard(db, j->org_id, run_id, &done, e))
		return false;
	if (done && (!connection_move(db, j->org_id, CONNECTION_HELD, CONNECTION_LIVE,
			     CAUSE_NONE, &moved, e) ||
			    !audit_add(db, &entry, e)))
		return false;
	return pg_commit(db, e);
}

bool job_review(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	int64_t run_id = job_number(w, j, "run"), user_id = job_number(w, j, "user");
	struct str choice = str_of(job_text(w, j, "choice"));
	struct person who = {0};
	if (str_is(choice, "discard"))
		return discard(w, j, run_id, e);
	if (!mail_person(w->db, j->org_id, user_id, &who, e))
		return false;
	if (str_is(choice, "apply") && !edits_accept(w->db, j->org_id, run_id, e))
		return false;
	const struct sync_ask ask = {.org_id = j->org_id,
		.trigger = RUN_MANUAL,
		.user_id = user_id,
		.user_name = who.name,
		.approved = str_is(choice, "apply") ? run_id : 0};
	if (sync_run(w, &ask, end_r, e))
		return true;
	if (e->kind != ERR_CONFLICT)
		return false;
	end_r->later_s = 15;
	return true;
}
