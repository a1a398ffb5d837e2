/* A sync run: its states and counters, and the brakes (rule D15). Pure. */
#ifndef GAP_CORE_RUN_H
#define GAP_CORE_RUN_H

#include "base/arena.h"
#include "core/connection.h"

/*
 * A run's states, and where every event leads; each cell that is empty is refused with ERR_CONFLICT.
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
	RUN_UNDO, /* no sync: puts back what a run changed */
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

/* The move's number in the table above; 0: the cell is empty. */
int run_move_number(enum run_state from, enum run_event event);
/* Where the event leads. ERR_CONFLICT: not from there. */
MUSTUSE bool run_step(
	enum run_state from, enum run_event event, enum run_state *to_r, struct err *e);
/* Does any event lead from one to the other? */
bool run_may_move(enum run_state from, enum run_state to);

const char *run_state_name(enum run_state s);
const char *run_state_text(const char *name); /* "Complete with problems" */
const char *run_state_tone(const char *name); /* css: good idle busy bad warn */
const char *run_trigger_name(enum run_trigger t);
const char *run_trigger_text(const char *name); /* "First import", "Scheduled", ... */

/* "Contact email": what a client_change row's field means. */
const char *run_field_text(const char *name);

/*
 * A change's value as people read it: of "archived" the reason in words ("Live" for none), of all else
 * the value itself, which may be NULL.
 */
const char *run_value_text(const char *field, const char *value);

/* Of the day's calls, kept for scheduled runs (rule D23): others stop a little before the day's end. */
enum { RUN_RESERVE_PERCENT = 10 };

struct run_counts {
	int64_t seen, added, changed, archived, restored, unchanged, prospects, skipped, failed;
	int64_t calls, bytes;
	int64_t held;	  /* clients left as they are, after an undo (rulings 30) */
	int64_t excluded; /* clients left out, since they were deleted here for good (rule D17) */
	/* For the brakes: live synced clients before the run, and how many it would archive or blank. */
	int64_t live_before, would_go;
};

enum run_brake { BRAKE_NONE, BRAKE_SHARE, BRAKE_EMPTY };

/* More than 10% and at least 5 of the live clients, or nothing seen where there was something. */
enum run_brake run_brake(const struct run_counts *c);
/* The same of a list of changes, which may well be empty. */
enum run_brake run_brake_changes(const struct run_counts *c);

/* What a held run waits with: clients it would archive or blank, values edited here it would replace. */
struct run_held {
	enum connection_cause cause; /* CAUSE_BRAKE, CAUSE_EMPTY, CAUSE_EDITS */
	int64_t archive, blank, edits;
};

/*
 * "Sync paused: 41 clients would be archived": the words of every place that tells of a held run, tile,
 * bar, strip, pages, notice and mail. No full stop: what there is to do comes behind. On `a`. A number that
 * is not known is 0.
 */
const char *run_held_words(struct arena *a, const struct run_held *h);

#endif
