#include "store/import.h"

#include "store/scope.h"

enum { APPLY_PATIENCE_S = 80 }; /* nginx waits longer for this one address */
enum { BATCH_ROWS = 500, BATCH_BYTES = 128 * 1024, COLUMNS = 15 };

struct import_writer {
	struct pg *db;
	struct arena *home;  /* of the request */
	struct arena *batch; /* of the rows that wait */
	struct import_who who;
	const char **column[COLUMNS];
	size_t n;
	int64_t all;
};

static void free_batch(void *arg)
{
	struct import_writer *w = arg;
	arena_free(&w->batch);
}

static void begin_batch(struct import_writer *w)
{
	arena_reset(w->batch);
	for (size_t i = 0; i < COLUMNS; i++)
		w->column[i] = arena_array(w->batch, const char *, BATCH_ROWS);
	w->n = 0;
}

/* A file is seconds of work: whoever brings many at once must not keep the site from everybody else. */
static bool take_place(struct pg *db, struct import_who who, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_IMPORT_PLACE, &r, e, PG_INT(who.org_id), PG_INT(who.user_id)))
		return false;
	return pg_bool(&r, 0, 0) ||
	       err_set_after(e, ERR_LIMITED, IMPORT_WAIT_S,
		       "Another file is being imported at this moment. Wait a little and try again.");
}

bool import_start(struct pg *db, struct arena *a, struct import_who who, const char *file_name,
	const char *ignored, struct import_writer **w_r, struct err *e)
{
	struct import_writer *w = arena_new_of(a, struct import_writer);
	w->db = db;
	w->home = a;
	w->who = who;
	w->batch = arena_new();
	arena_defer(a, free_batch, w);
	begin_batch(w);
	*w_r = w;
	return take_place(db, who, e) &&
	       pg_exec(db, STMT_IMPORT_BEGIN, NULL, e, PG_INT(who.org_id), PG_INT(who.user_id),
		       PG_TEXT(file_name), PG_TEXT(ignored)) &&
	       pg_exec(db, STMT_IMPORT_FORGET_ROWS, NULL, e, PG_INT(who.org_id),
		       PG_INT(who.user_id));
}

static bool send_rows(struct import_writer *w, struct err *e)
{
	struct pg_arg args[1 + 2 + COLUMNS] = {
		PG_NULL, PG_INT(w->who.org_id), PG_INT(w->who.user_id)};
	for (size_t i = 0; i < COLUMNS; i++)
		args[3 + i] = PG_TEXT(pg_array(w->batch, w->column[i], w->n));
	return pg_exec_args(w->db, STMT_IMPORT_ROWS, NULL, e, args, ARRAY_LEN(args) - 1);
}

/* What a statement hands out hangs on the batch, too, and goes with it. */
static bool flush(struct import_writer *w, struct err *e)
{
	if (w->n == 0)
		return true;
	pg_use(w->db, w->batch);
	bool ok = send_rows(w, e);
	pg_use(w->db, w->home);
	begin_batch(w);
	return ok;
}

static const char *boolean(bool b)
{
	return b ? "t" : "f";
}

bool import_put(struct import_writer *w, const struct import_row *row, struct err *e)
{
	if (++w->all > IMPORT_ROWS_MAX)
		return err_set(e, ERR_INVALID,
			"This file has more than 50,000 rows. Split it, and bring one part after the other.");
	struct arena *a = w->batch;
	const char *values[COLUMNS] = {arena_printf(a, "%lld", (long long)row->line)};
	for (size_t i = 0; i < IMPORT_COLUMN__MAX; i++)
		values[1 + i] = arena_strdup(a, row->cell[i]);
	values[8] = import_mark_names[row->mark];
	values[9] = arena_strdup(a, row->reason);
	values[10] = boolean(row->is_primary);
	values[11] = row->has_status ? boolean(row->is_prospect) : NULL;
	values[12] = arena_strdup(a, row->contact_name);
	values[13] = arena_strdup(a, row->client_search);
	values[14] = arena_strdup(a, row->contact_search);
	for (size_t i = 0; i < COLUMNS; i++)
		w->column[i][w->n] = values[i];
	w->n++;
	return (w->n < BATCH_ROWS && arena_used(a) < BATCH_BYTES) || flush(w, e);
}

static bool mark(struct pg *db, struct import_who who, struct err *e)
{
	struct pg_rows ignored;
	return pg_query(
		db, STMT_IMPORT_MARK, &ignored, e, PG_INT(who.org_id), PG_INT(who.user_id));
}

bool import_end(struct import_writer *w, struct err *e)
{
	if (w->all == 0)
		return err_set(e, ERR_INVALID,
			"There is no client in this file, only the names of the columns. Add a row for each contact.");
	return flush(w, e) && mark(w->db, w->who, e);
}

static bool count(
	struct pg *db, struct import_who who, struct import_counts *counts_r, struct err *e)
{
	struct pg_rows r;
	*counts_r = (struct import_counts){0};
	if (!scope_once(db, who.org_id, STMT_IMPORT_COUNTS, &r, e, PG_INT(who.org_id),
		    PG_INT(who.user_id)))
		return false;
	for (size_t i = 0; i < r.n; i++) {
		enum import_mark m = import_mark_parse(pg_text(&r, i, 0));
		counts_r->rows[m] += pg_int(&r, i, 1);
		counts_r->all += pg_int(&r, i, 1);
		if (m == IMPORT_ADD)
			counts_r->clients = pg_int(&r, i, 2);
	}
	return true;
}

bool import_get(struct pg *db, struct import_who who, struct import_preview *p_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, who.org_id, STMT_IMPORT_HEAD, &r, e, PG_INT(who.org_id),
		PG_INT(who.user_id), PG_INT(IMPORT_KEEP_S));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no preview."))
		return false;
	*p_r = (struct import_preview){.file_name = pg_text(&r, 0, 0),
		.ignored = pg_text(&r, 0, 1),
		.created_at = pg_int(&r, 0, 2)};
	return count(db, who, &p_r->counts, e);
}

static struct import_line read_line(const struct pg_rows *r, size_t i)
{
	struct import_line l = {.line = pg_int(r, i, 0)};
	for (int c = 0; c < IMPORT_COLUMN__MAX; c++)
		l.cell[c] = pg_text(r, i, 1 + c);
	l.mark = import_mark_parse(pg_text(r, i, 8));
	l.reason = pg_text(r, i, 9);
	l.twin_client = pg_int(r, i, 10);
	l.twin_name = pg_text(r, i, 11);
	l.twin_line = pg_int(r, i, 12);
	l.becomes = pg_text(r, i, 13);
	return l;
}

bool import_page(struct pg *db, struct arena *a, struct import_who who, enum import_mark m,
	int64_t skip, const struct import_line **lines_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, who.org_id, STMT_IMPORT_PAGE, &r, e, PG_INT(who.org_id),
		    PG_INT(who.user_id),
		    PG_TEXT(m == IMPORT_MARK__MAX ? "" : import_mark_names[m]), PG_INT(skip),
		    PG_INT(IMPORT_PAGE)))
		return false;
	struct import_line *lines = arena_array(a, struct import_line, r.n);
	for (size_t i = 0; i < r.n; i++)
		lines[i] = read_line(&r, i);
	*lines_r = lines;
	*n_r = r.n;
	return true;
}

struct each {
	bool (*line)(void *user, const struct import_line *l, struct err *e);
	void *user;
};

static bool pass_line(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each *each = user;
	const struct import_line l = read_line(r, 0);
	return each->line(each->user, &l, e);
}

bool import_rejected(struct pg *db, struct import_who who,
	bool (*line)(void *user, const struct import_line *l, struct err *e), void *user,
	struct err *e)
{
	struct each each = {line, user};
	const struct pg_arg args[] = {PG_INT(who.org_id), PG_INT(who.user_id)};
	bool own;
	if (!scope_begin(db, who.org_id, &own, e))
		return false;
	bool ok = pg_each(db, STMT_IMPORT_REJECTED, e, args, ARRAY_LEN(args), pass_line, &each);
	return scope_end(db, own, ok, e);
}

/* In the order in which every writer by hand locks: the list first. */
static bool lock(struct pg *db, struct import_who who, int64_t *created_at_r, struct err *e)
{
	struct pg_rows list, own;
	bool ok = pg_query(db, STMT_CLIENT_LOCK_LIST, &list, e, PG_INT(who.org_id));
	if (!scope_one(ok, &list, e, ERR_NOT_FOUND, "There is no such organisation."))
		return false;
	if (pg_bool(&list, 0, 0))
		return err_set(e, ERR_CONFLICT,
			"Clients come from Xero Practice Manager while it is connected. Nothing was imported.");
	ok = pg_query(db, STMT_IMPORT_LOCK, &own, e, PG_INT(who.org_id), PG_INT(who.user_id),
		PG_INT(IMPORT_KEEP_S));
	if (!scope_one(ok, &own, e, ERR_NOT_FOUND, "There is no preview."))
		return false;
	*created_at_r = pg_int(&own, 0, 0);
	return true;
}

bool import_apply(struct pg *db, struct import_who who, int64_t clients, int64_t created_at,
	bool *changed_r, struct import_counts *counts_r, struct err *e)
{
	struct pg_rows ignored;
	int64_t made_at = 0;
	pg_patience(db, APPLY_PATIENCE_S);
	if (!take_place(db, who, e) || !lock(db, who, &made_at, e) || !mark(db, who, e) ||
		!count(db, who, counts_r, e))
		return false;
	*changed_r = counts_r->clients != clients || made_at != created_at;
	if (*changed_r)
		return true;
	return pg_query(db, STMT_IMPORT_APPLY, &ignored, e, PG_INT(who.org_id),
		       PG_INT(who.user_id)) &&
	       import_forget(db, who, e);
}

bool import_forget(struct pg *db, struct import_who who, struct err *e)
{
	struct pg_rows ignored;
	return scope_once(db, who.org_id, STMT_IMPORT_FORGET, &ignored, e, PG_INT(who.org_id),
		PG_INT(who.user_id));
}
