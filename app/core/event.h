/* The events of the audit chain in words: one table, so that a log can be read by whoever answers for it. */
#ifndef GAP_CORE_EVENT_H
#define GAP_CORE_EVENT_H

#include "base/base.h"

/* "Logged in with a code"; the event's own name where the table lacks it. */
const char *event_text(const char *event);
bool event_is_known(const char *event);

/* Groups to filter by, as patterns of SQL's LIKE with blanks between. */
enum event_group {
	EVENT_ALL,
	EVENT_SIGN_IN,
	EVENT_CONNECTION,
	EVENT_SYNCS,
	EVENT_PEOPLE,
	EVENT_CLIENTS,
	EVENT_TROUBLE, /* whatever was refused or failed */
	EVENT_GROUP__MAX
};
extern const char
	*const event_group_names[EVENT_GROUP__MAX + 1]; /* "", "sign-in", ...; NULL last */
const char *event_group_text(enum event_group g);
const char *event_group_patterns(enum event_group g);

#endif
