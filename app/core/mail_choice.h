/*
 * Which mails a person may switch off (the names are those of worker/mail.h), and when a
 * summary of syncs is due. A mail without a choice is one that the person needs: it concerns
 * the safety of their account, they asked for it themselves, or somebody has to act.
 */
#ifndef GAP_CORE_MAIL_CHOICE_H
#define GAP_CORE_MAIL_CHOICE_H

#include "base/str.h"

struct mail_choice {
	const char *what;  /* "sync_held"; also the name of the form field */
	const char *label; /* what happens, as a person reads it */
};
enum { MAIL_CHOICES = 3 };
extern const struct mail_choice mail_choices[MAIL_CHOICES];

/* May a person switch off the mail `what`? False also when there is no such mail. */
bool mail_is_choice(const char *what);

/*
 * Does the list `list` ("a,b", or NULL) switch off `what`? False for a mail without a choice.
 */
bool mail_is_off(const char *list, const char *what);

enum mail_digest { DIGEST_OFF, DIGEST_DAILY, DIGEST_WEEKLY, DIGEST__MAX };
const char *mail_digest_name(enum mail_digest d);     /* "off", "daily", "weekly" */
enum mail_digest mail_digest_parse(const char *name); /* unknown, NULL: off */

/*
 * The period that the summary due now covers. *to_r: its end, the last 7:00 in the person's
 * zone (weekly: the last Monday 7:00). *from_r: its start, a day or a week earlier, but not
 * before `since` (when it was switched on) nor before `until` (the end of the last summary; 0:
 * none). False: none is due. Times are UTC seconds.
 */
bool mail_digest_due(enum mail_digest d, const char *zone, int64_t since, int64_t until,
	int64_t now, int64_t *from_r, int64_t *to_r);

#endif
