#include "sandbox/bends.h"

#include "sandbox/claims.h"

enum { LONG_NAME = 10240, MANY_CONTACTS = 600 };

static void clear_uuid(struct arena *a, struct record *r)
{
	(void)a;
	r->no_uuid = true;
}

static void short_uuid(struct arena *a, struct record *r)
{
	r->cell[COL_UUID] = arena_strndup(a, r->cell[COL_UUID], 30);
}

static void capital_uuid(struct arena *a, struct record *r)
{
	char *uuid = arena_strdup(a, r->cell[COL_UUID]);
	for (char *c = uuid; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	r->cell[COL_UUID] = uuid;
}

static void clear_name(struct arena *a, struct record *r)
{
	(void)a;
	r->no_name = true;
}

static void blank_name(struct arena *a, struct record *r)
{
	(void)a;
	r->cell[COL_NAME] = "   ";
}

static void control_name(struct arena *a, struct record *r)
{
	r->cell[COL_NAME] = arena_printf(a, "%s\n\tbelow", r->cell[COL_NAME]);
}

static void bad_utf8(struct arena *a, struct record *r)
{
	(void)a;
	r->raw_name = STR(" \xFF");
}

static void nul(struct arena *a, struct record *r)
{
	(void)a;
	r->raw_name = STR(" \0");
}

static void surrogate(struct arena *a, struct record *r)
{
	(void)a;
	r->raw_name = STR(" \xED\xA0\x80");
}

static void control(struct arena *a, struct record *r)
{
	(void)a;
	r->raw_name = STR(" \x01");
}

static void no_contacts(struct arena *a, struct record *r)
{
	(void)a;
	r->no_contacts = true;
}

/* Adds a contact that belongs to this client alone; it is the same in every list. */
static void add_contact(struct arena *a, struct record *r, const char *name, bool primary)
{
	r->contacts = arena_grow(a, r->contacts, r->n, &r->cap, sizeof *r->contacts);
	struct record_contact *c = &r->contacts[r->n++];
	*c = (struct record_contact){.no_uuid = false};
	for (int i = COL_CONTACT_UUID; i < COL__MAX; i++)
		c->cell[i] = "";
	c->cell[COL_CONTACT_UUID] =
		claims_uuid_of(a, arena_printf(a, "%s/%s", r->cell[COL_UUID], name));
	c->cell[COL_CONTACT_NAME] = name;
	c->cell[COL_CONTACT_EMAIL] = "extra@example.net";
	c->cell[COL_CONTACT_DELETED] = "f";
	c->cell[COL_IS_PRIMARY] = primary ? "t" : "f";
}

static void mark_all(struct record *r, const char *primary)
{
	for (size_t i = 0; i < r->n; i++)
		r->contacts[i].cell[COL_IS_PRIMARY] = primary;
}

static void two_primaries(struct arena *a, struct record *r)
{
	mark_all(r, "f");
	add_contact(a, r, "First Primary", true);
	add_contact(a, r, "Second Primary", true);
}

static void none_primary(struct arena *a, struct record *r)
{
	add_contact(a, r, "Nobody Special", false);
	add_contact(a, r, "Nobody Either", false);
	mark_all(r, "f");
}

static void double_contact(struct arena *a, struct record *r)
{
	if (r->n == 0)
		add_contact(a, r, "Twice Told", true);
	r->contacts = arena_grow(a, r->contacts, r->n, &r->cap, sizeof *r->contacts);
	r->contacts[r->n] = r->contacts[0];
	r->n++;
}

static void contact_no_uuid(struct arena *a, struct record *r)
{
	add_contact(a, r, "Without Uuid", false);
	r->contacts[r->n - 1].no_uuid = true;
}

static void contact_short_uuid(struct arena *a, struct record *r)
{
	add_contact(a, r, "Short Uuid", false);
	r->contacts[r->n - 1].cell[COL_CONTACT_UUID] = "not-a-uuid";
}

static const struct {
	const char *name;
	void (*bend)(struct arena *a, struct record *r);
} bends[] = {
	{"missing-uuid", clear_uuid},
	{"bad-uuid", short_uuid},
	{"upper-uuid", capital_uuid},
	{"no-name", clear_name},
	{"blank-name", blank_name},
	{"control-name", control_name},
	{"bad-utf8", bad_utf8},
	{"nul", nul},
	{"surrogate", surrogate},
	{"control", control},
	{"no-contacts", no_contacts},
	{"two-primaries", two_primaries},
	{"none-primary", none_primary},
	{"duplicate-contact", double_contact},
	{"contact-no-uuid", contact_no_uuid},
	{"contact-bad-uuid", contact_short_uuid},
};

static void long_name(const struct page *p, struct arena *a, struct record *r)
{
	size_t n = (size_t)fault_number(&p->fault, LONG_NAME);
	char *name = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		name[i] = (char)('a' + (int)(i % 26));
	r->cell[COL_NAME] = name;
}

static void many_contacts(const struct page *p, struct arena *a, struct record *r)
{
	for (int64_t i = fault_number(&p->fault, MANY_CONTACTS); i > 0; i--)
		add_contact(a, r, arena_printf(a, "Contact %lld", (long long)i), false);
}

void bend_record(
	struct page *p, struct arena *a, struct record *r, int64_t place, bool *again_r)
{
	*again_r = sandbox_fault_is(p, "repeated");
	if (p->fault.name == NULL)
		return;
	if (sandbox_fault_is(p, "long-name") && place == 1)
		long_name(p, a, r);
	if (sandbox_fault_is(p, "many-contacts") && place == 1)
		many_contacts(p, a, r);
	if (place != fault_number(&p->fault, 1))
		return;
	*again_r |= sandbox_fault_is(p, "duplicate-uuid") ||
		    sandbox_fault_is(p, "duplicate-differs");
	for (size_t i = 0; i < ARRAY_LEN(bends); i++)
		if (sandbox_fault_is(p, bends[i].name))
			bends[i].bend(a, r);
}

void bend_again(struct page *p, struct arena *a, struct record *r)
{
	if (sandbox_fault_is(p, "duplicate-differs"))
		r->cell[COL_NAME] = arena_printf(a, "%s (again)", r->cell[COL_NAME]);
}
