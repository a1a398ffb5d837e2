/*
 * OAuth 2.0 authorization code with PKCE (RFC 6749, 7636, 9700; Xero: Authorize
 * request): building the address, judging what comes back. Pure.
 */
#ifndef GAP_CORE_OAUTH_H
#define GAP_CORE_OAUTH_H

#include "base/secret.h"
#include "codec/hash.h"
#include "codec/json.h"

/* code_challenge of a verifier, S256: base64url(sha256(ascii(verifier))). */
char *oauth_challenge(struct arena *a, struct str verifier);

struct oauth_authorize {
	const char *authorize_url, *client_id, *redirect_uri, *scopes, *state, *nonce;
	const char *challenge; /* NULL: no PKCE */
};
char *oauth_authorize_url(struct arena *a, const struct oauth_authorize *q);

/* GAP_BASE_URL + /oauth/xero/callback: one constant, from configuration only. */
char *oauth_redirect_uri(struct arena *a, const char *base_url);

/* A token answer, judged (Xero: Token answer). Nonsense lifetimes are refused, a missing one is 60 s. */
struct oauth_tokens {
	const struct secret *access, *refresh,
		*id; /* refresh NULL: keep the old one; id NULL: none */
	int expires_in_s;
	const char *scopes; /* "" when not said */
};
MUSTUSE bool oauth_tokens_parse(
	struct arena *a, struct str body, struct oauth_tokens *t_r, struct err *e);

/* What a token error means: by the `error` word, not the status. */
enum oauth_failure { OAUTH_PASSING, OAUTH_GRANT_DEAD, OAUTH_OUR_CONFIG };
enum oauth_failure oauth_judge_error(struct arena *a, int status, struct str body);

/* The ID token's claims after its signature was checked: iss, aud, exp (60 s leeway), nbf, nonce. ERR_REFUSED. */
struct oauth_expect {
	const char *issuer, *client_id, *nonce;
	int64_t now;
};
MUSTUSE bool oauth_check_id(
	const struct json *claims, const struct oauth_expect *want, struct err *e);

/* Every asked scope (but openid profile email offline_access) granted? */
bool oauth_scopes_cover(const char *granted, const char *asked);

#endif
