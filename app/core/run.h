/* A sync run: its states and counters, and the brakes (rule D15). Pure. */
#ifndef GAP_CORE_RUN_H
#define GAP_CORE_RUN_H

#include "base/err.h"

/*
 * 1 running  2 complete  3 problems (complete; some records skipped)  4 failed (nothing applied)
 * 5 held (a brake; nothing applied)  6 discarded (held, an admin said no)  7 replaced (held, a newer run came)
 * 8 interrupted (worker stopped; lease ran out)  9 undone
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
	RUN_TRIGGER__MAX
};

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
	/* For the brakes: live synced clients before the run, and how many it would archive or blank. */
	int64_t live_before, would_go;
};

enum run_brake { BRAKE_NONE, BRAKE_SHARE, BRAKE_EMPTY };

/* More than 10% and at least 5 of the live clients, or nothing seen where there was something. */
enum run_brake run_brake(const struct run_counts *c);

#endif
