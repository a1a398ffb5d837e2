#include "codec/when.h"
#include "core/schedule.h"
#include "test.h"

#include <string.h>

static const char *const zones[] = {"Pacific/Auckland", "Australia/Sydney", "Europe/London"};

static int64_t at(const char *text)
{
	int64_t t = 0;
	assert_true(when_parse(str_of(text), &t));
	return t;
}

static struct schedule times(const char *text, int spread_s)
{
	struct schedule s = {0};
	struct err e;
	assert_ok(schedule_parse(text, spread_s, &s, &e));
	return s;
}

static void times_are_minutes_after_midnight(void **state)
{
	struct schedule s = times("00:00, 06:00 ,12:30,18:00,23:59", 1200);
	static const int want[] = {0, 360, 750, 1080, 1439};
	(void)state;
	assert_int_equal(s.n, ARRAY_LEN(want));
	assert_int_equal(s.spread_s, 1200);
	for (size_t i = 0; i < s.n; i++)
		assert_int_equal(s.minutes[i], want[i]);
	assert_int_equal(times("01:00,02:00,03:00,04:00,05:00,06:00", 0).n, 6);
	assert_int_equal(times("06:00", 6 * 3600).spread_s, 6 * 3600);
}

static void times_read_as_a_sentence(void **state)
{
	struct schedule one = times("06:05", 0), two = times("06:00,18:00", 0),
			three = times("00:00,12:30,23:59", 0), none = {0};
	assert_string_equal(schedule_words(*state, &one), "06:05");
	assert_string_equal(schedule_words(*state, &two), "06:00 and 18:00");
	assert_string_equal(schedule_words(*state, &three), "00:00, 12:30 and 23:59");
	assert_string_equal(schedule_words(*state, &none), "");
}

static void each_fault_has_its_sentence(void **state)
{
	static const char form[] = "Write 1 to 6 times as \"06:00,18:00\".";
	static const char rise[] = "The times must rise through the day.";
	static const char spread[] = "The spread must be between 0 and 6 hours.";
	static const struct {
		const char *times;
		int spread_s;
		const char *text;
	} bad[] = {
		{NULL, 0, form},
		{"", 0, form},
		{"06:00,", 0, form},
		{"6:00", 0, form},
		{"0600", 0, form},
		{"24:00", 0, form},
		{"06:60", 0, form},
		{"06:000", 0, form},
		{"-6:00", 0, form},
		{"06:00:00", 0, form},
		{"06:00,,18:00", 0, form},
		{"06:00;18:00", 0, form},
		{"01:00,02:00,03:00,04:00,05:00,06:00,07:00", 0, form},
		{"18:00,06:00", 0, rise},
		{"06:00,06:00", 0, rise},
		{"06:00", -1, spread},
		{"06:00", 6 * 3600 + 1, spread},
	};
	struct schedule s = {.n = 3};
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(
			schedule_parse(bad[i].times, bad[i].spread_s, &s, &e), ERR_INVALID);
		assert_string_equal(e.text, bad[i].text);
		assert_int_equal(s.n, 3);
	}
}

static void next_is_strictly_after_and_last_includes_now(void **state)
{
	struct schedule s = times("06:00,18:00", 0);
	int64_t six = at("2026-11-22T06:00:00Z"), evening = at("2026-11-22T18:00:00Z");
	(void)state;
	assert_int_equal(schedule_next(&s, "UTC", 0, six - 1), six);
	assert_int_equal(schedule_next(&s, "UTC", 0, six), evening);
	assert_int_equal(schedule_last(&s, "UTC", 0, evening), evening);
	assert_int_equal(schedule_last(&s, "UTC", 0, evening - 1), six);
	assert_int_equal(schedule_next(&s, "UTC", 0, evening), six + 86400);
	assert_int_equal(schedule_last(&s, "UTC", 0, six - 1), evening - 86400);
}

/* Both changes of the clocks of 2026, in each zone: the local time stays, the moment moves. */
static void slots_keep_the_local_time_when_the_clocks_change(void **state)
{
	static const struct {
		const char *zone, *before, *after;
	} want[] = {
		{"Pacific/Auckland", "2026-04-03T17:00:00Z", "2026-04-04T18:00:00Z"},
		{"Pacific/Auckland", "2026-09-25T18:00:00Z", "2026-09-26T17:00:00Z"},
		{"Australia/Sydney", "2026-04-03T19:00:00Z", "2026-04-04T20:00:00Z"},
		{"Australia/Sydney", "2026-10-02T20:00:00Z", "2026-10-03T19:00:00Z"},
		{"Europe/London", "2026-03-28T06:00:00Z", "2026-03-29T05:00:00Z"},
		{"Europe/London", "2026-10-24T05:00:00Z", "2026-10-25T06:00:00Z"},
	};
	struct schedule s = times("06:00", 0);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		int64_t before = at(want[i].before), after = at(want[i].after);
		assert_int_equal(schedule_next(&s, want[i].zone, 0, before - 1), before);
		assert_int_equal(schedule_next(&s, want[i].zone, 0, before), after);
		assert_int_equal(schedule_last(&s, want[i].zone, 0, after), after);
		assert_int_equal(schedule_last(&s, want[i].zone, 0, after - 1), before);
	}
}

/* Walks a year: each slot shows the wall clock asked for, twice every day. */
static void a_year_has_two_slots_every_day_each_once(void **state)
{
	struct schedule s = times("06:00,18:00", 0);
	(void)state;
	for (size_t z = 0; z < ARRAY_LEN(zones); z++) {
		int64_t t = when_local(zones[z], 2026, 1, 1, 0, 0);
		int64_t end = when_local(zones[z], 2027, 1, 1, 0, 0);
		int n = 0;
		for (t = schedule_next(&s, zones[z], 0, t); t < end; n++) {
			struct when_date d = when_in_zone(zones[z], t);
			assert_int_equal(d.hour, n % 2 == 0 ? 6 : 18);
			assert_int_equal(d.minute + d.second, 0);
			t = schedule_next(&s, zones[z], 0, t);
		}
		assert_int_equal(n, 2 * 365);
	}
}

/* 02:30 is skipped once and happens twice once in each of these years; London's is 01:30. */
static void a_time_inside_the_change_still_comes_once_a_day(void **state)
{
	struct schedule s = times("01:30,02:30", 0);
	(void)state;
	for (size_t z = 0; z < ARRAY_LEN(zones); z++) {
		int64_t t = when_local(zones[z], 2026, 1, 1, 0, 0);
		int64_t end = when_local(zones[z], 2027, 1, 1, 0, 0);
		int days[13][32] = {{0}};
		for (t = schedule_next(&s, zones[z], 0, t); t < end;
			t = schedule_next(&s, zones[z], 0, t)) {
			struct when_date d = when_in_zone(zones[z], t);
			days[d.month][d.day]++;
		}
		for (int day = 1; day <= 365; day++) {
			struct when_date d = when_in_zone(
				zones[z], when_local(zones[z], 2026, 1, day, 12, 0));
			assert_int_equal(days[d.month][d.day], 2);
		}
	}
}

/* However long the break: one slot to catch up on, and then the ordinary next one. */
static void three_days_off_are_one_catch_up(void **state)
{
	struct schedule s = times("06:00,18:00", 0);
	int64_t ran = at("2026-11-19T06:00:00Z"), now = at("2026-11-22T09:15:00Z");
	int64_t due = schedule_last(&s, "UTC", 0, now);
	(void)state;
	assert_int_equal(due, at("2026-11-22T06:00:00Z"));
	assert_true(due > ran);
	assert_int_equal(schedule_next(&s, "UTC", 0, due), at("2026-11-22T18:00:00Z"));
	assert_true(schedule_last(&s, "UTC", 0, now + 60) <= now);
}

/* At odd moments of a year, spread past midnight too: no slot lies between last and next. */
static void last_and_next_are_neighbours(void **state)
{
	struct schedule s = times("00:10,12:00,23:50", 6 * 3600);
	(void)state;
	for (size_t z = 0; z < ARRAY_LEN(zones); z++) {
		int64_t now = at("2026-01-01T00:00:00Z");
		for (int i = 0; i < 1200; i++, now += 7 * 3600 + 1237) {
			int64_t last = schedule_last(&s, zones[z], i, now);
			int64_t next = schedule_next(&s, zones[z], i, now);
			assert_true(last <= now && now < next);
			assert_int_equal(schedule_next(&s, zones[z], i, last), next);
			assert_int_equal(schedule_last(&s, zones[z], i, next), next);
			assert_int_equal(schedule_last(&s, zones[z], i, next - 1), last);
		}
	}
}

/* A spread carries the day's only slot into the next day: the last one began two days ago. */
static void a_slot_carried_past_midnight_is_found(void **state)
{
	struct schedule s = times("23:50", 6 * 3600);
	int64_t midnight = at("2026-11-22T00:00:00Z");
	(void)state;
	for (int64_t org = 1; org <= 50; org++) {
		int64_t last = schedule_last(&s, "UTC", org, midnight);
		assert_in_range(midnight - last, 0, 86400 - 1);
		assert_int_equal(schedule_next(&s, "UTC", org, midnight), last + 86400);
	}
}

static void an_unknown_zone_is_utc_and_no_moment_breaks_it(void **state)
{
	static const int64_t odd[] = {
		0, -1, INT64_C(253402300799), INT64_C(-62167219200), INT64_C(1) << 50};
	struct schedule s = times("06:00,18:00", 1200);
	int64_t t = at("2026-11-22T12:00:00Z");
	(void)state;
	assert_int_equal(schedule_next(&s, "Nowhere/Land", 0, t), at("2026-11-22T18:00:00Z"));
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		assert_true(schedule_next(&s, zones[0], 1, odd[i]) > odd[i]);
		assert_true(schedule_last(&s, zones[0], 1, odd[i]) <= odd[i]);
	}
}

static int64_t spread_of(const struct schedule *s, int64_t org)
{
	int64_t midnight = at("2026-11-22T00:00:00Z");
	return schedule_next(s, "UTC", org, midnight) - midnight - 6 * 3600;
}

static void the_spread_is_fixed_for_an_organisation_and_within_its_limits(void **state)
{
	static const int64_t odd[] = {0, 1, -1, INT64_MAX, INT64_MIN};
	static const int widths[] = {0, 1, 59, 1200, 6 * 3600};
	(void)state;
	for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
		struct schedule s = times("06:00", widths[w]);
		for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
			int64_t spread = spread_of(&s, odd[i]);
			assert_in_range(spread, 0, widths[w]);
			assert_int_equal(spread, spread_of(&s, odd[i]));
		}
	}
}

/* Of 1,000 organisations every minute of twenty gets its 50. */
static void a_thousand_organisations_are_spread_evenly(void **state)
{
	struct schedule s = times("06:00", 20 * 60 - 1);
	int minutes[20] = {0};
	(void)state;
	for (int64_t org = 1; org <= 1000; org++)
		minutes[spread_of(&s, org) / 60]++;
	for (size_t i = 0; i < ARRAY_LEN(minutes); i++)
		assert_in_range(minutes[i], 45, 55);
}

/* Ten thousand in the minutes of the usual half hour: no more uneven than chance, by chi-square, would make them. */
static void ten_thousand_organisations_are_spread_by_chance_or_better(void **state)
{
	enum {
		ALL = 10000,
		MINUTES = 30,
		TOO_MUCH = 58 /* 29 degrees of freedom, p = 0.001 */
	};
	struct schedule s = times("06:00,18:00", MINUTES * 60 - 1);
	int minutes[MINUTES] = {0};
	double mean = (double)ALL / MINUTES, chi = 0;
	(void)state;
	for (int64_t org = 1; org <= ALL; org++)
		minutes[spread_of(&s, org) / 60]++;
	for (size_t i = 0; i < ARRAY_LEN(minutes); i++) {
		chi += (minutes[i] - mean) * (minutes[i] - mean) / mean;
		assert_in_range(minutes[i], 1, (int)(mean * 1.2));
	}
	assert_true(chi < TOO_MUCH);
}

static void a_failed_run_is_repeated_five_times(void **state)
{
	static const int want[] = {0, 300, 1800, 3600, 10800, 21600, 0, 0};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(schedule_repeat_s((int)i), want[i]);
	assert_int_equal(schedule_repeat_s(-1), 0);
	assert_int_equal(schedule_repeat_s(INT32_MAX), 0);
	assert_int_equal(schedule_repeat_s(INT32_MIN), 0);
}

static void a_failed_job_comes_again_within_the_hour(void **state)
{
	static const int want[] = {5, 5, 20, 45, 80};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(schedule_again_s((int)i), want[i]);
	assert_int_equal(schedule_again_s(26), 3380);
	assert_int_equal(schedule_again_s(27), 3600);
	assert_int_equal(schedule_again_s(INT32_MAX), 3600);
	assert_int_equal(schedule_again_s(INT32_MIN), 5);
}

static void back_off_grows_and_jitters_by_a_quarter(void **state)
{
	(void)state;
	for (int n = 1; n <= 10; n++) {
		int base = 1000 * n * n;
		assert_int_equal(schedule_backoff_ms(n, 0), base - base / 4);
		assert_int_equal(schedule_backoff_ms(n, 255), base + base / 4);
		for (int r = 0; r <= 255; r++) {
			int wait = schedule_backoff_ms(n, (unsigned char)r);
			if (r > 0)
				assert_true(
					wait > schedule_backoff_ms(n, (unsigned char)(r - 1)));
			if (n > 1)
				assert_true(
					wait > schedule_backoff_ms(n - 1, (unsigned char)r));
		}
	}
	assert_int_equal(schedule_backoff_ms(0, 7), schedule_backoff_ms(1, 7));
	assert_int_equal(schedule_backoff_ms(INT32_MIN, 7), schedule_backoff_ms(1, 7));
	assert_int_equal(schedule_backoff_ms(INT32_MAX, 7), schedule_backoff_ms(10, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(times_are_minutes_after_midnight),
		TEST(times_read_as_a_sentence),
		TEST(each_fault_has_its_sentence),
		TEST(next_is_strictly_after_and_last_includes_now),
		TEST(slots_keep_the_local_time_when_the_clocks_change),
		TEST(a_year_has_two_slots_every_day_each_once),
		TEST(a_time_inside_the_change_still_comes_once_a_day),
		TEST(three_days_off_are_one_catch_up),
		TEST(last_and_next_are_neighbours),
		TEST(a_slot_carried_past_midnight_is_found),
		TEST(an_unknown_zone_is_utc_and_no_moment_breaks_it),
		TEST(the_spread_is_fixed_for_an_organisation_and_within_its_limits),
		TEST(a_thousand_organisations_are_spread_evenly),
		TEST(ten_thousand_organisations_are_spread_by_chance_or_better),
		TEST(a_failed_run_is_repeated_five_times),
		TEST(a_failed_job_comes_again_within_the_hour),
		TEST(back_off_grows_and_jitters_by_a_quarter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
