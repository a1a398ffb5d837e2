#include "io/pg_int.h"

#include "base/clock.h"

enum { RETRY_MS = 1000 };

static const char *settings(struct arena *a, int statement_s)
{
	return arena_printf(a,
		"SELECT set_config('statement_timeout', '%ds', false),"
		" set_config('lock_timeout', '5s', false),"
		" set_config('idle_in_transaction_session_timeout', '10min', false),"
		" set_config('client_connection_check_interval', '500ms', false),"
		" set_config('bytea_output', 'hex', false),"
		" set_config('DateStyle', 'ISO, YMD', false),"
		" set_config('TimeZone', 'UTC', false)",
		statement_s);
}

struct pg *pg_new(struct arena *a, const char *url, const char *program,
	const struct pg_stmt *table, size_t n)
{
	struct pg *db = arena_new_of(a, struct pg);
	*db = (struct pg){.wire = wire_new(a, &db->meanwhile),
		.home = a,
		.use = a,
		.url = arena_strdup(a, url),
		.program = arena_strdup(a, program),
		.settings = settings(a, STATEMENT_S),
		.table = table,
		.n = n,
		.prepared = arena_array(a, bool, n)};
	return db;
}

void pg_limit(struct pg *db, int seconds)
{
	db->settings = settings(db->home, seconds);
}

void pg_reset(struct pg *db)
{
	wire_drop(db->wire);
	db->busy = false;
	if (db->tx == TX_OPEN)
		db->tx = TX_LOST;
}

void pg_at_rest(struct pg *db)
{
	enum wire_state s = wire_state(db->wire);
	if (db->tx == TX_NONE && (db->busy || (s != WIRE_IDLE && s != WIRE_DOWN)))
		pg_reset(db);
}

struct use {
	struct pg *db;
	struct arena *arena;
};

static void end_use(void *arg)
{
	struct use *u = arg;
	pg_at_rest(u->db);
	if (u->db->use == u->arena)
		u->db->use = u->db->home;
}

void pg_use(struct pg *db, struct arena *a)
{
	if (db->use == a)
		return;
	pg_at_rest(db);
	pg_mark(db);
	struct use *u = arena_new_of(a, struct use);
	*u = (struct use){.db = db, .arena = a};
	db->use = a;
	arena_defer(a, end_use, u);
}

/* ---- the connection ---- */

enum step { STEP_BEGIN, STEP_PATIENCE, STEP_ENTER, STEP_PREPARE, STEP_CALL };

/*
 * Up to three settings before the first statement; then each statement, and the command that
 * prepares it.
 */
enum { STEPS_MAX = 3 + 2 * PG_TOGETHER_MAX };

struct plan {
	struct wire_cmd cmds[STEPS_MAX];
	enum step steps[STEPS_MAX];
	int stmts[STEPS_MAX]; /* for STEP_PREPARE: the statement */
	size_t n;
	struct pg_arg org, patience;
	char seconds[16];
};

/*
 * Settings are made in SQL, not in the "options" of the start-up packet, which PgBouncer
 * refuses.
 */
static const struct wire_cmd setup[] = {
	{.kind = WIRE_PREPARE,
		.name = "gap:enter",
		.text = "SELECT set_config('gap.org_id', $1, true)"},
	{.kind = WIRE_PREPARE,
		.name = "gap:patience",
		.text = "SELECT set_config('statement_timeout', $1, true)"},
};

static bool set_up(struct pg *db, struct err *e)
{
	struct wire_cmd cmds[ARRAY_LEN(setup) + 1 + PG_CHANNELS_MAX];
	size_t n = ARRAY_LEN(setup), done = 0;
	struct wire_reply ignored;
	memcpy(cmds, setup, sizeof setup);
	cmds[n++] =
		(struct wire_cmd){.kind = WIRE_SQL, .name = "settings", .text = db->settings};
	for (size_t i = 0; i < db->n_channels; i++)
		cmds[n++] = (struct wire_cmd){
			.kind = WIRE_SQL, .name = "listen", .text = db->channels[i]};
	return wire_run(db->wire, NULL, cmds, n, &done, &ignored, e);
}

static bool reconnect(struct pg *db, struct err *e)
{
	int64_t now = clock_mono_ms();
	if (db->failed_at_ms != 0 && now - db->failed_at_ms < RETRY_MS)
		return err_set_after(
			e, ERR_UNAVAILABLE, 1, "The database was not reachable a moment ago.");
	db->stale = false;
	db->missed = true;
	memset(db->prepared, 0, db->n * sizeof *db->prepared);
	if (!wire_connect(db->wire, db->url, db->program, e) || !set_up(db, e)) {
		wire_drop(db->wire);
		db->failed_at_ms = clock_mono_ms();
		return false;
	}
	db->failed_at_ms = 0;
	return true;
}

bool pg_ready(struct pg *db, struct err *e)
{
	if (db->busy)
		bug("a statement inside pg_each or a COPY");
	if (db->tx == TX_LOST)
		return err_set_after(e, ERR_UNAVAILABLE, 1,
			"The database connection was lost inside a transaction.");
	if (db->tx == TX_OPEN || (!db->stale && wire_is_up(db->wire)))
		return true;
	return reconnect(db, e);
}

bool pg_fell(struct pg *db)
{
	if (wire_state(db->wire) == WIRE_DOWN)
		pg_reset(db);
	db->stale |= pg_is_stale(wire_sqlstate(db->wire));
	return false;
}

bool pg_simple(struct pg *db, const char *text, struct wire_reply *reply_r, struct err *e)
{
	size_t done = 0;
	struct wire_cmd cmd = {.kind = WIRE_SQL, .name = text, .text = text};
	db->trips++;
	return wire_run(db->wire, NULL, &cmd, 1, &done, reply_r, e);
}

/* ---- statements ---- */

static void add(struct plan *p, enum step step, struct wire_cmd cmd)
{
	p->steps[p->n] = step;
	p->cmds[p->n++] = cmd;
}

static void plan_dues(const struct pg *db, struct plan *p)
{
	if (db->tx == TX_DUE)
		add(p, STEP_BEGIN,
			(struct wire_cmd){.kind = WIRE_SQL, .name = "begin", .text = "BEGIN"});
	if (db->due.patience_s != 0) {
		(void)snprintf(p->seconds, sizeof p->seconds, "%ds", db->due.patience_s);
		p->patience = PG_TEXT(p->seconds);
		add(p, STEP_PATIENCE,
			(struct wire_cmd){.kind = WIRE_CALL,
				.name = "gap:patience",
				.args = &p->patience,
				.n = 1});
	}
	if (db->due.org_id != 0) {
		p->org = PG_INT(db->due.org_id);
		add(p, STEP_ENTER,
			(struct wire_cmd){.kind = WIRE_CALL,
				.name = "gap:enter",
				.args = &p->org,
				.n = 1});
	}
}

static void plan_prepare(const struct pg *db, int stmt, struct plan *p)
{
	if (stmt < 0 || (size_t)stmt >= db->n)
		bug("no statement %d", stmt);
	const struct pg_stmt *s = &db->table[stmt];
	if (db->prepared[stmt])
		return;
	p->stmts[p->n] = stmt;
	add(p, STEP_PREPARE,
		(struct wire_cmd){.kind = WIRE_PREPARE, .name = s->name, .text = s->text});
}

struct wire_cmd pg_call(const struct pg *db, int stmt, const struct pg_arg *args, size_t n)
{
	const struct pg_stmt *s = &db->table[stmt];
	if (n != (size_t)s->params)
		bug("%s takes %d arguments, not %zu", s->name, s->params, n);
	return (struct wire_cmd){.kind = WIRE_CALL, .name = s->name, .args = args, .n = n};
}

static void keep_books(struct pg *db, const struct plan *p, size_t done)
{
	for (size_t i = 0; i < done; i++)
		switch (p->steps[i]) {
		case STEP_BEGIN:
			db->tx = TX_OPEN;
			break;
		case STEP_PATIENCE:
			db->due.patience_s = 0;
			break;
		case STEP_ENTER:
			db->due.org_id = 0;
			break;
		case STEP_PREPARE:
			db->prepared[p->stmts[i]] = true;
			break;
		case STEP_CALL:
			break;
		}
}

/*
 * Outside a transaction a statement is saved at once. The command tag of the server does not
 * tell whether it wrote: a WITH that inserts and then selects, and a function that writes, both
 * answer "SELECT".
 */
static void note_write(struct pg *db, int stmt)
{
	db->wrote |= db->tx == TX_NONE && db->table[stmt].writes;
}

static bool run_plan(struct pg *db, struct arena *a, const struct plan *p,
	struct wire_reply *reply_r, struct err *e)
{
	size_t done = 0;
	db->trips += p->n != 0;
	bool ok = p->n == 0 || wire_run(db->wire, a, p->cmds, p->n, &done, reply_r, e);
	/*
	 * When the connection is lost before a transaction really began, the transaction is not
	 * lost: it begins on the next one.
	 */
	if (wire_state(db->wire) != WIRE_DOWN)
		keep_books(db, p, done);
	db->passing = !ok && pg_is_passing(wire_sqlstate(db->wire));
	return ok || pg_fell(db);
}

static bool run(struct pg *db, struct arena *a, int stmt, const struct pg_arg *args, size_t n,
	struct wire_reply *reply_r, struct err *e)
{
	struct plan p = {.n = 0};
	if (!pg_ready(db, e))
		return false;
	plan_dues(db, &p);
	plan_prepare(db, stmt, &p);
	add(&p, STEP_CALL, pg_call(db, stmt, args + 1, n));
	return run_plan(db, a, &p, reply_r, e);
}

bool pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n)
{
	struct wire_reply reply = {.n = 0};
	if (!run(db, db->use, stmt, args, n, &reply, e))
		return false;
	note_write(db, stmt);
	*rows_r = (struct pg_rows){reply.result, reply.n};
	return true;
}

bool pg_exec_args(struct pg *db, int stmt, size_t *touched_r, struct err *e,
	const struct pg_arg *args, size_t n)
{
	struct wire_reply reply = {.n = 0};
	if (!run(db, NULL, stmt, args, n, &reply, e))
		return false;
	note_write(db, stmt);
	if (touched_r != NULL)
		*touched_r = reply.n;
	return true;
}

/*
 * All commands of a pipeline up to its Sync form one implicit transaction (PostgreSQL manual:
 * Pipelining). So SET LOCAL ends with the statement, and no BEGIN is needed.
 */
bool pg_once_args(struct pg *db, int64_t org_id, int stmt, struct pg_rows *rows_r,
	struct err *e, const struct pg_arg *args, size_t n)
{
	if (db->tx != TX_NONE)
		bug("pg_once inside a transaction");
	db->due.org_id = org_id;
	bool ok = pg_query_args(db, stmt, rows_r, e, args, n);
	db->due.org_id = 0;
	return ok;
}

static bool run_together(struct pg *db, const struct pg_ask *asks, size_t n, struct err *e)
{
	struct plan p = {.n = 0};
	struct wire_reply replies[PG_TOGETHER_MAX], last;
	if (n == 0 || n > PG_TOGETHER_MAX)
		bug("%zu statements together", n);
	if (!pg_ready(db, e))
		return false;
	plan_dues(db, &p);
	for (size_t i = 0; i < n; i++) {
		plan_prepare(db, asks[i].stmt, &p);
		struct wire_cmd cmd = pg_call(db, asks[i].stmt, asks[i].args + 1, asks[i].n);
		cmd.reply_r = &replies[i];
		add(&p, STEP_CALL, cmd);
	}
	if (!run_plan(db, db->use, &p, &last, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		note_write(db, asks[i].stmt);
		*asks[i].rows_r = (struct pg_rows){replies[i].result, replies[i].n};
	}
	return true;
}

bool pg_together(
	struct pg *db, int64_t org_id, const struct pg_ask *asks, size_t n, struct err *e)
{
	if (db->tx != TX_NONE)
		return run_together(db, asks, n, e);
	db->due.org_id = org_id;
	bool ok = run_together(db, asks, n, e);
	db->due.org_id = 0;
	return ok;
}

bool pg_clear_way(struct pg *db, int stmt, struct err *e)
{
	struct plan p = {.n = 0};
	struct wire_reply ignored;
	if (!pg_ready(db, e))
		return false;
	plan_dues(db, &p);
	if (stmt >= 0)
		plan_prepare(db, stmt, &p);
	return run_plan(db, NULL, &p, &ignored, e);
}

bool pg_each(struct pg *db, int stmt, struct err *e, const struct pg_arg *args, size_t n,
	bool (*row)(void *user, const struct pg_rows *r, struct err *e), void *user)
{
	if (!pg_clear_way(db, stmt, e))
		return false;
	struct wire_cmd cmd = pg_call(db, stmt, args, n);
	db->busy = true;
	db->trips++;
	bool ok = wire_stream(db->wire, &cmd, row, user, e);
	db->busy = false;
	return ok || pg_fell(db);
}
