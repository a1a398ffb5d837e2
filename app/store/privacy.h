/*
 * Deleting clients for good, on request (privacy). No sync ever deletes a client. What remains
 * is a tombstone: the XPM id, or for a client added by hand a hash of name and e-mail address.
 * It stops syncs from bringing the client back. What is deleted: clients_forget() in
 * sql/migrations/0008_worklist.sql.
 *
 * The web asks and the worker deletes, since only the worker may write synced rows.
 */
#ifndef GAP_STORE_PRIVACY_H
#define GAP_STORE_PRIVACY_H

#include "io/pg.h"

struct forgotten {
	int64_t clients, contacts;
};
/*
 * The worker's; in its transaction. A fixed number of statements, whatever n. Ids of clients
 * that do not exist are ignored. To delete by a condition, call clients_forget() in a statement
 * of its own:
 *
 *     SELECT clients, contacts FROM clients_forget(array(SELECT client_id FROM client WHERE ...), $2)
 */
MUSTUSE bool privacy_forget(struct pg *db, const int64_t *client_ids, size_t n, int64_t by_user,
	struct forgotten *f_r, struct err *e);

/*
 * May this client be deleted? ERR_NOT_FOUND: no such client. ERR_CONFLICT: it is live and comes
 * from XPM.
 */
MUSTUSE bool privacy_may(struct pg *db, int64_t org_id, int64_t client_id, struct err *e);

/* Queues the job. *added_r false: it is queued already. */
MUSTUSE bool privacy_ask(struct pg *db, int64_t org_id, int64_t client_id, int64_t user_id,
	const char *user_name, bool *added_r, struct err *e);
MUSTUSE bool privacy_asked(
	struct pg *db, int64_t org_id, int64_t client_id, bool *asked_r, struct err *e);

/* What deleting a client would remove. */
struct privacy_counts {
	int64_t contacts,
		shared; /* contacts of this client only; contacts shared with others, which stay */
	int64_t changes; /* rows of history */
	bool to_fix;
};
MUSTUSE bool privacy_counts(struct pg *db, int64_t org_id, int64_t client_id,
	struct privacy_counts *c_r, struct err *e);

struct tombstone {
	int64_t tombstone_id, deleted_at;
	const char *xpm_id;  /* NULL: it was added by hand */
	const char *by_name; /* NULL: unknown */
};
/* Newest first; before 0: from the newest. */
MUSTUSE bool tombstones_list(struct pg *db, struct arena *a, int64_t org_id, int64_t before,
	int limit, const struct tombstone **rows_r, size_t *n_r, struct err *e);
/*
 * Deletes the tombstone: the next sync stores the client again, if XPM still has it.
 * ERR_NOT_FOUND: no such tombstone.
 */
MUSTUSE bool tombstones_allow(
	struct pg *db, int64_t org_id, int64_t tombstone_id, struct err *e);

#endif
