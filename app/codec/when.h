/*
 * Dates: RFC 3339, HTTP dates (RFC 9110 section 5.6.7) and Xero's timestamps without a zone,
 * read and written; and local time in a named zone. codec/zone reads the tz database; the TZ of
 * the process is never changed. A moment (`at`) is in UTC seconds.
 *
 * Dates are in the years 0 to 9999. A moment outside counts as the nearest end of that range,
 * so no moment can break a page.
 */
#ifndef GAP_CODEC_WHEN_H
#define GAP_CODEC_WHEN_H

#include "base/err.h"
#include "base/str.h"

/*
 * Reads 2026-11-22T06:00:00Z. A fraction of up to 9 digits is accepted and dropped. The end is
 * an offset, Z, or nothing (= UTC). T and Z may be lower case. A leap second (:60) is refused.
 */
MUSTUSE bool when_parse(struct str s, int64_t *at_r);
char *when_rfc3339(struct arena *a, int64_t at);

/*
 * Reads "Sun, 06 Nov 1994 08:49:37 GMT". Refuses the two obsolete forms and a wrong name of the
 * day.
 */
MUSTUSE bool when_parse_http(struct str s, int64_t *at_r);
char *when_http(struct arena *a, int64_t at);

/* Does the tz database of this machine have the zone ("Pacific/Auckland")? */
bool when_zone_exists(const char *zone);

/* Offset east of UTC in seconds at that moment. Unknown zone: UTC. */
int when_zone_offset(const char *zone, int64_t at);

/*
 * The moment at which a clock in `zone` shows year-month-day hour:minute. In the hour that is
 * skipped in spring: the first moment after it. In the hour that comes twice: the first of the
 * two. A field may exceed its range and rolls over: 31 November is 1 December, so days can be
 * added to `day`.
 */
int64_t when_local(const char *zone, int year, int month, int day, int hour, int minute);

struct when_date {
	int year, month, day, hour, minute, second, weekday; /* month 1-12, Sunday 0 */
};
struct when_date when_in_zone(const char *zone, int64_t at);

/* "22 Nov 2026, 06:12", "06:12", "22 Nov 2026" in the zone. at 0: "". */
char *when_show(struct arena *a, const char *zone, int64_t at);
char *when_show_time(struct arena *a, const char *zone, int64_t at);
char *when_show_date(struct arena *a, const char *zone, int64_t at);

/* The full form, "Sunday 22 Nov 2026, 06:12:09, Pacific/Auckland". at 0: "". */
char *when_exact(struct arena *a, const char *zone, int64_t at);

/*
 * How long ago: "just now" (under a minute, or in the future), "5 minutes ago", "3 hours ago";
 * then, by the calendar of the zone, "yesterday", "12 days ago" (up to 30), else the date. at
 * 0: "".
 */
char *when_ago(struct arena *a, const char *zone, int64_t at, int64_t now);

/*
 * A number of seconds as a clock: 252 gives "4:12", 3605 gives "1:00:05", 0 and less give
 * "0:00".
 */
char *when_countdown(struct arena *a, int64_t seconds);

#endif
