#include "codec/json.h"
#include "store/rehearse.h"
#include "worker/calls.h"
#include "worker/sync.h"

/*
 * Tests the connection, as an admin asked: sign-in, practice, one read, the day's calls. At
 * most two calls, through the same lanes and budget as all others. It is no run: it has no row,
 * changes no counter and no state; the next run or the daily check does that.
 */
struct rehearse {
	struct sync s; /* only the fields a call needs are set */
	struct buf lines;
	bool failed;
};

static void say(struct rehearse *r, const char *what, bool ok, const char *says)
{
	struct buf *b = &r->lines;
	buf_adds(b, b->len == 0 ? "[{\"what\":" : ",{\"what\":");
	json_add_string(b, what);
	buf_adds(b, ok ? ",\"ok\":true,\"says\":" : ",\"ok\":false,\"says\":");
	json_add_string(b, says);
	buf_addc(b, '}');
	r->failed = r->failed || !ok;
}

static bool whatever(void *user, const char *media_type, const char *charset, struct err *e)
{
	(void)user;
	(void)media_type;
	(void)charset;
	(void)e;
	return true;
}

static bool piece(void *user, struct str bytes, struct err *e)
{
	(void)bytes;
	return worker_tick(user, e);
}

static bool practice(struct rehearse *r)
{
	struct sync *s = &r->s;
	const struct xero_tenant *rows = NULL;
	struct xero_answer answer;
	struct err why = {0};
	size_t n = 0;
	if (!call_connections(s->w, s->token.access, &rows, &n, &answer, &why)) {
		say(r, "Practice", false,
			"Xero did not answer. Wait a few minutes and test again.");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].tenant, s->key.tenant) == 0) {
			say(r, "Practice", true,
				rows[i].name == NULL ? "Xero lists the practice."
						     : rows[i].name);
			return true;
		}
	say(r, "Practice", false, connection_cause_text(CAUSE_REMOVED_IN_XERO));
	return false;
}

static const char *trouble_text(const struct sync_outcome *o)
{
	if (o->cause == CAUSE_NONE || o->cause == CAUSE_SYNC_FAILED || o->cause == CAUSE_SLOW)
		return "Xero did not answer. Wait a few minutes and test again.";
	return connection_cause_text(o->cause);
}

/*
 * Reads one stored client; before the first import, the changes of the last minute, the
 * smallest list there is.
 */
static bool read_one(struct rehearse *r, const char *uuid)
{
	struct sync *s = &r->s;
	struct worker *w = s->w;
	struct sync_outcome o = {.verdict = SYNC_OK};
	struct err why = {0};
	const struct xero_sink sink = {whatever, piece, worker_tick, w};
	if (sync_may_call(s, &o)) {
		const struct call c = {.access = s->token.access,
			.tenant = s->key.tenant,
			.uuid = uuid,
			.since = uuid == NULL ? w->clock() : 0};
		bool came = call_practice(w, w->arena, &c, &sink, &s->answer, &why);
		/* That the client is gone by now is an answer, too. */
		if (came || s->answer.trouble == XERO_GONE) {
			say(r, "Reading clients", true, "Xero answers; clients can be read.");
			return true;
		}
		sync_judge(s, &why, &o);
	}
	say(r, "Reading clients", false, trouble_text(&o));
	return false;
}

static bool budget(struct rehearse *r, struct err *e)
{
	struct sync *s = &r->s;
	int64_t calls = 0, day = s->w->set->day_budget;
	if (!rehearse_budget(s->w->db, s->key.tenant, &calls, e))
		return false;
	int64_t left = day > calls ? day - calls : 0;
	if (s->answer.day_left > 0 && s->answer.day_left < left)
		left = s->answer.day_left;
	say(r, "Calls left today", left > 0,
		left > 0 ? arena_printf(s->w->arena, "%s of %s.", str_number(s->w->arena, left),
				   str_number(s->w->arena, day))
			 : "None are left. Xero allows more calls within 24 hours.");
	return true;
}

static bool perform(struct rehearse *r, struct err *e)
{
	struct sync *s = &r->s;
	const char *uuid = NULL;
	struct err why = {0};
	if (s->conn.tenant == NULL || s->conn.grant_id == 0) {
		say(r, "Sign-in", false, "Nothing is connected. Select Connect.");
		return true;
	}
	s->key = (struct sync_key){.org_id = s->ask->org_id, .tenant = s->conn.tenant};
	if (!token_get(s->w, s->conn.grant_id, 0, &s->token, &why)) {
		say(r, "Sign-in", false,
			why.kind == ERR_REFUSED
				? connection_cause_text(CAUSE_SIGN_IN)
				: "Xero did not answer. Wait a few minutes and test again.");
		return true;
	}
	say(r, "Sign-in", true, "The sign-in to Xero is good.");
	if (!practice(r))
		return true;
	return rehearse_client(s->w->db, s->key.org_id, s->key.tenant, &uuid, e) &&
	       (!read_one(r, uuid) || budget(r, e));
}

bool job_rehearse(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const struct sync_ask ask = {.org_id = j->org_id, .trigger = RUN_MANUAL};
	struct rehearse r = {.s = {.w = w, .ask = &ask, .answer = {.day_left = -1}}};
	(void)end_r;
	buf_init(&r.lines, w->arena, SIZE_MAX);
	if (!work_connection(w->db, j->org_id, &r.s.conn, e))
		return e->kind == ERR_NOT_FOUND;
	if (!perform(&r, e))
		return false;
	buf_addc(&r.lines, ']');
	return rehearse_end(w->db, j->org_id, r.lines.data, e);
}
