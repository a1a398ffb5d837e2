/*
 * One worker process: what its jobs share. Two database connections, since a
 * run's transaction stays open while its list comes in: `db` does the work,
 * `beat` carries the heartbeat, the progress and everything about tokens. Xero
 * is a table of functions (xpm/xero.h), so that tests and benches can play it.
 *
 * A job gets a fresh arena and returns true when it is settled: done, or to be
 * taken up again after later_s. False with *e: the loop logs it and tries again
 * with growing pauses; after JOB_TRIES_MAX the job is dropped with an alarm. One
 * whose worker died JOB_LOST_MAX times in a row is not begun again for a while.
 */
#ifndef GAP_WORKER_WORKER_H
#define GAP_WORKER_WORKER_H

#include "codec/tmpl.h"
#include "core/schedule.h"
#include "io/http.h"
#include "store/jobs.h"
#include "worker/pulse.h"
#include "xpm/xero.h"

enum { JOB_TRIES_MAX = 12, JOB_LOST_MAX = 3, WORKER_BEAT_S = 10, WORKER_HUNG_S = 180 };

struct worker_settings {
	const char *version;
	const char *client_id, *issuer, *scopes; /* scopes: as asked for */
	const char *token_key_file; /* read anew for every use: keys rotate while running */
	struct schedule schedule;
	int64_t day_budget;	/* calls a day and practice, all workers together */
	int64_t job_time_s;	/* of one job of an organisation; 0: no limit */
	int64_t retention_days; /* of run detail and field history */
	int64_t delta_every_s,
		delta_overlap_s; /* reading changes between full runs; every 0: not at all */
	const char *base_url, *state_dir, *mail_from;
	const struct secret *smtp_url; /* NULL: mails become files in state_dir/mail */
};

/* The run under way, for the heartbeat. */
struct worker_run {
	int64_t org_id, run_id; /* run_id 0: none */
	bool show_progress;
	int64_t progress;
};

struct worker {
	struct arena *home;  /* the process's */
	struct arena *arena; /* the job's; reset when it is over */
	struct pg *db, *beat;
	const struct xero *xero;
	struct http *http;	   /* for mail */
	const struct tmpl *letter; /* worker/letter.h */
	const struct worker_settings *set;
	char name[64];		/* owner of leases: host, process, start */
	int64_t (*clock)(void); /* UTC seconds; tests put their own */
	int nap_divisor;	/* tests: back-off sleeps are this many times shorter; 1 */

	struct job job;	  /* under way; job_id 0: none */
	int64_t began_ms; /* monotonic: when it was taken */
	bool spent;	  /* its time is over: it is to end as what failed */
	struct worker_run run;
	int64_t beat_at_ms, shown_at_ms; /* monotonic: last heartbeat, last progress */
	int64_t schema_at_ms;		 /* last look at the schema's version */
	struct pulse_seen pulse;
};

struct job_end {
	int later_s;  /* < 0: done; else to be taken up again after so long */
	bool settled; /* the job's row was dealt with in a transaction of the job's own */
};

typedef bool job_fn(
	struct worker *w, const struct job *j, struct job_end *end_r, struct err *e);

/* The kinds of jobs; payloads are what store/connections, store/jobs and the jobs themselves queue. */
job_fn job_connect;	   /* {"attempt":N,"from":"state"} */
job_fn job_choose;	   /* {"attempt":N,"idx":N}; idx -1: none of them */
job_fn job_sync;	   /* {"trigger":..,"user":N,"name":..,"attempt":N,"approved":run} */
job_fn job_slot;	   /* {} one an organisation, for ever while it is connected */
job_fn job_changes;	   /* {} one an organisation, with XERO_DELTA */
job_fn job_review;	   /* {"run":N,"choice":"apply"|"discard","user":N,"name":..} */
job_fn job_disconnect;	   /* {"choice":..,"user":N} */
job_fn job_erase;	   /* {"tenant":uuid} tells admins, then removes a practice's records */
job_fn job_free;	   /* {"user":N}: read-only records become editable */
job_fn job_remove;	   /* {"removal":N}: keeps telling Xero */
job_fn job_check;	   /* {} daily */
job_fn job_standby;	   /* {"attempt":N} */
job_fn job_standby_remove; /* {"user":N} */
job_fn job_handover;	   /* {"left":N,"name":..}: is no admin any more */
job_fn job_why;		   /* {"client":N} */
job_fn job_mail;	   /* {"what":..,"user":N,...} */
job_fn job_undo;	   /* {"run":N,"user":N,"name":..} */
job_fn job_forget;	   /* {"client":N,"user":N,"name":..} */
job_fn job_digest;	   /* {} every quarter of an hour: queues the summaries that are due */
job_fn job_match;	   /* {"user":N,"name":..}: the pairs that this person decided on */
job_fn job_import;	   /* {"user":N,"name":..}: this person's preview of a file */
job_fn job_preview;	   /* {} reads the list for the preview */
job_fn job_preview_end;	   /* {} cancelled; {"late":attempt} nobody answered */
job_fn job_rehearse;	   /* {} tests the connection */
job_fn job_tidy;	   /* {} hourly */
job_fn job_sweep;	   /* {} at start: makes missing slot, check and tidy jobs */

/*
 * Sign of life, called often while waiting: keeps the lease of job and run, shows progress.
 * ERR_UNAVAILABLE when asked to stop, and when the job's time is over (w->spent); ERR_CONFLICT when job or
 * run is no longer ours.
 */
MUSTUSE bool worker_tick(void *w, struct err *e);

/* The same while the database is at work, for pg_while_waiting: the lease alone, and it ends nothing. */
void worker_keep(void *w);

/*
 * A job is taken, a job is over. In between a process without a sign of life for WORKER_HUNG_S is ended by the
 * kernel: its lease is long over, and its place is for another.
 */
void worker_watch(bool on);

/* How long the job under way has held this worker. */
int64_t worker_took_ms(const struct worker *w);

/* Sleeps, ticking. False when a tick failed. */
MUSTUSE bool worker_nap(struct worker *w, int ms, struct err *e);

/* A member of the job's payload; 0 or NULL when it is not there. */
int64_t job_number(struct worker *w, const struct job *j, const char *name);
const char *job_text(struct worker *w, const struct job *j, const char *name);

/* Takes the next due job and does it; *did_r false: none was due, *wait_s_r until the next. */
MUSTUSE bool worker_step(struct worker *w, bool *did_r, int *wait_s_r, struct err *e);

/* What a child of an old build ends with when the database has been migrated to a newer one. */
enum { WORKER_STALE = 3, WORKER_SCHEMA_S = 60 };

/* Until asked to stop, or stale. Returns the exit status. */
int worker_loop(struct worker *w);

#endif
