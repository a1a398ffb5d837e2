/*
 * Which mails a person may switch off, by the names of worker/mail.h, and when a summary of syncs is due.
 * A mail without a choice is one that a person needs to know of: it is about the safety of their account,
 * they asked for it themselves, or somebody has to act.
 */
#ifndef GAP_CORE_MAIL_CHOICE_H
#define GAP_CORE_MAIL_CHOICE_H

#include "base/str.h"

struct mail_choice {
	const char *what;  /* "sync_held"; a form's field is named so too */
	const char *label; /* what happens, as a person reads it */
};
enum { MAIL_CHOICES = 3 };
extern const struct mail_choice mail_choices[MAIL_CHOICES];

/* False: need-to-know, or no such mail. */
bool mail_is_choice(const char *what);

/* Does the list "a,b" switch it off? False for what is no choice, and for NULL. */
bool mail_is_off(const char *list, const char *what);

enum mail_digest { DIGEST_OFF, DIGEST_DAILY, DIGEST_WEEKLY, DIGEST__MAX };
const char *mail_digest_name(enum mail_digest d);     /* "off", "daily", "weekly" */
enum mail_digest mail_digest_parse(const char *name); /* unknown, NULL: off */

/*
 * The window of the summary that is due now: the moment it reaches up to, the last 7:00 of the person's
 * zone (of a Monday, if weekly), and where it begins: at most a day or a week before, never before
 * `since` (switched on) nor `until` (where the last one ended; 0: none). False: none is due.
 */
bool mail_digest_due(enum mail_digest d, const char *zone, int64_t since, int64_t until,
	int64_t now, int64_t *from_r, int64_t *to_r);

#endif
