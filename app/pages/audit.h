/* The audit chain for admins: /settings/audit, its export, and the receipt of a sync run. */
#ifndef GAP_PAGES_AUDIT_H
#define GAP_PAGES_AUDIT_H

#include "pages/page.h"

extern const struct tmpl_shape audit_shape;

enum { AUDIT_GROUP, AUDIT_BEFORE, AUDIT_CHECK, AUDIT__MAX };
extern const struct field audit_query[AUDIT__MAX];

bool audit_show(struct page *p, struct err *e);
/*
 * One JSON object per line, oldest first, streamed. The export itself leaves a line in the
 * chain.
 */
bool audit_jsonl(struct page *p, struct err *e);
/* /syncs/{id}/receipt: the line of the chain about that run, with the hashes that prove it. */
bool audit_run_receipt(struct page *p, struct err *e);

#endif
