/*
 * Passkeys: the relying party's side of Web Authentication (W3C Recommendation, Level 2; where Level 3
 * says more, Level 3), through libfido2, which is only asked to judge bytes: no device is opened.
 *
 * What the browser sends is the JSON of Level 3's RegistrationResponseJSON and
 * AuthenticationResponseJSON: {"id", "response": {"clientDataJSON", ...}}, bytes as base64url.
 *
 * Registration, by the steps of section 7.1, and log-in, by those of section 7.2:
 *
 *   client data      UTF-8 JSON (7.1.5-6, 7.2.9-10); type is "webauthn.create" or "webauthn.get"
 *                    (7.1.7, 7.2.11); challenge is the one given (7.1.8, 7.2.12); origin is the site's
 *                    (7.1.9, 7.2.13); crossOrigin is not true (Level 3): we stand in no frame
 *   client data hash SHA-256 of the bytes as sent (7.1.11, 7.2.19)
 *   auth. data       what its flags tell and nothing else (6.1): a passkey's id and key when it is made,
 *                    none when it answers; each CBOR item whole before libfido2 sees it
 *   rpIdHash         SHA-256 of the site's host (7.1.13, 7.2.15)
 *   flags            UP (7.1.14, 7.2.16); UV where it is asked for (7.1.15, 7.2.17); BS only with BE,
 *                    and BE as it was at registration (Level 3)
 *   algorithm        one of those offered: ES256, EdDSA, RS256 (7.1.16)
 *   attestation      none is asked for: "none" with an empty statement, or "packed" signed by the
 *                    passkey itself, which is verified (7.1.18-21); nothing else
 *   credential id    1 to 1,023 bytes (Level 3), the one in the authenticator data; of this person
 *                    (7.2.5-7) and of nobody else yet (7.1.22) are the caller's, who has the rows
 *   user handle      if there is one, the person's (7.2.6)
 *   signature        over authenticator data and client data hash, by the stored key (7.2.20)
 *   signCount        greater than the stored one, unless both are 0 (7.2.21): passkey_count_good, and
 *                    in one statement by the caller
 *
 * The algorithm's bytes are libfido2's: 64 of x and y, 32 of Ed25519, 259 of n and e.
 */
#ifndef GAP_CODEC_PASSKEY_H
#define GAP_CODEC_PASSKEY_H

#include "base/err.h"
#include "codec/hash.h"

enum { PASSKEY_ID_MAX = 1023, PASSKEY_KEY_MAX = 1024 };

/* What was asked for. */
struct passkey_rules {
	const char *rp_id;	   /* the site's host */
	const char *origin;	   /* of its pages */
	struct str challenge_hash; /* SHA-256 of the challenge given; empty: none is open */
	struct str user_handle;
	bool verify_user; /* UV: a PIN, a finger, a face */
};

struct passkey {
	struct str id, public_key;
	int alg; /* COSE: -7, -8, -257 */
	int64_t sign_count;
	bool backup_eligible, backed_up;
};

/*
 * Bytes live on the arena. ERR_MALFORMED when it is no such JSON; ERR_INVALID with the step that was not
 * met, a word for the audit line: "challenge", "origin", "signature", ...
 */
MUSTUSE bool passkey_register(struct arena *a, const struct passkey_rules *rules,
	struct str response, struct passkey *made_r, struct err *e);

/* Which passkey an answer says it is of, before anything is judged. */
MUSTUSE bool passkey_claimed_id(
	struct arena *a, struct str response, struct str *id_r, struct err *e);

/* key: as it was made. *seen_r: counter and flags of now; the counter is not judged. */
MUSTUSE bool passkey_verify(struct arena *a, const struct passkey_rules *rules,
	const struct passkey *key, struct str response, struct passkey *seen_r, struct err *e);

/* Of a copied authenticator two counters run; one of them falls behind. */
bool passkey_count_good(int64_t stored, int64_t seen);

#endif
