/*
 * Undoing a run: what it would mean (the web's), and doing it (the worker's). A client is put back whole, or
 * left alone and named when anything of it has changed since that run: so it never becomes something
 * that it was not. The rows as they were before the run are those that sql/migrations/0006_undo.sql keeps.
 *
 *  1 added by the run          archived (no run removes a client, rulings 31)
 *  2 changed, moved contacts   as before; a contact shared with a client left alone goes back too
 *  3 archived by it            live again
 *  4 restored by it            archived again
 *  5 changed since             left, named as a skipped record of the undo
 *
 * What is put back is held (rulings 30): the fingerprint stays that of what was undone, so that the same
 * record again is nothing new, and another one is applied and ends the hold (store/sync.h, core/diff.h).
 */
#ifndef GAP_STORE_UNDO_H
#define GAP_STORE_UNDO_H

#include "core/run.h"
#include "io/pg.h"

struct undo_run {
	const char *trigger, *state;
	bool applied;	/* it changed something, and the rows before it were kept */
	bool too_old;	/* its detail has gone or is about to */
	bool of_ours;	/* of the practice that is connected now */
	bool asked;	/* an undo of it waits or is under way */
	int64_t by_run; /* the run that undid it; 0: none */
	const char *by_name;
	int64_t undone_at, put_back, left_alone;
	int64_t held; /* clients that are held by that run, or by this one when it is an undo itself */
	int64_t started_at;
	int64_t met_held; /* held clients that it met and left as they are */
};
/* ERR_NOT_FOUND, the same for another organisation's run. */
MUSTUSE bool undo_run(struct pg *db, int64_t org_id, int64_t run_id, int64_t retention_days,
	struct undo_run *r_r, struct err *e);
/* Why it cannot be undone, as a sentence; NULL: it can. */
const char *undo_refusal(const struct undo_run *r);

struct undo_counts {
	int64_t added, archived, restored, changed, since;
};
MUSTUSE bool undo_counts(
	struct pg *db, int64_t org_id, int64_t run_id, struct undo_counts *c_r, struct err *e);

struct undo_row {
	int64_t client_id;
	const char *name, *what; /* added, archived, restored, changed: by the run */
};
/* since: those that would be left alone. */
MUSTUSE bool undo_names(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	bool since, int limit, const struct undo_row **rows_r, size_t *n_r, struct err *e);

/* Queues the job; *added_r false: one waits or runs already. */
MUSTUSE bool undo_ask(struct pg *db, int64_t org_id, int64_t run_id, int64_t user_id,
	const char *user_name, bool *added_r, struct err *e);

/* The next sync compares them anew. client_id 0: all that run_id holds. */
MUSTUSE bool hold_lift(struct pg *db, int64_t org_id, int64_t client_id, int64_t run_id,
	int64_t *n_r, struct err *e);
/* The run that holds the client; 0: none. */
MUSTUSE bool hold_of(
	struct pg *db, int64_t org_id, int64_t client_id, int64_t *run_id_r, struct err *e);

/* ---- the worker's, inside ---- */

struct undo_key {
	int64_t org_id, run_id, undone; /* the run that undoes, and the one undone */
};
/* Locks both rows. *why_r: a sentence why not; NULL: go on. */
MUSTUSE bool undo_lock(
	struct pg *db, const struct undo_key *k, const char **why_r, struct err *e);
/* So many statements whatever the size. counts_r: archived, restored, changed; skipped: left alone. */
MUSTUSE bool undo_apply(
	struct pg *db, const struct undo_key *k, struct run_counts *counts_r, struct err *e);
MUSTUSE bool undo_books(struct pg *db, const struct undo_key *k, int64_t live_clients,
	int64_t live_contacts, struct err *e);

/* Inside, after a change by hand: its history in words. client_id: the one edited. */
MUSTUSE bool history_by_hand(
	struct pg *db, int64_t client_id, const char *by_name, struct err *e);

#endif
