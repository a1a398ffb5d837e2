#include "base/log.h"
#include "store/audit.h"
#include "store/preview.h"
#include "worker/connect.h"
#include "worker/sync.h"

/*
 * "Preview first". The list is read as in a run, into the same staging, counted, and rolled
 * back: no client table is written and no run's row is made. "Import" then begins the first
 * run, which reads the list again. "Cancel", or an hour without an answer, ends the connection;
 * at Xero only what this consent added and no organisation uses is removed.
 */
static const char *skips_of(struct sync *s)
{
	if (s->n_skips == 0)
		return "[]";
	buf_addc(&s->skips, ']');
	return s->skips.data;
}

static bool count(struct sync *s, struct preview *p, const char **sample_r, struct err *e)
{
	int64_t told = 0;
	*sample_r = "[]";
	p->seen = s->counts.seen;
	p->prospects = s->counts.prospects;
	if (s->fold && !sync_fold_doubles(s->w->db, &s->key, &told, e))
		return false;
	p->skipped = s->counts.skipped + told;
	return !s->stage.made || preview_staged(s->w->db, s->key.org_id, p, sample_r, e);
}

static bool show(struct sync *s, struct preview *p, struct err *e)
{
	const char *sample;
	if (!count(s, p, &sample, e))
		return false;
	sample = arena_strdup(s->w->arena, sample);
	pg_rollback(s->w->db);
	log_info("preview.ready", log_int("seen", p->seen), log_int("clients", p->clients),
		log_int("matches", p->matches));
	return preview_ready(s->w->db, s->key.org_id, p, sample, skips_of(s), e);
}

static bool fail(struct sync *s, const struct preview *p, const struct sync_outcome *o,
	struct job_end *end, struct err *e)
{
	pg_rollback(s->w->db);
	if (o->verdict == SYNC_STOPPED) {
		end->later_s = 0;
		return true;
	}
	log_warn("preview.failed", log_text("why", o->err.text));
	/*
	 * No sync has failed here, so the words about syncs would be wrong: the user reads
	 * those about connecting.
	 */
	bool sync = o->cause == CAUSE_NONE || o->cause == CAUSE_SYNC_FAILED ||
		    o->cause == CAUSE_SLOW;
	return preview_failed(s->w->db, s->key.org_id, p->attempt_id,
		connection_cause_text(sync ? CAUSE_XERO_DOWN : o->cause), e);
}

static void free_arena(void *arena)
{
	struct arena *a = arena;
	arena_free(&a);
}

bool job_preview(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct preview p;
	struct sync_outcome o;
	const struct sync_ask ask = {.org_id = j->org_id, .trigger = RUN_FIRST};
	struct sync s = {.w = w, .ask = &ask, .arena = arena_new(), .approved_go = -1};
	arena_defer(w->arena, free_arena, s.arena);
	if (!work_connection(w->db, j->org_id, &s.conn, e))
		return e->kind == ERR_NOT_FOUND;
	if (!preview_get(w->db, j->org_id, &p, e))
		return false;
	if (!p.open || p.ready || s.conn.tenant == NULL || s.conn.grant_id == 0 ||
		s.conn.state != CONNECTION_FIRST_IMPORT)
		return true;
	s.key = (struct sync_key){.org_id = j->org_id, .tenant = s.conn.tenant};
	sync_try_all(&s, &o);
	if (o.verdict != SYNC_OK)
		return fail(&s, &p, &o, end_r, e);
	return show(&s, &p, e);
}

static bool end_here(
	struct worker *w, int64_t org_id, const struct work_connection *c, struct err *e)
{
	const struct audit_entry entry = {.org_id = org_id,
		.event = "connection.ended",
		.result = "ok",
		.detail = "nothing was imported"};
	return pg_begin(w->db, org_id, e) &&
	       connection_end(w->db, org_id, CONNECTION_DISCONNECTING, CAUSE_NONE, e) &&
	       preview_forget(w->db, org_id, e) && grant_use(w->db, org_id, 0, e) &&
	       claim_drop(w->db, c->tenant, org_id, e) && preview_drop(w->db, org_id, e) &&
	       audit_add(w->db, &entry, e) && pg_commit(w->db, e);
}

static bool end_all(
	struct worker *w, int64_t org_id, const struct work_connection *was, struct err *e)
{
	struct connect c = {.w = w, .org_id = org_id, .grant_id = was->grant_id, .conn = *was};
	struct token t;
	struct err why = {0};
	if (!end_here(w, org_id, was, e))
		return false;
	if (token_get(w, was->grant_id, 0, &t, &why)) {
		c.access = t.access;
		c.auth_event = connect_event(w, t.access);
		connect_undo(&c);
	} else {
		log_err("preview.token", &why);
	}
	return grant_forget(w->db, was->grant_id, e);
}

/*
 * The hour of this attempt's preview is over: acts as Cancel, if that preview is still the one.
 */
static bool is_late(
	struct worker *w, int64_t org_id, int64_t attempt_id, bool *late_r, struct err *e)
{
	struct preview p;
	if (!pg_begin(w->db, org_id, e) || !preview_get(w->db, org_id, &p, e))
		return false;
	*late_r = p.open && p.attempt_id == attempt_id;
	return (!*late_r || preview_end(w->db, org_id, late_r, e)) && pg_commit(w->db, e);
}

bool job_preview_end(
	struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct work_connection c;
	int64_t attempt = job_number(w, j, "late");
	bool late = true, moved = false;
	(void)end_r;
	if (attempt != 0 && !is_late(w, j->org_id, attempt, &late, e))
		return false;
	if (!late)
		return true;
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	if (c.state != CONNECTION_DISCONNECTING)
		return true;
	/* If a worker died in between, the connection has ended already. */
	if (c.tenant != NULL && !end_all(w, j->org_id, &c, e))
		return false;
	return connection_move(w->db, j->org_id, CONNECTION_DISCONNECTING,
		CONNECTION_NOT_CONNECTED, CAUSE_NONE, &moved, e);
}
