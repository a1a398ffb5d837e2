/*
 * One worker process: what its jobs share. It has two database connections, since a run's
 * transaction stays open while the list streams in: `db` does the work, `beat` carries
 * heartbeats, progress and all about tokens. Xero is a table of functions (xpm/xero.h), so that
 * tests and benches can replace it.
 *
 * A job gets an empty arena and returns true when it is settled: done, or due again after
 * later_s seconds. When it returns false with *e, the loop logs the error and retries with
 * growing back-off; after JOB_TRIES_MAX attempts the job is dropped with an alarm. A job whose
 * worker died JOB_LOST_MAX times in a row rests before it is tried again.
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
	const char *client_id, *issuer, *scopes; /* scopes: as requested */
	const char *token_key_file; /* read at every use, so that keys can be rotated */
	struct schedule schedule;
	int64_t day_budget;	/* calls a day for one practice, all workers together */
	int64_t job_time_s;	/* seconds for a job of an organisation; 0: no limit */
	int64_t retention_days; /* for run detail and field history */
	int64_t delta_every_s,
		delta_overlap_s; /* seconds; for job_changes. delta_every_s 0: off */
	const char *base_url, *state_dir, *mail_from;
	const struct secret *smtp_url; /* NULL: mails become files in state_dir/mail */
};

/* The current run, for the heartbeat. */
struct worker_run {
	int64_t org_id, run_id; /* run_id 0: none */
	bool show_progress;
	int64_t progress;
};

struct worker {
	struct arena *home;  /* lives as long as the process */
	struct arena *arena; /* of the current job; reset when the job ends */
	struct pg *db, *beat;
	const struct xero *xero;
	struct http *http;	   /* for mail */
	const struct tmpl *letter; /* worker/letter.h */
	const struct worker_settings *set;
	char name[64];		/* owner of leases: host, process, start */
	int64_t (*clock)(void); /* UTC seconds; tests set their own */
	int nap_divisor;	/* back-off sleeps are divided by this: 1, more in tests */

	struct job job;	  /* the current job; job_id 0: none */
	int64_t began_ms; /* monotonic ms: when the job was taken */
	bool spent;	  /* the job's time is over: it ends as failed */
	struct worker_run run;
	int64_t beat_at_ms, shown_at_ms; /* monotonic ms: last heartbeat, last progress shown */
	int64_t schema_at_ms;		 /* monotonic ms: last check of the schema's version */
	struct pulse_seen pulse;
};

struct job_end {
	int later_s;  /* seconds; < 0: done; else the job is due again then */
	bool settled; /* the job settled its own row, in a transaction of its own */
};

typedef bool job_fn(
	struct worker *w, const struct job *j, struct job_end *end_r, struct err *e);

/*
 * The kinds of jobs, with their payloads. They are queued by store/connections.h, store/jobs.h
 * and the jobs themselves.
 */
job_fn job_connect;    /* {"attempt":N,"from":"state"} */
job_fn job_choose;     /* {"attempt":N,"idx":N}; idx -1: none of them */
job_fn job_sync;       /* {"trigger":..,"user":N,"name":..,"attempt":N,"approved":run} */
job_fn job_slot;       /* {} one an organisation, as long as it is connected */
job_fn job_changes;    /* {} one an organisation, with XERO_DELTA */
job_fn job_review;     /* {"run":N,"choice":"apply"|"discard","user":N,"name":..} */
job_fn job_disconnect; /* {"choice":..,"user":N} */
job_fn job_erase;      /* {"tenant":uuid}: tells admins, then removes a practice's records */
job_fn job_free;       /* {"user":N}: read-only records become editable */
job_fn job_remove;     /* {"removal":N}: retries a removal at Xero */
job_fn job_check;      /* {} daily */
job_fn job_standby;    /* {"attempt":N} */
job_fn job_standby_remove; /* {"user":N} */
job_fn job_handover;	   /* {"left":N,"name":..}: this user is no admin any more */
job_fn job_why;		   /* {"client":N} */
job_fn job_mail;	   /* {"what":..,"user":N,...} */
job_fn job_undo;	   /* {"run":N,"user":N,"name":..} */
job_fn job_forget;	   /* {"client":N,"user":N,"name":..} */
job_fn job_digest;	   /* {} every quarter of an hour: queues the summaries that are due */
job_fn job_match; /* {"user":N,"name":..}: joins and separates the pairs this user decided on */
job_fn job_import;	/* {"user":N,"name":..}: imports this user's preview of a file */
job_fn job_preview;	/* {} reads the list for the preview */
job_fn job_preview_end; /* {}: cancelled; {"late":attempt}: no answer in time */
job_fn job_rehearse;	/* {} tests the connection */
job_fn job_tidy;	/* {} hourly */
job_fn job_sweep;	/* {} at start: queues missing slot, check and tidy jobs */

/*
 * Heartbeat, called often while waiting: renews the leases of job and run, and shows progress.
 * ERR_UNAVAILABLE: the worker must stop, or the job's time is over (w->spent). ERR_CONFLICT:
 * the job or the run was ended or taken over elsewhere.
 */
MUSTUSE bool worker_tick(void *w, struct err *e);

/*
 * The same while a statement runs, for pg_while_waiting: renews the job's lease only, and never
 * ends the job.
 */
void worker_keep(void *w);

/*
 * Switched on when a job is taken and off when it ends. In between, the kernel ends a process
 * that sends no heartbeat for WORKER_HUNG_S: its lease expired long ago, and another process
 * can take its place.
 */
void worker_watch(bool on);

/* Milliseconds the current job has held this worker. */
int64_t worker_took_ms(const struct worker *w);

/* Sleeps and calls worker_tick meanwhile. False when a tick failed. */
MUSTUSE bool worker_nap(struct worker *w, int ms, struct err *e);

/* A member of the job's payload; 0 or NULL: there is none. */
int64_t job_number(struct worker *w, const struct job *j, const char *name);
const char *job_text(struct worker *w, const struct job *j, const char *name);

/*
 * Takes the next due job and does it. *did_r false: none was due; *wait_s_r: seconds until the
 * next may be.
 */
MUSTUSE bool worker_step(struct worker *w, bool *did_r, int *wait_s_r, struct err *e);

/*
 * WORKER_STALE: exit status of a child that finds the database's schema newer than this build.
 * WORKER_SCHEMA_S: seconds between two checks of the schema's version.
 */
enum { WORKER_STALE = 3, WORKER_SCHEMA_S = 60 };

/*
 * Runs jobs until it is asked to stop, or until the schema is newer than this build. Returns
 * the exit status.
 */
int worker_loop(struct worker *w);

#endif
