#include "pages/team.h"

#include "core/mfa.h"
#include "pages/chrome.h"

struct row_view {
	const char *name, *email, *role, *mfa, *tone, *address, *how;
	const struct moment *last, *nudged;
	bool is_self, disabled, invited, may_nudge, may_reset;
};
static const struct tmpl_field row_fields[] = {
	TMPL_F(struct row_view, name, TMPL_TEXT),
	TMPL_F(struct row_view, email, TMPL_EMAIL),
	TMPL_F(struct row_view, role, TMPL_TEXT),
	TMPL_F(struct row_view, mfa, TMPL_TEXT),
	TMPL_F(struct row_view, tone, TMPL_TEXT),
	TMPL_FS(struct row_view, last, TMPL_PTR, &moment_shape),
	TMPL_F(struct row_view, address, TMPL_TEXT),
	TMPL_F(struct row_view, how, TMPL_TEXT),
	TMPL_FS(struct row_view, nudged, TMPL_PTR, &moment_shape),
	TMPL_F(struct row_view, is_self, TMPL_BOOL),
	TMPL_F(struct row_view, disabled, TMPL_BOOL),
	TMPL_F(struct row_view, invited, TMPL_BOOL),
	TMPL_F(struct row_view, may_nudge, TMPL_BOOL),
	TMPL_F(struct row_view, may_reset, TMPL_BOOL),
};
static const struct tmpl_shape row_shape = TMPL_SHAPE(struct row_view, row_fields);

struct team_view {
	const char *csrf;
	struct tmpl_list members;
	int64_t total, enabled;
	bool one_admin_mfa, is_admin, all, with, without;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct team_view, csrf, TMPL_TEXT),
	TMPL_FS(struct team_view, members, TMPL_LIST, &row_shape),
	TMPL_F(struct team_view, total, TMPL_INT),
	TMPL_F(struct team_view, enabled, TMPL_INT),
	TMPL_F(struct team_view, one_admin_mfa, TMPL_BOOL),
	TMPL_F(struct team_view, is_admin, TMPL_BOOL),
	TMPL_F(struct team_view, all, TMPL_BOOL),
	TMPL_F(struct team_view, with, TMPL_BOOL),
	TMPL_F(struct team_view, without, TMPL_BOOL),
};
const struct tmpl_shape team_shape = TMPL_SHAPE(struct team_view, view_fields);

enum { FILTER_ALL, FILTER_WITH, FILTER_WITHOUT };
static const char *const filters[] = {"", "enabled", "missing", NULL};
const struct field team_query[TEAM_QUERY__MAX] = {
	[TEAM_FILTER] = {"mfa", FIELD_CHOICE, false, 0, 0, "a filter", filters},
};

enum { NUDGE_S = 24 * 3600 };

/* The factors of a person; without one, what the MFA rule says. */
static const char *how_of(struct page *p, const struct user_row *r)
{
	int days;
	if (r->has_factor)
		return r->passkeys == 0 ? "Authenticator app"
		       : !r->has_app	? "Passkey"
					: "Authenticator app and passkey";
	enum mfa_duty duty = mfa_duty(false, p->who->mfa_required_at, r->created_at,
		p->who->mfa_grace_days, p->now, &days);
	if (duty == MFA_NO_DUTY)
		return NULL;
	return duty == MFA_DUE
		       ? "Due at the next log-in"
		       : arena_printf(p->arena, "%d day%s left", days, days == 1 ? "" : "s");
}

struct member_words member_words(struct page *p, const struct user_row *r)
{
	bool active = strcmp(r->status, "active") == 0;
	bool nudged = r->nudged_at > p->now - NUDGE_S;
	return (struct member_words){
		.how = active ? how_of(p, r) : NULL,
		.nudged = nudged && !r->has_factor ? page_ago(p, r->nudged_at) : NULL,
		.may_nudge = page_is_admin(p) && active && !nudged && r->has_password &&
			     !r->has_factor && r->user_id != p->who->user_id,
		.role = strcmp(r->role, "admin") == 0 ? "Admin" : "Member",
		.mfa = r->has_factor  ? "Enabled"
		       : r->was_reset ? "Reset"
				      : "Not set up",
		.tone = r->has_factor ? "good" : "warn",
		.last = page_ago(p, r->last_login_at),
		.is_self = r->user_id == p->who->user_id,
		.disabled = !active,
		.invited = !r->has_password,
	};
}

const char *team_address(struct page *p, int64_t user_id)
{
	return arena_printf(p->arena, "/settings/team/%lld", (long long)user_id);
}

static struct row_view view_of(struct page *p, const struct user_row *r)
{
	struct member_words w = member_words(p, r);
	return (struct row_view){r->name, r->email, w.role, w.mfa, w.tone,
		page_is_admin(p) ? team_address(p, r->user_id) : NULL, w.how, w.last, w.nudged,
		w.is_self, w.disabled, w.invited, w.may_nudge,
		page_is_admin(p) && r->has_factor && !w.is_self};
}

static bool is_wanted(int64_t filter, const struct user_row *r)
{
	return filter == FILTER_ALL || (filter == FILTER_WITH) == r->has_factor;
}

/* A person who cannot log in is not counted and needs no factor. */
static void fill(struct page *p, struct team_view *v, const struct user_row *rows, size_t n)
{
	struct row_view *views = arena_array(p->arena, struct row_view, n);
	size_t shown = 0;
	int admins = 0;
	for (size_t i = 0; i < n; i++) {
		bool active = strcmp(rows[i].status, "active") == 0;
		v->total += active;
		v->enabled += active && rows[i].has_factor;
		admins += active && rows[i].has_factor && strcmp(rows[i].role, "admin") == 0;
		if (is_wanted(p->f.number[TEAM_FILTER], &rows[i]))
			views[shown++] = view_of(p, &rows[i]);
	}
	v->members = (struct tmpl_list){views, shown};
	v->one_admin_mfa = admins == 1;
}

bool team_show(struct page *p, struct err *e)
{
	const struct user_row *rows;
	size_t n;
	int64_t filter = p->f.number[TEAM_FILTER];
	if (!users_list(p->db, p->arena, p->who->org_id, &rows, &n, e))
		return false;
	struct team_view v = {
		.csrf = chrome_csrf(p),
		.is_admin = page_is_admin(p),
		.all = filter == FILTER_ALL,
		.with = filter == FILTER_WITH,
		.without = filter == FILTER_WITHOUT,
	};
	fill(p, &v, rows, n);
	p->title = "Team members";
	p->section = "settings";
	return page_show(p, TEMPLATE_TEAM, &v, 200, e);
}
