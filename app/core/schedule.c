#include "core/schedule.h"

#include "base/str.h"
#include "codec/when.h"

enum { DAY_MINUTES = 24 * 60 };

static bool two_digits(struct str s, int below, int *n_r)
{
	if (s.n != 2 || s.p[0] < '0' || s.p[0] > '9' || s.p[1] < '0' || s.p[1] > '9')
		return false;
	*n_r = (s.p[0] - '0') * 10 + (s.p[1] - '0');
	return *n_r < below;
}

static bool time_parse(struct str s, int *minutes_r)
{
	struct str hour, minute;
	int h = 0, m = 0;
	if (!str_cut(s, ':', &hour, &minute) || !two_digits(hour, 24, &h) ||
		!two_digits(minute, 60, &m))
		return false;
	*minutes_r = h * 60 + m;
	return true;
}

bool schedule_parse(const char *times, int spread_s, struct schedule *s_r, struct err *e)
{
	struct schedule s = {.spread_s = spread_s};
	struct str rest = str_of(times), piece;
	if (spread_s < 0 || spread_s > 6 * 3600)
		return err_set(e, ERR_INVALID, "The spread must be between 0 and 6 hours.");
	while (str_next(&rest, ',', &piece)) {
		int at = 0;
		if (s.n == SCHEDULE_TIMES_MAX || !time_parse(str_trim(piece), &at))
			return err_set(e, ERR_INVALID,
				"Write 1 to %d times as \"06:00,18:00\".", SCHEDULE_TIMES_MAX);
		if (s.n > 0 && at <= s.minutes[s.n - 1])
			return err_set(e, ERR_INVALID, "The times must rise through the day.");
		s.minutes[s.n++] = at;
	}
	*s_r = s;
	return true;
}

char *schedule_words(struct arena *a, const struct schedule *s)
{
	char *words = arena_strdup(a, "");
	for (size_t i = 0; i < s->n; i++) {
		const char *joint = i == 0 ? "" : i + 1 == s->n ? " and " : ", ";
		words = arena_printf(a, "%s%s%02d:%02d", words, joint, s->minutes[i] / 60,
			s->minutes[i] % 60);
	}
	return words;
}

/*
 * Ids of organisations are consecutive; the golden ratio distributes them evenly over the
 * spread.
 */
static int spread_of(const struct schedule *s, int64_t org_id)
{
	uint64_t turned = (uint64_t)org_id * 0x9E3779B97F4A7C15u;
	return (int)((turned >> 32) * (uint64_t)(s->spread_s + 1) >> 32);
}

/* The slot of time `i` on the day `days` days after that of `at`. */
static int64_t slot(const struct schedule *s, const char *zone, int64_t org_id, int64_t at,
	int days, size_t i)
{
	struct when_date d = when_in_zone(zone, at);
	return when_local(zone, d.year, d.month, d.day + days, s->minutes[i] / 60,
		       s->minutes[i] % 60) +
	       spread_of(s, org_id);
}

int64_t schedule_next(const struct schedule *s, const char *zone, int64_t org_id, int64_t after)
{
	int64_t best = INT64_MAX;
	/* Starts with the day before, because a spread may move a slot past midnight. */
	for (int days = -1; days <= 2; days++) {
		for (size_t i = 0; i < s->n; i++) {
			int64_t at = slot(s, zone, org_id, after, days, i);
			if (at > after && at < best)
				best = at;
		}
	}
	/* There is always one, except at the end of the calendar (year 9999). */
	return best == INT64_MAX ? after + DAY_MINUTES * 60 : best;
}

int64_t schedule_last(const struct schedule *s, const char *zone, int64_t org_id, int64_t now)
{
	int64_t best = INT64_MIN;
	for (int days = -2; days <= 1; days++) {
		for (size_t i = 0; i < s->n; i++) {
			int64_t at = slot(s, zone, org_id, now, days, i);
			if (at <= now && at > best)
				best = at;
		}
	}
	return best == INT64_MIN ? now - DAY_MINUTES * 60 : best;
}

int schedule_repeat_s(int attempt)
{
	static const int waits[] = {5 * 60, 30 * 60, 3600, 3 * 3600, 6 * 3600};
	if (attempt < 1 || attempt > (int)ARRAY_LEN(waits))
		return 0;
	return waits[attempt - 1];
}

int schedule_again_s(int tries)
{
	enum { MOST_S = 3600, MOST_TRIES = 27 };
	return tries < 1 ? 5 : tries < MOST_TRIES ? 5 * tries * tries : MOST_S;
}

int schedule_backoff_ms(int attempt, unsigned char random)
{
	int n = attempt < 1 ? 1 : attempt > 10 ? 10 : attempt;
	int base = 1000 * n * n;
	/*
	 * Plus or minus a quarter, so that workers that failed together do not retry together.
	 */
	return base - base / 4 + base / 2 * random / 255;
}
