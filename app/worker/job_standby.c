#include "base/log.h"
#include "store/audit.h"
#include "store/notices.h"
#include "store/standby.h"
#include "worker/calls.h"
#include "worker/connect.h"

/*
 * This job signs in as job_connect does, but only for the connected practice, and by another
 * Xero user.
 */
static bool refuse(struct connect *c, enum connection_cause cause, struct err *e)
{
	struct worker *w = c->w;
	const char *name = connection_cause_name(cause);
	const struct exchange_move m = {.stage = "failed", .cause = name};
	const struct audit_entry entry = {.org_id = c->org_id,
		.user_id = c->user_id,
		.event = "standby.added",
		.result = "refused",
		.detail = name == NULL ? "the same Xero log-in" : name};
	return pg_begin(w->db, c->org_id, e) &&
	       exchange_stage(w->db, c->org_id, c->attempt_id, &m, e) &&
	       audit_add(w->db, &entry, e) && pg_commit(w->db, e) &&
	       (c->grant_id == 0 || grant_forget(w->db, c->grant_id, e));
}

static bool keep(struct connect *c, const struct practice *p, struct err *e)
{
	struct worker *w = c->w;
	const struct standby s = {.grant_id = c->grant_id,
		.xero_connection = p->xero_connection,
		.by = c->user_id};
	const struct exchange_move m = {.stage = "done", .grant_id = c->grant_id};
	const struct audit_entry entry = {.org_id = c->org_id,
		.user_id = c->user_id,
		.event = "standby.added",
		.result = "ok",
		.detail = p->name == NULL ? "" : p->name};
	bool set = false;
	if (!pg_begin(w->db, c->org_id, e) ||
		!standby_set(w->db, c->org_id, &s, c->conn.tenant, &set, e))
		return false;
	if (!set) {
		pg_rollback(w->db);
		return refuse(c, CAUSE_NONE, e);
	}
	return exchange_stage(w->db, c->org_id, c->attempt_id, &m, e) &&
	       notices_add(w->db, c->org_id, true, "standby",
		       "A standby was added: another admin's Xero log-in takes over if the "
		       "first one fails.",
		       "/settings/integrations", e) &&
	       audit_add(w->db, &entry, e) && pg_commit(w->db, e);
}

/*
 * Finds the connected practice among those listed; without it, removes at Xero what this
 * consent added.
 */
static bool pick(struct connect *c, struct err *e)
{
	const struct xero_tenant *rows = NULL;
	enum connection_cause cause;
	size_t n = 0;
	if (!connect_list(c, &rows, &n, &cause))
		return refuse(c, cause, e);
	for (size_t i = 0; i < n; i++) {
		const struct practice p = {
			rows[i].tenant, rows[i].connection, rows[i].name, false};
		if (strcmp(rows[i].tenant, c->conn.tenant) == 0)
			return keep(c, &p, e);
	}
	connect_undo(c);
	return refuse(c, CAUSE_NO_PRACTICE, e);
}

bool job_standby(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct connect c = {
		.w = w, .org_id = j->org_id, .attempt_id = job_number(w, j, "attempt")};
	struct exchange x;
	enum connection_cause cause = CAUSE_NONE;
	(void)end_r;
	if (!work_connection(w->db, c.org_id, &c.conn, e))
		return e->kind == ERR_NOT_FOUND;
	if (!exchange_claim(w->db, w->arena, c.org_id, c.attempt_id, &x, e))
		return false;
	if (!x.found || c.conn.tenant == NULL)
		return refuse(&c, CAUSE_EXPIRED, e);
	c.user_id = x.user_id;
	if (!connect_sign_in(&c, &x, &cause, e))
		return false;
	return cause == CAUSE_NONE ? pick(&c, e) : refuse(&c, cause, e);
}
