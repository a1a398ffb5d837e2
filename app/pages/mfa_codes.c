#include "pages/mfa.h"

#include "pages/chrome.h"
#include "pages/mail.h"
#include "pages/oauth.h"
#include "store/factors.h"

static const struct tmpl_field item_fields[] = {
	TMPL_F(struct mfa_code_item, text, TMPL_TEXT),
};
static const struct tmpl_shape item_shape = TMPL_SHAPE(struct mfa_code_item, item_fields);

struct codes_view {
	const char *csrf, *error, *email;
	struct tmpl_list codes;
	bool for_xero, renewed, steps, by_passkey;
};
static const struct tmpl_field codes_fields[] = {
	TMPL_F(struct codes_view, csrf, TMPL_TEXT),
	TMPL_F(struct codes_view, error, TMPL_TEXT),
	TMPL_F(struct codes_view, email, TMPL_TEXT),
	TMPL_FS(struct codes_view, codes, TMPL_LIST, &item_shape),
	TMPL_F(struct codes_view, for_xero, TMPL_BOOL),
	TMPL_F(struct codes_view, renewed, TMPL_BOOL),
	TMPL_F(struct codes_view, steps, TMPL_BOOL),
	TMPL_F(struct codes_view, by_passkey, TMPL_BOOL),
};
const struct tmpl_shape mfa_codes_shape = TMPL_SHAPE(struct codes_view, codes_fields);

struct renew_view {
	const char *csrf, *error;
	int64_t codes_left;
	bool has_app, has_passkey;
};
static const struct tmpl_field renew_fields[] = {
	TMPL_F(struct renew_view, csrf, TMPL_TEXT),
	TMPL_F(struct renew_view, error, TMPL_TEXT),
	TMPL_F(struct renew_view, codes_left, TMPL_INT),
	TMPL_F(struct renew_view, has_app, TMPL_BOOL),
	TMPL_F(struct renew_view, has_passkey, TMPL_BOOL),
};
const struct tmpl_shape mfa_renew_shape = TMPL_SHAPE(struct renew_view, renew_fields);

bool mfa_codes_make(struct page *p, struct mfa_codes *c_r, struct err *e)
{
	for (size_t i = 0; i < MFA_RECOVERY_CODES; i++) {
		char *text;
		if (!mfa_recovery_code(p->arena, &text, e))
			return false;
		c_r->items[i].text = text;
		session_hash_code(p->arena, text, c_r->hashes[i]);
	}
	return true;
}

bool mfa_codes_show(struct page *p, const struct mfa_codes *c, bool renewed, const char *error,
	int status, struct err *e)
{
	struct codes_view v = {
		.csrf = chrome_csrf(p),
		.error = error,
		.email = p->who->email,
		.codes = {c->items, MFA_RECOVERY_CODES},
		.for_xero = oauth_is_waiting(p),
		.renewed = renewed,
		.steps = !renewed && !c->by_passkey,
		.by_passkey = c->by_passkey,
	};
	p->title = "Save your recovery codes";
	p->leads_to_xero = v.for_xero;
	return page_show(p, TEMPLATE_MFA_CODES, &v, status, e);
}

/* Runs in the open transaction. */
static bool replace(struct page *p, const struct mfa_codes *c, struct err *e)
{
	return factors_replace_codes(p->db, p->who->org_id, p->who->user_id,
		       (const unsigned char(*)[HASH_BYTES])c->hashes, MFA_RECOVERY_CODES, e) &&
	       page_mail(p, p->who->org_id, p->who->user_id, "mfa_changed", NULL,
		       "New recovery codes were made; those from before no longer work.", e);
}

bool mfa_codes_again(struct page *p, struct err *e)
{
	struct mfa_codes c = {.by_passkey = false};
	return mfa_codes_make(p, &c, e) && pg_begin(p->db, p->who->org_id, e) &&
	       replace(p, &c, e) && page_audit(p, "mfa.codes_renewed", "ok", "", e) &&
	       pg_commit(p->db, e) &&
	       mfa_codes_show(p, &c, false,
		       "Tick the box once you have saved the codes. These are new ones; those shown before no longer work.",
		       422, e);
}

static bool show_form(struct page *p, const char *error, int status, struct err *e)
{
	struct mfa_ways ways;
	int64_t left = 0;
	if (!mfa_ways_fill(p, &ways, e) ||
		!factors_codes_left(p->db, p->who->org_id, p->who->user_id, &left, e))
		return false;
	struct renew_view v = {ways.csrf, error, left, ways.has_app, ways.has_passkey};
	p->title = "New recovery codes";
	p->section = "profile";
	return page_show(p, TEMPLATE_MFA_RENEW, &v, status, e);
}

bool mfa_renew(struct page *p, struct err *e)
{
	return p->who->has_factor ? show_form(p, NULL, 200, e) : page_go(p, "/mfa/setup");
}

/*
 * A code was given, so the session is fresh again. After the codes the person returns to the
 * profile.
 */
static bool renew(struct page *p, struct err *e)
{
	struct mfa_codes c = {.by_passkey = false};
	if (!mfa_codes_make(p, &c, e) || !pg_begin(p->db, p->who->org_id, e) ||
		!replace(p, &c, e) || !page_rise(p, e) ||
		!sessions_return_to(p->db, p->who->session_id, "/profile", e) ||
		!page_audit(p, "mfa.codes_renewed", "ok", "", e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	return mfa_codes_show(p, &c, true, NULL, 200, e);
}

bool mfa_renew_post(struct page *p, struct err *e)
{
	struct mfa_told t;
	if (!p->who->has_factor)
		return page_go(p, "/mfa/setup");
	if (!mfa_prove(p, MFA_PROOF_CODE, MFA_PROOF_PASSKEY, "mfa.codes_renewed", &t, e))
		return false;
	if (t.verdict == MFA_RIGHT)
		return renew(p, e);
	if (!show_form(p, t.sentence, mfa_told_status(&t), e))
		return false;
	mfa_told_header(p, &t);
	return true;
}
