#include "core/mail_choice.h"

#include "codec/when.h"

#include <string.h>

enum { DIGEST_HOUR = 7, MONDAY = 1 };

const struct mail_choice mail_choices[MAIL_CHOICES] = {
	{"sync_failing", "Three syncs in a row did not finish"},
	{"sync_healed", "Syncing works again after that"},
	{"sync_held", "A sync is paused until an admin reviews its changes"},
};

static const char *const digests[DIGEST__MAX] = {"off", "daily", "weekly"};

bool mail_is_choice(const char *what)
{
	for (size_t i = 0; i < MAIL_CHOICES; i++)
		if (what != NULL && strcmp(mail_choices[i].what, what) == 0)
			return true;
	return false;
}

bool mail_is_off(const char *list, const char *what)
{
	struct str rest = str_of(list), piece;
	while (str_next(&rest, ',', &piece))
		if (str_is(piece, what))
			return mail_is_choice(what);
	return false;
}

const char *mail_digest_name(enum mail_digest d)
{
	return digests[d];
}

enum mail_digest mail_digest_parse(const char *name)
{
	for (int i = 0; i < DIGEST__MAX; i++)
		if (name != NULL && strcmp(digests[i], name) == 0)
			return (enum mail_digest)i;
	return DIGEST_OFF;
}

/* The moment of DIGEST_HOUR, `days` days before today, by the calendar of the zone. */
static int64_t morning(const char *zone, int64_t now, int days)
{
	struct when_date d = when_in_zone(zone, now - (int64_t)days * 24 * 3600);
	return when_local(zone, d.year, d.month, d.day, DIGEST_HOUR, 0);
}

bool mail_digest_due(enum mail_digest d, const char *zone, int64_t since, int64_t until,
	int64_t now, int64_t *from_r, int64_t *to_r)
{
	int step = d == DIGEST_WEEKLY ? 7 : 1;
	if (d == DIGEST_OFF)
		return false;
	int back = d == DIGEST_WEEKLY ? (when_in_zone(zone, now).weekday + 7 - MONDAY) % 7 : 0;
	int64_t to = morning(zone, now, back);
	if (to > now)
		to = morning(zone, now, back + step);
	int64_t from = morning(zone, to, step);
	if (from < since)
		from = since;
	if (from < until)
		from = until;
	*from_r = from;
	*to_r = to;
	return from < to;
}
