/*
 * PostgreSQL: statements by number, bound parameters only, results on an
 * arena. The text of every statement stands in sql/queries and is prepared on
 * first use per connection. No function takes SQL from a caller but
 * pg_script(), which is for migrations.
 *
 *     struct pg_rows rows;
 *     if (!pg_query(db, STMT_CLIENT_BY_ID, &rows, e, PG_INT(id)))
 *             return false;
 *     if (rows.n == 0) return err_set(e, ERR_NOT_FOUND, "No such client.");
 *     c->name = pg_text(&rows, 0, 0);
 *
 * Organisations: pg_begin(db, org_id) opens a transaction and enters the
 * organisation with SET LOCAL gap.org_id; the row-level-security policies see
 * nothing without it. A transaction that is neither committed nor rolled back
 * when the arena is reset is rolled back there.
 *
 * Errors: SQLSTATE class 08, 53, 57 and a lost connection are ERR_UNAVAILABLE
 * (the connection is reopened at the next use; one that failed, not within a
 * second); 40001, 40P01, 25006 and lock or statement timeouts ERR_UNAVAILABLE; 23505 and 23P01
 * ERR_CONFLICT; 42501 (no privilege, policy violation) ERR_DENIED; P0001 (our
 * own RAISE) ERR_CONFLICT with its message; a connection lost during COMMIT is
 * ERR_UNCERTAIN; all else ERR_INTERNAL. A statement outside a transaction that
 * is lost with its connection may have happened: such a write must be
 * repeatable. Limits: 5 s to connect, 30 s a statement (pg_patience), 5 s for a
 * lock, 10 min idle in a transaction, 35 s for a server that is merely stopped.
 */
#ifndef GAP_IO_PG_H
#define GAP_IO_PG_H

#include "base/err.h"
#include "base/str.h"

struct pg_stmt {
	const char *name; /* "client_by_id" */
	const char *text;
	int params;
	bool writes; /* does more than look: see pg_may_repeat */
};

struct pg;

/*
 * A connection, not yet made: the first statement makes it (5 s limit). `table` is the
 * generated one (store/stmt.h). `program` becomes application_name. Closed with the arena.
 */
struct pg *pg_new(struct arena *a, const char *url, const char *program,
	const struct pg_stmt *table, size_t n);

/*
 * The arena of the request or job that now uses it: results and a transaction
 * begun from now on hang there. After that arena's reset, call it again; until
 * then results go to pg_new's arena, which outlives all others. A connection
 * not back at rest when the user changes is closed, not lent on. While a
 * transaction is open an arena for a part of the work may be given too.
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
	void *result; /* hung on the arena */
	size_t n;     /* rows; for INSERT, UPDATE, DELETE without RETURNING: rows touched */
};

/* Runs statement `stmt`; the number of arguments is checked against the statement (bug). */
#define pg_query(db, stmt, rows, e, ...)                                          \
	pg_query_args((db), (int)(stmt), (rows), (e),                             \
		(const struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__},    \
		sizeof((struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__}) / \
				sizeof(struct pg_arg) -                           \
			1)
/* The same where no rows are wanted; *touched_r (may be NULL) gets the number. */
#define pg_exec(db, stmt, touched_r, e, ...)                                      \
	pg_exec_args((db), (int)(stmt), (touched_r), (e),                         \
		(const struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__},    \
		sizeof((struct pg_arg[]){{.kind = PG_ARG_TEXT}, ##__VA_ARGS__}) / \
				sizeof(struct pg_arg) -                           \
			1)

/*
 * One statement in a transaction of its own inside organisation `org_id`, in
 * one round trip (SET LOCAL and the statement travel together): the way a page
 * reads. Not inside pg_begin.
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
 * Several statements in one round trip, each with its rows: what a page needs to know at once. Outside a
 * transaction they are in one of their own, inside organisation `org_id` (0: none entered); in one that is
 * open, org_id is not looked at. At most PG_TOGETHER_MAX. On false none of the rows may be read.
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

/* What the macros call: args[0] is a filler, n does not count it. */
MUSTUSE bool pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n);
MUSTUSE bool pg_exec_args(struct pg *db, int stmt, size_t *touched_r, struct err *e,
	const struct pg_arg *args, size_t n);

/* Cells. NULL reads as NULL, 0, false, empty. Text and bytes live as long as the rows. */
const char *pg_text(const struct pg_rows *r, size_t row, int col);
int64_t pg_int(const struct pg_rows *r, size_t row, int col);
int64_t pg_time(const struct pg_rows *r, size_t row, int col); /* timestamptz, UTC seconds */
bool pg_bool(const struct pg_rows *r, size_t row, int col);
struct str pg_bytes(const struct pg_rows *r, size_t row, int col); /* bytea, decoded */
bool pg_null(const struct pg_rows *r, size_t row, int col);

/* Transactions. org_id 0: none entered. Nesting is a bug. BEGIN travels with the first statement. */
MUSTUSE bool pg_begin(struct pg *db, int64_t org_id, struct err *e);
/* Enters an organisation inside an open transaction that has none yet. */
MUSTUSE bool pg_enter(struct pg *db, int64_t org_id, struct err *e);
/* Each statement of this transaction, from the next one on, may take this long instead of 30 s. */
void pg_patience(struct pg *db, int seconds);
MUSTUSE bool pg_commit(struct pg *db, struct err *e);
void pg_rollback(struct pg *db);
/* While an answer is awaited, `tick` is called about every second; it runs no statement on this connection. */
void pg_while_waiting(struct pg *db, void (*tick)(void *user), void *user);
bool pg_in_transaction(const struct pg *db);

/*
 * COPY ... FROM STDIN (text format): start with the statement, send rows, end.
 * pg_copy_row escapes; `cells[i]` NULL is \N. Sent in blocks of 64 KiB.
 */
MUSTUSE bool pg_copy_start(struct pg *db, int stmt, struct err *e);
MUSTUSE bool pg_copy_row(struct pg *db, const char *const *cells, size_t n, struct err *e);
MUSTUSE bool pg_copy_end(struct pg *db, size_t *rows_r, struct err *e);
/* Gives up the COPY; the transaction is then only good for a rollback. */
void pg_copy_abort(struct pg *db);

/*
 * Rows one at a time (single-row mode): for 100,000 fingerprints or a CSV export
 * with flat memory. args[0] is the first argument, no filler; a row's cells
 * live until `row` returns, and `row` runs no statement. A false from it ends
 * it with its *e, and the connection, with the transaction it had: for giving
 * up, not for stopping early.
 */
MUSTUSE bool pg_each(struct pg *db, int stmt, struct err *e, const struct pg_arg *args,
	size_t n, bool (*row)(void *user, const struct pg_rows *r, struct err *e), void *user);

/*
 * LISTEN (a to z and '_'; again by itself after a lost connection); then
 * pg_wait returns when a notice came, `other_fd` (or -1) is readable, a signal
 * came, or after timeout_ms. The first wait on every new connection reports a
 * notice, as one may have been missed. When the database is away it returns
 * false after at most a second.
 */
MUSTUSE bool pg_listen(struct pg *db, const char *channel, struct err *e);
MUSTUSE bool pg_wait(
	struct pg *db, int other_fd, int timeout_ms, bool *noticed_r, struct err *e);

/* How often the server has been asked and waited for so far: what a page costs most of. */
int64_t pg_trips(const struct pg *db);

/* Reachable now? For /readyz. */
bool pg_ping(struct pg *db);

/*
 * May everything since pg_use() or pg_mark() be done again, after a pg_rollback()? Yes when nothing of it was
 * saved (no commit, no statement outside a transaction whose `writes` is set), and when the last statement
 * failed for a passing reason: a deadlock, a serialization failure, or a lock or statement that took too long.
 */
bool pg_may_repeat(const struct pg *db);
/* Forget what was saved so far: doing it twice is harmless. */
void pg_mark(struct pg *db);

/* Before the first statement: one takes at most so many seconds, instead of 30. */
void pg_limit(struct pg *db, int seconds);

/* Drops the connection; the next statement makes a new one. */
void pg_reset(struct pg *db);

/* The constraint that the last failed statement broke; "" when it was none. */
const char *pg_constraint(const struct pg *db);

/* {"a","b"}: for `= ANY($1::text[])` and unnest($1::text[]). NULL items are NULL. */
char *pg_array(struct arena *a, const char *const *items, size_t n);

/* Migrations only: several statements in one text, in the open transaction; 10 minutes each. */
MUSTUSE bool pg_script(struct pg *db, const char *text, struct err *e);

/* Tests: every statement prepared on this connection, and its argument count compared. */
MUSTUSE bool pg_prepare_all(struct pg *db, struct err *e);

#endif
