/*
 * Password hashes: Argon2id through libargon2, 19 MiB, t=2, p=1 (OWASP
 * password storage; ASVS 5.0 appendix C), as the usual encoded string, which
 * carries its parameters. The password is normalised to NFKC (libutf8proc)
 * first, so that it does not depend on the keyboard that typed it.
 */
#ifndef GAP_CODEC_PASSWD_H
#define GAP_CODEC_PASSWD_H

#include "base/err.h"
#include "base/secret.h"

enum { PASSWD_CHARS_MIN = 8, PASSWD_BYTES_MAX = 1024 };

/*
 * ERR_INVALID with a sentence for the user: too short (code points as typed), too long (bytes as
 * typed), not UTF-8. Blocklists are not its part.
 */
MUSTUSE bool passwd_check(struct arena *a, const struct secret *password, struct err *e);

/*
 * The password for comparing with lists of words: NFKC, then without case. On the arena, as secret as
 * what was typed; empty when it is not UTF-8.
 */
struct str passwd_fold(struct arena *a, const struct secret *password);

/* Checks first, so that there is no hash of a password passwd_check refuses. */
MUSTUSE bool passwd_hash(
	struct arena *a, const struct secret *password, char **encoded_r, struct err *e);

/*
 * True when it matches. `encoded` NULL does the same work against a built-in
 * hash and returns false, so an unknown user costs what a known one does; a
 * password that passwd_check refuses and a damaged `encoded` do so too.
 */
bool passwd_verify(struct arena *a, const char *encoded, const struct secret *password);

/* The parameters in `encoded` are not today's: hash again at the next log-in. NULL: true. */
bool passwd_outdated(const char *encoded);

#endif
