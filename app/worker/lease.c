#include "base/clock.h"
#include "base/log.h"
#include "codec/json.h"
#include "io/stop.h"
#include "store/work.h"
#include "worker/worker.h"

#include <poll.h>
#include <unistd.h>

enum { PROGRESS_MS = 1000, NAP_SLICE_MS = 250 };

/*
 * A heartbeat lost to a short outage of the database does no harm: the lease lasts for six of
 * them.
 */
static bool forgive(const char *what, const struct err *e)
{
	if (e->kind == ERR_CONFLICT)
		return false;
	log_warn("worker.beat_missed", log_text("of", what), log_text("why", e->text));
	return true;
}

int64_t worker_took_ms(const struct worker *w)
{
	return clock_mono_ms() - w->began_ms;
}

void worker_watch(bool on)
{
	(void)alarm(on ? WORKER_HUNG_S : 0);
}

static bool beat(struct worker *w, struct err *e)
{
	if (w->job.job_id != 0)
		worker_watch(true);
	if (!workers_beat(w->beat, w->name, w->set->version, e) && !forgive("worker", e))
		return false;
	if (w->job.job_id != 0 && !jobs_beat(w->beat, w->job.job_id, w->name, e) &&
		!forgive("job", e))
		return false;
	return true;
}

static bool beat_run(struct worker *w, struct err *e)
{
	const struct worker_run *r = &w->run;
	int64_t progress = r->show_progress ? r->progress : -1;
	return r->run_id == 0 || run_beat(w->beat, r->org_id, r->run_id, progress, e) ||
	       forgive("run", e);
}

void worker_keep(void *user)
{
	struct worker *w = user;
	int64_t now = clock_mono_ms();
	struct err e;
	if (w->job.job_id == 0 || now - w->beat_at_ms < WORKER_BEAT_S * 1000)
		return;
	w->beat_at_ms = now;
	if (!beat(w, &e))
		log_err("worker.keep", &e);
}

/* Jobs of the installation go through all organisations: they have no time limit. */
static bool in_time(struct worker *w, int64_t now, struct err *e)
{
	int64_t most_s = w->set->job_time_s;
	if (w->job.org_id == 0 || most_s == 0 || now - w->began_ms < most_s * 1000)
		return true;
	w->spent = true;
	return err_set(e, ERR_UNAVAILABLE, "It took longer than the %s it may.",
		str_count(w->arena, (most_s + 59) / 60, "minute", "minutes"));
}

bool worker_tick(void *user, struct err *e)
{
	struct worker *w = user;
	int64_t now = clock_mono_ms();
	if (stop_asked())
		return err_set(e, ERR_UNAVAILABLE, "The worker was asked to stop.");
	if (!in_time(w, now, e))
		return false;
	bool due = now - w->beat_at_ms >= WORKER_BEAT_S * 1000;
	bool show = w->run.show_progress && now - w->shown_at_ms >= PROGRESS_MS;
	if (!due && !show)
		return true;
	if (due) {
		w->beat_at_ms = now;
		pulse(w);
		if (!beat(w, e))
			return false;
	}
	w->shown_at_ms = now;
	return beat_run(w, e);
}

bool worker_nap(struct worker *w, int ms, struct err *e)
{
	int64_t end = clock_mono_ms() + ms / w->nap_divisor;
	for (;;) {
		int64_t left = end - clock_mono_ms();
		if (!worker_tick(w, e))
			return false;
		if (left <= 0)
			return true;
		struct pollfd stop = {.fd = stop_fd(), .events = POLLIN};
		(void)poll(&stop, 1, left < NAP_SLICE_MS ? (int)left : NAP_SLICE_MS);
	}
}

static const struct json *member(struct worker *w, const struct job *j, const char *name)
{
	const struct json *root = NULL;
	struct err ignored;
	if (!json_parse(w->arena, str_of(j->payload), &root, &ignored))
		return NULL;
	return json_get(root, name);
}

int64_t job_number(struct worker *w, const struct job *j, const char *name)
{
	int64_t n = 0;
	return json_int(member(w, j, name), &n) ? n : 0;
}

const char *job_text(struct worker *w, const struct job *j, const char *name)
{
	return json_text(member(w, j, name));
}
