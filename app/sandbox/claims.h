/*
 * The claims in the tokens of this Xero, and the key that signs them. The claims are those of
 * developer.xero.com, "OAuth 2.0: Token types". A consent is one press of "Allow access": what
 * the user granted, and when.
 */
#ifndef GAP_SANDBOX_CLAIMS_H
#define GAP_SANDBOX_CLAIMS_H

#include "sandbox/site.h"

struct consent {
	int64_t id;
	const char *xero_userid, *auth_event_id, *client_id;
	const char *scope; /* space separated */
	const char *nonce; /* NULL when the app sent none */
	int64_t auth_time;
};

enum { CLAIMS_ID_TOKEN_S = 300 };

/* Make signed JWTs; a fault may change the id_token. */
MUSTUSE bool claims_access_token(
	struct page *p, const struct consent *c, char **token_r, struct err *e);
MUSTUSE bool claims_id_token(struct page *p, const struct consent *c, const char *access_token,
	char **token_r, struct err *e);

/* True when `wanted` is one of the space-separated scopes. */
bool claims_has_scope(const char *scopes, const char *wanted);

/* A UUID (8-4-4-4-12) derived from `text`, always the same one: used as the id of a user. */
char *claims_uuid_of(struct arena *a, const char *text);

/* ---- keys.c ---- */

struct signing_key {
	const char *kid;
	struct secret *pem;
};

/* The newest signing key. ERR_CONFIG when there is none. */
MUSTUSE bool keys_newest(struct page *p, struct signing_key *key_r, struct err *e);

/* Makes and stores a key, which signs from now on. */
MUSTUSE bool keys_add(struct pg *db, struct arena *a, struct err *e);

/* A random UUID (version 4); and n random bytes in hex. */
MUSTUSE bool keys_uuid(struct arena *a, char **uuid_r, struct err *e);
MUSTUSE bool keys_hex(struct arena *a, size_t n, char **hex_r, struct err *e);

/* GET /.well-known/openid-configuration/jwks */
bool sandbox_jwks(struct page *p, struct err *e);

/* GET /.well-known/openid-configuration */
bool sandbox_discovery(struct page *p, struct err *e);

#endif
