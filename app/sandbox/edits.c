#include "sandbox/edits.h"

#include "sandbox/claims.h"
#include "sandbox/stmt.h"

enum { COUNT_MAX = 1000000 };

/* An edit whose clients are found; the lists are arrays in PostgreSQL's notation. */
struct doing {
	struct pg *db;
	struct arena *a;
	const struct edit *edit;
	int tenant_no;
	const char *clients, *into;
	int64_t count;
	size_t *touched;
	struct err *e;
};

#define EXEC(d, stmt, ...)                                                                  \
	pg_exec((d)->db, SANDBOX_STMT_##stmt, (d)->touched, (d)->e, PG_INT((d)->tenant_no), \
		##__VA_ARGS__)

static bool rename_client(const struct doing *d)
{
	return EXEC(d, CLIENT_RENAME, PG_TEXT(d->clients), PG_TEXT(d->edit->value));
}

static bool contact_name(const struct doing *d)
{
	return EXEC(d, CONTACT_CHANGE, PG_TEXT(d->clients), PG_TEXT(d->edit->value), PG_NULL,
		PG_NULL, PG_NULL);
}

static bool contact_email(const struct doing *d)
{
	return EXEC(d, CONTACT_CHANGE, PG_TEXT(d->clients), PG_NULL, PG_TEXT(d->edit->value),
		PG_NULL, PG_NULL);
}

static bool contact_phone(const struct doing *d)
{
	return EXEC(d, CONTACT_CHANGE, PG_TEXT(d->clients), PG_NULL, PG_NULL,
		PG_TEXT(d->edit->value), PG_NULL);
}

static bool blank(const struct doing *d)
{
	return EXEC(d, CONTACT_CHANGE, PG_TEXT(d->clients), PG_NULL, PG_TEXT(""), PG_TEXT(""),
		PG_TEXT(""));
}

static bool archive(const struct doing *d)
{
	return EXEC(
		d, CLIENT_FLAG, PG_TEXT(d->clients), PG_BOOL(true), PG_NULL, PG_NULL, PG_NULL);
}

static bool unarchive(const struct doing *d)
{
	return EXEC(
		d, CLIENT_FLAG, PG_TEXT(d->clients), PG_BOOL(false), PG_NULL, PG_NULL, PG_NULL);
}

static bool delete_client(const struct doing *d)
{
	return EXEC(
		d, CLIENT_FLAG, PG_TEXT(d->clients), PG_NULL, PG_BOOL(true), PG_NULL, PG_NULL);
}

static bool restore(const struct doing *d)
{
	return EXEC(
		d, CLIENT_FLAG, PG_TEXT(d->clients), PG_NULL, PG_BOOL(false), PG_NULL, PG_NULL);
}

static bool vanish(const struct doing *d)
{
	return EXEC(
		d, CLIENT_FLAG, PG_TEXT(d->clients), PG_NULL, PG_NULL, PG_BOOL(true), PG_NULL);
}

static bool come_back(const struct doing *d)
{
	return EXEC(
		d, CLIENT_FLAG, PG_TEXT(d->clients), PG_NULL, PG_NULL, PG_BOOL(false), PG_NULL);
}

static bool prospect(const struct doing *d)
{
	return EXEC(
		d, CLIENT_FLAG, PG_TEXT(d->clients), PG_NULL, PG_NULL, PG_NULL, PG_BOOL(true));
}

static bool merge(const struct doing *d)
{
	return EXEC(d, LINK_MOVE, PG_TEXT(d->clients), PG_TEXT(d->into)) && delete_client(d);
}

static bool add_client(const struct doing *d)
{
	char *uuid;
	for (int64_t i = 0; i < d->count; i++)
		if (!keys_uuid(d->a, &uuid, d->e) ||
			!EXEC(d, CLIENT_ADD, PG_TEXT(uuid), PG_TEXT(d->edit->value)))
			return false;
	*d->touched = (size_t)d->count;
	return true;
}

static bool add_contact(const struct doing *d)
{
	char *uuid;
	return keys_uuid(d->a, &uuid, d->e) &&
	       EXEC(d, CONTACT_ADD, PG_TEXT(d->clients), PG_TEXT(uuid), PG_TEXT(d->edit->value),
		       PG_TEXT(arena_printf(d->a, "%.8s@example.com", uuid)));
}

static bool remove_contact(const struct doing *d)
{
	return EXEC(d, CONTACT_REMOVE, PG_TEXT(d->clients));
}

static bool share_contact(const struct doing *d)
{
	return EXEC(d, CONTACT_SHARE, PG_TEXT(d->clients), PG_TEXT(d->into));
}

static bool move_contact(const struct doing *d)
{
	return share_contact(d) && remove_contact(d);
}

static bool replace(const struct doing *d)
{
	return EXEC(d, LINK_DROP, PG_TEXT(d->clients)) && rename_client(d);
}

static bool primary(const struct doing *d)
{
	return EXEC(d, LINK_PRIMARY, PG_TEXT(d->clients));
}

static bool two_primaries(const struct doing *d)
{
	return EXEC(d, LINK_PRIMARY_ALL, PG_TEXT(d->clients), PG_BOOL(true));
}

static bool none_primary(const struct doing *d)
{
	return EXEC(d, LINK_PRIMARY_ALL, PG_TEXT(d->clients), PG_BOOL(false));
}

enum need { NEEDS_VALUE = 1, NEEDS_INTO = 2, REVIVES = 4, MAKES = 8 };

static const struct {
	const char *name;
	bool (*apply)(const struct doing *d);
	unsigned needs;
} kinds[] = {
	{"rename", rename_client, NEEDS_VALUE},
	{"contact-name", contact_name, NEEDS_VALUE},
	{"contact-email", contact_email, NEEDS_VALUE},
	{"contact-phone", contact_phone, NEEDS_VALUE},
	{"blank", blank, 0},
	{"archive", archive, 0},
	{"unarchive", unarchive, REVIVES},
	{"delete", delete_client, 0},
	{"restore", restore, REVIVES},
	{"prospect", prospect, 0},
	{"vanish", vanish, 0},
	{"return", come_back, REVIVES},
	{"merge", merge, NEEDS_INTO},
	{"add-client", add_client, NEEDS_VALUE | MAKES},
	{"add-contact", add_contact, NEEDS_VALUE},
	{"remove-contact", remove_contact, 0},
	{"share-contact", share_contact, NEEDS_INTO},
	{"move-contact", move_contact, NEEDS_INTO},
	{"replace", replace, NEEDS_VALUE},
	{"primary", primary, 0},
	{"two-primaries", two_primaries, 0},
	{"none-primary", none_primary, 0},
};

const char *edit_name(size_t i)
{
	return i < ARRAY_LEN(kinds) ? kinds[i].name : NULL;
}

static const char *or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

/* "2:#4" is #4 of the second practice. */
static const char *selector(const char *text, int *tenant_no_r)
{
	text = or_empty(text);
	bool second = str_starts(str_of(text), "2:");
	*tenant_no_r = second ? 2 : 1;
	return second ? text + 2 : text;
}

static bool found(const struct pg_rows *r, const char *text, const char **ids_r, struct err *e)
{
	if (pg_int(r, 0, 1) == 0)
		return err_set(
			e, ERR_INVALID, "There is no client \"%s\" to do this to.", text);
	*ids_r = pg_text(r, 0, 0);
	return true;
}

static bool pick(const struct doing *d, const char *text, int64_t count, unsigned needs,
	const char **ids_r)
{
	struct pg_rows r;
	bool revives = (needs & REVIVES) != 0;
	bool ok = revives && *text == '\0'
			  ? pg_query(d->db, SANDBOX_STMT_CLIENT_LOST, &r, d->e,
				    PG_INT(d->tenant_no), PG_TEXT(d->edit->what), PG_INT(count))
			  : pg_query(d->db, SANDBOX_STMT_CLIENT_PICK, &r, d->e,
				    PG_INT(d->tenant_no), PG_TEXT(text), PG_INT(count),
				    PG_BOOL(revives));
	return ok && found(&r, text, ids_r, d->e);
}

/* "3", or "15%" of the live clients. */
static bool read_count(struct doing *d)
{
	struct pg_rows r;
	struct str text = str_of(d->edit->count), number, rest;
	bool percent = str_cut(text, '%', &number, &rest);
	d->count = 1;
	if (text.n == 0)
		return true;
	if (!str_to_i64(percent ? number : text, &d->count) || d->count < 1 ||
		d->count > COUNT_MAX || (percent && (rest.n > 0 || d->count > 100)))
		return err_set(
			d->e, ERR_INVALID, "Enter count as a number, or as a percentage.");
	if (!percent)
		return true;
	if (!pg_query(d->db, SANDBOX_STMT_PRACTICE_COUNTS, &r, d->e))
		return false;
	size_t row = (size_t)d->tenant_no - 1;
	d->count = row < r.n ? (pg_int(&r, row, 4) * d->count + 99) / 100 : 1;
	return true;
}

bool edit_apply(struct pg *db, struct arena *a, const struct edit *edit, size_t *touched_r,
	struct err *e)
{
	struct doing d = {.db = db, .a = a, .edit = edit, .touched = touched_r, .e = e};
	int other;
	const char *client = selector(edit->client, &d.tenant_no);
	size_t k = 0;
	*touched_r = 0;
	while (k < ARRAY_LEN(kinds) && strcmp(kinds[k].name, or_empty(edit->what)) != 0)
		k++;
	if (k == ARRAY_LEN(kinds))
		return err_set(
			e, ERR_INVALID, "There is no edit \"%s\".", or_empty(edit->what));
	if ((kinds[k].needs & NEEDS_VALUE) != 0 && edit->value == NULL)
		return err_set(e, ERR_INVALID, "Enter the value for %s.", edit->what);
	if (!read_count(&d))
		return false;
	if ((kinds[k].needs & MAKES) == 0 &&
		!pick(&d, client, d.count, kinds[k].needs, &d.clients))
		return false;
	if ((kinds[k].needs & NEEDS_INTO) != 0 &&
		!pick(&d, selector(edit->into, &other), 1, 0, &d.into))
		return false;
	return kinds[k].apply(&d);
}
