/* What people are told in the app (the bell). */
#ifndef GAP_STORE_NOTICES_H
#define GAP_STORE_NOTICES_H

#include "io/pg.h"

struct notice {
	int64_t notice_id, created_at;
	const char *kind, *body, *link;
	bool read;
};
MUSTUSE bool notices_list(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	const struct notice **rows_r, size_t *n_r, struct err *e);
MUSTUSE bool notices_read_all(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);
/* To every active admin (or, admins_only false, everyone) of the entered organisation. */
MUSTUSE bool notices_add(struct pg *db, int64_t org_id, bool admins_only, const char *kind,
	const char *body, const char *link, struct err *e);

#endif
