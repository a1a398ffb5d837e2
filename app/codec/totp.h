/*
 * One-time codes: TOTP (RFC 6238) with SHA-1, 6 digits, 30 s steps, through
 * liboath. Single use is the caller's: store the step that matched and accept
 * only greater ones (compare-and-set), since the library accepts a code again.
 */
#ifndef GAP_CODEC_TOTP_H
#define GAP_CODEC_TOTP_H

#include "base/err.h"
#include "base/secret.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_DIGITS = 6, TOTP_STEP_S = 30 };

/* 160 random bits (RFC 4226 R6). */
MUSTUSE bool totp_new_secret(struct arena *a, struct secret **secret_r, struct err *e);

/* "JBSW Y3DP ..." for typing: Base32 in groups of four. */
char *totp_show_secret(struct arena *a, const struct secret *secret);

/*
 * otpauth://totp/Issuer:account?secret=...&issuer=...&algorithm=SHA1&digits=6&period=30
 * (the Key URI format every authenticator app reads); issuer and account are percent-encoded.
 */
char *totp_uri(
	struct arena *a, const char *issuer, const char *account, const struct secret *secret);

/* Six ASCII digits, blanks inside and around ignored ("123 456"); NULL when it is not that. */
const char *totp_clean(struct arena *a, const char *typed);

/*
 * Does `code` match at a step in now's step -1..+1 (strict: -1..0) that is
 * greater than last_step? Compares in constant time over all candidates. When two
 * steps have the same code, *step_r is the later, so that storing it spends both.
 */
bool totp_match(const struct secret *secret, const char *code, int64_t now, int64_t last_step,
	bool strict, int64_t *step_r);

/* The code at a step: for tests and `gap-admin`. The step is not negative. */
MUSTUSE bool totp_code(struct arena *a, const struct secret *secret, int64_t step,
	char **code_r, struct err *e);

#endif
