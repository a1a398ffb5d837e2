#include "pages/chrome.h"

#include "core/mfa.h"
#include "pages/logo.h"
#include "pages/removal.h"
#include "store/users.h"

struct chrome {
	const char *title, *user_name, *user_email, *org_name, *csrf, *version;
	bool signed_in, is_admin, in_clients, in_syncs, in_settings;
	int64_t unread, logo;
	bool banner, banner_closable, banner_reconnect;
	const char *banner_cause, *banner_admins;
	struct tmpl_list removals;
	bool bar, bar_is_error, bar_is_success, bar_refresh;
	const char *bar_text;
	int64_t refresh_s;
	const char *refresh_to, *poll, *poll_key;
	int64_t poll_s;
	struct html content;
};

static const struct tmpl_field chrome_fields[] = {
	TMPL_F(struct chrome, title, TMPL_TEXT),
	TMPL_F(struct chrome, user_name, TMPL_TEXT),
	TMPL_F(struct chrome, user_email, TMPL_EMAIL),
	TMPL_F(struct chrome, org_name, TMPL_TEXT),
	TMPL_F(struct chrome, csrf, TMPL_TEXT),
	TMPL_F(struct chrome, version, TMPL_TEXT),
	TMPL_F(struct chrome, signed_in, TMPL_BOOL),
	TMPL_F(struct chrome, is_admin, TMPL_BOOL),
	TMPL_F(struct chrome, in_clients, TMPL_BOOL),
	TMPL_F(struct chrome, in_syncs, TMPL_BOOL),
	TMPL_F(struct chrome, in_settings, TMPL_BOOL),
	TMPL_F(struct chrome, unread, TMPL_INT),
	TMPL_F(struct chrome, logo, TMPL_INT),
	TMPL_F(struct chrome, banner, TMPL_BOOL),
	TMPL_F(struct chrome, banner_closable, TMPL_BOOL),
	TMPL_F(struct chrome, banner_reconnect, TMPL_BOOL),
	TMPL_F(struct chrome, banner_cause, TMPL_TEXT),
	TMPL_F(struct chrome, banner_admins, TMPL_TEXT),
	TMPL_FS(struct chrome, removals, TMPL_LIST, &removal_shape),
	TMPL_F(struct chrome, bar, TMPL_BOOL),
	TMPL_F(struct chrome, bar_is_error, TMPL_BOOL),
	TMPL_F(struct chrome, bar_is_success, TMPL_BOOL),
	TMPL_F(struct chrome, bar_refresh, TMPL_BOOL),
	TMPL_F(struct chrome, bar_text, TMPL_TEXT),
	TMPL_F(struct chrome, refresh_s, TMPL_INT),
	TMPL_F(struct chrome, refresh_to, TMPL_TEXT),
	TMPL_F(struct chrome, poll, TMPL_TEXT),
	TMPL_F(struct chrome, poll_key, TMPL_TEXT),
	TMPL_F(struct chrome, poll_s, TMPL_INT),
	TMPL_F(struct chrome, content, TMPL_HTML),
};
const struct tmpl_shape chrome_shape = TMPL_SHAPE(struct chrome, chrome_fields);

const char *chrome_csrf(struct page *p)
{
	char *token = NULL;
	struct err ignored;
	if (p->csrf == NULL && p->who != NULL &&
		csrf_make(p->arena, &p->token, &token, &ignored))
		p->csrf = token;
	return p->csrf == NULL ? "" : p->csrf;
}

static bool is(const struct page *p, const char *section)
{
	return p->section != NULL && strcmp(p->section, section) == 0;
}

/* The planned removals, one per practice. */
static bool fill_removals(struct page *p, struct chrome *c, struct err *e)
{
	struct leave_state left;
	bool ignored;
	return leave_state(p->db, p->who->org_id, &left, e) &&
	       removal_views(p, &left, &c->removals, &ignored, e);
}

/* The banner "You've been disconnected from XPM". Everyone sees it, with who can reconnect. */
static bool fill_banner(struct page *p, struct chrome *c, struct err *e)
{
	bool closable = false;
	if (!connection_banner(p->who->xpm.state, p->who->xpm.cause, &closable))
		return true;
	/*
	 * An admin cannot close the banner after an unexpected break, until the connection
	 * works again.
	 */
	c->banner_closable = closable || !page_is_admin(p);
	if (p->who->banner_closed && c->banner_closable)
		return true;
	if (!fill_removals(p, c, e))
		return false;
	c->banner = true;
	c->banner_reconnect = page_is_admin(p);
	if (p->who->xpm.cause != CAUSE_DISCONNECTED)
		c->banner_cause = connection_cause_text(p->who->xpm.cause);
	return page_is_admin(p) ||
	       users_admin_names(p->db, p->arena, p->who->org_id, 0, &c->banner_admins, e);
}

/*
 * Shows one bar. The bar of this response wins over the one that a redirect left in the
 * session.
 */
static bool fill_bar(struct page *p, struct chrome *c, struct err *e)
{
	const char *kind = p->bar_kind;
	c->bar_text = p->bar_text;
	c->bar_refresh = p->bar_refresh;
	if (p->who != NULL && p->who->flash_kind != NULL && !p->keeps_bar) {
		if (kind == NULL) {
			kind = p->who->flash_kind;
			c->bar_text = p->who->flash_text;
		}
		if (p->q->method == METHOD_GET &&
			!sessions_flash_shown(p->db, p->who->session_id, e))
			return false;
	}
	c->bar = kind != NULL;
	c->bar_is_error = kind != NULL && strcmp(kind, "error") == 0;
	c->bar_is_success = kind != NULL && strcmp(kind, "success") == 0;
	return true;
}

bool chrome_is_inside(const struct page *p)
{
	int days;
	return p->who != NULL && p->who->level == 2 &&
	       mfa_duty(p->who->has_factor, p->who->mfa_required_at, p->who->user_created_at,
		       p->who->mfa_grace_days, p->now, &days) != MFA_DUE;
}

static bool fill_inside(struct page *p, struct chrome *c, struct err *e)
{
	c->signed_in = true;
	c->user_name = p->who->name;
	c->user_email = p->who->email;
	c->org_name = p->who->org_name;
	c->is_admin = page_is_admin(p);
	c->unread = p->who->unread;
	c->in_clients = is(p, "clients");
	c->in_syncs = is(p, "syncs");
	c->in_settings = is(p, "settings");
	return fill_banner(p, c, e);
}

/*
 * The logo is decoration: a page must not fail for it, least of all a page that reports an
 * error.
 */
static void fill_logo(struct page *p, struct chrome *c)
{
	struct err ignored;
	if (p->who != NULL && !logo_of(p, &c->logo, &ignored))
		c->logo = 0;
}

bool chrome_wrap(struct page *p, struct html content, struct err *e)
{
	struct chrome c = {
		.title = p->title,
		.csrf = chrome_csrf(p),
		.version = p->site->static_version,
		.refresh_s = p->refresh_s,
		.refresh_to = p->refresh_to,
		.poll = p->poll,
		.poll_key = p->poll_key,
		.poll_s = p->poll_s,
		.content = content,
	};
	if (chrome_is_inside(p) && !fill_inside(p, &c, e))
		return false;
	fill_logo(p, &c);
	if (!fill_bar(p, &c, e))
		return false;
	tmpl_render(render_get(p->site->templates, TEMPLATE_LAYOUT), &c, &p->s->body);
	return true;
}
