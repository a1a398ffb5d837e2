/*
 * The token endpoint: authorization_code with PKCE, and refresh_token with rotation (RFC 6749,
 * RFC 7636; lifetimes and error texts as on developer.xero.com, "OAuth 2.0"). The app
 * authenticates by HTTP Basic or with its secret in the body.
 */
#ifndef GAP_SANDBOX_TOKEN_H
#define GAP_SANDBOX_TOKEN_H

#include "sandbox/site.h"

extern const struct field sandbox_token_fields[7];
bool sandbox_token(struct page *p, struct err *e); /* POST /connect/token */

extern const struct field sandbox_revoke_fields[4];
bool sandbox_revoke(struct page *p, struct err *e); /* POST /connect/revocation */

/* The form in which tokens and codes are stored: SHA-256 in hex. */
const char *sandbox_token_hash(struct arena *a, struct str token);

#endif
