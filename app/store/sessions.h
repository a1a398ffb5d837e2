/*
 * Sessions, and the throttle before them. `struct who` is what a signed-in
 * request knows about its sender, the organisation and its connection: read
 * once by the gate, in one round trip.
 */
#ifndef GAP_STORE_SESSIONS_H
#define GAP_STORE_SESSIONS_H

#include "core/session.h"
#include "core/user.h"
#include "store/connections.h"

struct who {
	int64_t session_id, org_id, user_id;
	int level; /* 1: password given, second factor outstanding; 2: whole */
	int64_t created_at, fresh_at; /* fresh_at: last time a password or code was given */
	int factor_misses;
	const char *return_to;		     /* local address to go on to; NULL */
	const char *flash_kind, *flash_text; /* the bar to show once; NULL */
	const char *email, *name;
	enum user_role role;
	int64_t user_created_at;
	const char *org_name, *zone;
	int64_t mfa_required_at; /* 0: the rule is not in force */
	int mfa_grace_days;
	int64_t data_version;
	bool has_factor;
	struct connection xpm; /* as it was when the request came */
	bool banner_closed;
	int64_t unread;
	const char *news; /* for store/look.h; NULL: to be read anew */
	unsigned char token_hash[HASH_BYTES];
};

/* The session of this token; *who_r NULL when there is none or it is over. */
MUSTUSE bool sessions_who(struct pg *db, struct arena *a, const struct session_token *t,
	const struct who **who_r, struct err *e);
/* The same for what a script asks by itself: it does not keep an idle session alive. */
MUSTUSE bool sessions_who_unseen(struct pg *db, struct arena *a, const struct session_token *t,
	const struct who **who_r, struct err *e);

struct session_new {
	int64_t org_id, user_id;
	int level;
	const char *return_to, *peer, *user_agent;
};
MUSTUSE bool sessions_add(struct pg *db, const struct session_token *t,
	const struct session_new *s, int64_t *session_id_r, struct err *e);

/* Rotation at a rise of privilege: the same session under a new token, level 2, fresh now, misses 0. */
MUSTUSE bool sessions_rise(
	struct pg *db, int64_t session_id, const struct session_token *t, struct err *e);
MUSTUSE bool sessions_freshen(struct pg *db, int64_t session_id, struct err *e);
MUSTUSE bool sessions_end(struct pg *db, int64_t session_id, struct err *e);
/* One of the person's own. ERR_NOT_FOUND: it is not theirs, or over. */
MUSTUSE bool sessions_end_own(
	struct pg *db, const struct who *who, int64_t session_id, struct err *e);
/* All of a user's but `but` (0: none spared). */
MUSTUSE bool sessions_end_others(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t but, struct err *e);

/* One more miss of the half log-in, committed before the code is looked at; the new count. */
MUSTUSE bool sessions_count_miss(
	struct pg *db, int64_t session_id, int *misses_r, struct err *e);

/* The bar for the next page; a read one is taken away. kind: "success", "error", "info". */
MUSTUSE bool sessions_flash(
	struct pg *db, int64_t session_id, const char *kind, const char *text, struct err *e);
MUSTUSE bool sessions_flash_shown(struct pg *db, int64_t session_id, struct err *e);
MUSTUSE bool sessions_return_to(
	struct pg *db, int64_t session_id, const char *address, struct err *e);

struct session_row {
	int64_t session_id, created_at, seen_at;
	const char *peer, *user_agent;
	bool own;
};
MUSTUSE bool sessions_list(struct pg *db, struct arena *a, const struct who *who,
	const struct session_row **rows_r, size_t *n_r, struct err *e);

/*
 * Counts one guess against a bucket ("email:<hash>", "peer:<address>"), committed at once. *wait_s_r > 0:
 * refuse before looking at the secret. `allowed` of them fit into 15 minutes; the next waits until 15
 * minutes after the last. A success clears a bucket that is one person's own, and takes its one guess back
 * (throttle_forgive) where others are counted too: else one good log-in would open the door to all.
 */
MUSTUSE bool throttle_count(
	struct pg *db, const char *bucket, int allowed, int *wait_s_r, struct err *e);
MUSTUSE bool throttle_forgive(struct pg *db, const char *bucket, struct err *e);
MUSTUSE bool throttle_clear(struct pg *db, const char *bucket, struct err *e);

/* From where (throttle_peer) an account was signed in to; by its normalised address. Kept for 90 days. */
MUSTUSE bool throttle_know(
	struct pg *db, const char *email_norm, const char *peer, struct err *e);
MUSTUSE bool throttle_knows(
	struct pg *db, const char *email_norm, const char *peer, bool *known_r, struct err *e);

#endif
