/* Notices inside the product (the bell). */
#ifndef GAP_STORE_NOTICES_H
#define GAP_STORE_NOTICES_H

#include "io/pg.h"

struct notice {
	int64_t notice_id, created_at;
	const char *kind, *body, *link;
	bool read;
};
/* Newest first, at most `limit`, older than notice_id `before` (0: from the newest). */
struct notice_query {
	int64_t before;
	bool unread_only;
	int limit;
};
MUSTUSE bool notices_list(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	const struct notice_query *q, const struct notice **rows_r, size_t *n_r, struct err *e);
/*
 * Marks one of the user's notices as read or unread. *link_r: its link, NULL: none.
 * ERR_NOT_FOUND: no such notice of this user.
 */
MUSTUSE bool notices_mark(struct pg *db, int64_t org_id, int64_t user_id, int64_t notice_id,
	bool read, const char **link_r, struct err *e);
MUSTUSE bool notices_read_all(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);
/*
 * Adds a notice for every active admin (admins_only false: every active user), in the caller's
 * transaction.
 */
MUSTUSE bool notices_add(struct pg *db, int64_t org_id, bool admins_only, const char *kind,
	const char *body, const char *link, struct err *e);

#endif
