/* "Test the connection": queues the worker's job and shows its result line by line. */
#ifndef GAP_PAGES_REHEARSE_H
#define GAP_PAGES_REHEARSE_H

#include "pages/page.h"

#define REHEARSE_PATH "/settings/integrations/test"

extern const struct tmpl_shape rehearse_shape;

bool rehearse_show(struct page *p, struct err *e);
bool rehearse_status(struct page *p, struct err *e);
bool rehearse_post(struct page *p, struct err *e);

#endif
