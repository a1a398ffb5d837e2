/*
 * One-time codes: TOTP (RFC 6238) with SHA-1, 6 digits and steps of 30 s, through liboath. The
 * library accepts a code more than once, so the caller must ensure single use: store the step
 * that matched and accept only greater ones (compare-and-set).
 */
#ifndef GAP_CODEC_TOTP_H
#define GAP_CODEC_TOTP_H

#include "base/err.h"
#include "base/secret.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_DIGITS = 6, TOTP_STEP_S = 30 };

/* 160 random bits (RFC 4226 R6). */
MUSTUSE bool totp_new_secret(struct arena *a, struct secret **secret_r, struct err *e);

/* The secret in Base32, in groups of four, for typing: "JBSW Y3DP ...". */
char *totp_show_secret(struct arena *a, const struct secret *secret);

/*
 * otpauth://totp/Issuer:account?secret=...&issuer=...&algorithm=SHA1&digits=6&period=30
 * (the Key URI format every authenticator app reads); issuer and account are percent-encoded.
 */
char *totp_uri(
	struct arena *a, const char *issuer, const char *account, const struct secret *secret);

/*
 * The six ASCII digits of `typed`; blanks inside and around are ignored ("123 456"). NULL when
 * it is anything else.
 */
const char *totp_clean(struct arena *a, const char *typed);

/*
 * Does `code` match a step that is greater than last_step, from one before now's step to one
 * after it (strict: to now's step)? Takes constant time over all candidates. When two steps
 * have the same code, *step_r is the later one, so that storing it spends both.
 */
bool totp_match(const struct secret *secret, const char *code, int64_t now, int64_t last_step,
	bool strict, int64_t *step_r);

/* The code of a step, which must not be negative. For tests and gap-admin. */
MUSTUSE bool totp_code(struct arena *a, const struct secret *secret, int64_t step,
	char **code_r, struct err *e);

#endif
