#include "base/log.h"
#include "worker/connect.h"

static void use(struct connect *c, const struct token *t)
{
	c->access = t->access;
	c->auth_event = connect_event(c->w, t->access);
}

/*
 * No practice was chosen: removes at Xero what this consent added, and restores the state
 * before.
 */
static bool cancel(struct connect *c, enum connection_cause cause, struct err *e)
{
	struct token t;
	struct err why = {0};
	if (token_get(c->w, c->grant_id, 0, &t, &why))
		use(c, &t);
	else
		log_err("choose.token", &why);
	connect_undo(c);
	return connect_refuse(c, cause, e);
}

static bool choose(struct connect *c, int64_t idx, bool confirmed, struct err *e)
{
	const struct practice *p = NULL;
	size_t n = 0;
	struct token t;
	struct err why = {0};
	if (!exchange_offered(c->w->db, c->w->arena, c->org_id, c->attempt_id, &p, &n, e))
		return false;
	if (idx < 0 || (size_t)idx >= n)
		return cancel(c, CAUSE_NONE, e);
	if (!token_get(c->w, c->grant_id, 0, &t, &why)) {
		log_warn("choose.token", log_text("why", why.text));
		return connect_refuse(c, CAUSE_EXPIRED, e);
	}
	use(c, &t);
	return connect_one(c, &p[idx], confirmed, e);
}

/* A choice of one practice asks: another practice than before, is that right? */
static bool was_question(struct connect *c, bool *confirmed_r, struct err *e)
{
	const struct practice *p = NULL;
	size_t n = 0;
	if (!exchange_offered(c->w->db, c->w->arena, c->org_id, c->attempt_id, &p, &n, e))
		return false;
	*confirmed_r = n == 1;
	return true;
}

bool job_choose(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct connect c = {
		.w = w, .org_id = j->org_id, .attempt_id = job_number(w, j, "attempt")};
	struct exchange_state s;
	bool late = job_number(w, j, "late") != 0, confirmed = false, moved = false;
	(void)end_r;
	if (!work_connection(w->db, c.org_id, &c.conn, e))
		return e->kind == ERR_NOT_FOUND;
	if (!exchange_look(w->db, c.org_id, c.attempt_id, &s, e))
		return false;
	/*
	 * Late: ten minutes passed without a choice. Else the web stored the choice and moved
	 * the state back.
	 */
	const char *want = late ? "choosing" : "returned";
	if (!s.found || s.grant_id == 0 || strcmp(s.stage, want) != 0)
		return true;
	c.user_id = s.user_id;
	c.grant_id = s.grant_id;
	c.came_from = s.came_from;
	c.preview = s.preview;
	if (late)
		return connection_move(w->db, c.org_id, CONNECTION_CHOOSING,
			       CONNECTION_CONNECTING, CAUSE_NONE, &moved, e) &&
		       (!moved || cancel(&c, CAUSE_EXPIRED, e));
	if (c.conn.state != CONNECTION_CONNECTING)
		return true;
	return was_question(&c, &confirmed, e) &&
	       choose(&c, job_number(w, j, "idx"), confirmed, e);
}
