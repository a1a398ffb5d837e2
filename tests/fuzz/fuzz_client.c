/*
 * A client's facts as any texts (name, then per contact: id, name, e-mail,
 * phone, mobile, mark; a line each): what the judge takes is trimmed, printable, within
 * bounds, judged the same again, and has the same fingerprint again.
 */
#include "core/client.h"
#include "fuzz/fuzz.h"

enum { CONTACTS = 4 };

static const char uuid[] = "7d0f2c55-9f65-4a0a-b6e4-012345678901";

static const char *text_of(struct arena *a, struct str *rest)
{
	const char *s = fuzz_part(a, rest, '\n');
	/* The document's reader lets no other bytes through. */
	return s[0] == '\0' || !str_utf8_valid(str_of(s)) ? NULL : s;
}

static void check_text(const char *s, size_t max)
{
	if (s == NULL)
		return;
	must(str_utf8_valid(str_of(s)) && strlen(s) <= max);
	must(str_eq(str_trim(str_of(s)), str_of(s)));
	for (const char *p = s; *p != '\0'; p++)
		must((unsigned char)*p >= 0x20 && (unsigned char)*p != 0x7F);
}

static void check(struct arena *a, const struct xpm_client *c, const struct client_record *r)
{
	struct client_record again;
	check_text(r->name, CLIENT_NAME_MAX);
	for (size_t i = 0; i < r->n_contacts; i++) {
		check_text(r->contacts[i].name, CONTACT_TEXT_MAX);
		check_text(r->contacts[i].email, CONTACT_TEXT_MAX);
		check_text(r->contacts[i].phone, CONTACT_TEXT_MAX);
	}
	must(str_utf8_valid(str_of(client_search_text(a, r))));
	must(client_judge(a, c, &again) == CLIENT_FINE && again.flags == r->flags);
	must(memcmp(again.fingerprint, r->fingerprint, sizeof r->fingerprint) == 0);
	must((client_flag_text(r->flags) == NULL) == (r->flags == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str rest = {(const char *)data, size};
	struct xpm_contact contacts[CONTACTS] = {0};
	struct xpm_client c = {.uuid = uuid, .contacts = contacts, .has_contacts = true};
	struct client_record r;
	c.name = text_of(a, &rest);
	for (; c.n_contacts < CONTACTS && rest.n > 0; c.n_contacts++) {
		struct xpm_contact *p = &contacts[c.n_contacts];
		p->uuid = text_of(a, &rest);
		if (p->uuid == NULL)
			p->uuid = uuid;
		p->name = text_of(a, &rest);
		p->email = text_of(a, &rest);
		p->phone = text_of(a, &rest);
		p->mobile = text_of(a, &rest);
		p->is_primary = text_of(a, &rest) != NULL;
	}
	enum client_rule rule = client_judge(a, &c, &r);
	if (rule == CLIENT_FINE)
		check(a, &c, &r);
	else
		must(client_rule_text(client_rule_name(rule)) != NULL);
	arena_free(&a);
	return 0;
}
