#include "base/log.h"
#include "store/audit.h"
#include "store/grants.h"
#include "worker/standby.h"
#include "worker/sync.h"

/*
 * What a failure does to run and connection. cause CAUSE_NONE: the connection's cause is
 * unchanged.
 */
struct aftermath {
	enum run_event run;
	enum connection_event event;
	enum connection_cause cause;
	bool counts, repeat;
	enum connection_state state; /* the state after the event */
};

static struct aftermath passing(const struct run_locked *was, enum connection_cause cause)
{
	struct aftermath a = {.run = RUN_FAILS, .event = CONNECTION_RUN_FAILED};
	/* An attempt to heal failed for a temporary reason: tomorrow's check tries again. */
	if (was->state == CONNECTION_NEEDS_RECONNECT)
		return a;
	a.counts = a.repeat = true;
	if (was->state == CONNECTION_FIRST_IMPORT)
		a.cause = cause == CAUSE_LIMIT ? CAUSE_LIMIT : CAUSE_FIRST_FAILED;
	else if (was->state != CONNECTION_HELD)
		a.cause = cause;
	return a;
}

static struct aftermath broken(enum connection_cause cause)
{
	struct aftermath a = {.run = RUN_FAILS, .event = CONNECTION_LOST, .cause = cause};
	/*
	 * A wrong configuration is not mended by a reconnect: the state stays, and the operator
	 * is told.
	 */
	if (cause == CAUSE_CONFIG)
		a.event = CONNECTION_MISCONFIGURED;
	else if (cause == CAUSE_REMOVED_IN_XERO)
		a.event = CONNECTION_REMOVED;
	a.counts = a.event == CONNECTION_LOST;
	return a;
}

static struct aftermath aftermath_of(const struct sync_outcome *o, const struct run_locked *was)
{
	struct aftermath a = {.run = RUN_STOPPED};
	struct err ignored;
	if (o->verdict == SYNC_BROKEN)
		a = broken(o->cause);
	else if (o->verdict != SYNC_STOPPED && o->verdict != SYNC_OVER)
		a = passing(was, o->cause);
	a.state = was->state;
	/*
	 * Somebody disconnects or reconnects: the state of the connection is theirs, whatever
	 * this run's result.
	 */
	if (a.run != RUN_STOPPED && !connection_step(was->state, a.event, &a.state, &ignored))
		a = (struct aftermath){.run = RUN_STOPPED, .state = was->state};
	return a;
}

static const char *words_of(
	struct sync *s, const struct sync_outcome *o, const struct aftermath *a)
{
	if (o->verdict == SYNC_STOPPED)
		return "The worker was stopped during this sync. Nothing of it was applied.";
	if (a->run == RUN_STOPPED)
		return "The connection was ended or changed during this sync. Nothing of it was applied.";
	/*
	 * The text does not say which of Xero's limits it was: nobody can do anything about it.
	 */
	if (o->cause == CAUSE_LIMIT)
		return connection_cause_text(o->cause);
	return arena_printf(
		s->w->arena, "%s (%s)", connection_cause_text(o->cause), o->err.text);
}

/*
 * The connection was removed in Xero: ends it here as a disconnect does, but nothing is left to
 * remove at Xero.
 */
static bool end_connection(struct sync *s, struct err *e)
{
	struct pg *db = s->w->db;
	int64_t org = s->key.org_id;
	return standby_end(s->w, org, e) &&
	       connection_end(db, org, CONNECTION_NOT_CONNECTED, CAUSE_REMOVED_IN_XERO, e) &&
	       grant_use(db, org, 0, e) && claim_drop(db, s->key.tenant, org, e) &&
	       grant_forget(db, s->conn.grant_id, e);
}

static bool move_connection(
	struct sync *s, const struct run_locked *was, const struct aftermath *a, struct err *e)
{
	const struct connection_trouble trouble = {.state = a->state,
		.cause = a->cause,
		.counts = a->counts,
		.manual = s->ask->trigger == RUN_MANUAL && s->counts.calls > 0};
	/* Who ended the run elsewhere has changed the connection's state, too. */
	if (a->run == RUN_STOPPED)
		return true;
	if (!connection_failed(s->w->db, s->key.org_id, s->key.run_id, &trouble, e))
		return false;
	if (a->cause == CAUSE_REMOVED_IN_XERO && !end_connection(s, e))
		return false;
	bool news = a->state != was->state || a->cause != was->cause;
	bool person = !a->counts || a->state == CONNECTION_NEEDS_RECONNECT;
	if (a->cause == CAUSE_CONFIG || (person && !news))
		return true;
	return sync_tell_failed(s, a->cause, was->failures + 1, e);
}

static const char *repeat_payload(struct sync *s, int attempt)
{
	return arena_printf(s->w->arena, "{\"trigger\":\"%s\",\"attempt\":%d}",
		run_trigger_name(RUN_RETRY), attempt);
}

/* Queues a retry only if it is due before the next slot. */
static bool queue_repeat(
	struct sync *s, const struct sync_outcome *o, struct job_end *end, struct err *e)
{
	struct worker *w = s->w;
	int64_t next = 0, org = s->key.org_id;
	int attempt = s->ask->attempt + 1;
	int usual_s = schedule_repeat_s(attempt);
	bool told = o->wait_s > usual_s || (o->cause == CAUSE_LIMIT && o->wait_s > 0);
	int wait_s = told ? o->wait_s : usual_s;
	bool added = false, shown = false;
	if (!slots_plan(w, org, s->conn.zone, &next, e))
		return false;
	if (wait_s == 0 || w->clock() + wait_s >= next)
		return true;
	/* The current job may be the one with this name. */
	if (w->job.kind != NULL && strcmp(w->job.kind, "sync") == 0) {
		if (!jobs_done(w->db, w->job.job_id, w->name, worker_took_ms(w), e))
			return false;
		end->settled = true;
	}
	const char *single = arena_printf(w->arena, "sync:%lld", (long long)org);
	return jobs_add(w->db, org, "sync", repeat_payload(s, attempt), single, wait_s, &added,
		       e) &&
	       connection_next(w->db, org, w->clock() + wait_s, &shown, e);
}

static void log_outcome(struct sync *s, const struct sync_outcome *o)
{
	const char *cause = connection_cause_name(o->cause);
	if (o->cause == CAUSE_CONFIG)
		log_error("sync.config", log_text("why", o->err.text));
	log_warn("sync.failed", log_int("run", s->key.run_id),
		log_text("cause", cause == NULL ? "stopped" : cause),
		log_text("why", o->err.text));
}

/* Another server answered in Xero's place: an audit row of its own, so that it can be found. */
static bool audit_untrusted(struct sync *s, const struct sync_outcome *o, struct err *e)
{
	const struct audit_entry entry = {.org_id = s->key.org_id,
		.event = "xero.untrusted",
		.result = "refused",
		.detail = o->err.text};
	return !s->answer.untrusted || audit_add(s->w->db, &entry, e);
}

bool sync_fail(struct sync *s, const struct sync_outcome *o, struct job_end *end, struct err *e)
{
	struct pg *db = s->w->db;
	struct run_locked was;
	pg_rollback(db);
	log_outcome(s, o);
	if (!pg_begin(db, s->key.org_id, e))
		return false;
	if (!run_lock(db, s->key.org_id, s->key.run_id, &was, e)) {
		pg_rollback(db);
		return e->kind == ERR_CONFLICT;
	}
	const struct aftermath a = aftermath_of(o, &was);
	struct run_result result = {.cause = o->cause,
		.cause_text = words_of(s, o, &a),
		.counts = s->counts,
		.keep_slot = a.run != RUN_STOPPED};
	if (was.running && (!run_step(RUN_RUNNING, a.run, &result.state, e) ||
				   !run_end(db, s->key.org_id, s->key.run_id, &result, e) ||
				   !move_connection(s, &was, &a, e) ||
				   (a.repeat && !queue_repeat(s, o, end, e)) ||
				   !sync_audit(s, "failed", result.cause_text, e) ||
				   !audit_untrusted(s, o, e)))
		return false;
	if (o->verdict == SYNC_STOPPED)
		end->later_s = 0;
	return pg_commit(db, e);
}
