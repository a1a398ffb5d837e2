/*
 * When things happen. Pure: time and zone are passed in.
 *
 * A slot is one of GAP_SYNC_TIMES on one day in the organisation's zone, plus
 * a spread fixed for that organisation. Slots are UTC moments, so a change of
 * the clocks still gives each local time exactly once a day.
 */
#ifndef GAP_CORE_SCHEDULE_H
#define GAP_CORE_SCHEDULE_H

#include "base/arena.h"
#include "base/err.h"

enum { SCHEDULE_TIMES_MAX = 6 };

struct schedule {
	int minutes[SCHEDULE_TIMES_MAX]; /* minutes after local midnight, rising */
	size_t n;
	int spread_s; /* 0..spread_s added, by organisation */
};

/* "06:00,18:00" */
MUSTUSE bool schedule_parse(
	const char *times, int spread_s, struct schedule *s_r, struct err *e);

/* "06:00 and 18:00": for a sentence. */
char *schedule_words(struct arena *a, const struct schedule *s);

/* The first slot strictly after `after`, spread included. */
int64_t schedule_next(
	const struct schedule *s, const char *zone, int64_t org_id, int64_t after);

/* The last slot at or before `now`: the one catch-up run after downtime is for this one. */
int64_t schedule_last(const struct schedule *s, const char *zone, int64_t org_id, int64_t now);

/* Seconds to wait before repeat number `attempt` (1..5) of a failed run: 5 min, 30 min, 1 h, 3 h, 6 h; 0: give up. */
int schedule_repeat_s(int attempt);

/* Seconds before a job is tried again that failed `tries` times: 5, 20, 45, ..., at most an hour. */
int schedule_again_s(int tries);

/* Back-off inside a run: attempt 1.. -> about 1, 4, 9 s (t0 + base * n^2) with jitter from `random` 0..255. */
int schedule_backoff_ms(int attempt, unsigned char random);

#endif
