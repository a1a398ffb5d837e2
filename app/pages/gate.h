/*
 * Who may pass. Gates are columns of the route table; 0 is the strictest: a
 * whole session (second factor given), the MFA rule obeyed, and a CSRF token on
 * every POST. A route that is open says so in its row. The order is fixed:
 * session, MFA, role, CSRF, freshness. What is denied to somebody who is signed in
 * leaves a line in the audit chain.
 */
#ifndef GAP_PAGES_GATE_H
#define GAP_PAGES_GATE_H

#include "core/import.h"
#include "pages/page.h"

enum gate {
	GATE_OPEN = 1, /* no session needed */
	GATE_HALF = 2, /* for the session that still owes its second factor, and only for it */
	GATE_NO_MFA = 4, /* answers while the MFA rule is not obeyed: notice, set-up, log-out */
	GATE_ADMIN = 8,	 /* admins only */
	GATE_FRESH = 16, /* password or code within five minutes, else "Confirm it is you" */
	GATE_NO_CSRF = 32, /* no token: say why in the row */
	GATE_BARE =
		128, /* answers anyone, without even looking for a session: needs no database */
	GATE_LOOPBACK = 64, /* loopback and GAP_METRICS_ALLOW only; 404 for others */
	GATE_POLL = 256,    /* a script asks by itself: that keeps no idle session alive */
	/* Takes multipart/form-data with a file, up to GATE_UPLOAD_MAX; every other address refuses it. */
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
 * Who asks for what no gate stands before: no such address, not this way, a request that cannot be read.
 * So that they are answered inside; it opens nothing, keeps no idle session alive, and a fault is nobody.
 */
void gate_who(struct page *p);

#endif
