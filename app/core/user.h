/* Accounts: roles, and the normal form of an e-mail address. */
#ifndef GAP_CORE_USER_H
#define GAP_CORE_USER_H

#include "base/err.h"
#include "base/str.h"

/*
 * The number of mails to strangers that the admins of an organisation may cause in
 * THROTTLE_WINDOW_S (core/mfa.h).
 */
enum { INVITES_MAX = 30 };

enum user_role { USER_MEMBER, USER_ADMIN };

const char *user_role_name(enum user_role r);
MUSTUSE bool user_role_parse(const char *name, enum user_role *role_r);

/*
 * The address `typed`, trimmed and in ASCII lower case. ERR_INVALID with a sentence unless it
 * is local@domain without blanks and control characters.
 */
MUSTUSE bool user_email_norm(struct arena *a, const char *typed, char **email_r, struct err *e);

#endif
