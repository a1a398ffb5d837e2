/*
 * The preview of a first import: what it would bring is read from XPM and shown, and an admin
 * answers "Import" or "Cancel".
 */
#ifndef GAP_PAGES_PREVIEW_H
#define GAP_PAGES_PREVIEW_H

#include "pages/page.h"

#define PREVIEW_PATH "/settings/integrations/preview"

extern const struct tmpl_shape preview_shape;

enum { FIRST_PREVIEW_CHOICE, FIRST_PREVIEW__MAX };
extern const struct field preview_fields[FIRST_PREVIEW__MAX];

bool preview_show(struct page *p, struct err *e);
bool preview_status(struct page *p, struct err *e);
bool preview_post(struct page *p, struct err *e);

#endif
