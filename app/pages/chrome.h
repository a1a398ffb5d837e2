/* The frame around every page: app bar, menu, banner, bars. One struct, one template. */
#ifndef GAP_PAGES_CHROME_H
#define GAP_PAGES_CHROME_H

#include "pages/page.h"

extern const struct tmpl_shape chrome_shape;

/* Writes the layout with `content` inside it into the response's body. */
MUSTUSE bool chrome_wrap(struct page *p, struct html content, struct err *e);

/*
 * True when the reader sees the app bar: the session has its second factor, and the MFA rule is
 * obeyed.
 */
bool chrome_is_inside(const struct page *p);

/*
 * The value of the hidden CSRF field, for the view of every page with a form; "" without a
 * session. Made once per response.
 */
const char *chrome_csrf(struct page *p);

#endif
