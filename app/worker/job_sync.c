#include "base/log.h"
#include "codec/random.h"
#include "io/stop.h"
#include "worker/sync.h"

static bool may_run(const struct work_connection *c, const struct sync_ask *ask)
{
	return connection_runs(c->state, ask->heal) && c->tenant != NULL && c->grant_id != 0 &&
	       !c->previewed;
}

static bool pause_try(struct sync *s, int n, struct sync_outcome *o)
{
	unsigned char jitter = 0;
	struct err e = {0};
	int ms = o->wait_s > 0 ? o->wait_s * 1000 : 0;
	if (ms == 0 && random_bytes(&jitter, sizeof jitter, &e))
		ms = schedule_backoff_ms(n, jitter);
	if (worker_nap(s->w, ms, &e))
		return true;
	*o = (struct sync_outcome){
		.verdict = e.kind == ERR_CONFLICT ? SYNC_OVER : SYNC_STOPPED, .err = e};
	return false;
}

void sync_in_time(const struct worker *w, struct sync_outcome *o)
{
	if (!w->spent || o->verdict == SYNC_OK || o->verdict == SYNC_OVER ||
		o->verdict == SYNC_BROKEN || stop_asked())
		return;
	o->verdict = SYNC_FAILED;
	o->cause = CAUSE_SLOW;
}

/* Up to SYNC_TRIES attempts. One after a refreshed token does not count. */
static void try_all(struct sync *s, struct sync_outcome *o)
{
	for (int n = 1;;) {
		struct err e = {0};
		bool refreshed = s->refreshed;
		*o = (struct sync_outcome){.verdict = SYNC_OK};
		if (!sync_may_call(s, o))
			return;
		if (sync_read(s, &e))
			return;
		sync_judge(s, &e, o);
		pg_rollback(s->w->db);
		if (o->verdict != SYNC_AGAIN)
			return;
		if (!refreshed && s->refreshed)
			continue;
		if (n++ == SYNC_TRIES || !pause_try(s, n - 1, o))
			return;
	}
}

void sync_try_all(struct sync *s, struct sync_outcome *o)
{
	try_all(s, o);
	sync_in_time(s->w, o);
}

/*
 * A failure after the list was read: our own, the database's, or the run was ended elsewhere.
 */
static void judge_commit(const struct err *e, struct sync_outcome *o)
{
	*o = (struct sync_outcome){.verdict = e->kind == ERR_CONFLICT ? SYNC_OVER
					      : stop_asked()	      ? SYNC_STOPPED
								      : SYNC_FAILED,
		.cause = CAUSE_SYNC_FAILED,
		.err = *e};
}

/*
 * When a lock or conflict stopped the apply, the list is read once more, since its staging is
 * gone.
 */
static void read_and_apply(struct sync *s, struct sync_outcome *o)
{
	for (bool again = false;; again = true) {
		struct err why = {0};
		sync_try_all(s, o);
		pg_mark(s->w->db);
		if (o->verdict != SYNC_OK || sync_commit(s, &why))
			return;
		judge_commit(&why, o);
		if (again || o->verdict != SYNC_FAILED || !pg_may_repeat(s->w->db))
			return;
		log_info("sync.again", log_text("why", why.text));
		pg_rollback(s->w->db);
	}
}

static void is_lost(struct sync_outcome *o)
{
	*o = (struct sync_outcome){.verdict = SYNC_FAILED, .cause = CAUSE_SYNC_FAILED};
	(void)err_set(&o->err, ERR_INTERNAL,
		"Our program ended unexpectedly during this sync, several times.");
}

static bool perform(struct sync *s, struct job_end *end_r, struct err *e)
{
	struct sync_outcome o;
	if (s->ask->lost)
		is_lost(&o);
	else
		read_and_apply(s, &o);
	sync_in_time(s->w, &o);
	if (o.verdict != SYNC_OK)
		return sync_fail(s, &o, end_r, e);
	const struct run_counts *c = &s->counts;
	log_info("sync.done", log_int("run", s->key.run_id), log_int("seen", c->seen),
		log_int("added", c->added), log_int("changed", c->changed),
		log_int("archived", c->archived), log_int("restored", c->restored),
		log_int("skipped", c->skipped));
	return true;
}

static bool begin(struct sync *s, struct err *e)
{
	struct worker *w = s->w;
	const struct sync_ask *ask = s->ask;
	const struct run_new n = {.trigger = ask->trigger,
		.asked_by = ask->user_id,
		.asked_by_name = ask->user_name,
		.slot = ask->slot,
		.tenant = s->key.tenant};
	int64_t dead = 0;
	if (!run_take_over(w->db, ask->org_id, &dead, e))
		return false;
	if (dead != 0)
		log_warn("sync.taken_over", log_int("run", dead));
	s->approved_go = -1;
	if (ask->approved != 0 &&
		!run_would_go(w->db, ask->org_id, ask->approved, &s->approved_go, e))
		return false;
	return run_begin(w->db, ask->org_id, &n, &s->key.run_id, e);
}

static void free_arena(void *arena)
{
	struct arena *a = arena;
	arena_free(&a);
}

bool sync_run(
	struct worker *w, const struct sync_ask *ask, struct job_end *end_r, struct err *e)
{
	struct sync s = {.w = w, .ask = ask, .arena = arena_new()};
	arena_defer(w->arena, free_arena, s.arena);
	if (!work_connection(w->db, ask->org_id, &s.conn, e))
		return e->kind == ERR_NOT_FOUND;
	if (!may_run(&s.conn, ask))
		return true;
	s.key = (struct sync_key){.org_id = ask->org_id, .tenant = s.conn.tenant};
	if (!begin(&s, e))
		return false;
	w->run = (struct worker_run){.org_id = ask->org_id,
		.run_id = s.key.run_id,
		.show_progress = s.conn.state == CONNECTION_FIRST_IMPORT};
	bool ok = perform(&s, end_r, e);
	w->run = (struct worker_run){.run_id = 0};
	return ok;
}

static enum run_trigger trigger_of(const char *name)
{
	for (size_t i = 0; i < RUN_TRIGGER__MAX; i++)
		if (name != NULL && strcmp(run_trigger_name((enum run_trigger)i), name) == 0)
			return (enum run_trigger)i;
	return RUN_RETRY;
}

/*
 * While this manual sync waited for its turn, another run may have begun after it was asked
 * for: that one serves.
 */
static bool joined(struct worker *w, const struct job *j, bool *joined_r, struct err *e)
{
	struct work_connection c;
	int64_t asked_us = job_number(w, j, "asked_us");
	*joined_r = false;
	if (asked_us == 0)
		return true;
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	return c.tenant == NULL ||
	       run_good_since(w->db, j->org_id, c.tenant, asked_us, joined_r, e);
}

bool job_sync(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const struct sync_ask ask = {
		.org_id = j->org_id,
		.trigger = trigger_of(job_text(w, j, "trigger")),
		.user_id = job_number(w, j, "user"),
		.user_name = job_text(w, j, "name"),
		.attempt = (int)job_number(w, j, "attempt"),
		.approved = job_number(w, j, "approved"),
		.heal = job_number(w, j, "heal") != 0,
		.lost = j->lost >= JOB_LOST_MAX,
	};
	bool over = false;
	if (!joined(w, j, &over, e))
		return false;
	if (over || sync_run(w, &ask, end_r, e))
		return true;
	if (e->kind != ERR_CONFLICT)
		return false;
	/* A run is under way: a manual sync joins it, others come back later. */
	end_r->later_s = ask.trigger == RUN_MANUAL ? -1 : 30;
	return true;
}
