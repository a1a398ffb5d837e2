#include "pages/settings.h"

#include "codec/when.h"
#include "core/device.h"
#include "pages/chrome.h"
#include "store/factors.h"
#include "store/passkeys.h"
#include "store/users.h"

struct session_view {
	const char *device, *user_agent, *peer;
	const struct moment *seen;
	int64_t id;
	bool own;
};
static const struct tmpl_field session_fields[] = {
	TMPL_F(struct session_view, device, TMPL_TEXT),
	TMPL_F(struct session_view, user_agent, TMPL_TEXT),
	TMPL_F(struct session_view, peer, TMPL_TEXT),
	TMPL_FS(struct session_view, seen, TMPL_PTR, &moment_shape),
	TMPL_F(struct session_view, id, TMPL_INT),
	TMPL_F(struct session_view, own, TMPL_BOOL),
};
static const struct tmpl_shape session_shape = TMPL_SHAPE(struct session_view, session_fields);

struct key_view {
	const char *name;
	const struct moment *added, *used;
	int64_t id;
};
static const struct tmpl_field key_fields[] = {
	TMPL_F(struct key_view, name, TMPL_TEXT),
	TMPL_FS(struct key_view, added, TMPL_PTR, &moment_shape),
	TMPL_FS(struct key_view, used, TMPL_PTR, &moment_shape),
	TMPL_F(struct key_view, id, TMPL_INT),
};
static const struct tmpl_shape key_shape = TMPL_SHAPE(struct key_view, key_fields);

struct profile_view {
	const char *csrf, *name, *name_error, *zone, *zone_error, *org_zone, *email, *role;
	bool has_factor, has_app, few_codes, others;
	int64_t codes_left;
	struct tmpl_list sessions, passkeys;
};
static const struct tmpl_field profile_view_fields[] = {
	TMPL_F(struct profile_view, csrf, TMPL_TEXT),
	TMPL_F(struct profile_view, name, TMPL_TEXT),
	TMPL_F(struct profile_view, name_error, TMPL_TEXT),
	TMPL_F(struct profile_view, zone, TMPL_TEXT),
	TMPL_F(struct profile_view, zone_error, TMPL_TEXT),
	TMPL_F(struct profile_view, org_zone, TMPL_TEXT),
	TMPL_F(struct profile_view, email, TMPL_EMAIL),
	TMPL_F(struct profile_view, role, TMPL_TEXT),
	TMPL_F(struct profile_view, has_factor, TMPL_BOOL),
	TMPL_F(struct profile_view, has_app, TMPL_BOOL),
	TMPL_F(struct profile_view, few_codes, TMPL_BOOL),
	TMPL_F(struct profile_view, others, TMPL_BOOL),
	TMPL_F(struct profile_view, codes_left, TMPL_INT),
	TMPL_FS(struct profile_view, sessions, TMPL_LIST, &session_shape),
	TMPL_FS(struct profile_view, passkeys, TMPL_LIST, &key_shape),
};
const struct tmpl_shape profile_shape = TMPL_SHAPE(struct profile_view, profile_view_fields);

const struct field profile_fields[PROFILE__MAX] = {
	[PROFILE_NAME] = {"name", FIELD_TEXT, true, 1, 120, "your name", NULL},
	[PROFILE_ZONE] = {"zone", FIELD_TEXT, false, 0, 64, "a time zone", NULL},
};

static bool fill_sessions(struct page *p, struct profile_view *v, struct err *e)
{
	const struct session_row *rows;
	size_t n;
	if (!sessions_list(p->db, p->arena, p->who, &rows, &n, e))
		return false;
	struct session_view *views = arena_array(p->arena, struct session_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct session_view){device_name(p->arena, rows[i].user_agent),
			rows[i].user_agent, rows[i].peer, page_ago(p, rows[i].seen_at),
			rows[i].session_id, rows[i].own};
	v->sessions = (struct tmpl_list){views, n};
	v->others = n > 1;
	return true;
}

static bool fill_factors(struct page *p, struct profile_view *v, struct err *e)
{
	const struct passkey_row *rows;
	struct totp_row app;
	size_t n;
	int64_t org = p->who->org_id, user = p->who->user_id;
	if (!factors_get(p->db, p->arena, org, user, &app, e) ||
		!factors_codes_left(p->db, org, user, &v->codes_left, e) ||
		!passkeys_list(p->db, p->arena, org, user, &rows, &n, e))
		return false;
	struct key_view *views = arena_array(p->arena, struct key_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct key_view){rows[i].name, page_ago(p, rows[i].created_at),
			page_ago(p, rows[i].used_at), rows[i].passkey_id};
	v->passkeys = (struct tmpl_list){views, n};
	v->has_app = app.found;
	v->few_codes = p->who->has_factor && v->codes_left <= 2;
	return true;
}

/* Fields with an error show what was typed, all others what is. */
static bool show(struct page *p, int status, struct err *e)
{
	const char *zone, *org_zone;
	bool again = status != 200;
	struct profile_view v = {
		.csrf = chrome_csrf(p),
		.name = again ? p->f.typed[PROFILE_NAME] : p->who->name,
		.name_error = again ? p->f.error[PROFILE_NAME] : NULL,
		.zone_error = again ? p->f.error[PROFILE_ZONE] : NULL,
		.email = p->who->email,
		.role = page_is_admin(p) ? "Admin" : "Member",
		.has_factor = p->who->has_factor,
	};
	if (!fill_sessions(p, &v, e) || !fill_factors(p, &v, e) ||
		!users_zone(p->db, p->who->org_id, p->who->user_id, &zone, &org_zone, e))
		return false;
	v.zone = again ? p->f.typed[PROFILE_ZONE] : zone;
	v.org_zone = org_zone;
	p->title = "My profile";
	p->section = "profile";
	return page_show(p, TEMPLATE_PROFILE, &v, status, e);
}

bool profile_show(struct page *p, struct err *e)
{
	return show(p, 200, e);
}

bool profile_post(struct page *p, struct err *e)
{
	const char *zone = p->f.text[PROFILE_ZONE];
	int64_t org = p->who->org_id, user = p->who->user_id;
	if (p->f.error[PROFILE_ZONE] == NULL && zone[0] != '\0' && !when_zone_exists(zone))
		fields_fail(&p->f, PROFILE_ZONE,
			"This time zone is not known. Use a name like Pacific/Auckland.");
	if (!p->f.ok)
		return show(p, 422, e);
	return pg_begin(p->db, org, e) &&
	       users_set_name(p->db, org, user, p->f.text[PROFILE_NAME], e) &&
	       users_set_zone(p->db, org, user, zone, e) &&
	       page_go_with(p, "/profile", "success", "Saved.", e) &&
	       page_audit(p, "profile.changed", "ok", "name, time zone", e) &&
	       pg_commit(p->db, e);
}

bool profile_end_session(struct page *p, struct err *e)
{
	return pg_begin(p->db, p->who->org_id, e) &&
	       sessions_end_own(p->db, p->who, p->q->id_param, e) &&
	       page_go_with(p, "/profile", "success", "Logged out there.", e) &&
	       page_audit(p, "session.ended", "ok", "one other", e) && pg_commit(p->db, e);
}

bool profile_end_others(struct page *p, struct err *e)
{
	return pg_begin(p->db, p->who->org_id, e) &&
	       sessions_end_others(
		       p->db, p->who->org_id, p->who->user_id, p->who->session_id, e) &&
	       page_go_with(p, "/profile", "success", "Logged out everywhere else.", e) &&
	       page_audit(p, "session.ended", "ok", "all others", e) && pg_commit(p->db, e);
}
