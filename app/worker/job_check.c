#include "base/log.h"
#include "store/audit.h"
#include "store/notices.h"
#include "worker/calls.h"
#include "worker/mail.h"
#include "worker/standby.h"
#include "worker/sync.h"

/*
 * The daily check: does Xero still list the practice? It finds a disconnect made in Xero, keeps
 * the tokens alive, and lets a connection heal whose permission was taken away and given back.
 *
 *  1 live, listed                     nothing
 *  2 live, not listed                 the standby takes over if the practice is listed for it; else the
 *                                     connection was removed in Xero and ends here
 *  3 the grant is dead                the standby takes over; without one: needs reconnect
 *  4 needs reconnect, listed again    a run is tried; if it succeeds, the connection is live again
 *  5 no answer                        tried again tomorrow
 */
enum { DAY_S = 24 * 3600 };

static bool is_connected(const struct work_connection *c)
{
	return c->tenant != NULL && c->grant_id != 0 && connection_look(c->state)->checked;
}

static bool listed(const struct xero_tenant *rows, size_t n, const char *tenant)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].tenant, tenant) == 0)
			return true;
	return false;
}

static bool end_here(
	struct worker *w, int64_t org_id, const struct work_connection *c, struct err *e)
{
	struct pg *db = w->db;
	return standby_end(w, org_id, e) &&
	       connection_end(db, org_id, CONNECTION_NOT_CONNECTED, CAUSE_REMOVED_IN_XERO, e) &&
	       grant_use(db, org_id, 0, e) && claim_drop(db, c->tenant, org_id, e) &&
	       grant_forget(db, c->grant_id, e);
}

/* The practice was lost between runs: reported as a run would, but once. */
static bool lose(struct worker *w, int64_t org_id, const struct work_connection *c,
	enum connection_cause cause, struct err *e)
{
	struct pg *db = w->db;
	bool moved = false, over = cause == CAUSE_REMOVED_IN_XERO;
	const struct audit_entry entry = {.org_id = org_id,
		.event = "connection.lost",
		.result = "failed",
		.detail = connection_cause_name(cause)};
	if (c->state == CONNECTION_NEEDS_RECONNECT && !over)
		return true;
	if (!pg_begin(db, org_id, e) || !connection_move(db, org_id, c->state,
						CONNECTION_NEEDS_RECONNECT, cause, &moved, e))
		return false;
	/* The state was changed meanwhile, by somebody who knows more. */
	if (!moved)
		return pg_commit(db, e);
	return (!over || end_here(w, org_id, c, e)) &&
	       notices_add(db, org_id, true, "reconnect", connection_cause_text(cause),
		       "/settings/integrations", e) &&
	       mail_queue(w, org_id, PEOPLE_ADMINS, 0, MAIL_RECONNECT,
		       connection_cause_name(cause), e) &&
	       audit_add(db, &entry, e) && pg_commit(db, e);
}

static bool try_healing(struct worker *w, int64_t org_id, struct err *e)
{
	bool added = false;
	const char *single = arena_printf(w->arena, "sync:%lld", (long long)org_id);
	return jobs_add(w->db, org_id, "sync", "{\"trigger\":\"retry\",\"heal\":1}", single, 0,
		&added, e);
}

static bool sign_in_over(
	struct worker *w, int64_t org_id, const struct work_connection *c, struct err *e)
{
	bool done = false;
	if (!standby_take_over(w, org_id, c, "the first one's sign-in is over.", &done, e))
		return false;
	return done ? c->state != CONNECTION_NEEDS_RECONNECT || try_healing(w, org_id, e)
		    : lose(w, org_id, c, CAUSE_SIGN_IN, e);
}

static bool not_listed(
	struct worker *w, int64_t org_id, const struct work_connection *c, struct err *e)
{
	bool done = false;
	if (!standby_rescue(
		    w, org_id, c, "Xero no longer gives the first one the practice.", &done, e))
		return false;
	return done ? c->state != CONNECTION_NEEDS_RECONNECT || try_healing(w, org_id, e)
		    : lose(w, org_id, c, CAUSE_REMOVED_IN_XERO, e);
}

static bool look(
	struct worker *w, int64_t org_id, const struct work_connection *c, struct err *e)
{
	const struct xero_tenant *rows = NULL;
	struct xero_answer answer;
	struct token t;
	size_t n = 0;
	struct err why = {0};
	if (!token_get(w, c->grant_id, 0, &t, &why)) {
		log_warn("check.token", log_text("why", why.text));
		return why.kind != ERR_REFUSED || sign_in_over(w, org_id, c, e);
	}
	if (!call_connections(w, t.access, &rows, &n, &answer, &why)) {
		log_warn("check.connections", log_text("why", why.text));
		return true;
	}
	if (!listed(rows, n, c->tenant))
		return not_listed(w, org_id, c, e);
	return c->state != CONNECTION_NEEDS_RECONNECT || try_healing(w, org_id, e);
}

bool job_check(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct work_connection c;
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	const struct connection_look *look_of = connection_look(c.state);
	end_r->later_s = look_of->runs != RUNS_NONE || look_of->coming ? DAY_S : -1;
	return !is_connected(&c) ||
	       (standby_check(w, j->org_id, e) && look(w, j->org_id, &c, e));
}
