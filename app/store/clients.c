#include "store/clients.h"

#include "codec/json.h"
#include "core/connection.h"
#include "store/scope.h"

/* "A, B" from a JSON array of names, each name in bidi isolates. */
static const char *isolated(struct arena *a, const char *names)
{
	const struct json *all, *one;
	struct buf out;
	struct err ignored;
	if (names == NULL || !json_parse(a, str_of(names), &all, &ignored))
		return NULL;
	buf_init(&out, a, SIZE_MAX);
	for (size_t i = 0; (one = json_at(all, i)) != NULL; i++)
		buf_printf(&out, "%s%s", i == 0 ? "" : ", ", str_isolate(a, json_text(one)));
	return out.data;
}

/* In XPM's order; the primary contact first. */
static void read_contacts(
	struct arena *a, const struct pg_rows *r, int64_t primary_id, struct client_view *v_r)
{
	struct contact_row *rows = arena_array(a, struct contact_row, r->n);
	for (size_t i = 0; i < r->n; i++) {
		struct contact_row row = {.contact_id = pg_int(r, i, 0),
			.name = pg_text(r, i, 1),
			.email = pg_text(r, i, 2),
			.phone = pg_text(r, i, 3),
			.is_primary = pg_int(r, i, 0) == primary_id,
			.also = isolated(a, pg_text(r, i, 4))};
		if (row.is_primary)
			memmove(rows + 1, rows, i * sizeof *rows);
		rows[row.is_primary ? 0 : i] = row;
	}
	v_r->contacts = rows;
	v_r->n_contacts = r->n;
}

/* Columns of client_get. */
enum { VIEW_PRIMARY = 11, VIEW_FIX, VIEW_FIX_BY, VIEW_PAIR, VIEW_CHECK };

static struct client_view read_view(const struct pg_rows *r, int64_t client_id)
{
	return (struct client_view){.client_id = client_id,
		.name = pg_text(r, 0, 0),
		.status = pg_text(r, 0, 1),
		.xpm_id = pg_text(r, 0, 2),
		.web_url = pg_text(r, 0, 3),
		.archived_reason = pg_text(r, 0, 4),
		.synced = pg_bool(r, 0, 5),
		.view_only = pg_bool(r, 0, 6),
		.archived_at = pg_time(r, 0, 7),
		.changed_at = pg_time(r, 0, 8),
		.flags = (int)pg_int(r, 0, 9),
		.held_run = pg_int(r, 0, 10),
		.fix_id = pg_int(r, 0, VIEW_FIX),
		.fix_by = pg_text(r, 0, VIEW_FIX_BY),
		.paired = pg_bool(r, 0, VIEW_PAIR),
		.checked_run = pg_int(r, 0, VIEW_CHECK),
		.checked_at = pg_time(r, 0, VIEW_CHECK + 1),
		.check_changed = pg_bool(r, 0, VIEW_CHECK + 2),
		.check_missed = pg_bool(r, 0, VIEW_CHECK + 3)};
}

static void read_history(struct arena *a, const struct pg_rows *r, struct client_history *h)
{
	struct history_row *rows = arena_array(a, struct history_row, r->n);
	for (size_t i = 0; i < r->n; i++)
		rows[i] = (struct history_row){pg_int(r, i, 0), pg_int(r, i, 1),
			pg_time(r, i, 2), pg_text(r, i, 3), pg_text(r, i, 4), pg_text(r, i, 5),
			pg_text(r, i, 6)};
	h->rows = rows;
	h->n = r->n;
}

bool clients_get_with(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct client_view *v_r, struct client_history *h, struct err *e)
{
	struct pg_rows client, contacts, history;
	int64_t before_id = h == NULL ? 0 : h->before_id;
	int limit = h == NULL ? 0 : h->limit;
	const struct pg_ask asks[] = {
		PG_ASK(STMT_CLIENT_GET, &client, PG_INT(org_id), PG_INT(client_id),
			PG_TEXT(connection_cause_name(CAUSE_CHANGES_ONLY))),
		PG_ASK(STMT_CLIENT_CONTACTS, &contacts, PG_INT(org_id), PG_INT(client_id)),
		PG_ASK(STMT_CLIENT_HISTORY, &history, PG_INT(org_id), PG_INT(client_id),
			PG_INT(before_id), PG_INT(limit))};
	bool ok = pg_together(db, org_id, asks, ARRAY_LEN(asks) - (h == NULL), e);
	if (!scope_one(ok, &client, e, ERR_NOT_FOUND, "There is no such client."))
		return false;
	*v_r = read_view(&client, client_id);
	read_contacts(a, &contacts, pg_int(&client, 0, VIEW_PRIMARY), v_r);
	if (h != NULL)
		read_history(a, &history, h);
	return true;
}

bool clients_get(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct client_view *v_r, struct err *e)
{
	return clients_get_with(db, a, org_id, client_id, v_r, NULL, e);
}

bool clients_any(struct pg *db, int64_t org_id, bool *any_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_CLIENT_ANY, &r, e, PG_INT(org_id)))
		return false;
	*any_r = pg_bool(&r, 0, 0);
	return true;
}
