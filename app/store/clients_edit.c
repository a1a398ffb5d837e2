#include "store/clients.h"

#include "store/scope.h"

/* One edit by hand: its transaction, the record as judged, scratch memory. */
struct edit {
	struct pg *db;
	struct arena *arena;
	int64_t org_id, client_id;
	struct client_record record;
	const struct client_contact *contact; /* the record's contact; NULL: none */
};

/*
 * A UUID made from a contact's number: core/client.h knows contacts by UUID, and this one leads
 * back to the number.
 */
static char *uuid_of(struct arena *a, int64_t id)
{
	return arena_printf(a, "00000000-0000-4000-8000-%012llx", (unsigned long long)id);
}

static bool judge(struct edit *x, const struct xpm_client *seen, struct err *e)
{
	enum client_rule rule = client_judge(x->arena, seen, &x->record);
	if (rule == CLIENT_FINE)
		return true;
	if (rule == CLIENT_NO_NAME)
		return err_set(e, ERR_INVALID, "Give the client a name.");
	return err_set(e, ERR_INVALID,
		"The name, email or phone holds characters that cannot be shown.");
}

/* Trims the typed values and judges them. */
static bool judge_typed(struct edit *x, const struct client_edit *c, struct err *e)
{
	struct xpm_contact k = {.uuid = uuid_of(x->arena, 1),
		.name = c->contact_name,
		.email = c->email,
		.phone = c->phone,
		.is_primary = true};
	const struct xpm_client seen = {.uuid = uuid_of(x->arena, 0),
		.name = c->name,
		.has_contacts = true,
		.contacts = &k,
		.n_contacts = 1};
	if (!judge(x, &seen, e))
		return false;
	x->contact = *x->record.contacts[0].name == '\0' ? NULL : &x->record.contacts[0];
	if (!str_is(str_of(c->status), "client") && !str_is(str_of(c->status), "prospect"))
		return err_set(e, ERR_INVALID, "Choose Client or Prospect.");
	return true;
}

/*
 * Reads the client back, judges it, and stores the result: primary contact, flags, search text.
 */
static bool rejudge(struct edit *x, int64_t client_id, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(x->db, STMT_CLIENT_RECORD, &r, e, PG_INT(x->org_id), PG_INT(client_id)))
		return false;
	if (r.n == 0)
		return true;
	struct xpm_client seen = {.uuid = uuid_of(x->arena, 0),
		.name = pg_text(&r, 0, 0),
		.has_contacts = true,
		.contacts = arena_array(x->arena, struct xpm_contact, r.n)};
	for (size_t i = 0; i < r.n && !pg_null(&r, i, 1); i++)
		seen.contacts[seen.n_contacts++] =
			(struct xpm_contact){.uuid = uuid_of(x->arena, pg_int(&r, i, 1)),
				.name = pg_text(&r, i, 2),
				.email = pg_text(&r, i, 3),
				.phone = pg_text(&r, i, 4),
				.is_primary = pg_bool(&r, i, 5)};
	if (!judge(x, &seen, e))
		return false;
	struct pg_arg primary = PG_NULL;
	for (size_t i = 0; i < x->record.n_contacts; i++)
		for (size_t k = 0; k < r.n && x->record.contacts[i].is_primary; k++)
			if (strcmp(x->record.contacts[i].uuid,
				    uuid_of(x->arena, pg_int(&r, k, 1))) == 0)
				primary = PG_INT(pg_int(&r, k, 1));
	return pg_exec(x->db, STMT_CLIENT_JUDGED, NULL, e, PG_INT(x->org_id), PG_INT(client_id),
		primary, PG_INT(x->record.flags),
		PG_TEXT(client_search_text(x->arena, &x->record)));
}

/* A shared contact is in the search text of every client that has it. */
static bool rejudge_all(struct edit *x, int64_t contact_id, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(
		    x->db, STMT_CONTACT_CLIENTS, &r, e, PG_INT(x->org_id), PG_INT(contact_id)))
		return false;
	for (size_t i = 0; i < r.n; i++)
		if (pg_int(&r, i, 0) != x->client_id && !rejudge(x, pg_int(&r, i, 0), e))
			return false;
	return true;
}

static bool lock_list(struct edit *x, bool *connected_r, struct err *e)
{
	struct pg_rows r;
	bool ok = pg_query(x->db, STMT_CLIENT_LOCK_LIST, &r, e, PG_INT(x->org_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such organisation."))
		return false;
	*connected_r = pg_bool(&r, 0, 0);
	return true;
}

static bool has_no_twin(struct edit *x, struct err *e)
{
	struct pg_rows r;
	const char *email =
		x->contact == NULL || x->contact->email == NULL ? "" : x->contact->email;
	if (!pg_query(x->db, STMT_CLIENT_TWIN, &r, e, PG_INT(x->org_id),
		    PG_TEXT(x->record.name), PG_TEXT(email), PG_INT(x->client_id)))
		return false;
	return !pg_bool(&r, 0, 0) ||
	       err_set(e, ERR_CONFLICT,
		       "Client with this name and email is already in your client list");
}

static bool add_contact(struct edit *x, struct err *e)
{
	struct pg_rows r;
	const struct client_contact *k = x->contact;
	if (!pg_query(x->db, STMT_CONTACT_ADD, &r, e, PG_INT(x->org_id), PG_TEXT(k->name),
		    PG_TEXT(k->email), PG_TEXT(k->phone)))
		return false;
	return pg_exec(x->db, STMT_CONTACT_LINK, NULL, e, PG_INT(x->org_id),
		PG_INT(x->client_id), PG_INT(pg_int(&r, 0, 0)));
}

static bool add(struct edit *x, const char *status, struct err *e)
{
	struct pg_rows r;
	bool connected;
	if (!lock_list(x, &connected, e))
		return false;
	if (connected)
		return err_set(e, ERR_CONFLICT,
			"While Xero Practice Manager is connected, clients are added there and"
			" arrive with the next sync.");
	if (!has_no_twin(x, e) || !pg_query(x->db, STMT_CLIENT_ADD, &r, e, PG_INT(x->org_id),
					  PG_TEXT(x->record.name), PG_TEXT(status)))
		return false;
	x->client_id = pg_int(&r, 0, 0);
	return (x->contact == NULL || add_contact(x, e)) && rejudge(x, x->client_id, e);
}

bool clients_add(struct pg *db, int64_t org_id, const struct client_edit *c,
	int64_t *client_id_r, struct err *e)
{
	struct edit x = {.db = db, .arena = arena_new(), .org_id = org_id};
	bool own;
	bool ok = judge_typed(&x, c, e) && scope_begin(db, org_id, &own, e) &&
		  scope_end(db, own, add(&x, c->status, e), e);
	*client_id_r = ok ? x.client_id : 0;
	arena_free(&x.arena);
	return ok;
}

/*
 * Sets the error for a view-only record. `connected`: a practice is active, by the row
 * lock_list holds; else the records were kept read only at the disconnect.
 */
static bool view_only(bool connected, struct err *e)
{
	if (!connected)
		return err_set(e, ERR_CONFLICT,
			"This client was kept read only when Xero Practice Manager was disconnected."
			" An admin can make such clients editable under Org Settings > Integrations.");
	return err_set(e, ERR_CONFLICT,
		"This client is synced from Xero Practice Manager and is view only here."
		" Change it in Xero Practice Manager; the next sync brings the change.");
}

/* Refuses with a reason; the database's policies alone would just change no row. */
static bool may_write(struct edit *x, bool connected, struct err *e)
{
	struct pg_rows r;
	bool ok = pg_query(x->db, STMT_CLIENT_GET, &r, e, PG_INT(x->org_id),
		PG_INT(x->client_id), PG_TEXT(NULL));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such client."))
		return false;
	return !pg_bool(&r, 0, 6) || view_only(connected, e);
}

static bool drop_contact(struct edit *x, int64_t contact_id, struct err *e)
{
	return pg_exec(x->db, STMT_CONTACT_UNLINK, NULL, e, PG_INT(x->org_id),
		       PG_INT(x->client_id), PG_INT(contact_id)) &&
	       pg_exec(x->db, STMT_CONTACT_DROP, NULL, e, PG_INT(x->org_id),
		       PG_INT(contact_id));
}

static bool change_contact(struct edit *x, bool connected, struct err *e)
{
	struct pg_rows r;
	const struct client_contact *k = x->contact;
	if (!pg_query(x->db, STMT_CONTACT_PRIMARY, &r, e, PG_INT(x->org_id),
		    PG_INT(x->client_id)))
		return false;
	if (r.n == 0)
		return k == NULL || add_contact(x, e);
	int64_t contact_id = pg_int(&r, 0, 0);
	if (k == NULL)
		return drop_contact(x, contact_id, e);
	size_t touched = 0;
	if (!pg_exec(x->db, STMT_CONTACT_CHANGE, &touched, e, PG_INT(x->org_id),
		    PG_INT(contact_id), PG_TEXT(k->name), PG_TEXT(k->email), PG_TEXT(k->phone)))
		return false;
	return touched == 0 ? view_only(connected, e) : rejudge_all(x, contact_id, e);
}

static bool change(struct edit *x, const char *status, struct err *e)
{
	bool connected;
	if (!lock_list(x, &connected, e) || !may_write(x, connected, e) || !has_no_twin(x, e))
		return false;
	return pg_exec(x->db, STMT_CLIENT_CHANGE, NULL, e, PG_INT(x->org_id),
		       PG_INT(x->client_id), PG_TEXT(x->record.name), PG_TEXT(status)) &&
	       change_contact(x, connected, e) && rejudge(x, x->client_id, e);
}

bool clients_change(struct pg *db, int64_t org_id, int64_t client_id,
	const struct client_edit *c, struct err *e)
{
	struct edit x = {
		.db = db, .arena = arena_new(), .org_id = org_id, .client_id = client_id};
	bool own;
	bool ok = judge_typed(&x, c, e) && scope_begin(db, org_id, &own, e) &&
		  scope_end(db, own, change(&x, c->status, e), e);
	arena_free(&x.arena);
	return ok;
}

static bool archive_one(struct edit *x, bool archive, struct err *e)
{
	bool connected;
	return lock_list(x, &connected, e) && may_write(x, connected, e) &&
	       pg_exec(x->db, STMT_CLIENT_ARCHIVE, NULL, e, PG_INT(x->org_id),
		       PG_INT(x->client_id), PG_BOOL(archive));
}

bool clients_archive(
	struct pg *db, int64_t org_id, int64_t client_id, bool archive, struct err *e)
{
	struct edit x = {.db = db, .org_id = org_id, .client_id = client_id};
	bool own;
	return scope_begin(db, org_id, &own, e) &&
	       scope_end(db, own, archive_one(&x, archive, e), e);
}
