/*
 * The pages a person sees: authorize (what the app asks for is judged), log-in,
 * consent with the choice of practice, and back to the app (xero-api: Authorize
 * request, The way back). What the app asked is kept as an attempt; the pages
 * carry its name only.
 */
#ifndef GAP_SANDBOX_IDENTITY_H
#define GAP_SANDBOX_IDENTITY_H

#include "sandbox/site.h"

struct attempt {
	const char *name;
	const char *client_id, *redirect_uri, *scope;
	const char *state, *nonce, *challenge; /* NULL when not sent */
};

/* ERR_NOT_FOUND when it is answered already, too old, or of another browser. */
MUSTUSE bool attempt_find(
	struct page *p, const char *name, struct attempt *attempt_r, struct err *e);

/* "This page is no longer valid": in place of a page without its attempt. */
bool attempt_is_over(struct page *p);

extern const struct field sandbox_authorize_fields[9];
bool sandbox_authorize(struct page *p, struct err *e); /* GET /identity/connect/authorize */

extern const struct field sandbox_attempt_field[1];
extern const struct field sandbox_login_page_fields[2];
extern const struct field sandbox_login_fields[5];
/* GET /identity/login; again=1: also for whom the browser is logged in, to log in as another. */
bool sandbox_login_page(struct page *p, struct err *e);
bool sandbox_login(struct page *p, struct err *e); /* POST */

extern const struct field sandbox_consent_fields[4];
bool sandbox_consent_page(struct page *p, struct err *e); /* GET /identity/consent */
bool sandbox_consent(struct page *p, struct err *e);	  /* POST */

/* "practicemanager.client.read" in plain words; NULL for a scope that needs none. */
const char *scope_words(const char *scope);
bool scope_is_known(const char *scope);

#endif
