#include "xpm/draft.h"

static bool same(const char *a, const char *b, bool fold)
{
	return fold ? str_is_ci(str_of(a), b) : strcmp(a, b) == 0;
}

static enum place in_response(const struct draft *d, const char *name, bool fold)
{
	if (same(name, "Status", fold))
		return AT_STATUS;
	if (same(name, "ErrorDescription", fold))
		return AT_REASON;
	if (d->what == XPM_LIST && same(name, "Clients", fold))
		return AT_CLIENTS;
	if (d->what == XPM_LIST && same(name, "Pagination", fold))
		return AT_PAGING;
	if (d->what == XPM_GET && same(name, "Client", fold))
		return AT_CLIENT;
	if (d->what == XPM_GET && same(name, "WebUrl", fold))
		return AT_URL;
	return AT_ELSEWHERE;
}

enum place draft_place(const struct draft *d, enum place parent, const char *name, bool fold)
{
	switch (parent) {
	case AT_TOP:
		return same(name, "Response", fold) ? AT_RESPONSE : AT_ELSEWHERE;
	case AT_RESPONSE:
		return in_response(d, name, fold);
	case AT_CLIENTS:
		return same(name, "Client", fold) ? AT_CLIENT : AT_ELSEWHERE;
	case AT_CLIENT:
		return same(name, "Contacts", fold) ? AT_CONTACTS : AT_ELSEWHERE;
	case AT_CONTACTS:
		return same(name, "Contact", fold) ? AT_CONTACT : AT_ELSEWHERE;
	case AT_PAGING:
		return same(name, "Links", fold) ? AT_LINKS : AT_ELSEWHERE;
	case AT_LINKS:
		return same(name, "Next", fold) ? AT_NEXT : AT_ELSEWHERE;
	case AT_STATUS:
	case AT_REASON:
	case AT_URL:
	case AT_CONTACT:
	case AT_NEXT:
	case AT_ELSEWHERE:
		break;
	}
	return AT_ELSEWHERE;
}

static bool open_payload(struct draft *d, struct err *e)
{
	if (++d->payloads > 1)
		return err_set(e, ERR_MALFORMED, "The answer holds its clients twice.");
	return true;
}

static void begin_client(struct draft *d)
{
	arena_reset(d->scratch);
	d->client = (struct xpm_client){0};
	d->contacts_cap = 0;
}

static void begin_contact(struct draft *d)
{
	struct xpm_client *c = &d->client;
	if (c->n_contacts++ > CLIENT_CONTACTS_MAX) {
		d->spare = (struct xpm_contact){0};
		return;
	}
	c->contacts = arena_grow(d->scratch, c->contacts, c->n_contacts - 1, &d->contacts_cap,
		sizeof *c->contacts);
	c->contacts[c->n_contacts - 1] = (struct xpm_contact){0};
}

bool draft_open(struct draft *d, enum place at, struct err *e)
{
	if (at == AT_CLIENTS || (at == AT_CLIENT && d->what == XPM_GET)) {
		if (!open_payload(d, e))
			return false;
	}
	if (at == AT_CLIENT) {
		d->seen++;
		begin_client(d);
	} else if (at == AT_CONTACTS) {
		d->with_contacts += !d->client.has_contacts;
		d->client.has_contacts = true;
	} else if (at == AT_CONTACT) {
		begin_contact(d);
	}
	return true;
}

static const char *keep(struct draft *d, struct str text)
{
	if (text.n <= PARSE_FIELD_MAX)
		return str_dup(d->scratch, text);
	size_t n = PARSE_FIELD_MAX;
	while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	return str_dup(d->scratch, str_sub(text, 0, n));
}

static bool is_yes(struct str text)
{
	struct str s = str_trim(text);
	return str_is_ci(s, "yes") || str_is_ci(s, "true");
}

static void client_text(struct draft *d, const char *name, struct str text, bool fold)
{
	struct xpm_client *c = &d->client;
	if (same(name, "UUID", fold))
		c->uuid = keep(d, text);
	else if (same(name, "Name", fold))
		c->name = keep(d, text);
	else if (same(name, "WebUrl", fold))
		c->web_url = keep(d, text);
	else if (same(name, "IsProspect", fold))
		c->is_prospect = is_yes(text);
	else if (same(name, "IsArchived", fold))
		c->is_archived = is_yes(text);
	else if (same(name, "IsDeleted", fold))
		c->is_deleted = is_yes(text);
}

static struct xpm_contact *contact(struct draft *d)
{
	struct xpm_client *c = &d->client;
	return c->n_contacts > CLIENT_CONTACTS_MAX + 1 ? &d->spare
						       : &c->contacts[c->n_contacts - 1];
}

static void contact_text(struct draft *d, const char *name, struct str text, bool fold)
{
	struct xpm_contact *c = contact(d);
	if (same(name, "UUID", fold))
		c->uuid = keep(d, text);
	else if (same(name, "Name", fold))
		c->name = keep(d, text);
	else if (same(name, "Email", fold))
		c->email = keep(d, text);
	else if (same(name, "Phone", fold))
		c->phone = keep(d, text);
	else if (same(name, "Mobile", fold))
		c->mobile = keep(d, text);
	else if (same(name, "IsPrimary", fold))
		c->is_primary = is_yes(text);
	else if (same(name, "IsDeleted", fold))
		c->is_deleted = is_yes(text);
}

static bool status_text(struct draft *d, struct str text, struct err *e)
{
	struct str s = str_trim(text);
	if (++d->statuses > 1)
		return err_set(e, ERR_MALFORMED, "The answer states its status twice.");
	d->ok = str_is_ci(s, "OK");
	d->refused = str_is_ci(s, "ERROR");
	if (!d->ok && !d->refused)
		return err_set(e, ERR_MALFORMED, "The answer has a status we do not know.");
	return true;
}

/* Xero's reason for a log line and an error: short, and without control characters. */
static const char *reason_of(struct draft *d, struct str text)
{
	struct str s = str_sub(str_trim(text), 0, 120);
	while (s.n > 0 && !str_utf8_valid(s))
		s.n--;
	char *reason = str_dup(d->arena, s);
	for (char *p = reason; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	return reason;
}

bool draft_text(struct draft *d, enum place at, const char *name, struct str text, bool fold,
	struct err *e)
{
	switch (at) {
	case AT_STATUS:
		return status_text(d, text, e);
	case AT_REASON:
		if (d->reason == NULL)
			d->reason = reason_of(d, text);
		return true;
	case AT_URL:
		if (d->url == NULL && text.n < PARSE_FIELD_MAX)
			d->url = str_dup(d->arena, text);
		return true;
	case AT_NEXT:
		d->more |= str_trim(text).n != 0;
		return true;
	case AT_CLIENT:
		client_text(d, name, text, fold);
		return true;
	case AT_CONTACT:
		contact_text(d, name, text, fold);
		return true;
	case AT_TOP:
	case AT_RESPONSE:
	case AT_CLIENTS:
	case AT_CONTACTS:
	case AT_PAGING:
	case AT_LINKS:
	case AT_ELSEWHERE:
		break;
	}
	return true;
}

static bool hand_on(struct draft *d, struct err *e)
{
	return d->on_client(d->user, d->scratch, &d->client, e);
}

bool draft_close(struct draft *d, enum place at, struct err *e)
{
	if (at != AT_CLIENT)
		return true;
	if (d->what == XPM_LIST)
		return hand_on(d, e);
	d->have_client = true;
	return true;
}

bool draft_finish(struct draft *d, struct err *e)
{
	if (d->refused)
		return err_set(e, ERR_REFUSED, "Xero answered with an error: %s",
			d->reason == NULL ? "no reason given" : d->reason);
	if (!d->ok)
		return err_set(e, ERR_MALFORMED, "The answer does not say that it is good.");
	if (d->payloads == 0)
		return err_set(e, ERR_MALFORMED, "The answer holds no %s.",
			d->what == XPM_LIST ? "list of clients" : "client");
	if (d->what == XPM_LIST)
		return true;
	if (!d->have_client)
		return err_set(e, ERR_MALFORMED, "The answer holds no client.");
	if (d->client.web_url == NULL)
		d->client.web_url = d->url;
	return hand_on(d, e);
}
