/*
 * What the worker records: a run's row from begin to end, and the connection's state after a
 * run or job. The history of runs is read through store/runs.h, the connection on the web
 * through store/connections.h. "Inside": the caller must have a transaction open in the
 * organisation. "Or alone": else the function uses one of its own.
 */
#ifndef GAP_STORE_WORK_H
#define GAP_STORE_WORK_H

#include "codec/hash.h"
#include "core/connection.h"
#include "core/run.h"
#include "io/pg.h"

/* What a job needs to know of an organisation. Texts are on the arena in use; NULL: none. */
struct work_connection {
	enum connection_state state;
	enum connection_cause cause;
	int64_t grant_id;
	const char *tenant, *xero_connection, *tenant_name, *former_tenant, *former_name;
	bool was_live; /* a first run has succeeded */
	int64_t failures;
	const char *zone, *org_name;
	bool active;			       /* its records are view only */
	int64_t connected_at, last_success_at; /* 0: never */
	bool previewed; /* a preview waits for "Import": no run may begin */
};
/* ERR_NOT_FOUND: no such organisation. */
MUSTUSE bool work_connection(
	struct pg *db, int64_t org_id, struct work_connection *c_r, struct err *e);

/* ---- a run ---- */

struct run_new {
	enum run_trigger trigger;
	int64_t asked_by; /* 0: nobody */
	const char *asked_by_name;
	int64_t slot; /* 0: none */
	const char *tenant;
};
/* ERR_CONFLICT: a run is under way, or the slot has a run already. */
MUSTUSE bool run_begin(struct pg *db, int64_t org_id, const struct run_new *n,
	int64_t *run_id_r, struct err *e);
/*
 * Ends a run whose worker sent no heartbeat for a minute; *run_id_r 0: there is none. A run
 * that is applying sends none either, but holds the lock of its row: it is skipped without
 * waiting.
 */
MUSTUSE bool run_take_over(struct pg *db, int64_t org_id, int64_t *run_id_r, struct err *e);
MUSTUSE bool run_slot_taken(
	struct pg *db, int64_t org_id, int64_t slot, bool *taken_r, struct err *e);

/* Has the run ended? Answers whether a commit took place when its reply was lost. */
MUSTUSE bool run_over(
	struct pg *db, int64_t org_id, int64_t run_id, bool *over_r, struct err *e);

/*
 * When the newest successful run of the practice began, and the newest that read the whole
 * list, since the practice was connected; 0: none.
 */
MUSTUSE bool run_newest_good(struct pg *db, int64_t org_id, const char *tenant, int64_t *any_r,
	int64_t *full_r, struct err *e);
/* Has a successful run of the whole list begun at or after since_us? */
MUSTUSE bool run_good_since(struct pg *db, int64_t org_id, const char *tenant, int64_t since_us,
	bool *good_r, struct err *e);

/*
 * Heartbeat of the run; progress -1: none to show. ERR_CONFLICT: the run was ended elsewhere
 * (disconnected, taken over).
 */
MUSTUSE bool run_beat(
	struct pg *db, int64_t org_id, int64_t run_id, int64_t progress, struct err *e);

/* Run and connection, as read under the lock that the apply takes on both. */
struct run_locked {
	bool running; /* the run has not been ended elsewhere */
	enum connection_state state;
	enum connection_cause cause;
	const char *tenant;
	int64_t failures;
	bool was_live;
};
/* Inside. Locks run and connection. ERR_CONFLICT: one of them does not exist any more. */
MUSTUSE bool run_lock(
	struct pg *db, int64_t org_id, int64_t run_id, struct run_locked *l_r, struct err *e);

struct run_result {
	enum run_state state;
	enum connection_cause cause;
	const char *cause_text; /* NULL: none */
	struct run_counts counts;
	bool keep_slot; /* false: another run may use the slot */
};
/*
 * Inside, or alone. ERR_CONFLICT: the run is not running, or cannot end in this state
 * (core/run.h).
 */
MUSTUSE bool run_end(struct pg *db, int64_t org_id, int64_t run_id, const struct run_result *r,
	struct err *e);

/*
 * Inside. Replaces held runs by this newer one; interrupts the run under way; discards a held
 * run.
 */
MUSTUSE bool run_replace_held(struct pg *db, int64_t org_id, int64_t run_id, struct err *e);
MUSTUSE bool run_interrupt(struct pg *db, int64_t org_id, const char *why, struct err *e);
MUSTUSE bool run_discard(
	struct pg *db, int64_t org_id, int64_t run_id, bool *done_r, struct err *e);
/* How many clients the held run would archive or blank; -1: it is not held any more. */
MUSTUSE bool run_would_go(
	struct pg *db, int64_t org_id, int64_t run_id, int64_t *n_r, struct err *e);

/*
 * ---- the connection after a run; inside, or alone; ERR_CONFLICT: no such move from its state
 * ----
 */

/* A run succeeded. clients, contacts -1: unchanged. */
MUSTUSE bool connection_synced(struct pg *db, int64_t org_id, int64_t run_id, int64_t clients,
	int64_t contacts, bool manual, struct err *e);
struct connection_trouble {
	enum connection_state state;
	enum connection_cause cause; /* CAUSE_NONE: unchanged */
	bool counts;		     /* add one to the failures in a row */
	bool manual;
};
MUSTUSE bool connection_failed(struct pg *db, int64_t org_id, int64_t run_id,
	const struct connection_trouble *t, struct err *e);
/*
 * Moves `from` one state `to` another. *moved_r false: it was in a third state. ERR_CONFLICT:
 * the state table has no such move.
 */
MUSTUSE bool connection_move(struct pg *db, int64_t org_id, enum connection_state from,
	enum connection_state to, enum connection_cause cause, bool *moved_r, struct err *e);

struct connection_taken {
	int64_t grant_id, user_id;
	const char *tenant, *xero_connection, *tenant_name;
};
MUSTUSE bool connection_take(
	struct pg *db, int64_t org_id, const struct connection_taken *t, struct err *e);
/*
 * Ends the connection here: its records become editable, and the practice is stored as the
 * former one.
 */
MUSTUSE bool connection_end(struct pg *db, int64_t org_id, enum connection_state state,
	enum connection_cause cause, struct err *e);
/*
 * Stores when the next sync is due, for display. *shown_r false: an apply holds the row; this
 * does not wait for it.
 */
MUSTUSE bool connection_next(
	struct pg *db, int64_t org_id, int64_t at, bool *shown_r, struct err *e);
/* The practice's records become view only, and from now on everyone needs a second factor. */
MUSTUSE bool org_practice_live(
	struct pg *db, int64_t org_id, const char *tenant, struct err *e);

/* ---- people to write to ---- */

struct person {
	int64_t user_id;
	const char *email, *name;
	bool admin;
	/*
	 * Set by mail_person only: the user's zone, else the organisation's; mails switched
	 * off, "sync_held,sync_healed".
	 */
	const char *zone, *mails_off;
};
enum people { PEOPLE_ADMINS, PEOPLE_OTHERS /* everybody except user `but` */, PEOPLE_ALL };
MUSTUSE bool mail_people(struct pg *db, struct arena *a, int64_t org_id, enum people who,
	int64_t but, const struct person **rows_r, size_t *n_r, struct err *e);
/* user_id 0 in *p_r: the user was removed or disabled. */
MUSTUSE bool mail_person(
	struct pg *db, int64_t org_id, int64_t user_id, struct person *p_r, struct err *e);
/* When the clients shown were last up to date; 0: never. */
MUSTUSE bool last_good_run(struct pg *db, int64_t org_id, int64_t *at_r, struct err *e);

/* ---- queue and cleaning ---- */

/* Removes the job named `single` if it waits and nobody has leased it. */
MUSTUSE bool job_drop(struct pg *db, const char *single, struct err *e);
MUSTUSE bool work_orgs(
	struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e);
MUSTUSE bool tidy_house(struct pg *db, struct err *e);
MUSTUSE bool tidy_org(struct pg *db, int64_t org_id, int64_t days, struct err *e);

#endif
