/*
 * The worker's books: a run's row from begin to end, and the connection as a
 * run or a job leaves it. Reading runs as history is store/runs.h; the
 * connection as the web sees it store/connections.h. Functions that take no
 * transaction of their own say "inside".
 */
#ifndef GAP_STORE_WORK_H
#define GAP_STORE_WORK_H

#include "codec/hash.h"
#include "core/connection.h"
#include "core/run.h"
#include "io/pg.h"

/* All a job needs to know of an organisation. Texts on the arena in use; NULL: none. */
struct work_connection {
	enum connection_state state;
	enum connection_cause cause;
	int64_t grant_id;
	const char *tenant, *xero_connection, *tenant_name, *former_tenant, *former_name;
	bool was_live; /* its first run was complete once */
	int64_t failures;
	const char *zone, *org_name;
	bool active;			       /* its records are view only */
	int64_t connected_at, last_success_at; /* 0: never */
	bool previewed; /* an admin has yet to say "Import": no run begins */
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
/* ERR_CONFLICT: one is under way, or the slot has its run. */
MUSTUSE bool run_begin(struct pg *db, int64_t org_id, const struct run_new *n,
	int64_t *run_id_r, struct err *e);
/*
 * Ends a run whose worker gave no sign of life for a minute; *run_id_r 0: there is none. A run that applies gives
 * none either, but holds its row's lock: it is left alone, and not waited for.
 */
MUSTUSE bool run_take_over(struct pg *db, int64_t org_id, int64_t *run_id_r, struct err *e);
MUSTUSE bool run_slot_taken(
	struct pg *db, int64_t org_id, int64_t slot, bool *taken_r, struct err *e);

/* After a commit whose answer was lost: did it happen? */
MUSTUSE bool run_over(
	struct pg *db, int64_t org_id, int64_t run_id, bool *over_r, struct err *e);

/* When the newest good runs of the practice began, any and a full one, since it was connected; 0: none. */
MUSTUSE bool run_newest_good(struct pg *db, int64_t org_id, const char *tenant, int64_t *any_r,
	int64_t *full_r, struct err *e);
/* Has a good full run of this practice begun since then? */
MUSTUSE bool run_good_since(struct pg *db, int64_t org_id, const char *tenant, int64_t since_us,
	bool *good_r, struct err *e);

/* Sign of life; progress -1: none to show. ERR_CONFLICT: the run is over (disconnected, taken over). */
MUSTUSE bool run_beat(
	struct pg *db, int64_t org_id, int64_t run_id, int64_t progress, struct err *e);

/* What the apply finds under the lock it takes on run and connection. */
struct run_locked {
	bool running; /* still ours */
	enum connection_state state;
	enum connection_cause cause;
	const char *tenant;
	int64_t failures;
	bool was_live;
};
/* Inside. ERR_CONFLICT: there is no such run or connection any more. */
MUSTUSE bool run_lock(
	struct pg *db, int64_t org_id, int64_t run_id, struct run_locked *l_r, struct err *e);

struct run_result {
	enum run_state state;
	enum connection_cause cause;
	const char *cause_text; /* NULL: none */
	struct run_counts counts;
	bool keep_slot; /* false: the slot may be tried again */
};
/* Inside, or alone. ERR_CONFLICT: it does not run any more, or does not end so (core/run.h). */
MUSTUSE bool run_end(struct pg *db, int64_t org_id, int64_t run_id, const struct run_result *r,
	struct err *e);

/* Inside: held runs this one overtook; the run under way; a held run's decision. */
MUSTUSE bool run_replace_held(struct pg *db, int64_t org_id, int64_t run_id, struct err *e);
MUSTUSE bool run_interrupt(struct pg *db, int64_t org_id, const char *why, struct err *e);
MUSTUSE bool run_discard(
	struct pg *db, int64_t org_id, int64_t run_id, bool *done_r, struct err *e);
/* -1: it is not held any more. */
MUSTUSE bool run_would_go(
	struct pg *db, int64_t org_id, int64_t run_id, int64_t *n_r, struct err *e);

/* ---- the connection after it; all inside, or alone; ERR_CONFLICT: its state may not be left so ---- */

/* clients, contacts -1: as before. */
MUSTUSE bool connection_synced(struct pg *db, int64_t org_id, int64_t run_id, int64_t clients,
	int64_t contacts, bool manual, struct err *e);
struct connection_trouble {
	enum connection_state state;
	enum connection_cause cause; /* CAUSE_NONE: as before */
	bool counts;		     /* as a failure in a row */
	bool manual;
};
MUSTUSE bool connection_failed(struct pg *db, int64_t org_id, int64_t run_id,
	const struct connection_trouble *t, struct err *e);
/* From one state to another; *moved_r false: it was in another. ERR_CONFLICT: the table has no such move. */
MUSTUSE bool connection_move(struct pg *db, int64_t org_id, enum connection_state from,
	enum connection_state to, enum connection_cause cause, bool *moved_r, struct err *e);

struct connection_taken {
	int64_t grant_id, user_id;
	const char *tenant, *xero_connection, *tenant_name;
};
MUSTUSE bool connection_take(
	struct pg *db, int64_t org_id, const struct connection_taken *t, struct err *e);
/* The local end: records become editable, the practice is remembered as the former one. */
MUSTUSE bool connection_end(struct pg *db, int64_t org_id, enum connection_state state,
	enum connection_cause cause, struct err *e);
/* *shown_r false: a sync holds the row while it applies; nobody waits for that. */
MUSTUSE bool connection_next(
	struct pg *db, int64_t org_id, int64_t at, bool *shown_r, struct err *e);
/* Its records are view only from now on, and the rule "everyone needs a second factor" is in force. */
MUSTUSE bool org_practice_live(
	struct pg *db, int64_t org_id, const char *tenant, struct err *e);

/* ---- people to write to ---- */

struct person {
	int64_t user_id;
	const char *email, *name;
	bool admin;
	/* Of mail_person alone: their zone, else the organisation's; "sync_held,sync_healed". */
	const char *zone, *mails_off;
};
enum people { PEOPLE_ADMINS, PEOPLE_OTHERS /* all but one */, PEOPLE_ALL };
MUSTUSE bool mail_people(struct pg *db, struct arena *a, int64_t org_id, enum people who,
	int64_t but, const struct person **rows_r, size_t *n_r, struct err *e);
/* user_id 0 in *p_r: gone or disabled. */
MUSTUSE bool mail_person(
	struct pg *db, int64_t org_id, int64_t user_id, struct person *p_r, struct err *e);
/* When the clients shown were last up to date; 0: never. */
MUSTUSE bool last_good_run(struct pg *db, int64_t org_id, int64_t *at_r, struct err *e);

/* ---- queue and cleaning ---- */

/* A waiting job that nobody has taken. */
MUSTUSE bool job_drop(struct pg *db, const char *single, struct err *e);
MUSTUSE bool work_orgs(
	struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e);
MUSTUSE bool tidy_house(struct pg *db, struct err *e);
MUSTUSE bool tidy_org(struct pg *db, int64_t org_id, int64_t days, struct err *e);

#endif
