/*
 * The queue: holding, not deciding and not doing. It is one for all organisations, and fair:
 *
 *  - first come jobs of organisations that have nothing under way and are not at rest, longest due first; when
 *    there is none, whatever is due. A job's own time, JOB_REST_TIMES over, is its organisation's rest. So the one
 *    with fifty jobs waits while another has one, and nobody waits while nobody else wants to.
 *  - work that was slow (JOB_SLOW_S) within JOB_SLOW_DAYS holds at most half of the workers, one at least.
 */
#ifndef GAP_STORE_JOBS_H
#define GAP_STORE_JOBS_H

#include "io/pg.h"

enum { JOB_LEASE_S = 60, JOB_REST_TIMES = 4, JOB_SLOW_S = 60, JOB_SLOW_DAYS = 3 };

struct job {
	int64_t job_id, org_id;	    /* org_id 0: the installation's */
	const char *kind, *payload; /* payload: JSON, no secret in it */
	int attempts;
	int lost; /* of those, in a row, ended without a word: the worker died or hung */
};

/*
 * Adds a job. `single`: at most one job of that name; when one waits already nothing is added and an
 * earlier due time wins (*added_r false). While one of that name is leased nothing is added either,
 * and its lease stays. due_in_s from now. In the open transaction, when there is one.
 */
MUSTUSE bool jobs_add(struct pg *db, int64_t org_id, const char *kind, const char *payload,
	const char *single, int due_in_s, bool *added_r, struct err *e);

/* A job of its own, due now, for somebody who asked for it: {"user":N,"name":".."}. */
MUSTUSE bool jobs_add_for(struct pg *db, int64_t org_id, const char *kind, int64_t user_id,
	const char *user_name, struct err *e);

/*
 * Leases the job whose turn it is to `owner` for JOB_LEASE_S; job_r->job_id 0: none due, and *wait_s_r, 1 to 60,
 * until the next may be. New and returned jobs NOTIFY gap_job.
 */
MUSTUSE bool jobs_take(struct pg *db, struct arena *a, const char *owner, struct job *job_r,
	int *wait_s_r, struct err *e);
/* Longer lease. ERR_CONFLICT: it is no longer ours. */
MUSTUSE bool jobs_beat(struct pg *db, int64_t job_id, const char *owner, struct err *e);
/* Over, or to be taken up again. took_ms: so long it held its worker. ERR_CONFLICT as above. */
MUSTUSE bool jobs_done(
	struct pg *db, int64_t job_id, const char *owner, int64_t took_ms, struct err *e);
MUSTUSE bool jobs_later(struct pg *db, int64_t job_id, const char *owner, int64_t took_ms,
	int due_in_s, struct err *e);
/* Later, without having been tried: `lost` stays. */
MUSTUSE bool jobs_put_off(
	struct pg *db, int64_t job_id, const char *owner, int due_in_s, struct err *e);

/*
 * For what must happen at most once, before it is tried: *may_r true for one attempt alone, and with a new
 * lease. jobs_unhand: it surely did not happen, so another attempt may.
 */
MUSTUSE bool jobs_hand(
	struct pg *db, int64_t job_id, const char *owner, bool *may_r, struct err *e);
MUSTUSE bool jobs_unhand(struct pg *db, int64_t job_id, const char *owner, struct err *e);

/*
 * Asks for a manual sync (rulings 27). *running_r: one is under way or due already, and nothing was
 * started; *wait_s_r > 0: cool-down. Neither: the job "sync" is queued under the name "sync:<org>", a
 * waiting repeat brought forward, with {"trigger":"manual","user":N,"name":"..","asked_us":N}. ERR_CONFLICT with a
 * sentence in a state that has no runs.
 */
MUSTUSE bool jobs_ask_sync(struct pg *db, int64_t org_id, int64_t user_id,
	const char *user_name, bool *running_r, int *wait_s_r, struct err *e);

MUSTUSE bool workers_beat(
	struct pg *db, const char *worker, const char *version, struct err *e);
/* Seconds since the last worker was seen; -1: never. Queue depth and age for /metrics. */
MUSTUSE bool workers_seen(struct pg *db, int64_t *seconds_r, struct err *e);
MUSTUSE bool jobs_depth(struct pg *db, int64_t *waiting_r, int64_t *oldest_s_r, struct err *e);

#endif
