/*
 * When syncs and retries happen. Pure: time and zone are parameters.
 *
 * A slot is the time of one scheduled sync: one of GAP_SYNC_TIMES on one day in the
 * organisation's zone, plus a spread that is fixed for the organisation. Slots are UTC seconds,
 * so each local time still comes exactly once a day when the clocks change.
 */
#ifndef GAP_CORE_SCHEDULE_H
#define GAP_CORE_SCHEDULE_H

#include "base/arena.h"
#include "base/err.h"

enum { SCHEDULE_TIMES_MAX = 6 };

struct schedule {
	int minutes[SCHEDULE_TIMES_MAX]; /* minutes after local midnight, rising */
	size_t n;
	int spread_s; /* each organisation adds its own 0..spread_s */
};

/* "06:00,18:00" */
MUSTUSE bool schedule_parse(
	const char *times, int spread_s, struct schedule *s_r, struct err *e);

/* "06:00 and 18:00": for a sentence. */
char *schedule_words(struct arena *a, const struct schedule *s);

/* The first slot strictly after `after`, with its spread. */
int64_t schedule_next(
	const struct schedule *s, const char *zone, int64_t org_id, int64_t after);

/* The last slot at or before `now`. After downtime only this one is caught up on. */
int64_t schedule_last(const struct schedule *s, const char *zone, int64_t org_id, int64_t now);

/*
 * Seconds to wait before retry number `attempt` (1..5) of a failed run: 5 min, 30 min, 1 h, 3
 * h, 6 h. 0: no more retries.
 */
int schedule_repeat_s(int attempt);

/*
 * Seconds to wait before a job is retried that has failed `tries` times: 5, 20, 45, ..., at
 * most an hour.
 */
int schedule_again_s(int tries);

/*
 * The back-off inside a run, in ms: attempt n (1..10) waits n * n seconds, plus or minus a
 * quarter by `random` (0..255).
 */
int schedule_backoff_ms(int attempt, unsigned char random);

#endif
