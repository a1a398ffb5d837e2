#include "io/pg_int.h"

enum { COPY_BLOCK = 64 * 1024, COPY_ROW_MAX = 16 * 1024 * 1024 };

bool pg_copy_start(struct pg *db, int stmt, struct err *e)
{
	if (!pg_clear_way(db, stmt, e))
		return false;
	struct wire_cmd cmd = pg_call(db, stmt, NULL, 0);
	if (!wire_copy_start(db->wire, &cmd, e))
		return pg_fell(db);
	if (db->copy.data == NULL)
		buf_init(&db->copy, db->home, COPY_ROW_MAX);
	buf_reset(&db->copy);
	db->busy = true;
	return true;
}

static bool copying(struct pg *db, struct err *e)
{
	if (db->busy)
		return true;
	return err_set_after(
		e, ERR_UNAVAILABLE, 1, "The database connection was lost inside a COPY.");
}

static bool copy_block(struct pg *db, struct err *e)
{
	if (!wire_copy_put(db->wire, buf_str(&db->copy), e))
		return pg_fell(db);
	buf_reset(&db->copy);
	return true;
}

bool pg_copy_row(struct pg *db, const char *const *cells, size_t n, struct err *e)
{
	if (!copying(db, e))
		return false;
	pg_copy_text(&db->copy, cells, n);
	if (db->copy.over)
		return err_set(e, ERR_TOO_LARGE, "A row to store is larger than %d bytes.",
			COPY_ROW_MAX);
	return db->copy.len < COPY_BLOCK || copy_block(db, e);
}

bool pg_copy_end(struct pg *db, size_t *rows_r, struct err *e)
{
	if (!copying(db, e) || (db->copy.len != 0 && !copy_block(db, e)))
		return false;
	db->busy = false;
	size_t rows = 0;
	if (!wire_copy_end(db->wire, false, &rows, e))
		return pg_fell(db);
	if (rows_r != NULL)
		*rows_r = rows;
	return true;
}

void pg_copy_abort(struct pg *db)
{
	struct err e;
	if (!db->busy || wire_state(db->wire) != WIRE_BUSY)
		return;
	if (!wire_copy_end(db->wire, true, NULL, &e))
		pg_reset(db);
	db->busy = false;
}
