/*
 * Signed tokens from Xero's identity server (RFC 7519, 7515, 7517): RS256 only,
 * checked against a JWKS through OpenSSL. "alg" none or HS256, "jku", "jwk", "x5u", "x5c",
 * "crit" in the header: refused. Keys below 2048 bits: refused. What the claims say (iss, aud,
 * exp, nbf, nonce) is for the caller to judge.
 */
#ifndef GAP_CODEC_JWT_H
#define GAP_CODEC_JWT_H

#include "base/err.h"
#include "base/secret.h"
#include "codec/json.h"

enum { JWT_BYTES_MAX = 16 * 1024, JWT_KEY_BITS_MIN = 2048, JWT_KEY_BITS_MAX = 8192 };

/*
 * Takes the token apart and checks its signature with the key `kid` names. ERR_REFUSED with a
 * reason, also when it is no token at all. Of a JWKS only RSA keys for signing count ("use" absent
 * or "sig", "alg" absent or "RS256"); a kid that two of them have is refused.
 */
MUSTUSE bool jwt_verify(struct arena *a, struct str token, struct str jwks,
	const struct json **claims_r, struct err *e);

/*
 * The claims without looking at the signature: only for a token that came to us over TLS from its
 * issuer. The header is held to the same rules. ERR_REFUSED.
 */
MUSTUSE bool jwt_claims(
	struct arena *a, struct str token, const struct json **claims_r, struct err *e);

/*
 * Sandbox and tests: make a key, its JWKS and signed tokens. PEM text holds the private key.
 * ERR_INTERNAL; a PEM that holds no RSA key: ERR_CONFIG; claims that are no JSON: ERR_MALFORMED.
 */
MUSTUSE bool jwt_new_key(struct arena *a, struct secret **pem_r, struct err *e);
MUSTUSE bool jwt_jwks(
	struct arena *a, struct secret *pem, const char *kid, char **jwks_r, struct err *e);
MUSTUSE bool jwt_sign(struct arena *a, struct secret *pem, const char *kid,
	const char *claims_json, char **token_r, struct err *e);

#endif
