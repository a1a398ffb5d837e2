/*
 * Deleting clients for good: a person's wish that their data go (rules D17, 31 of the product). What is
 * left is a tombstone with the id in XPM, or, of one added by hand, a hash of name and e-mail, so
 * that no sync brings it back. What goes stands in sql/migrations/0008_worklist.sql, clients_forget().
 *
 * The web asks, the worker does it (rulings 4): synced rows are the worker's alone.
 */
#ifndef GAP_STORE_PRIVACY_H
#define GAP_STORE_PRIVACY_H

#include "io/pg.h"

struct forgotten {
	int64_t clients, contacts;
};
/*
 * Inside; the worker's. So many statements whatever n. Ids of clients that are not there are passed over.
 * Who has not ids but a condition calls clients_forget() in a statement of its own:
 *     SELECT clients, contacts FROM clients_forget(array(SELECT client_id FROM client WHERE ...), $2)
 */
MUSTUSE bool privacy_forget(struct pg *db, const int64_t *client_ids, size_t n, int64_t by_user,
	struct forgotten *f_r, struct err *e);

/* ERR_NOT_FOUND: no such client. ERR_CONFLICT: it is live and comes from XPM. */
MUSTUSE bool privacy_may(struct pg *db, int64_t org_id, int64_t client_id, struct err *e);

/* Queues the job; *added_r false: it waits already. */
MUSTUSE bool privacy_ask(struct pg *db, int64_t org_id, int64_t client_id, int64_t user_id,
	const char *user_name, bool *added_r, struct err *e);
MUSTUSE bool privacy_asked(
	struct pg *db, int64_t org_id, int64_t client_id, bool *asked_r, struct err *e);

/* What would go of a client. */
struct privacy_counts {
	int64_t contacts,
		shared;	 /* of its own; those that other clients have, too, which stay */
	int64_t changes; /* lines of history */
	bool to_fix;
};
MUSTUSE bool privacy_counts(struct pg *db, int64_t org_id, int64_t client_id,
	struct privacy_counts *c_r, struct err *e);

struct tombstone {
	int64_t tombstone_id, deleted_at;
	const char *xpm_id;  /* NULL: it was added by hand */
	const char *by_name; /* NULL: nobody we know */
};
/* Newest first; before 0: from the newest. */
MUSTUSE bool tombstones_list(struct pg *db, struct arena *a, int64_t org_id, int64_t before,
	int limit, const struct tombstone **rows_r, size_t *n_r, struct err *e);
/* The next sync brings it in again, when XPM still has it. ERR_NOT_FOUND. */
MUSTUSE bool tombstones_allow(
	struct pg *db, int64_t org_id, int64_t tombstone_id, struct err *e);

#endif
