#include "base/log.h"
#include "codec/jwt.h"
#include "worker/connect.h"

static const char *uuid_claim(struct arena *a, const struct json *claims, const char *name)
{
	char uuid[37];
	if (!str_uuid(str_of(json_text(json_get(claims, name))), uuid))
		return NULL;
	return arena_strdup(a, uuid);
}

/*
 * Nothing of the answer is used before these checks have passed; on failure all of it is
 * dropped.
 */
static bool check_id(struct worker *w, const struct oauth_tokens *t, const char *nonce,
	const struct json **claims_r, struct err *e)
{
	struct str jwks = STR("");
	const struct oauth_expect want = {.issuer = w->set->issuer,
		.client_id = w->set->client_id,
		.nonce = nonce,
		.now = w->clock()};
	return w->xero->jwks(w->xero->self, w->arena, &jwks, e) &&
	       jwt_verify(w->arena, secret_open(t->id), jwks, claims_r, e) &&
	       oauth_check_id(*claims_r, &want, e);
}

static bool asked_openid(const struct worker *w)
{
	struct str rest = str_of(w->set->scopes), scope;
	while (str_next(&rest, ' ', &scope))
		if (str_is(scope, "openid"))
			return true;
	return false;
}

/*
 * Who signed in: by the ID token if there is one, else by the access token; if both name a user
 * they must agree.
 */
static bool identify(struct worker *w, const struct oauth_tokens *t, const char *nonce,
	const char **xero_userid_r, struct err *e)
{
	const struct json *id = NULL, *access = NULL;
	if (t->id == NULL && asked_openid(w))
		return err_set(e, ERR_REFUSED, "Xero sent no ID token.");
	if (t->id != NULL && !check_id(w, t, nonce, &id, e))
		return false;
	if (!jwt_claims(w->arena, secret_open(t->access), &access, e))
		access = NULL;
	const char *signed_in = uuid_claim(w->arena, id, "xero_userid");
	const char *user = uuid_claim(w->arena, access, "xero_userid");
	*xero_userid_r = signed_in != NULL ? signed_in : user;
	if (*xero_userid_r == NULL)
		return err_set(e, ERR_REFUSED, "Xero did not say who signed in.");
	return user == NULL || strcmp(user, *xero_userid_r) == 0 ||
	       err_set(e, ERR_REFUSED, "Xero's two tokens are of different people.");
}

static enum connection_cause cause_of(const struct err *e)
{
	if (e->kind == ERR_CONFIG)
		return CAUSE_CONFIG;
	/*
	 * A code is valid once and for five minutes: invalid_grant means that it was used or
	 * has expired.
	 */
	return e->kind == ERR_REFUSED ? CAUSE_EXPIRED : CAUSE_XERO_DOWN;
}

static bool refuse(
	struct connect *c, enum connection_cause cause, const struct err *why, struct err *e)
{
	if (cause == CAUSE_CONFIG)
		log_error("connect.config", log_text("why", why->text));
	log_warn("connect.refused", log_text("cause", connection_cause_name(cause)),
		log_text("why", why->text));
	return connect_refuse(c, cause, e);
}

/* Stores the tokens before they are used, whatever becomes of this attempt. */
static bool keep(
	struct connect *c, const char *xero_userid, const struct oauth_tokens *t, struct err *e)
{
	struct worker *w = c->w;
	if (!token_keep(w, xero_userid, t, &c->grant_id, e))
		return false;
	const struct exchange_move m = {
		.stage = "returned", .grant_id = c->grant_id, .came_from = c->came_from};
	c->access = t->access;
	c->auth_event = connect_event(w, t->access);
	return exchange_stage(w->db, c->org_id, c->attempt_id, &m, e);
}

/* *cause_r CAUSE_NONE: the tokens are stored and may be used. False: try again later. */
bool connect_sign_in(struct connect *c, const struct exchange *x,
	enum connection_cause *cause_r, struct err *e)
{
	struct worker *w = c->w;
	const struct xero_code code = {x->code, x->verifier};
	struct oauth_tokens t;
	const char *xero_userid = NULL;
	*cause_r = CAUSE_NONE;
	*e = (struct err){0};
	if (!w->xero->exchange(w->xero->self, w->arena, &code, &t, e)) {
		*cause_r = cause_of(e);
	} else if (!identify(w, &t, x->nonce, &xero_userid, e)) {
		*cause_r = e->kind == ERR_UPSTREAM ? CAUSE_XERO_DOWN : CAUSE_BAD_SIGN_IN;
	} else if (!keep(c, xero_userid, &t, e)) {
		/*
		 * No refresh token, or our key file is wrong: the tokens cannot be stored, so
		 * they are not used.
		 */
		if (e->kind != ERR_REFUSED && e->kind != ERR_CONFIG)
			return false;
		*cause_r = e->kind == ERR_REFUSED ? CAUSE_SCOPES : CAUSE_CONFIG;
	} else if (!oauth_scopes_cover(t.scopes, w->set->scopes)) {
		(void)err_set(e, ERR_REFUSED, "Granted: %.150s", t.scopes);
		*cause_r = CAUSE_SCOPES;
		connect_undo(c);
	}
	return true;
}

static bool exchange(struct connect *c, const struct exchange *x, struct err *e)
{
	enum connection_cause cause = CAUSE_NONE;
	struct err why = {0};
	if (!connect_sign_in(c, x, &cause, &why)) {
		*e = why;
		return false;
	}
	return cause == CAUSE_NONE ? connect_pick(c, e) : refuse(c, cause, &why, e);
}

bool job_connect(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct connect c = {
		.w = w,
		.org_id = j->org_id,
		.attempt_id = job_number(w, j, "attempt"),
		.came_from = job_text(w, j, "from"),
	};
	struct exchange x;
	(void)end_r;
	if (!work_connection(w->db, c.org_id, &c.conn, e))
		return e->kind == ERR_NOT_FOUND;
	if (c.conn.state != CONNECTION_CONNECTING)
		return true;
	if (!exchange_claim(w->db, w->arena, c.org_id, c.attempt_id, &x, e))
		return false;
	/*
	 * Another worker took the code and died, or no worker came for ten minutes: a code is
	 * valid only once.
	 */
	if (!x.found)
		return connect_refuse(&c, CAUSE_EXPIRED, e);
	c.user_id = x.user_id;
	c.preview = x.preview;
	return exchange(&c, &x, e);
}
