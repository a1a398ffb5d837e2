#include "store/connections.h"

#include "store/scope.h"

/* In the order of connection_get. */
static bool read_connection(struct connection *c_r, const struct pg_rows *r, struct err *e)
{
	if (!connection_state_parse(pg_text(r, 0, 0), &c_r->state))
		return err_set(e, ERR_INTERNAL, "Unknown connection state.");
	c_r->cause = connection_cause_parse(pg_text(r, 0, 1));
	c_r->cause_at = pg_int(r, 0, 2);
	c_r->has_tenant = pg_bool(r, 0, 5);
	const char *name = pg_text(r, 0, 3) != NULL ? pg_text(r, 0, 3) : pg_text(r, 0, 4);
	c_r->practice = name == NULL && c_r->has_tenant ? "Your practice" : name;
	c_r->connected_by = pg_text(r, 0, 6);
	c_r->connected_by_id = pg_int(r, 0, 7);
	c_r->connected_at = pg_int(r, 0, 8);
	c_r->first_live_at = pg_int(r, 0, 9);
	c_r->last_success_at = pg_int(r, 0, 10);
	c_r->last_run_id = pg_int(r, 0, 11);
	c_r->live_clients = pg_int(r, 0, 12);
	c_r->live_contacts = pg_int(r, 0, 13);
	c_r->failures = pg_int(r, 0, 14);
	c_r->next_sync_at = pg_int(r, 0, 15);
	c_r->manual_ended_at = pg_int(r, 0, 16);
	c_r->running = pg_bool(r, 0, 18);
	c_r->previewed = pg_bool(r, 0, 19);
	c_r->progress_done = c_r->running && !pg_null(r, 0, 17) ? pg_int(r, 0, 17) : -1;
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
	return r.n == 0 || read_connection(c_r, &r, e);
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
