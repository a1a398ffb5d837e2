#include "pages/password.h"

#include "codec/passwd.h"
#include "core/password.h"
#include "pages/chrome.h"
#include "pages/login.h"
#include "pages/mail.h"
#include "store/one_time.h"

struct password_change_view {
	const char *csrf, *email, *old_error, *new_error;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct password_change_view, csrf, TMPL_TEXT),
	TMPL_F(struct password_change_view, email, TMPL_TEXT),
	TMPL_F(struct password_change_view, old_error, TMPL_TEXT),
	TMPL_F(struct password_change_view, new_error, TMPL_TEXT),
};
const struct tmpl_shape password_change_shape =
	TMPL_SHAPE(struct password_change_view, view_fields);

const struct field password_change_fields[CHANGE__MAX] = {
	[CHANGE_OLD] = {"old", FIELD_PASSWORD, true, 1, 1024, "the password you have now",
		NULL},
	[CHANGE_NEW] = {"password", FIELD_PASSWORD, true, 1, 1024, "a new password", NULL},
};

static bool show(struct page *p, int status, struct err *e)
{
	struct password_change_view v = {
		.csrf = chrome_csrf(p),
		.email = p->who->email,
		.old_error = status == 200 ? NULL : p->f.error[CHANGE_OLD],
		.new_error = status == 200 ? NULL : p->f.error[CHANGE_NEW],
	};
	p->title = "Change password";
	p->section = "profile";
	return page_show(p, TEMPLATE_PASSWORD_CHANGE, &v, status, e);
}

bool password_change(struct page *p, struct err *e)
{
	return show(p, 200, e);
}

static const struct secret *typed(struct page *p, size_t field)
{
	return secret_new(p->arena, p->f.text[field], strlen(p->f.text[field]));
}

/*
 * Checked first: a new password that is not allowed must not cost the person a guess at the old
 * one.
 */
static bool judge_new(struct page *p, struct err *e)
{
	const struct password_of of = {p->who->name, p->who->email, p->who->org_name};
	if (strcmp(p->f.text[CHANGE_OLD], p->f.text[CHANGE_NEW]) == 0) {
		fields_fail(&p->f, CHANGE_NEW, "This is the same one. Choose another.");
		return true;
	}
	if (password_check(p->arena, typed(p, CHANGE_NEW), &of, e))
		return true;
	if (e->kind != ERR_INVALID)
		return false;
	fields_fail(&p->f, CHANGE_NEW, arena_strdup(p->arena, e->text));
	return true;
}

static bool judge_old(struct page *p, int *wait_s_r, struct err *e)
{
	struct account a;
	if (!login_check_password(p, p->who->email, p->f.text[CHANGE_OLD], &a, wait_s_r, e))
		return false;
	if (*wait_s_r > 0)
		fields_fail(
			&p->f, CHANGE_OLD, "Too many tries. Wait 15 minutes and try again.");
	else if (a.user_id != p->who->user_id)
		fields_fail(&p->f, CHANGE_OLD, "That is not your password.");
	return true;
}

/* Sessions opened with the old password end, and links mailed before stop working. */
static bool save(struct page *p, struct err *e)
{
	char *encoded;
	int64_t org = p->who->org_id, user = p->who->user_id;
	if (!passwd_hash(p->arena, typed(p, CHANGE_NEW), &encoded, e) ||
		!pg_begin(p->db, org, e) || !users_set_password(p->db, org, user, encoded, e) ||
		!page_rise(p, e) ||
		!sessions_end_others(p->db, org, user, p->who->session_id, e) ||
		!one_time_forget(p->db, org, user, NULL, e) ||
		!page_mail(p, org, user, "password_changed", NULL, NULL, e) ||
		!page_go_with(p, "/profile", "success",
			"Your password is changed. Everywhere else you are logged out.", e) ||
		!page_audit(p, "password.changed", "ok", "", e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	return true;
}

bool password_change_post(struct page *p, struct err *e)
{
	int wait_s = 0;
	if ((p->f.ok && !judge_new(p, e)) || (p->f.ok && !judge_old(p, &wait_s, e)))
		return false;
	if (p->f.ok)
		return save(p, e);
	if (!show(p, wait_s > 0 ? 429 : 422, e))
		return false;
	if (wait_s > 0)
		response_header(p->s, "Retry-After", arena_printf(p->arena, "%d", wait_s));
	return true;
}
