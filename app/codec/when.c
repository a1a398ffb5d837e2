#include "codec/when.h"

#include "codec/zone.h"

static const int64_t DAY_S = 86400, HOUR_S = 3600;
static const int64_t FIRST_AT = INT64_C(-62167219200); /* 0000-01-01T00:00:00Z */
static const int64_t LAST_AT = INT64_C(253402300799);  /* 9999-12-31T23:59:59Z */

static const char *const month_names[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

static int64_t clamp(int64_t at)
{
	return at < FIRST_AT ? FIRST_AT : at > LAST_AT ? LAST_AT : at;
}

static struct when_date date_of(int64_t at)
{
	time_t t = clamp(at);
	struct tm tm;
	if (gmtime_r(&t, &tm) == NULL)
		bug("gmtime_r of %lld", (long long)t);
	return (struct when_date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, tm.tm_wday};
}

/* Fields that exceed their range roll over. timegm uses no zone. */
static int64_t moment_of(const struct when_date *d)
{
	struct tm tm = {
		.tm_year = d->year - 1900,
		.tm_mon = d->month - 1,
		.tm_mday = d->day,
		.tm_hour = d->hour,
		.tm_min = d->minute,
		.tm_sec = d->second,
	};
	return clamp(timegm(&tm));
}

static bool is_real(const struct when_date *d)
{
	if (d->month < 1 || d->month > 12 || d->day < 1 || d->hour > 23 || d->minute > 59 ||
		d->second > 59)
		return false;
	return date_of(moment_of(d)).day == d->day;
}

static bool take(struct str *s, const char *one_of, char *c_r)
{
	if (s->n == 0 || s->p[0] == '\0' || strchr(one_of, s->p[0]) == NULL)
		return false;
	if (c_r != NULL)
		*c_r = s->p[0];
	*s = str_sub(*s, 1, s->n);
	return true;
}

static bool take_digits(struct str *s, size_t n, int *n_r)
{
	if (s->n < n)
		return false;
	*n_r = 0;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*n_r = *n_r * 10 + (s->p[i] - '0');
	}
	*s = str_sub(*s, n, s->n);
	return true;
}

static bool take_clock(struct str *s, struct when_date *d)
{
	return take_digits(s, 2, &d->hour) && take(s, ":", NULL) &&
	       take_digits(s, 2, &d->minute) && take(s, ":", NULL) &&
	       take_digits(s, 2, &d->second);
}

static bool take_fraction(struct str *s)
{
	if (!take(s, ".", NULL))
		return true;
	int digits = 0;
	while (take(s, "0123456789", NULL))
		digits++;
	return digits >= 1 && digits <= 9;
}

static bool take_offset(struct str *s, int64_t *offset_s_r)
{
	char sign;
	int hours, minutes;
	*offset_s_r = 0;
	if (s->n == 0 || take(s, "Zz", NULL))
		return true;
	if (!take(s, "+-", &sign) || !take_digits(s, 2, &hours) || !take(s, ":", NULL) ||
		!take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	int64_t offset = hours * HOUR_S + minutes * 60;
	*offset_s_r = sign == '-' ? -offset : offset;
	return true;
}

bool when_parse(struct str s, int64_t *at_r)
{
	struct when_date d = {0};
	int64_t offset;
	if (!take_digits(&s, 4, &d.year) || !take(&s, "-", NULL) ||
		!take_digits(&s, 2, &d.month) || !take(&s, "-", NULL) ||
		!take_digits(&s, 2, &d.day) || !take(&s, "Tt", NULL) || !take_clock(&s, &d))
		return false;
	if (!take_fraction(&s) || !take_offset(&s, &offset) || s.n != 0 || !is_real(&d))
		return false;
	*at_r = clamp(moment_of(&d) - offset);
	return true;
}

char *when_rfc3339(struct arena *a, int64_t at)
{
	struct when_date d = date_of(at);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, d.hour,
		d.minute, d.second);
}

/* Takes one of `names`, which have three letters each; *index_r is its index. */
static bool take_name(struct str *s, const char *const *names, int count, int *index_r)
{
	struct str word = str_sub(*s, 0, 3);
	for (int i = 0; i < count; i++)
		if (str_is(word, names[i])) {
			*index_r = i;
			*s = str_sub(*s, 3, s->n);
			return true;
		}
	return false;
}

static bool take_word(struct str *s, const char *word)
{
	if (!str_starts(*s, word))
		return false;
	*s = str_sub(*s, strlen(word), s->n);
	return true;
}

bool when_parse_http(struct str s, int64_t *at_r)
{
	struct when_date d = {0};
	int month;
	if (!take_name(&s, day_names, 7, &d.weekday) || !take_word(&s, ", ") ||
		!take_digits(&s, 2, &d.day) || !take_word(&s, " ") ||
		!take_name(&s, month_names, 12, &month) || !take_word(&s, " ") ||
		!take_digits(&s, 4, &d.year) || !take_word(&s, " ") || !take_clock(&s, &d) ||
		!str_is(s, " GMT"))
		return false;
	d.month = month + 1;
	if (!is_real(&d) || date_of(moment_of(&d)).weekday != d.weekday)
		return false;
	*at_r = moment_of(&d);
	return true;
}

char *when_http(struct arena *a, int64_t at)
{
	struct when_date d = date_of(at);
	return arena_printf(a, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[d.weekday],
		d.day, month_names[d.month - 1], d.year, d.hour, d.minute, d.second);
}

bool when_zone_exists(const char *zone)
{
	int offset;
	return zone_offset(zone, 0, &offset);
}

int when_zone_offset(const char *zone, int64_t at)
{
	int offset;
	return zone_offset(zone, clamp(at), &offset) ? offset : 0;
}

/* The first moment in (from, to] whose offset differs from that of `from`. */
static int64_t change_between(const char *zone, int64_t from, int64_t to)
{
	int before = when_zone_offset(zone, from);
	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;
		if (when_zone_offset(zone, middle) == before)
			from = middle;
		else
			to = middle;
	}
	return to;
}

int64_t when_local(const char *zone, int year, int month, int day, int hour, int minute)
{
	struct when_date d = {year, month, day, hour, minute, 0, 0};
	int64_t wall = moment_of(&d); /* as if the wall clock showed UTC */
	int before = when_zone_offset(zone, wall - DAY_S);
	int after = when_zone_offset(zone, wall + DAY_S);
	int64_t early = wall - (before > after ? before : after);
	int64_t late = wall - (before > after ? after : before);
	if (early + when_zone_offset(zone, early) == wall)
		return early;
	if (late + when_zone_offset(zone, late) == wall)
		return late;
	return change_between(zone, early, late); /* the clock never shows this time */
}

struct when_date when_in_zone(const char *zone, int64_t at)
{
	return date_of(clamp(at) + when_zone_offset(zone, at));
}

char *when_show(struct arena *a, const char *zone, int64_t at)
{
	if (at == 0)
		return arena_strdup(a, "");
	struct when_date d = when_in_zone(zone, at);
	return arena_printf(a, "%d %s %d, %02d:%02d", d.day, month_names[d.month - 1], d.year,
		d.hour, d.minute);
}

char *when_show_time(struct arena *a, const char *zone, int64_t at)
{
	if (at == 0)
		return arena_strdup(a, "");
	struct when_date d = when_in_zone(zone, at);
	return arena_printf(a, "%02d:%02d", d.hour, d.minute);
}

char *when_show_date(struct arena *a, const char *zone, int64_t at)
{
	if (at == 0)
		return arena_strdup(a, "");
	struct when_date d = when_in_zone(zone, at);
	return arena_printf(a, "%d %s %d", d.day, month_names[d.month - 1], d.year);
}

char *when_exact(struct arena *a, const char *zone, int64_t at)
{
	static const char *const days[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	if (at == 0)
		return arena_strdup(a, "");
	struct when_date d = when_in_zone(zone, at);
	return arena_printf(a, "%s %d %s %d, %02d:%02d:%02d, %s", days[d.weekday], d.day,
		month_names[d.month - 1], d.year, d.hour, d.minute, d.second,
		when_zone_exists(zone) ? zone : "UTC");
}

static int64_t days_between(const char *zone, int64_t at, int64_t now)
{
	struct when_date from = when_in_zone(zone, at), to = when_in_zone(zone, now);
	from.hour = from.minute = from.second = 0;
	to.hour = to.minute = to.second = 0;
	return (moment_of(&to) - moment_of(&from)) / DAY_S;
}

static char *count_ago(struct arena *a, int64_t n, const char *unit)
{
	return arena_printf(a, "%lld %s%s ago", (long long)n, unit, n == 1 ? "" : "s");
}

char *when_ago(struct arena *a, const char *zone, int64_t at, int64_t now)
{
	enum { DAYS_MAX = 30 };
	if (at == 0)
		return arena_strdup(a, "");
	int64_t passed = clamp(now) - clamp(at);
	if (passed < 60)
		return arena_strdup(a, "just now");
	if (passed < HOUR_S)
		return count_ago(a, passed / 60, "minute");
	if (passed < DAY_S)
		return count_ago(a, passed / HOUR_S, "hour");
	int64_t days = days_between(zone, at, now);
	if (days <= 1)
		return arena_strdup(a, "yesterday");
	return days <= DAYS_MAX ? count_ago(a, days, "day") : when_show_date(a, zone, at);
}

char *when_countdown(struct arena *a, int64_t seconds)
{
	int64_t left = seconds < 0 ? 0 : seconds;
	long long hours = left / HOUR_S, minutes = left % HOUR_S / 60, rest = left % 60;
	if (hours == 0)
		return arena_printf(a, "%lld:%02lld", minutes, rest);
	return arena_printf(a, "%lld:%02lld:%02lld", hours, minutes, rest);
}
