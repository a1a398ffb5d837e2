/*
 * The second factor: the challenge at log-in, the next-login notice, setting
 * one up (key, code, recovery codes), and "Confirm it is you".
 */
#ifndef GAP_PAGES_MFA_H
#define GAP_PAGES_MFA_H

#include "core/mfa.h"
#include "pages/page.h"

extern const struct tmpl_shape mfa_challenge_shape, mfa_notice_shape, mfa_setup_shape,
	mfa_codes_shape, mfa_renew_shape, confirm_shape;

enum { MFA_CODE, MFA_CODE__MAX };
extern const struct field mfa_code_fields[MFA_CODE__MAX];
enum { MFA_SAVED, MFA_SAVED__MAX };
extern const struct field mfa_saved_fields[MFA_SAVED__MAX];
enum { CONFIRM_PASSWORD, CONFIRM_CODE, CONFIRM__MAX };
extern const struct field confirm_fields[CONFIRM__MAX];

/* "Enter MFA code" and its way out, a recovery code. */
bool mfa_challenge(struct page *p, struct err *e);
bool mfa_challenge_post(struct page *p, struct err *e);
bool mfa_recovery(struct page *p, struct err *e);
bool mfa_recovery_post(struct page *p, struct err *e);

bool mfa_notice(struct page *p, struct err *e);
bool mfa_later(struct page *p, struct err *e);

/* Step 1: key and QR code; step 2: the proving code; step 3: recovery codes. */
bool mfa_setup(struct page *p, struct err *e);
bool mfa_setup_code(struct page *p, struct err *e);
bool mfa_setup_code_post(struct page *p, struct err *e);
bool mfa_setup_done(struct page *p, struct err *e);

/* New recovery codes instead of the old ones, for a code of the authenticator. */
bool mfa_renew(struct page *p, struct err *e);
bool mfa_renew_post(struct page *p, struct err *e);

/* Ten recovery codes: shown once, kept as hashes. */
struct mfa_code_item {
	const char *text;
};
struct mfa_codes {
	struct mfa_code_item items[MFA_RECOVERY_CODES];
	unsigned char hashes[MFA_RECOVERY_CODES][HASH_BYTES];
};
MUSTUSE bool mfa_codes_make(struct page *p, struct mfa_codes *c_r, struct err *e);
/* renewed: no step of set-up, but new ones from the profile. */
MUSTUSE bool mfa_codes_show(struct page *p, const struct mfa_codes *c, bool renewed,
	const char *error, int status, struct err *e);
/* "I have saved these codes" was not ticked: they cannot be shown again, so ten others are. */
MUSTUSE bool mfa_codes_again(struct page *p, struct err *e);

bool confirm_show(struct page *p, struct err *e);
bool confirm_post(struct page *p, struct err *e);

/*
 * One more guess at the person's codes, counted over all log-ins and committed before the code is
 * looked at. *wait_s_r > 0: refuse without looking.
 */
MUSTUSE bool mfa_count_guess(struct page *p, int *wait_s_r, struct err *e);
/* It was right: the count begins anew. */
MUSTUSE bool mfa_was_right(struct page *p, struct err *e);

/*
 * A code asked for beside what a form does (field `field`): counted, judged, a refusal audited as `event`.
 * *sentence_r NULL: it was right; else what is wrong, for beside the field, and *wait_s_r > 0: throttled.
 */
MUSTUSE bool mfa_judge_own(struct page *p, size_t field, const char *event,
	const char **sentence_r, int *wait_s_r, struct err *e);

/* Opens the person's secret and judges a code, single use. Counts nothing. */
MUSTUSE bool mfa_code_good(struct page *p, const char *typed, bool *good_r, struct err *e);

#endif
