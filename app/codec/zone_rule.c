#include "codec/zone.h"

enum { DAY_S = 86400, HOUR_S = 3600, OFFSET_HOURS_MAX = 24, TIME_HOURS_MAX = 167 };

static const int64_t CALENDAR_S = INT64_C(146097) * DAY_S;

static bool take(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

static bool take_number(struct str *s, int max, int *n_r)
{
	int n = 0;
	size_t i = 0;
	while (i < s->n && i < 3 && s->p[i] >= '0' && s->p[i] <= '9')
		n = n * 10 + (s->p[i++] - '0');
	*s = str_sub(*s, i, s->n);
	*n_r = n;
	return i != 0 && n <= max;
}

static bool is_name_char(char c, bool quoted)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-');
}

/* Takes the name of a zone: NZST, or <+0330>. */
static bool take_name(struct str *s)
{
	bool quoted = take(s, '<');
	size_t n = 0;
	while (n < s->n && is_name_char(s->p[n], quoted))
		n++;
	*s = str_sub(*s, n, s->n);
	return n >= 3 && (!quoted || take(s, '>'));
}

/* Takes [+-]hh[:mm[:ss]]. */
static bool take_time(struct str *s, int hours_max, int *seconds_r)
{
	bool negative = take(s, '-');
	if (!negative)
		(void)take(s, '+');
	int hours, minutes = 0, seconds = 0;
	if (!take_number(s, hours_max, &hours))
		return false;
	if (take(s, ':')) {
		if (!take_number(s, 59, &minutes))
			return false;
		if (take(s, ':') && !take_number(s, 59, &seconds))
			return false;
	}
	int total = hours * HOUR_S + minutes * 60 + seconds;
	*seconds_r = negative ? -total : total;
	return true;
}

/* POSIX counts offsets west of Greenwich; we count east. */
static bool take_offset(struct str *s, int *offset_s_r)
{
	int west;
	if (!take_time(s, OFFSET_HOURS_MAX, &west))
		return false;
	*offset_s_r = -west;
	return true;
}

static bool take_day(struct str *s, struct zone_change *c)
{
	if (take(s, 'M')) {
		c->kind = ZONE_DAY_OF_WEEK;
		return take_number(s, 12, &c->month) && c->month >= 1 && take(s, '.') &&
		       take_number(s, 5, &c->week) && c->week >= 1 && take(s, '.') &&
		       take_number(s, 6, &c->day);
	}
	if (take(s, 'J')) {
		c->kind = ZONE_DAY_NO_LEAP;
		return take_number(s, 365, &c->day) && c->day >= 1;
	}
	c->kind = ZONE_DAY_OF_YEAR;
	return take_number(s, 365, &c->day);
}

static bool take_change(struct str *s, struct zone_change *c)
{
	*c = (struct zone_change){.at_s = 2 * HOUR_S};
	if (!take(s, ',') || !take_day(s, c))
		return false;
	return !take(s, '/') || take_time(s, TIME_HOURS_MAX, &c->at_s);
}

bool zone_rule_parse(struct str posix, struct zone_rule *rule_r)
{
	struct zone_rule r = {.known = true};
	struct str s = posix;
	if (!take_name(&s) || !take_offset(&s, &r.standard_s))
		return false;
	if (s.n != 0) {
		r.has_dst = true;
		r.dst_s = r.standard_s + HOUR_S;
		if (!take_name(&s))
			return false;
		if (s.n != 0 && s.p[0] != ',' && !take_offset(&s, &r.dst_s))
			return false;
		if (!take_change(&s, &r.start) || !take_change(&s, &r.end) || s.n != 0)
			return false;
	}
	*rule_r = r;
	return true;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* Days from 1970-01-01 to 1 January. */
static int64_t year_start(int64_t year)
{
	int64_t y = year - 1;
	return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) - 719162;
}

/* `local` is at least a day before 1970 and at most 400 years after; see zone_rule_offset. */
static int64_t year_of(int64_t local)
{
	int64_t days = floor_div(local, DAY_S);
	int64_t year = 1969 + days / 366;
	while (year_start(year + 1) <= days)
		year++;
	return year;
}

static int week_day(int64_t days)
{
	return (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* The day of the year, counted from 0. */
static int64_t day_of_week_in_month(int64_t year, const struct zone_change *c)
{
	static const int before[] = {
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int leap = is_leap(year);
	int first = before[c->month - 1] + (c->month > 2 ? leap : 0);
	int next = before[c->month] + (c->month > 1 ? leap : 0);
	int shift = (c->day - week_day(year_start(year) + first) + 7) % 7;
	int day = first + shift + (c->week - 1) * 7;
	return day < next ? day : day - 7;
}

/* The moment of the change in seconds since 1970, by the local clock before the change. */
static int64_t change_at(int64_t year, const struct zone_change *c)
{
	int64_t day = c->day;
	if (c->kind == ZONE_DAY_OF_WEEK)
		day = day_of_week_in_month(year, c);
	else if (c->kind == ZONE_DAY_NO_LEAP)
		day = c->day - 1 + (c->day >= 60 && is_leap(year));
	return (year_start(year) + day) * DAY_S + c->at_s;
}

int zone_rule_offset(const struct zone_rule *rule, int64_t at)
{
	if (!rule->has_dst)
		return rule->standard_s;
	/* The calendar repeats itself, week days included, every 400 years. */
	at = (at % CALENDAR_S + CALENDAR_S) % CALENDAR_S;
	int64_t year = year_of(at + rule->standard_s);
	int64_t start = change_at(year, &rule->start) - rule->standard_s;
	int64_t end = change_at(year, &rule->end) - rule->dst_s;
	bool dst = start < end ? at >= start && at < end : at >= start || at < end;
	return dst ? rule->dst_s : rule->standard_s;
}
