#include "base/log.h"
#include "store/audit.h"
#include "store/notices.h"
#include "store/privacy.h"
#include "worker/worker.h"

enum { FORGET_PATIENCE_S = 120 };

/* Nothing that is kept may contain the name: nobody must learn from it whom it was about. */
static bool tell(
	struct worker *w, const struct job *j, const struct forgotten *f, struct err *e)
{
	const char *by = job_text(w, j, "name");
	const struct audit_entry entry = {.org_id = j->org_id,
		.user_id = job_number(w, j, "user"),
		.event = "privacy.deleted",
		.result = "ok",
		.detail = arena_printf(w->arena, "client %lld with %s",
			(long long)job_number(w, j, "client"),
			str_count(w->arena, f->contacts, "contact", "contacts"))};
	return notices_add(w->db, j->org_id, true, "forgotten",
		       arena_printf(w->arena,
			       "A client was deleted for good, as %s asked. Syncs leave it out.",
			       by == NULL ? "an admin" : str_isolate(w->arena, by)),
		       "/clients/deleted", e) &&
	       audit_add(w->db, &entry, e);
}

/* Asked for twice, or restored meanwhile: nothing is left to do, and nobody to tell. */
static bool over(struct worker *w, const struct err *e)
{
	pg_rollback(w->db);
	return e->kind == ERR_NOT_FOUND || e->kind == ERR_CONFLICT;
}

bool job_forget(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	int64_t client_id = job_number(w, j, "client");
	struct forgotten f;
	(void)end_r;
	if (!pg_begin(w->db, j->org_id, e))
		return false;
	pg_patience(w->db, FORGET_PATIENCE_S);
	if (!privacy_may(w->db, j->org_id, client_id, e))
		return over(w, e);
	if (!privacy_forget(w->db, &client_id, 1, job_number(w, j, "user"), &f, e) ||
		!tell(w, j, &f, e) || !pg_commit(w->db, e))
		return false;
	log_info("client.forgotten", log_int("clients", f.clients),
		log_int("contacts", f.contacts));
	return true;
}
