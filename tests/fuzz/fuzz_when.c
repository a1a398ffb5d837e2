/* Dates: what parses prints to what parses alike; zone files and rules of any bytes are safe to ask. */
#include "codec/when.h"
#include "codec/zone.h"
#include "fuzz/fuzz.h"

static void check_dates(struct arena *a, struct str text)
{
	int64_t at, again;
	if (when_parse(text, &at))
		must(when_parse(str_of(when_rfc3339(a, at)), &again) && again == at);
	if (when_parse_http(text, &at))
		must(str_is(text, when_http(a, at)));
}

static void check_moment(struct arena *a, struct str text)
{
	int64_t at;
	if (text.n < sizeof at)
		return;
	memcpy(&at, text.p, sizeof at);
	(void)when_show(a, "Pacific/Auckland", at);
	(void)when_ago(a, "Europe/London", at, 1795327200);
	(void)when_countdown(a, at);
	int64_t year_9999 = INT64_C(253370764800);
	if (at < 0 || at > year_9999)
		return;
	int64_t minute = at - at % 60;
	struct when_date d = when_in_zone("Australia/Sydney", minute);
	int64_t back = when_local("Australia/Sydney", d.year, d.month, d.day, d.hour, d.minute);
	must(back == minute || back == minute - 3600); /* the first of two */
}

static void check_zone(struct str text)
{
	static const int64_t moments[] = {INT64_MIN, -1, 0, 1795327200, INT64_MAX};
	static struct zone z;
	struct zone_rule rule;
	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		if (zone_parse(text, &z))
			must(abs(zone_offset_in(&z, moments[i])) <= 26 * 3600);
		if (zone_rule_parse(text, &rule))
			must(abs(zone_rule_offset(&rule, moments[i])) <= 26 * 3600);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct arena *a = arena_new();
	check_dates(a, text);
	check_moment(a, text);
	check_zone(text);
	(void)when_zone_exists(str_has(text, '\0') ? "" : str_dup(a, text));
	arena_free(&a);
	return 0;
}
