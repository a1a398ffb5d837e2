#include "base/clock.h"
#include "base/log.h"
#include "io/stop.h"
#include "store/schema.h"
#include "worker/worker.h"

#include <poll.h>

enum { AWAY_MS = 5000 };

static const struct kind {
	const char *name;
	job_fn *run;
	bool keeps; /* of the installation or for as long as a connection lives: never dropped */
} kinds[] = {
	{"connect", job_connect, false},
	{"choose", job_choose, false},
	{"sync", job_sync, false},
	{"slot", job_slot, true},
	{"changes", job_changes, true},
	{"review", job_review, false},
	{"disconnect", job_disconnect, true},
	{"remove", job_remove, true},
	{"erase", job_erase, true},
	{"free", job_free, false},
	{"check", job_check, true},
	{"standby", job_standby, false},
	{"standby_remove", job_standby_remove, false},
	{"handover", job_handover, false},
	{"why", job_why, false},
	{"mail", job_mail, false},
	{"undo", job_undo, false},
	{"forget", job_forget, false},
	{"digest", job_digest, true},
	{"match", job_match, false},
	{"preview", job_preview, false},
	{"preview_end", job_preview_end, true},
	{"rehearse", job_rehearse, false},
	{"tidy", job_tidy, true},
	{"sweep", job_sweep, true},
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* 5, 20, 45 s, ... at most an hour. */
static int pause_s(int attempts)
{
	int s = 5 * attempts * attempts;
	return s < 3600 ? s : 3600;
}

static bool settle(struct worker *w, const struct job_end *end, struct err *e)
{
	if (end->settled)
		return true;
	bool ok = end->later_s < 0 ? jobs_done(w->db, w->job.job_id, w->name, e)
				   : jobs_later(w->db, w->job.job_id, w->name, end->later_s, e);
	/* Its lease ran out and another worker has it: his to settle. */
	return ok || e->kind == ERR_CONFLICT;
}

static bool settle_failed(
	struct worker *w, const struct kind *k, struct err *why, struct err *e)
{
	const struct job *j = &w->job;
	log_warn("job.failed", log_text("kind", j->kind), log_int("job", j->job_id),
		log_int("attempt", j->attempts), log_text("why", why->text));
	bool drop = k == NULL || (j->attempts >= JOB_TRIES_MAX && !k->keeps);
	if (drop)
		log_error("job.dropped", log_text("kind", j->kind), log_int("org", j->org_id));
	const struct job_end end = {.later_s = drop	      ? -1
					       : stop_asked() ? 0
							      : pause_s(j->attempts)};
	return settle(w, &end, e);
}

static bool run_job(struct worker *w, struct err *e)
{
	const struct kind *k = kind_of(w->job.kind);
	struct job_end end = {.later_s = -1};
	struct err why = {0};
	char number[24];
	(void)snprintf(number, sizeof number, "%lld", (long long)w->job.org_id);
	log_context("org", number);
	bool ok = k != NULL ? k->run(w, &w->job, &end, &why)
			    : err_set(&why, ERR_INTERNAL, "No such kind of job.");
	pg_rollback(w->db);
	log_context("org", NULL);
	return ok ? settle(w, &end, e) : settle_failed(w, k, &why, e);
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

/* Nothing is due: until a notice, a signal, or the next job's time. The heartbeat goes on. */
static void rest(struct worker *w, int wait_s)
{
	struct err e = {0};
	bool noticed = false;
	int ms = (wait_s < WORKER_BEAT_S ? wait_s : WORKER_BEAT_S) * 1000;
	if (!pg_wait(w->db, stop_fd(), ms, &noticed, &e))
		log_err("worker.wait", &e);
	stop_drain();
}

/* With a database that is away at the start, later. */
static bool begin(struct worker *w)
{
	struct err e = {0};
	bool added = false;
	if (jobs_add(w->db, 0, "sweep", NULL, "sweep", 0, &added, &e))
		return true;
	log_err("worker.begin", &e);
	return false;
}

/* Between two jobs: a database that was migrated meanwhile is a newer build's. */
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

/* The database is away: 1, 2, 4, then every 5 seconds, so that it is found within these when it is back. */
static void wait_for_database(int failed)
{
	struct pollfd stop = {.fd = stop_fd(), .events = POLLIN};
	int ms = failed < 3 ? 1000 << (failed - 1) : AWAY_MS;
	(void)poll(&stop, 1, ms);
	stop_drain();
}

int worker_loop(struct worker *w)
{
	struct err none;
	bool begun = false;
	int failed = 0;
	log_info("worker.start", log_text("name", w->name));
	/* Remembered by the connection, whether it is there yet or not. */
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
