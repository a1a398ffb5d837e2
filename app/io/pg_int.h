/*
 * Inside io/pg only. pg_wire.c speaks to libpq and is the only file that sees
 * it. Above it: pg.c (connection, statements), pg_tx.c (transactions,
 * organisations), pg_copy.c, pg_wait.c (notices, health, schema). Pure text:
 * pg_text.c (errors, COPY), pg_cells.c (results, arguments, arrays).
 *
 * A wire is one connection, made and dropped many times. Whatever goes wrong
 * with it (lost, late, out of step) drops it: a connection with unread results
 * is never used again. Every wait has a limit, `patience_ms`, also against a
 * server that is merely stopped.
 */
#ifndef GAP_IO_PG_INT_H
#define GAP_IO_PG_INT_H

#include "base/buf.h"
#include "io/pg.h"

/* What the server said when it refused. */
struct pg_failure {
	const char *statement; /* its name */
	const char *sqlstate;  /* five characters, or "" */
	const char *message;
};

/* pg_text.c. The kind as pg.h tells it. */
enum err_kind pg_kind(const char *sqlstate);
/* A new connection heals it: plans older than a migration, a standby. */
bool pg_is_stale(const char *sqlstate);
/* It was of the moment: a deadlock, a serialization, a wait that was too long. */
bool pg_is_passing(const char *sqlstate);
/* Fills *e with the kind and a sentence fit for whom the kind names; the rest goes to the log. */
bool pg_judge(struct err *e, const struct pg_failure *f);
/* Arguments as libpq takes them. */
enum { WIRE_ARGS_MAX = 64 };
struct pg_packed {
	const char *values[WIRE_ARGS_MAX];
	int lengths[WIRE_ARGS_MAX];
	int formats[WIRE_ARGS_MAX]; /* 1: binary, which only bytes need */
	char numbers[WIRE_ARGS_MAX][24];
};
void pg_pack(struct pg_packed *to, const struct pg_arg *args, size_t n);
/* One row in COPY's text format, with its line feed. */
void pg_copy_text(struct buf *out, const char *const *cells, size_t n);

enum wire_kind {
	WIRE_SQL,     /* `text` as it stands, no arguments */
	WIRE_PREPARE, /* `text` under `name` */
	WIRE_CALL     /* what was prepared under `name`, with args */
};

struct wire_reply {
	void *result; /* for struct pg_rows; NULL when wire_run was given no arena */
	size_t n;     /* rows, or rows touched */
	char tag[16]; /* "COMMIT", "INSERT 0 1" */
};

struct wire_cmd {
	enum wire_kind kind;
	const char *name;
	const char *text;
	const struct pg_arg *args;
	size_t n;
	struct wire_reply *reply_r; /* where its own answer goes; NULL: not wanted */
};

/* How long we wait for an answer: the server's own limit, and some more, so that it gives up first and says why. */
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

/* What is done meanwhile, once a second; tick NULL: nothing. */
struct wire_meanwhile {
	void (*tick)(void *user);
	void *user;
};
/* Closed with the arena. */
struct wire *wire_new(struct arena *a, const struct wire_meanwhile *meanwhile);
/* pg_wait.c. poll() of one descriptor for at most `ms`; 0: nothing came, or a signal did. */
int wire_poll(const struct wire_meanwhile *m, int fd, short events, int64_t ms, short *seen_r);
MUSTUSE bool wire_connect(struct wire *w, const char *url, const char *program, struct err *e);
void wire_drop(struct wire *w);
enum wire_state wire_state(const struct wire *w);
/* Between statements: is it there, and has the server not hung up meanwhile? */
bool wire_is_up(struct wire *w);
void wire_patience(struct wire *w, int ms);
const char *wire_constraint(const struct wire *w); /* of the last failure; "" */

/*
 * Sends the commands in one go (libpq's pipeline mode) and reads every answer.
 * *done_r says how many succeeded, in order; reply_r is the last one's unless
 * that has its own, the rows on `a`. On false the wire is either in step or WIRE_DOWN.
 */
MUSTUSE bool wire_run(struct wire *w, struct arena *a, const struct wire_cmd *cmds, size_t n,
	size_t *done_r, struct wire_reply *reply_r, struct err *e);

/* One command, row by row; a row's memory is gone after the call. False from `row` drops the wire. */
MUSTUSE bool wire_stream(struct wire *w, const struct wire_cmd *cmd,
	bool (*row)(void *user, const struct pg_rows *r, struct err *e), void *user,
	struct err *e);

MUSTUSE bool wire_copy_start(struct wire *w, const struct wire_cmd *cmd, struct err *e);
MUSTUSE bool wire_copy_put(struct wire *w, struct str bytes, struct err *e);
/* give_up: the server rolls it back and that is no error. */
MUSTUSE bool wire_copy_end(struct wire *w, bool give_up, size_t *rows_r, struct err *e);

/* Several statements in one text. */
MUSTUSE bool wire_script(struct wire *w, const char *text, struct err *e);

/* How many arguments the prepared statement takes. */
MUSTUSE bool wire_params(struct wire *w, const char *name, int *params_r, struct err *e);

/* pg_wait on a wire that is up. */
MUSTUSE bool wire_wait(
	struct wire *w, int other_fd, int timeout_ms, bool *noticed_r, struct err *e);

/* Of the last failure; "" when the server named none. */
const char *wire_sqlstate(const struct wire *w);

/* The arena the rows hang on: in wire_stream one that is emptied after each row. */
struct arena *wire_rows_arena(const struct pg_rows *r);

enum { PG_CHANNELS_MAX = 4 };

enum tx {
	TX_NONE,
	TX_DUE,	 /* begun by the caller; BEGIN goes out with the first statement */
	TX_OPEN, /* the server knows it */
	TX_LOST	 /* the connection broke inside: nothing may run until it is ended */
};

/* What the server is still to be told of the transaction before its next statement. */
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
	bool *prepared; /* on this connection */
	int64_t failed_at_ms;
	bool wrote, passing; /* pg_may_repeat */
	const char *settings;
	bool stale;  /* the connection works, but must be made anew when it is free */
	bool busy;   /* inside pg_each or a COPY */
	bool missed; /* connected anew: notices may have been lost */
	enum tx tx;
	struct due due;
	int64_t org_id;
	int64_t tx_serial;
	int64_t trips;
	const char *channels[PG_CHANNELS_MAX];
	size_t n_channels;
	struct buf copy;
};

/* Good for a statement now? Connects where nothing is lost by it. */
MUSTUSE bool pg_ready(struct pg *db, struct err *e);
/* After a failure: what it means for connection and transaction. Always false. */
bool pg_fell(struct pg *db);
/* A connection that is not back at rest between two users is closed, never lent on. */
void pg_at_rest(struct pg *db);
/* For what cannot travel in a pipeline: what is due, and preparing `stmt` (-1: none), go ahead. */
MUSTUSE bool pg_clear_way(struct pg *db, int stmt, struct err *e);
struct wire_cmd pg_call(const struct pg *db, int stmt, const struct pg_arg *args, size_t n);
/* A text of ours without arguments. */
MUSTUSE bool pg_simple(
	struct pg *db, const char *text, struct wire_reply *reply_r, struct err *e);

#endif
