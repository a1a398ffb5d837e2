#include "pages/settings.h"

#include "codec/when.h"
#include "core/schedule.h"
#include "pages/chrome.h"
#include "pages/logo.h"
#include "store/users.h"

struct settings_view {
	const char *csrf, *name, *zone, *days, *name_error, *zone_error, *days_error,
		*sync_times;
	int64_t logo;
	bool is_admin;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct settings_view, csrf, TMPL_TEXT),
	TMPL_F(struct settings_view, name, TMPL_TEXT),
	TMPL_F(struct settings_view, zone, TMPL_TEXT),
	TMPL_F(struct settings_view, days, TMPL_TEXT),
	TMPL_F(struct settings_view, name_error, TMPL_TEXT),
	TMPL_F(struct settings_view, zone_error, TMPL_TEXT),
	TMPL_F(struct settings_view, days_error, TMPL_TEXT),
	TMPL_F(struct settings_view, logo, TMPL_INT),
	TMPL_F(struct settings_view, sync_times, TMPL_TEXT),
	TMPL_F(struct settings_view, is_admin, TMPL_BOOL),
};
const struct tmpl_shape settings_shape = TMPL_SHAPE(struct settings_view, view_fields);

const struct field settings_fields[SETTINGS__MAX] = {
	[SETTINGS_NAME] = {"name", FIELD_TEXT, true, 1, 120, "the organisation's name", NULL},
	[SETTINGS_ZONE] = {"zone", FIELD_TEXT, true, 1, 64, "a time zone", NULL},
	[SETTINGS_DAYS] = {"days", FIELD_INT, false, 0, 7, "a number of days", NULL},
};

static bool show(struct page *p, struct settings_view *v, int status, struct err *e)
{
	struct schedule times;
	if (!schedule_parse(conf_text(p->site->conf, CONF_SYNC_TIMES), 0, &times, e))
		return false;
	v->csrf = chrome_csrf(p);
	v->is_admin = page_is_admin(p);
	v->sync_times = schedule_words(p->arena, &times);
	if (!logo_of(p, &v->logo, e))
		return false;
	p->title = "General information";
	p->section = "settings";
	return page_show(p, TEMPLATE_SETTINGS, v, status, e);
}

bool settings_show(struct page *p, struct err *e)
{
	struct org o;
	if (!orgs_get(p->db, p->arena, p->who->org_id, &o, e))
		return false;
	struct settings_view v = {.name = o.name,
		.zone = o.zone,
		.days = arena_printf(p->arena, "%d", o.mfa_grace_days)};
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
			.days = p->f.typed[SETTINGS_DAYS],
			.days_error = p->f.error[SETTINGS_DAYS],
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
	/* A form that was loaded before this field existed leaves the value as it is. */
	if (p->f.text[SETTINGS_DAYS][0] != '\0')
		o.mfa_grace_days = (int)p->f.number[SETTINGS_DAYS];
	return orgs_set(p->db, &o, e) && page_go_with(p, "/settings", "success", "Saved.", e) &&
	       page_audit(p, "settings.changed", "ok", "", e) && pg_commit(p->db, e);
}
