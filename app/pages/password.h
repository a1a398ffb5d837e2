/* The one-time set-password address that gap-admin prints or an invitation mails. */
#ifndef GAP_PAGES_PASSWORD_H
#define GAP_PAGES_PASSWORD_H

#include "pages/page.h"

extern const struct tmpl_shape password_shape;

enum { PASSWORD_NEW, PASSWORD__MAX };
extern const struct field password_fields[PASSWORD__MAX];

bool password_show(struct page *p, struct err *e);
bool password_post(struct page *p, struct err *e);

#endif
