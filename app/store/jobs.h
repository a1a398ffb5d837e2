/*
 * The job queue, one for all organisations. It stores and leases jobs; worker/ does them. It is
 * fair:
 *
 *  - A worker first takes a job of an organisation that has no job leased and does not rest, the
 *    longest due first; if there is none, any job that is due. After a job its organisation rests
 *    JOB_REST_TIMES as long as the job took. So an organisation with fifty jobs waits while another
 *    has one, and nobody waits while no other organisation has work.
 *  - A kind of job that took JOB_SLOW_S or longer for an organisation counts as slow there for
 *    JOB_SLOW_DAYS. Slow work holds at most half of the workers, but always one.
 */
#ifndef GAP_STORE_JOBS_H
#define GAP_STORE_JOBS_H

#include "io/pg.h"

enum { JOB_LEASE_S = 60, JOB_REST_TIMES = 4, JOB_SLOW_S = 60, JOB_SLOW_DAYS = 3 };

struct job {
	int64_t job_id, org_id;	    /* org_id 0: a job of the installation */
	const char *kind, *payload; /* payload: JSON, no secret in it */
	int attempts;
	int lost; /* attempts in a row, up to the last, whose worker died or hung */
};

/*
 * Adds a job, due in due_in_s seconds; in the caller's transaction, if there is one. `single`
 * (NULL: none) is a unique name: if a job of that name waits, none is added and the earlier due
 * time counts (*added_r false); if one is leased, none is added and its lease is unchanged.
 */
MUSTUSE bool jobs_add(struct pg *db, int64_t org_id, const char *kind, const char *payload,
	const char *single, int due_in_s, bool *added_r, struct err *e);

/* Adds a job, due now, for a user who asked for it, with the payload {"user":N,"name":".."}. */
MUSTUSE bool jobs_add_for(struct pg *db, int64_t org_id, const char *kind, int64_t user_id,
	const char *user_name, struct err *e);

/*
 * Leases the next job to `owner` for JOB_LEASE_S. job_r->job_id 0: none is due, and *wait_s_r
 * is the time until the next may be, 1 to 60 s. Every job that is added or given back sends
 * NOTIFY gap_job.
 */
MUSTUSE bool jobs_take(struct pg *db, struct arena *a, const char *owner, struct job *job_r,
	int *wait_s_r, struct err *e);
/* Heartbeat: renews the lease. ERR_CONFLICT: `owner` does not hold it any more. */
MUSTUSE bool jobs_beat(struct pg *db, int64_t job_id, const char *owner, struct err *e);
/*
 * jobs_done ends a job, jobs_later makes it due again. took_ms: how long it held its worker.
 * ERR_CONFLICT as above.
 */
MUSTUSE bool jobs_done(
	struct pg *db, int64_t job_id, const char *owner, int64_t took_ms, struct err *e);
MUSTUSE bool jobs_later(struct pg *db, int64_t job_id, const char *owner, int64_t took_ms,
	int due_in_s, struct err *e);
/* Makes the job due again without counting an attempt: `lost` is unchanged. */
MUSTUSE bool jobs_put_off(
	struct pg *db, int64_t job_id, const char *owner, int due_in_s, struct err *e);

/*
 * For an effect that must happen at most once (sending a mail), called before it is tried.
 * *may_r is true for one attempt only, which gets a new lease. jobs_unhand: it certainly did
 * not happen, so another attempt may try.
 */
MUSTUSE bool jobs_hand(
	struct pg *db, int64_t job_id, const char *owner, bool *may_r, struct err *e);
MUSTUSE bool jobs_unhand(struct pg *db, int64_t job_id, const char *owner, struct err *e);

/*
 * Asks for a manual sync. *running_r: a sync runs or is due already, and nothing was started.
 * *wait_s_r > 0: seconds left of the cool-down, which lasts five minutes from the end of the
 * last manual run that called Xero. Otherwise the job "sync" is queued under the name
 * "sync:<org>", or the waiting retry is made due now, with
 * {"trigger":"manual","user":N,"name":"..","asked_us":N}. ERR_CONFLICT with a sentence: the
 * connection is in a state without runs.
 */
MUSTUSE bool jobs_ask_sync(struct pg *db, int64_t org_id, int64_t user_id,
	const char *user_name, bool *running_r, int *wait_s_r, struct err *e);

MUSTUSE bool workers_beat(
	struct pg *db, const char *worker, const char *version, struct err *e);
/* Seconds since the last heartbeat of any worker; -1: never. */
MUSTUSE bool workers_seen(struct pg *db, int64_t *seconds_r, struct err *e);
MUSTUSE bool jobs_depth(struct pg *db, int64_t *waiting_r, int64_t *oldest_s_r, struct err *e);

#endif
