/*
 * The connection to XPM as one state table. The badge, the button, the banner,
 * who must act, whether runs happen and the next state after each event all
 * follow from it. The names and messages of the tests carry its numbers.
 *
 *    state            badge             button          banner   runs     who acts
 *  1 not_connected    Not connected     Connect         if lost  none     admin: Connect
 *  2 connecting       Connecting        -               no       none     worker: exchanges the code
 *  3 choosing         Connecting        -               no       none     admin: Use this practice
 *  4 first_import     Syncing           Disconnect      no       all      worker: first complete run
 *  5 live             Connected         Disconnect      no       all      nobody
 *  6 degraded         Connected         Disconnect      no       all      worker: repeats the failed run
 *  7 held             Connected         Review changes  no       all      admin: Review changes
 *  8 needs_reconnect  Reconnect needed  Reconnect       yes      healing  admin: Reconnect
 *  9 disconnecting    Not connected     -               no       none     worker: tells Xero
 *
 * "If lost": only for some causes (see connection_banner). "Healing": the only run is the one
 * that the daily check starts when it finds the practice listed again. With CAUSE_CONFIG, in any
 * state, the operator must act.
 *
 * The moves, numbered from 1. In an empty cell the event is refused with ERR_CONFLICT:
 *
 *    event \ from           1   2   3   4   5   6   7   8   9
 *  A callback: a code came   1>2  .   .   .  3>2 4>2 5>2 2>2  .    admin
 *  B back to not connected   .   6>1  .   .   .   .   .   .   .    worker: refused, expired, nothing there before
 *  C back to first import    .   7>4  .   .   .   .   .   .   .    worker: refused, and so on: what was there
 *  D back to live            .   8>5  .   .   .   .   .   .   .      before goes on
 *  E back to degraded        .   9>6  .   .   .   .   .   .   .
 *  F back to held            .  10>7  .   .   .   .   .   .   .
 *  G back to needs reconnect .  11>8  .   .   .   .   .   .   .
 *  H offered: which one?     .  12>3  .   .   .   .   .   .   .    worker
 *  I chosen, cancelled, late .   .  13>2  .   .   .   .   .   .    admin; worker after ten minutes
 *  J taken                   .  14>4  .   .   .   .   .   .   .    worker
 *  K a good run              .   .   . 15>5 16>5 17>5 18>5 19>5 .  worker
 *  L a run failed, passing   .   .   . 20>4 21>6 22>6 23>7 24>8 .  worker
 *  M a brake                 .   .   . 25>7 26>7 27>7 28>7 29>7 .  worker
 *  N held run discarded      .   .   .   .   .   . 30>5  .   .     admin
 *  O lost: sign-in, right, scope .  . 31>8 32>8 33>8 34>8 35>8 .   worker: a run or the daily check
 *  P our own configuration   .   .   . 36>4 37>5 38>6 39>7 40>8 .  worker
 *  Q removed in Xero         .   .   . 41>1 42>1 43>1 44>1 45>1 .  worker: a run or the daily check
 *  R Disconnect              .   .   . 46>9 47>9 48>9 49>9 50>9 .  admin
 *  S our end is done         .   .   .   .   .   .   .   .  51>9   worker
 *  T Xero was told           .   .   .   .   .   .   .   .  52>1   worker
 */
#ifndef GAP_CORE_CONNECTION_H
#define GAP_CORE_CONNECTION_H

#include "base/err.h"

enum connection_state {
	CONNECTION_NOT_CONNECTED,
	CONNECTION_CONNECTING,
	CONNECTION_CHOOSING,
	CONNECTION_FIRST_IMPORT,
	CONNECTION_LIVE,
	CONNECTION_DEGRADED,
	CONNECTION_HELD,
	CONNECTION_NEEDS_RECONNECT,
	CONNECTION_DISCONNECTING,
	CONNECTION__MAX
};

/*
 * Why the connection is in its state. connection_cause_text() has the sentence for the tile and
 * the bar.
 */
enum connection_cause {
	CAUSE_NONE,
	CAUSE_CANCELLED,   /* the person refused at Xero */
	CAUSE_EXPIRED,	   /* sign-in too old (ten minutes), reused, unknown, other browser */
	CAUSE_NO_PRACTICE, /* the log-in has no PRACTICEMANAGER tenant */
	CAUSE_PRACTICE_TAKEN,  /* the practice is linked to another organisation here */
	CAUSE_OTHER_PRACTICE,  /* not the practice of before: an admin must confirm */
	CAUSE_XERO_DOWN,       /* Xero did not answer while connecting */
	CAUSE_BAD_SIGN_IN,     /* the ID token or its nonce was wrong */
	CAUSE_SCOPES,	       /* fewer permissions granted than asked */
	CAUSE_FIRST_FAILED,    /* connected, first import not finished; retried */
	CAUSE_SYNC_FAILED,     /* a later run failed */
	CAUSE_LIMIT,	       /* Xero's limit is reached */
	CAUSE_SLOW,	       /* a run took longer than GAP_JOB_TIMEOUT */
	CAUSE_SIGN_IN,	       /* invalid_grant: somebody must sign in again */
	CAUSE_PERMISSION,      /* 403 while the tenant is still listed */
	CAUSE_REMOVED_IN_XERO, /* 403 and the tenant is no longer listed */
	CAUSE_DISCONNECTED,    /* an admin disconnected here */
	CAUSE_CONFIG,	       /* invalid_client: the operator's alarm */
	CAUSE_BRAKE,	       /* a run would archive or blank over 10% (at least 5) */
	CAUSE_EMPTY,	       /* empty list after a non-empty one */
	CAUSE_EDITS,	       /* reconnected: an admin reviews edits made meanwhile */
	CAUSE_CHANGES_ONLY,    /* only of a run: it asked XPM for changes only */
	CAUSE__MAX
};

const char *connection_state_name(enum connection_state s);
MUSTUSE bool connection_state_parse(const char *name, enum connection_state *state_r);
const char *connection_cause_name(enum connection_cause c);	/* NULL for NONE */
enum connection_cause connection_cause_parse(const char *name); /* unknown, NULL: NONE */

/* Who must act before the connection can go on. */
enum connection_who { WHO_NOBODY, WHO_WORKER, WHO_ADMIN, WHO_OPERATOR };

enum connection_runs { RUNS_NONE, RUNS_ALL, RUNS_HEALING };

struct connection_look {
	const char *badge;  /* "Connected", "Reconnect needed", ... */
	const char *tone;   /* css: "good" "idle" "busy" "bad" */
	const char *button; /* "Connect", "Review changes", ...; NULL: none */
	bool button_enabled;
	bool live;	   /* scheduled runs happen */
	bool has_practice; /* records are view only */
	enum connection_runs runs;
	bool checked; /* the daily check asks Xero */
	bool coming;  /* will soon have runs: its scheduled syncs wait */
	enum connection_who who;
};
const struct connection_look *connection_look(enum connection_state s);
/* The look's `who`, except with CAUSE_CONFIG: then it is WHO_OPERATOR. */
enum connection_who connection_who(enum connection_state s, enum connection_cause c);
/* May a run start in this state? heal: the run is the one that the daily check starts. */
bool connection_runs(enum connection_state s, bool heal);

enum connection_event {
	CONNECTION_CALLBACK,
	CONNECTION_BACK_NOT_CONNECTED,
	CONNECTION_BACK_FIRST_IMPORT,
	CONNECTION_BACK_LIVE,
	CONNECTION_BACK_DEGRADED,
	CONNECTION_BACK_HELD,
	CONNECTION_BACK_NEEDS_RECONNECT,
	CONNECTION_OFFERED,
	CONNECTION_CHOSEN,
	CONNECTION_TAKEN,
	CONNECTION_RUN_GOOD,
	CONNECTION_RUN_FAILED,
	CONNECTION_RUN_HELD,
	CONNECTION_DISCARDED,
	CONNECTION_LOST,
	CONNECTION_MISCONFIGURED,
	CONNECTION_REMOVED,
	CONNECTION_DISCONNECT,
	CONNECTION_OUR_END,
	CONNECTION_TOLD,
	CONNECTION_EVENT__MAX
};

/* The number of the move in the table above; 0: the cell is empty. */
int connection_move_number(enum connection_state from, enum connection_event event);
/*
 * The state that the event leads to. ERR_CONFLICT, with *to_r unchanged, when the cell is
 * empty.
 */
MUSTUSE bool connection_step(enum connection_state from, enum connection_event event,
	enum connection_state *to_r, struct err *e);
/* Does any event lead from state `from` to state `to`? */
bool connection_may_move(enum connection_state from, enum connection_state to);

/*
 * Sets of states as a PostgreSQL array, "{live,held}", written to `out`, which is also
 * returned: the states that `event` may leave, those that may move to state `to`, and those
 * that have runs.
 */
enum { CONNECTION_LIST_BYTES = 192 };
const char *connection_leaves(enum connection_event event, char out[CONNECTION_LIST_BYTES]);
const char *connection_before(enum connection_state to, char out[CONNECTION_LIST_BYTES]);
const char *connection_running(char out[CONNECTION_LIST_BYTES]);

/* One sentence: what happened and what to do. "" for CAUSE_NONE. */
const char *connection_cause_text(enum connection_cause c);
/* The same for a failed try to add a stand-by log-in, which leaves the connection unchanged. */
const char *connection_standby_text(enum connection_cause c);

/*
 * Is the banner "You've been disconnected from XPM" shown to everyone? Always in state 8; in
 * state 1 only when the cause says that a connection was lost. *closable_r: may it be closed?
 */
bool connection_banner(enum connection_state s, enum connection_cause c, bool *closable_r);

/*
 * How well the clients shown follow XPM, for the strip above the history. The first that fits:
 * Not connected (no practice); Needs attention (a person must act, or there is a cause); the
 * badge of the state (not synced yet); Needs attention (records fail); Stale (no good sync for
 * 26 hours); In sync. Times are UTC seconds; `failing` counts the records that the last run
 * could not take.
 */
struct connection_health {
	const char *word, *tone; /* tone as in connection_look */
	const char *text;	 /* a sentence; never empty */
};
struct connection_health connection_health(enum connection_state s, enum connection_cause c,
	int64_t last_success_at, int64_t failing, int64_t now);

enum { CONNECTION_STALE_S = 26 * 3600, CONNECTION_COOL_DOWN_S = 300 };

#endif
