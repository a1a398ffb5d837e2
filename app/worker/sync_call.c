#include "base/log.h"
#include "worker/calls.h"
#include "worker/standby.h"
#include "worker/sync.h"

enum { WAIT_LIMIT_S = 60 };

static void outcome(struct sync_outcome *o, enum sync_verdict verdict,
	enum connection_cause cause, const struct err *e)
{
	*o = (struct sync_outcome){.verdict = verdict, .cause = cause, .err = *e};
}

/* Judges why there is no token. */
static void judge_token(const struct err *e, struct sync_outcome *o)
{
	if (e->kind == ERR_REFUSED)
		outcome(o, SYNC_BROKEN, CAUSE_SIGN_IN, e);
	else if (e->kind == ERR_CONFIG)
		outcome(o, SYNC_BROKEN, CAUSE_CONFIG, e);
	else
		outcome(o, SYNC_FAILED, CAUSE_SYNC_FAILED, e);
}

/* The first grant is dead: takes the standby's, if there is one, and the run continues. */
static bool take_over(struct sync *s, struct token *t_r, struct err *e)
{
	struct worker *w = s->w;
	struct err why = {0};
	bool done = false;
	/* Not within the transaction of the staging: the next run does it. */
	if (e->kind != ERR_REFUSED || pg_in_transaction(w->db))
		return false;
	if (!standby_take_over(w, s->key.org_id, &s->conn, "the first one's sign-in is over.",
		    &done, &why) ||
		!done || !work_connection(w->db, s->key.org_id, &s->conn, &why)) {
		pg_rollback(w->db);
		return false;
	}
	return token_get(w, s->conn.grant_id, 0, t_r, e);
}

static bool get_token(struct sync *s, int64_t bad_generation, struct err *e)
{
	return token_get(s->w, s->conn.grant_id, bad_generation, &s->token, e) ||
	       take_over(s, &s->token, e);
}

static bool limited(int wait_s, const struct err *e, struct sync_outcome *o)
{
	outcome(o, SYNC_FAILED, CAUSE_LIMIT, e);
	o->wait_s = wait_s;
	return false;
}

static bool stopped(const struct err *e, struct sync_outcome *o)
{
	outcome(o, e->kind == ERR_CONFLICT ? SYNC_OVER : SYNC_STOPPED, CAUSE_NONE, e);
	return false;
}

/*
 * The reserve is for scheduled runs: all others stop a little before the day's budget is used
 * up.
 */
static int64_t budget_of(const struct sync *s)
{
	int64_t day = s->w->set->day_budget;
	bool scheduled = (s->ask->trigger == RUN_SCHEDULED || s->ask->trigger == RUN_RETRY) &&
			 s->ask->since == 0;
	return scheduled ? day : day - day * RUN_RESERVE_PERCENT / 100;
}

bool sync_may_call(struct sync *s, struct sync_outcome *o_r)
{
	struct worker *w = s->w;
	struct err e = {0};
	if (s->token.access == NULL && !get_token(s, 0, &e)) {
		judge_token(&e, o_r);
		return false;
	}
	for (int waited_s = 0;;) {
		int wait_s = 0;
		bool is_long = false;
		if (!budget_take(w->beat, s->key.tenant, budget_of(s), &wait_s, &is_long, &e)) {
			outcome(o_r, SYNC_FAILED, CAUSE_SYNC_FAILED, &e);
			return false;
		}
		if (wait_s == 0)
			return true;
		waited_s += wait_s;
		if (is_long || waited_s > WAIT_LIMIT_S) {
			(void)err_set_after(
				&e, ERR_LIMITED, wait_s, "Xero's limit is reached.");
			return limited(wait_s, &e, o_r);
		}
		if (!worker_nap(w, wait_s * 1000, &e))
			return stopped(&e, o_r);
	}
}

/* 401: one refresh a run. If the new token is refused too, a person must act. */
static void judge_401(struct sync *s, const struct err *e, struct sync_outcome *o)
{
	struct err why = {0};
	if (s->refreshed) {
		outcome(o, SYNC_BROKEN, CAUSE_SIGN_IN, e);
		return;
	}
	s->refreshed = true;
	pg_rollback(s->w->db);
	if (get_token(s, s->token.generation, &why))
		outcome(o, SYNC_AGAIN, CAUSE_SYNC_FAILED, e);
	else
		judge_token(&why, o);
}

/* 403 is about the tenant, not the token: does Xero still list the practice? */
static void judge_403(struct sync *s, const struct err *e, struct sync_outcome *o)
{
	struct worker *w = s->w;
	const struct xero_tenant *rows = NULL;
	struct xero_answer answer;
	struct err why = {0};
	size_t n = 0;
	s->counts.calls++;
	if (!call_connections(w, s->token.access, &rows, &n, &answer, &why)) {
		bool token = answer.trouble == XERO_TOKEN;
		outcome(o, token ? SYNC_BROKEN : SYNC_FAILED,
			token ? CAUSE_SIGN_IN : CAUSE_SYNC_FAILED, &why);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].tenant, s->key.tenant) == 0) {
			outcome(o, SYNC_BROKEN, CAUSE_PERMISSION, e);
			return;
		}
	}
	outcome(o, SYNC_BROKEN, CAUSE_REMOVED_IN_XERO, e);
}

static void judge_429(struct sync *s, const struct err *e, struct sync_outcome *o)
{
	int wait_s = call_wait_s(&s->answer);
	if (s->answer.trouble == XERO_DAY || wait_s > CALL_PATIENCE_S) {
		(void)limited(wait_s, e, o);
		return;
	}
	outcome(o, SYNC_AGAIN, CAUSE_LIMIT, e);
	o->wait_s = wait_s;
}

/* A 503 may have Retry-After, too. */
static void judge_kind(const struct sync *s, const struct err *e, struct sync_outcome *o)
{
	bool again = e->kind == ERR_UPSTREAM || e->kind == ERR_MALFORMED;
	int wait_s = call_wait_s(&s->answer);
	again = again && wait_s <= CALL_PATIENCE_S;
	outcome(o, again ? SYNC_AGAIN : SYNC_FAILED, CAUSE_SYNC_FAILED, e);
	o->wait_s = wait_s;
}

static void judge(struct sync *s, const struct err *e, struct sync_outcome *o_r)
{
	struct err stop = {0};
	if (!worker_tick(s->w, &stop)) {
		(void)stopped(&stop, o_r);
		return;
	}
	if (e->kind == ERR_CONFLICT) {
		(void)stopped(e, o_r);
		return;
	}
	switch (s->answer.trouble) {
	case XERO_TOKEN:
		judge_401(s, e, o_r);
		return;
	case XERO_SCOPE:
		outcome(o_r, SYNC_BROKEN, CAUSE_SCOPES, e);
		return;
	case XERO_FORBIDDEN:
		judge_403(s, e, o_r);
		return;
	case XERO_MINUTE:
	case XERO_DAY:
		judge_429(s, e, o_r);
		return;
	case XERO_GONE:
	case XERO_ERROR:
		outcome(o_r, SYNC_FAILED, CAUSE_SYNC_FAILED, e);
		return;
	case XERO_FINE:
	case XERO_DOWN:
		judge_kind(s, e, o_r);
		return;
	}
}

/*
 * The first grant needs a person, but the standby may work: reads the list once more with it.
 */
static void try_standby(struct sync *s, struct sync_outcome *o)
{
	struct worker *w = s->w;
	struct err why = {0};
	bool done = false;
	pg_rollback(w->db);
	if (!standby_rescue(w, s->key.org_id, &s->conn,
		    "Xero refused the first one the practice.", &done, &why) ||
		(done && !work_connection(w->db, s->key.org_id, &s->conn, &why))) {
		pg_rollback(w->db);
		log_err("sync.standby", &why);
		return;
	}
	if (!done)
		return;
	s->token = (struct token){.access = NULL};
	s->refreshed = false;
	why = o->err;
	outcome(o, SYNC_AGAIN, CAUSE_SYNC_FAILED, &why);
}

void sync_judge(struct sync *s, const struct err *e, struct sync_outcome *o_r)
{
	judge(s, e, o_r);
	if (o_r->verdict == SYNC_BROKEN && o_r->cause != CAUSE_CONFIG)
		try_standby(s, o_r);
}
