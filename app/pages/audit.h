/* The audit chain for admins: /settings/audit, its export, and the receipt of a run. */
#ifndef GAP_PAGES_AUDIT_H
#define GAP_PAGES_AUDIT_H

#include "pages/page.h"

extern const struct tmpl_shape audit_shape;

enum { AUDIT_GROUP, AUDIT_BEFORE, AUDIT_CHECK, AUDIT__MAX };
extern const struct field audit_query[AUDIT__MAX];

bool audit_show(struct page *p, struct err *e);
/* One JSON object a line, oldest first, streamed; the export is itself in the chain. */
bool audit_jsonl(struct page *p, struct err *e);
/* /syncs/{id}/receipt: the chain's link about that run, with what proves it. */
bool audit_run_receipt(struct page *p, struct err *e);

#endif
