/* For core/password only: the common passwords, with a blank before and after each. */
#ifndef GAP_CORE_PASSWORD_INT_H
#define GAP_CORE_PASSWORD_INT_H

extern const char password_common[];

#endif
