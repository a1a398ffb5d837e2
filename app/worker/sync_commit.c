#include "base/log.h"
#include "store/fix.h"
#include "store/edits.h"
#include "store/match.h"
#include "worker/sync.h"

enum { APPLY_PATIENCE_S = 600, LOOK_TRIES = 5 };

static int64_t missing_of(const struct diff_whole *whole)
{
	unsigned char id[DIFF_ID_BYTES];
	size_t at = 0;
	int64_t n = 0;
	while (diff_missing(whole, &at, id))
		n++;
	return n;
}

/* The brakes count what the list lacks, before any missing client is asked for by UUID. */
static bool weigh(struct sync *s, enum run_brake *brake_r, struct err *e)
{
	struct run_counts *c = &s->counts;
	struct run_held *would = &s->would;
	*would = (struct run_held){.cause = CAUSE_NONE};
	if (s->stage.made && c->live_before > 0 &&
		!sync_would_go(s->w->db, &s->key, &would->archive, &would->blank, e))
		return false;
	would->archive += s->whole == NULL ? 0 : missing_of(s->whole);
	c->would_go = would->archive + would->blank;
	*brake_r = s->whole == NULL ? run_brake_changes(c) : run_brake(c);
	if (*brake_r != BRAKE_NONE && c->would_go <= s->approved_go)
		*brake_r = BRAKE_NONE;
	return true;
}

/* False while somebody disconnects or reconnects. */
static bool goes_on(const struct sync *s, const struct run_locked *was)
{
	return was->running && connection_runs(was->state, s->ask->heal) &&
	       was->tenant != NULL && strcmp(was->tenant, s->key.tenant) == 0;
}

/*
 * Locks run and connection. All that follows happens under this lock, and only if both are
 * still in our hands.
 */
static bool lock(struct sync *s, struct run_locked *was_r, struct err *e)
{
	struct pg *db = s->w->db;
	/* No heartbeat can be written while the rows are locked, so one is written now. */
	s->w->beat_at_ms = 0;
	if (!worker_tick(s->w, e) ||
		(!pg_in_transaction(db) && !pg_begin(db, s->key.org_id, e)))
		return false;
	pg_patience(db, APPLY_PATIENCE_S);
	if (!run_lock(db, s->key.org_id, s->key.run_id, was_r, e))
		return false;
	if (!goes_on(s, was_r))
		return err_set(e, ERR_CONFLICT, "This sync was ended from elsewhere.");
	return true;
}

/*
 * Turns ERR_CONFLICT of the writing into an internal error. When our own rows break a
 * constraint, that is our mistake; as ERR_CONFLICT it would look as if the run had been ended
 * elsewhere, and be "interrupted", where nobody looks for it. Only the lock and the tick report
 * that truly.
 */
static bool written(struct sync *s, bool ok, struct err *e)
{
	if (ok || e->kind != ERR_CONFLICT)
		return ok;
	const char *constraint = pg_constraint(s->w->db);
	log_error("sync.constraint", log_int("run", s->key.run_id),
		log_text("name", constraint), log_text("why", e->text));
	return err_set(e, ERR_INTERNAL, "The changes do not fit what is stored (%s).",
		*constraint == '\0' ? "no constraint" : constraint);
}

/* When the answer to the commit is lost, the run's row tells whether it took place. */
static bool commit(struct sync *s, struct err *e)
{
	if (pg_commit(s->w->db, e))
		return true;
	if (e->kind != ERR_UNCERTAIN)
		return false;
	struct err why = *e;
	for (int n = 1; n <= LOOK_TRIES; n++) {
		bool over = false;
		if (run_over(s->w->db, s->key.org_id, s->key.run_id, &over, e)) {
			log_warn("sync.commit_lost", log_int("happened", over));
			return over || err_set(e, ERR_UNAVAILABLE, "%s", why.text);
		}
		if (!worker_nap(s->w, schedule_backoff_ms(n, 0), e))
			return false;
	}
	return false;
}

static bool stage_missing(struct sync *s, struct err *e)
{
	unsigned char id[DIFF_ID_BYTES];
	char uuid[37];
	size_t at = 0;
	while (diff_missing(s->whole, &at, id)) {
		diff_uuid(id, uuid);
		if (!sync_stage_gone(s->w->db, &s->key, &s->stage, uuid, "gone_from_xpm", e))
			return false;
	}
	return sync_stage_flush(s->w->db, &s->stage, e);
}

static bool note_held(struct sync *s, enum connection_cause cause, struct err *e)
{
	/*
	 * An empty list: every client is missing, and the number is enough. Edits are stored
	 * already.
	 */
	if (cause == CAUSE_EMPTY || cause == CAUSE_EDITS)
		return true;
	return (s->whole == NULL || stage_missing(s, e)) &&
	       (!s->stage.made || sync_note_held(s->w->db, &s->key, e));
}

/*
 * Makes sure of the slots. A new connection, or one that was lost, has no slot job; after a
 * reconnect there is no next time; after a failure the time shown is the retry's. A held run
 * does this too.
 */
static bool plan_slots(struct sync *s, const struct run_locked *was, struct err *e)
{
	int64_t next = 0;
	bool over = !s->conn.active || !was->was_live || was->failures > 0 ||
		    was->state == CONNECTION_FIRST_IMPORT ||
		    was->state == CONNECTION_NEEDS_RECONNECT;
	return !over || slots_plan(s->w, s->key.org_id, s->conn.zone, &next, e);
}

static bool hold(struct sync *s, enum connection_cause cause, struct err *e)
{
	struct pg *db = s->w->db;
	struct run_locked was;
	s->would.cause = cause;
	const struct run_result result = {.state = RUN_HELD,
		.cause = cause,
		.cause_text = arena_printf(
			s->w->arena, "%s.", run_held_words(s->w->arena, &s->would)),
		.counts = s->counts,
		.keep_slot = true};
	const struct connection_trouble trouble = {.state = CONNECTION_HELD,
		.cause = cause,
		.manual = s->ask->trigger == RUN_MANUAL};
	log_warn("sync.held", log_int("would_go", s->counts.would_go),
		log_int("of", s->counts.live_before));
	if (!note_held(s, cause, e) || !lock(s, &was, e))
		return false;
	bool ok = run_end(db, s->key.org_id, s->key.run_id, &result, e) &&
		  run_replace_held(db, s->key.org_id, s->key.run_id, e) &&
		  connection_failed(db, s->key.org_id, s->key.run_id, &trouble, e) &&
		  (was.state == CONNECTION_HELD || sync_tell_held(s, e)) &&
		  plan_slots(s, &was, e) && sync_audit(s, "refused", "held", e);
	return written(s, ok, e) && commit(s, e);
}

/*
 * Finds clients that are gone and may continue as one that is new in this run. A first import
 * has none to compare with.
 */
static bool detect(struct sync *s, struct err *e)
{
	const struct run_counts *c = &s->counts;
	struct match_found found;
	if (s->stage.empty || c->archived + c->added == 0)
		return true;
	return match_detect(s->w->db, s->key.org_id, s->key.run_id, &found, e) &&
	       (found.n == 0 || sync_tell_moved(s, &found, e));
}

static bool apply(struct sync *s, struct err *e)
{
	struct run_counts *c = &s->counts;
	c->held = diff_held(s->diff, s->whole != NULL);
	s->stage.held = diff_any_held(s->diff);
	int64_t known = c->excluded;
	if (s->stage.made &&
		(!sync_bury(s->w->db, &s->key, c, e) ||
			!sync_apply(s->w->db, &s->key, &s->stage, c, e) || !detect(s, e)))
		return false;
	s->fine -= c->excluded - known;
	int64_t touched = c->added + c->changed + c->archived + c->restored - s->stage.gone;
	c->unchanged = touched < s->fine ? s->fine - touched : 0;
	if (s->n_skips == 0)
		return true;
	buf_addc(&s->skips, ']');
	return sync_skips(s->w->db, &s->key, s->skips.data, e);
}

/* Updates the list "Fix in XPM" by what was just stored. */
static bool follow(struct sync *s, struct err *e)
{
	bool all = s->whole != NULL && s->n_skips <= SYNC_SKIPS_MAX;
	return (!s->stage.made || fix_follow(s->w->db, s->key.run_id, s->key.tenant, e)) &&
	       fix_follow_skips(s->w->db, s->key.run_id, all, e);
}

/* The live numbers change only when the run changed something. */
static bool count_live(struct sync *s, const struct run_locked *was, int64_t *clients_r,
	int64_t *contacts_r, struct err *e)
{
	*clients_r = *contacts_r = -1;
	if (!s->stage.made && was->was_live && s->conn.active)
		return true;
	return sync_live_counts(s->w->db, &s->key, clients_r, contacts_r, e);
}

static bool books(struct sync *s, const struct run_locked *was, struct err *e)
{
	struct pg *db = s->w->db;
	int64_t org = s->key.org_id, run = s->key.run_id, clients = 0, contacts = 0;
	const struct run_counts *c = &s->counts;
	const struct run_result result = {
		.state = c->skipped + c->failed > 0 ? RUN_PROBLEMS : RUN_COMPLETE,
		.cause = s->whole == NULL ? CAUSE_CHANGES_ONLY : CAUSE_NONE,
		.cause_text =
			s->whole == NULL ? connection_cause_text(CAUSE_CHANGES_ONLY) : NULL,
		.counts = *c,
		.keep_slot = true};
	return count_live(s, was, &clients, &contacts, e) &&
	       run_end(db, org, run, &result, e) && run_replace_held(db, org, run, e) &&
	       connection_synced(
		       db, org, run, clients, contacts, s->ask->trigger == RUN_MANUAL, e) &&
	       (s->conn.active || (org_practice_live(db, org, s->key.tenant, e) &&
					  edits_over(db, org, e))) &&
	       sync_tell_good(s, was, clients, contacts, e) && plan_slots(s, was, e) &&
	       sync_audit(s, "ok", NULL, e);
}

static enum connection_cause cause_of(enum run_brake brake)
{
	return brake == BRAKE_EMPTY ? CAUSE_EMPTY : CAUSE_BRAKE;
}

/* Only records that were editable until this run can have been edited. */
static bool weigh_edits(struct sync *s, int64_t *n_r, struct err *e)
{
	*n_r = 0;
	return s->conn.active || edits_note(s->w->db, &s->key, &s->stage, n_r, e);
}

bool sync_commit(struct sync *s, struct err *e)
{
	enum run_brake brake = BRAKE_NONE;
	struct run_locked was;
	int64_t told = 0;
	if (s->fold && !sync_fold_doubles(s->w->db, &s->key, &told, e))
		return false;
	s->counts.skipped += told;
	if (!weigh(s, &brake, e))
		return false;
	if (brake != BRAKE_NONE)
		return hold(s, cause_of(brake), e);
	if (!weigh_edits(s, &s->would.edits, e))
		return false;
	if (s->would.edits > 0)
		return hold(s, CAUSE_EDITS, e);
	return (s->whole == NULL || sync_missing(s, e)) && lock(s, &was, e) &&
	       written(s, apply(s, e) && follow(s, e) && books(s, &was, e), e) && commit(s, e);
}
