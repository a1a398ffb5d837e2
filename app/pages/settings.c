#include "pages/settings.h"

#include "codec/when.h"
#include "pages/chrome.h"
#include "store/users.h"

struct settings_view {
	const char *csrf, *name, *zone, *name_error, *zone_error, *sync_times;
	bool is_admin;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct settings_view, csrf, TMPL_TEXT),
	TMPL_F(struct settings_view, name, TMPL_TEXT),
	TMPL_F(struct settings_view, zone, TMPL_TEXT),
	TMPL_F(struct settings_view, name_error, TMPL_TEXT),
	TMPL_F(struct settings_view, zone_error, TMPL_TEXT),
	TMPL_F(struct settings_view, sync_times, TMPL_TEXT),
	TMPL_F(struct settings_view, is_admin, TMPL_BOOL),
};
const struct tmpl_shape settings_shape = TMPL_SHAPE(struct settings_view, view_fields);

const struct field settings_fields[SETTINGS__MAX] = {
	[SETTINGS_NAME] = {"name", FIELD_TEXT, true, 1, 120, "the organisation's name", NULL},
	[SETTINGS_ZONE] = {"zone", FIELD_TEXT, true, 1, 64, "a time zone", NULL},
};

static bool show(struct page *p, struct settings_view *v, int status, struct err *e)
{
	v->csrf = chrome_csrf(p);
	v->is_admin = page_is_admin(p);
	v->sync_times = conf_text(p->site->conf, CONF_SYNC_TIMES);
	p->title = "General information";
	p->section = "settings";
	return page_show(p, TEMPLATE_SETTINGS, v, status, e);
}

bool settings_show(struct page *p, struct err *e)
{
	struct org o;
	if (!orgs_get(p->db, p->arena, p->who->org_id, &o, e))
		return false;
	struct settings_view v = {.name = o.name, .zone = o.zone};
	return show(p, &v, 200, e);
}

bool settings_post(struct page *p, struct err *e)
{
	struct org o;
	if (p->f.error[SETTINGS_ZONE] == NULL && !when_zone_exists(p->f.text[SETTINGS_ZONE]))
		fields_fail(&p->f, SETTINGS_ZONE,
			"This time zone is not known. Use a name like Pacific/Auckland.");
	if (!p->f.ok) {
		struct settings_view v = {
			.name = p->f.typed[SETTINGS_NAME],
			.zone = p->f.typed[SETTINGS_ZONE],
			.name_error = p->f.error[SETTINGS_NAME],
			.zone_error = p->f.error[SETTINGS_ZONE],
		};
		return show(p, &v, 422, e);
	}
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!orgs_get(p->db, p->arena, p->who->org_id, &o, e))
		return false;
	o.name = p->f.text[SETTINGS_NAME];
	o.zone = p->f.text[SETTINGS_ZONE];
	return orgs_set(p->db, &o, e) && page_audit(p, "settings.changed", "ok", "", e) &&
	       page_go_with(p, "/settings", "success", "Saved.", e) && pg_commit(p->db, e);
}

struct member_view {
	const char *name, *email, *role, *mfa, *tone, *last, *last_exact;
	bool is_self, disabled;
};
static const struct tmpl_field member_fields[] = {
	TMPL_F(struct member_view, name, TMPL_TEXT),
	TMPL_F(struct member_view, email, TMPL_TEXT),
	TMPL_F(struct member_view, role, TMPL_TEXT),
	TMPL_F(struct member_view, mfa, TMPL_TEXT),
	TMPL_F(struct member_view, tone, TMPL_TEXT),
	TMPL_F(struct member_view, last, TMPL_TEXT),
	TMPL_F(struct member_view, last_exact, TMPL_TEXT),
	TMPL_F(struct member_view, is_self, TMPL_BOOL),
	TMPL_F(struct member_view, disabled, TMPL_BOOL),
};
static const struct tmpl_shape member_shape = TMPL_SHAPE(struct member_view, member_fields);

struct team_view {
	struct tmpl_list members;
	int64_t total, enabled;
	bool one_admin_mfa;
};
static const struct tmpl_field team_fields[] = {
	TMPL_FS(struct team_view, members, TMPL_LIST, &member_shape),
	TMPL_F(struct team_view, total, TMPL_INT),
	TMPL_F(struct team_view, enabled, TMPL_INT),
	TMPL_F(struct team_view, one_admin_mfa, TMPL_BOOL),
};
const struct tmpl_shape team_shape = TMPL_SHAPE(struct team_view, team_fields);

bool team_show(struct page *p, struct err *e)
{
	const struct user_row *rows;
	size_t n;
	int admins_with_factor = 0;
	if (!users_list(p->db, p->arena, p->who->org_id, &rows, &n, e))
		return false;
	struct team_view v = {.total = (int64_t)n};
	struct member_view *views = arena_array(p->arena, struct member_view, n);
	for (size_t i = 0; i < n; i++) {
		const struct user_row *r = &rows[i];
		bool admin = strcmp(r->role, "admin") == 0;
		views[i] = (struct member_view){
			.name = r->name,
			.email = r->email,
			.role = admin ? "Admin" : "Member",
			.mfa = r->has_factor ? "Enabled" : "Not set up",
			.tone = r->has_factor ? "good" : "warn",
			.last = r->last_login_at == 0 ? "Never" : page_ago(p, r->last_login_at),
			.last_exact = page_date(p, r->last_login_at),
			.is_self = r->user_id == p->who->user_id,
			.disabled = strcmp(r->status, "active") != 0,
		};
		v.enabled += r->has_factor;
		admins_with_factor += admin && r->has_factor;
	}
	v.members = (struct tmpl_list){views, n};
	v.one_admin_mfa = admins_with_factor == 1;
	p->title = "Team members";
	p->section = "settings";
	return page_show(p, TEMPLATE_TEAM, &v, 200, e);
}
