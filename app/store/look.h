/*
 * Since you last looked: what changed in the client list since a person's mark, without what they did
 * themselves; a client that came archived, and still is, is no news either. The mark moves by itself: a visit that begins four hours or more after the last look moves it to
 * that look; within a visit it stays, so that news does not vanish while it is read. "Seen" moves it to now.
 */
#ifndef GAP_STORE_LOOK_H
#define GAP_STORE_LOOK_H

#include "store/sessions.h"

enum { LOOK_CHANGES_MAX = 2000, LOOK_NAMES = 3, LOOK_FIX_MAX = 1000 };

struct look_news {
	int64_t mark; /* 0: a first visit, so nothing is news */
	/* Clients, each in one of the four; `people`: with contacts changed, among the others. */
	int64_t added, changed, archived, restored, people;
	bool more; /* only the newest LOOK_CHANGES_MAX changes were read */
	struct {
		const char *name; /* NULL: no more */
		int64_t client_id;
	} top[LOOK_NAMES];
	int64_t to_fix; /* open entries under Fix in XPM; LOOK_FIX_MAX: that or more */
};
/*
 * What was told last, while that holds (who->news): costs nothing. Else reads it, in one statement, and keeps it for
 * the next; and notes the look, at most once in five minutes.
 */
MUSTUSE bool look_news(struct pg *db, struct arena *a, const struct who *who,
	struct look_news *n_r, struct err *e);
MUSTUSE bool look_seen(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

#endif
