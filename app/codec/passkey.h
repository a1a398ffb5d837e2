/*
 * Passkeys: the relying party's side of Web Authentication (W3C Recommendation, Level 2, with
 * what Level 3 adds). libfido2 is used only to check bytes; no device is opened.
 *
 * What the browser sends is the JSON of Level 3's RegistrationResponseJSON and
 * AuthenticationResponseJSON: {"id", "response": {"clientDataJSON", ...}}, bytes as base64url.
 *
 * Registration, by the steps of section 7.1, and log-in, by those of section 7.2:
 *
 *   client data      UTF-8 JSON (7.1.5-6, 7.2.9-10); type is "webauthn.create" or
 *                    "webauthn.get" (7.1.7, 7.2.11); challenge is the one given (7.1.8,
 *                    7.2.12); origin is the site's (7.1.9, 7.2.13); crossOrigin is not true
 *                    (Level 3): no frame may show us
 *   client data hash SHA-256 of the bytes as sent (7.1.11, 7.2.19)
 *   auth. data       holds exactly what its flags announce (6.1): the id and key of the passkey
 *                    at registration, neither at log-in; libfido2 gets only complete CBOR items
 *   rpIdHash         SHA-256 of the site's host (7.1.13, 7.2.15)
 *   flags            UP (7.1.14, 7.2.16); UV where it was asked for (7.1.15, 7.2.17); BS only
 *                    with BE, and BE as it was at registration (Level 3)
 *   algorithm        one of those offered: ES256, EdDSA, RS256 (7.1.16)
 *   attestation      we ask for none; accepted are "none" with an empty statement, and "packed"
 *                    signed by the passkey itself, which is verified (7.1.18-21)
 *   credential id    1 to 1,023 bytes (Level 3), the one in the authenticator data; the caller,
 *                    who has the rows, checks that it is this person's (7.2.5-7) or not in use
 *                    yet (7.1.22)
 *   user handle      if there is one, it is the person's (7.2.6)
 *   signature        over authenticator data and client data hash, by the stored key (7.2.20)
 *   signCount        greater than the stored one, unless both are 0 (7.2.21):
 *                    passkey_count_good, and the caller once more, in the UPDATE that stores it
 *
 * A public key is stored in libfido2's form: 64 bytes (x, y), 32 (Ed25519), or 259 (n, e).
 */
#ifndef GAP_CODEC_PASSKEY_H
#define GAP_CODEC_PASSKEY_H

#include "base/err.h"
#include "codec/hash.h"

enum { PASSKEY_ID_MAX = 1023, PASSKEY_KEY_MAX = 1024 };

/* What the ceremony asked for, and what the answer must therefore contain. */
struct passkey_rules {
	const char *rp_id;	   /* the site's host */
	const char *origin;	   /* the origin of its pages */
	struct str challenge_hash; /* SHA-256 of the challenge; empty: none is open */
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
 * Checks the answer to a registration; the bytes in *made_r live on the arena. ERR_MALFORMED
 * when `response` is not such JSON. ERR_INVALID when a step failed: the text is one word for
 * the audit line, "challenge", "origin", "signature", ...
 */
MUSTUSE bool passkey_register(struct arena *a, const struct passkey_rules *rules,
	struct str response, struct passkey *made_r, struct err *e);

/* The id of the passkey that an answer claims to come from. Nothing is checked yet. */
MUSTUSE bool passkey_claimed_id(
	struct arena *a, struct str response, struct str *id_r, struct err *e);

/*
 * Checks the answer to a log-in against `key`, the passkey as it was stored. *seen_r: the
 * counter and flags in the answer. The counter is not judged here; see passkey_count_good.
 * Errors as passkey_register.
 */
MUSTUSE bool passkey_verify(struct arena *a, const struct passkey_rules *rules,
	const struct passkey *key, struct str response, struct passkey *seen_r, struct err *e);

/*
 * Is the counter in the answer good? If an authenticator was copied, two counters run, and one
 * falls behind the stored value.
 */
bool passkey_count_good(int64_t stored, int64_t seen);

#endif
