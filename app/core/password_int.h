/* For core/password alone: the table of common passwords, parted and ended by blanks. */
#ifndef GAP_CORE_PASSWORD_INT_H
#define GAP_CORE_PASSWORD_INT_H

extern const char password_common[];

#endif
