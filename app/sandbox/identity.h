/*
 * The pages that a person sees: authorize (which checks the app's request), log-in, consent
 * with the choice of practice, and the redirect back to the app (RFC 6749 section 4.1;
 * developer.xero.com, "OAuth 2.0: The standard authorization code flow"). The app's request is
 * stored as an attempt, and the pages carry only the attempt's name.
 */
#ifndef GAP_SANDBOX_IDENTITY_H
#define GAP_SANDBOX_IDENTITY_H

#include "sandbox/site.h"

struct attempt {
	const char *name;
	const char *client_id, *redirect_uri, *scope;
	const char *state, *nonce, *challenge; /* NULL when not sent */
};

/*
 * Finds the attempt `name`. ERR_NOT_FOUND: it is answered already, too old, or of another
 * browser.
 */
MUSTUSE bool attempt_find(
	struct page *p, const char *name, struct attempt *attempt_r, struct err *e);

/* Responds "This page is no longer valid" to a request whose attempt is not found. */
bool attempt_is_over(struct page *p);

extern const struct field sandbox_authorize_fields[9];
bool sandbox_authorize(struct page *p, struct err *e); /* GET /identity/connect/authorize */

extern const struct field sandbox_attempt_field[1];
extern const struct field sandbox_login_page_fields[2];
extern const struct field sandbox_login_fields[5];
/*
 * GET /identity/login. again=1 shows the form also to a browser that is logged in, to log in as
 * another person.
 */
bool sandbox_login_page(struct page *p, struct err *e);
bool sandbox_login(struct page *p, struct err *e); /* POST */

extern const struct field sandbox_consent_fields[4];
bool sandbox_consent_page(struct page *p, struct err *e); /* GET /identity/consent */
bool sandbox_consent(struct page *p, struct err *e);	  /* POST */

/*
 * The meaning of a scope such as "practicemanager.client.read", for the consent page; NULL when
 * the page does not mention it.
 */
const char *scope_words(const char *scope);
bool scope_is_known(const char *scope);

#endif
