/*
 * An authenticator made of OpenSSL: makes passkeys and answers challenges with them, as a browser would
 * send it; and everything about an answer can be bent, so that each step of the judge is asked.
 */
#ifndef GAP_TESTS_SOFT_KEY_H
#define GAP_TESTS_SOFT_KEY_H

#include "codec/hash.h"

enum { SOFT_ES256 = -7, SOFT_EDDSA = -8, SOFT_RS256 = -257, SOFT_ES384 = -35 };
enum {
	SOFT_UP = 1,
	SOFT_UV = 4,
	SOFT_BE = 8,
	SOFT_BS = 16,
	SOFT_AT = 64,
	SOFT_ED = 128,
	SOFT_ID_BYTES = 32
};

struct soft_key {
	int alg;
	void *key; /* EVP_PKEY, the arena's */
	char id[SOFT_ID_BYTES];
	uint32_t count; /* of the next answer */
};
void soft_key_make(struct arena *a, struct soft_key *k, int alg);

/* What is answered, and to what. soft_ask_make fills what is honest. */
struct soft_ask {
	const char *challenge; /* base64url */
	const char *origin, *rp_id, *type;
	unsigned flags;
	const char *extra;  /* more members of the client data: ",\"crossOrigin\":true" */
	const char *format; /* "none", "packed", ... */
	const char *
		statement; /* a statement as it stands, hex; NULL: what belongs to the format */
	const char *handle;	/* base64url; NULL: none */
	const char *claimed_id; /* base64url; NULL: the key's */
	const char *public_key; /* hex; NULL: the key's */
	const char *tail;	/* hex, behind all else in the authenticator data; NULL: none */
	bool bad_signature;
};
struct soft_ask soft_ask_make(const char *origin, const char *rp_id, const char *challenge);

/* JSON as static/passkey.js sends it. The type is "webauthn.create", "webauthn.get" where ask->type is NULL. */
const char *soft_register(
	struct arena *a, const struct soft_key *k, const struct soft_ask *ask);
const char *soft_answer(struct arena *a, const struct soft_key *k, const struct soft_ask *ask);

#endif
