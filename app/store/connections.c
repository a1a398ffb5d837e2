#include "store/connections.h"

#include "store/scope.h"

/* Columns of connection_line; the organisation first. */
bool connections_read(const struct pg_rows *r, int col, struct connection *c_r, struct err *e)
{
	*c_r = (struct connection){.state = CONNECTION_NOT_CONNECTED, .progress_done = -1};
	if (pg_null(r, 0, col))
		return true;
	if (!connection_state_parse(pg_text(r, 0, col + 1), &c_r->state))
		return err_set(e, ERR_INTERNAL, "Unknown connection state.");
	c_r->cause = connection_cause_parse(pg_text(r, 0, col + 2));
	c_r->cause_at = pg_time(r, 0, col + 3);
	c_r->has_tenant = pg_bool(r, 0, col + 6);
	const char *label = pg_text(r, 0, col + 4);
	const char *name = label != NULL ? label : pg_text(r, 0, col + 5);
	c_r->practice = name == NULL && c_r->has_tenant ? "Your practice" : name;
	c_r->connected_by = pg_text(r, 0, col + 7);
	c_r->connected_by_id = pg_int(r, 0, col + 8);
	c_r->connected_at = pg_time(r, 0, col + 9);
	c_r->first_live_at = pg_time(r, 0, col + 10);
	c_r->last_success_at = pg_time(r, 0, col + 11);
	c_r->last_run_id = pg_int(r, 0, col + 12);
	c_r->live_clients = pg_int(r, 0, col + 13);
	c_r->live_contacts = pg_int(r, 0, col + 14);
	c_r->failures = pg_int(r, 0, col + 15);
	c_r->next_sync_at = pg_time(r, 0, col + 16);
	c_r->manual_ended_at = pg_time(r, 0, col + 17);
	c_r->running = pg_bool(r, 0, col + 19);
	c_r->previewed = pg_bool(r, 0, col + 20);
	c_r->progress_done =
		c_r->running && !pg_null(r, 0, col + 18) ? pg_int(r, 0, col + 18) : -1;
	return true;
}

bool connections_get(
	struct pg *db, struct arena *a, int64_t org_id, struct connection *c_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	*c_r = (struct connection){.state = CONNECTION_NOT_CONNECTED, .progress_done = -1};
	if (!scope_once(db, org_id, STMT_CONNECTION_GET, &r, e, PG_INT(org_id)))
		return false;
	return r.n == 0 || connections_read(&r, 0, c_r, e);
}

bool connections_begin_disconnect(
	struct pg *db, int64_t org_id, const struct disconnect_ask *ask, struct err *e)
{
	struct pg_rows r;
	char from[CONNECTION_LIST_BYTES];
	bool ok = scope_once(db, org_id, STMT_CONNECTION_DISCONNECT, &r, e, PG_INT(org_id),
		PG_TEXT(connection_leaves(CONNECTION_DISCONNECT, from)), PG_TEXT(ask->choice),
		PG_INT(ask->user_id));
	return scope_one(ok, &r, e, ERR_CONFLICT,
		"There is no connection to end at the moment. Reload the page to see its"
		" state.");
}

bool connections_set_label(struct pg *db, int64_t org_id, const char *label, struct err *e)
{
	struct pg_rows r;
	if (str_utf8_len(str_of(label)) > 120)
		return err_set(e, ERR_INVALID, "Use at most 120 characters.");
	return scope_once(
		db, org_id, STMT_CONNECTION_SET_LABEL, &r, e, PG_INT(org_id), PG_TEXT(label));
}

bool connections_note_cause(
	struct pg *db, int64_t org_id, enum connection_cause cause, struct err *e)
{
	struct pg_rows r;
	struct connection c;
	bool closable, own;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = connections_get(db, NULL, org_id, &c, e) &&
		  (connection_banner(c.state, c.cause, &closable) ||
			  pg_query(db, STMT_CONNECTION_NOTE_CAUSE, &r, e, PG_INT(org_id),
				  PG_TEXT(connection_cause_name(cause))));
	return scope_end(db, own, ok, e);
}
