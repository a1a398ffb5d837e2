#include "pages/team.h"

#include "pages/chrome.h"
#include "pages/mail.h"
#include "pages/mfa.h"
#include "store/factors.h"

struct reset_view {
	const char *csrf, *name, *error, *back, *action;
	bool has_app, has_passkey;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct reset_view, csrf, TMPL_TEXT),
	TMPL_F(struct reset_view, name, TMPL_TEXT),
	TMPL_F(struct reset_view, error, TMPL_TEXT),
	TMPL_F(struct reset_view, back, TMPL_TEXT),
	TMPL_F(struct reset_view, action, TMPL_TEXT),
	TMPL_F(struct reset_view, has_app, TMPL_BOOL),
	TMPL_F(struct reset_view, has_passkey, TMPL_BOOL),
};
const struct tmpl_shape reset_mfa_shape = TMPL_SHAPE(struct reset_view, view_fields);

/* Nobody resets their own factor; the admin must have a factor, and so must the person. */
static bool may_reset(struct page *p, struct user_row *r, struct err *e)
{
	if (!team_person(p, r, e))
		return false;
	if (r->user_id == p->who->user_id)
		return err_set(e, ERR_CONFLICT,
			"Nobody resets their own. Change your second factor in your profile, or ask another admin.");
	if (!p->who->has_factor)
		return err_set(e, ERR_CONFLICT,
			"Set up your own Multi-Factor Authentication first: it is asked for here.");
	return r->has_factor ||
	       err_set(e, ERR_CONFLICT, "%s has no Multi-Factor Authentication to reset.",
		       str_isolate(p->arena, r->name));
}

static bool show(
	struct page *p, const struct user_row *r, const char *error, int status, struct err *e)
{
	const char *back = team_address(p, r->user_id);
	struct mfa_ways ways;
	if (!mfa_ways_fill(p, &ways, e))
		return false;
	struct reset_view v = {ways.csrf, r->name, error, back,
		arena_printf(p->arena, "%s/reset-mfa", back), ways.has_app, ways.has_passkey};
	p->title = "Reset Multi-Factor Authentication";
	p->section = "settings";
	return page_show(p, TEMPLATE_RESET_MFA, &v, status, e);
}

bool reset_mfa_show(struct page *p, struct err *e)
{
	struct user_row r;
	return may_reset(p, &r, e) && show(p, &r, NULL, 200, e);
}

static bool reset(struct page *p, const struct user_row *r, struct err *e)
{
	int64_t org = p->who->org_id;
	return pg_begin(p->db, org, e) && factors_remove(p->db, org, r->user_id, e) &&
	       users_mfa_was_reset(p->db, org, r->user_id, e) &&
	       sessions_end_others(p->db, org, r->user_id, 0, e) &&
	       page_mail(p, org, r->user_id, "mfa_reset", p->who->name, NULL, e) &&
	       page_go_with(p, team_address(p, r->user_id), "success",
		       arena_printf(p->arena,
			       "%s is logged out and has to set up Multi-Factor Authentication again.",
			       str_isolate(p->arena, r->name)),
		       e) &&
	       page_audit(p, "mfa.reset", "ok", r->email, e) && pg_commit(p->db, e);
}

bool reset_mfa_post(struct page *p, struct err *e)
{
	struct user_row r;
	struct mfa_told t;
	if (!may_reset(p, &r, e) ||
		!mfa_prove(p, MFA_PROOF_CODE, MFA_PROOF_PASSKEY, "mfa.reset", &t, e))
		return false;
	if (t.verdict == MFA_RIGHT)
		return reset(p, &r, e);
	if (!show(p, &r, t.sentence, mfa_told_status(&t), e))
		return false;
	mfa_told_header(p, &t);
	return true;
}
