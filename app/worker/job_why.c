#include "base/log.h"
#include "store/why.h"
#include "worker/calls.h"
#include "worker/sync.h"

/*
 * Compares one client, as Xero has it now, with what is stored:
 *
 *  1 Xero returns the client             compared
 *  2 not found, an unknown id, or 403    no longer visible to this sign-in
 *  3 anything else                       a sentence; nothing is said about the client
 *
 * Syncs do not need this call, so it may not use the day's reserve for scheduled runs.
 */
struct question {
	struct sync sync; /* for token and budget only; no run begins */
	struct why_ours ours;
	const char *uuid;
	struct xpm_parse *parse;
	struct why_answer answer;
	bool found;
};

/* The client is valid during the call only: what is said about it is copied. */
static bool on_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct question *q = user;
	struct arena *a = q->sync.w->arena;
	char uuid[37];
	(void)scratch;
	if (!str_uuid(str_trim(str_of(c->uuid)), uuid) || strcmp(uuid, q->uuid) != 0)
		return err_set(e, ERR_MALFORMED, "Xero answered with another client.");
	q->found = true;
	const struct why_row *found = NULL;
	q->answer.n = why_compare(a, &q->ours, c, &found);
	struct why_row *rows = arena_array(a, struct why_row, q->answer.n);
	for (size_t i = 0; i < q->answer.n; i++) {
		rows[i] = found[i];
		rows[i].who = found[i].who == NULL ? NULL : arena_strdup(a, found[i].who);
	}
	q->answer.rows = rows;
	return true;
}

static bool on_start(void *user, const char *media_type, const char *charset, struct err *e)
{
	struct question *q = user;
	return xpm_parse_new(
		q->sync.w->arena, XPM_GET, media_type, charset, on_client, q, &q->parse, e);
}

static bool on_piece(void *user, struct str bytes, struct err *e)
{
	struct question *q = user;
	return xpm_parse_feed(q->parse, bytes, e);
}

static bool on_tick(void *user, struct err *e)
{
	struct question *q = user;
	return worker_tick(q->sync.w, e);
}

static bool call(struct question *q, struct err *e)
{
	struct sync *s = &q->sync;
	const struct xero_sink sink = {on_start, on_piece, on_tick, q};
	const struct call get = {
		.access = s->token.access, .tenant = s->key.tenant, .uuid = q->uuid};
	q->parse = NULL;
	s->answer = (struct xero_answer){.trouble = XERO_DOWN};
	return call_practice(s->w, s->w->arena, &get, &sink, &s->answer, e) &&
	       q->parse != NULL && xpm_parse_end(q->parse, e);
}

static bool not_shown(const struct question *q)
{
	enum xero_trouble t = q->sync.answer.trouble;
	return t == XERO_GONE || t == XERO_FORBIDDEN ||
	       (q->parse != NULL && xero_says_gone(xpm_parse_reason(q->parse)));
}

static const char *sentence(const struct sync_outcome *o)
{
	if (o->cause == CAUSE_LIMIT)
		return "Xero's limit is reached. Try again in a few minutes.";
	if (o->verdict == SYNC_BROKEN)
		return connection_cause_text(o->cause);
	return "Xero did not answer with this client. Try again in a few minutes.";
}

/*
 * Fails with ERR_UNAVAILABLE or ERR_CONFLICT when the worker must stop; every other error
 * becomes an answer.
 */
static bool ask(struct question *q, struct err *e)
{
	struct sync_outcome o = {.verdict = SYNC_OK};
	for (int n = 0; n < 2 && sync_may_call(&q->sync, &o); n++) {
		if (call(q, e) && q->found)
			return true;
		if (not_shown(q)) {
			q->answer.n =
				why_compare(q->sync.w->arena, &q->ours, NULL, &q->answer.rows);
			return true;
		}
		log_warn("why.failed", log_text("why", e->text));
		o = (struct sync_outcome){.verdict = SYNC_FAILED, .cause = CAUSE_SYNC_FAILED};
		if (q->sync.answer.trouble != XERO_TOKEN)
			break;
		sync_judge(&q->sync, e, &o);
		if (o.verdict != SYNC_AGAIN)
			break;
	}
	if (o.verdict == SYNC_STOPPED || o.verdict == SYNC_OVER) {
		*e = o.err;
		return false;
	}
	q->answer.error = sentence(&o);
	return true;
}

static bool answer(struct question *q, int64_t client_id, struct err *e)
{
	struct worker *w = q->sync.w;
	const struct work_connection *c = &q->sync.conn;
	if (q->uuid == NULL || c->tenant == NULL || c->grant_id == 0 ||
		!connection_runs(c->state, false))
		q->answer.error = "This client is not synced from XPM at the moment.";
	else if (!ask(q, e))
		return false;
	return why_answer(w->db, q->sync.key.org_id, client_id, &q->answer, e);
}

bool job_why(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const struct sync_ask as_manual = {.org_id = j->org_id, .trigger = RUN_MANUAL};
	int64_t client_id = job_number(w, j, "client");
	struct question q = {.sync = {.w = w, .ask = &as_manual, .arena = w->arena}};
	(void)end_r;
	if (!work_connection(w->db, j->org_id, &q.sync.conn, e))
		return e->kind == ERR_NOT_FOUND;
	q.sync.key = (struct sync_key){.org_id = j->org_id, .tenant = q.sync.conn.tenant};
	return why_stored(w->db, w->arena, j->org_id, client_id, &q.ours, &q.uuid, e) &&
	       answer(&q, client_id, e);
}
