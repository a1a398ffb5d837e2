/*
 * The connection to Xero as the web sees and changes it: state, cause, practice, times. Tokens
 * and Xero's ids are in store/grants.h, which only the worker may use.
 */
#ifndef GAP_STORE_CONNECTIONS_H
#define GAP_STORE_CONNECTIONS_H

#include "core/connection.h"
#include "io/pg.h"

struct connection {
	enum connection_state state;
	enum connection_cause cause;
	int64_t cause_at;
	const char *
		practice; /* the label, else the tenant's name, else "Your practice"; NULL: not connected */
	const char *connected_by;
	int64_t connected_by_id, connected_at, first_live_at, last_success_at, last_run_id;
	int64_t live_clients, live_contacts, failures, next_sync_at, manual_ended_at;
	int64_t progress_done; /* records read so far by the running sync; -1: none runs */
	bool running;	       /* a sync runs */
	bool has_tenant;
	bool previewed; /* the list was previewed; nothing is imported until an admin selects Import */
};
/*
 * Without a row the organisation is not connected. Pages find the connection in struct who
 * already.
 */
MUSTUSE bool connections_get(
	struct pg *db, struct arena *a, int64_t org_id, struct connection *c_r, struct err *e);
/*
 * Reads a connection_line (an SQL row type) from column `col` on, in the first row; all NULL:
 * not connected.
 */
MUSTUSE bool connections_read(
	const struct pg_rows *r, int col, struct connection *c_r, struct err *e);

/*
 * What happens to the records, "edit", "read_only" or "remove" (store/leave.h), and the user
 * who asked.
 */
struct disconnect_ask {
	const char *choice;
	int64_t user_id;
};
/*
 * Sets the state to "disconnecting" and queues the job "disconnect" with
 * {"choice":..,"user":N}, in one statement. ERR_CONFLICT with a sentence: the connection is in
 * a state that cannot be disconnected.
 */
MUSTUSE bool connections_begin_disconnect(
	struct pg *db, int64_t org_id, const struct disconnect_ask *ask, struct err *e);
MUSTUSE bool connections_set_label(
	struct pg *db, int64_t org_id, const char *label, struct err *e);

/*
 * An attempt to connect (OAuth 2.0 authorization code flow). Connect makes it; the redirect
 * from Xero consumes it once. The web may write code and verifier, but only the worker can read
 * them.
 */
struct attempt_new {
	const unsigned char *state_hash; /* 32 bytes */
	int64_t session_id, org_id, user_id;
	const char *nonce, *verifier;
	bool preview,
		standby; /* standby: for the reserve grant (store/standby.h), not for the connection */
};
/*
 * Closes earlier open attempts of the same session: Connect in two tabs makes one connection.
 */
MUSTUSE bool attempts_add(struct pg *db, const struct attempt_new *n, struct err *e);

/*
 * Consumes, in one statement, the open and unexpired attempt with this state hash and session,
 * and stores the code, or with code NULL the refusal `cause`. *attempt_id_r 0: there is no such
 * attempt (unknown, expired, used, or another browser's).
 *
 * With a code, all in one transaction: the connection becomes "connecting" and the job
 * "connect" is queued with {"attempt":N,"from":"<the state before>"}. If another attempt or a
 * disconnect is in progress (connecting, choosing, first import, disconnecting), this attempt
 * is used up without effect, and *attempt_id_r is 0. An attempt for a standby queues the job
 * "standby" and leaves the connection alone. With a refusal: the cause is written on the
 * connection as connections_note_cause does.
 */
MUSTUSE bool attempts_return(struct pg *db, int64_t org_id, int64_t session_id,
	const unsigned char *state_hash, const char *code, enum connection_cause cause,
	int64_t *attempt_id_r, struct err *e);

/*
 * Writes the cause of an unknown, expired or refused return on the connection, unless the
 * connection is live. Never replaces a cause that has a banner: the banner would vanish though
 * nothing was repaired.
 */
MUSTUSE bool connections_note_cause(
	struct pg *db, int64_t org_id, enum connection_cause cause, struct err *e);

/* Is this attempt for a standby? */
MUSTUSE bool attempts_is_standby(
	struct pg *db, int64_t org_id, int64_t attempt_id, bool *standby_r, struct err *e);

/*
 * Why the newest attempt of the last hour was refused; CAUSE_NONE: it was not, or there was
 * none.
 */
MUSTUSE bool attempts_refusal(
	struct pg *db, int64_t org_id, enum connection_cause *cause_r, struct err *e);

struct choice {
	int64_t idx;
	const char *name; /* "Practice 1" when Xero gave none */
	bool preselected;
};
/* The practices an admin can choose from; *attempt_id_r 0: no choice is open. */
MUSTUSE bool attempts_choices(struct pg *db, struct arena *a, int64_t org_id,
	int64_t *attempt_id_r, const struct choice **choices_r, size_t *n_r, struct err *e);
/*
 * Answers the choice: queues the job "choose" with {"attempt":N,"idx":N} and sets the state
 * back to "connecting". idx >= 0 takes that practice, idx -1 takes none. ERR_CONFLICT: the
 * choice is no longer open, was answered already, or has no such practice.
 */
MUSTUSE bool attempts_choose(
	struct pg *db, int64_t org_id, int64_t attempt_id, int64_t idx, struct err *e);

#endif
