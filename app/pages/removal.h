/* The removals to come after a disconnect: shown under the banner and on the tile, each taken back alone. */
#ifndef GAP_PAGES_REMOVAL_H
#define GAP_PAGES_REMOVAL_H

#include "pages/page.h"
#include "store/leave.h"

/* templates/part/removal.html and removal_cancel.html. */
struct removal_view {
	int64_t removal_id;
	const char *practice; /* NULL: not known */
	const struct moment *at;
	bool several; /* there are others: a button has to say which it is for */
};
extern const struct tmpl_shape removal_shape;

/* Empty, without asking, where s counts none. *is_former_r: one is of the practice that was connected last. */
MUSTUSE bool removal_views(struct page *p, const struct leave_state *s,
	struct tmpl_list *list_r, bool *is_former_r, struct err *e);

enum { REMOVAL_ID, REMOVAL__MAX };
extern const struct field removal_fields[REMOVAL__MAX];
/* What an admin may take back after a disconnect. */
bool removal_cancel(struct page *p, struct err *e);

#endif
