/*
 * Access control. Gates are bits in a column of the route table. 0 is the strictest: a session
 * with its second factor given, the MFA rule obeyed, and a CSRF token on every POST. A route
 * that is open says so in its row. The checks run in a fixed order: session, MFA rule, role,
 * CSRF, freshness. When a signed-in person fails the role or CSRF check, a line goes into the
 * audit chain.
 */
#ifndef GAP_PAGES_GATE_H
#define GAP_PAGES_GATE_H

#include "core/import.h"
#include "pages/page.h"

enum gate {
	GATE_OPEN = 1, /* no session needed */
	/*
	 * Also for a session that still owes its second factor. Without GATE_NO_MFA only for
	 * such a session: a complete one is sent to the clients.
	 */
	GATE_HALF = 2,
	/* Answers also while the MFA rule is not obeyed: notice, set-up, log-out */
	GATE_NO_MFA = 4,
	GATE_ADMIN = 8, /* admins only */
	/* Password or code given within five minutes, else "Confirm it is you" */
	GATE_FRESH = 16,
	/*
	 * POST without a CSRF token (the row says why); requests of other sites are refused all
	 * the same
	 */
	GATE_NO_CSRF = 32,
	/* Answers anyone and does not look for a session: needs no database */
	GATE_BARE = 128,
	/* Loopback and GAP_METRICS_ALLOW only; 404 for others */
	GATE_LOOPBACK = 64,
	/* A script polls this address: this does not keep an idle session alive */
	GATE_POLL = 256,
	/*
	 * Takes multipart/form-data with a file, up to GATE_UPLOAD_MAX; every other route
	 * refuses such a body.
	 */
	GATE_UPLOAD = 1024
};

enum { GATE_UPLOAD_MAX = IMPORT_BYTES_MAX + 64 * 1024 };

enum gate_verdict {
	GATE_PASS,
	GATE_ANSWERED, /* a redirect is in the response */
	GATE_FAILED    /* *e says why */
};

enum gate_verdict gate_check(struct page *p, struct err *e);

/*
 * Looks up the session of a request that no gate has judged (unknown address, wrong method,
 * unreadable request), so that the error page can be shown inside the app bar. It grants no
 * access and keeps no idle session alive; when the lookup fails p->who is NULL.
 */
void gate_who(struct page *p);

#endif
