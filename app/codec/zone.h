/*
 * One zone of the tz database: where its clocks stand against UTC at a moment.
 * Reads TZif files (RFC 8536; version 2 and above) under /usr/share/zoneinfo,
 * with the rule in their footer for the years behind the last listed change.
 * libc can do this only through TZ, which belongs to the whole process. The
 * last few zones are kept in a file-static table, since a page asks for every
 * row; a new tzdata is seen at the next start. For codec/when, which is what
 * everyone else includes.
 */
#ifndef GAP_CODEC_ZONE_H
#define GAP_CODEC_ZONE_H

#include "base/str.h"

enum { ZONE_NAME_MAX = 64, ZONE_CHANGES_MAX = 512, ZONE_TYPES_MAX = 32 };

/* One of the two yearly changes of a POSIX TZ rule: when, in seconds of local time. */
struct zone_change {
	enum { ZONE_DAY_NO_LEAP, ZONE_DAY_OF_YEAR, ZONE_DAY_OF_WEEK } kind; /* Jn, n, Mm.w.d */
	int day;	 /* 1-365, 0-365, or 0-6 (Sunday 0) */
	int month, week; /* Mm.w.d only: 1-12; 1-5, 5 = the last */
	int at_s;	 /* after that day's midnight; may be negative or pass a day */
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

/* Letters, digits, _ + - in parts divided by single '/'; at most ZONE_NAME_MAX bytes; NULL is not. */
bool zone_name_valid(const char *name);

/* Offset east of UTC in seconds. False when there is no such zone here. */
MUSTUSE bool zone_offset(const char *name, int64_t at, int *offset_s_r);

/* What the above is made of; for tests and fuzzing. */
MUSTUSE bool zone_parse(struct str tzif, struct zone *zone_r);
int zone_offset_in(const struct zone *z, int64_t at);

/* "NZST-12NZDT,M9.5.0,M4.1.0/3": POSIX TZ with the extensions of RFC 8536 section 3.3.1. */
MUSTUSE bool zone_rule_parse(struct str posix, struct zone_rule *rule_r);
int zone_rule_offset(const struct zone_rule *rule, int64_t at);

#endif
