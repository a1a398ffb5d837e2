/*
 * The second factor: the challenge at log-in, the notice at the next log-in, set-up (key, code,
 * recovery codes), and "Confirm it is you".
 */
#ifndef GAP_PAGES_MFA_H
#define GAP_PAGES_MFA_H

#include "core/mfa.h"
#include "pages/page.h"

extern const struct tmpl_shape mfa_challenge_shape, mfa_notice_shape, mfa_setup_shape,
	mfa_codes_shape, mfa_renew_shape, confirm_shape;

enum { MFA_CODE, MFA_CODE__MAX };
extern const struct field mfa_code_fields[MFA_CODE__MAX];
/* For forms that take a passkey as well; the code keeps its index. */
enum { MFA_PROOF_CODE = MFA_CODE, MFA_PROOF_PASSKEY, MFA_PROOF__MAX };
extern const struct field mfa_proof_fields[MFA_PROOF__MAX];
enum { MFA_SAVED, MFA_SAVED__MAX };
extern const struct field mfa_saved_fields[MFA_SAVED__MAX];
enum { CONFIRM_PASSWORD, CONFIRM_CODE, CONFIRM_PASSKEY, CONFIRM__MAX };
extern const struct field confirm_fields[CONFIRM__MAX];

/* "Enter MFA code", and the recovery code as the alternative. */
bool mfa_challenge(struct page *p, struct err *e);
bool mfa_challenge_post(struct page *p, struct err *e);
bool mfa_recovery(struct page *p, struct err *e);
bool mfa_recovery_post(struct page *p, struct err *e);

bool mfa_notice(struct page *p, struct err *e);
bool mfa_later(struct page *p, struct err *e);

/* Step 1: key and QR code; step 2: a code as proof; step 3: recovery codes. */
bool mfa_setup(struct page *p, struct err *e);
bool mfa_setup_code(struct page *p, struct err *e);
bool mfa_setup_code_post(struct page *p, struct err *e);
bool mfa_setup_done(struct page *p, struct err *e);

/* New recovery codes that replace the old ones, for a code of the authenticator. */
bool mfa_renew(struct page *p, struct err *e);
bool mfa_renew_post(struct page *p, struct err *e);

/* The recovery codes: shown once, stored as hashes. */
struct mfa_code_item {
	const char *text;
};
struct mfa_codes {
	struct mfa_code_item items[MFA_RECOVERY_CODES];
	unsigned char hashes[MFA_RECOVERY_CODES][HASH_BYTES];
	bool by_passkey; /* the first factor is a passkey, added without the set-up steps */
};
MUSTUSE bool mfa_codes_make(struct page *p, struct mfa_codes *c_r, struct err *e);
/* Shows the codes. `renewed`: asked for from the profile, not a step of set-up. */
MUSTUSE bool mfa_codes_show(struct page *p, const struct mfa_codes *c, bool renewed,
	const char *error, int status, struct err *e);
/*
 * "I have saved these codes" was not ticked. The old codes cannot be shown again, so new ones
 * are made and shown.
 */
MUSTUSE bool mfa_codes_again(struct page *p, struct err *e);

bool confirm_show(struct page *p, struct err *e);
bool confirm_post(struct page *p, struct err *e);

/* The view of a form with part/proof in it: which factors the person has. */
struct mfa_ways {
	const char *csrf;
	bool has_app, has_passkey;
};
MUSTUSE bool mfa_ways_fill(struct page *p, struct mfa_ways *w_r, struct err *e);

/*
 * Checks the second factor of a form: a code in field `code`, or a passkey's answer in field
 * `passkey`. The attempt is counted over all log-ins of the person, and committed, before
 * anything is checked. A refusal is audited as `event`. told_r->sentence is for beside the
 * field.
 */
enum mfa_verdict {
	MFA_RIGHT,
	MFA_WRONG,
	MFA_WAIT, /* too many within 15 minutes: not checked */
	/* Too many wrong codes in a row, over any time: not checked; a passkey still is */
	MFA_CAPPED
};
struct mfa_told {
	enum mfa_verdict verdict;
	const char *sentence; /* NULL when right */
	const char *how;      /* "code", "passkey" */
	int wait_s;
};
MUSTUSE bool mfa_prove(struct page *p, size_t code, size_t passkey, const char *event,
	struct mfa_told *told_r, struct err *e);
/*
 * The status of the page (422, 429 or 403). mfa_told_header sets Retry-After once the page is
 * in the response.
 */
int mfa_told_status(const struct mfa_told *t);
void mfa_told_header(struct page *p, const struct mfa_told *t);

/*
 * Counts one more guess over all log-ins of the person. *wait_s_r > 0: refuse without checking.
 */
MUSTUSE bool mfa_count_guess(struct page *p, int *wait_s_r, struct err *e);
/* The factor was right: resets the counts. */
MUSTUSE bool mfa_was_right(struct page *p, struct err *e);

/* Opens the person's secret and checks a code; each code is accepted once. Counts nothing. */
MUSTUSE bool mfa_code_good(struct page *p, const char *typed, bool *good_r, struct err *e);

#endif
