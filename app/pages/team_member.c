#include "pages/team.h"

#include "codec/json.h"
#include "pages/chrome.h"
#include "store/jobs.h"
#include "pages/mail.h"
#include "store/one_time.h"
#include "store/standby.h"

struct member_view {
	const char *csrf, *name, *email, *role, *mfa, *tone, *address, *how, *standby;
	const struct moment *last, *nudged;
	bool is_self, disabled, invited, is_admin, has_factor, may_nudge, connects;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct member_view, csrf, TMPL_TEXT),
	TMPL_F(struct member_view, name, TMPL_TEXT),
	TMPL_F(struct member_view, email, TMPL_EMAIL),
	TMPL_F(struct member_view, role, TMPL_TEXT),
	TMPL_F(struct member_view, mfa, TMPL_TEXT),
	TMPL_F(struct member_view, tone, TMPL_TEXT),
	TMPL_FS(struct member_view, last, TMPL_PTR, &moment_shape),
	TMPL_F(struct member_view, address, TMPL_TEXT),
	TMPL_F(struct member_view, how, TMPL_TEXT),
	TMPL_F(struct member_view, standby, TMPL_TEXT),
	TMPL_FS(struct member_view, nudged, TMPL_PTR, &moment_shape),
	TMPL_F(struct member_view, is_self, TMPL_BOOL),
	TMPL_F(struct member_view, disabled, TMPL_BOOL),
	TMPL_F(struct member_view, invited, TMPL_BOOL),
	TMPL_F(struct member_view, is_admin, TMPL_BOOL),
	TMPL_F(struct member_view, has_factor, TMPL_BOOL),
	TMPL_F(struct member_view, may_nudge, TMPL_BOOL),
	TMPL_F(struct member_view, connects, TMPL_BOOL),
};
const struct tmpl_shape member_shape = TMPL_SHAPE(struct member_view, view_fields);

const struct field role_fields[ROLE__MAX] = {
	[ROLE_NAME] = {"role", FIELD_CHOICE, true, 0, 0, "a role", team_roles},
};

bool team_person(struct page *p, struct user_row *r_r, struct err *e)
{
	return team_get(p->db, p->who->org_id, p->q->id_param, r_r, e);
}

/* Tells whether syncs depend on this person, who connected the practice. */
static bool fill_connector(
	struct page *p, const struct user_row *r, struct member_view *v, struct err *e)
{
	struct standby_show s;
	if (!v->is_admin || v->disabled || !connection_look(p->who->xpm.state)->has_practice)
		return true;
	if (!standby_show(p->db, p->who->org_id, &s, e))
		return false;
	v->connects = s.connected_by == r->user_id;
	v->standby = s.by == 0 ? NULL : s.name;
	return true;
}

static bool show(struct page *p, const struct user_row *r, int status, struct err *e)
{
	struct member_words w = member_words(p, r);
	struct member_view v = {
		.csrf = chrome_csrf(p),
		.name = r->name,
		.email = r->email,
		.role = w.role,
		.mfa = w.mfa,
		.tone = w.tone,
		.last = w.last,
		.address = team_address(p, r->user_id),
		.how = w.how,
		.nudged = w.nudged,
		.may_nudge = w.may_nudge,
		.is_self = w.is_self,
		.disabled = w.disabled,
		.invited = w.invited,
		.is_admin = strcmp(r->role, "admin") == 0,
		.has_factor = r->has_factor,
	};
	if (!fill_connector(p, r, &v, e))
		return false;
	p->title = r->name;
	p->section = "settings";
	return page_show(p, TEMPLATE_MEMBER, &v, status, e);
}

bool member_show(struct page *p, struct err *e)
{
	struct user_row r;
	return team_person(p, &r, e) && show(p, &r, 200, e);
}

/* A change that is not possible is explained on the person's own page. */
static bool explain(struct page *p, const struct user_row *r, struct err *e)
{
	if (e->kind != ERR_CONFLICT)
		return false;
	pg_rollback(p->db);
	p->bar_kind = "error";
	p->bar_text = arena_strdup(p->arena, e->text);
	return show(p, r, 409, e);
}

/*
 * Runs in the open transaction. A person who is no admin any more may own the connection: the
 * worker then hands it over to the standby admin.
 */
static bool hand_over(struct page *p, const struct user_row *r, struct err *e)
{
	struct buf payload;
	bool added = false;
	buf_init(&payload, p->arena, 4096);
	buf_printf(&payload, "{\"left\":%lld,\"name\":", (long long)r->user_id);
	json_add_string(&payload, r->name);
	buf_addc(&payload, '}');
	return jobs_add(p->db, p->who->org_id, "handover", payload.data, NULL, 0, &added, e);
}

/* Runs in the open transaction: ends all sessions, and makes links mailed before unusable. */
static bool put_out(struct page *p, int64_t user_id, struct err *e)
{
	return sessions_end_others(p->db, p->who->org_id, user_id, 0, e) &&
	       one_time_forget(p->db, p->who->org_id, user_id, NULL, e);
}

static bool finish(struct page *p, const struct user_row *r, const char *what_now,
	const char *event, const char *detail, struct err *e)
{
	return page_go_with(p, team_address(p, r->user_id), "success",
		       arena_printf(
			       p->arena, "%s %s", str_isolate(p->arena, r->name), what_now),
		       e) &&
	       page_audit(p, event, "ok", detail, e) && pg_commit(p->db, e);
}

bool member_role(struct page *p, struct err *e)
{
	struct user_row r;
	bool changed = false;
	enum user_role role = (enum user_role)p->f.number[ROLE_NAME];
	if (!team_person(p, &r, e))
		return false;
	if (!p->f.ok)
		return err_set(e, ERR_INVALID, "Choose Admin or Member.");
	if (!pg_begin(p->db, p->who->org_id, e))
		return false;
	if (!team_set_role(p->db, p->who->org_id, r.user_id, role, &changed, e))
		return explain(p, &r, e);
	if (!changed)
		return page_go(p, team_address(p, r.user_id));
	const char *detail = arena_printf(
		p->arena, "%s is %s", str_isolate(p->arena, r.email), user_role_name(role));
	return sessions_end_others(p->db, p->who->org_id, r.user_id, 0, e) &&
	       (role == USER_ADMIN || hand_over(p, &r, e)) &&
	       finish(p, &r,
		       role == USER_ADMIN ? "is an admin now and has to log in again."
					  : "is a member now and has to log in again.",
		       "user.role_changed", detail, e);
}

bool member_deactivate(struct page *p, struct err *e)
{
	struct user_row r;
	bool changed = false;
	if (!team_person(p, &r, e) || !pg_begin(p->db, p->who->org_id, e))
		return false;
	if (!team_set_active(p->db, p->who->org_id, r.user_id, false, &changed, e))
		return explain(p, &r, e);
	if (!changed)
		return page_go(p, team_address(p, r.user_id));
	return put_out(p, r.user_id, e) && hand_over(p, &r, e) &&
	       finish(p, &r, "is deactivated and logged out everywhere.", "user.deactivated",
		       r.email, e);
}

bool member_activate(struct page *p, struct err *e)
{
	struct user_row r;
	bool changed = false;
	if (!team_person(p, &r, e) || !pg_begin(p->db, p->who->org_id, e) ||
		!team_set_active(p->db, p->who->org_id, r.user_id, true, &changed, e))
		return false;
	if (!changed)
		return page_go(p, team_address(p, r.user_id));
	return finish(p, &r, "can log in again.", "user.activated", r.email, e);
}

bool member_nudge(struct page *p, struct err *e)
{
	struct user_row r;
	bool nudged = false;
	int64_t org = p->who->org_id;
	if (!team_person(p, &r, e) || !pg_begin(p->db, org, e) ||
		!team_nudge(p->db, org, r.user_id, &nudged, e))
		return false;
	if (!nudged) {
		(void)err_set(e, ERR_CONFLICT,
			"%s needs no reminder now: it is set up, or a mail went out within a day.",
			str_isolate(p->arena, r.name));
		return explain(p, &r, e);
	}
	return page_mail(p, org, r.user_id, "mfa_nudge", p->who->name, NULL, e) &&
	       page_go_with(p, "/settings/team", "success",
		       arena_printf(p->arena, "A reminder is on its way to %s.",
			       str_isolate(p->arena, r.email)),
		       e) &&
	       page_audit(p, "mfa.nudged", "ok", r.email, e) && pg_commit(p->db, e);
}
