/* The frame around every page: app bar, menu, banner, bars. One struct, one template. */
#ifndef GAP_PAGES_CHROME_H
#define GAP_PAGES_CHROME_H

#include "pages/page.h"

extern const struct tmpl_shape chrome_shape;

/* Writes the layout with `content` inside into the response's body. */
MUSTUSE bool chrome_wrap(struct page *p, struct html content, struct err *e);

/* Whether who asks is let in as far as the app bar: a whole session, and the MFA rule obeyed. */
bool chrome_is_inside(const struct page *p);

/* Part of every view's struct with a form: the hidden CSRF field's value ("" without a session), one an answer. */
const char *chrome_csrf(struct page *p);

#endif
