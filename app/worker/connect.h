/*
 * From a code to a connected practice; inside worker/ only. job_connect.c
 * exchanges and checks, connect_pick.c finds the practice, connect_take.c
 * writes the result, job_choose.c goes on where an admin had to choose.
 *
 *  1 the code cannot be exchanged, the ID token does not fit   connect_refuse
 *  2 fewer scopes than asked                                   connect_refuse, CAUSE_SCOPES
 *  3 no practice                                               connect_refuse, what this consent added goes
 *  4 the practice is another organisation's                    connect_refuse, CAUSE_PRACTICE_TAKEN
 *  5 one practice, the same as before or the first ever        connect_take
 *  6 one practice, another than before (rule D7)               connect_offer it alone, preselected, CAUSE_OTHER_PRACTICE
 *  7 several                                                   connect_offer them; 4, 5, 6 for the chosen one
 *
 * A refusal leaves what was there before: a live connection goes on, a broken one stays broken.
 */
#ifndef GAP_WORKER_CONNECT_H
#define GAP_WORKER_CONNECT_H

#include "store/exchange.h"
#include "store/work.h"
#include "worker/tokens.h"
#include "worker/worker.h"

struct connect {
	struct worker *w;
	int64_t org_id, attempt_id, user_id, grant_id;
	struct work_connection conn; /* as it is; its state says connecting */
	const char *came_from;	     /* the state before this attempt; NULL: not told */
	const struct secret *access;
	const char *auth_event; /* of this consent; NULL: not told */
	bool preview;		/* nothing is imported before an admin says so (rulings 23) */
};

/* Which consent an access token comes from; NULL: it does not say. */
const char *connect_event(struct worker *w, const struct secret *access);

/*
 * Exchanges the code, checks who signed in, and keeps the tokens: grant_id, access, auth_event of *c.
 * *cause_r other than NONE: refused, and *e says why. False: to be tried again.
 */
MUSTUSE bool connect_sign_in(struct connect *c, const struct exchange *x,
	enum connection_cause *cause_r, struct err *e);

/*
 * What /connections lists. Unless Xero refuses, it is asked a second time, when Xero says or after a pause, since the
 * answer decides what becomes of the consent. False: *cause_r says why, CAUSE_SCOPES or CAUSE_XERO_DOWN; it is logged.
 */
MUSTUSE bool connect_list(struct connect *c, const struct xero_tenant **rows_r, size_t *n_r,
	enum connection_cause *cause_r);

/* Ends the attempt with a cause; the connection becomes what it was. */
MUSTUSE bool connect_refuse(struct connect *c, enum connection_cause cause, struct err *e);
/* Removes at Xero what this consent added and no organisation uses; forgets an unused grant. Best effort. */
void connect_undo(struct connect *c);

/* Cases 3 to 7, from what /connections lists. */
MUSTUSE bool connect_pick(struct connect *c, struct err *e);
/* Cases 4 to 6 for one of them; `confirmed`: an admin said yes to another practice. */
MUSTUSE bool connect_one(
	struct connect *c, const struct practice *p, bool confirmed, struct err *e);
MUSTUSE bool connect_offer(struct connect *c, const struct practice *p, size_t n,
	enum connection_cause cause, struct err *e);
MUSTUSE bool connect_take(struct connect *c, const struct practice *p, struct err *e);

#endif
