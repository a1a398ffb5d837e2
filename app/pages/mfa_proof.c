#include "pages/mfa.h"

#include "base/log.h"
#include "codec/totp.h"
#include "pages/chrome.h"
#include "pages/passkey.h"
#include "pages/totp_keys.h"
#include "store/factors.h"
#include "store/passkeys.h"

const struct field mfa_proof_fields[MFA_PROOF__MAX] = {
	[MFA_PROOF_CODE] = {"code", FIELD_CODE, false, 0, 64, "the code", NULL},
	[MFA_PROOF_PASSKEY] = {"passkey", FIELD_KEY, false, 0, PASSKEY_ANSWER_MAX,
		"the passkey", NULL},
};

static const char wrong_code[] =
	"That code is not right. Check your device's clock and use the newest code.";
static const char wrong_passkey[] = "That passkey was not accepted. Try again.";
static const char capped[] =
	"Too many wrong codes, one after another. Use a recovery code or a passkey, or log out and select Forgot password.";
static const char wait[] = "Too many tries. Wait 15 minutes and try again.";

bool mfa_ways_fill(struct page *p, struct mfa_ways *w_r, struct err *e)
{
	struct totp_row app;
	const struct passkey_row *rows;
	size_t n;
	if (!factors_get(p->db, p->arena, p->who->org_id, p->who->user_id, &app, e) ||
		!passkeys_list(p->db, p->arena, p->who->org_id, p->who->user_id, &rows, &n, e))
		return false;
	*w_r = (struct mfa_ways){chrome_csrf(p), app.found, n > 0};
	return true;
}

/*
 * A last step minutes ahead of now was used while our clock was wrong. It is ignored: it would
 * lock the owner out until then.
 */
static int64_t last_step(const struct page *p, const struct totp_row *row)
{
	return row->last_step > p->now / TOTP_STEP_S + MFA_STEPS_AHEAD ? 0 : row->last_step;
}

/*
 * Seals the secret under the newest key after a right code. When this fails, the next log-in
 * tries again.
 */
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
	return throttle_clear(p->db, bucket_of(p), e) &&
	       factors_was_right(p->db, p->who->org_id, p->who->user_id, e);
}

/* A signature cannot be guessed: only codes count for the limit without time. */
static bool count(struct page *p, bool by_passkey, struct mfa_told *t, struct err *e)
{
	bool is_capped = false;
	if (!mfa_count_guess(p, &t->wait_s, e))
		return false;
	if (t->wait_s == 0 && !by_passkey &&
		!factors_count_miss(p->db, p->who->org_id, p->who->user_id, &is_capped, e))
		return false;
	if (t->wait_s > 0) {
		t->verdict = MFA_WAIT;
		t->sentence = wait;
	} else if (is_capped) {
		t->verdict = MFA_CAPPED;
		t->sentence = capped;
	}
	return true;
}

static bool look(struct page *p, const char *code, const char *answer, struct mfa_told *t,
	const char **why_r, struct err *e)
{
	bool good = false;
	bool by_passkey = answer[0] != '\0';
	*why_r = "wrong code";
	if (by_passkey ? !passkey_good(p, answer, &good, why_r, e)
		       : !mfa_code_good(p, code, &good, e))
		return false;
	t->verdict = good ? MFA_RIGHT : MFA_WRONG;
	t->sentence = good ? NULL : by_passkey ? wrong_passkey : wrong_code;
	return !good || mfa_was_right(p, e);
}

/* No input, or input that no browser sends, is not a guess and is not counted. */
static bool judge_fields(
	struct page *p, size_t code, size_t passkey, struct mfa_told *t, struct err *e)
{
	struct mfa_ways ways;
	if (p->f.error[passkey] != NULL)
		t->sentence = wrong_passkey;
	else if (p->f.error[code] != NULL)
		t->sentence = p->f.error[code];
	else if (p->f.text[code][0] == '\0' && p->f.text[passkey][0] == '\0') {
		if (!mfa_ways_fill(p, &ways, e))
			return false;
		t->sentence = ways.has_app ? "Enter the code." : "Use your passkey.";
	}
	return true;
}

bool mfa_prove(struct page *p, size_t code, size_t passkey, const char *event,
	struct mfa_told *told_r, struct err *e)
{
	const char *answer = p->f.text[passkey], *typed = p->f.text[code];
	const char *why = "too many misses";
	bool by_passkey = answer[0] != '\0';
	*told_r =
		(struct mfa_told){.verdict = MFA_WRONG, .how = by_passkey ? "passkey" : "code"};
	if (!judge_fields(p, code, passkey, told_r, e))
		return false;
	if (told_r->sentence != NULL)
		return true;
	if (!count(p, by_passkey, told_r, e))
		return false;
	if (told_r->sentence == NULL && !look(p, typed, answer, told_r, &why, e))
		return false;
	return told_r->verdict == MFA_RIGHT || page_audit(p, event, "refused", why, e);
}

int mfa_told_status(const struct mfa_told *t)
{
	return t->verdict == MFA_WAIT ? 429 : t->verdict == MFA_CAPPED ? 403 : 422;
}

void mfa_told_header(struct page *p, const struct mfa_told *t)
{
	if (t->verdict == MFA_WAIT)
		response_header(p->s, "Retry-After", arena_printf(p->arena, "%d", t->wait_s));
}
