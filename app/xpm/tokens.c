#include "base/log.h"
#include "codec/form.h"
#include "xpm/api.h"

/*
 * The identity server (RFC 6749 sections 4.1.3 and 6; RFC 7009). The timeout is short: the
 * refresher holds the claim on the grant, and another process takes it over after 45 s.
 */
enum { TOKEN_TIMEOUT_S = 20, TOKEN_BODY_MAX = 64 * 1024, FORM_MAX = 16 * 1024 };

static const struct xero_setup *setup_of(void *self)
{
	return self;
}

static bool post(const struct xero_setup *s, struct arena *a, const char *url,
	const struct buf *form, struct http_reply *reply_r, struct err *e)
{
	if (form->over)
		return err_set(e, ERR_TOO_LARGE, "A token is longer than any Xero makes.");
	const struct http_request q = {
		.method = "POST",
		.url = url,
		.form_body = form->data,
		.basic_user = s->client_id,
		.basic_password = s->client_secret,
		.timeout_s = TOKEN_TIMEOUT_S,
		.body_max = TOKEN_BODY_MAX,
	};
	*reply_r = (struct http_reply){0};
	return http_fetch(s->http, a, &q, reply_r, e);
}

static void log_tokens(const char *what, const struct http_reply *r)
{
	log_info("xero.answer", log_text("call", what), log_int("status", r->status),
		log_text("correlation", http_header(r, "xero-correlation-id")));
}

/*
 * Judges by the `error` of the body (RFC 6749 section 5.2), not by the status: invalid_client
 * and invalid_grant can both come with 400, but the first is our mistake and the second the
 * user's to repair.
 */
static bool refused(struct arena *a, const struct http_reply *r, struct err *e)
{
	switch (oauth_judge_error(a, r->status, r->body)) {
	case OAUTH_GRANT_DEAD:
		return err_set(e, ERR_REFUSED, "Xero does not accept this sign-in any more.");
	case OAUTH_OUR_CONFIG:
		return err_set(e, ERR_CONFIG,
			"Xero refuses our app: check XERO_CLIENT_ID and XERO_CLIENT_SECRET.");
	case OAUTH_PASSING:
		break;
	}
	if (r->status == 429)
		return err_set(e, ERR_LIMITED, "Xero's identity server asks us to wait.");
	return err_set(
		e, ERR_UPSTREAM, "Xero's identity server answered with status %d.", r->status);
}

static bool token_call(const struct xero_setup *s, struct arena *a, const char *what,
	const struct buf *form, struct oauth_tokens *t_r, struct err *e)
{
	struct http_reply reply;
	struct err why = {0};
	if (!post(s, a, s->token_url, form, &reply, &why)) {
		xero_log_failed(what, &reply, &why);
		if (reply.was_sent)
			return err_set(e, ERR_UNCERTAIN, "Xero's token answer was lost: %.150s",
				why.text);
		*e = why;
		return false;
	}
	log_tokens(what, &reply);
	if (reply.status != 200)
		return refused(a, &reply, e);
	if (oauth_tokens_parse(a, reply.body, t_r, &why))
		return true;
	/*
	 * Xero may have rotated the token already: only another try with the same old token can
	 * tell.
	 */
	return err_set(e, ERR_UNCERTAIN, "%.200s", why.text);
}

static bool do_exchange(void *self, struct arena *a, const struct xero_code *c,
	struct oauth_tokens *t_r, struct err *e)
{
	const struct xero_setup *s = setup_of(self);
	struct buf form;
	buf_init(&form, a, FORM_MAX);
	form_add(&form, "grant_type", "authorization_code");
	form_add(&form, "code", secret_open(c->code).p);
	form_add(&form, "redirect_uri", s->redirect_uri);
	if (c->verifier != NULL)
		form_add(&form, "code_verifier", secret_open(c->verifier).p);
	return token_call(s, a, "token.code", &form, t_r, e);
}

static bool do_refresh(void *self, struct arena *a, const struct secret *refresh,
	struct oauth_tokens *t_r, struct err *e)
{
	struct buf form;
	buf_init(&form, a, FORM_MAX);
	form_add(&form, "grant_type", "refresh_token");
	form_add(&form, "refresh_token", secret_open(refresh).p);
	return token_call(setup_of(self), a, "token.refresh", &form, t_r, e);
}

static bool do_revoke(void *self, struct arena *a, const struct secret *refresh, struct err *e)
{
	const struct xero_setup *s = setup_of(self);
	struct http_reply reply;
	struct buf form;
	buf_init(&form, a, FORM_MAX);
	form_add(&form, "token", secret_open(refresh).p);
	if (!post(s, a, s->revoke_url, &form, &reply, e)) {
		xero_log_failed("token.revoke", &reply, e);
		return false;
	}
	log_tokens("token.revoke", &reply);
	return reply.status == 200 || refused(a, &reply, e);
}

static bool do_jwks(void *self, struct arena *a, struct str *jwks_r, struct err *e)
{
	const struct xero_setup *s = setup_of(self);
	struct http_reply reply;
	struct xero_answer answer;
	const struct http_request q = {.method = "GET",
		.url = s->jwks_url,
		.timeout_s = TOKEN_TIMEOUT_S,
		.body_max = TOKEN_BODY_MAX};
	if (!xero_call(s, a, "jwks", &q, &reply, &answer, e))
		return false;
	*jwks_r = reply.body;
	return true;
}

void xero_add_tokens(struct xero *x)
{
	x->exchange = do_exchange;
	x->refresh = do_refresh;
	x->revoke = do_revoke;
	x->jwks = do_jwks;
}
