/*
 * From an authorization code to a connected practice; for worker/ only. job_connect.c exchanges
 * the code and checks the answer, connect_pick.c finds the practice, connect_take.c stores the
 * result, job_choose.c continues after an admin has chosen.
 *
 *  1 the code cannot be exchanged, or the ID token is invalid   connect_refuse
 *  2 fewer scopes than asked for                                connect_refuse, CAUSE_SCOPES
 *  3 no practice                                                connect_refuse, connect_undo
 *  4 another organisation has the practice                      connect_refuse, CAUSE_PRACTICE_TAKEN
 *  5 one practice, the same as before or the first ever         connect_take
 *  6 one practice, but another than before                      connect_offer, CAUSE_OTHER_PRACTICE
 *  7 several practices                                          connect_offer; then 4, 5 or 6
 *
 * In case 6 an admin must confirm on a page that names both practices. A refusal leaves the
 * connection as it was: a live one stays live, a broken one stays broken.
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
	struct work_connection conn; /* as stored; its state is "connecting" */
	const char *came_from;	     /* the state before this attempt; NULL: unknown */
	const struct secret *access;
	const char *auth_event; /* identifies this consent; NULL: unknown */
	bool preview;		/* nothing is imported until an admin selects Import */
};

/*
 * The consent an access token comes from (its claim authentication_event_id); NULL: not in the
 * token.
 */
const char *connect_event(struct worker *w, const struct secret *access);

/*
 * Exchanges the code, checks who signed in, and stores the tokens. Sets grant_id, access and
 * auth_event of *c. *cause_r other than CAUSE_NONE: refused, and *e says why. False: try again
 * later.
 */
MUSTUSE bool connect_sign_in(struct connect *c, const struct exchange *x,
	enum connection_cause *cause_r, struct err *e);

/*
 * Lists the tenants of /connections. After a failure it asks once more, after the wait Xero asks
 * for or a pause, since without the answer the consent is lost; not when Xero refuses. False: the
 * reason is logged, and *cause_r is CAUSE_SCOPES or CAUSE_XERO_DOWN.
 */
MUSTUSE bool connect_list(struct connect *c, const struct xero_tenant **rows_r, size_t *n_r,
	enum connection_cause *cause_r);

/* Ends the attempt with a cause; the connection returns to its state before. */
MUSTUSE bool connect_refuse(struct connect *c, enum connection_cause cause, struct err *e);
/*
 * Removes at Xero the tenants this consent added that no organisation uses, and deletes an
 * unused grant. Best effort.
 */
void connect_undo(struct connect *c);

/* Cases 3 to 7, from what /connections lists. */
MUSTUSE bool connect_pick(struct connect *c, struct err *e);
/* Cases 4 to 6 for one practice; `confirmed`: an admin has agreed to another practice. */
MUSTUSE bool connect_one(
	struct connect *c, const struct practice *p, bool confirmed, struct err *e);
MUSTUSE bool connect_offer(struct connect *c, const struct practice *p, size_t n,
	enum connection_cause cause, struct err *e);
MUSTUSE bool connect_take(struct connect *c, const struct practice *p, struct err *e);

#endif
