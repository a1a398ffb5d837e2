/*
 * One run, from lease to books; inside worker/ only. The way of a run:
 *
 *   sync_read     the list streams in: parse, judge, compare, stage what differs
 *   sync_missing  those the whole list no longer holds are asked for by UUID (after the brakes)
 *   sync_commit   brakes, apply, counters, connection, notices, audit: one transaction
 *   sync_fail     nothing is applied; what the failure means for connection and next try
 *
 * job_sync.c leads from one to the next; job_slot.c, job_changes.c and job_review.c call it too.
 */
#ifndef GAP_WORKER_SYNC_H
#define GAP_WORKER_SYNC_H

#include "store/sync.h"
#include "store/work.h"
#include "worker/tokens.h"
#include "worker/worker.h"
#include "xpm/parse.h"

enum {
	SYNC_SKIPS_MAX = 500, /* rows kept of left-out records; all are counted */
	SYNC_TRIES = 3,
	SYNC_ASKS_MAX = 30, /* missing clients asked for in one run */
	SYNC_ASKS_APPROVED_MAX = 1000
};

struct sync_ask {
	int64_t org_id;
	enum run_trigger trigger;
	int64_t user_id;
	const char *user_name;
	int64_t slot;	  /* 0: none */
	int attempt;	  /* of a repeat: 1.. ; 0: the first */
	int64_t approved; /* an admin let this held run's changes pass; 0: none */
	bool heal;	  /* allowed from needs_reconnect: a check found it healed */
	bool lost; /* its workers died of it, JOB_LOST_MAX times: not tried, but told as failed */
	int64_t since; /* only what has changed since then is read; 0: the whole list */
};

struct sync {
	struct worker *w;
	const struct sync_ask *ask;
	struct work_connection conn;
	struct sync_key key;
	struct token token;
	struct arena *arena; /* of one try at the list */
	struct diff *diff;
	/* NULL until the whole list has been read; never of a list of changes: what is missing hangs on it. */
	const struct diff_whole *whole;
	struct sync_stage stage;
	struct run_counts counts;
	struct run_held would; /* what it would take away */
	int64_t fine;	       /* records taken, each client once */
	int64_t approved_go;   /* how many may go without a brake; -1: no approval */
	struct buf skips;      /* JSON rows for run_skip */
	int n_skips;
	bool fold;		 /* some client came twice */
	bool refreshed;		 /* after a 401 */
	struct xpm_parse *parse; /* of the document under way */
	struct xero_answer answer;
};

enum sync_verdict {
	SYNC_OK,
	SYNC_AGAIN,   /* a passing failure: one more try in this run may help */
	SYNC_FAILED,  /* passing, but not within this run */
	SYNC_STOPPED, /* the worker is to stop: interrupted */
	SYNC_OVER,    /* ended from elsewhere (disconnected, taken over) */
	SYNC_BROKEN   /* somebody has to act: cause says who and what */
};

struct sync_outcome {
	enum sync_verdict verdict;
	enum connection_cause cause; /* unless OK */
	int wait_s;		     /* seconds until trying again makes sense; 0: not told */
	struct err err;
};

/* One call to XPM may go now: token and budget. */
MUSTUSE bool sync_may_call(struct sync *s, struct sync_outcome *o_r);
/* What a failed call means; refreshes the token after a first 401 (then SYNC_AGAIN at once). */
void sync_judge(struct sync *s, const struct err *e, struct sync_outcome *o_r);

/* What was ended because the job's time is over has failed: CAUSE_SLOW. */
void sync_in_time(const struct worker *w, struct sync_outcome *o);

/* The whole list, in up to SYNC_TRIES tries; then the staging's transaction is open. */
void sync_try_all(struct sync *s, struct sync_outcome *o_r);

MUSTUSE bool sync_read(struct sync *s, struct err *e);
/* Takes one record as if it had stood in the list; for sync_missing. */
MUSTUSE bool sync_take(
	struct sync *s, struct arena *scratch, const struct xpm_client *c, struct err *e);
/* Notes a record that was left out: for people who look for it, so each of the texts may be NULL. */
void sync_skip(struct sync *s, const char *uuid, const char *name, enum client_rule rule,
	const char *detail);

MUSTUSE bool sync_missing(struct sync *s, struct err *e);
MUSTUSE bool sync_commit(struct sync *s, struct err *e);
MUSTUSE bool sync_fail(
	struct sync *s, const struct sync_outcome *o, struct job_end *end, struct err *e);

/* Inside the run's last transaction: whom to tell. */
MUSTUSE bool sync_tell_good(struct sync *s, const struct run_locked *was, int64_t clients,
	int64_t contacts, struct err *e);
MUSTUSE bool sync_tell_failed(
	struct sync *s, enum connection_cause cause, int64_t failures, struct err *e);
MUSTUSE bool sync_tell_held(struct sync *s, struct err *e);
/* Clients gone from XPM that may live on in another. */
struct match_found;
MUSTUSE bool sync_tell_moved(struct sync *s, const struct match_found *f, struct err *e);
MUSTUSE bool sync_audit(struct sync *s, const char *result, const char *detail, struct err *e);

/* One whole run. *end_r as for a job; ERR_CONFLICT when another run is under way. */
MUSTUSE bool sync_run(
	struct worker *w, const struct sync_ask *ask, struct job_end *end_r, struct err *e);

/* With XERO_DELTA: makes sure of the organisation's job that reads changes between the slots. */
MUSTUSE bool changes_plan(struct worker *w, int64_t org_id, struct err *e);

/* The slots of an organisation: makes sure of its slot job and shows the next time. */
MUSTUSE bool slots_plan(
	struct worker *w, int64_t org_id, const char *zone, int64_t *next_r, struct err *e);

#endif
