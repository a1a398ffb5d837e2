/*
 * The events of the audit chain in words, in one table, so that the admins who read the chain
 * understand it.
 */
#ifndef GAP_CORE_EVENT_H
#define GAP_CORE_EVENT_H

#include "base/base.h"

/* "Logged in with a code"; for an event that is not in the table, its own name. */
const char *event_text(const char *event);
bool event_is_known(const char *event);

/*
 * Groups for the filter of the page. A group is a list of LIKE patterns with blanks between
 * them.
 */
enum event_group {
	EVENT_ALL,
	EVENT_SIGN_IN,
	EVENT_CONNECTION,
	EVENT_SYNCS,
	EVENT_PEOPLE,
	EVENT_CLIENTS,
	EVENT_TROUBLE, /* everything that was refused or failed */
	EVENT_GROUP__MAX
};
extern const char
	*const event_group_names[EVENT_GROUP__MAX + 1]; /* "", "sign-in", ...; NULL last */
const char *event_group_text(enum event_group g);
const char *event_group_patterns(enum event_group g);

#endif
