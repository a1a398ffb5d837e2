/*
 * Dates: RFC 3339 in and out, HTTP dates (RFC 9110 section 5.6.7), Xero's zone-less
 * timestamps, and local time in a named zone (tz database, read by codec/zone: the
 * process's TZ is never touched).
 *
 * Dates are those of the years 0 to 9999; a moment outside is taken as the nearest
 * end of them, so no moment can break a page.
 */
#ifndef GAP_CODEC_WHEN_H
#define GAP_CODEC_WHEN_H

#include "base/err.h"
#include "base/str.h"

/*
 * 2026-11-22T06:00:00Z; a fraction of up to 9 digits is accepted and dropped; offset or Z or
 * nothing (= UTC). T and Z may be lower case. A leap second (:60) is refused.
 */
MUSTUSE bool when_parse(struct str s, int64_t *at_r);
char *when_rfc3339(struct arena *a, int64_t at);

/* Sun, 06 Nov 1994 08:49:37 GMT. The two obsolete forms are refused, a wrong day name too. */
MUSTUSE bool when_parse_http(struct str s, int64_t *at_r);
char *when_http(struct arena *a, int64_t at);

/* A zone of the tz database ("Pacific/Auckland"): does it exist here? */
bool when_zone_exists(const char *zone);

/* Offset east of UTC in seconds at that moment. Unknown zone: UTC. */
int when_zone_offset(const char *zone, int64_t at);

/*
 * The moment a wall clock in `zone` shows year-month-day hour:minute. In the
 * hour skipped by a spring change: the first moment after it. In the hour that
 * happens twice: the first of the two. A field past its end rolls over: 31
 * November is 1 December, so a day may be counted on by adding to `day`.
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

/* "Sunday 22 Nov 2026, 06:12:09, Pacific/Auckland": nothing left to ask. at 0: "". */
char *when_exact(struct arena *a, const char *zone, int64_t at);

/*
 * "just now" (less than a minute, or in the future), "5 minutes ago", "3 hours ago", then by the
 * zone's calendar "yesterday", "12 days ago" (up to 30), else the date. at 0: "".
 */
char *when_ago(struct arena *a, const char *zone, int64_t at, int64_t now);

/* "4:12" of 252 seconds, "1:00:05" of 3605, "0:00" of none and less. */
char *when_countdown(struct arena *a, int64_t seconds);

#endif
