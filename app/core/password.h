/*
 * Which passwords people may choose: long enough (codec/passwd), not one of the most common
 * ones, and not made only of words that a stranger knows about the person (NIST SP 800-63B-4
 * section 3.1.1.2; ASVS 5.0 items 6.2.4, 6.2.11, 6.2.12). There is no rule about the kinds of
 * characters.
 */
#ifndef GAP_CORE_PASSWORD_H
#define GAP_CORE_PASSWORD_H

#include "base/err.h"
#include "base/secret.h"

/* What a stranger may know about the person. NULL: not known. */
struct password_of {
	const char *name, *email, *org_name;
};

/*
 * ERR_INVALID with a sentence for the person when passwd_check refuses the password, when it is
 * one of the common ones, or when it holds nothing but words of the person's name, address and
 * firm and of this product. Case, digits and signs between the words do not count:
 * "HarbourVale2026!" is refused at Harbour & Vale.
 */
MUSTUSE bool password_check(struct arena *a, const struct secret *password,
	const struct password_of *of, struct err *e);

#endif
