/*
 * Clients from a CSV file, while no practice is connected: the file, its preview, "Import" or "Cancel", and
 * the rows that were left out as a file of their own.
 */
#ifndef GAP_PAGES_IMPORT_H
#define GAP_PAGES_IMPORT_H

#include "pages/page.h"
#include "store/import.h"

#define IMPORT_PREVIEW_PATH "/clients/import/preview"

extern const struct tmpl_shape import_shape, import_preview_shape, import_busy_shape;

enum { PREVIEW_MARK, PREVIEW_PAGE, PREVIEW__MAX };
extern const struct field import_query[PREVIEW__MAX];

/* What the preview showed: so that "Import" adds what was seen, and nothing else. */
enum { APPLY_CLIENTS, APPLY_MADE, APPLY__MAX };
extern const struct field import_fields[APPLY__MAX];

bool import_show(struct page *p, struct err *e);
bool import_post(struct page *p, struct err *e);
bool import_template(struct page *p, struct err *e);
/* By its state: the rows, "Importing" while the worker has it, or back to the clients with what was added. */
bool import_preview(struct page *p, struct err *e);
/* For the page that waits; leads away from there when there is no more to be seen on it. */
bool import_status(struct page *p, struct err *e);
bool import_left_out(struct page *p, struct err *e);
bool import_apply_post(struct page *p, struct err *e);
bool import_cancel(struct page *p, struct err *e);

static inline struct import_who import_own(const struct page *p)
{
	return (struct import_who){p->who->org_id, p->who->user_id};
}

#endif
