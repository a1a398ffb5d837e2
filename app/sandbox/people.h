/*
 * Who can log in at this Xero: three people, told apart by their part in the
 * practice. They share the e-mail address and password of GAP_SANDBOX_LOGIN_FILE,
 * and the log-in page asks who of them it is. Each is a Xero user with an id,
 * consents, connections and tokens of its own.
 */
#ifndef GAP_SANDBOX_PEOPLE_H
#define GAP_SANDBOX_PEOPLE_H

#include "base/err.h"

struct page;

enum person_no {
	PERSON_OWNER, /* whom the log-in page has chosen already */
	PERSON_MANAGER,
	PERSON_OUTSIDER, /* has a Xero log-in, and no practice to connect */
	PERSON__MAX
};

/* "owner", ... NULL-ended, in the order of the enum: in forms, state and database. */
extern const char *const person_names[PERSON__MAX + 1];

struct person {
	enum person_no no;
	const char *label; /* "Practice owner" */
	const char *email;
	const char *xero_userid; /* of the e-mail address, always the same one */
	bool sees_practices;
	bool is_off; /* has left: cannot log in, and no token of theirs is worth anything */
};

struct people {
	struct person of[PERSON__MAX];
	const char *email, *password; /* what the log-in page takes, whoever it is */
};

/* Reads the log-in file and who is switched off; all on the page's arena. ERR_CONFIG names what the file lacks. */
MUSTUSE bool people_load(struct page *p, struct people *people_r, struct err *e);

/* Whom a name of person_names means; PERSON__MAX when it is none of them. */
enum person_no person_named(const char *name);

/*
 * Off: the log-in, every consent and every connection of that person end; nobody else's.
 * On: the person may log in again, and has to consent anew.
 */
MUSTUSE bool person_switch(struct page *p, const struct person *who, bool off, struct err *e);

#endif
