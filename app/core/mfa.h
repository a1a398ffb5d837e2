/*
 * The rule "everyone needs a second factor", recovery codes, and the numbers of the throttle.
 * Pure.
 */
#ifndef GAP_CORE_MFA_H
#define GAP_CORE_MFA_H

#include "base/err.h"
#include "base/secret.h"

enum {
	MFA_RECOVERY_CODES = 10,
	MFA_SETUP_LIFE_S = 10 * 60,
	MFA_STEPS_AHEAD = 10, /* a later step was used while our clock was wrong */
	MFA_MISSES_MAX = 5,   /* in one half log-in or one set-up; then it ends */
	MFA_MISSES_CAP = 100, /* of one person in a row, ever (NIST SP 800-63B) */
	THROTTLE_MISSES = 5,  /* of one person from one address; also of one person's codes */
	THROTTLE_WINDOW_S = 15 * 60,
	THROTTLE_PEER_MISSES = 50,   /* of one address, for all accounts together */
	THROTTLE_ACCOUNT_MISSES = 50 /* of one person, from all addresses together */
};

enum mfa_duty {
	MFA_NO_DUTY, /* the rule is not in force, or the user has a factor */
	MFA_GRACE,   /* the rule is in force, and the user has days left */
	MFA_DUE	     /* no days left: only the notice, set-up and log-out pages answer */
};

/*
 * What the rule asks of a user. The grace period of `grace_days` begins at required_at (when
 * the rule was switched on; 0: never) or at created_at (when the user was created), whichever
 * is later. Times are UTC seconds. *days_left_r: for MFA_GRACE, rounded up; else 0.
 */
enum mfa_duty mfa_duty(bool has_factor, int64_t required_at, int64_t created_at, int grace_days,
	int64_t now, int *days_left_r);

/* A new recovery code "XXXX-XXXX-XXXX-XXXX": 80 random bits in Base32. */
MUSTUSE bool mfa_recovery_code(struct arena *a, char **code_r, struct err *e);

/*
 * The key under which failed tries from `address` are counted. For IPv6 it is the first 64
 * bits, since one subscriber has all the addresses that begin with them (RFC 6177). Any other
 * address is its own key.
 */
const char *throttle_peer(struct arena *a, const char *address);

/*
 * Seconds until the next try is allowed (0: now), after `misses` failed tries, the last at
 * last_at (UTC seconds). There is no wait while misses < allowed.
 */
int throttle_wait_s(int misses, int allowed, int64_t last_at, int64_t now);

#endif
