#include "pages/team.h"

#include "core/mfa.h"
#include "pages/chrome.h"
#include "pages/mail.h"

struct invite_view {
	const char *csrf, *name, *name_error, *email, *email_error, *role_error;
	bool as_admin;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct invite_view, csrf, TMPL_TEXT),
	TMPL_F(struct invite_view, name, TMPL_TEXT),
	TMPL_F(struct invite_view, name_error, TMPL_TEXT),
	TMPL_F(struct invite_view, email, TMPL_TEXT),
	TMPL_F(struct invite_view, email_error, TMPL_TEXT),
	TMPL_F(struct invite_view, role_error, TMPL_TEXT),
	TMPL_F(struct invite_view, as_admin, TMPL_BOOL),
};
const struct tmpl_shape invite_shape = TMPL_SHAPE(struct invite_view, view_fields);

const char *const team_roles[] = {[USER_MEMBER] = "member", [USER_ADMIN] = "admin", NULL};
const struct field invite_fields[INVITE__MAX] = {
	[INVITE_NAME] = {"name", FIELD_TEXT, true, 1, 120, "the person's name", NULL},
	[INVITE_EMAIL] = {"email", FIELD_EMAIL, true, 3, 254, "the person's email", NULL},
	[INVITE_ROLE] = {"role", FIELD_CHOICE, true, 0, 0, "a role", team_roles},
};

static bool show(struct page *p, int status, struct err *e)
{
	struct invite_view v = {.csrf = chrome_csrf(p)};
	if (status != 200)
		v = (struct invite_view){
			.csrf = v.csrf,
			.name = p->f.typed[INVITE_NAME],
			.name_error = p->f.error[INVITE_NAME],
			.email = p->f.typed[INVITE_EMAIL],
			.email_error = p->f.error[INVITE_EMAIL],
			.role_error = p->f.error[INVITE_ROLE],
			.as_admin = p->f.number[INVITE_ROLE] == USER_ADMIN,
		};
	p->title = "Invite a team member";
	p->section = "settings";
	return page_show(p, TEMPLATE_INVITE, &v, status, e);
}

bool invite_show(struct page *p, struct err *e)
{
	return show(p, 200, e);
}

/* Limits invitations: an account must not become a way to send mail to everybody. */
static bool may_send(struct page *p, struct err *e)
{
	int wait_s = 0;
	const char *bucket = arena_printf(p->arena, "invite:%lld", (long long)p->who->org_id);
	if (!throttle_count(p->db, bucket, INVITES_MAX, &wait_s, e))
		return false;
	return wait_s == 0 ||
	       err_set_after(e, ERR_LIMITED, wait_s,
		       "That was a lot of invitations. Wait 15 minutes, then go on.");
}

static bool send(struct page *p, int64_t user_id, struct err *e)
{
	const char *by = arena_printf(p->arena, "%s of %s", str_isolate(p->arena, p->who->name),
		str_isolate(p->arena, p->who->org_name));
	return page_mail(p, p->who->org_id, user_id, "invitation", by, NULL, e);
}

static bool add(struct page *p, const char *email_norm, struct err *e)
{
	int64_t id = 0;
	const struct user_new u = {
		.org_id = p->who->org_id,
		.email = p->f.text[INVITE_EMAIL],
		.email_norm = email_norm,
		.name = p->f.text[INVITE_NAME],
		.role = (enum user_role)p->f.number[INVITE_ROLE],
	};
	const char *detail = arena_printf(p->arena, "%s as %s",
		str_isolate(p->arena, email_norm), user_role_name(u.role));
	return pg_begin(p->db, p->who->org_id, e) && users_add(p->db, &u, &id, e) &&
	       send(p, id, e) &&
	       page_go_with(p, "/settings/team", "success",
		       arena_printf(p->arena, "An invitation is on its way to %s.",
			       str_isolate(p->arena, u.email)),
		       e) &&
	       page_audit(p, "user.invited", "ok", detail, e) && pg_commit(p->db, e);
}

bool invite_post(struct page *p, struct err *e)
{
	char *norm;
	if (!p->f.ok)
		return show(p, 422, e);
	if (user_email_norm(p->arena, p->f.text[INVITE_EMAIL], &norm, e) && may_send(p, e) &&
		add(p, norm, e))
		return true;
	if (e->kind != ERR_INVALID && e->kind != ERR_CONFLICT)
		return false;
	pg_rollback(p->db);
	fields_fail(&p->f, INVITE_EMAIL, arena_strdup(p->arena, e->text));
	return show(p, 422, e);
}

bool invite_again(struct page *p, struct err *e)
{
	struct user_row r;
	if (!team_person(p, &r, e))
		return false;
	if (r.has_password || strcmp(r.status, "active") != 0)
		return err_set(e, ERR_CONFLICT,
			"Only somebody who was invited and has not come yet can be invited again.");
	return may_send(p, e) && pg_begin(p->db, p->who->org_id, e) && send(p, r.user_id, e) &&
	       page_go_with(p, team_address(p, r.user_id), "success",
		       "Another invitation is on its way. The link in the earlier one no longer works.",
		       e) &&
	       page_audit(p, "user.invited", "ok",
		       arena_printf(p->arena, "%s again", str_isolate(p->arena, r.email)), e) &&
	       pg_commit(p->db, e);
}
