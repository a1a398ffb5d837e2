#include "base/log.h"
#include "codec/when.h"
#include "store/audit.h"
#include "store/leave.h"
#include "store/notices.h"
#include "worker/disconnect.h"
#include "worker/mail.h"

/*
 * Removes a practice's records, as an admin chose at the disconnect. No sync run deletes
 * anything; this job does, on its planned date, and an admin can cancel it until then:
 *
 *  1 more than three days to go             wait
 *  2 three days to go                       admins are told, by notice and mail, once
 *  3 due                                    clients, contacts and history are deleted; tombstones stay
 *  4 cancelled, or the practice is back     nothing
 *
 * Each practice has a job of its own: several removals may be planned, each on its date.
 */
enum { DAY_S = 24 * 3600, TELL_S = LEAVE_TELL_DAYS * DAY_S };

bool erase_plan(struct worker *w, int64_t org_id, const char *tenant, struct err *e)
{
	const char *single = arena_printf(w->arena, "erase:%lld:%s", (long long)org_id, tenant);
	const char *payload = arena_printf(w->arena, "{\"tenant\":\"%s\"}", tenant);
	bool added = false;
	return job_drop(w->db, single, e) &&
	       jobs_add(w->db, org_id, "erase", payload, single,
		       LEAVE_REMOVE_DAYS * DAY_S - TELL_S, &added, e);
}

static bool audit(struct worker *w, const struct job *j, const char *event, const char *detail,
	struct err *e)
{
	const struct audit_entry entry = {.org_id = j->org_id,
		.user_id = job_number(w, j, "user"),
		.event = event,
		.result = "ok",
		.detail = detail};
	return audit_add(w->db, &entry, e);
}

/*
 * "The clients of Larch Accounting"; without the practice's name, words for where the clients
 * came from.
 */
static const char *whose(struct worker *w, const struct leave_removal *r)
{
	return r->practice == NULL ? "The clients that came from XPM"
				   : arena_printf(w->arena, "The clients of %s",
					     str_isolate(w->arena, r->practice));
}

static bool tell(
	struct worker *w, const struct job *j, const struct leave_removal *r, struct err *e)
{
	const char *words = arena_printf(w->arena, "%s will be removed on %s.", whose(w, r),
		when_show_date(w->arena, r->zone, r->at));
	return leave_told(w->db, j->org_id, r->tenant, e) &&
	       notices_add(w->db, j->org_id, true, "removal",
		       arena_printf(w->arena, "%s Cancel the removal to keep them.", words),
		       "/settings/integrations", e) &&
	       mail_queue(w, j->org_id, PEOPLE_ADMINS, 0, MAIL_REMOVAL, words, e);
}

static bool erase(
	struct worker *w, const struct job *j, const struct leave_removal *r, struct err *e)
{
	int64_t n = 0;
	if (!leave_erase(w->db, j->org_id, r->tenant, &n, e))
		return false;
	const char *many = str_count(
		w->arena, n, "client that came from XPM", "clients that came from XPM");
	log_info("erase.done", log_int("clients", n));
	return notices_add(w->db, j->org_id, true, "removed",
		       arena_printf(w->arena, "Removed as chosen at the disconnect: %s.", many),
		       "/clients", e) &&
	       audit(w, j, "clients.removed", many, e);
}

static bool look(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct leave_removal r;
	const char *tenant = job_text(w, j, "tenant");
	if (tenant == NULL)
		return true;
	if (!leave_removal(w->db, j->org_id, tenant, &r, e))
		return false;
	if (r.tenant == NULL)
		return true;
	if (r.left_s <= 0)
		return erase(w, j, &r, e);
	end_r->later_s = (int)(r.left_s > TELL_S ? r.left_s - TELL_S : r.left_s);
	return r.left_s > TELL_S || r.told || tell(w, j, &r, e);
}

bool job_erase(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	if (!pg_begin(w->db, j->org_id, e))
		return false;
	pg_patience(w->db, 300);
	return look(w, j, end_r, e) && pg_commit(w->db, e);
}

bool job_free(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	bool was = false;
	(void)end_r;
	return pg_begin(w->db, j->org_id, e) && leave_free(w->db, j->org_id, &was, e) &&
	       (!was || audit(w, j, "clients.freed", "", e)) && pg_commit(w->db, e);
}
