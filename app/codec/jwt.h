/*
 * Signed tokens from Xero's identity server (RFC 7519, 7515, 7517): RS256 only, checked against
 * a JWKS through OpenSSL. Refused are "alg" none or HS256; "jku", "jwk", "x5u", "x5c" or "crit"
 * in the header; keys below 2048 bits. The caller judges the claims (iss, aud, exp, nbf,
 * nonce).
 */
#ifndef GAP_CODEC_JWT_H
#define GAP_CODEC_JWT_H

#include "base/err.h"
#include "base/secret.h"
#include "codec/json.h"

enum { JWT_BYTES_MAX = 16 * 1024, JWT_KEY_BITS_MIN = 2048, JWT_KEY_BITS_MAX = 8192 };

/*
 * Parses the token and checks its signature with the key that its `kid` names. ERR_REFUSED with
 * a reason, also when it is not a token. Only RSA keys for signing in the JWKS are used ("use"
 * absent or "sig", "alg" absent or "RS256"); a kid that two of them have is refused.
 */
MUSTUSE bool jwt_verify(struct arena *a, struct str token, struct str jwks,
	const struct json **claims_r, struct err *e);

/*
 * The claims, without a check of the signature: only for a token that we received over TLS
 * directly from its issuer. The header must meet the same rules. ERR_REFUSED.
 */
MUSTUSE bool jwt_claims(
	struct arena *a, struct str token, const struct json **claims_r, struct err *e);

/*
 * For the sandbox and tests: make a key, its JWKS, and signed tokens. `pem` holds the private
 * key. ERR_INTERNAL; ERR_CONFIG when the PEM has no RSA key; ERR_MALFORMED when the claims are
 * not JSON.
 */
MUSTUSE bool jwt_new_key(struct arena *a, struct secret **pem_r, struct err *e);
MUSTUSE bool jwt_jwks(
	struct arena *a, struct secret *pem, const char *kid, char **jwks_r, struct err *e);
MUSTUSE bool jwt_sign(struct arena *a, struct secret *pem, const char *kid,
	const char *claims_json, char **token_r, struct err *e);

#endif
