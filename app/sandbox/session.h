/*
 * The sandbox's own session: one browser, one person. The cookie holds a random token and the
 * database its hash; forms carry a CSRF token derived from the cookie's.
 */
#ifndef GAP_SANDBOX_SESSION_H
#define GAP_SANDBOX_SESSION_H

#include "sandbox/site.h"

/*
 * Fills p->session, p->csrf, p->signed_in and p->who from the cookie; leaves them empty when
 * there is no session.
 */
MUSTUSE bool sandbox_session_load(struct page *p, struct err *e);

/* Starts a session for a browser that has none. */
MUSTUSE bool sandbox_session_start(struct page *p, struct err *e);

/*
 * Call when this person's password was right: the session gets a new token (against session
 * fixation).
 */
MUSTUSE bool sandbox_session_sign_in(struct page *p, enum person_no who, struct err *e);

/* True when the form's CSRF token belongs to this session. */
bool sandbox_form_is_ours(const struct page *p);

#endif
