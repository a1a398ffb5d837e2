#include "base/buf.h"
#include "store/clients.h"
#include "store/scope.h"

/* Flags of clients without a usable primary contact, shown as "No Primary Contact". */
enum { NO_PRIMARY = CLIENT_NO_PRIMARY | CLIENT_NO_CONTACT | CLIENT_NO_EMAIL };

const char *clients_contact_shown(const char *name, int flags)
{
	return (flags & NO_PRIMARY) != 0 ? NULL : name;
}

/* ---- sorting: client.place and client_rank() of sql/migrations/0016_clients.sql ---- */

enum {
	SOURCE_PROSPECT = 1,
	SOURCE_HAND = 2,
	SOURCE_XPM = 3,
	FINE = 0,
	FLAGGED = 4,
	NOBODY_TO_CALL = 8,
	ARCHIVED = 12
};

static const struct {
	int source, to_source, state, to_state;
} spans[CLIENTS_FILTER__MAX] = {
	[CLIENTS_ALL] = {SOURCE_PROSPECT, SOURCE_XPM, FINE, NOBODY_TO_CALL},
	[CLIENTS_NO_PRIMARY] = {SOURCE_PROSPECT, SOURCE_XPM, NOBODY_TO_CALL, NOBODY_TO_CALL},
	[CLIENTS_ATTENTION] = {SOURCE_PROSPECT, SOURCE_XPM, FLAGGED, NOBODY_TO_CALL},
	[CLIENTS_ARCHIVED] = {SOURCE_PROSPECT, SOURCE_XPM, ARCHIVED, ARCHIVED},
	[CLIENTS_XPM] = {SOURCE_XPM, SOURCE_XPM, FINE, NOBODY_TO_CALL},
	[CLIENTS_BY_HAND] = {SOURCE_PROSPECT, SOURCE_HAND, FINE, NOBODY_TO_CALL},
	[CLIENTS_PROSPECTS] = {SOURCE_PROSPECT, SOURCE_PROSPECT, FINE, NOBODY_TO_CALL},
};

/* "{1,5,9}": the places of the filter that belong to these sources. */
static const char *places_of(
	struct arena *a, enum client_filter filter, int64_t source, int64_t to_source)
{
	struct buf b;
	buf_init(&b, a, 64);
	for (int at = spans[filter].state; at <= spans[filter].to_state; at += FLAGGED)
		for (int s = spans[filter].source; s <= spans[filter].to_source; s++)
			if (s >= source && s <= to_source)
				buf_printf(&b, "%c%d", b.len == 0 ? '{' : ',', at + s);
	buf_adds(&b, b.len == 0 ? "{}" : "}");
	return b.data;
}

static const char *all_places(struct arena *a, enum client_filter filter)
{
	return places_of(a, filter, SOURCE_PROSPECT, SOURCE_XPM);
}

/* The numbers client_rank() gives to the orders. */
static int rank_order(enum client_order order)
{
	return order == CLIENTS_BY_SOURCE ? 1 : order == CLIENTS_BY_CHANGE ? 2 : 0;
}

/*
 * A text that sorts after every name: the collation sorts U+FFFF last, and this is longer than
 * any name.
 */
static const char *last_name(struct arena *a)
{
	struct buf b;
	buf_init(&b, a, CLIENT_NAME_MAX + 4);
	while (b.len <= CLIENT_NAME_MAX)
		buf_adds(&b, "\xEF\xBF\xBF");
	return b.data;
}

/* Where an index scan begins, and whether it runs backwards. */
struct key {
	const char *name;
	int64_t id, rank;
	bool against, at_end;
};

static bool goes_back(const struct client_query *q)
{
	return q->back && q->key_name != NULL;
}

static struct key key_of(struct arena *a, const struct client_query *q)
{
	bool down = q->order == CLIENTS_BY_NAME_DOWN;
	if (q->key_name == NULL)
		return (struct key){
			down ? last_name(a) : "", 0, down ? INT64_MAX : INT64_MIN, down, true};
	int64_t rank = q->order == CLIENTS_BY_CHANGE   ? -q->key_rank
		       : q->order == CLIENTS_BY_SOURCE ? q->key_rank
						       : 0;
	return (struct key){q->key_name, q->key_id, rank, goes_back(q) != down, false};
}

/* ---- lines ---- */

/* Columns of a line (sql/queries/clients.sql). */
static struct client_row read_line(const struct pg_rows *r, size_t i, enum client_order order)
{
	enum { MICROSECONDS = 1000000 };
	int64_t changed = -pg_int(r, i, 12);
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
		.held = pg_bool(r, i, 10),
		.changed_at = changed / MICROSECONDS,
		.rank = order == CLIENTS_BY_CHANGE   ? changed
			: order == CLIENTS_BY_SOURCE ? pg_int(r, i, 11) & SOURCE_XPM
						     : 0};
	row.contact_name = clients_contact_shown(row.contact_name, row.flags);
	return row;
}

static bool has_words(const struct client_query *q)
{
	return q->words != NULL && *q->words != '\0' && q->filter != CLIENTS_SINCE;
}

/* Lower-cased as the searched column is. */
static char *words_of(struct arena *a, const struct client_query *q)
{
	const struct client_record words = {.name = q->words};
	return client_search_text(a, &words);
}

/* ---- a page ---- */

struct look {
	struct pg *db;
	struct arena *a;
	int64_t org_id;
	const struct client_query *q;
	struct key k;
};

static bool find_words(const struct look *l, struct pg_rows *r, struct err *e)
{
	return scope_once(l->db, l->org_id, STMT_CLIENT_PAGE_FOUND, r, e, PG_INT(l->org_id),
		PG_TEXT(l->k.name), PG_INT(l->k.id), PG_INT(CLIENTS_PAGE + 1),
		PG_TEXT(words_of(l->a, l->q)), PG_TEXT(all_places(l->a, l->q->filter)),
		PG_INT(rank_order(l->q->order)), PG_INT(l->k.rank), PG_BOOL(l->k.against));
}

static bool find_since(const struct look *l, struct pg_rows *r, struct err *e)
{
	return scope_once(l->db, l->org_id,
		l->k.against ? STMT_CLIENT_PAGE_SINCE_BACK : STMT_CLIENT_PAGE_SINCE, r, e,
		PG_INT(l->org_id), PG_TEXT(l->k.name), PG_INT(l->k.id),
		PG_INT(CLIENTS_PAGE + 1), PG_INT(rank_order(l->q->order)), PG_INT(l->k.rank),
		PG_INT(l->q->user_id), PG_TEXT(l->q->user_name));
}

static bool find_newest(const struct look *l, struct pg_rows *r, struct err *e)
{
	return scope_once(l->db, l->org_id,
		l->k.against ? STMT_CLIENT_PAGE_NEWEST_BACK : STMT_CLIENT_PAGE_NEWEST, r, e,
		PG_INT(l->org_id), PG_TEXT(l->k.name), PG_INT(l->k.id),
		PG_INT(CLIENTS_PAGE + 1), PG_TEXT(all_places(l->a, l->q->filter)),
		PG_INT(l->k.rank));
}

/* Sorted by source: what follows the key is the rest of its source, and all later sources. */
static bool find_placed(const struct look *l, struct pg_rows *r, struct err *e)
{
	bool by_source = l->q->order == CLIENTS_BY_SOURCE && !l->k.at_end;
	int64_t from = by_source && !l->k.against ? l->k.rank : SOURCE_PROSPECT;
	int64_t to = by_source && l->k.against ? l->k.rank : SOURCE_XPM;
	const char *cut = l->k.at_end ? "{}"
			  : by_source ? places_of(l->a, l->q->filter, l->k.rank, l->k.rank)
				      : all_places(l->a, l->q->filter);
	return scope_once(l->db, l->org_id,
		l->k.against ? STMT_CLIENT_PAGE_PLACED_BACK : STMT_CLIENT_PAGE_PLACED, r, e,
		PG_INT(l->org_id), PG_TEXT(l->k.name), PG_INT(l->k.id),
		PG_INT(CLIENTS_PAGE + 1), PG_TEXT(places_of(l->a, l->q->filter, from, to)),
		PG_TEXT(cut), PG_INT(rank_order(l->q->order)),
		PG_TEXT(l->k.against ? last_name(l->a) : ""));
}

static bool find_live(const struct look *l, struct pg_rows *r, struct err *e)
{
	return scope_once(l->db, l->org_id,
		l->k.against ? STMT_CLIENT_PAGE_LIVE_BACK : STMT_CLIENT_PAGE_LIVE, r, e,
		PG_INT(l->org_id), PG_TEXT(l->k.name), PG_INT(l->k.id),
		PG_INT(CLIENTS_PAGE + 1));
}

static bool find_page(const struct look *l, struct pg_rows *r, struct err *e)
{
	enum client_order order = l->q->order;
	if (has_words(l->q))
		return !str_utf8_valid(str_of(l->q->words)) || find_words(l, r, e);
	if (l->q->filter == CLIENTS_SINCE)
		return find_since(l, r, e);
	if (order == CLIENTS_BY_CHANGE)
		return find_newest(l, r, e);
	if (l->q->filter == CLIENTS_ALL && order != CLIENTS_BY_SOURCE)
		return find_live(l, r, e);
	return find_placed(l, r, e);
}

/*
 * One row more than a page was read, to know whether there are more. nearest_first: rows are in
 * scan order, which runs backwards.
 */
static void fill_page(const struct look *l, const struct pg_rows *r, bool nearest_first,
	struct client_page *page_r)
{
	bool back = goes_back(l->q), more = r->n > CLIENTS_PAGE;
	size_t n = more ? CLIENTS_PAGE : r->n;
	struct client_row *rows = arena_array(l->a, struct client_row, n);
	for (size_t i = 0; i < n; i++)
		rows[back ? n - 1 - i : i] =
			read_line(r, nearest_first ? i : r->n - 1 - i, l->q->order);
	*page_r = (struct client_page){.rows = rows,
		.n = n,
		.more_before = back ? more : l->q->key_name != NULL,
		.more_after = back || more};
}

bool clients_page(struct pg *db, struct arena *a, int64_t org_id, const struct client_query *q,
	struct client_page *page_r, struct err *e)
{
	struct pg_rows r = {.n = 0};
	const struct look l = {db, a, org_id, q, key_of(a, q)};
	if (!find_page(&l, &r, e))
		return false;
	fill_page(&l, &r, !has_words(q) || !l.k.against, page_r);
	return true;
}

/* ---- all of them, for the CSV ---- */

struct each {
	bool (*row)(void *user, const struct client_row *r, struct err *e);
	void *user;
};

static bool pass_line(void *user, const struct pg_rows *r, struct err *e)
{
	const struct each *each = user;
	const struct client_row row = read_line(r, 0, CLIENTS_BY_NAME);
	return each->row(each->user, &row, e);
}

static bool stream(struct pg *db, struct arena *a, int64_t org_id, const struct client_query *q,
	struct each *each, struct err *e)
{
	bool since = q->filter == CLIENTS_SINCE;
	const struct pg_arg args[] = {PG_INT(org_id),
		since ? PG_INT(q->user_id) : PG_TEXT(all_places(a, q->filter)),
		PG_INT(rank_order(q->order)), PG_BOOL(q->order == CLIENTS_BY_NAME_DOWN),
		PG_TEXT(since	       ? q->user_name
			: has_words(q) ? words_of(a, q)
				       : NULL)};
	if (since)
		return pg_each(
			db, STMT_CLIENT_EACH_SINCE, e, args, ARRAY_LEN(args), pass_line, each);
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
