#include "base/clock.h"
#include "base/log.h"
#include "core/schedule.h"
#include "io/stop.h"
#include "store/schema.h"
#include "worker/worker.h"

#include <poll.h>

enum { AWAY_MS = 5000, LOST_PAUSE_S = 3600 };

static const struct kind {
	const char *name;
	job_fn *run;
	bool keeps; /* never dropped: the installation or a live connection needs it, or it reports its own failure */
	bool tells; /* reports in a row of its own that its workers died */
} kinds[] = {
	{"connect", job_connect, false, false},
	{"choose", job_choose, false, false},
	{"sync", job_sync, false, true},
	{"slot", job_slot, true, true},
	{"changes", job_changes, true, false},
	{"review", job_review, false, false},
	{"disconnect", job_disconnect, true, false},
	{"remove", job_remove, true, false},
	{"erase", job_erase, true, false},
	{"free", job_free, false, false},
	{"check", job_check, true, false},
	{"standby", job_standby, false, false},
	{"standby_remove", job_standby_remove, false, false},
	{"handover", job_handover, false, false},
	{"why", job_why, false, false},
	{"mail", job_mail, false, false},
	{"undo", job_undo, false, false},
	{"forget", job_forget, false, false},
	{"digest", job_digest, true, false},
	{"match", job_match, false, false},
	{"import", job_import, true, true},
	{"preview", job_preview, false, false},
	{"preview_end", job_preview_end, true, false},
	{"rehearse", job_rehearse, false, false},
	{"tidy", job_tidy, true, false},
	{"sweep", job_sweep, true, false},
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static bool settle(struct worker *w, const struct job_end *end, struct err *e)
{
	if (end->settled)
		return true;
	int64_t took_ms = worker_took_ms(w);
	bool ok = end->later_s < 0
			  ? jobs_done(w->db, w->job.job_id, w->name, took_ms, e)
			  : jobs_later(w->db, w->job.job_id, w->name, took_ms, end->later_s, e);
	/* The lease expired and another worker has the job, which will settle it. */
	return ok || e->kind == ERR_CONFLICT;
}

static bool is_last_try(const struct kind *k, const struct job *j)
{
	return k == NULL || (j->attempts >= JOB_TRIES_MAX && !k->keeps);
}

static void drop(const struct job *j)
{
	log_error("job.dropped", log_text("kind", j->kind), log_int("org", j->org_id));
}

static bool settle_failed(
	struct worker *w, const struct kind *k, struct err *why, struct err *e)
{
	const struct job *j = &w->job;
	log_warn("job.failed", log_text("kind", j->kind), log_int("job", j->job_id),
		log_int("attempt", j->attempts), log_text("why", why->text));
	bool last = is_last_try(k, j);
	if (last)
		drop(j);
	const struct job_end end = {.later_s = last	      ? -1
					       : stop_asked() ? 0
							      : schedule_again_s(j->attempts)};
	return settle(w, &end, e);
}

/*
 * JOB_LOST_MAX workers died of it, and another one would, too. It rests, and is tried again now
 * and then.
 */
static bool put_off(struct worker *w, const struct kind *k, struct err *e)
{
	const struct job *j = &w->job;
	log_error("job.lost", log_text("kind", j->kind), log_int("job", j->job_id),
		log_int("times", j->lost));
	if (is_last_try(k, j)) {
		drop(j);
		return jobs_done(w->db, j->job_id, w->name, 0, e);
	}
	return jobs_put_off(w->db, j->job_id, w->name, LOST_PAUSE_S, e);
}

static bool is_poison(const struct kind *k, const struct job *j)
{
	return j->lost >= JOB_LOST_MAX && (k == NULL || !k->tells);
}

static bool perform(struct worker *w, const struct kind *k, struct err *e)
{
	struct job_end end = {.later_s = -1};
	struct err why = {0};
	worker_watch(true);
	bool ok = k != NULL ? k->run(w, &w->job, &end, &why)
			    : err_set(&why, ERR_INTERNAL, "No such kind of job.");
	pg_rollback(w->db);
	worker_watch(false);
	return ok ? settle(w, &end, e) : settle_failed(w, k, &why, e);
}

static bool run_job(struct worker *w, struct err *e)
{
	const struct kind *k = kind_of(w->job.kind);
	char number[24];
	(void)snprintf(number, sizeof number, "%lld", (long long)w->job.org_id);
	log_context("org", number);
	w->began_ms = clock_mono_ms();
	w->spent = false;
	bool ok = is_poison(k, &w->job) ? put_off(w, k, e) : perform(w, k, e);
	log_context("org", NULL);
	return ok;
}

bool worker_step(struct worker *w, bool *did_r, int *wait_s_r, struct err *e)
{
	pg_use(w->db, w->arena);
	pg_use(w->beat, w->arena);
	*did_r = false;
	bool ok = jobs_take(w->db, w->arena, w->name, &w->job, wait_s_r, e);
	if (ok && w->job.job_id != 0) {
		*did_r = true;
		ok = run_job(w, e);
	}
	w->job = (struct job){.job_id = 0};
	arena_reset(w->arena);
	return ok;
}

/* Nothing is due: waits for a NOTIFY, a signal, or the next job's time, with heartbeats. */
static void rest(struct worker *w, int wait_s)
{
	struct err e = {0};
	bool noticed = false;
	int ms = (wait_s < WORKER_BEAT_S ? wait_s : WORKER_BEAT_S) * 1000;
	if (!pg_wait(w->db, stop_fd(), ms, &noticed, &e))
		log_err("worker.wait", &e);
	stop_drain();
}

/* If the database cannot be reached at the start, this is done later. */
static bool begin(struct worker *w)
{
	struct err e = {0};
	bool added = false;
	if (jobs_add(w->db, 0, "sweep", NULL, "sweep", 0, &added, &e))
		return true;
	log_err("worker.begin", &e);
	return false;
}

/* Checked between two jobs: has a newer build migrated the database? */
static bool stale(struct worker *w)
{
	int64_t now = clock_mono_ms();
	struct err e;
	int version = 0;
	if (now - w->schema_at_ms < WORKER_SCHEMA_S * 1000)
		return false;
	w->schema_at_ms = now;
	pg_use(w->db, w->arena);
	bool old = !schema_check(w->db, &version, &e) && e.kind == ERR_CONFIG;
	if (old)
		log_error("worker.stale", log_text("why", e.text));
	arena_reset(w->arena);
	return old;
}

/*
 * Back-off while the database is away: 1, 2, 4, then every 5 seconds, so that its return is
 * noticed within 5 s.
 */
static void wait_for_database(int failed)
{
	struct pollfd stop = {.fd = stop_fd(), .events = POLLIN};
	int ms = failed <= 3 ? 1000 << (failed - 1) : AWAY_MS;
	(void)poll(&stop, 1, ms);
	stop_drain();
}

int worker_loop(struct worker *w)
{
	struct err none;
	bool begun = false;
	int failed = 0;
	log_info("worker.start", log_text("name", w->name));
	/* The connection remembers this and repeats it after each reconnect. */
	(void)!pg_listen(w->db, "gap_job", &none);
	while (!stop_asked()) {
		struct err e = {0};
		if (stale(w))
			return WORKER_STALE;
		bool did = false;
		int wait_s = 1;
		begun = begun || begin(w);
		if (!worker_tick(w, &e) && stop_asked())
			break;
		bool stepped = worker_step(w, &did, &wait_s, &e);
		failed = stepped ? 0 : failed + 1;
		if (!stepped) {
			log_err("worker.step", &e);
			wait_for_database(failed);
		} else if (!did && !stop_asked()) {
			rest(w, wait_s);
		}
	}
	log_info("worker.stop", log_text("name", w->name));
	return 0;
}
