#include "io/pg_int.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <libpq-fe.h>
#include <poll.h>

struct wire {
	PGconn *conn;
	const struct wire_meanwhile *meanwhile;
	int patience_ms;
	bool late;			  /* the last wait reached its time limit */
	char sqlstate[6], constraint[64]; /* both of the last failure */
};

/* The type behind struct pg_rows.result. */
struct rows {
	PGresult *res;
	struct arena *arena;
};

void wire_drop(struct wire *w)
{
	PQfinish(w->conn);
	w->conn = NULL;
}

static void drop_at_end(void *w)
{
	wire_drop(w);
}

struct wire *wire_new(struct arena *a, const struct wire_meanwhile *meanwhile)
{
	struct wire *w = arena_new_of(a, struct wire);
	w->meanwhile = meanwhile;
	w->patience_ms = WIRE_PATIENCE_MS;
	arena_defer(a, drop_at_end, w);
	return w;
}

void wire_patience(struct wire *w, int ms)
{
	w->patience_ms = ms;
}

const char *wire_constraint(const struct wire *w)
{
	return w->constraint;
}

const char *wire_sqlstate(const struct wire *w)
{
	return w->sqlstate;
}

/* libpq ends its messages with a line feed and may add more lines. */
static struct str first_line(const char *text)
{
	return (struct str){text, strcspn(text, "\n")};
}

static bool away(struct wire *w, const char *what, struct err *e)
{
	struct str why =
		w->late ? STR("no answer in time") : first_line(PQerrorMessage(w->conn));
	(void)err_set_after(e, ERR_UNAVAILABLE, 1, "%s: %.*s", what, (int)why.n, why.p);
	wire_drop(w);
	return false;
}

static bool lost(struct wire *w, struct err *e)
{
	return away(w, "The database connection was lost", e);
}

static void on_notice(void *user, const PGresult *res)
{
	(void)user;
	log_debug("pg.notice",
		log_text("text", PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY)));
}

static bool url_is_good(const char *url)
{
	char *why = NULL;
	PQconninfoOption *parsed = PQconninfoParse(url, &why);
	/* PQconninfoParse: no message, or this one, means a lack of memory. */
	if (parsed == NULL && (why == NULL || strstr(why, "out of memory") != NULL))
		die("out of memory: a database address");
	PQfreemem(why); /* not logged: it quotes the address with its password */
	PQconninfoFree(parsed);
	return parsed != NULL;
}

bool wire_connect(struct wire *w, const char *url, const char *program, struct err *e)
{
	/* A later entry wins: the address may override the first three only. */
	static const char *const names[] = {"connect_timeout", "tcp_user_timeout",
		"keepalives_idle", "dbname", "client_encoding", "application_name", NULL};
	const char *const values[] = {"5", "30000", "30", url, "UTF8", program, NULL};
	wire_drop(w);
	if (!url_is_good(url))
		return err_set(
			e, ERR_CONFIG, "The database address is not one libpq understands.");
	w->late = false;
	w->conn = PQconnectdbParams(names, values, 1);
	if (w->conn == NULL)
		die("out of memory: a database connection");
	if (PQstatus(w->conn) != CONNECTION_OK || PQsetnonblocking(w->conn, 1) != 0)
		return away(w, "The database is not reachable", e);
	(void)PQsetNoticeReceiver(w->conn, on_notice, NULL);
	return true;
}

enum wire_state wire_state(const struct wire *w)
{
	if (w->conn == NULL || PQstatus(w->conn) != CONNECTION_OK)
		return WIRE_DOWN;
	switch (PQtransactionStatus(w->conn)) {
	case PQTRANS_IDLE:
		return WIRE_IDLE;
	case PQTRANS_INTRANS:
		return WIRE_OPEN;
	case PQTRANS_INERROR:
		return WIRE_FAILED;
	case PQTRANS_ACTIVE:
		return WIRE_BUSY;
	case PQTRANS_UNKNOWN:
		return WIRE_DOWN;
	}
	return WIRE_DOWN;
}

bool wire_is_up(struct wire *w)
{
	short seen = 0;
	/* The server may send a message before it closes: look again after each read. */
	while (wire_state(w) != WIRE_DOWN &&
		wire_poll(w->meanwhile, PQsocket(w->conn), POLLIN, 0, &seen) != 0)
		if (PQconsumeInput(w->conn) != 1)
			break;
	if (wire_state(w) != WIRE_DOWN)
		return true;
	wire_drop(w);
	return false;
}

/* Waits until everything is sent and, if `answer`, until PQgetResult would not block. */
static bool settle(struct wire *w, bool answer)
{
	int64_t end = clock_mono_ms() + w->patience_ms;
	for (;;) {
		int unsent = PQflush(w->conn);
		if (unsent < 0)
			return false;
		if (unsent == 0 && (!answer || PQisBusy(w->conn) == 0))
			return true;
		int64_t left = end - clock_mono_ms();
		w->late = left <= 0;
		if (w->late)
			return false;
		short events = unsent != 0 ? POLLIN | POLLOUT : POLLIN, seen = 0;
		if (wire_poll(w->meanwhile, PQsocket(w->conn), events, left, &seen) < 0)
			return false;
		if ((seen & ~POLLOUT) != 0 && PQconsumeInput(w->conn) != 1)
			return false;
	}
}

/* The next result; NULL at the end of a command, and when the connection broke. */
static PGresult *next(struct wire *w)
{
	if (!settle(w, true))
		return NULL;
	return PQgetResult(w->conn);
}

static bool is_broken(const struct wire *w)
{
	return w->late || PQstatus(w->conn) != CONNECTION_OK;
}

static bool failed(struct wire *w, const char *name, PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
	(void)snprintf(w->constraint, sizeof w->constraint, "%s",
		constraint == NULL ? "" : constraint);
	(void)snprintf(w->sqlstate, sizeof w->sqlstate, "%s", state == NULL ? "" : state);
	const struct pg_failure f = {.statement = name,
		.sqlstate = w->sqlstate,
		.message = message == NULL ? "no reason given" : message};
	(void)pg_judge(e, &f);
	PQclear(res);
	return false;
}

static bool send_call(struct wire *w, const struct wire_cmd *cmd)
{
	struct pg_packed p;
	pg_pack(&p, cmd->args, cmd->n);
	return PQsendQueryPrepared(
		       w->conn, cmd->name, (int)cmd->n, p.values, p.lengths, p.formats, 0) == 1;
}

static bool queue(struct wire *w, const struct wire_cmd *cmd)
{
	w->late = false;
	w->constraint[0] = w->sqlstate[0] = '\0';
	switch (cmd->kind) {
	case WIRE_SQL:
		return PQsendQueryParams(w->conn, cmd->text, 0, NULL, NULL, NULL, NULL, 0) == 1;
	case WIRE_PREPARE:
		return PQsendPrepare(w->conn, cmd->name, cmd->text, 0, NULL) == 1;
	case WIRE_CALL:
		return send_call(w, cmd);
	}
	return false;
}

static void clear_rows(void *rows)
{
	struct rows *r = rows;
	PQclear(r->res);
	r->res = NULL;
}

static size_t touched(PGresult *res)
{
	int64_t n = 0;
	return str_to_i64(str_of(PQcmdTuples(res)), &n) ? (size_t)n : 0;
}

/* Owns `res` from here on. */
static void reply(struct arena *a, PGresult *res, struct wire_reply *reply_r)
{
	bool has_rows = PQresultStatus(res) == PGRES_TUPLES_OK;
	*reply_r = (struct wire_reply){.n = has_rows ? (size_t)PQntuples(res) : touched(res)};
	(void)snprintf(reply_r->tag, sizeof reply_r->tag, "%s", PQcmdStatus(res));
	if (a == NULL) {
		PQclear(res);
		return;
	}
	struct rows *rows = arena_new_of(a, struct rows);
	*rows = (struct rows){res, a};
	arena_defer(a, clear_rows, rows);
	reply_r->result = rows;
}

/* The only result of a pipelined command, and the NULL behind it. NULL: broken. */
static PGresult *whole(struct wire *w)
{
	PGresult *res = next(w);
	if (res == NULL)
		return NULL;
	PGresult *end = next(w);
	if (end == NULL && !is_broken(w))
		return res;
	PQclear(end);
	PQclear(res);
	return NULL;
}

static bool is_good(const PGresult *res)
{
	ExecStatusType s = PQresultStatus(res);
	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || s == PGRES_EMPTY_QUERY;
}

static bool end_pipeline(struct wire *w)
{
	PGresult *sync = next(w);
	bool ok = sync != NULL && PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
	PQclear(sync);
	return ok && PQexitPipelineMode(w->conn) == 1;
}

/* Reads n answers. *res_r: the first failure, or the last result without a reply_r. */
static bool collect(struct wire *w, struct arena *a, const struct wire_cmd *cmds, size_t n,
	size_t *done_r, PGresult **res_r)
{
	for (size_t i = 0; i < n; i++) {
		PGresult *res = whole(w);
		if (res == NULL)
			return false;
		/* After the first failure the server skips the remaining commands. */
		if (*done_r != i) {
			PQclear(res);
			continue;
		}
		*done_r += is_good(res);
		PQclear(*res_r);
		*res_r = NULL;
		if (is_good(res) && cmds[i].reply_r != NULL)
			reply(a, res, cmds[i].reply_r);
		else
			*res_r = res;
	}
	return end_pipeline(w);
}

bool wire_run(struct wire *w, struct arena *a, const struct wire_cmd *cmds, size_t n,
	size_t *done_r, struct wire_reply *reply_r, struct err *e)
{
	PGresult *res = NULL;
	bool ok = PQenterPipelineMode(w->conn) == 1;
	for (size_t i = 0; ok && i < n; i++)
		ok = queue(w, &cmds[i]);
	*done_r = 0;
	if (!ok || PQpipelineSync(w->conn) != 1 || !collect(w, a, cmds, n, done_r, &res)) {
		PQclear(res);
		return lost(w, e);
	}
	if (*done_r < n)
		return failed(w, cmds[*done_r].name, res, e);
	if (res != NULL)
		reply(a, res, reply_r);
	return true;
}

/* Without a pipeline: reads the rest of the results of a command. The first failure counts. */
static bool finish(struct wire *w, const char *name, size_t *rows_r, struct err *e)
{
	bool ok = true;
	for (PGresult *res = next(w); res != NULL && !is_broken(w); res = next(w)) {
		ExecStatusType s = PQresultStatus(res);
		if (s == PGRES_COPY_IN || s == PGRES_COPY_OUT || s == PGRES_COPY_BOTH) {
			PQclear(res);
			return lost(w, e);
		}
		if (rows_r != NULL)
			*rows_r = touched(res);
		if (!is_good(res) && ok)
			ok = failed(w, name, res, e);
		else
			PQclear(res);
	}
	return is_broken(w) ? lost(w, e) : ok;
}

/* Reports the failure `res` and reads the results after it. res NULL: the connection broke. */
static bool refused(struct wire *w, const char *name, PGresult *res, struct err *e)
{
	struct err rest;
	if (res == NULL)
		return lost(w, e);
	(void)failed(w, name, res, e);
	return finish(w, name, NULL, &rest) && false;
}

bool wire_stream(struct wire *w, const struct wire_cmd *cmd,
	bool (*row)(void *user, const struct pg_rows *r, struct err *e), void *user,
	struct err *e)
{
	if (!queue(w, cmd) || PQsetSingleRowMode(w->conn) != 1)
		return lost(w, e);
	struct arena *scratch = arena_new();
	bool ok = true;
	PGresult *res = next(w);
	while (ok && res != NULL && PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
		struct rows one = {res, scratch};
		ok = row(user, &(struct pg_rows){&one, 1}, e);
		arena_reset(scratch);
		PQclear(res);
		res = ok ? next(w) : NULL;
	}
	arena_free(&scratch);
	if (!ok) {
		wire_drop(w);
		return false;
	}
	if (res == NULL || !is_good(res))
		return refused(w, cmd->name, res, e);
	PQclear(res);
	return finish(w, cmd->name, NULL, e);
}

bool wire_copy_start(struct wire *w, const struct wire_cmd *cmd, struct err *e)
{
	if (!queue(w, cmd))
		return lost(w, e);
	PGresult *res = next(w);
	if (res != NULL && PQresultStatus(res) == PGRES_COPY_IN) {
		PQclear(res);
		return true;
	}
	if (res != NULL && is_good(res))
		bug("%s is no COPY FROM STDIN", cmd->name);
	return refused(w, cmd->name, res, e);
}

bool wire_copy_put(struct wire *w, struct str bytes, struct err *e)
{
	w->late = false;
	if (bytes.n > INT_MAX || PQputCopyData(w->conn, bytes.p, (int)bytes.n) != 1 ||
		!settle(w, false))
		return lost(w, e);
	return true;
}

bool wire_copy_end(struct wire *w, bool give_up, size_t *rows_r, struct err *e)
{
	w->late = false;
	if (PQputCopyEnd(w->conn, give_up ? "given up" : NULL) != 1)
		return lost(w, e);
	bool ok = finish(w, "copy", rows_r, e);
	return ok || (give_up && w->conn != NULL);
}

bool wire_script(struct wire *w, const char *text, struct err *e)
{
	w->late = false;
	if (PQsendQuery(w->conn, text) != 1)
		return lost(w, e);
	return finish(w, "script", NULL, e);
}

bool wire_params(struct wire *w, const char *name, int *params_r, struct err *e)
{
	w->late = false;
	if (PQsendDescribePrepared(w->conn, name) != 1)
		return lost(w, e);
	PGresult *res = next(w);
	if (res == NULL || !is_good(res))
		return refused(w, name, res, e);
	*params_r = PQnparams(res);
	PQclear(res);
	return finish(w, name, NULL, e);
}

static bool take_notices(struct wire *w)
{
	bool any = false;
	for (PGnotify *n = PQnotifies(w->conn); n != NULL; n = PQnotifies(w->conn)) {
		PQfreemem(n);
		any = true;
	}
	return any;
}

bool wire_wait(struct wire *w, int other_fd, int timeout_ms, bool *noticed_r, struct err *e)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	w->late = false;
	for (;;) {
		if (PQconsumeInput(w->conn) != 1 || is_broken(w))
			return lost(w, e);
		*noticed_r = take_notices(w);
		int64_t left = end - clock_mono_ms();
		if (*noticed_r || left <= 0)
			return true;
		struct pollfd fds[] = {{.fd = PQsocket(w->conn), .events = POLLIN},
			{.fd = other_fd, .events = POLLIN}};
		int n = poll(fds, 2, (int)left);
		/* A signal ends the wait too: perhaps we are asked to stop. */
		if (n <= 0 || fds[1].revents != 0)
			return true;
	}
}

static const struct rows *at(const struct pg_rows *r, size_t row, int col)
{
	const struct rows *rows = r->result;
	if (rows == NULL || row >= (size_t)PQntuples(rows->res) || col < 0 ||
		col >= PQnfields(rows->res))
		bug("no cell %zu, %d in this result", row, col);
	return rows;
}

bool pg_null(const struct pg_rows *r, size_t row, int col)
{
	return PQgetisnull(at(r, row, col)->res, (int)row, col) == 1;
}

const char *pg_text(const struct pg_rows *r, size_t row, int col)
{
	return pg_null(r, row, col) ? NULL : PQgetvalue(at(r, row, col)->res, (int)row, col);
}

struct arena *wire_rows_arena(const struct pg_rows *r)
{
	const struct rows *rows = r->result;
	return rows->arena;
}
