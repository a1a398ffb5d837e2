/*
 * The offset of a zone of the tz database from UTC at a moment. Reads TZif files (RFC 8536;
 * version 2 and above) under /usr/share/zoneinfo; for years after the last listed change it
 * uses the rule in the footer. libc can do this only through TZ, which belongs to the whole
 * process. A page asks once per row, so the last few zones are cached in a static table; a new
 * tzdata is used after a restart. Only codec/when includes this; others include codec/when.
 */
#ifndef GAP_CODEC_ZONE_H
#define GAP_CODEC_ZONE_H

#include "base/str.h"

enum { ZONE_NAME_MAX = 64, ZONE_CHANGES_MAX = 512, ZONE_TYPES_MAX = 32 };

/* One of the two yearly changes in a POSIX TZ rule, in local time. */
struct zone_change {
	enum { ZONE_DAY_NO_LEAP, ZONE_DAY_OF_YEAR, ZONE_DAY_OF_WEEK } kind; /* Jn, n, Mm.w.d */
	int day;	 /* 1-365, 0-365, or 0-6 (Sunday 0) */
	int month, week; /* Mm.w.d only: 1-12; 1-5, 5 = the last */
	int at_s;	 /* seconds after midnight of that day; may be negative or over a day */
};

struct zone_rule {
	bool known, has_dst;
	int standard_s, dst_s; /* offsets east of UTC */
	struct zone_change start, end;
};

struct zone {
	size_t changes;
	int64_t at[ZONE_CHANGES_MAX];	    /* ascending */
	unsigned char to[ZONE_CHANGES_MAX]; /* the type from at[i] on */
	int offset_s[ZONE_TYPES_MAX];	    /* of each type; 0 holds before at[0] */
	struct zone_rule rule;
};

/*
 * Is it a well-formed name? Letters, digits, _ + -, in parts with a single '/' between; at most
 * ZONE_NAME_MAX bytes; not NULL.
 */
bool zone_name_valid(const char *name);

/* The offset east of UTC in seconds. False when this machine does not have the zone. */
MUSTUSE bool zone_offset(const char *name, int64_t at, int *offset_s_r);

/* The steps of zone_offset, for tests and fuzzing. */
MUSTUSE bool zone_parse(struct str tzif, struct zone *zone_r);
int zone_offset_in(const struct zone *z, int64_t at);

/* "NZST-12NZDT,M9.5.0,M4.1.0/3": POSIX TZ with the extensions of RFC 8536 section 3.3.1. */
MUSTUSE bool zone_rule_parse(struct str posix, struct zone_rule *rule_r);
int zone_rule_offset(const struct zone_rule *rule, int64_t at);

#endif
