/*
 * Passwords: asking for a link when one is forgotten, choosing one by a link (mailed, or
 * printed by gap-admin), changing one's own. A link never logs anybody in and never skips the
 * second factor.
 */
#ifndef GAP_PAGES_PASSWORD_H
#define GAP_PAGES_PASSWORD_H

#include "pages/page.h"

extern const struct tmpl_shape password_shape, forgot_shape, password_change_shape;

enum { PASSWORD_NEW, PASSWORD__MAX };
extern const struct field password_fields[PASSWORD__MAX];
enum { FORGOT_EMAIL, FORGOT__MAX };
extern const struct field forgot_fields[FORGOT__MAX];
enum { FORGOT_SENT, FORGOT_QUERY__MAX };
extern const struct field forgot_query[FORGOT_QUERY__MAX];
enum { CHANGE_OLD, CHANGE_NEW, CHANGE__MAX };
extern const struct field password_change_fields[CHANGE__MAX];

/* /invite/{token} and /password/reset/{token} */
bool password_show(struct page *p, struct err *e);
bool password_post(struct page *p, struct err *e);

/* /password/forgot: the answer is the same whether the account exists or not. */
bool forgot_show(struct page *p, struct err *e);
bool forgot_post(struct page *p, struct err *e);

/* /profile/password: asks for the old password; ends all other sessions. */
bool password_change(struct page *p, struct err *e);
bool password_change_post(struct page *p, struct err *e);

#endif
