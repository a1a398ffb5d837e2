/*
 * "Since you last looked": what changed in the client list since the user's mark. Left out are
 * the user's own changes, and clients that were archived when a sync first stored them and
 * still are.
 *
 * The mark moves by itself. When a visit begins four hours or more after the last look, the
 * mark moves to that last look; within a visit it stays, so that news does not vanish while it
 * is read. look_seen moves the mark to now.
 */
#ifndef GAP_STORE_LOOK_H
#define GAP_STORE_LOOK_H

#include "store/sessions.h"

enum { LOOK_CHANGES_MAX = 2000, LOOK_NAMES = 3, LOOK_FIX_MAX = 1000 };

struct look_news {
	int64_t mark; /* 0: first visit, so nothing is news */
	/*
	 * Numbers of clients. Each client counts in one of the first four; `people`: how many,
	 * without `added`, have changed contacts.
	 */
	int64_t added, changed, archived, restored, people;
	bool more; /* only the newest LOOK_CHANGES_MAX changes were read */
	struct {
		const char *name; /* NULL: unused */
		int64_t client_id;
	} top[LOOK_NAMES];
	int64_t to_fix; /* open lines under "Fix in XPM", counted up to LOOK_FIX_MAX */
};
/*
 * Returns the stored news (who->news) while it is valid, without a query. Else reads the news
 * in one statement, stores it for the next request, and records the look, at most once in five
 * minutes.
 */
MUSTUSE bool look_news(struct pg *db, struct arena *a, const struct who *who,
	struct look_news *n_r, struct err *e);
MUSTUSE bool look_seen(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);

#endif
