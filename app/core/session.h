/*
 * Session tokens and CSRF tokens. The cookie holds 256 random bits; the database holds only
 * their SHA-256. A session ends after 30 minutes without a request, and after 12 hours in any
 * case (ASVS 7.3).
 */
#ifndef GAP_CORE_SESSION_H
#define GAP_CORE_SESSION_H

#include "base/err.h"
#include "base/secret.h"
#include "codec/hash.h"

enum {
	SESSION_IDLE_S = 30 * 60,
	SESSION_LIFE_S = 12 * 3600,
	SESSION_FRESH_S = 5 * 60,
	SESSION_HALF_LIFE_S = 10 * 60
};

struct session_token {
	const struct secret *text; /* for the cookie */
	unsigned char hash[HASH_BYTES];
};
MUSTUSE bool session_token_new(struct arena *a, struct session_token *t_r, struct err *e);

/* Reads the token from a cookie; false when the cookie does not have its form. */
MUSTUSE bool session_token_read(struct arena *a, const char *cookie, struct session_token *t_r);

/*
 * The CSRF token of a session: an HMAC keyed by the session token, masked with a new one-time
 * pad each time (the pad comes first), so that the size of a compressed page does not reveal it
 * (BREACH).
 */
MUSTUSE bool csrf_make(
	struct arena *a, const struct session_token *t, char **token_r, struct err *e);
bool csrf_check(struct arena *a, const struct session_token *t, const char *token);

/*
 * The hash under which a recovery code is stored. Dashes, blanks and case in `typed` do not
 * count.
 */
void session_hash_code(struct arena *a, const char *typed, unsigned char hash_r[HASH_BYTES]);

#endif
