#include "sandbox/practice.h"

enum { LONG_NAME_BYTES = 1024 };

/*
 * The oddities that users of the API have reported. Each function makes one client odd in its
 * own way.
 */

static void need_contacts(struct arena *a, struct made_client *c, size_t n)
{
	for (; c->n < n; c->n++) {
		struct made_contact *m = &c->contacts[c->n];
		struct practice_plan own = {.seed = c->i, .tenant_no = -1};
		*m = (struct made_contact){
			.uuid = practice_uuid(a, &own, c->uuid, (int64_t)c->n),
			.name = c->n == 0 ? "Marama Tidewell" : "Arlo Saltmarsh",
			.salutation = "",
			.addressee = "",
			.mobile = "0491 570 156",
			.email = arena_printf(
				a, "odd%lld.%zu@example.org", (long long)c->i, c->n),
			.phone = "",
			.position = "",
		};
	}
}

static void blanks(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "  Stray Blanks Holdings Ltd ";
	c->contacts[0].name = " Fern  Everfern\t";
	c->contacts[0].phone = " (03) 5550 0147 ";
	c->contacts[0].email = " fern.everfern@example.com ";
}

static void macrons(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "Whānau Tītoki Kererū Ltd";
	c->contacts[0].name = "Mārama Tūīwood";
}

static void letters(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "Łódź & Ångström Façade Œuvre Pty Ltd";
	c->contacts[0].name = "Søren Þórsson-Ñandú";
}

static void han(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "北港灯笼贸易有限公司 (North Harbour Lantern Trading)";
	c->contacts[0].name = "林小灯";
}

static void right_to_left(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "مصابيح الميناء Harbour Lamps";
	c->contacts[0].name = "נועה מגדלור";
}

/* U+202C as it gets into a pasted phone number, U+200E, U+200B. */
static void direction_marks(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "Pasted\xE2\x80\xAC Numbers\xE2\x80\x8E Ltd";
	c->contacts[0].phone = "\xE2\x80\xAC+64 9 555 0142\xE2\x80\xAC";
	c->contacts[0].name = "Zara\xE2\x80\x8B Windrush";
}

static void emoji(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "Sunny Side Caf\xC3\xA9 \xE2\x98\x80\xEF\xB8\x8F\xF0\x9F\xA5\x90";
	c->contacts[0].name = "Poppy \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x8D\xB3 Plumtree";
}

/* Stacked combining accents: one letter of many code points. */
static void combining(struct arena *a, struct made_client *c)
{
	struct buf name;
	buf_init(&name, a, 256);
	buf_adds(&name, "Storm");
	for (int k = 0; k < 24; k++)
		buf_adds(&name, "\xCC\x81\xCC\xA7");
	buf_adds(&name, " Glaziers");
	c->name = name.data;
}

static void email_as_name(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->contacts[0].name = c->contacts[0].email;
}

static void letters_as_phone(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->contacts[0].phone = "ask for Pania at the office";
}

static void markup(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->name = "Salt & Vinegar <Fish> \"and\" 'Chips' Ltd";
	c->contacts[0].name = "<Bold> & Sons";
	c->contacts[0].email = "o'brien+xpm&co@example.com";
}

static void formula(struct arena *a, struct made_client *c)
{
	(void)a;
	c->name = "=1+1 Accounting Jokes Ltd";
}

static void long_name(struct arena *a, struct made_client *c)
{
	struct buf name;
	buf_init(&name, a, LONG_NAME_BYTES + 64);
	while (name.len < LONG_NAME_BYTES)
		buf_adds(&name,
			name.len == 0 ? "The Trustees of the Very Long " : "and Longer ");
	name.data[LONG_NAME_BYTES] = '\0';
	/* The name must not be cut at a blank: trimming would make it another name. */
	name.data[LONG_NAME_BYTES - 1] = '.';
	c->name = name.data;
}

static void same_name(struct arena *a, struct made_client *c)
{
	(void)a;
	c->name = "Two Of A Kind Ltd";
}

static void two_primaries(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 2);
	c->contacts[0].is_primary = c->contacts[1].is_primary = true;
}

static void none_primary(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 3);
	for (size_t k = 0; k < c->n; k++)
		c->contacts[k].is_primary = false;
}

static void silent_contact(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->contacts[0].email = c->contacts[0].phone = c->contacts[0].mobile = "";
}

static void nameless_contact(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->contacts[0].name = "";
}

static void deleted_contact(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 2);
	c->contacts[1].is_deleted = true;
	c->contacts[1].is_primary = false;
}

static void bad_email(struct arena *a, struct made_client *c)
{
	need_contacts(a, c, 1);
	c->contacts[0].email = "no address yet";
}

static void address_lines(struct arena *a, struct made_client *c)
{
	(void)a;
	c->address = "Level 3, Ferry Building\nQuay Street\nCentral";
}

static void shared(struct arena *a, struct made_client *c)
{
	(void)a;
	c->shares = true;
}

static const struct {
	int at;
	void (*make)(struct arena *a, struct made_client *c);
} oddities[] = {
	{7, blanks},
	{11, macrons},
	{13, direction_marks},
	{17, emoji},
	{19, email_as_name},
	{23, letters_as_phone},
	{29, letters},
	{31, same_name},
	{32, same_name},
	{37, markup},
	{41, long_name},
	{43, two_primaries},
	{44, shared},
	{47, none_primary},
	{53, han},
	{59, silent_contact},
	{61, right_to_left},
	{67, combining},
	{71, formula},
	{73, deleted_contact},
	{79, bad_email},
	{83, address_lines},
	{89, nameless_contact},
};

void practice_oddity(struct arena *a, struct made_client *c)
{
	const char *name = c->name;
	for (size_t k = 0; k < ARRAY_LEN(oddities); k++)
		if (c->i % PRACTICE_ODD_EVERY == oddities[k].at) {
			/* The oddity must be visible, so the client is live. */
			c->is_archived = c->is_deleted = c->is_prospect = false;
			oddities[k].make(a, c);
		}
	if (c->name != name) {
		c->is_person = false;
		c->first_name = c->last_name = c->born = "";
	}
}
