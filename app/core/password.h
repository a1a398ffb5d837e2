/*
 * Which passwords people may choose: long enough (codec/passwd), none of the most common ones, and not
 * made of words that a stranger knows about the person alone (NIST SP 800-63B-4 section 3.1.1.2; ASVS
 * 5.0 items 6.2.4, 6.2.11, 6.2.12). No rule about which kinds of characters it holds.
 */
#ifndef GAP_CORE_PASSWORD_H
#define GAP_CORE_PASSWORD_H

#include "base/err.h"
#include "base/secret.h"

/* What a stranger knows. NULL: unknown. */
struct password_of {
	const char *name, *email, *org_name;
};

/*
 * ERR_INVALID with a sentence for the person: as passwd_check, or one of the common passwords, or made of
 * nothing but words of their name, their address, their firm and this product (case, digits and signs
 * between them do not count): "HarbourVale2026!" at Harbour & Vale.
 */
MUSTUSE bool password_check(struct arena *a, const struct secret *password,
	const struct password_of *of, struct err *e);

#endif
