/*
 * What the worker writes during a sync run: stored fingerprints, staging, brakes, apply. All of
 * it is in the run's one transaction. The transaction is opened (pg_begin) when the first
 * difference shows, and the caller commits it together with the run's result (store/work.h).
 * Until the apply only the staging is written, and no lock is held.
 *
 * The staging is a temporary table. It is made only when a difference shows, since making one
 * writes WAL; it is filled by COPY and applied set-wise under row-level security: first the
 * history, from the rows before the change, then contacts, clients and links.
 */
#ifndef GAP_STORE_SYNC_H
#define GAP_STORE_SYNC_H

#include "core/diff.h"
#include "core/run.h"
#include "io/pg.h"

struct sync_key {
	int64_t org_id, run_id;
	const char *tenant; /* the practice, canonical UUID */
};

/* Reads the stored fingerprints, in a transaction of its own. */
MUSTUSE bool sync_stored(struct pg *db, struct arena *a, const struct sync_key *k,
	struct diff **diff_r, struct err *e);

/* What has been staged; all zero before the first row. */
struct sync_stage {
	bool made, copying;
	bool empty;  /* nothing of the practice is stored yet; set by the caller */
	bool held;   /* some staged clients stay held after an undo; set by the caller */
	int64_t seq; /* number of the last client staged */
	int64_t fresh, changed, gone; /* clients staged: new, changed, gone */
	int64_t fresh_contacts, changed_contacts;
};

/*
 * Stages a record that differs, with its contacts. `fresh`: it is not stored yet. Opens the
 * transaction and makes the staging if needed.
 */
MUSTUSE bool sync_stage_client(struct pg *db, const struct sync_key *k, struct sync_stage *s,
	struct arena *scratch, const struct client_record *r, bool fresh, struct err *e);
/* Stages a stored client to archive; reason as in client.archived_reason. */
MUSTUSE bool sync_stage_gone(struct pg *db, const struct sync_key *k, struct sync_stage *s,
	const char *uuid, const char *reason, struct err *e);
/*
 * Ends the running COPY and analyses the table for the planner. More rows may be staged
 * afterwards.
 */
MUSTUSE bool sync_stage_flush(struct pg *db, struct sync_stage *s, struct err *e);

/*
 * For clients that came twice, keeps the later record. *told_r: how many of the new clients
 * among them came with different content.
 */
MUSTUSE bool sync_fold_doubles(
	struct pg *db, const struct sync_key *k, int64_t *told_r, struct err *e);

/*
 * Removes clients that were deleted for good from the staging and adds them to
 * counts->excluded. Needs the apply's lock.
 */
MUSTUSE bool sync_bury(
	struct pg *db, const struct sync_key *k, struct run_counts *counts, struct err *e);

/*
 * How many live clients the apply would archive, and how many it would blank (no contact left,
 * or the primary contact's e-mail removed).
 */
MUSTUSE bool sync_would_go(struct pg *db, const struct sync_key *k, int64_t *archive_r,
	int64_t *blank_r, struct err *e);
/* Stores those clients for the review of a held run. */
MUSTUSE bool sync_note_held(struct pg *db, const struct sync_key *k, struct err *e);

/*
 * Writes the history of the staged changes, from the rows before the change. sync_apply begins
 * with this.
 */
MUSTUSE bool sync_tell_history(
	struct pg *db, const struct sync_key *k, const struct sync_stage *s, struct err *e);

/* Applies the staging. Adds to added, changed, archived and restored of *counts. */
MUSTUSE bool sync_apply(struct pg *db, const struct sync_key *k, const struct sync_stage *s,
	struct run_counts *counts, struct err *e);

MUSTUSE bool sync_live_counts(struct pg *db, const struct sync_key *k, int64_t *clients_r,
	int64_t *contacts_r, struct err *e);

/*
 * XPM ids that the last run of the whole list found missing but had no calls left to ask for;
 * ascending, on `a`. In the caller's transaction or one of its own.
 */
MUSTUSE bool sync_not_asked(struct pg *db, struct arena *a, const struct sync_key *k,
	const unsigned char (**ids_r)[DIFF_ID_BYTES], size_t *n_r, struct err *e);

/* Stores skipped records. rows: a JSON array of {"xpm_id","name","rule","detail"}. */
MUSTUSE bool sync_skips(
	struct pg *db, const struct sync_key *k, const char *rows, struct err *e);

/*
 * At a reconnect: forgets the fingerprints, so that the next run compares every record field by
 * field with what users edited meanwhile.
 */
MUSTUSE bool sync_forget_fingerprints(
	struct pg *db, int64_t org_id, const char *tenant, struct err *e);

#endif
