/*
 * OAuth 2.0 authorization code with PKCE (RFC 6749, 7636, 9700; Xero: Authorize request):
 * builds the address to authorise at, and judges the answers. Pure.
 */
#ifndef GAP_CORE_OAUTH_H
#define GAP_CORE_OAUTH_H

#include "base/secret.h"
#include "codec/hash.h"
#include "codec/json.h"

/* The S256 code_challenge for a verifier: base64url(sha256(ascii(verifier))). */
char *oauth_challenge(struct arena *a, struct str verifier);

struct oauth_authorize {
	const char *authorize_url, *client_id, *redirect_uri, *scopes, *state, *nonce;
	const char *challenge; /* NULL: no PKCE */
};
char *oauth_authorize_url(struct arena *a, const struct oauth_authorize *q);

/*
 * GAP_BASE_URL + /oauth/xero/callback. Made from the configuration only, never from a request.
 */
char *oauth_redirect_uri(struct arena *a, const char *base_url);

/*
 * A parsed and checked token answer (Xero: Token answer). An impossible lifetime is refused; a
 * missing one counts as 60 s.
 */
struct oauth_tokens {
	const struct secret *access, *refresh,
		*id; /* refresh NULL: keep the old one; id NULL: none */
	int expires_in_s;
	const char *scopes; /* "" when the answer does not say */
};
MUSTUSE bool oauth_tokens_parse(
	struct arena *a, struct str body, struct oauth_tokens *t_r, struct err *e);

/*
 * The meaning of an error answer to a token request. The `error` word decides, not the status.
 */
enum oauth_failure { OAUTH_PASSING, OAUTH_GRANT_DEAD, OAUTH_OUR_CONFIG };
enum oauth_failure oauth_judge_error(struct arena *a, int status, struct str body);

/*
 * Checks the claims of an ID token, whose signature the caller has checked: iss, aud, exp (60 s
 * leeway), nbf, nonce. ERR_REFUSED when one is wrong.
 */
struct oauth_expect {
	const char *issuer, *client_id, *nonce;
	int64_t now;
};
MUSTUSE bool oauth_check_id(
	const struct json *claims, const struct oauth_expect *want, struct err *e);

/*
 * Does `granted` cover every scope of `asked`? The scopes openid, profile, email and
 * offline_access are not compared. An empty `granted` means all that was asked.
 */
bool oauth_scopes_cover(const char *granted, const char *asked);

#endif
