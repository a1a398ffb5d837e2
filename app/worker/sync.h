/*
 * One sync run, from its lease to its result; for worker/ only. The steps:
 *
 *   sync_read     streams the list in: parses, judges, compares, stages what differs
 *   sync_missing  asks by UUID for stored clients that the whole list lacks (after the brakes)
 *   sync_commit   brakes, apply, counters, connection, notices, audit: one transaction
 *   sync_fail     applies nothing; decides what the failure means for the connection and the retry
 *
 * job_sync.c leads through them; job_slot.c, job_changes.c and job_review.c start runs, too.
 */
#ifndef GAP_WORKER_SYNC_H
#define GAP_WORKER_SYNC_H

#include "store/sync.h"
#include "store/work.h"
#include "worker/tokens.h"
#include "worker/worker.h"
#include "xpm/parse.h"

enum {
	SYNC_SKIPS_MAX = 500, /* skipped records stored; all are counted */
	SYNC_TRIES = 3,
	SYNC_ASKS_MAX = 30, /* missing clients a run asks for */
	SYNC_ASKS_APPROVED_MAX = 1000
};

struct sync_ask {
	int64_t org_id;
	enum run_trigger trigger;
	int64_t user_id;
	const char *user_name;
	int64_t slot;	  /* 0: none */
	int attempt;	  /* number of the retry, from 1; 0: the first attempt */
	int64_t approved; /* the held run whose changes an admin has allowed; 0: none */
	bool heal;	  /* may run in needs_reconnect: a check found the connection healthy */
	bool lost;     /* its workers died JOB_LOST_MAX times: not tried, reported as failed */
	int64_t since; /* read only changes since then, UTC seconds; 0: the whole list */
};

struct sync {
	struct worker *w;
	const struct sync_ask *ask;
	struct work_connection conn;
	struct sync_key key;
	struct token token;
	struct arena *arena; /* for one attempt to read the list */
	struct diff *diff;
	/*
	 * NULL until the whole list has been read, and always NULL for a list of changes:
	 * without the whole list nobody is missing.
	 */
	const struct diff_whole *whole;
	struct sync_stage stage;
	struct run_counts counts;
	struct run_held would; /* what the apply would archive, blank or replace */
	int64_t fine;	       /* records accepted, each client once */
	int64_t approved_go;   /* how many clients may go without a brake; -1: no approval */
	struct buf skips;      /* JSON rows for run_skip */
	int n_skips;
	bool fold;		 /* some client came twice */
	bool refreshed;		 /* the token was refreshed after a 401 */
	struct xpm_parse *parse; /* of the current document */
	struct xero_answer answer;
};

enum sync_verdict {
	SYNC_OK,
	SYNC_AGAIN,   /* temporary: another attempt in this run may help */
	SYNC_FAILED,  /* temporary, but not to be retried within this run */
	SYNC_STOPPED, /* the worker must stop: interrupted */
	SYNC_OVER,    /* the run was ended elsewhere (disconnected, taken over) */
	SYNC_BROKEN   /* a person must act: cause says who and what */
};

struct sync_outcome {
	enum sync_verdict verdict;
	enum connection_cause cause; /* unless SYNC_OK */
	int wait_s;		     /* seconds until a retry makes sense; 0: unknown */
	struct err err;
};

/* Waits until a call to XPM may be made: gets a token and takes from the budget. */
MUSTUSE bool sync_may_call(struct sync *s, struct sync_outcome *o_r);
/*
 * Judges a failed call. After a first 401 it refreshes the token and says SYNC_AGAIN, without a
 * wait.
 */
void sync_judge(struct sync *s, const struct err *e, struct sync_outcome *o_r);

/* A run stopped because the job's time is over counts as failed: CAUSE_SLOW. */
void sync_in_time(const struct worker *w, struct sync_outcome *o);

/*
 * Reads the whole list in up to SYNC_TRIES attempts. On success the transaction with the
 * staging is open.
 */
void sync_try_all(struct sync *s, struct sync_outcome *o_r);

MUSTUSE bool sync_read(struct sync *s, struct err *e);
/* Accepts one record as if it had been in the list; for sync_missing. */
MUSTUSE bool sync_take(
	struct sync *s, struct arena *scratch, const struct xpm_client *c, struct err *e);
/* Stores a skipped record, for people who look for it; each text may be NULL. */
void sync_skip(struct sync *s, const char *uuid, const char *name, enum client_rule rule,
	const char *detail);

MUSTUSE bool sync_missing(struct sync *s, struct err *e);
MUSTUSE bool sync_commit(struct sync *s, struct err *e);
MUSTUSE bool sync_fail(
	struct sync *s, const struct sync_outcome *o, struct job_end *end, struct err *e);

/* In the run's last transaction: notices and mails. */
MUSTUSE bool sync_tell_good(struct sync *s, const struct run_locked *was, int64_t clients,
	int64_t contacts, struct err *e);
MUSTUSE bool sync_tell_failed(
	struct sync *s, enum connection_cause cause, int64_t failures, struct err *e);
MUSTUSE bool sync_tell_held(struct sync *s, struct err *e);
/* Tells of clients gone from XPM that may continue as another client. */
struct match_found;
MUSTUSE bool sync_tell_moved(struct sync *s, const struct match_found *f, struct err *e);
MUSTUSE bool sync_audit(struct sync *s, const char *result, const char *detail, struct err *e);

/* Does one whole run. *end_r as for a job; ERR_CONFLICT: another run is under way. */
MUSTUSE bool sync_run(
	struct worker *w, const struct sync_ask *ask, struct job_end *end_r, struct err *e);

/* With XERO_DELTA: queues the organisation's job_changes, unless it is queued already. */
MUSTUSE bool changes_plan(struct worker *w, int64_t org_id, struct err *e);

/*
 * Queues the organisation's job_slot, unless it is queued already, and stores the next time for
 * display.
 */
MUSTUSE bool slots_plan(
	struct worker *w, int64_t org_id, const char *zone, int64_t *next_r, struct err *e);

#endif
