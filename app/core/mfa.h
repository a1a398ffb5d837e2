/*
 * The rule "everyone needs a second factor", recovery codes, and the throttle's
 * numbers. Pure.
 */
#ifndef GAP_CORE_MFA_H
#define GAP_CORE_MFA_H

#include "base/err.h"
#include "base/secret.h"

enum {
	MFA_RECOVERY_CODES = 10,
	MFA_SETUP_LIFE_S = 10 * 60,
	MFA_STEPS_AHEAD =
		10, /* a code used further in the future was used while our clock was wrong */
	MFA_MISSES_MAX = 5,   /* of one half log-in or one set-up, then it ends */
	MFA_MISSES_CAP = 100, /* of one person, one after another, ever (NIST SP 800-63B) */
	THROTTLE_MISSES = 5,  /* of one person from one address; of one person's codes */
	THROTTLE_WINDOW_S = 15 * 60,
	THROTTLE_PEER_MISSES = 50,   /* of one address, whoever is tried */
	THROTTLE_ACCOUNT_MISSES = 50 /* of one person, from all addresses together */
};

enum mfa_duty {
	MFA_NO_DUTY, /* no rule in force, or the user has a factor */
	MFA_GRACE,   /* rule in force, days left */
	MFA_DUE	     /* only the notice, set-up and log-out answer */
};

/* Grace runs from required_at, for later users from created_at (rulings 15). required_at 0: no rule. */
enum mfa_duty mfa_duty(bool has_factor, int64_t required_at, int64_t created_at, int grace_days,
	int64_t now, int *days_left_r);

/* "XXXX-XXXX-XXXX-XXXX": 80 random bits in Base32. */
MUSTUSE bool mfa_recovery_code(struct arena *a, char **code_r, struct err *e);

/*
 * Whose address it is, for counting: of IPv6 the first 64 bits, since one subscriber has all that begin
 * with them (RFC 6177); anything else as it stands.
 */
const char *throttle_peer(struct arena *a, const char *address);

/* Seconds until the next try is allowed after `misses`, the last at last_at; 0: now. */
int throttle_wait_s(int misses, int allowed, int64_t last_at, int64_t now);

#endif
