#include "base/log.h"
#include "io/stop.h"
#include "store/audit.h"
#include "store/import.h"
#include "worker/worker.h"

/*
 * The import of a file's preview. It is a job, since 50,000 rows take most of a minute, too
 * long for a request. Everything is one transaction, from the marks to the audit row: a worker
 * that dies leaves nothing half done, and another one starts again. A person waits for the
 * answer, so a failure that does not pass soon is reported, and the person may try again.
 */
enum { TURN_S = 2, TRIES_MAX = 4 };

struct import_job {
	struct worker *w;
	struct import_who who;
	const char *name;
};

static bool tell(struct import_job *i, const char *result, const char *detail, struct err *e)
{
	const struct audit_entry entry = {.org_id = i->who.org_id,
		.user_id = i->who.user_id,
		.event = "import.applied",
		.result = result,
		.detail = detail};
	return audit_add(i->w->db, &entry, e);
}

static bool keep(struct import_job *i, const struct import_outcome *o, struct err *e)
{
	if (o->state == IMPORT_CHANGED)
		return tell(i, "refused", "the client list had changed meanwhile", e);
	if (o->state == IMPORT_FAILED)
		return tell(i, "refused", o->said, e);
	log_info("import.done", log_int("clients", o->clients),
		log_int("contacts", o->contacts));
	return tell(i, "ok", o->said, e);
}

static bool perform(struct import_job *i, struct job_end *end, struct err *e)
{
	struct worker *w = i->w;
	struct import_outcome o;
	w->beat_at_ms = 0;
	if (!worker_tick(w, e) || !pg_begin(w->db, i->who.org_id, e) ||
		!import_apply(w->db, w->arena, i->who, i->name, &o, e))
		return false;
	if (o.state == IMPORT_ASKED)
		end->later_s = TURN_S;
	if (o.state == IMPORT_ASKED || o.state == IMPORT_SHOWN) {
		pg_rollback(w->db);
		return true;
	}
	return keep(i, &o, e) && pg_commit(w->db, e);
}

/* In a transaction of its own, since the failed one was rolled back. */
static bool give_up(struct import_job *i, struct err *e)
{
	static const char said[] =
		"The import did not finish, and nothing was added. Select Import to try again.";
	bool told;
	pg_rollback(i->w->db);
	return pg_begin(i->w->db, i->who.org_id, e) &&
	       import_fail(i->w->db, i->who, said, &told, e) &&
	       (!told || tell(i, "refused", said, e)) && pg_commit(i->w->db, e);
}

/* Not on ERR_CONFLICT: another worker has the job by now and will report its result. */
static bool may_pass(struct import_job *i, const struct job *j, const struct err *why)
{
	if (stop_asked())
		return true;
	return (why->kind == ERR_UNAVAILABLE || why->kind == ERR_CONFLICT) && !i->w->spent &&
	       j->attempts < TRIES_MAX;
}

bool job_import(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct import_job i = {.w = w,
		.who = {j->org_id, job_number(w, j, "user")},
		.name = job_text(w, j, "name")};
	if (j->lost >= JOB_LOST_MAX)
		return give_up(&i, e);
	if (perform(&i, end_r, e))
		return true;
	if (may_pass(&i, j, e))
		return false;
	log_err("import.failed", e);
	return give_up(&i, e);
}
