/*
 * A run's writing, the worker's: what is stored, the staging, the brakes and
 * the apply. Everything here happens in the run's one transaction, which the
 * caller opens (pg_begin) when the first difference shows and commits with the
 * run's books (store/work.h); until then nothing but the staging is touched
 * and no lock is held.
 *
 * The staging is a temporary table, made by the first difference (making one
 * writes WAL), filled by COPY, applied set-wise under row-level security:
 * history first, from the rows as they still are, then contacts, clients, links.
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

/* The stored fingerprints, in a transaction of its own. */
MUSTUSE bool sync_stored(struct pg *db, struct arena *a, const struct sync_key *k,
	struct diff **diff_r, struct err *e);

/* What has been staged; all zero before the first row. */
struct sync_stage {
	bool made, copying;
	bool empty;  /* nothing of the practice is stored yet; set by the caller */
	bool held;   /* some clients stay held after an undo; set by the caller */
	int64_t seq; /* of the last client */
	int64_t fresh, changed, gone; /* clients staged */
	int64_t fresh_contacts, changed_contacts;
};

/* A record that differs, with its contacts. `fresh`: not stored yet. Opens transaction and staging when need be. */
MUSTUSE bool sync_stage_client(struct pg *db, const struct sync_key *k, struct sync_stage *s,
	struct arena *scratch, const struct client_record *r, bool fresh, struct err *e);
/* A stored client that is to be archived; reason as in client.archived_reason. */
MUSTUSE bool sync_stage_gone(struct pg *db, const struct sync_key *k, struct sync_stage *s,
	const char *uuid, const char *reason, struct err *e);
/* Ends the COPY under way and tells the planner; more rows may still be staged afterwards. */
MUSTUSE bool sync_stage_flush(struct pg *db, struct sync_stage *s, struct err *e);

/* Of clients that came twice the later stays. *told_r: how many of the new ones differed. */
MUSTUSE bool sync_fold_doubles(
	struct pg *db, const struct sync_key *k, int64_t *told_r, struct err *e);

/* Those that were deleted for good leave the staging; adds to excluded. Under the apply's lock. */
MUSTUSE bool sync_bury(
	struct pg *db, const struct sync_key *k, struct run_counts *counts, struct err *e);

/* Live clients that applying would archive, and blank (rule D15). */
MUSTUSE bool sync_would_go(struct pg *db, const struct sync_key *k, int64_t *archive_r,
	int64_t *blank_r, struct err *e);
/* Writes them down for the review of a held run. */
MUSTUSE bool sync_note_held(struct pg *db, const struct sync_key *k, struct err *e);

/* What applying would write into the history, from the rows as they still are; sync_apply begins with it. */
MUSTUSE bool sync_tell_history(
	struct pg *db, const struct sync_key *k, const struct sync_stage *s, struct err *e);

/* Applies what is staged; adds to added, changed, archived, restored. */
MUSTUSE bool sync_apply(struct pg *db, const struct sync_key *k, const struct sync_stage *s,
	struct run_counts *counts, struct err *e);

MUSTUSE bool sync_live_counts(struct pg *db, const struct sync_key *k, int64_t *clients_r,
	int64_t *contacts_r, struct err *e);

/* Ids that the last run of the whole list found missing and did not ask for, rising; on `a`. Inside, or alone. */
MUSTUSE bool sync_not_asked(struct pg *db, struct arena *a, const struct sync_key *k,
	const unsigned char (**ids_r)[DIFF_ID_BYTES], size_t *n_r, struct err *e);

/* rows: a JSON array of {"xpm_id","name","rule","detail"}. */
MUSTUSE bool sync_skips(
	struct pg *db, const struct sync_key *k, const char *rows, struct err *e);

/* At a reconnect: what people edited meanwhile is compared field by field by the next run. */
MUSTUSE bool sync_forget_fingerprints(
	struct pg *db, int64_t org_id, const char *tenant, struct err *e);

#endif
