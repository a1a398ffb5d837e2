/*
 * The people who can log in at this Xero: three, with different roles in the practice. They
 * share the e-mail address and password of GAP_SANDBOX_LOGIN_FILE, and the log-in page asks
 * which of them it is. Each is a Xero user with an id, consents, connections and tokens of its
 * own.
 */
#ifndef GAP_SANDBOX_PEOPLE_H
#define GAP_SANDBOX_PEOPLE_H

#include "base/err.h"

struct page;

enum person_no {
	PERSON_OWNER, /* preselected on the log-in page */
	PERSON_MANAGER,
	PERSON_OUTSIDER, /* has a Xero log-in but no practice to connect */
	PERSON__MAX
};

/*
 * The names "owner", ... in the order of the enum, NULL-ended. Used in forms, state and
 * database.
 */
extern const char *const person_names[PERSON__MAX + 1];

struct person {
	enum person_no no;
	const char *label; /* "Practice owner" */
	const char *email;
	const char *xero_userid; /* derived from the e-mail address, always the same */
	bool sees_practices;
	bool is_off; /* switched off: cannot log in, and all tokens are refused */
};

struct people {
	struct person of[PERSON__MAX];
	const char *email, *password; /* what the log-in page accepts for all of them */
};

/*
 * Reads the log-in file and who is switched off, onto the page's arena. ERR_CONFIG names what
 * the file lacks.
 */
MUSTUSE bool people_load(struct page *p, struct people *people_r, struct err *e);

/* The person with that name in person_names; PERSON__MAX when there is none. */
enum person_no person_named(const char *name);

/*
 * off: ends the log-in, every consent and every connection of that person, and of nobody else.
 * Not off: the person may log in again and has to consent again.
 */
MUSTUSE bool person_switch(struct page *p, const struct person *who, bool off, struct err *e);

#endif
