#include "pages/mfa.h"

#include "codec/qr.h"
#include "codec/totp.h"
#include "core/mfa.h"
#include "pages/chrome.h"
#include "pages/mail.h"
#include "pages/oauth.h"
#include "pages/totp_keys.h"
#include "store/factors.h"
#include "store/users.h"

struct notice_view {
	const char *csrf;
	bool grace, one_day;
	int64_t days_left;
};
static const struct tmpl_field notice_fields[] = {
	TMPL_F(struct notice_view, csrf, TMPL_TEXT),
	TMPL_F(struct notice_view, grace, TMPL_BOOL),
	TMPL_F(struct notice_view, one_day, TMPL_BOOL),
	TMPL_F(struct notice_view, days_left, TMPL_INT),
};
const struct tmpl_shape mfa_notice_shape = TMPL_SHAPE(struct notice_view, notice_fields);

struct setup_view {
	const char *csrf, *email, *key, *error;
	struct html qr;
	bool second, for_xero;
};
static const struct tmpl_field setup_fields[] = {
	TMPL_F(struct setup_view, csrf, TMPL_TEXT),
	TMPL_F(struct setup_view, email, TMPL_TEXT),
	TMPL_F(struct setup_view, key, TMPL_TEXT),
	TMPL_F(struct setup_view, error, TMPL_TEXT),
	TMPL_F(struct setup_view, qr, TMPL_HTML),
	TMPL_F(struct setup_view, second, TMPL_BOOL),
	TMPL_F(struct setup_view, for_xero, TMPL_BOOL),
};
const struct tmpl_shape mfa_setup_shape = TMPL_SHAPE(struct setup_view, setup_fields);

const struct field mfa_saved_fields[MFA_SAVED__MAX] = {
	[MFA_SAVED] = {"saved", FIELD_FLAG, false, 0, 0, "that you saved the codes", NULL},
};

bool mfa_notice(struct page *p, struct err *e)
{
	int days;
	enum mfa_duty duty = mfa_duty(p->who->has_factor, p->who->mfa_required_at,
		p->who->user_created_at, p->who->mfa_grace_days, p->now, &days);
	if (duty == MFA_NO_DUTY)
		return page_go(p, "/clients");
	struct notice_view v = {.csrf = chrome_csrf(p),
		.grace = duty == MFA_GRACE,
		.one_day = days == 1,
		.days_left = days};
	p->title = "Set up Multi-Factor Authentication";
	return page_show(p, TEMPLATE_MFA_NOTICE, &v, 200, e);
}

bool mfa_later(struct page *p, struct err *e)
{
	(void)e;
	return page_go(p, p->who->return_to == NULL ? "/clients" : p->who->return_to);
}

static bool new_pending(struct page *p, struct secret **key_r, struct err *e)
{
	struct str box;
	const char *row = factors_row_name(p->arena, p->who->org_id, p->who->user_id);
	return totp_new_secret(p->arena, key_r, e) &&
	       seal_box(p->arena, totp_keys(p->site->totp_keys), secret_open(*key_r), row, &box,
		       e) &&
	       factors_pending_set(p->db, p->who->org_id, p->who->user_id, box, e);
}

/* *key_r is NULL when there is no pending key, or when it is older than ten minutes. */
static bool pending_key(
	struct page *p, struct secret **key_r, struct totp_row *row_r, struct err *e)
{
	*key_r = NULL;
	if (!factors_pending(p->db, p->arena, p->who->org_id, p->who->user_id, row_r, e))
		return false;
	if (!row_r->found || p->now - row_r->created_at > MFA_SETUP_LIFE_S)
		return true;
	return seal_open(p->arena, totp_keys(p->site->totp_keys), row_r->sealed,
		factors_row_name(p->arena, p->who->org_id, p->who->user_id), key_r, e);
}

static bool show_setup(struct page *p, const struct secret *key, bool second, const char *error,
	int status, struct err *e)
{
	struct setup_view v = {
		.csrf = chrome_csrf(p),
		.email = p->who->email,
		.key = totp_show_secret(p->arena, key),
		.error = error,
		.second = second,
		.for_xero = oauth_is_waiting(p),
	};
	const char *label = arena_printf(p->arena, "QR code to add %s to an authenticator app",
		str_isolate(p->arena, p->who->email));
	if (!qr_svg(p->arena, totp_uri(p->arena, "The Gap", p->who->email, key), label, &v.qr,
		    e))
		return false;
	p->title = "Set up Multi-Factor Authentication";
	return page_show(p, TEMPLATE_MFA_SETUP, &v, status, e);
}

/*
 * A reload within ten minutes shows the same key, so that a code scanned meanwhile stays valid.
 */
bool mfa_setup(struct page *p, struct err *e)
{
	struct secret *key;
	struct totp_row row;
	if (!pending_key(p, &key, &row, e) || (key == NULL && !new_pending(p, &key, e)))
		return false;
	return show_setup(p, key, false, NULL, 200, e);
}

bool mfa_setup_code(struct page *p, struct err *e)
{
	struct secret *key;
	struct totp_row row;
	if (!pending_key(p, &key, &row, e))
		return false;
	return key == NULL ? page_go(p, "/mfa/setup") : show_setup(p, key, true, NULL, 200, e);
}

static bool finish(struct page *p, int64_t step, struct err *e)
{
	struct mfa_codes c = {.by_passkey = false};
	bool had_one = p->who->has_factor;
	if (!mfa_codes_make(p, &c, e) || !pg_begin(p->db, p->who->org_id, e) ||
		!factors_prove(p->db, p->who->org_id, p->who->user_id, step,
			(const unsigned char(*)[HASH_BYTES])c.hashes, MFA_RECOVERY_CODES, e) ||
		!page_rise(p, e) ||
		!sessions_end_others(
			p->db, p->who->org_id, p->who->user_id, p->who->session_id, e) ||
		(had_one && !page_mail(p, p->who->org_id, p->who->user_id, "mfa_changed", NULL,
				    "A new authenticator was set up.", e)) ||
		!page_audit(p, "mfa.enabled", "ok", "", e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	return mfa_codes_show(p, &c, false, NULL, 200, e);
}

/* The person gets a new key, and new attempts with it, when this key has expired. */
static bool show_exhausted(
	struct page *p, const struct secret *key, int64_t created_at, struct err *e)
{
	if (!show_setup(p, key, true,
		    "Too many wrong codes. Wait 15 minutes, then start again.", 429, e))
		return false;
	int64_t left_s = created_at + MFA_SETUP_LIFE_S + 1 - p->now;
	response_header(p->s, "Retry-After", arena_printf(p->arena, "%lld", (long long)left_s));
	return true;
}

bool mfa_setup_code_post(struct page *p, struct err *e)
{
	struct secret *key;
	struct totp_row row;
	int64_t step;
	int misses;
	if (!pending_key(p, &key, &row, e))
		return false;
	if (key == NULL)
		return page_go_with(p, "/mfa/setup", "error",
			"That took longer than 10 minutes. Scan the new code.", e);
	if (!factors_pending_miss(p->db, p->who->org_id, p->who->user_id, &misses, e))
		return false;
	if (misses > MFA_MISSES_MAX)
		return show_exhausted(p, key, row.created_at, e);
	const char *code = p->f.ok ? totp_clean(p->arena, p->f.text[MFA_CODE]) : NULL;
	if (code != NULL && totp_match(key, code, p->now, 0, false, &step))
		return finish(p, step, e);
	return page_audit(p, "mfa.enabled", "refused", "wrong code", e) &&
	       show_setup(p, key, true,
		       "That code is not right. Check your device's clock and use the newest code.",
		       422, e);
}

static bool confirm_first(struct page *p, struct err *e)
{
	return sessions_return_to(p->db, p->who->session_id, "/profile", e) &&
	       page_go(p, "/confirm");
}

bool mfa_setup_done(struct page *p, struct err *e)
{
	if (!p->who->has_factor)
		return page_go(p, "/mfa/setup");
	/* New recovery codes are as strong as a new factor, so they need a fresh session. */
	if (!p->f.number[MFA_SAVED])
		return page_is_fresh(p) ? mfa_codes_again(p, e) : confirm_first(p, e);
	if (oauth_is_waiting(p))
		return oauth_leave(p, e);
	return page_go(p, p->who->return_to == NULL ? "/clients" : p->who->return_to);
}
