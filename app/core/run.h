/*
 * A sync run: its states and counters, and the brakes that hold a run before it archives too
 * much. Pure.
 */
#ifndef GAP_CORE_RUN_H
#define GAP_CORE_RUN_H

#include "base/arena.h"
#include "core/connection.h"

/*
 * The states of a run, and the next state after each event. In an empty cell the event is refused
 * with ERR_CONFLICT.
 *
 *    state        badge                      who acts
 *  1 running      Running                    worker
 *  2 complete     Complete                   nobody
 *  3 problems     Complete with problems     admin: what was skipped is named
 *  4 failed       Failed: nothing applied    worker: repeats it, or what its cause says
 *  5 held         Held: nothing applied      admin: Review changes
 *  6 discarded    Discarded                  nobody
 *  7 replaced     Replaced by a newer sync   nobody
 *  8 interrupted  Interrupted                worker: the next one takes over
 *  9 undone       Undone                     nobody
 *
 *    event \ from                  running  complete  problems  held
 *  A all taken                      1>2       .         .        .     worker
 *  B taken, some records skipped    2>3       .         .        .     worker
 *  C failed                         3>4       .         .        .     worker
 *  D a brake                        4>5       .         .        .     worker
 *  E discarded                       .        .         .       5>6    admin
 *  F overtaken by a later run        .        .         .       6>7    worker
 *  G stopped, disconnected, dead    7>8       .         .        .     worker
 *  H taken back                      .       8>9       9>9       .     admin
 */
enum run_state {
	RUN_RUNNING,
	RUN_COMPLETE,
	RUN_PROBLEMS,
	RUN_FAILED,
	RUN_HELD,
	RUN_DISCARDED,
	RUN_REPLACED,
	RUN_INTERRUPTED,
	RUN_UNDONE,
	RUN__MAX
};

enum run_trigger {
	RUN_FIRST,
	RUN_SCHEDULED,
	RUN_MANUAL,
	RUN_RECONNECT,
	RUN_RETRY,
	RUN_UNDO, /* not a sync: it undoes what a run changed */
	RUN_TRIGGER__MAX
};

enum run_event {
	RUN_TAKEN,
	RUN_TAKEN_PARTLY,
	RUN_FAILS,
	RUN_BRAKED,
	RUN_DISCARD,
	RUN_OVERTAKEN,
	RUN_STOPPED,
	RUN_TAKEN_BACK,
	RUN_EVENT__MAX
};

/* The number of the move in the table above; 0: the cell is empty. */
int run_move_number(enum run_state from, enum run_event event);
/* The state that the event leads to. ERR_CONFLICT when the cell is empty. */
MUSTUSE bool run_step(
	enum run_state from, enum run_event event, enum run_state *to_r, struct err *e);
/* Does any event lead from state `from` to state `to`? */
bool run_may_move(enum run_state from, enum run_state to);

const char *run_state_name(enum run_state s);
const char *run_state_text(const char *name); /* "Complete with problems" */
const char *run_state_tone(const char *name); /* css: good idle busy bad warn */
const char *run_trigger_name(enum run_trigger t);
const char *run_trigger_text(const char *name); /* "First import", "Scheduled", ... */

/* The words for client_change.field: "Contact email". */
const char *run_field_text(const char *name);

/*
 * A changed value as people read it: for "archived" the reason in words ("Live" when there is
 * none), for every other field the value itself, which may be NULL.
 */
const char *run_value_text(const char *field, const char *value);

/*
 * The part of the day's calls to Xero that is kept for scheduled runs: other runs stop when
 * only this much is left.
 */
enum { RUN_RESERVE_PERCENT = 10 };

struct run_counts {
	int64_t seen, added, changed, archived, restored, unchanged, prospects, skipped, failed;
	int64_t calls, bytes;
	int64_t held;	  /* clients not changed: held after an undo (core/diff.h) */
	int64_t excluded; /* clients left out: deleted here for good */
	/*
	 * For the brakes: live synced clients before the run, and those that it would archive
	 * or blank.
	 */
	int64_t live_before, would_go;
};

enum run_brake { BRAKE_NONE, BRAKE_SHARE, BRAKE_EMPTY };

/*
 * The brake that holds a run with the whole list: SHARE when more than 10%, and at least 5, of
 * the live clients would go; EMPTY when the list is empty and there were clients before.
 */
enum run_brake run_brake(const struct run_counts *c);
/* The same for a list of changes, which may well be empty. */
enum run_brake run_brake_changes(const struct run_counts *c);

/*
 * What a held run would do: clients it would archive or blank, and edits made here that it
 * would replace.
 */
struct run_held {
	enum connection_cause cause; /* CAUSE_BRAKE, CAUSE_EMPTY, CAUSE_EDITS */
	int64_t archive, blank, edits;
};

/*
 * The words for a held run, the same in tile, bar, strip, pages, notice and mail: "Sync paused:
 * 41 clients would be archived". Without a full stop, because the caller adds what to do. A
 * number that is not known is 0. The text lives on `a`.
 */
const char *run_held_words(struct arena *a, const struct run_held *h);

#endif
