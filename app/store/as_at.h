/*
 * The client list as it was at the end of a day on the organisation's clocks, rebuilt from the rows that
 * sql/migrations/0006_undo.sql keeps: exact, whoever made the changes. A day is "YYYY-MM-DD", a real one
 * between as_at_days' two; today is the list as it is.
 */
#ifndef GAP_STORE_AS_AT_H
#define GAP_STORE_AS_AT_H

#include "io/pg.h"
#include "store/clients.h"

struct as_at_days {
	const char *today, *oldest; /* in this form they can be compared as texts */
};
MUSTUSE bool as_at_days(struct pg *db, int64_t org_id, int64_t retention_days,
	struct as_at_days *d_r, struct err *e);

/* Live clients after the key; key_name NULL: from the start. Of a row view_only, archived and held are not set. */
MUSTUSE bool as_at_page(struct pg *db, struct arena *a, int64_t org_id, const char *day,
	const char *key_name, int64_t key_id, struct client_page *page_r, struct err *e);
MUSTUSE bool as_at_each(struct pg *db, int64_t org_id, const char *day,
	bool (*row)(void *user, const struct client_row *r, struct err *e), void *user,
	struct err *e);

/* One client, archived or not. ERR_NOT_FOUND: it was not there, or is another organisation's. */
MUSTUSE bool as_at_client(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	const char *day, struct client_view *v_r, struct err *e);

#endif
