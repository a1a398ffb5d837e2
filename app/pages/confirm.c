#include "pages/mfa.h"

#include "codec/passwd.h"
#include "pages/chrome.h"
#include "pages/login.h"
#include "pages/oauth.h"
#include "pages/passkey.h"

struct confirm_view {
	const char *csrf, *email, *password_error, *code_error;
	bool has_app, has_passkey, by_form;
};
static const struct tmpl_field confirm_view_fields[] = {
	TMPL_F(struct confirm_view, csrf, TMPL_TEXT),
	TMPL_F(struct confirm_view, email, TMPL_TEXT),
	TMPL_F(struct confirm_view, password_error, TMPL_TEXT),
	TMPL_F(struct confirm_view, code_error, TMPL_TEXT),
	TMPL_F(struct confirm_view, has_app, TMPL_BOOL),
	TMPL_F(struct confirm_view, has_passkey, TMPL_BOOL),
	TMPL_F(struct confirm_view, by_form, TMPL_BOOL),
};
const struct tmpl_shape confirm_shape = TMPL_SHAPE(struct confirm_view, confirm_view_fields);

const struct field confirm_fields[CONFIRM__MAX] = {
	[CONFIRM_PASSWORD] = {"password", FIELD_PASSWORD, true, 1, 1024, "your password", NULL},
	[CONFIRM_CODE] = {"code", FIELD_CODE, false, 0, 64, "the code", NULL},
	[CONFIRM_PASSKEY] = {"passkey", FIELD_KEY, false, 0, PASSKEY_ANSWER_MAX, "the passkey",
		NULL},
};

static bool show(struct page *p, int status, struct err *e)
{
	struct mfa_ways ways;
	if (!mfa_ways_fill(p, &ways, e))
		return false;
	struct confirm_view v = {
		.csrf = ways.csrf,
		.email = p->who->email,
		.password_error = status == 200 ? NULL : p->f.error[CONFIRM_PASSWORD],
		.code_error = status == 200 ? NULL : p->f.error[CONFIRM_CODE],
		.has_app = ways.has_app,
		.has_passkey = ways.has_passkey,
		.by_form = ways.has_app || !ways.has_passkey,
	};
	p->title = "Confirm it is you";
	p->leads_to_xero = oauth_is_waiting(p);
	return page_show(p, TEMPLATE_CONFIRM, &v, status, e);
}

bool confirm_show(struct page *p, struct err *e)
{
	return show(p, 200, e);
}

static bool judge(struct page *p, struct mfa_told *t, struct err *e)
{
	struct account a;
	if (!login_check_password(
		    p, p->who->email, p->f.text[CONFIRM_PASSWORD], &a, &t->wait_s, e))
		return false;
	if (t->wait_s > 0) {
		t->verdict = MFA_WAIT;
		return true;
	}
	if (a.user_id != p->who->user_id) {
		fields_fail(&p->f, CONFIRM_PASSWORD, "That is not your password.");
		return true;
	}
	if (!p->who->has_factor)
		return true;
	if (!mfa_prove(p, CONFIRM_CODE, CONFIRM_PASSKEY, "confirm", t, e))
		return false;
	if (t->verdict != MFA_RIGHT && t->verdict != MFA_WAIT)
		fields_fail(&p->f, CONFIRM_CODE, t->sentence);
	return true;
}

bool confirm_post(struct page *p, struct err *e)
{
	struct mfa_told t = {.verdict = MFA_RIGHT};
	if (p->f.ok && !judge(p, &t, e))
		return false;
	if (t.verdict == MFA_WAIT) {
		fields_fail(&p->f, CONFIRM_PASSWORD,
			"Too many tries. Wait 15 minutes and try again.");
		if (!show(p, 429, e))
			return false;
		mfa_told_header(p, &t);
		return true;
	}
	if (!p->f.ok)
		return show(p, 422, e);
	if (!pg_begin(p->db, p->who->org_id, e) || !page_rise(p, e) ||
		!page_audit(p, "confirm", "ok", "", e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	if (oauth_is_waiting(p))
		return oauth_leave(p, e);
	/*
	 * return_to is cleared: set-up, which redirects to it, would otherwise redirect to
	 * itself.
	 */
	return sessions_return_to(p->db, p->who->session_id, NULL, e) &&
	       page_go(p, login_landing(p, p->who->return_to));
}
