#include "store/clients.h"

#include "store/scope.h"

/* Whom nobody can be called at: shown as "No Primary Contact" (rule D10). */
enum { NO_PRIMARY = CLIENT_NO_PRIMARY | CLIENT_NO_CONTACT | CLIENT_NO_EMAIL, ANY_FLAG = -1 };

const char *clients_contact_shown(const char *name, int flags)
{
	return (flags & NO_PRIMARY) != 0 ? NULL : name;
}

/* In the order of a line (sql/queries/clients.sql). */
static struct client_row read_line(const struct pg_rows *r, size_t i)
{
	struct client_row row = {.client_id = pg_int(r, i, 0),
		.name = pg_text(r, i, 1),
		.status = pg_text(r, i, 2),
		.contact_name = pg_text(r, i, 3),
		.email = pg_text(r, i, 4),
		.phone = pg_text(r, i, 5),
		.synced = pg_bool(r, i, 6),
		.view_only = pg_bool(r, i, 7),
		.archived = pg_bool(r, i, 8),
		.flags = (int)pg_int(r, i, 9),
		.held = pg_bool(r, i, 10)};
	row.contact_name = clients_contact_shown(row.contact_name, row.flags);
	return row;
}

static int mask_of(enum client_filter filter)
{
	return filter == CLIENTS_NO_PRIMARY  ? NO_PRIMARY
	       : filter == CLIENTS_ATTENTION ? ANY_FLAG
					     : 0;
}

/* As client_each counts them (sql/queries/clients.sql). */
static int source_of(enum client_filter filter)
{
	return filter == CLIENTS_XPM	     ? 1
	       : filter == CLIENTS_BY_HAND   ? 2
	       : filter == CLIENTS_PROSPECTS ? 3
					     : 0;
}

static bool has_words(const struct client_query *q)
{
	return q->words != NULL && *q->words != '\0' && q->filter != CLIENTS_SINCE;
}

/* The same lower case that the searched column was made with. */
static char *words_of(struct arena *a, const struct client_query *q)
{
	const struct client_record words = {.name = q->words};
	return client_search_text(a, &words);
}

struct key {
	const char *name;
	int64_t id;
	bool back;
};

/* The start is before every name; "back" from nowhere is the start, too. */
static struct key key_of(const struct client_query *q)
{
	if (q->key_name == NULL)
		return (struct key){.name = "", .id = 0, .back = false};
	return (struct key){q->key_name, q->key_id, q->back};
}

static bool find_words(struct pg *db, int64_t org_id, const struct client_query *q,
	const char *words, struct pg_rows *r, struct err *e)
{
	struct key k = key_of(q);
	return scope_once(db, org_id, STMT_CLIENT_PAGE_FOUND, r, e, PG_INT(org_id),
		PG_TEXT(k.name), PG_INT(k.id), PG_INT(CLIENTS_PAGE + 1), PG_TEXT(words),
		PG_BOOL(q->filter == CLIENTS_ARCHIVED), PG_INT(mask_of(q->filter)),
		PG_BOOL(k.back), PG_INT(source_of(q->filter)));
}

static bool find_source(struct pg *db, int64_t org_id, const struct client_query *q,
	struct pg_rows *r, struct err *e)
{
	struct key k = key_of(q);
	if (q->filter == CLIENTS_XPM)
		return scope_once(db, org_id,
			k.back ? STMT_CLIENT_PAGE_SYNCED_BACK : STMT_CLIENT_PAGE_SYNCED, r, e,
			PG_INT(org_id), PG_TEXT(k.name), PG_INT(k.id),
			PG_INT(CLIENTS_PAGE + 1));
	if (q->filter == CLIENTS_SINCE)
		return scope_once(db, org_id,
			k.back ? STMT_CLIENT_PAGE_SINCE_BACK : STMT_CLIENT_PAGE_SINCE, r, e,
			PG_INT(org_id), PG_TEXT(k.name), PG_INT(k.id), PG_INT(CLIENTS_PAGE + 1),
			PG_INT(q->user_id), PG_TEXT(q->user_name));
	return scope_once(db, org_id,
		k.back ? STMT_CLIENT_PAGE_HAND_BACK : STMT_CLIENT_PAGE_HAND, r, e,
		PG_INT(org_id), PG_TEXT(k.name), PG_INT(k.id), PG_INT(CLIENTS_PAGE + 1),
		PG_TEXT(q->filter == CLIENTS_PROSPECTS ? "prospect" : NULL));
}

static bool find_page(struct pg *db, int64_t org_id, const struct client_query *q,
	struct pg_rows *r, struct err *e)
{
	struct key k = key_of(q);
	int mask = mask_of(q->filter);
	if (source_of(q->filter) != 0 || q->filter == CLIENTS_SINCE)
		return find_source(db, org_id, q, r, e);
	if (mask != 0)
		return scope_once(db, org_id,
			k.back ? STMT_CLIENT_PAGE_FLAGGED_BACK : STMT_CLIENT_PAGE_FLAGGED, r, e,
			PG_INT(org_id), PG_TEXT(k.name), PG_INT(k.id), PG_INT(CLIENTS_PAGE + 1),
			PG_INT(mask));
	int stmt =
		q->filter == CLIENTS_ARCHIVED
			? (k.back ? STMT_CLIENT_PAGE_ARCHIVED_BACK : STMT_CLIENT_PAGE_ARCHIVED)
			: (k.back ? STMT_CLIENT_PAGE_LIVE_BACK : STMT_CLIENT_PAGE_LIVE);
	return scope_once(db, org_id, stmt, r, e, PG_INT(org_id), PG_TEXT(k.name), PG_INT(k.id),
		PG_INT(CLIENTS_PAGE + 1));
}

/* One row more than a page was read, to know whether there are more; it stands at the far end. */
static void fill_page(struct arena *a, const struct pg_rows *r, const struct client_query *q,
	bool nearest_first, struct client_page *page_r)
{
	bool back = key_of(q).back, more = r->n > CLIENTS_PAGE;
	size_t n = more ? CLIENTS_PAGE : r->n;
	size_t from = more && back && !nearest_first ? 1 : 0;
	struct client_row *rows = arena_array(a, struct client_row, n);
	for (size_t i = 0; i < n; i++)
		rows[nearest_first ? n - 1 - i : i] = read_line(r, from + i);
	*page_r = (struct client_page){.rows = rows,
		.n = n,
		.more_before = back ? more : q->key_name != NULL,
		.more_after = back || more};
}

bool clients_page(struct pg *db, struct arena *a, int64_t org_id, const struct client_query *q,
	struct client_page *page_r, struct err *e)
{
	struct pg_rows r = {.n = 0};
	bool all = !has_words(q);
	if (all) {
		if (!find_page(db, org_id, q, &r, e))
			return false;
	} else if (str_utf8_valid(str_of(q->words))) {
		if (!find_words(db, org_id, q, words_of(a, q), &r, e))
			return false;
	}
	fill_page(a, &r, q, all && key_of(q).back, page_r);
	return true;
}

static void read_contacts(struct arena *a, const struct pg_rows *r, struct client_view *v_r)
{
	struct contact_row *rows = arena_array(a, struct contact_row, r->n);
	for (size_t i = 0; i < r->n; i++)
		rows[i] = (struct contact_row){.contact_id = pg_int(r, i, 0),
			.name = pg_text(r, i, 1),
			.email = pg_text(r, i, 2),
			.phone = pg_text(r, i, 3),
			.is_primary = pg_bool(r, i, 4),
			.also = pg_text(r, i, 5)};
	v_r->contacts = rows;
	v_r->n_contacts = r->n;
}

/* In the order of client_get. */
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
		.archived_at = pg_int(r, 0, 7),
		.changed_at = pg_int(r, 0, 8),
		.flags = (int)pg_int(r, 0, 9),
		.held_run = pg_int(r, 0, 10)};
}

static void read_history(struct arena *a, const struct pg_rows *r, struct client_history *h)
{
	struct history_row *rows = arena_array(a, struct history_row, r->n);
	for (size_t i = 0; i < r->n; i++)
		rows[i] = (struct history_row){pg_int(r, i, 0), pg_int(r, i, 1),
			pg_int(r, i, 2), pg_text(r, i, 3), pg_text(r, i, 4), pg_text(r, i, 5),
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
		PG_ASK(STMT_CLIENT_GET, &client, PG_INT(org_id), PG_INT(client_id)),
		PG_ASK(STMT_CLIENT_CONTACTS, &contacts, PG_INT(org_id), PG_INT(client_id)),
		PG_ASK(STMT_CLIENT_HISTORY, &history, PG_INT(org_id), PG_INT(client_id),
			PG_INT(before_id), PG_INT(limit))};
	bool ok = pg_together(db, org_id, asks, ARRAY_LEN(asks) - (h == NULL), e);
	if (!scope_one(ok, &client, e, ERR_NOT_FOUND, "There is no such client."))
		return false;
	*v_r = read_view(&client, client_id);
	read_contacts(a, &contacts, v_r);
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

static bool stream(struct pg *db, struct arena *a, int64_t org_id, const struct client_query *q,
	struct each *each, struct err *e)
{
	const struct pg_arg since[] = {
		PG_INT(org_id), PG_INT(q->user_id), PG_TEXT(q->user_name)};
	const struct pg_arg args[] = {PG_INT(org_id), PG_BOOL(q->filter == CLIENTS_ARCHIVED),
		PG_INT(mask_of(q->filter)), PG_INT(source_of(q->filter)),
		PG_TEXT(has_words(q) ? words_of(a, q) : NULL)};
	if (q->filter == CLIENTS_SINCE)
		return pg_each(db, STMT_CLIENT_EACH_SINCE, e, since, ARRAY_LEN(since),
			pass_line, each);
	if (!has_words(q))
		return pg_each(
			db, STMT_CLIENT_EACH, e, args, ARRAY_LEN(args) - 1, pass_line, each);
	return !str_utf8_valid(str_of(q->words)) ||
	       pg_each(db, STMT_CLIENT_EACH_FOUND, e, args, ARRAY_LEN(args), pass_line, each);
}

bool clients_each(struct pg *db, int64_t org_id, const struct client_query *q,
	bool (*row)(void *user, const struct client_row *r, struct err *e), void *user,
	struct err *e)
{
	struct each each = {row, user};
	bool own;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	struct arena *a = arena_new();
	bool ok = stream(db, a, org_id, q, &each, e);
	arena_free(&a);
	return scope_end(db, own, ok, e);
}
