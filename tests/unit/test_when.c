/* Dates in and out, and wall clocks around the changes of four zones in a listed and a ruled year. */
#include "codec/when.h"
#include "test.h"

static int64_t at_of(const char *text)
{
	int64_t at = 0;
	if (!when_parse(str_of(text), &at))
		fail_msg("not parsed: %s", text);
	return at;
}

static void parses_rfc3339(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t at;
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-22T06:00:00Z", 1795327200},
		{"2026-11-22t06:00:00z", 1795327200},
		{"2026-11-22T06:00:00", 1795327200},
		{"2026-11-22T06:00:00.1234567", 1795327200},
		{"2026-11-22T06:00:00.123456789Z", 1795327200},
		{"2026-11-22T19:00:00+13:00", 1795327200},
		{"2026-11-22T01:30:00-04:30", 1795327200},
		{"2026-11-22T06:00:00-00:00", 1795327200},
		{"1969-12-31T23:59:59Z", -1},
		{"2024-02-29T00:00:00Z", 1709164800},
		{"2000-02-29T00:00:00Z", 951782400},
		{"0000-01-01T00:00:00Z", INT64_C(-62167219200)},
		{"9999-12-31T23:59:59Z", INT64_C(253402300799)},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(at_of(cases[i].text), cases[i].at);
}

static void refuses_what_is_not_rfc3339(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "2026", "2026-11-22", "2026-11-22 06:00:00Z",
		"2026-11-22T06:00Z", "2026-11-22T06:00:00ZZ", "2026-11-22T06:00:00 Z",
		"2026-11-22T24:00:00Z", "2026-11-22T23:60:00Z", "2026-11-22T23:59:60Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-00T00:00:00Z",
		"2026-11-31T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
		"2026-11-22T06:00:00.", "2026-11-22T06:00:00.Z",
		"2026-11-22T06:00:00.1234567890Z", "2026-11-22T06:00:00,5Z",
		"2026-11-22T06:00:00+1300", "2026-11-22T06:00:00+13",
		"2026-11-22T06:00:00+24:00", "2026-11-22T06:00:00+13:60",
		"+026-11-22T06:00:00Z", "2026-1-22T06:00:00Z", " 2026-11-22T06:00:00Z",
		"12026-11-22T06:00:00Z", "2026-11-22T06:00:00+13:00Z"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t at = 77;
		if (when_parse(str_of(bad[i]), &at))
			fail_msg("parsed: %s", bad[i]);
		assert_int_equal(at, 77);
	}
	int64_t at;
	assert_false(when_parse((struct str){"2026-11-22T06:00:00\0", 20}, &at));
}

static void writes_rfc3339(void **state)
{
	struct arena *a = *state;
	assert_string_equal(when_rfc3339(a, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(when_rfc3339(a, 1795327200), "2026-11-22T06:00:00Z");
	assert_string_equal(when_rfc3339(a, INT64_MAX), "9999-12-31T23:59:59Z");
	assert_string_equal(when_rfc3339(a, INT64_MIN), "0000-01-01T00:00:00Z");
	for (int64_t at = -62167219200; at < 253402300799; at += 86400LL * 97 + 3607)
		assert_int_equal(at_of(when_rfc3339(a, at)), at);
}

static void http_dates_both_ways(void **state)
{
	struct arena *a = *state;
	int64_t at = 0;
	assert_true(when_parse_http(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &at));
	assert_int_equal(at, 784111777); /* the example of RFC 9110 section 5.6.7 */
	assert_string_equal(when_http(a, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(when_http(a, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
	static const char *const bad[] = {"", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37", "sun, 06 nov 1994 08:49:37 gmt",
		"Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT ", "120"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (when_parse_http(str_of(bad[i]), &at))
			fail_msg("parsed: %s", bad[i]);
}

/* 2026 is listed in the zone's file, 2040 follows from the rule in its footer. */
static const struct change {
	const char *zone, *at;
	int before_h, after_h;
} changes[] = {
	{"Pacific/Auckland", "2026-04-04T14:00:00Z", 13, 12},
	{"Pacific/Auckland", "2026-09-26T14:00:00Z", 12, 13},
	{"Pacific/Auckland", "2040-03-31T14:00:00Z", 13, 12},
	{"Pacific/Auckland", "2040-09-29T14:00:00Z", 12, 13},
	{"Australia/Sydney", "2026-04-04T16:00:00Z", 11, 10},
	{"Australia/Sydney", "2026-10-03T16:00:00Z", 10, 11},
	{"Australia/Sydney", "2040-03-31T16:00:00Z", 11, 10},
	{"Australia/Sydney", "2040-10-06T16:00:00Z", 10, 11},
	{"Europe/London", "2026-03-29T01:00:00Z", 0, 1},
	{"Europe/London", "2026-10-25T01:00:00Z", 1, 0},
	{"Europe/London", "2040-03-25T01:00:00Z", 0, 1},
	{"Europe/London", "2040-10-28T01:00:00Z", 1, 0},
	{"America/New_York", "2026-03-08T07:00:00Z", -5, -4},
	{"America/New_York", "2026-11-01T06:00:00Z", -4, -5},
	{"America/New_York", "2040-03-11T07:00:00Z", -5, -4},
	{"America/New_York", "2040-11-04T06:00:00Z", -4, -5},
};

/* What the wall shows in `zone` at `offset_h`, asked back as a moment. */
static int64_t local_again(const char *zone, int64_t at, int offset_h)
{
	struct when_date d = when_in_zone("UTC", at + offset_h * 3600);
	return when_local(zone, d.year, d.month, d.day, d.hour, d.minute);
}

static void offsets_change_to_the_second(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const struct change *c = &changes[i];
		int64_t at = at_of(c->at);
		assert_int_equal(when_zone_offset(c->zone, at - 1), c->before_h * 3600);
		assert_int_equal(when_zone_offset(c->zone, at), c->after_h * 3600);
	}
}

static void a_skipped_hour_gives_the_first_moment_after(void **state)
{
	(void)state;
	size_t gaps = 0;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const struct change *c = &changes[i];
		int64_t at = at_of(c->at);
		if (c->after_h < c->before_h)
			continue;
		gaps++;
		for (int minute = 0; minute < 60; minute++)
			assert_int_equal(
				local_again(c->zone, at + minute * 60, c->before_h), at);
		assert_int_equal(local_again(c->zone, at - 60, c->before_h), at - 60);
		assert_int_equal(local_again(c->zone, at + 60, c->after_h), at + 60);
	}
	assert_int_equal(gaps, 8);
}

static void a_doubled_hour_gives_the_first_of_the_two(void **state)
{
	(void)state;
	size_t overlaps = 0;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const struct change *c = &changes[i];
		int64_t at = at_of(c->at);
		if (c->after_h > c->before_h)
			continue;
		overlaps++;
		for (int minute = 0; minute < 60; minute++)
			assert_int_equal(local_again(c->zone, at + minute * 60, c->after_h),
				at + minute * 60 - 3600);
		assert_int_equal(local_again(c->zone, at - 3660, c->before_h), at - 3660);
		assert_int_equal(local_again(c->zone, at + 3600, c->after_h), at + 3600);
	}
	assert_int_equal(overlaps, 8);
}

static void two_slots_a_day_all_year(void **state)
{
	(void)state;
	static const char *const zones[] = {"Pacific/Auckland", "Australia/Sydney",
		"Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
		"UTC"};
	for (size_t z = 0; z < ARRAY_LEN(zones); z++)
		for (int year = 2026; year <= 2040; year += 14)
			for (int day = 1; day <= 365; day++)
				for (int hour = 6; hour <= 18; hour += 12) {
					int64_t at =
						when_local(zones[z], year, 1, day, hour, 0);
					struct when_date d = when_in_zone(zones[z], at);
					assert_int_equal(d.year, year);
					assert_int_equal(d.hour, hour);
					assert_int_equal(d.minute, 0);
				}
}

static void a_day_that_never_was(void **state)
{
	(void)state;
	/* Samoa went to sleep on 29 December 2011 and woke on the 31st. */
	int64_t at = at_of("2011-12-30T10:00:00Z");
	assert_int_equal(when_local("Pacific/Apia", 2011, 12, 30, 12, 0), at);
	assert_int_equal(when_local("Pacific/Apia", 2011, 12, 29, 23, 59), at - 60);
	assert_int_equal(when_local("Pacific/Apia", 2011, 12, 31, 0, 0), at);
	/* Half an hour's change. */
	at = at_of("2026-10-03T15:30:00Z");
	assert_int_equal(when_local("Australia/Lord_Howe", 2026, 10, 4, 2, 15), at);
}

static void days_roll_over(void **state)
{
	(void)state;
	assert_int_equal(when_local("UTC", 2026, 11, 31, 0, 0), at_of("2026-12-01T00:00:00Z"));
	assert_int_equal(when_local("UTC", 2026, 12, 32, 6, 0), at_of("2027-01-01T06:00:00Z"));
}

static void zones_by_name(void **state)
{
	(void)state;
	assert_true(when_zone_exists("Pacific/Auckland"));
	assert_true(when_zone_exists("UTC"));
	assert_true(when_zone_exists("America/Argentina/Buenos_Aires"));
	assert_true(when_zone_exists("Etc/GMT+12"));
	static const char *const bad[] = {"", "Pacific", "Pacific/Atlantis", "pacific/auckland",
		"/etc/hostname", "../../../etc/hostname", "Pacific/../Pacific/Auckland",
		"Pacific//Auckland", "Pacific/Auckland/", "Pacific/Auckland ", "zone.tab",
		"tzdata.zi", "Pacific/Auckland\n", "right/Pacific/Auckland",
		"AaaaaaaaaaAaaaaaaaaaAaaaaaaaaaAaaaaaaaaaAaaaaaaaaaAaaaaaaaaaAaaaa"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (when_zone_exists(bad[i]))
			fail_msg("exists: %s", bad[i]);
		assert_int_equal(when_zone_offset(bad[i], 1795327200), 0);
	}
	assert_false(when_zone_exists(NULL));
}

static void the_process_zone_does_not_matter(void **state)
{
	struct arena *a = *state;
	assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
	tzset();
	assert_int_equal(at_of("2026-11-22T06:00:00Z"), 1795327200);
	assert_string_equal(when_show(a, "Pacific/Auckland", 1795327200), "22 Nov 2026, 19:00");
	assert_int_equal(
		when_local("Europe/London", 2026, 7, 1, 12, 0), at_of("2026-07-01T11:00:00Z"));
	assert_string_equal(getenv("TZ"), "America/New_York");
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

static void shows_moments(void **state)
{
	struct arena *a = *state;
	int64_t at = at_of("2026-11-21T17:12:59Z");
	assert_string_equal(when_show(a, "Pacific/Auckland", at), "22 Nov 2026, 06:12");
	assert_string_equal(when_show_time(a, "Pacific/Auckland", at), "06:12");
	assert_string_equal(when_show_date(a, "Pacific/Auckland", at), "22 Nov 2026");
	assert_string_equal(
		when_show_date(a, "UTC", at_of("2026-01-02T00:00:00Z")), "2 Jan 2026");
	assert_string_equal(when_show(a, "No/Where", at), "21 Nov 2026, 17:12");
	assert_string_equal(when_show(a, "UTC", 0), "");
	assert_string_equal(when_show_time(a, "UTC", 0), "");
	assert_string_equal(when_show_date(a, "UTC", 0), "");
	assert_string_equal(when_exact(a, "Pacific/Auckland", at + 9),
		"Sunday 22 Nov 2026, 06:13:08, Pacific/Auckland");
	assert_string_equal(
		when_exact(a, "No/Where", at), "Saturday 21 Nov 2026, 17:12:59, UTC");
	assert_string_equal(when_exact(a, "UTC", 0), "");
	struct when_date d = when_in_zone("Pacific/Auckland", at);
	assert_int_equal(d.weekday, 0);
	assert_int_equal(d.second, 59);
	assert_int_equal(when_in_zone("UTC", INT64_MAX).year, 9999);
	assert_int_equal(when_in_zone("Pacific/Auckland", INT64_MIN).year, 0);
}

static void says_how_long_ago(void **state)
{
	struct arena *a = *state;
	const char *zone = "Pacific/Auckland";
	int64_t now = at_of("2026-11-22T09:00:00+13:00");
	static const struct {
		int64_t seconds;
		const char *words;
	} cases[] = {{-50, "just now"}, {0, "just now"}, {59, "just now"}, {60, "1 minute ago"},
		{119, "1 minute ago"}, {300, "5 minutes ago"}, {3599, "59 minutes ago"},
		{3600, "1 hour ago"}, {3 * 3600, "3 hours ago"}, {86399, "23 hours ago"},
		{86400, "yesterday"}, {33 * 3600, "yesterday"}, {33 * 3600 + 1, "2 days ago"},
		{12 * 86400, "12 days ago"}, {30 * 86400, "30 days ago"},
		{31 * 86400, "22 Oct 2026"}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(
			when_ago(a, zone, now - cases[i].seconds, now), cases[i].words);
	assert_string_equal(when_ago(a, zone, 0, now), "");
}

static void counts_down(void **state)
{
	struct arena *a = *state;
	assert_string_equal(when_countdown(a, 252), "4:12");
	assert_string_equal(when_countdown(a, 59), "0:59");
	assert_string_equal(when_countdown(a, 0), "0:00");
	assert_string_equal(when_countdown(a, -7), "0:00");
	assert_string_equal(when_countdown(a, 3605), "1:00:05");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(parses_rfc3339),
		TEST(refuses_what_is_not_rfc3339),
		TEST(writes_rfc3339),
		TEST(http_dates_both_ways),
		TEST(offsets_change_to_the_second),
		TEST(a_skipped_hour_gives_the_first_moment_after),
		TEST(a_doubled_hour_gives_the_first_of_the_two),
		TEST(two_slots_a_day_all_year),
		TEST(a_day_that_never_was),
		TEST(days_roll_over),
		TEST(zones_by_name),
		TEST(the_process_zone_does_not_matter),
		TEST(shows_moments),
		TEST(says_how_long_ago),
		TEST(counts_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
