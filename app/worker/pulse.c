#include "store/pulse.h"

#include "base/clock.h"
#include "base/log.h"
#include "io/file.h"
#include "store/audit.h"
#include "worker/worker.h"

enum { PULSE_MS = 10 * 1000, KEEP_MS = 60 * 1000, FILE_MAX = 64 };

static const char *file_of(struct worker *w, struct arena *a)
{
	return arena_printf(a, "%s/pulse", w->set->state_dir);
}

/* Without a valid number in the file, a restore is found only by the database's new place. */
static int64_t kept(struct worker *w, struct arena *a)
{
	struct str text;
	struct err e = {0};
	int64_t n = 0;
	if (file_read(a, file_of(w, a), FILE_MAX, &text, &e) && str_to_i64(str_trim(text), &n))
		return n < 0 ? 0 : n;
	if (e.kind != ERR_NOT_FOUND)
		log_warn("pulse.unreadable", log_text("file", file_of(w, a)));
	return 0;
}

/*
 * Once a minute is enough: a restore to a point within the last minute brings back a minute at
 * most.
 */
static void keep(struct worker *w, struct arena *a, int64_t now, bool at_once)
{
	struct pulse_seen *p = &w->pulse;
	struct err e;
	if (!at_once && p->kept_at_ms != 0 && now - p->kept_at_ms < KEEP_MS)
		return;
	p->kept_at_ms = now;
	const char *text = arena_printf(a, "%lld\n", (long long)p->highest);
	if (!file_write(file_of(w, a), str_of(text), 0600, &e))
		log_err("pulse.kept", &e);
}

static bool take(struct worker *w, int64_t *next_r, bool *restored_r, struct err *e)
{
	const struct audit_entry entry = {
		.event = "database.restored", .result = "ok", .detail = "found by a worker"};
	if (pg_begin(w->beat, 0, e) &&
		pulse_take(w->beat, w->pulse.highest, next_r, restored_r, e) &&
		(!*restored_r || audit_add(w->beat, &entry, e)) && pg_commit(w->beat, e))
		return true;
	pg_rollback(w->beat);
	return false;
}

static bool is_due(struct pulse_seen *p, int64_t now)
{
	bool due = p->at_ms == 0 || now - p->at_ms >= PULSE_MS;
	if (due)
		p->at_ms = now;
	return due;
}

void pulse(struct worker *w)
{
	struct pulse_seen *p = &w->pulse;
	int64_t now = clock_mono_ms(), next = 0;
	bool restored = false;
	struct err e;
	if (!is_due(p, now))
		return;
	struct arena *a = arena_new();
	if (!p->read)
		p->highest = kept(w, a);
	p->read = true;
	if (!take(w, &next, &restored, &e)) {
		log_warn("pulse.missed", log_text("why", e.text));
	} else {
		if (restored)
			log_error("database.restored", log_int("seen", p->highest),
				log_int("now", next));
		p->highest = next;
		keep(w, a, now, restored);
	}
	arena_free(&a);
}
