/*
 * The connection as the web sees and moves it: state, cause, practice, times.
 * Tokens and ids at Xero are in store/grants.h, the worker's.
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
		practice; /* the label, else the tenant's name, else "Your practice"; NULL when none */
	const char *connected_by;
	int64_t connected_by_id, connected_at, first_live_at, last_success_at, last_run_id;
	int64_t live_clients, live_contacts, failures, next_sync_at, manual_ended_at;
	int64_t progress_done; /* records read by the run under way; -1: none */
	bool running;	       /* a run is under way */
	bool has_tenant;
	bool previewed; /* nothing is imported before an admin has said so */
};
/* An organisation without a row yet reads as not connected. Pages have it in struct who already. */
MUSTUSE bool connections_get(
	struct pg *db, struct arena *a, int64_t org_id, struct connection *c_r, struct err *e);
/* A connection_line that begins at column `col` of the first row; all NULL: there is none yet. */
MUSTUSE bool connections_read(
	const struct pg_rows *r, int col, struct connection *c_r, struct err *e);

/* What becomes of the records (store/leave.h): "edit", "read_only" or "remove"; who asked. */
struct disconnect_ask {
	const char *choice;
	int64_t user_id;
};
/*
 * Moves the state when it is one of those the web may leave, and queues the job "disconnect",
 * {"choice":..,"user":N}, in the same statement; ERR_CONFLICT with a sentence otherwise.
 */
MUSTUSE bool connections_begin_disconnect(struct pg *db, int64_t org_id,
	const struct disconnect_ask *ask, struct err *e); /* 4-8 > 9 */
MUSTUSE bool connections_set_label(
	struct pg *db, int64_t org_id, const char *label, struct err *e);

/* An attempt to connect (rulings 5): made by Connect, consumed once by the return address. */
struct attempt_new {
	const unsigned char *state_hash; /* 32 bytes */
	int64_t session_id, org_id, user_id;
	const char *nonce, *verifier;
	bool preview, standby; /* standby: for the reserve, not for the connection */
};
/* Earlier open ones of the same session are closed: two tabs make one connection. */
MUSTUSE bool attempts_add(struct pg *db, const struct attempt_new *n, struct err *e);

/*
 * One statement consumes the open, unexpired attempt with this state and this session, stores the code
 * (or, code NULL, the refusal `cause`). *attempt_id_r 0: there is none (unknown, expired, used, other browser).
 * With a code: the connection becomes "connecting" (from not_connected, needs_reconnect, or live states on reconnect)
 * and the job "connect" is queued with {"attempt":N,"from":"<the state it left>"}, in the same
 * transaction. While another attempt is on the way (connecting, choosing, first import, disconnecting) this
 * one is spent and does nothing: 0. Of a standby's attempt the connection stays as it is and the job is
 * "standby". With a refusal: cause is written on the connection unless it is live.
 */
MUSTUSE bool attempts_return(struct pg *db, int64_t org_id, int64_t session_id,
	const unsigned char *state_hash, const char *code, enum connection_cause cause,
	int64_t *attempt_id_r, struct err *e);

/*
 * Writes the cause on a connection that is not live: an unknown, expired or refused return. Not over the
 * cause of a banner, which would be gone with it though nothing was mended.
 */
MUSTUSE bool connections_note_cause(
	struct pg *db, int64_t org_id, enum connection_cause cause, struct err *e);

/* Is it a standby's? */
MUSTUSE bool attempts_is_standby(
	struct pg *db, int64_t org_id, int64_t attempt_id, bool *standby_r, struct err *e);

/* Why the newest try of the last hour came to nothing; CAUSE_NONE: it did not. */
MUSTUSE bool attempts_refusal(
	struct pg *db, int64_t org_id, enum connection_cause *cause_r, struct err *e);

struct choice {
	int64_t idx;
	const char *name; /* "Practice 1" when Xero gave none */
	bool preselected;
};
/* The practices to choose from; *attempt_id_r 0 when nothing is being chosen. */
MUSTUSE bool attempts_choices(struct pg *db, struct arena *a, int64_t org_id,
	int64_t *attempt_id_r, const struct choice **choices_r, size_t *n_r, struct err *e);
/*
 * Queues the job "choose", {"attempt":N,"idx":N}, that takes (idx >= 0) or drops (idx -1) the choice; state
 * back to connecting. ERR_CONFLICT when the choice is no longer open, was made, or has no such practice.
 */
MUSTUSE bool attempts_choose(
	struct pg *db, int64_t org_id, int64_t attempt_id, int64_t idx, struct err *e);

#endif
