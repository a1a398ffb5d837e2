#include "base/log.h"
#include "worker/calls.h"
#include "worker/sync.h"

#include <stdlib.h>

/*
 * A live client that a complete list lacks is asked for by its UUID before it is changed:
 *
 *  1 Xero returns the client    accepted as if it had been in the list: archived, deleted, prospect or live
 *  2 404, or an error with the reason for an unknown id    archived, gone_from_xpm
 *  3 403 although the list could be read                   archived, not_visible
 *  4 anything else              undecided: nothing changes, the next run asks again
 *  5 not asked                  a run asks only for so many, and within Xero's limits: the others are named,
 *                               counted as failed, and come first in the next run
 */
struct asked {
	struct sync *sync;
	struct xpm_parse *parse;
	struct arena *arena;
	bool found; /* the answer was the client we asked for */
	const char *uuid;
};

static bool on_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct asked *a = user;
	char uuid[37];
	if (!str_uuid(str_trim(str_of(c->uuid)), uuid) || strcmp(uuid, a->uuid) != 0)
		return err_set(e, ERR_MALFORMED, "Xero answered with another client.");
	a->found = true;
	return sync_take(a->sync, scratch, c, e);
}

static bool on_start(void *user, const char *media_type, const char *charset, struct err *e)
{
	struct asked *a = user;
	return xpm_parse_new(
		a->arena, XPM_GET, media_type, charset, on_client, a, &a->parse, e);
}

static bool on_piece(void *user, struct str bytes, struct err *e)
{
	struct asked *a = user;
	return xpm_parse_feed(a->parse, bytes, e);
}

static bool on_tick(void *user, struct err *e)
{
	struct asked *a = user;
	return worker_tick(a->sync->w, e);
}

static bool undecided(struct sync *s, const char *uuid, const struct err *why)
{
	log_info("sync.undecided", log_text("client", uuid), log_text("why", why->text));
	s->counts.failed++;
	sync_skip(s, uuid, NULL, CLIENT_UNDECIDED, why->text);
	return true;
}

static bool gone(struct sync *s, const char *uuid, const char *reason, struct err *e)
{
	return sync_stage_gone(s->w->db, &s->key, &s->stage, uuid, reason, e);
}

static bool call(struct asked *a, struct xero_answer *w_r, struct err *e)
{
	struct sync *s = a->sync;
	const struct xero_sink sink = {on_start, on_piece, on_tick, a};
	s->counts.calls++;
	const struct call get = {
		.access = s->token.access, .tenant = s->key.tenant, .uuid = a->uuid};
	bool came = call_practice(s->w, a->arena, &get, &sink, w_r, e);
	s->counts.bytes += w_r->bytes;
	return came && a->parse != NULL && xpm_parse_end(a->parse, e);
}

static bool judge(struct asked *a, const struct xero_answer *w, struct err *e)
{
	struct sync *s = a->sync;
	bool error = a->parse != NULL && xero_says_gone(xpm_parse_reason(a->parse));
	if (w->trouble == XERO_GONE || error)
		return gone(s, a->uuid, "gone_from_xpm", e);
	if (w->trouble == XERO_FORBIDDEN)
		return gone(s, a->uuid, "not_visible", e);
	/* Not Xero's error: the staging failed, or the worker must stop. */
	if (a->found || e->kind == ERR_CONFLICT || e->kind == ERR_UNAVAILABLE)
		return false;
	return undecided(s, a->uuid, e);
}

/*
 * The token may have expired while a long list came in; or the minute's calls may be used up
 * for a moment.
 */
static bool once_more(struct sync *s, const struct xero_answer *w, struct err *e)
{
	struct sync_outcome o;
	int wait_s = call_wait_s(w);
	if (w->trouble == XERO_TOKEN && !s->refreshed) {
		s->refreshed = true;
		return token_get(s->w, s->conn.grant_id, s->token.generation, &s->token, e);
	}
	return w->trouble == XERO_MINUTE && wait_s <= CALL_PATIENCE_S &&
	       worker_nap(s->w, wait_s * 1000, e) && sync_may_call(s, &o);
}

static bool ask(struct sync *s, struct arena *arena, const char *uuid, struct err *e)
{
	struct asked a = {.sync = s, .arena = arena, .uuid = uuid};
	struct xero_answer answer = {.trouble = XERO_DOWN};
	struct err why = {0};
	if (call(&a, &answer, &why))
		return true;
	if (once_more(s, &answer, &why)) {
		struct asked again = {.sync = s, .arena = arena, .uuid = uuid};
		if (call(&again, &answer, &why))
			return true;
		a = again;
	}
	*e = why;
	return judge(&a, &answer, e);
}

/* The order of the questions: clients the last run did not come to are asked for first. */
struct turns {
	struct sync *sync;
	struct arena *arena; /* for one question */
	const unsigned char (*waiting)[DIFF_ID_BYTES];
	size_t n_waiting;
	int left;	     /* questions this run may still ask */
	const char *why_not; /* why no more may be asked; NULL: the rule's own words say it */
};

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, DIFF_ID_BYTES);
}

static bool is_waiting(const struct turns *t, const unsigned char id[DIFF_ID_BYTES])
{
	return t->n_waiting != 0 &&
	       bsearch(id, t->waiting, t->n_waiting, sizeof *t->waiting, compare_ids) != NULL;
}

/* False with *e: the run must stop. Sets why_not when Xero's limits allow no more questions. */
static bool may_ask(struct turns *t, struct err *e)
{
	struct sync_outcome o = {.verdict = SYNC_OK};
	if (t->left == 0 || sync_may_call(t->sync, &o)) {
		t->left -= t->left > 0;
		return true;
	}
	*e = o.err;
	if (o.verdict == SYNC_STOPPED || o.verdict == SYNC_OVER)
		return false;
	t->why_not = arena_strdup(t->sync->arena, o.err.text);
	t->left = 0;
	return true;
}

static bool take_turn(struct turns *t, const char *uuid, struct err *e)
{
	bool had = t->left > 0;
	if (!may_ask(t, e))
		return false;
	if (!had || t->why_not != NULL) {
		t->sync->counts.failed++;
		sync_skip(t->sync, uuid, NULL, CLIENT_NOT_ASKED, t->why_not);
		return true;
	}
	bool ok = ask(t->sync, t->arena, uuid, e);
	arena_reset(t->arena);
	return ok;
}

static bool take_turns(struct turns *t, bool waiting, struct err *e)
{
	unsigned char id[DIFF_ID_BYTES];
	char uuid[37];
	size_t at = 0;
	while (diff_missing(t->sync->whole, &at, id)) {
		if (is_waiting(t, id) != waiting)
			continue;
		diff_uuid(id, uuid);
		if (!take_turn(t, uuid, e))
			return false;
	}
	return true;
}

/* False: nobody is missing, so the database is not asked either. */
static bool anybody(const struct sync *s)
{
	unsigned char id[DIFF_ID_BYTES];
	size_t at = 0;
	return diff_missing(s->whole, &at, id);
}

bool sync_missing(struct sync *s, struct err *e)
{
	if (!anybody(s))
		return true;
	struct turns t = {.sync = s,
		.arena = arena_new(),
		.left = s->approved_go >= 0 ? SYNC_ASKS_APPROVED_MAX : SYNC_ASKS_MAX};
	bool ok = sync_not_asked(s->w->db, s->arena, &s->key, &t.waiting, &t.n_waiting, e) &&
		  take_turns(&t, true, e) && take_turns(&t, false, e);
	arena_free(&t.arena);
	return ok && sync_stage_flush(s->w->db, &s->stage, e);
}
