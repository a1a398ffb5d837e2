#include "core/why.h"

#include "base/str.h"

enum { ROWS_OF_CONTACT = 5, ROWS_OF_CLIENT = 3 };

static const struct {
	const char *name, *text;
} whys[WHY__MAX] = {
	[WHY_NONE] = {"none", "The Gap shows what XPM says."},
	[WHY_CHANGED] = {"changed",
		"Changed in XPM since the last sync. The next sync brings the change."},
	[WHY_HELD] = {"held", "Waiting in a paused sync. An admin has to review the changes."},
	[WHY_FAILED] = {"failed", "The last sync did not finish. It is tried again by itself."},
	[WHY_UNDONE] = {"undone",
		"Held after undo: an admin put the earlier value back. It stays until XPM "
		"changes again, or an admin lifts the hold."},
	[WHY_RULE] = {"rule", "Both are right, by a rule of The Gap."},
	[WHY_NOT_VISIBLE] = {"not_visible",
		"XPM no longer shows this client to the log-in that connected. It may have been "
		"deleted or merged there, or that log-in has lost access to it."},
};

const char *why_name(enum why w)
{
	return whys[w].name;
}

enum why why_parse(const char *name)
{
	for (size_t i = 0; name != NULL && i < WHY__MAX; i++)
		if (strcmp(whys[i].name, name) == 0)
			return (enum why)i;
	return WHY_CHANGED;
}

const char *why_text(enum why w)
{
	return whys[w].text;
}

/* The comparison, and the differences found so far. */
struct work {
	struct arena *arena;
	const struct why_ours *ours;
	const struct xpm_client *seen;
	struct client_record record;
	struct why_row *rows;
	size_t n;
	enum why data; /* the reason for a difference in the values */
};

static void add(
	struct work *k, const char *what, const char *who, const char *ours, const char *theirs)
{
	k->rows[k->n++] = (struct why_row){what, who, ours, theirs, k->data, NULL};
}

static void add_rule(struct work *k, struct why_row row, const char *detail)
{
	row.reason = WHY_RULE;
	row.detail = detail;
	k->rows[k->n++] = row;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static const struct client_contact *find(
	const struct client_contact *contacts, size_t n, const char *uuid)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(contacts[i].uuid, uuid) == 0)
			return &contacts[i];
	return NULL;
}

static const char *primary_word(bool is_primary)
{
	return is_primary ? "Primary" : "Not primary";
}

static void compare_contact(struct work *k, const struct client_contact *theirs)
{
	const struct client_contact *ours =
		find(k->ours->contacts, k->ours->n_contacts, theirs->uuid);
	if (ours == NULL) {
		add(k, "Contact", theirs->name, NULL, theirs->name);
		return;
	}
	if (!same(ours->name, theirs->name))
		add(k, "Contact name", ours->name, ours->name, theirs->name);
	if (!same(ours->email, theirs->email))
		add(k, "Email", ours->name, ours->email, theirs->email);
	if (!same(ours->phone, theirs->phone))
		add(k, "Phone", ours->name, ours->phone, theirs->phone);
	if (ours->is_primary != theirs->is_primary)
		add(k, "Primary contact", ours->name, primary_word(ours->is_primary),
			primary_word(theirs->is_primary));
}

static void compare_data(struct work *k)
{
	const struct why_ours *ours = k->ours;
	const struct client_record *r = &k->record;
	bool archived = r->archive != CLIENT_LIVE;
	if (!same(ours->name, r->name))
		add(k, "Name", NULL, ours->name, r->name);
	if (ours->archived != archived)
		add(k, "Status", NULL, ours->archived ? "Archived" : "Live",
			archived ? "Archived or deleted" : "Live");
	for (size_t i = 0; i < r->n_contacts; i++)
		compare_contact(k, &r->contacts[i]);
	for (size_t i = 0; i < ours->n_contacts; i++)
		if (find(r->contacts, r->n_contacts, ours->contacts[i].uuid) == NULL)
			add(k, "Contact", ours->contacts[i].name, ours->contacts[i].name, NULL);
}

static bool blank(const char *s)
{
	return s == NULL || str_empty(str_trim(str_of(s)));
}

static bool is_text(const char *raw, const char *kept)
{
	return raw != NULL && kept != NULL && str_is(str_trim(str_of(raw)), kept);
}

/* Adds the differences that our rules make, for a contact as XPM sends it. */
static void explain_contact(struct work *k, const struct xpm_contact *raw)
{
	char uuid[37];
	if (raw->uuid == NULL || !str_uuid(str_trim(str_of(raw->uuid)), uuid))
		return;
	const struct client_contact *kept = find(k->ours->contacts, k->ours->n_contacts, uuid);
	const struct client_contact *judged =
		find(k->record.contacts, k->record.n_contacts, uuid);
	if (raw->is_deleted && kept == NULL && judged == NULL)
		add_rule(k,
			(struct why_row){
				.what = "Contact", .who = raw->name, .theirs = "Deleted"},
			"Contacts deleted in XPM are left out.");
	if (kept == NULL || judged == NULL)
		return;
	if (blank(raw->phone) && is_text(raw->mobile, kept->phone))
		add_rule(k,
			(struct why_row){.what = "Phone",
				.who = kept->name,
				.ours = kept->phone,
				.theirs = arena_printf(
					k->arena, "No phone; mobile %s", kept->phone)},
			"Without a phone in XPM its mobile is shown.");
	if (raw->is_primary && !judged->is_primary && !kept->is_primary)
		add_rule(k,
			(struct why_row){.what = "Primary contact",
				.who = kept->name,
				.ours = "Not primary",
				.theirs = "Primary"},
			"Two contacts are primary in XPM; the first one counts.");
}

static void explain_rules(struct work *k)
{
	if (k->seen->is_deleted && k->ours->archived)
		add_rule(k,
			(struct why_row){
				.what = "Status", .ours = "Archived", .theirs = "Deleted"},
			"What is deleted in XPM is archived here, so that its history stays.");
	if ((k->record.flags & CLIENT_NAME_CUT) != 0 && same(k->ours->name, k->record.name))
		add_rule(k,
			(struct why_row){.what = "Name",
				.ours = k->ours->name,
				.theirs = "A longer name"},
			"Very long names are cut.");
	for (size_t i = 0; i < k->seen->n_contacts; i++)
		explain_contact(k, &k->seen->contacts[i]);
}

/*
 * A record that no run takes in. If it is a prospect now and no run has seen that yet, this is
 * a change in XPM.
 */
static void left_out(struct work *k, enum client_rule rule)
{
	const char *ours = k->ours->archived ? "Archived" : "Live";
	if (rule == CLIENT_PROSPECT && !k->ours->archived)
		add(k, "Status", NULL, ours, "Prospect");
	else
		add_rule(k,
			(struct why_row){.what = "Client",
				.ours = ours,
				.theirs = rule == CLIENT_PROSPECT ? "Prospect"
								  : "Cannot be taken"},
			client_rule_text(client_rule_name(rule)));
}

static enum why reason_of(const struct why_ours *ours, const struct client_record *r)
{
	bool same_record =
		ours->fingerprint != NULL &&
		memcmp(ours->fingerprint, r->fingerprint, CLIENT_FINGERPRINT_BYTES) == 0;
	return same_record && ours->undone ? WHY_UNDONE : ours->run;
}

size_t why_compare(struct arena *a, const struct why_ours *ours, const struct xpm_client *seen,
	const struct why_row **rows_r)
{
	size_t contacts = ours->n_contacts + (seen == NULL ? 0 : seen->n_contacts);
	struct work k = {.arena = a,
		.ours = ours,
		.seen = seen,
		.data = ours->run,
		.rows = arena_array(a, struct why_row,
			ROWS_OF_CLIENT + (size_t)ROWS_OF_CONTACT * contacts + 1)};
	*rows_r = k.rows;
	if (seen == NULL) {
		k.data = WHY_NOT_VISIBLE;
		add(&k, "Client", NULL, ours->archived ? "Archived" : "Live", "Not shown");
		return k.n;
	}
	enum client_rule rule = client_judge(a, seen, &k.record);
	if (rule != CLIENT_FINE) {
		left_out(&k, rule);
		return k.n;
	}
	k.data = reason_of(ours, &k.record);
	compare_data(&k);
	explain_rules(&k);
	return k.n;
}
