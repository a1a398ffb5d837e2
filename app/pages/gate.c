#include "pages/gate.h"

#include "codec/form.h"
#include "core/mfa.h"
#include "pages/oauth.h"
#include "pages/routes.h"

static bool is_write(const struct page *p)
{
	return p->q->method == METHOD_POST;
}

static enum gate_verdict go(struct page *p, const char *to)
{
	response_redirect(p->s, to);
	return GATE_ANSWERED;
}

/* The requested page as ?next= of the log-in page. Only GET addresses can be returned to. */
static enum gate_verdict go_login(struct page *p)
{
	struct buf to;
	buf_init(&to, p->arena, 2048);
	buf_adds(&to, "/login");
	if (p->q->method == METHOD_GET && strcmp(p->q->path, "/") != 0) {
		struct buf next;
		buf_init(&next, p->arena, 1024);
		form_add(&next, "next", p->q->path);
		buf_printf(&to, "?%s", next.data);
	}
	return go(p, to.data);
}

static bool load_who(struct page *p, bool unseen, struct err *e)
{
	const char *cookie = request_cookie(p->q, p->site->cookie_name);
	if (cookie == NULL || !session_token_read(p->arena, cookie, &p->token))
		return true;
	return unseen ? sessions_who_unseen(p->db, p->arena, &p->token, &p->who, e)
		      : sessions_who(p->db, p->arena, &p->token, &p->who, e);
}

void gate_who(struct page *p)
{
	struct err ignored;
	if (!load_who(p, true, &ignored))
		p->who = NULL;
}

static bool allowed_peer(const struct page *p)
{
	struct str peer = str_of(p->q->peer);
	if (str_starts(peer, "127.") || str_is(peer, "::1"))
		return true;
	struct str rest = str_of(conf_text(p->site->conf, CONF_METRICS_ALLOW));
	struct str one;
	while (str_next(&rest, ',', &one))
		if (!str_empty(one) && str_eq(str_trim(one), peer))
			return true;
	return false;
}

/*
 * Checks the session and the second factor. GATE_PASS: the session is complete, or the route
 * allows less.
 */
static enum gate_verdict check_session(struct page *p)
{
	unsigned g = p->route->gates;
	if (p->who == NULL)
		return g & GATE_OPEN ? GATE_PASS : go_login(p);
	if (p->who->level < 2)
		return g & (GATE_OPEN | GATE_HALF) ? GATE_PASS : go(p, "/login/mfa");
	if (g & GATE_HALF && !(g & GATE_NO_MFA))
		return go(p, "/clients");
	return GATE_PASS;
}

static enum gate_verdict check_mfa_rule(struct page *p)
{
	if (p->who == NULL || p->who->level < 2 || p->route->gates & (GATE_OPEN | GATE_NO_MFA))
		return GATE_PASS;
	int days;
	enum mfa_duty duty = mfa_duty(p->who->has_factor, p->who->mfa_required_at,
		p->who->user_created_at, p->who->mfa_grace_days, p->now, &days);
	return duty == MFA_DUE ? go(p, "/mfa/notice") : GATE_PASS;
}

static bool check_role(const struct page *p, struct err *e)
{
	if (p->route->gates & GATE_ADMIN && !page_is_admin(p))
		return err_set(e, ERR_DENIED, "Only admins can do this.");
	return true;
}

static bool check_csrf(struct page *p, struct err *e)
{
	if (!is_write(p))
		return true;
	if (request_is_cross_site(p->q, p->site->base_url))
		return err_set(e, ERR_DENIED,
			"This form came from another site. Nothing was changed.");
	if (p->route->gates & GATE_NO_CSRF)
		return true;
	bool twice = false;
	const char *token = form_get(&p->q->body, "csrf", &twice);
	if (p->who == NULL || token == NULL || twice || !csrf_check(p->arena, &p->token, token))
		return err_set(e, ERR_DENIED,
			"This form is out of date. Nothing was changed. Go back, reload the page and try again.");
	return true;
}

/*
 * The page to return to after the confirmation. The address of a form may have no GET; its page
 * is then at a shorter path.
 */
static const char *page_of(struct page *p)
{
	char *path = arena_strdup(p->arena, p->q->path);
	struct request look = *p->q;
	const struct route *found;
	const char *allow;
	struct err none;
	look.method = METHOD_GET;
	look.path = path;
	while (!router_match(routes_table, routes_count, &look, &found, &allow, &none)) {
		char *slash = strrchr(path, '/');
		if (slash == NULL || slash == path)
			return "/clients";
		*slash = '\0';
	}
	return path;
}

static enum gate_verdict check_fresh(struct page *p, struct err *e)
{
	if (!(p->route->gates & GATE_FRESH) || page_is_fresh(p))
		return GATE_PASS;
	/*
	 * A person who is connecting to Xero keeps that return_to: set-up and confirmation are
	 * steps on the way.
	 */
	bool on_the_way = oauth_is_waiting(p) && p->route->gates & GATE_NO_MFA;
	if (!on_the_way && !sessions_return_to(p->db, p->who->session_id, page_of(p), e))
		return GATE_FAILED;
	return go(p, "/confirm");
}

/*
 * Writes the denial to the audit chain. The request stays denied when that fails; *e is then
 * the reason of the failure.
 */
static void note_denial(struct page *p, struct err *e)
{
	const char *what = arena_printf(
		p->arena, "%s %s: %s", p->q->method_text, p->route->pattern, e->text);
	struct err why;
	if (p->who != NULL && !page_audit(p, "denied", "refused", what, &why))
		*e = why;
}

enum gate_verdict gate_check(struct page *p, struct err *e)
{
	if (p->route->gates & GATE_LOOPBACK)
		return allowed_peer(p)
			       ? GATE_PASS
			       : (err_set(e, ERR_NOT_FOUND, "No such page."), GATE_FAILED);
	if (p->route->gates & GATE_BARE)
		return GATE_PASS;
	if (!load_who(p, p->route->gates & GATE_POLL, e))
		return GATE_FAILED;
	enum gate_verdict v = check_session(p);
	if (v == GATE_PASS)
		v = check_mfa_rule(p);
	if (v != GATE_PASS)
		return v;
	if (!check_role(p, e) || !check_csrf(p, e)) {
		note_denial(p, e);
		return GATE_FAILED;
	}
	return check_fresh(p, e);
}
