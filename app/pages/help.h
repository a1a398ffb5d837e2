/* Help, terms and privacy: pages that explain. Terms and privacy are open to everybody. */
#ifndef GAP_PAGES_HELP_H
#define GAP_PAGES_HELP_H

#include "core/connection.h"
#include "pages/page.h"

extern const struct tmpl_shape help_shape, terms_shape, privacy_shape;

/* Where /help explains `cause`, e.g. "/help#permission"; NULL when nothing needs explaining. */
const char *help_for_cause(enum connection_cause cause);

bool help_show(struct page *p, struct err *e);
bool terms_show(struct page *p, struct err *e);
bool privacy_show(struct page *p, struct err *e);

#endif
