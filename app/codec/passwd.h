/*
 * Password hashes: Argon2id through libargon2, 19 MiB, t=2, p=1 (OWASP password storage; ASVS
 * 5.0 appendix C), as the usual encoded string, which contains its parameters. The password is
 * first normalised to NFKC (libutf8proc), so that the same password from another keyboard gives
 * the same bytes.
 */
#ifndef GAP_CODEC_PASSWD_H
#define GAP_CODEC_PASSWD_H

#include "base/err.h"
#include "base/secret.h"

enum { PASSWD_CHARS_MIN = 8, PASSWD_BYTES_MAX = 1024 };

/*
 * ERR_INVALID with a sentence for the user: too short (code points as typed), too long (bytes
 * as typed), or not UTF-8. Does not look at lists of common passwords; core/password does.
 */
MUSTUSE bool passwd_check(struct arena *a, const struct secret *password, struct err *e);

/*
 * The password in a form to compare with lists of words: NFKC, then case folded. It lives on
 * the arena and is as secret as the password. Empty when the password is not UTF-8.
 */
struct str passwd_fold(struct arena *a, const struct secret *password);

/* Hashes the password. Fails as passwd_check does, which it calls first. */
MUSTUSE bool passwd_hash(
	struct arena *a, const struct secret *password, char **encoded_r, struct err *e);

/*
 * Does the password match? When `encoded` is NULL or damaged, or passwd_check refuses the
 * password, it does the same work against a built-in hash and returns false. So an unknown user
 * takes as long as a known one.
 */
bool passwd_verify(struct arena *a, const char *encoded, const struct secret *password);

/*
 * True when `encoded` is NULL or has other parameters than today's: hash again at the next
 * log-in.
 */
bool passwd_outdated(const char *encoded);

#endif
