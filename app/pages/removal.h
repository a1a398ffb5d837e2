/*
 * The removals planned after a disconnect: shown under the banner and on the tile. Each can be
 * cancelled on its own.
 */
#ifndef GAP_PAGES_REMOVAL_H
#define GAP_PAGES_REMOVAL_H

#include "pages/page.h"
#include "store/leave.h"

/* For templates/part/removal.html and removal_cancel.html. */
struct removal_view {
	int64_t removal_id;
	const char *practice; /* NULL: not known */
	const struct moment *at;
	bool several; /* there are other removals, so a button must name its own */
};
extern const struct tmpl_shape removal_shape;

/*
 * The planned removals; empty, without a query, when s counts none. *is_former_r: one of them
 * is of the practice that was connected last.
 */
MUSTUSE bool removal_views(struct page *p, const struct leave_state *s,
	struct tmpl_list *list_r, bool *is_former_r, struct err *e);

enum { REMOVAL_ID, REMOVAL__MAX };
extern const struct field removal_fields[REMOVAL__MAX];
/* POST: an admin cancels a removal. */
bool removal_cancel(struct page *p, struct err *e);

#endif
