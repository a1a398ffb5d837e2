#include "store/import.h"

#include "store/jobs.h"
#include "store/scope.h"
#include "store/undo.h"

enum { BATCH_ROWS = 500, BATCH_BYTES = 128 * 1024, COLUMNS = 15 };

struct import_writer {
	struct pg *db;
	struct arena *home;  /* lives as long as the request */
	struct arena *batch; /* for the rows of the current batch */
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

/*
 * Reading a file takes seconds: a limit, so that many files at once cannot keep all processes
 * of the site busy.
 */
static bool take_place(struct pg *db, struct import_who who, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_IMPORT_PLACE, &r, e, PG_INT(who.org_id), PG_INT(who.user_id)))
		return false;
	return pg_bool(&r, 0, 0) ||
	       err_set_after(e, ERR_LIMITED, IMPORT_WAIT_S,
		       "Another file is being imported at this moment. Wait a little and try again.");
}

static bool begin_preview(struct pg *db, struct import_who who, const char *file_name,
	const char *ignored, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_IMPORT_BEGIN, &touched, e, PG_INT(who.org_id),
		    PG_INT(who.user_id), PG_TEXT(file_name), PG_TEXT(ignored)))
		return false;
	return touched == 1 ||
	       err_set_after(e, ERR_LIMITED, IMPORT_WAIT_S,
		       "The file you brought before is still being imported. Wait until that has ended, then bring this one.");
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
	return take_place(db, who, e) && begin_preview(db, who, file_name, ignored, e) &&
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

/* The results of the statement are on the batch's arena too and end with it. */
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
		.created_at = pg_int(&r, 0, 2),
		.state = import_state_parse(pg_text(&r, 0, 3)),
		.said = pg_text(&r, 0, 4),
		.asked_clients = pg_int(&r, 0, 5),
		.asked_at = pg_int(&r, 0, 6)};
	if (p_r->state == IMPORT_ASKED || p_r->state == IMPORT_DONE)
		return true;
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

bool import_ask(struct pg *db, struct import_who who, const char *user_name, int64_t clients,
	int64_t created_at, bool *asked_r, struct err *e)
{
	size_t touched = 0;
	bool ok = pg_exec(db, STMT_IMPORT_ASK, &touched, e, PG_INT(who.org_id),
		PG_INT(who.user_id), PG_INT(clients), PG_INT(created_at),
		PG_INT(IMPORT_KEEP_S));
	*asked_r = ok && touched == 1;
	return ok &&
	       (!*asked_r || jobs_add_for(db, who.org_id, "import", who.user_id, user_name, e));
}

bool import_forget(struct pg *db, struct import_who who, bool *dropped_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, who.org_id, STMT_IMPORT_FORGET, &r, e, PG_INT(who.org_id),
		PG_INT(who.user_id));
	*dropped_r = ok && r.n == 1;
	return ok;
}

/* Locks the client list first: every edit by hand takes its locks in this order. */
static bool lock_list(
	struct pg *db, struct import_who who, struct import_outcome *o, struct err *e)
{
	struct pg_rows r;
	bool ok = pg_query(db, STMT_CLIENT_LOCK_LIST, &r, e, PG_INT(who.org_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such organisation."))
		return false;
	if (pg_bool(&r, 0, 0)) {
		o->state = IMPORT_FAILED;
		o->said =
			"Clients come from Xero Practice Manager while it is connected. Nothing was imported.";
	}
	return true;
}

static bool settle(struct pg *db, struct import_who who, enum import_state state,
	const char *said, bool *told_r, struct err *e)
{
	size_t touched = 0;
	bool ok = pg_exec(db, STMT_IMPORT_SETTLE, &touched, e, PG_INT(who.org_id),
		PG_INT(who.user_id), PG_TEXT(import_state_names[state]), PG_TEXT(said));
	*told_r = ok && touched == 1;
	return ok;
}

static bool add_clients(struct pg *db, struct arena *a, struct import_who who,
	const char *user_name, int64_t clients, struct import_outcome *o, struct err *e)
{
	const char *by = arena_printf(a, "%s (import)", user_name);
	struct import_counts c;
	struct pg_rows ignored;
	if (!mark(db, who, e) || !count(db, who, &c, e))
		return false;
	o->clients = c.clients;
	o->contacts = c.rows[IMPORT_ADD];
	if (c.clients != clients) {
		o->state = IMPORT_CHANGED;
		return true;
	}
	o->state = IMPORT_DONE;
	o->said = import_done_words(a, o->clients, o->contacts, c.all - o->contacts);
	return pg_query(db, STMT_IMPORT_APPLY, &ignored, e, PG_INT(who.org_id),
		       PG_INT(who.user_id)) &&
	       history_by_hand(db, 0, by, e) &&
	       pg_exec(db, STMT_IMPORT_USED_UP, NULL, e, PG_INT(who.org_id),
		       PG_INT(who.user_id));
}

/*
 * Writes the preview's row last: until then nobody who reads it, or selects Import or Cancel
 * again, has to wait. The organisation's turn (import_turn) makes sure that no other worker
 * does the same work.
 */
bool import_apply(struct pg *db, struct arena *a, struct import_who who, const char *user_name,
	struct import_outcome *o_r, struct err *e)
{
	struct pg_rows r;
	bool told;
	*o_r = (struct import_outcome){.state = IMPORT_ASKED, .said = ""};
	pg_patience(db, IMPORT_PATIENCE_S);
	if (!pg_query(db, STMT_IMPORT_TURN, &r, e, PG_INT(who.org_id)))
		return false;
	if (!pg_bool(&r, 0, 0))
		return true;
	if (!pg_query(db, STMT_IMPORT_ASKED, &r, e, PG_INT(who.org_id), PG_INT(who.user_id)))
		return false;
	if (r.n == 0) {
		o_r->state = IMPORT_SHOWN;
		return true;
	}
	int64_t clients = pg_int(&r, 0, 0);
	if (!lock_list(db, who, o_r, e) ||
		(o_r->state == IMPORT_ASKED &&
			!add_clients(db, a, who, user_name, clients, o_r, e)))
		return false;
	if (!settle(db, who, o_r->state, o_r->said, &told, e))
		return false;
	return told ||
	       err_set(e, ERR_CONFLICT, "The import was ended from elsewhere meanwhile.");
}

bool import_fail(
	struct pg *db, struct import_who who, const char *said, bool *told_r, struct err *e)
{
	return settle(db, who, IMPORT_FAILED, said, told_r, e);
}
