/*
 * PostgreSQL: statements by number, bound parameters only, results on an
 * arena. The text of every statement is in sql/queries, and each connection
 * prepares it on first use. Only pg_script(), which is for migrations, takes SQL
 * from a caller.
 *
 *     struct pg_rows rows;
 *     if (!pg_query(db, STMT_CLIENT_BY_ID, &rows, e, PG_INT(id)))
 *             return false;
 *     if (rows.n == 0) return err_set(e, ERR_NOT_FOUND, "No such client.");
 *     c->name = pg_text(&rows, 0, 0);
 *
 * Organisations: pg_begin(db, org_id) opens a transaction and enters the
 * organisation with SET LOCAL gap.org_id; without it the row-level-security
 * policies show no rows. A transaction that is still open when the arena is reset
 * is rolled back then.
 *
 * Errors:
 *  - ERR_UNAVAILABLE: SQLSTATE class 08, 53, 57 and a lost connection (the next use
 *    opens a new one, but not within a second of a failed try); 40001, 40P01, 25006;
 *    lock and statement timeouts
 *  - ERR_CONFLICT: 23505, 23P01; P0001 (our own RAISE), with its message
 *  - ERR_DENIED: 42501 (no privilege, policy violation)
 *  - ERR_UNCERTAIN: the connection was lost during COMMIT
 *  - ERR_INTERNAL: everything else
 *
 * When the connection is lost during a statement outside a transaction, the statement
 * may have been carried out: a write there must be idempotent.
 *
 * Limits: 5 s to connect, 30 s for a statement (pg_patience changes it), 5 s for a lock,
 * 10 min idle in a transaction, 35 s when the server does not react at all.
 */
#ifndef GAP_IO_PG_H
#define GAP_IO_PG_H

#include "base/err.h"
#include "base/str.h"

struct pg_stmt {
	const char *name; /* "client_by_id" */
	const char *text;
	int params;
	bool writes; /* changes data; see pg_may_repeat */
};

struct pg;

/*
 * A connection. The first statement opens it (limit 5 s). `table` is the generated table of
 * statements (store/stmt.h). `program` becomes application_name. Closed with the arena.
 */
struct pg *pg_new(struct arena *a, const char *url, const char *program,
	const struct pg_stmt *table, size_t n);

/*
 * Sets the arena of the request or job that now uses the connection: from now on results and a
 * new transaction live there. Call it again after that arena was reset; until then results go
 * to the arena of pg_new, which outlives all others. If the connection is not idle when its
 * user changes, it is closed rather than passed on. While a transaction is open, a second arena
 * for part of the work may be set too.
 */
void pg_use(struct pg *db, struct arena *a);

enum pg_arg_kind { PG_ARG_TEXT, PG_ARG_INT, PG_ARG_BOOL, PG_ARG_BYTES };

struct pg_arg {
	enum pg_arg_kind kind;
	const char *text; /* NULL: SQL NULL */
	int64_t number;
	struct str bytes; /* p NULL: SQL NULL */
};

#define PG_TEXT(s)  ((struct pg_arg){.kind = PG_ARG_TEXT, .text = (s)})
#define PG_INT(n)   ((struct pg_arg){.kind = PG_ARG_INT, .number = (int64_t)(n)})
#define PG_BOOL(b)  ((struct pg_arg){.kind = PG_ARG_BOOL, .number = (b)})
#define PG_BYTES(s) ((struct pg_arg){.kind = PG_ARG_BYTES, .bytes = (s)})
#define PG_NULL	    ((struct pg_arg){.kind = PG_ARG_TEXT, .text = NULL})

struct pg_rows {
	void *result; /* freed by the arena */
	size_t n;     /* rows; for INSERT, UPDATE, DELETE without RETURNING: rows touched */
};

/* Runs statement `stmt`. A wrong number of arguments is a bug. */
#define pg_query(db, stmt, rows, e, ...)                                          \
	pg_query_args((db), (int)(stmt), (rows), (e),                             \
		(const struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__},    \
		sizeof((struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__}) / \
				sizeof(struct pg_arg) -                           \
			1)
/*
 * The same when no rows are wanted. *touched_r gets the number of rows touched; it may be NULL.
 */
#define pg_exec(db, stmt, touched_r, e, ...)                                      \
	pg_exec_args((db), (int)(stmt), (touched_r), (e),                         \
		(const struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__},    \
		sizeof((struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__}) / \
				sizeof(struct pg_arg) -                           \
			1)

/*
 * Runs one statement in a transaction of its own, inside organisation `org_id`, in one round
 * trip (SET LOCAL and the statement are sent together). Pages read in this way. Not allowed
 * inside pg_begin.
 */
#define pg_once(db, org_id, stmt, rows, e, ...)                                   \
	pg_once_args((db), (org_id), (int)(stmt), (rows), (e),                    \
		(const struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__},    \
		sizeof((struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__}) / \
				sizeof(struct pg_arg) -                           \
			1)
MUSTUSE bool pg_once_args(struct pg *db, int64_t org_id, int stmt, struct pg_rows *rows_r,
	struct err *e, const struct pg_arg *args, size_t n);

/*
 * Runs several statements, at most PG_TOGETHER_MAX, in one round trip; each has its own rows.
 * Outside a transaction they share one of their own, inside organisation `org_id` (0: no
 * organisation). In an open transaction org_id is ignored. On false none of the rows may be read.
 *
 *     pg_together(db, org_id, (struct pg_ask[]){PG_ASK(STMT_A, &a, PG_INT(1)), PG_ASK(STMT_B, &b)}, 2, e)
 */
enum { PG_TOGETHER_MAX = 4 };
struct pg_ask {
	int stmt;
	struct pg_rows *rows_r;
	const struct pg_arg *args; /* args[0] is a filler */
	size_t n;
};
#define PG_ASK(stmt, rows, ...)                                                   \
	((struct pg_ask){(int)(stmt), (rows),                                     \
		(const struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__},    \
		sizeof((struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__}) / \
				sizeof(struct pg_arg) -                           \
			1})
MUSTUSE bool pg_together(
	struct pg *db, int64_t org_id, const struct pg_ask *asks, size_t n, struct err *e);

/* Used by the macros. args[0] is a filler, which `n` does not count. */
MUSTUSE bool pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n);
MUSTUSE bool pg_exec_args(struct pg *db, int stmt, size_t *touched_r, struct err *e,
	const struct pg_arg *args, size_t n);

/*
 * Reads a cell. SQL NULL gives NULL, 0, false or empty. Text and bytes live as long as the
 * rows.
 */
const char *pg_text(const struct pg_rows *r, size_t row, int col);
int64_t pg_int(const struct pg_rows *r, size_t row, int col);
int64_t pg_time(const struct pg_rows *r, size_t row, int col); /* timestamptz, UTC seconds */
bool pg_bool(const struct pg_rows *r, size_t row, int col);
struct str pg_bytes(const struct pg_rows *r, size_t row, int col); /* bytea, decoded */
bool pg_null(const struct pg_rows *r, size_t row, int col);

/*
 * Begins a transaction; org_id 0: without an organisation. Nesting is a bug. BEGIN is sent with
 * the first statement.
 */
MUSTUSE bool pg_begin(struct pg *db, int64_t org_id, struct err *e);
/* Enters an organisation inside an open transaction that has none yet. */
MUSTUSE bool pg_enter(struct pg *db, int64_t org_id, struct err *e);
/* Sets the time limit of each further statement of this transaction, instead of 30 s. */
void pg_patience(struct pg *db, int seconds);
MUSTUSE bool pg_commit(struct pg *db, struct err *e);
void pg_rollback(struct pg *db);
/*
 * Calls `tick` about once a second while waiting for an answer. It must not use this
 * connection.
 */
void pg_while_waiting(struct pg *db, void (*tick)(void *user), void *user);
bool pg_in_transaction(const struct pg *db);

/*
 * COPY ... FROM STDIN (text format): pg_copy_start, then pg_copy_row for each row, then
 * pg_copy_end. pg_copy_row escapes; cells[i] NULL is \N. Rows are sent in blocks of 64 KiB.
 */
MUSTUSE bool pg_copy_start(struct pg *db, int stmt, struct err *e);
MUSTUSE bool pg_copy_row(struct pg *db, const char *const *cells, size_t n, struct err *e);
MUSTUSE bool pg_copy_end(struct pg *db, size_t *rows_r, struct err *e);
/* Gives up the COPY. The transaction can then only be rolled back. */
void pg_copy_abort(struct pg *db);

/*
 * Calls `row` for each row as it arrives (single-row mode), in constant memory: for 100,000
 * fingerprints or a CSV export. args[0] is the first argument; there is no filler. The cells
 * live until `row` returns. `row` must not run a statement. When `row` returns false, with *e
 * set, pg_each fails with that error and closes the connection, which ends an open transaction:
 * use it to give up, not to stop early.
 */
MUSTUSE bool pg_each(struct pg *db, int stmt, struct err *e, const struct pg_arg *args,
	size_t n, bool (*row)(void *user, const struct pg_rows *r, struct err *e), void *user);

/*
 * pg_listen listens on a channel (a to z and '_'), also after a reconnect. pg_wait then returns
 * when a notice came, `other_fd` (-1: none) is readable, a signal came, or timeout_ms is over.
 * The first wait on each new connection reports a notice, because one may have been missed.
 * When the database is down it returns false after at most a second.
 */
MUSTUSE bool pg_listen(struct pg *db, const char *channel, struct err *e);
MUSTUSE bool pg_wait(
	struct pg *db, int other_fd, int timeout_ms, bool *noticed_r, struct err *e);

/* The number of round trips so far: the main cost of a page. */
int64_t pg_trips(const struct pg *db);

/* Can the database be reached now? For /readyz. */
bool pg_ping(struct pg *db);

/*
 * May the caller do everything since pg_use() or pg_mark() again, after a pg_rollback()? Only
 * if nothing of it was saved (no commit, and no statement whose `writes` is set outside a
 * transaction), and the last statement failed for a temporary reason: a deadlock, a
 * serialization failure, or a lock or statement timeout.
 */
bool pg_may_repeat(const struct pg *db);
/* Forgets what was saved so far; call it when doing that again is harmless. */
void pg_mark(struct pg *db);

/*
 * Sets the time limit of every statement, instead of 30 s. Call it before the first statement.
 */
void pg_limit(struct pg *db, int seconds);

/* Closes the connection; the next statement opens a new one. */
void pg_reset(struct pg *db);

/* The constraint that the last failed statement violated; "" when it was none. */
const char *pg_constraint(const struct pg *db);

/*
 * An array {"a","b"}, for `= ANY($1::text[])` and unnest($1::text[]). A NULL item becomes NULL.
 */
char *pg_array(struct arena *a, const char *const *items, size_t n);

/*
 * For migrations only: runs several statements in one text, in the open transaction. Limit 10
 * minutes each.
 */
MUSTUSE bool pg_script(struct pg *db, const char *text, struct err *e);

/* For tests: prepares every statement on this connection and checks its number of arguments. */
MUSTUSE bool pg_prepare_all(struct pg *db, struct err *e);

#endif
