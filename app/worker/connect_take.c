#include "base/log.h"
#include "store/audit.h"
#include "store/leave.h"
#include "store/standby.h"
#include "store/preview.h"
#include "store/sync.h"
#include "worker/connect.h"
#include "worker/disconnect.h"
#include "worker/standby.h"
#include "worker/sync.h"

enum { CHOICE_LIFE_S = 10 * 60 };

/* When the job does not say the state before the attempt, the row tells it. */
static enum connection_state state_before(const struct connect *c)
{
	const struct work_connection *was = &c->conn;
	enum connection_state s = CONNECTION_NOT_CONNECTED;
	if (was->tenant == NULL || was->grant_id == 0)
		return CONNECTION_NOT_CONNECTED;
	if (c->came_from != NULL && connection_state_parse(c->came_from, &s) &&
		s != CONNECTION_NOT_CONNECTED)
		return s;
	if (!was->was_live || !was->active)
		return CONNECTION_FIRST_IMPORT;
	return was->failures > 0 ? CONNECTION_DEGRADED : CONNECTION_LIVE;
}

/*
 * The cause for the state after a refusal. A live connection gets none: the attempt failed, not
 * the connection.
 */
static enum connection_cause cause_for(enum connection_state to, enum connection_cause cause)
{
	switch (to) {
	case CONNECTION_FIRST_IMPORT:
	case CONNECTION_LIVE:
		return CAUSE_NONE;
	case CONNECTION_DEGRADED:
		return CAUSE_SYNC_FAILED;
	case CONNECTION_HELD:
		return CAUSE_BRAKE;
	case CONNECTION_NOT_CONNECTED:
	case CONNECTION_CONNECTING:
	case CONNECTION_CHOOSING:
	case CONNECTION_NEEDS_RECONNECT:
	case CONNECTION_DISCONNECTING:
	case CONNECTION__MAX:
		break;
	}
	return cause;
}

static bool audit(struct connect *c, const char *event, const char *result, const char *detail,
	struct err *e)
{
	const struct audit_entry entry = {.org_id = c->org_id,
		.user_id = c->user_id,
		.event = event,
		.result = result,
		.detail = detail};
	return audit_add(c->w->db, &entry, e);
}

/* A connection whose grant is dead cannot stay live, whatever the result of this attempt. */
static bool still_good(struct connect *c, bool *good_r, struct err *e)
{
	struct grant g;
	if (!grant_get(c->w->beat, c->conn.grant_id, &g, e))
		return false;
	*good_r = g.grant_id != 0 && !g.dead;
	return true;
}

static bool refuse(
	struct connect *c, enum connection_state to, enum connection_cause cause, struct err *e)
{
	struct pg *db = c->w->db;
	const char *name = connection_cause_name(cause);
	bool moved = false;
	const struct exchange_move m = {.stage = "failed", .cause = name};
	return exchange_stage(db, c->org_id, c->attempt_id, &m, e) &&
	       exchange_offer_over(db, c->org_id, c->attempt_id, e) &&
	       connection_move(db, c->org_id, CONNECTION_CONNECTING, to, cause_for(to, cause),
		       &moved, e) &&
	       audit(c, "connection.refused", "refused", name == NULL ? "cancelled" : name, e);
}

bool connect_refuse(struct connect *c, enum connection_cause cause, struct err *e)
{
	enum connection_state to = state_before(c);
	bool good = true;
	if (to != CONNECTION_NOT_CONNECTED && !still_good(c, &good, e))
		return false;
	if (!good || (to != CONNECTION_NOT_CONNECTED && cause == CAUSE_SCOPES))
		to = CONNECTION_NEEDS_RECONNECT;
	if (!pg_begin(c->w->db, c->org_id, e) || !refuse(c, to, cause, e) ||
		!pg_commit(c->w->db, e))
		return false;
	return c->grant_id == 0 || grant_forget(c->w->db, c->grant_id, e);
}

static char *choice_payload(struct connect *c)
{
	return arena_printf(c->w->arena, "{\"attempt\":%lld,\"idx\":-1,\"late\":1}",
		(long long)c->attempt_id);
}

bool connect_offer(struct connect *c, const struct practice *p, size_t n,
	enum connection_cause cause, struct err *e)
{
	struct pg *db = c->w->db;
	bool moved = false, added = false;
	const char *single = arena_printf(c->w->arena, "choice:%lld", (long long)c->attempt_id);
	const struct exchange_move m = {.stage = "choosing", .grant_id = c->grant_id};
	return pg_begin(db, c->org_id, e) &&
	       exchange_stage(db, c->org_id, c->attempt_id, &m, e) &&
	       exchange_offer(db, c->org_id, c->attempt_id, p, n, e) &&
	       connection_move(db, c->org_id, CONNECTION_CONNECTING, CONNECTION_CHOOSING, cause,
		       &moved, e) &&
	       jobs_add(db, c->org_id, "choose", choice_payload(c), single, CHOICE_LIFE_S,
		       &added, e) &&
	       pg_commit(db, e);
}

/* The first import starts at once; a reconnect reads everything again and compares field by field. */
static bool queue_run(struct connect *c, bool again, struct err *e)
{
	struct worker *w = c->w;
	bool added = false;
	enum run_trigger trigger = again ? RUN_RECONNECT : RUN_FIRST;
	const char *payload = arena_printf(w->arena, "{\"trigger\":\"%s\",\"user\":%lld}",
		run_trigger_name(trigger), (long long)c->user_id);
	const char *single = arena_printf(w->arena, "sync:%lld", (long long)c->org_id);
	return job_drop(w->db, single, e) &&
	       jobs_add(w->db, c->org_id, "sync", payload, single, 0, &added, e);
}

/* With "Preview first" the list is read and shown instead, and waits for an answer. */
static bool queue_first(struct connect *c, bool again, struct err *e)
{
	const struct preview p = {.attempt_id = c->attempt_id,
		.user_id = c->user_id,
		.trigger = run_trigger_name(again ? RUN_RECONNECT : RUN_FIRST)};
	return preview_drop(c->w->db, c->org_id, e) &&
	       (c->preview ? preview_begin(c->w->db, c->org_id, &p, e)
			   : queue_run(c, again, e));
}

/* Another practice than before: the old connection at Xero is no longer needed. */
static bool drop_former(struct connect *c, const struct practice *p, struct err *e)
{
	const struct work_connection *was = &c->conn;
	if (was->tenant == NULL || was->xero_connection == NULL || was->grant_id == 0 ||
		strcmp(was->tenant, p->tenant) == 0)
		return true;
	return disconnect_queue_removal(
		c->w, c->org_id, was->grant_id, was->xero_connection, 0, e);
}

/* The standby ends when its admin has connected now, or when it was for another practice. */
static bool settle_standby(struct connect *c, const struct practice *p, struct err *e)
{
	struct standby s;
	const char *was = c->conn.tenant;
	if (!standby_get(c->w->db, c->org_id, &s, e))
		return false;
	if (s.grant_id != 0 && s.grant_id == c->grant_id)
		return standby_drop(c->w->db, c->org_id, s.grant_id, e);
	return was == NULL || strcmp(was, p->tenant) == 0 || standby_end(c->w, c->org_id, e);
}

static bool take(struct connect *c, const struct practice *p, bool *won_r, struct err *e)
{
	struct pg *db = c->w->db;
	const struct connection_taken t = {.grant_id = c->grant_id,
		.user_id = c->user_id,
		.tenant = p->tenant,
		.xero_connection = p->xero_connection,
		.tenant_name = p->name};
	const char *before = c->conn.tenant != NULL ? c->conn.tenant : c->conn.former_tenant;
	bool again = before != NULL && strcmp(before, p->tenant) == 0;
	const struct exchange_move done = {.stage = "done", .grant_id = c->grant_id};
	if (!claim_tenant(db, p->tenant, c->org_id, won_r, e))
		return false;
	if (!*won_r)
		return true;
	return claim_drop_others(db, p->tenant, c->org_id, e) &&
	       run_interrupt(db, c->org_id,
		       "The connection was made anew. Nothing of this sync was applied.", e) &&
	       settle_standby(c, p, e) && connection_take(db, c->org_id, &t, e) &&
	       leave_back(db, c->org_id, p->tenant, e) &&
	       grant_use(db, c->org_id, c->grant_id, e) &&
	       sync_forget_fingerprints(db, c->org_id, p->tenant, e) && drop_former(c, p, e) &&
	       exchange_stage(db, c->org_id, c->attempt_id, &done, e) &&
	       exchange_offer_over(db, c->org_id, c->attempt_id, e) &&
	       queue_first(c, again, e) &&
	       audit(c, "connection.made", "ok", p->name == NULL ? p->tenant : p->name, e);
}

bool connect_take(struct connect *c, const struct practice *p, struct err *e)
{
	struct pg *db = c->w->db;
	bool won = false;
	if (!pg_begin(db, c->org_id, e))
		return false;
	pg_patience(db, 300);
	if (!take(c, p, &won, e))
		return false;
	if (!won) {
		pg_rollback(db);
		connect_undo(c);
		return connect_refuse(c, CAUSE_PRACTICE_TAKEN, e);
	}
	if (!pg_commit(db, e))
		return false;
	log_info("connect.taken", log_text("practice", p->name));
	/* The former connection's grant may not be needed any more. */
	return c->conn.grant_id == 0 || c->conn.grant_id == c->grant_id ||
	       grant_forget(db, c->conn.grant_id, e);
}
