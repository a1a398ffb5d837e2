/* The shapes of the pages that a person sees; each belongs to the file that fills it. */
#ifndef GAP_SANDBOX_PAGES_H
#define GAP_SANDBOX_PAGES_H

#include "codec/tmpl.h"

extern const struct tmpl_shape sandbox_login_shape;   /* login.c */
extern const struct tmpl_shape sandbox_consent_shape; /* consent.c */
extern const struct tmpl_shape sandbox_panel_shape;   /* panel.c */

#endif
