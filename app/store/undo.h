/*
 * Undoing a run: what it would change (the web's), and doing it (the worker's). A client is put
 * back as a whole. If any part of it has changed since the run, it is left alone and named; so
 * a client never gets a mixture of old and new. The earlier versions of rows are those that
 * sql/migrations/0006_undo.sql keeps.
 *
 *  1 added by the run          archived (no run deletes a client)
 *  2 changed, contacts moved   as before, also a contact shared with a client left alone
 *  3 archived by it            live again
 *  4 restored by it            archived again
 *  5 changed since             left alone, named as a skipped record of the undo
 *
 * A client that is put back is held. It keeps the fingerprint of what was undone: while syncs
 * bring that same record, nothing changes; a different record is applied and ends the hold
 * (store/sync.h, core/diff.h).
 */
#ifndef GAP_STORE_UNDO_H
#define GAP_STORE_UNDO_H

#include "core/run.h"
#include "io/pg.h"

struct undo_run {
	const char *trigger, *state;
	bool applied;	/* it changed something, and the earlier rows were kept */
	bool too_old;	/* its detail is deleted, or will be soon */
	bool of_ours;	/* of the connected practice */
	bool asked;	/* an undo of it is queued or runs */
	int64_t by_run; /* the run that undid it; 0: none */
	const char *by_name;
	int64_t undone_at, put_back, left_alone;
	int64_t held; /* clients held by by_run, or, when this run is an undo itself, by this run */
	int64_t started_at;
	int64_t met_held; /* held clients that this run found and left as they are */
};
/*
 * ERR_NOT_FOUND: no such run in this organisation; another organisation's run gives the same
 * error.
 */
MUSTUSE bool undo_run(struct pg *db, int64_t org_id, int64_t run_id, int64_t retention_days,
	struct undo_run *r_r, struct err *e);
/* A sentence why the run cannot be undone; NULL: it can. */
const char *undo_refusal(const struct undo_run *r);

struct undo_counts {
	int64_t added, archived, restored, changed, since;
};
MUSTUSE bool undo_counts(
	struct pg *db, int64_t org_id, int64_t run_id, struct undo_counts *c_r, struct err *e);

struct undo_row {
	int64_t client_id;
	const char *name,
		*what; /* what the run did to it: "added", "archived", "restored", "changed" */
};
/* since: lists the clients that would be left alone. */
MUSTUSE bool undo_names(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	bool since, int limit, const struct undo_row **rows_r, size_t *n_r, struct err *e);

/* Queues the job. *added_r false: one is queued or runs already. */
MUSTUSE bool undo_ask(struct pg *db, int64_t org_id, int64_t run_id, int64_t user_id,
	const char *user_name, bool *added_r, struct err *e);

/*
 * Ends the hold: the next sync compares the clients again. client_id 0: all that run_id holds.
 * *n_r: how many.
 */
MUSTUSE bool hold_lift(struct pg *db, int64_t org_id, int64_t client_id, int64_t run_id,
	int64_t *n_r, struct err *e);
/* The run whose undo holds the client; 0: not held. */
MUSTUSE bool hold_of(
	struct pg *db, int64_t org_id, int64_t client_id, int64_t *run_id_r, struct err *e);

/* ---- the worker's; in its transaction ---- */

struct undo_key {
	int64_t org_id, run_id,
		undone; /* run_id: the run that undoes; undone: the run that is undone */
};
/*
 * Locks the run and the connection. *why_r: a sentence why it cannot be undone; NULL: it can.
 */
MUSTUSE bool undo_lock(
	struct pg *db, const struct undo_key *k, const char **why_r, struct err *e);
/*
 * A fixed number of statements, whatever the size. *counts_r gets archived, restored, changed,
 * and as skipped the clients left alone.
 */
MUSTUSE bool undo_apply(
	struct pg *db, const struct undo_key *k, struct run_counts *counts_r, struct err *e);
MUSTUSE bool undo_books(struct pg *db, const struct undo_key *k, int64_t live_clients,
	int64_t live_contacts, struct err *e);

/*
 * In the transaction of a change by hand, after it: writes its history. client_id: the client
 * edited.
 */
MUSTUSE bool history_by_hand(
	struct pg *db, int64_t client_id, const char *by_name, struct err *e);

#endif
