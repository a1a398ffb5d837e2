#include "pages/mfa.h"

#include "base/log.h"
#include "codec/totp.h"
#include "core/mfa.h"
#include "pages/chrome.h"
#include "pages/login.h"
#include "pages/mail.h"
#include "pages/totp_keys.h"
#include "store/factors.h"

struct challenge_view {
	const char *csrf, *error, *admins;
	bool recovery;
};

static const struct tmpl_field challenge_fields[] = {
	TMPL_F(struct challenge_view, csrf, TMPL_TEXT),
	TMPL_F(struct challenge_view, error, TMPL_TEXT),
	TMPL_F(struct challenge_view, admins, TMPL_TEXT),
	TMPL_F(struct challenge_view, recovery, TMPL_BOOL),
};
const struct tmpl_shape mfa_challenge_shape =
	TMPL_SHAPE(struct challenge_view, challenge_fields);

const struct field mfa_code_fields[MFA_CODE__MAX] = {
	[MFA_CODE] = {"code", FIELD_CODE, true, 1, 64, "the code", NULL},
};

static const char wrong_code[] =
	"That code is not right. Check your device's clock and use the newest code.";

static bool show(struct page *p, bool recovery, const char *error, int status, struct err *e)
{
	struct challenge_view v = {
		.csrf = chrome_csrf(p),
		.error = error,
		.recovery = recovery,
	};
	if (recovery && !users_admin_names(p->db, p->arena, p->who->org_id, &v.admins, e))
		return false;
	p->title = "Enter MFA code";
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

/* A step used minutes ahead of now was used while our clock was wrong: it would lock its owner out until then. */
static int64_t last_step(const struct page *p, const struct totp_row *row)
{
	return row->last_step > p->now / TOTP_STEP_S + MFA_STEPS_AHEAD ? 0 : row->last_step;
}

/* A right code's secret goes under the newest key; if it cannot now, the next log-in does it. */
static void reseal(struct page *p, const struct seal_keys *keys, struct str old_box,
	const struct secret *key)
{
	int64_t org = p->who->org_id, user = p->who->user_id;
	const char *name = factors_row_name(p->arena, org, user);
	struct str box;
	struct err e;
	if (!seal_box(p->arena, keys, secret_open(key), name, &box, &e) ||
		!factors_reseal(p->db, org, user, old_box, box, &e))
		log_err("mfa.reseal", &e);
}

bool mfa_code_good(struct page *p, const char *typed, bool *good_r, struct err *e)
{
	struct totp_row row;
	const struct secret *key = NULL;
	struct secret *opened;
	int64_t step;
	int64_t org = p->who->org_id;
	int64_t user = p->who->user_id;
	*good_r = false;
	if (!factors_get(p->db, p->arena, org, user, &row, e))
		return false;
	const char *code = totp_clean(p->arena, typed);
	if (!row.found || code == NULL)
		return true;
	const char *name = factors_row_name(p->arena, org, user);
	const struct seal_keys *keys = totp_keys(p->site->totp_keys);
	if (!seal_open(p->arena, keys, row.sealed, name, &opened, e))
		return false;
	key = opened;
	bool strict = conf_int(p->site->conf, CONF_TOTP_STRICT) != 0;
	if (!totp_match(key, code, p->now, last_step(p, &row), strict, &step))
		return true;
	if (!factors_use_step(p->db, org, user, step, good_r, e))
		return false;
	if (*good_r && seal_key_id(row.sealed) != seal_newest(keys))
		reseal(p, keys, row.sealed, key);
	return true;
}

static const char *bucket_of(struct page *p)
{
	return arena_printf(p->arena, "factor:%lld:%lld", (long long)p->who->org_id,
		(long long)p->who->user_id);
}

bool mfa_count_guess(struct page *p, int *wait_s_r, struct err *e)
{
	return throttle_count(p->db, bucket_of(p), THROTTLE_MISSES, wait_s_r, e);
}

bool mfa_was_right(struct page *p, struct err *e)
{
	return throttle_clear(p->db, bucket_of(p), e);
}

bool mfa_judge_own(struct page *p, size_t field, const char *event, const char **sentence_r,
	int *wait_s_r, struct err *e)
{
	bool good = false;
	*wait_s_r = 0;
	*sentence_r = p->f.error[field];
	if (*sentence_r != NULL)
		return true;
	if (!mfa_count_guess(p, wait_s_r, e))
		return false;
	if (*wait_s_r > 0) {
		*sentence_r = "Too many tries. Wait 15 minutes and try again.";
		return page_audit(p, event, "refused", "too many misses", e);
	}
	if (!mfa_code_good(p, p->f.text[field], &good, e))
		return false;
	*sentence_r = good ? NULL : wrong_code;
	return good ? mfa_was_right(p, e) : page_audit(p, event, "refused", "wrong code", e);
}

/* Whoever gets here knew the password: its owner is told, but not with every try of a flood (ASVS 6.3.5). */
static bool end_guessing(struct page *p, struct err *e)
{
	int mailed_s;
	int64_t org = p->who->org_id;
	const char *bucket = arena_printf(p->arena, "%s:mailed", bucket_of(p));
	return throttle_count(p->db, bucket, 1, &mailed_s, e) && pg_begin(p->db, org, e) &&
	       (mailed_s > 0 ||
		       page_mail(p, org, p->who->user_id, "factor_guessed", NULL, NULL, e)) &&
	       sessions_end(p->db, p->who->session_id, e) &&
	       page_audit(p, "login.mfa", "refused", "too many misses", e) &&
	       pg_commit(p->db, e);
}

/*
 * The miss is counted, and committed, before the code is looked at; the sixth ends this log-in. So it
 * does in the log-ins after it: who has the password must not get five more codes with each.
 */
static bool may_try(struct page *p, bool *may_r, struct err *e)
{
	int misses, wait_s = 0;
	if (!sessions_count_miss(p->db, p->who->session_id, &misses, e) ||
		(misses <= MFA_MISSES_MAX && !mfa_count_guess(p, &wait_s, e)))
		return false;
	*may_r = misses <= MFA_MISSES_MAX && wait_s == 0;
	if (*may_r)
		return true;
	if (!end_guessing(p, e))
		return false;
	page_set_cookie(p, NULL);
	return true;
}

static bool come_in(struct page *p, const char *how, struct err *e)
{
	const char *next = login_landing(p, p->who->return_to);
	if (!pg_begin(p->db, p->who->org_id, e) || !mfa_was_right(p, e) || !page_rise(p, e) ||
		!users_logged_in(p->db, p->who->org_id, p->who->user_id, e) ||
		!page_audit(p, "login.mfa", "ok", how, e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	return page_go(p, next);
}

bool mfa_challenge_post(struct page *p, struct err *e)
{
	bool may, good;
	if (!may_try(p, &may, e))
		return false;
	if (!may)
		return page_go(p, "/login?ended=1");
	if (!p->f.ok)
		return show(p, false, p->f.error[MFA_CODE], 422, e);
	if (!mfa_code_good(p, p->f.text[MFA_CODE], &good, e))
		return false;
	if (good)
		return come_in(p, "code", e);
	return page_audit(p, "login.mfa", "refused", "wrong code", e) &&
	       show(p, false, wrong_code, 422, e);
}

/* By mail, for whoever did not do it; and by a bar, when they run out. */
static bool tell_codes_left(struct page *p, struct err *e)
{
	int64_t org = p->who->org_id, left = p->who->codes_left - 1;
	const char *count =
		arena_printf(p->arena, "Recovery codes left: %lld.", (long long)left);
	if (!pg_begin(p->db, org, e) ||
		!page_mail(p, org, p->who->user_id, "recovery_used", NULL, count, e) ||
		!pg_commit(p->db, e))
		return false;
	if (left > 2)
		return true;
	const char *text = arena_printf(p->arena,
		"You have %lld recovery code%s left. Make new ones in your profile.",
		(long long)left, left == 1 ? "" : "s");
	return sessions_flash(p->db, p->who->session_id, "info", text, e);
}

bool mfa_recovery_post(struct page *p, struct err *e)
{
	bool may, won = false;
	unsigned char hash[HASH_BYTES];
	if (!may_try(p, &may, e))
		return false;
	if (!may)
		return page_go(p, "/login?ended=1");
	if (!p->f.ok)
		return show(p, true, p->f.error[MFA_CODE], 422, e);
	session_hash_code(p->arena, p->f.text[MFA_CODE], hash);
	if (!factors_use_code(p->db, p->who->org_id, p->who->user_id, hash, &won, e))
		return false;
	if (won)
		return tell_codes_left(p, e) && come_in(p, "recovery code", e);
	return page_audit(p, "login.mfa", "refused", "wrong recovery code", e) &&
	       show(p, true, "That recovery code is not right.", 422, e);
}
