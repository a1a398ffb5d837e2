#include "support/practice_model.h"

enum { LINES_MAX = 2000, LINE_MAX = 400 };

int model_number(const char *uuid)
{
	return (int)strtol(uuid + 24, NULL, 16);
}

static void meet(struct model *m, const struct stub_contact *told)
{
	m->people[model_number(told->uuid)] = *told;
}

static int flags_of(const struct stub_client *c)
{
	int emails = 0, primaries = 0, bad_phone = 0;
	for (size_t i = 0; i < c->n_contacts; i++) {
		const struct stub_contact *k = &c->contacts[i];
		const char *phone = k->phone != NULL ? k->phone : k->mobile;
		emails += k->email != NULL;
		/* The phones made here are digits alone. */
		if (phone != NULL && strlen(phone) < 3)
			bad_phone = 64;
		primaries += c->contacts[i].primary;
	}
	if (c->n_contacts == 0)
		return 8;
	return (emails == 0 ? 1 : 0) | (primaries == 0 ? 2 : 0) | (primaries > 1 ? 4 : 0) |
	       bad_phone;
}

static void store(
	struct model *m, struct arena *a, struct model_client *to, const struct stub_client *c)
{
	*to = (struct model_client){.stored = true,
		.name = str_dup(a, str_trim(str_of(c->name))),
		.reason = c->deleted	? "deleted_in_xpm"
			  : c->archived ? "archived_in_xpm"
					: NULL,
		.n = (int)c->n_contacts,
		.primary = -1,
		.flags = flags_of(c)};
	for (int i = 0; i < to->n; i++) {
		to->people[i] = model_number(c->contacts[i].uuid);
		if (c->contacts[i].primary && to->primary < 0)
			to->primary = i;
		meet(m, &c->contacts[i]);
	}
}

static void lose(struct model_client *c, const char *reason)
{
	if (c->stored && c->reason == NULL)
		c->reason = reason;
}

static void take(struct model *m, struct arena *a, const struct stub_client *c)
{
	struct model_client *to = &m->clients[model_number(c->uuid)];
	bool asked_for = to->stored && to->reason == NULL;
	if (c->unlisted && (!asked_for || c->on_get == XERO_DOWN))
		return;
	if (c->unlisted && c->on_get != XERO_FINE)
		lose(to, c->on_get == XERO_FORBIDDEN ? "not_visible" : "gone_from_xpm");
	else if (c->prospect)
		lose(to, "prospect_in_xpm");
	else if (str_trim(str_of(c->name)).n != 0)
		store(m, a, to, c);
}

void model_run(struct model *m, struct arena *a, const struct stub_xero *x)
{
	bool told[MODEL_CLIENTS] = {false};
	for (size_t i = 0; i < x->n; i++) {
		told[model_number(x->clients[i].uuid)] = true;
		take(m, a, &x->clients[i]);
	}
	for (int id = 0; id < MODEL_CLIENTS; id++)
		if (!told[id])
			lose(&m->clients[id], "gone_from_xpm");
}

static const char *or_dash(const char *s)
{
	return s == NULL ? "-" : s;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *joined(struct arena *a, const char **lines, size_t n)
{
	struct buf b;
	qsort(lines, n, sizeof *lines, by_bytes);
	buf_init(&b, a, (size_t)LINES_MAX * LINE_MAX);
	for (size_t i = 0; i < n; i++) {
		buf_adds(&b, i == 0 ? "" : "\n");
		buf_adds(&b, lines[i]);
	}
	return n == 0 ? "" : b.data;
}

const char *model_picture(struct arena *a, const struct model *m)
{
	const char **lines = arena_array(a, const char *, LINES_MAX);
	bool linked[MODEL_PEOPLE] = {false};
	size_t n = 0;
	for (int id = 0; id < MODEL_CLIENTS; id++) {
		const struct model_client *c = &m->clients[id];
		if (!c->stored)
			continue;
		const char *uuid = stub_uuid(NULL, 'c', id);
		/* Without any e-mail nobody is shown as the primary contact. */
		bool shown = c->primary >= 0 && (c->flags & 1) == 0;
		lines[n++] = arena_printf(a, "client|%s|%s|%s|%d|%s", uuid, c->name,
			c->reason == NULL ? "live" : c->reason, c->flags,
			shown ? stub_uuid(NULL, 'p', c->people[c->primary]) : "-");
		for (int i = 0; i < c->n; i++) {
			linked[c->people[i]] = true;
			lines[n++] = arena_printf(a, "link|%s|%s|%s|%d", uuid,
				stub_uuid(NULL, 'p', c->people[i]), i == c->primary ? "t" : "f",
				i + 1);
		}
	}
	for (int who = 0; who < MODEL_PEOPLE; who++) {
		const struct stub_contact *p = &m->people[who];
		if (linked[who])
			lines[n++] = arena_printf(a, "person|%s|%s|%s|%s",
				stub_uuid(NULL, 'p', who), p->name, or_dash(p->email),
				or_dash(p->phone != NULL ? p->phone : p->mobile));
	}
	return joined(a, lines, n);
}

const char model_picture_sql[] =
	"SELECT coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE \"C\"), '') FROM ("
	" SELECT concat_ws('|', 'client', c.xpm_id, c.name, coalesce(c.archived_reason, 'live'), c.flags,"
	"  coalesce(p.xpm_id::text, '-')) AS line"
	" FROM client c LEFT JOIN contact p ON p.org_id = c.org_id AND p.contact_id = c.primary_contact_id"
	" UNION ALL SELECT concat_ws('|', 'person', xpm_id, name, coalesce(email, '-'), coalesce(phone, '-')) FROM contact"
	" UNION ALL SELECT concat_ws('|', 'link', c.xpm_id, k.xpm_id, l.is_primary, l.ord)"
	" FROM client_contact l JOIN client c ON c.org_id = l.org_id AND c.client_id = l.client_id"
	" JOIN contact k ON k.org_id = l.org_id AND k.contact_id = l.contact_id) x";
