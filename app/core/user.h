/* Accounts: roles, and how an e-mail address is normalised for looking up. */
#ifndef GAP_CORE_USER_H
#define GAP_CORE_USER_H

#include "base/err.h"
#include "base/str.h"

/* Mails that an organisation's admins can have sent to strangers, in THROTTLE_WINDOW_S (core/mfa.h). */
enum { INVITES_MAX = 30 };

enum user_role { USER_MEMBER, USER_ADMIN };

const char *user_role_name(enum user_role r);
MUSTUSE bool user_role_parse(const char *name, enum user_role *role_r);

/* Trimmed, ASCII lower case; the shape local@domain with no blank or control; ERR_INVALID with a sentence. */
MUSTUSE bool user_email_norm(struct arena *a, const char *typed, char **email_r, struct err *e);

#endif
