#include "store/audit.h"

#include "store/scope.h"

bool audit_add(struct pg *db, const struct audit_entry *entry, struct err *e)
{
	struct str session = {(const char *)entry->session_hash,
		entry->session_hash == NULL ? 0 : HASH_BYTES};
	return pg_exec(db, STMT_AUDIT_ADD, NULL, e, PG_INT(entry->org_id),
		PG_INT(entry->user_id), PG_BYTES(session), PG_TEXT(entry->peer),
		PG_TEXT(entry->event), PG_TEXT(entry->result), PG_TEXT(entry->request_id),
		PG_TEXT(entry->detail));
}

/*
 * The installation's chain is number 0 and is entered by its own statement, since pg_begin
 * takes 0 for "no organisation".
 */
static bool enter_chain(struct pg *db, int64_t org_id, struct err *e)
{
	if (!pg_begin(db, org_id, e))
		return false;
	return org_id != 0 || pg_exec(db, STMT_AUDIT_ENTER_INSTALLATION, NULL, e);
}

static bool verify(
	struct pg *db, int64_t org_id, int64_t *rows_r, int64_t *bad_seq_r, struct err *e)
{
	struct pg_rows r;
	if (!enter_chain(db, org_id, e) ||
		!pg_query(db, STMT_AUDIT_VERIFY, &r, e, PG_INT(org_id)))
		return false;
	*rows_r = pg_int(&r, 0, 0);
	*bad_seq_r = pg_int(&r, 0, 1);
	return true;
}

bool audit_verify(
	struct pg *db, int64_t org_id, int64_t *rows_r, int64_t *bad_seq_r, struct err *e)
{
	return scope_end(db, true, verify(db, org_id, rows_r, bad_seq_r, e), e);
}

struct each {
	bool (*line)(void *user, const char *json, struct err *e);
	void *user;
};

static bool pass_line(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each *each = user;
	return each->line(each->user, pg_text(r, 0, 0), e);
}

bool audit_export(struct pg *db, int64_t org_id,
	bool (*line)(void *user, const char *json, struct err *e), void *user, struct err *e)
{
	struct each each = {line, user};
	const struct pg_arg args[] = {PG_INT(org_id)};
	bool ok = enter_chain(db, org_id, e) &&
		  pg_each(db, STMT_AUDIT_EXPORT, e, args, ARRAY_LEN(args), pass_line, &each);
	return scope_end(db, true, ok, e);
}

bool audit_page(struct pg *db, struct arena *a, int64_t org_id, const struct audit_ask *ask,
	const struct audit_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_AUDIT_PAGE, &r, e, PG_INT(org_id), PG_INT(ask->before),
		    PG_TEXT(ask->patterns), PG_BOOL(ask->troubles), PG_INT(ask->limit)))
		return false;
	struct audit_row *rows = arena_array(a, struct audit_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct audit_row){.seq = pg_int(&r, i, 0),
			.at = pg_int(&r, i, 1),
			.who = pg_text(&r, i, 2),
			.peer = pg_text(&r, i, 3),
			.event = pg_text(&r, i, 4),
			.result = pg_text(&r, i, 5),
			.detail = pg_text(&r, i, 6)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool audit_receipt(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	const char **json_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_AUDIT_RECEIPT, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	*json_r = r.n == 0 ? NULL : arena_strdup(a, pg_text(&r, 0, 0));
	return true;
}
