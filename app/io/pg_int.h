/*
 * Inside io/pg only. pg_wire.c is the only file that uses libpq. Built on it: pg.c (connection,
 * statements), pg_tx.c (transactions, organisations), pg_copy.c, pg_wait.c (notices, health,
 * schema). Without a connection: pg_text.c (errors, COPY text), pg_cells.c (results, arguments,
 * arrays).
 *
 * A wire is one connection, opened and dropped many times. Any fault (lost, late, out of step)
 * drops it: a connection with unread results is never used again. Every wait has a limit,
 * `patience_ms`, so that a server that has stopped without closing cannot hold us.
 */
#ifndef GAP_IO_PG_INT_H
#define GAP_IO_PG_INT_H

#include "base/buf.h"
#include "io/pg.h"

/* An error from the server. */
struct pg_failure {
	const char *statement; /* name of the statement */
	const char *sqlstate;  /* five characters, or "" */
	const char *message;
};

/* pg_text.c. The error kind for an SQLSTATE, as pg.h lists them. */
enum err_kind pg_kind(const char *sqlstate);
/*
 * Will a new connection help? The plans are older than a migration, or the server is a standby.
 */
bool pg_is_stale(const char *sqlstate);
/* Was it temporary: a deadlock, a serialization failure, or a timeout? */
bool pg_is_passing(const char *sqlstate);
/*
 * Fills *e with the kind and a sentence for the person whom the kind names. The rest goes to
 * the log.
 */
bool pg_judge(struct err *e, const struct pg_failure *f);
/* Arguments in the form that libpq takes. */
enum { WIRE_ARGS_MAX = 64 };
struct pg_packed {
	const char *values[WIRE_ARGS_MAX];
	int lengths[WIRE_ARGS_MAX];
	int formats[WIRE_ARGS_MAX]; /* 1: binary, used only for bytes */
	char numbers[WIRE_ARGS_MAX][24];
};
void pg_pack(struct pg_packed *to, const struct pg_arg *args, size_t n);
/* One row in COPY's text format, with its line feed. */
void pg_copy_text(struct buf *out, const char *const *cells, size_t n);

enum wire_kind {
	WIRE_SQL,     /* runs `text`, without arguments */
	WIRE_PREPARE, /* prepares `text` as `name` */
	WIRE_CALL     /* runs the prepared statement `name` with args */
};

struct wire_reply {
	void *result; /* for struct pg_rows; NULL when wire_run has no arena */
	size_t n;     /* rows, or rows touched */
	char tag[16]; /* "COMMIT", "INSERT 0 1" */
};

struct wire_cmd {
	enum wire_kind kind;
	const char *name;
	const char *text;
	const struct pg_arg *args;
	size_t n;
	struct wire_reply *reply_r; /* gets the answer of this command; NULL: not wanted */
};

/*
 * How long we wait for an answer: the limit of the server and some more, so that the server
 * gives up first and says why.
 */
enum {
	STATEMENT_S = 30,
	WIRE_GRACE_MS = 5000,
	WIRE_PATIENCE_MS = STATEMENT_S * 1000 + WIRE_GRACE_MS
};

enum wire_state {
	WIRE_DOWN,
	WIRE_IDLE,
	WIRE_OPEN,   /* inside a transaction that can go on */
	WIRE_FAILED, /* inside one that can only be rolled back */
	WIRE_BUSY    /* results unread, or a COPY under way */
};

struct wire;

/* What to call once a second while waiting; tick NULL: nothing. */
struct wire_meanwhile {
	void (*tick)(void *user);
	void *user;
};
/* A new wire, down. Closed with the arena. */
struct wire *wire_new(struct arena *a, const struct wire_meanwhile *meanwhile);
/*
 * pg_wait.c. poll() on one descriptor for at most `ms`. Returns 0 when nothing came, or a
 * signal.
 */
int wire_poll(const struct wire_meanwhile *m, int fd, short events, int64_t ms, short *seen_r);
MUSTUSE bool wire_connect(struct wire *w, const char *url, const char *program, struct err *e);
void wire_drop(struct wire *w);
enum wire_state wire_state(const struct wire *w);
/* Between statements: is the connection up, and has the server not closed it? */
bool wire_is_up(struct wire *w);
void wire_patience(struct wire *w, int ms);
const char *wire_constraint(const struct wire *w); /* constraint of the last failure; "" */

/*
 * Sends all commands at once (libpq's pipeline mode) and reads every answer. *done_r: how many
 * succeeded, in order. *reply_r: the answer of the last command, unless that command has its
 * own reply_r. Rows live on `a`. On false the wire is either in step or WIRE_DOWN.
 */
MUSTUSE bool wire_run(struct wire *w, struct arena *a, const struct wire_cmd *cmds, size_t n,
	size_t *done_r, struct wire_reply *reply_r, struct err *e);

/*
 * Runs one command and calls `row` for each row, whose memory ends with the call. When it
 * returns false the wire is dropped.
 */
MUSTUSE bool wire_stream(struct wire *w, const struct wire_cmd *cmd,
	bool (*row)(void *user, const struct pg_rows *r, struct err *e), void *user,
	struct err *e);

MUSTUSE bool wire_copy_start(struct wire *w, const struct wire_cmd *cmd, struct err *e);
MUSTUSE bool wire_copy_put(struct wire *w, struct str bytes, struct err *e);
/*
 * give_up: ends the COPY with an error, so that the server discards it; this is not a failure.
 */
MUSTUSE bool wire_copy_end(struct wire *w, bool give_up, size_t *rows_r, struct err *e);

/* Several statements in one text. */
MUSTUSE bool wire_script(struct wire *w, const char *text, struct err *e);

/* The number of arguments of a prepared statement. */
MUSTUSE bool wire_params(struct wire *w, const char *name, int *params_r, struct err *e);

/* As pg_wait, on a wire that is up. */
MUSTUSE bool wire_wait(
	struct wire *w, int other_fd, int timeout_ms, bool *noticed_r, struct err *e);

/* The SQLSTATE of the last failure; "" when the server sent none. */
const char *wire_sqlstate(const struct wire *w);

/* The arena of the rows. In wire_stream it is emptied after each row. */
struct arena *wire_rows_arena(const struct pg_rows *r);

enum { PG_CHANNELS_MAX = 4 };

enum tx {
	TX_NONE,
	TX_DUE,	 /* begun by the caller; BEGIN is sent with the first statement */
	TX_OPEN, /* the server has begun it */
	TX_LOST	 /* the connection was lost; nothing may run until it is ended */
};

/* Settings of the transaction that must be sent before its next statement. */
struct due {
	int64_t org_id;
	int patience_s;
};

struct pg {
	struct wire *wire;
	struct wire_meanwhile meanwhile;
	struct arena *home, *use;
	const char *url, *program;
	const struct pg_stmt *table;
	size_t n;
	bool *prepared; /* per statement: is it prepared on this connection? */
	int64_t failed_at_ms;
	bool wrote, passing; /* pg_may_repeat */
	const char *settings;
	bool stale;  /* replace the connection as soon as no transaction needs it */
	bool busy;   /* inside pg_each or a COPY */
	bool missed; /* reconnected: notices may have been lost */
	enum tx tx;
	struct due due;
	int64_t org_id;
	int64_t tx_serial;
	int64_t trips;
	const char *channels[PG_CHANNELS_MAX];
	size_t n_channels;
	struct buf copy;
};

/* Ready for a statement? Connects when that loses nothing. */
MUSTUSE bool pg_ready(struct pg *db, struct err *e);
/* After a failure: updates the state of connection and transaction. Always returns false. */
bool pg_fell(struct pg *db);
/*
 * Closes the connection if it is not idle when its user changes, so that it is never passed on.
 */
void pg_at_rest(struct pg *db);
/*
 * For commands that cannot be in a pipeline: sends first the settings that are due, and
 * prepares `stmt` (-1: none).
 */
MUSTUSE bool pg_clear_way(struct pg *db, int stmt, struct err *e);
struct wire_cmd pg_call(const struct pg *db, int stmt, const struct pg_arg *args, size_t n);
/* Runs a fixed SQL text without arguments. */
MUSTUSE bool pg_simple(
	struct pg *db, const char *text, struct wire_reply *reply_r, struct err *e);

#endif
