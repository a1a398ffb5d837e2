#include "store/runs.h"

#include "store/scope.h"

/* Columns of a run (sql/queries/runs.sql). */
static struct run_row read_run(const struct pg_rows *r, size_t i)
{
	return (struct run_row){.run_id = pg_int(r, i, 0),
		.started_at = pg_int(r, i, 1),
		.ended_at = pg_int(r, i, 2),
		.trigger = pg_text(r, i, 3),
		.state = pg_text(r, i, 4),
		.asked_by = pg_text(r, i, 5),
		.cause_text = pg_text(r, i, 6),
		.counts = {.seen = pg_int(r, i, 7),
			.added = pg_int(r, i, 8),
			.changed = pg_int(r, i, 9),
			.archived = pg_int(r, i, 10),
			.restored = pg_int(r, i, 11),
			.unchanged = pg_int(r, i, 12),
			.prospects = pg_int(r, i, 13),
			.skipped = pg_int(r, i, 14),
			.failed = pg_int(r, i, 15),
			.calls = pg_int(r, i, 16),
			.bytes = pg_int(r, i, 17),
			.would_go = pg_int(r, i, 20),
			.excluded = pg_int(r, i, 21)},
		.duration_ms = pg_int(r, i, 18),
		.slot = pg_int(r, i, 19)};
}

enum { LIST_ARGS = 8, CHANGES_ARGS = 5, SKIPS_ARGS = 5 };

static struct pg_arg moment(int64_t at)
{
	return at == 0 ? PG_NULL : PG_INT(at);
}

/* limit 0: no limit. */
static void list_args(struct pg_arg args_r[LIST_ARGS], int64_t org_id,
	const struct run_filter *filter, int64_t before_id, int limit)
{
	static const struct run_filter all;
	const struct run_filter *f = filter == NULL ? &all : filter;
	const struct pg_arg args[LIST_ARGS] = {PG_INT(org_id), PG_INT(before_id), PG_INT(limit),
		PG_TEXT(f->state), PG_TEXT(f->trigger), moment(f->from), moment(f->until),
		PG_BOOL(f->changed_only)};
	memcpy(args_r, args, sizeof args);
}

/* As scope_once, with the arguments in an array. */
static bool once(struct pg *db, int64_t org_id, int stmt, const struct pg_arg *args, size_t n,
	struct pg_rows *r, struct err *e)
{
	struct pg_arg all[LIST_ARGS + 1] = {{.kind = PG_ARG_TEXT}};
	memcpy(all + 1, args, n * sizeof *args);
	return pg_in_transaction(db) ? pg_query_args(db, stmt, r, e, all, n)
				     : pg_once_args(db, org_id, stmt, r, e, all, n);
}

bool runs_list(struct pg *db, struct arena *a, int64_t org_id, const struct run_filter *filter,
	int64_t before_id, int limit, const struct run_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_arg args[LIST_ARGS];
	struct pg_rows r;
	list_args(args, org_id, filter, before_id, limit);
	if (!once(db, org_id, STMT_RUN_LIST, args, LIST_ARGS, &r, e))
		return false;
	struct run_row *rows = arena_array(a, struct run_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = read_run(&r, i);
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

/* One row at a time, in the caller's transaction or one of its own. */
static bool each(struct pg *db, int64_t org_id, int stmt, const struct pg_arg *args, size_t n,
	bool (*pass)(void *user, const struct pg_rows *r, struct err *e), void *user,
	struct err *e)
{
	bool own;
	return scope_begin(db, org_id, &own, e) &&
	       scope_end(db, own, pg_each(db, stmt, e, args, n, pass, user), e);
}

struct each_run {
	bool (*row)(void *user, const struct run_row *r, struct err *e);
	void *user;
};

static bool pass_run(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each_run *to = user;
	const struct run_row row = read_run(r, 0);
	return to->row(to->user, &row, e);
}

bool runs_each(struct pg *db, int64_t org_id, const struct run_filter *filter,
	bool (*row)(void *user, const struct run_row *r, struct err *e), void *user,
	struct err *e)
{
	struct each_run to = {row, user};
	struct pg_arg args[LIST_ARGS];
	list_args(args, org_id, filter, 0, 0);
	return each(db, org_id, STMT_RUN_LIST, args, LIST_ARGS, pass_run, &to, e);
}

bool runs_get(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	struct run_row *r_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	bool ok = scope_once(db, org_id, STMT_RUN_GET, &r, e, PG_INT(org_id), PG_INT(run_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such sync."))
		return false;
	*r_r = read_run(&r, 0);
	return true;
}

bool runs_next(
	struct pg *db, int64_t org_id, int64_t run_id, struct run_next *next_r, struct err *e)
{
	struct pg_rows r;
	*next_r = (struct run_next){.trigger = ""};
	if (!scope_once(db, org_id, STMT_RUN_AFTER, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	if (r.n > 0)
		*next_r = (struct run_next){
			pg_int(&r, 0, 0), pg_int(&r, 0, 1), pg_text(&r, 0, 2)};
	return true;
}

bool runs_calls(struct pg *db, int64_t org_id, int64_t *used_r, int64_t *cost_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_CALLS, &r, e, PG_INT(org_id)))
		return false;
	*used_r = pg_int(&r, 0, 0);
	*cost_r = pg_int(&r, 0, 1);
	return true;
}

/* ---- changes ---- */

static struct change_row read_change(const struct pg_rows *r, size_t i)
{
	return (struct change_row){.client_id = pg_int(r, i, 0),
		.run_id = pg_int(r, i, 1),
		.at = pg_int(r, i, 2),
		.client_name = pg_text(r, i, 3),
		.field = pg_text(r, i, 4),
		.old = pg_text(r, i, 5),
		.new = pg_text(r, i, 6),
		.change_id = pg_int(r, i, 7)};
}

static void read_changes(
	struct arena *a, const struct pg_rows *r, const struct change_row **rows_r, size_t *n_r)
{
	struct change_row *rows = arena_array(a, struct change_row, r->n);
	for (size_t i = 0; i < r->n; i++)
		rows[i] = read_change(r, i);
	*rows_r = rows;
	*n_r = r->n;
}

/* Chooses the statement and its arguments. */
static int changes_args(struct pg_arg args_r[CHANGES_ARGS + 1], size_t *n_r, int64_t org_id,
	int64_t run_id, const struct change_query *q, int limit)
{
	bool search = q->words != NULL && *q->words != '\0';
	const struct pg_arg args[CHANGES_ARGS + 1] = {PG_INT(org_id), PG_INT(run_id),
		PG_INT(q->after_id), PG_TEXT(q->kind), PG_INT(limit), PG_TEXT(q->words)};
	memcpy(args_r, args, sizeof args);
	*n_r = search ? CHANGES_ARGS + 1 : CHANGES_ARGS;
	return search ? STMT_RUN_CHANGES_FOUND : STMT_RUN_CHANGES;
}

bool runs_changes(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	const struct change_query *q, const struct change_row **rows_r, size_t *n_r,
	struct err *e)
{
	struct pg_arg args[CHANGES_ARGS + 1];
	struct pg_rows r;
	size_t n;
	int stmt = changes_args(args, &n, org_id, run_id, q, q->limit);
	if (!once(db, org_id, stmt, args, n, &r, e))
		return false;
	read_changes(a, &r, rows_r, n_r);
	return true;
}

struct each_change {
	bool (*row)(void *user, const struct change_row *r, struct err *e);
	void *user;
};

static bool pass_change(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each_change *to = user;
	const struct change_row row = read_change(r, 0);
	return to->row(to->user, &row, e);
}

bool runs_changes_each(struct pg *db, int64_t org_id, int64_t run_id,
	const struct change_query *q,
	bool (*row)(void *user, const struct change_row *r, struct err *e), void *user,
	struct err *e)
{
	struct each_change to = {row, user};
	struct pg_arg args[CHANGES_ARGS + 1];
	size_t n;
	int stmt = changes_args(args, &n, org_id, run_id, q, 0);
	return each(db, org_id, stmt, args, n, pass_change, &to, e);
}

/* ---- skipped records ---- */

static struct skip_row read_skip(const struct pg_rows *r, size_t i)
{
	return (struct skip_row){.xpm_id = pg_text(r, i, 0),
		.name = pg_text(r, i, 1),
		.rule = pg_text(r, i, 2),
		.detail = pg_text(r, i, 3),
		.client_id = pg_int(r, i, 4),
		.web_url = pg_text(r, i, 5),
		.skip_id = pg_int(r, i, 6)};
}

bool runs_skips(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id, bool failed,
	int64_t after_id, int limit, const struct skip_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_RUN_SKIPS, &r, e, PG_INT(org_id), PG_INT(run_id),
		    PG_INT(after_id), PG_BOOL(failed), PG_INT(limit)))
		return false;
	struct skip_row *rows = arena_array(a, struct skip_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = read_skip(&r, i);
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

struct each_skip {
	bool (*row)(void *user, const struct skip_row *r, struct err *e);
	void *user;
};

static bool pass_skip(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each_skip *to = user;
	const struct skip_row row = read_skip(r, 0);
	return to->row(to->user, &row, e);
}

bool runs_skips_each(struct pg *db, int64_t org_id, int64_t run_id, bool failed,
	bool (*row)(void *user, const struct skip_row *r, struct err *e), void *user,
	struct err *e)
{
	struct each_skip to = {row, user};
	const struct pg_arg args[SKIPS_ARGS] = {
		PG_INT(org_id), PG_INT(run_id), PG_INT(0), PG_BOOL(failed), PG_INT(0)};
	return each(db, org_id, STMT_RUN_SKIPS, args, SKIPS_ARGS, pass_skip, &to, e);
}
