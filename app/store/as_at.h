/*
 * The client list as it was at the end of a past day, on the organisation's clock. It is
 * rebuilt from the earlier versions of rows that sql/migrations/0006_undo.sql keeps, so it is
 * exact whoever made the changes. A day is a valid date "YYYY-MM-DD" from oldest to today of
 * as_at_days; today gives the present list.
 */
#ifndef GAP_STORE_AS_AT_H
#define GAP_STORE_AS_AT_H

#include "io/pg.h"
#include "store/clients.h"

struct as_at_days {
	const char *today, *oldest; /* "YYYY-MM-DD": compares as text */
};
MUSTUSE bool as_at_days(struct pg *db, int64_t org_id, int64_t retention_days,
	struct as_at_days *d_r, struct err *e);

/*
 * Live clients after the key, by name; key_name NULL: from the start. view_only, archived and
 * held of the rows are not set.
 */
MUSTUSE bool as_at_page(struct pg *db, struct arena *a, int64_t org_id, const char *day,
	const char *key_name, int64_t key_id, struct client_page *page_r, struct err *e);
MUSTUSE bool as_at_each(struct pg *db, int64_t org_id, const char *day,
	bool (*row)(void *user, const struct client_row *r, struct err *e), void *user,
	struct err *e);

/*
 * One client, archived or not. ERR_NOT_FOUND: it did not exist on that day, or it belongs to
 * another organisation.
 */
MUSTUSE bool as_at_client(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	const char *day, struct client_view *v_r, struct err *e);

#endif
