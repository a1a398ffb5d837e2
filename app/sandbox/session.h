/*
 * The sandbox's own log-in: one browser, one person. The cookie holds a random
 * token, the database its hash; forms carry a token derived from the cookie's.
 */
#ifndef GAP_SANDBOX_SESSION_H
#define GAP_SANDBOX_SESSION_H

#include "sandbox/site.h"

/* Fills p->session, p->csrf, p->signed_in and p->who from the cookie; leaves them empty where there is none. */
MUSTUSE bool sandbox_session_load(struct page *p, struct err *e);

/* A session for a browser that has none. */
MUSTUSE bool sandbox_session_start(struct page *p, struct err *e);

/* This person has given the password: a new token for the new rights. */
MUSTUSE bool sandbox_session_sign_in(struct page *p, enum person_no who, struct err *e);

/* The form's CSRF token is this session's. */
bool sandbox_form_is_ours(const struct page *p);

#endif
