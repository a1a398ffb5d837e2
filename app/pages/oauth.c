#include "pages/oauth.h"

#include "base/log.h"
#include "codec/random.h"
#include "core/oauth.h"
#include "store/connections.h"
#include "store/standby.h"

enum { STATE_BYTES = 32, VERIFIER_BYTES = 48 };

/*
 * Xero may extend its answer: the length limits are generous, and unknown parameters are
 * ignored.
 */
const struct field callback_fields[CALLBACK__MAX] = {
	[CALLBACK_STATE] = {"state", FIELD_TEXT, false, 0, 128, "the state", NULL},
	[CALLBACK_CODE] = {"code", FIELD_TEXT, false, 0, 2048, "the code", NULL},
	[CALLBACK_ERROR] = {"error", FIELD_TEXT, false, 0, 256, "the error", NULL},
	[CALLBACK_DESCRIPTION] = {"error_description", FIELD_TEXT, false, 0, 2048,
		"the description", NULL},
	[CALLBACK_ISS] = {"iss", FIELD_TEXT, false, 0, 512, "the issuer", NULL},
};

static bool waits_for(const struct page *p, const char *what)
{
	return page_is_admin(p) && p->who->return_to != NULL &&
	       strcmp(p->who->return_to, what) == 0;
}

bool oauth_is_waiting(const struct page *p)
{
	return waits_for(p, OAUTH_WAITING) || waits_for(p, OAUTH_WAITING_PREVIEW);
}

static bool not_configured(struct page *p, struct err *e)
{
	log_error("xero.not_configured", log_text("why", "XERO_CLIENT_ID is not set"));
	return page_go_with(p, "/settings/integrations", "error",
		"Connecting is not set up on this server yet. The operator has to add the Xero app's settings.",
		e);
}

/* What the redirect to Xero is for. */
enum purpose { TO_CONNECT, TO_PREVIEW, TO_STAND_BY };

static bool leave(struct page *p, enum purpose purpose, struct err *e)
{
	const struct conf *c = p->site->conf;
	struct secret *state, *nonce, *verifier;
	unsigned char state_hash[HASH_BYTES];
	if (!page_is_fresh(p))
		return page_go(p, "/confirm");
	if (!p->who->has_factor)
		return page_go(p, "/mfa/setup");
	if (conf_text(c, CONF_XERO_CLIENT_ID) == NULL)
		return not_configured(p, e);
	if (!random_token(p->arena, STATE_BYTES, &state, e) ||
		!random_token(p->arena, STATE_BYTES, &nonce, e) ||
		!random_token(p->arena, VERIFIER_BYTES, &verifier, e))
		return false;
	struct str s = secret_open(state);
	hash_sha256(s.p, s.n, state_hash);
	bool pkce = conf_int(c, CONF_XERO_PKCE) != 0;
	struct attempt_new attempt = {
		.state_hash = state_hash,
		.session_id = p->who->session_id,
		.org_id = p->who->org_id,
		.user_id = p->who->user_id,
		.nonce = secret_open(nonce).p,
		.verifier = pkce ? secret_open(verifier).p : NULL,
		.standby = purpose == TO_STAND_BY,
		.preview = purpose == TO_PREVIEW,
	};
	struct oauth_authorize q = {
		.authorize_url = conf_text(c, CONF_XERO_AUTHORIZE_URL),
		.client_id = conf_text(c, CONF_XERO_CLIENT_ID),
		.redirect_uri = oauth_redirect_uri(p->arena, p->site->base_url),
		.scopes = conf_text(c, CONF_XERO_SCOPES),
		.state = s.p,
		.nonce = secret_open(nonce).p,
		.challenge = pkce ? oauth_challenge(p->arena, secret_open(verifier)) : NULL,
	};
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!sessions_return_to(p->db, p->who->session_id, NULL, e) ||
		!attempts_add(p->db, &attempt, e) ||
		!page_audit(p, purpose == TO_STAND_BY ? "standby.asked" : "connect.begun", "ok",
			"", e) ||
		!pg_commit(p->db, e))
		return false;
	response_redirect_away(p->s, oauth_authorize_url(p->arena, &q));
	return true;
}

bool oauth_leave(struct page *p, struct err *e)
{
	return leave(p, waits_for(p, OAUTH_WAITING_PREVIEW) ? TO_PREVIEW : TO_CONNECT, e);
}

bool oauth_standby(struct page *p, struct err *e)
{
	struct standby_show s;
	if (!standby_show(p->db, p->who->org_id, &s, e))
		return false;
	if (!connection_runs(p->who->xpm.state, false))
		return err_set(e, ERR_CONFLICT,
			"Connect Xero Practice Manager first. A standby is for a connection that "
			"works.");
	if (s.connected_by == p->who->user_id)
		return err_set(e, ERR_CONFLICT,
			"You connected Xero Practice Manager. A standby is another admin, with a "
			"Xero log-in of their own.");
	return leave(p, TO_STAND_BY, e);
}

static bool begin(struct page *p, bool preview, struct err *e)
{
	const char *what = preview ? OAUTH_WAITING_PREVIEW : OAUTH_WAITING;
	if (page_is_fresh(p) && p->who->has_factor)
		return leave(p, preview ? TO_PREVIEW : TO_CONNECT, e);
	return sessions_return_to(p->db, p->who->session_id, what, e) &&
	       leave(p, preview ? TO_PREVIEW : TO_CONNECT, e);
}

bool oauth_connect(struct page *p, struct err *e)
{
	return begin(p, false, e);
}

bool oauth_preview(struct page *p, struct err *e)
{
	return begin(p, true, e);
}

static enum connection_cause refusal(const struct page *p)
{
	const char *error = p->f.text[CALLBACK_ERROR];
	bool twice = false;
	/* RFC 9207 section 2.4: the issuer is compared when it is present. */
	const char *issuer = form_get(&p->q->query, "iss", &twice);
	if (issuer != NULL && strcmp(issuer, conf_text(p->site->conf, CONF_XERO_ISSUER)) != 0)
		return CAUSE_BAD_SIGN_IN;
	if (error[0] != '\0') {
		log_warn("connect.refused", log_text("error", p->f.text[CALLBACK_ERROR]),
			log_text("description", p->f.text[CALLBACK_DESCRIPTION]));
		/* RFC 6749 section 4.1.2.1: Xero had an error; nobody refused. */
		bool down = strcmp(error, "server_error") == 0 ||
			    strcmp(error, "temporarily_unavailable") == 0;
		return down ? CAUSE_XERO_DOWN : CAUSE_CANCELLED;
	}
	return p->f.text[CALLBACK_CODE][0] == '\0' ? CAUSE_EXPIRED : CAUSE_NONE;
}

/*
 * Shown on the tile only to an admin, who could have begun it. Anybody's link may lead here, so
 * the note must not replace the words of the banner.
 */
static bool note_on_tile(struct page *p, const struct connection *c, struct err *e)
{
	bool closable;
	if (!page_is_admin(p) || connection_banner(c->state, c->cause, &closable))
		return true;
	return connections_note_cause(p->db, p->who->org_id, CAUSE_EXPIRED, e);
}

/* The state is unknown, used, or of another browser: nothing is connected. */
static bool unknown_return(struct page *p, struct err *e)
{
	struct connection c;
	if (!connections_get(p->db, p->arena, p->who->org_id, &c, e) ||
		!page_audit(p, "connect.returned", "refused", "unknown or used state", e))
		return false;
	if (connection_look(c.state)->has_practice || c.state == CONNECTION_CONNECTING ||
		c.state == CONNECTION_CHOOSING)
		return page_go(p, "/settings/integrations?watch=1");
	return note_on_tile(p, &c, e) && page_go_with(p, "/settings/integrations", "error",
						 connection_cause_text(CAUSE_EXPIRED), e);
}

bool oauth_callback(struct page *p, struct err *e)
{
	unsigned char state_hash[HASH_BYTES];
	int64_t attempt = 0;
	bool standby = false;
	const char *state = p->f.text[CALLBACK_STATE];
	/*
	 * Always a redirect: a page at this address would keep the code in the browser's
	 * history.
	 */
	if (!page_is_admin(p) || !p->f.ok || state[0] == '\0')
		return unknown_return(p, e);
	enum connection_cause cause = refusal(p);
	hash_sha256(state, strlen(state), state_hash);
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!attempts_return(p->db, p->who->org_id, p->who->session_id, state_hash,
			cause == CAUSE_NONE ? p->f.text[CALLBACK_CODE] : NULL, cause, &attempt,
			e))
		return false;
	if (attempt == 0)
		return pg_commit(p->db, e) && unknown_return(p, e);
	if (!page_audit(p, "connect.returned", cause == CAUSE_NONE ? "ok" : "refused",
		    cause == CAUSE_NONE ? "" : connection_cause_name(cause), e) ||
		!pg_commit(p->db, e) ||
		!attempts_is_standby(p->db, p->who->org_id, attempt, &standby, e))
		return false;
	if (cause != CAUSE_NONE)
		return page_go_with(p, "/settings/integrations", "error",
			standby ? connection_standby_text(cause) : connection_cause_text(cause),
			e);
	if (standby)
		return page_go_with(p, "/settings/integrations", "info",
			"Your sign-in is being checked. The tile says when you stand by.", e);
	return page_go(p, "/settings/integrations?watch=1");
}
