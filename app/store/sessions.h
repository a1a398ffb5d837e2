/*
 * Sessions, and the throttle for guesses. `struct who` is all a request needs to know about the
 * user who sends it, the organisation and its connection. The gate reads it once a request, in
 * one round trip.
 */
#ifndef GAP_STORE_SESSIONS_H
#define GAP_STORE_SESSIONS_H

#include "core/session.h"
#include "core/user.h"
#include "store/connections.h"

struct who {
	int64_t session_id, org_id, user_id;
	int level; /* 1: password given, second factor still to come; 2: logged in */
	int64_t created_at, fresh_at; /* fresh_at: when a password or code was last given */
	int factor_misses;
	const char *return_to; /* local address to go to after the log-in; NULL: none */
	const char *flash_kind, *flash_text; /* message to show once; NULL: none */
	const char *email, *name;
	enum user_role role;
	int64_t user_created_at;
	const char *org_name, *zone;
	int64_t mfa_required_at; /* when the rule "everyone needs a second factor" began; 0: not in force */
	int mfa_grace_days;
	int64_t data_version;
	bool has_factor;
	struct connection xpm; /* as of the start of the request */
	bool banner_closed;
	int64_t unread;
	const char *news; /* stored news for look_news; NULL: outdated */
	unsigned char token_hash[HASH_BYTES];
};

/*
 * The session of this token, and records that it is in use. *who_r NULL: there is none, or it
 * has expired.
 */
MUSTUSE bool sessions_who(struct pg *db, struct arena *a, const struct session_token *t,
	const struct who **who_r, struct err *e);
/*
 * The same for requests a script sends by itself (polling): they do not keep an idle session
 * alive.
 */
MUSTUSE bool sessions_who_unseen(struct pg *db, struct arena *a, const struct session_token *t,
	const struct who **who_r, struct err *e);

struct session_new {
	int64_t org_id, user_id;
	int level;
	const char *return_to, *peer, *user_agent;
};
MUSTUSE bool sessions_add(struct pg *db, const struct session_token *t,
	const struct session_new *s, int64_t *session_id_r, struct err *e);

/*
 * Replaces the session's token when the privilege rises (against session fixation): level 2,
 * fresh now, misses 0.
 */
MUSTUSE bool sessions_rise(
	struct pg *db, int64_t session_id, const struct session_token *t, struct err *e);
MUSTUSE bool sessions_freshen(struct pg *db, int64_t session_id, struct err *e);
MUSTUSE bool sessions_end(struct pg *db, int64_t session_id, struct err *e);
/* Ends one session of the user's own. ERR_NOT_FOUND: it is not theirs, or has ended. */
MUSTUSE bool sessions_end_own(
	struct pg *db, const struct who *who, int64_t session_id, struct err *e);
/* Ends all sessions of a user except `but` (0: all). */
MUSTUSE bool sessions_end_others(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t but, struct err *e);

/*
 * Counts one wrong code of a session at level 1, committed before the code is checked.
 * *misses_r: the new count.
 */
MUSTUSE bool sessions_count_miss(
	struct pg *db, int64_t session_id, int *misses_r, struct err *e);

/*
 * Sets the message for the next page; sessions_flash_shown removes it. kind: "success",
 * "error", "info".
 */
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
 * Counts one guess in a bucket ("email:<hash>", "peer:<address>"), committed at once. *wait_s_r
 * > 0: refuse without checking the secret. `allowed` guesses fit into 15 minutes; the next
 * waits until 15 minutes after the last counted one. After a right guess: throttle_clear
 * empties a bucket that is one person's own; throttle_forgive takes back the one guess in a
 * bucket that others share, so that one good log-in does not allow everybody new guesses.
 */
MUSTUSE bool throttle_count(
	struct pg *db, const char *bucket, int allowed, int *wait_s_r, struct err *e);
MUSTUSE bool throttle_forgive(struct pg *db, const char *bucket, struct err *e);
MUSTUSE bool throttle_clear(struct pg *db, const char *bucket, struct err *e);

/*
 * Stores that this account, by its normalised address, was logged in to from `peer`
 * (throttle_peer). Kept for 90 days.
 */
MUSTUSE bool throttle_know(
	struct pg *db, const char *email_norm, const char *peer, struct err *e);
MUSTUSE bool throttle_knows(
	struct pg *db, const char *email_norm, const char *peer, bool *known_r, struct err *e);

#endif
