/*
 * Clients from a CSV file, while no practice is connected: upload, preview, "Import" or
 * "Cancel", and the rows that were left out, as a file.
 */
#ifndef GAP_PAGES_IMPORT_H
#define GAP_PAGES_IMPORT_H

#include "pages/page.h"
#include "store/import.h"

#define IMPORT_PREVIEW_PATH "/clients/import/preview"

extern const struct tmpl_shape import_shape, import_preview_shape, import_busy_shape;

enum { PREVIEW_MARK, PREVIEW_PAGE, PREVIEW__MAX };
extern const struct field import_query[PREVIEW__MAX];

/*
 * Identify the preview that was shown, so that "Import" adds exactly what the person has seen.
 */
enum { APPLY_CLIENTS, APPLY_MADE, APPLY__MAX };
extern const struct field import_fields[APPLY__MAX];

bool import_show(struct page *p, struct err *e);
bool import_post(struct page *p, struct err *e);
bool import_template(struct page *p, struct err *e);
/*
 * Depends on the state of the preview: the rows; "Importing" while the worker runs; or a
 * redirect to the clients with the count of what was added.
 */
bool import_preview(struct page *p, struct err *e);
/* Polled by the waiting page. Its key changes when that page must be replaced. */
bool import_status(struct page *p, struct err *e);
bool import_left_out(struct page *p, struct err *e);
bool import_apply_post(struct page *p, struct err *e);
bool import_cancel(struct page *p, struct err *e);

static inline struct import_who import_own(const struct page *p)
{
	return (struct import_who){p->who->org_id, p->who->user_id};
}

#endif
