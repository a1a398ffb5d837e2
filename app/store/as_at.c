#include "store/as_at.h"

#include "store/scope.h"

enum { EVERY = INT32_MAX };

bool as_at_days(struct pg *db, int64_t org_id, int64_t retention_days, struct as_at_days *d_r,
	struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(
		db, org_id, STMT_AS_AT_DAYS, &r, e, PG_INT(org_id), PG_INT(retention_days));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such organisation."))
		return false;
	*d_r = (struct as_at_days){pg_text(&r, 0, 0), pg_text(&r, 0, 1)};
	return true;
}

static struct client_row read_line(const struct pg_rows *r, size_t i)
{
	int flags = (int)pg_int(r, i, 7);
	return (struct client_row){.client_id = pg_int(r, i, 0),
		.name = pg_text(r, i, 1),
		.status = pg_text(r, i, 2),
		.contact_name = clients_contact_shown(pg_text(r, i, 3), flags),
		.email = pg_text(r, i, 4),
		.phone = pg_text(r, i, 5),
		.synced = pg_bool(r, i, 6),
		.flags = flags};
}

bool as_at_page(struct pg *db, struct arena *a, int64_t org_id, const char *day,
	const char *key_name, int64_t key_id, struct client_page *page_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_AS_AT_PAGE, &r, e, PG_INT(org_id), PG_TEXT(day),
		    PG_TEXT(key_name == NULL ? "" : key_name), PG_INT(key_id),
		    PG_INT(CLIENTS_PAGE + 1)))
		return false;
	size_t n = r.n > CLIENTS_PAGE ? CLIENTS_PAGE : r.n;
	struct client_row *rows = arena_array(a, struct client_row, n);
	for (size_t i = 0; i < n; i++)
		rows[i] = read_line(&r, i);
	*page_r = (struct client_page){
		.rows = rows, .n = n, .more_before = key_name != NULL, .more_after = r.n > n};
	return true;
}

struct each {
	bool (*row)(void *user, const struct client_row *r, struct err *e);
	void *user;
};

static bool pass_line(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each *each = user;
	const struct client_row row = read_line(r, 0);
	return each->row(each->user, &row, e);
}

bool as_at_each(struct pg *db, int64_t org_id, const char *day,
	bool (*row)(void *user, const struct client_row *r, struct err *e), void *user,
	struct err *e)
{
	struct each each = {row, user};
	const struct pg_arg args[] = {
		PG_INT(org_id), PG_TEXT(day), PG_TEXT(""), PG_INT(0), PG_INT(EVERY)};
	bool own;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = pg_each(db, STMT_AS_AT_PAGE, e, args, ARRAY_LEN(args), pass_line, &each);
	return scope_end(db, own, ok, e);
}

static bool read_contacts(struct pg *db, struct arena *a, int64_t org_id, const char *day,
	struct client_view *v_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_AS_AT_CONTACTS, &r, e, PG_INT(org_id), PG_TEXT(day),
		    PG_INT(v_r->client_id)))
		return false;
	struct contact_row *rows = arena_array(a, struct contact_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct contact_row){.name = pg_text(&r, i, 0),
			.email = pg_text(&r, i, 1),
			.phone = pg_text(&r, i, 2),
			.is_primary = pg_bool(&r, i, 3)};
	v_r->contacts = rows;
	v_r->n_contacts = r.n;
	return true;
}

bool as_at_client(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	const char *day, struct client_view *v_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_AS_AT_CLIENT, &r, e, PG_INT(org_id), PG_TEXT(day),
		PG_INT(client_id));
	if (!scope_one(
		    ok, &r, e, ERR_NOT_FOUND, "This client was not in the list on that day."))
		return false;
	*v_r = (struct client_view){.client_id = client_id,
		.name = pg_text(&r, 0, 0),
		.status = pg_text(&r, 0, 1),
		.xpm_id = pg_text(&r, 0, 2),
		.archived_reason = pg_text(&r, 0, 3),
		.archived_at = pg_int(&r, 0, 4),
		.flags = (int)pg_int(&r, 0, 5),
		.synced = !pg_null(&r, 0, 2)};
	return read_contacts(db, a, org_id, day, v_r, e);
}
