#include "pages/mfa.h"

#include "codec/passwd.h"
#include "pages/chrome.h"
#include "pages/login.h"
#include "pages/oauth.h"

struct confirm_view {
	const char *csrf, *email, *password_error, *code_error;
	bool needs_code;
};
static const struct tmpl_field confirm_view_fields[] = {
	TMPL_F(struct confirm_view, csrf, TMPL_TEXT),
	TMPL_F(struct confirm_view, email, TMPL_TEXT),
	TMPL_F(struct confirm_view, password_error, TMPL_TEXT),
	TMPL_F(struct confirm_view, code_error, TMPL_TEXT),
	TMPL_F(struct confirm_view, needs_code, TMPL_BOOL),
};
const struct tmpl_shape confirm_shape = TMPL_SHAPE(struct confirm_view, confirm_view_fields);

const struct field confirm_fields[CONFIRM__MAX] = {
	[CONFIRM_PASSWORD] = {"password", FIELD_PASSWORD, true, 1, 1024, "your password", NULL},
	[CONFIRM_CODE] = {"code", FIELD_CODE, false, 0, 64, "the code", NULL},
};

static bool show(struct page *p, int status, struct err *e)
{
	struct confirm_view v = {
		.csrf = chrome_csrf(p),
		.email = p->who->email,
		.password_error = status == 200 ? NULL : p->f.error[CONFIRM_PASSWORD],
		.code_error = status == 200 ? NULL : p->f.error[CONFIRM_CODE],
		.needs_code = p->who->has_factor,
	};
	p->title = "Confirm it is you";
	p->leads_to_xero = oauth_is_waiting(p);
	return page_show(p, TEMPLATE_CONFIRM, &v, status, e);
}

bool confirm_show(struct page *p, struct err *e)
{
	return show(p, 200, e);
}

static bool judge_code(struct page *p, int *wait_s_r, struct err *e)
{
	bool good = false;
	if (!mfa_count_guess(p, wait_s_r, e))
		return false;
	if (*wait_s_r > 0)
		return page_audit(p, "confirm", "refused", "too many misses", e);
	if (!mfa_code_good(p, p->f.text[CONFIRM_CODE], &good, e))
		return false;
	if (good)
		return mfa_was_right(p, e);
	fields_fail(&p->f, CONFIRM_CODE,
		"That code is not right. Check your device's clock and use the newest code.");
	return page_audit(p, "confirm", "refused", "wrong code", e);
}

static bool judge(struct page *p, int *wait_s_r, struct err *e)
{
	struct account a;
	if (!login_check_password(
		    p, p->who->email, p->f.text[CONFIRM_PASSWORD], &a, wait_s_r, e))
		return false;
	if (*wait_s_r > 0)
		return true;
	if (a.user_id != p->who->user_id) {
		fields_fail(&p->f, CONFIRM_PASSWORD, "That is not your password.");
		return true;
	}
	return !p->who->has_factor || judge_code(p, wait_s_r, e);
}

bool confirm_post(struct page *p, struct err *e)
{
	int wait_s = 0;
	if (p->f.ok && !judge(p, &wait_s, e))
		return false;
	if (wait_s > 0) {
		fields_fail(&p->f, CONFIRM_PASSWORD,
			"Too many tries. Wait 15 minutes and try again.");
		if (!show(p, 429, e))
			return false;
		response_header(p->s, "Retry-After", arena_printf(p->arena, "%d", wait_s));
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
	/* Once there, it is done with: set-up, which goes on to it, would lead to itself. */
	return sessions_return_to(p->db, p->who->session_id, NULL, e) &&
	       page_go(p, login_landing(p, p->who->return_to));
}
