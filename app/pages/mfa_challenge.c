#include "pages/mfa.h"

#include "core/mfa.h"
#include "pages/chrome.h"
#include "pages/login.h"
#include "pages/mail.h"
#include "store/factors.h"

struct challenge_view {
	const char *csrf, *error, *admins;
	bool recovery, has_app, has_passkey, passkey_only;
};

static const struct tmpl_field challenge_fields[] = {
	TMPL_F(struct challenge_view, csrf, TMPL_TEXT),
	TMPL_F(struct challenge_view, error, TMPL_TEXT),
	TMPL_F(struct challenge_view, admins, TMPL_TEXT),
	TMPL_F(struct challenge_view, recovery, TMPL_BOOL),
	TMPL_F(struct challenge_view, has_app, TMPL_BOOL),
	TMPL_F(struct challenge_view, has_passkey, TMPL_BOOL),
	TMPL_F(struct challenge_view, passkey_only, TMPL_BOOL),
};
const struct tmpl_shape mfa_challenge_shape =
	TMPL_SHAPE(struct challenge_view, challenge_fields);

const struct field mfa_code_fields[MFA_CODE__MAX] = {
	[MFA_CODE] = {"code", FIELD_CODE, true, 1, 64, "the code", NULL},
};

static bool show(struct page *p, bool recovery, const char *error, int status, struct err *e)
{
	struct mfa_ways ways;
	if (!mfa_ways_fill(p, &ways, e))
		return false;
	struct challenge_view v = {
		.csrf = ways.csrf,
		.error = error,
		.recovery = recovery,
		.has_app = ways.has_app,
		.has_passkey = ways.has_passkey,
		.passkey_only = ways.has_passkey && !ways.has_app && !recovery,
	};
	if (recovery && !users_admin_names(
				p->db, p->arena, p->who->org_id, p->who->user_id, &v.admins, e))
		return false;
	p->title = v.passkey_only ? "Use your passkey" : "Enter MFA code";
	return page_show(p, TEMPLATE_MFA_CHALLENGE, &v, status, e);
}

bool mfa_challenge(struct page *p, struct err *e)
{
	return show(p, false, NULL, 200, e);
}

bool mfa_recovery(struct page *p, struct err *e)
{
	return show(p, true, NULL, 200, e);
}

/*
 * Who gets here knew the password. The account's owner is told by mail, but not for every
 * attempt of a flood (ASVS 6.3.5).
 */
static bool end(struct page *p, struct err *e)
{
	int mailed_s = 0;
	int64_t org = p->who->org_id, user = p->who->user_id;
	const char *bucket = arena_printf(
		p->arena, "factor:%lld:%lld:mailed", (long long)org, (long long)user);
	if (!throttle_count(p->db, bucket, 1, &mailed_s, e) || !pg_begin(p->db, org, e) ||
		(mailed_s == 0 && !page_mail(p, org, user, "factor_guessed", NULL, NULL, e)) ||
		!sessions_end(p->db, p->who->session_id, e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, NULL);
	return page_go(p, "/login?ended=1");
}

/*
 * The attempt is counted and committed before anything is checked; the sixth ends this log-in.
 */
static bool may_try(struct page *p, bool *may_r, struct err *e)
{
	int misses;
	if (!sessions_count_miss(p->db, p->who->session_id, &misses, e))
		return false;
	*may_r = misses <= MFA_MISSES_MAX;
	return *may_r || page_audit(p, "login.mfa", "refused", "too many misses", e);
}

/* The mail warns the owner when somebody else has used a recovery code. */
static bool mail_recovery(struct page *p, int64_t left, struct err *e)
{
	return page_mail(p, p->who->org_id, p->who->user_id, "recovery_used", NULL,
		arena_printf(p->arena, "You have %lld left.", (long long)left), e);
}

/* codes_left: recovery codes left after one was used; -1: another factor was used. */
static bool come_in(struct page *p, const char *how, int64_t codes_left, struct err *e)
{
	const char *next = login_landing(p, p->who->return_to);
	if (!pg_begin(p->db, p->who->org_id, e) || !mfa_was_right(p, e) || !page_rise(p, e) ||
		!users_logged_in(p->db, p->who->org_id, p->who->user_id, e) ||
		!login_know_address(p, p->who->email, e) ||
		(codes_left >= 0 && !mail_recovery(p, codes_left, e)) ||
		!page_audit(p, "login.mfa", "ok", how, e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	return page_go(p, next);
}

/*
 * The limit holds over later log-ins too: an attacker with the password must not get five more
 * guesses with each.
 */
bool mfa_challenge_post(struct page *p, struct err *e)
{
	bool may;
	struct mfa_told t;
	if (!may_try(p, &may, e))
		return false;
	if (!may)
		return end(p, e);
	if (!mfa_prove(p, MFA_PROOF_CODE, MFA_PROOF_PASSKEY, "login.mfa", &t, e))
		return false;
	if (t.verdict == MFA_WAIT)
		return end(p, e);
	return t.verdict == MFA_RIGHT ? come_in(p, t.how, -1, e)
				      : show(p, false, t.sentence, mfa_told_status(&t), e);
}

static bool tell_codes_left(struct page *p, int64_t left, struct err *e)
{
	if (left > 2)
		return true;
	const char *text = arena_printf(p->arena,
		"You have %lld recovery code%s left. Make new ones in your profile.",
		(long long)left, left == 1 ? "" : "s");
	return sessions_flash(p->db, p->who->session_id, "info", text, e);
}

/*
 * A recovery code has 80 bits and cannot be guessed, so a miss counts for this log-in and for
 * 15 minutes, but not for the limit without time.
 */
bool mfa_recovery_post(struct page *p, struct err *e)
{
	bool may, won = false;
	int wait_s = 0;
	int64_t left = 0, org = p->who->org_id, user = p->who->user_id;
	unsigned char hash[HASH_BYTES];
	if (!may_try(p, &may, e) || (may && !mfa_count_guess(p, &wait_s, e)))
		return false;
	if (wait_s > 0 && !page_audit(p, "login.mfa", "refused", "too many misses", e))
		return false;
	if (!may || wait_s > 0)
		return end(p, e);
	if (!p->f.ok)
		return show(p, true, p->f.error[MFA_CODE], 422, e);
	session_hash_code(p->arena, p->f.text[MFA_CODE], hash);
	if (!factors_use_code(p->db, org, user, hash, &won, e))
		return false;
	if (won)
		return factors_codes_left(p->db, org, user, &left, e) &&
		       tell_codes_left(p, left, e) && come_in(p, "recovery code", left, e);
	return page_audit(p, "login.mfa", "refused", "wrong recovery code", e) &&
	       show(p, true, "That recovery code is not right.", 422, e);
}
