#include "core/client.h"

#include "base/buf.h"
#include "codec/url.h"

enum { SEARCH_MAX = 16 * 1024, WEB_URL_MAX = 2048, EMAIL_MAX = 254 };

/* Blanks with a width. Direction marks and joiners have none; they are part of a name. */
static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

static bool is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c <= 0x9F);
}

struct text {
	char *s;  /* trimmed; line ends and tabs inside are now blanks */
	bool cut; /* it was longer than `max` */
};

/* Cleans a text into *text_r. False: it is not text that may be shown. */
static bool clean(struct arena *a, const char *seen, size_t max, struct text *text_r)
{
	struct str s = str_of(seen);
	if (!str_utf8_valid(s))
		return false;
	size_t from = 0, to = 0, n = 0;
	bool begun = false;
	for (size_t i = 0; i < s.n; i += n) {
		uint32_t c = str_code_point(s.p + i, &n);
		if (is_control(c))
			return false;
		if (is_blank(c))
			continue;
		if (!begun)
			from = i;
		begun = true;
		/* A code point that does not fit is dropped whole. */
		if (i + n - from <= max)
			to = i + n;
		else
			text_r->cut = true;
	}
	text_r->s = arena_strndup(a, s.p == NULL ? "" : s.p + from, begun ? to - from : 0);
	for (char *p = text_r->s; *p != '\0'; p++)
		if (*p == '\t' || *p == '\n' || *p == '\r')
			*p = ' ';
	return true;
}

static const char *or_null(const char *s)
{
	return *s == '\0' ? NULL : s;
}

/*
 * Not the whole grammar; it refuses what no mail server would accept (RFC 5321 section 4.1.2).
 */
static bool email_reachable(const char *email)
{
	struct str s = str_of(email), local, domain;
	if (s.n > EMAIL_MAX || !str_cut(s, '@', &local, &domain) || local.n == 0 ||
		str_has(domain, '@'))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == ',' || s.p[i] == ';')
			return false;
	const char *dot = memchr(domain.p, '.', domain.n);
	return dot != NULL && dot != domain.p && domain.p[domain.n - 1] != '.';
}

/*
 * XPM accepts any text as a number. With fewer than three digits, in any script, it cannot be
 * dialled.
 */
static bool phone_readable(const char *phone)
{
	enum { DIGITS_MIN = 3 };
	static const uint32_t zeros[] = {'0', 0x660, 0x6F0, 0x966, 0xFF10};
	size_t n = 0, digits = 0;
	for (const char *p = phone; *p != '\0'; p += n) {
		uint32_t c = str_code_point(p, &n);
		for (size_t i = 0; i < ARRAY_LEN(zeros); i++)
			digits += c >= zeros[i] && c <= zeros[i] + 9;
	}
	return digits >= DIGITS_MIN;
}

struct judge {
	struct arena *arena;
	struct client_record *record;
	size_t primaries;
};

static struct client_contact *contact_of(struct client_record *r, const char *uuid)
{
	for (size_t i = 0; i < r->n_contacts; i++)
		if (strcmp(r->contacts[i].uuid, uuid) == 0)
			return &r->contacts[i];
	return &r->contacts[r->n_contacts];
}

static enum client_rule judge_contact(struct judge *j, const struct xpm_contact *seen)
{
	struct client_record *r = j->record;
	char uuid[37];
	if (!str_uuid(str_trim(str_of(seen->uuid)), uuid))
		return CLIENT_BAD_CONTACT;
	struct text name = {0}, email = {0}, phone = {0}, mobile = {0};
	if (!clean(j->arena, seen->name, CONTACT_TEXT_MAX, &name) ||
		!clean(j->arena, seen->email, CONTACT_TEXT_MAX, &email) ||
		!clean(j->arena, seen->phone, CONTACT_TEXT_MAX, &phone) ||
		!clean(j->arena, seen->mobile, CONTACT_TEXT_MAX, &mobile))
		return CLIENT_BAD_TEXT;
	struct client_contact *c = contact_of(r, uuid);
	bool again = c != &r->contacts[r->n_contacts];
	/*
	 * A contact that comes twice in a client keeps its first place and gets its last
	 * values.
	 */
	c->uuid = again ? c->uuid : arena_strdup(j->arena, uuid);
	c->name = name.s;
	c->email = or_null(email.s);
	c->phone = *phone.s != '\0' ? phone.s : or_null(mobile.s);
	if (seen->is_primary && !c->is_primary) {
		c->is_primary = j->primaries == 0;
		j->primaries++;
	}
	r->n_contacts += !again;
	return CLIENT_FINE;
}

static enum client_rule judge_contacts(struct judge *j, const struct xpm_client *seen)
{
	if (seen->n_contacts > CLIENT_CONTACTS_MAX)
		return CLIENT_TOO_MANY_CONTACTS;
	j->record->contacts =
		arena_array(j->arena, struct client_contact, seen->n_contacts + 1);
	for (size_t i = 0; i < seen->n_contacts; i++) {
		if (seen->contacts[i].is_deleted)
			continue;
		enum client_rule rule = judge_contact(j, &seen->contacts[i]);
		if (rule != CLIENT_FINE)
			return rule;
	}
	return CLIENT_FINE;
}

static int flags_of(const struct judge *j, bool name_cut)
{
	const struct client_record *r = j->record;
	int flags = name_cut ? CLIENT_NAME_CUT : 0;
	if (r->n_contacts == 0)
		return flags | CLIENT_NO_CONTACT;
	bool any = false;
	for (size_t i = 0; i < r->n_contacts; i++) {
		const char *email = r->contacts[i].email, *phone = r->contacts[i].phone;
		any |= email != NULL;
		if (phone != NULL && !phone_readable(phone))
			flags |= CLIENT_BAD_PHONE;
		if (email != NULL && !email_reachable(email))
			flags |= CLIENT_BAD_EMAIL;
	}
	flags |= any ? 0 : CLIENT_NO_EMAIL;
	flags |= j->primaries == 0 ? CLIENT_NO_PRIMARY : 0;
	flags |= j->primaries > 1 ? CLIENT_TWO_PRIMARIES : 0;
	return flags;
}

/*
 * Adds the length before the text, so that two different records never give the same bytes.
 * Absent and empty differ.
 */
static void frame(struct buf *b, const char *s)
{
	uint32_t n = s == NULL ? UINT32_MAX : (uint32_t)strlen(s);
	buf_add(b, &n, sizeof n);
	buf_adds(b, s);
}

static void fingerprint(struct arena *a, struct client_record *r)
{
	struct buf b;
	unsigned char hash[HASH_BYTES];
	buf_init(&b, a, SIZE_MAX / 4);
	frame(&b, r->uuid);
	frame(&b, r->name);
	frame(&b, r->web_url);
	const uint32_t marks[] = {(uint32_t)r->archive, (uint32_t)r->flags};
	buf_add(&b, marks, sizeof marks);
	for (size_t i = 0; i < r->n_contacts; i++) {
		const struct client_contact *c = &r->contacts[i];
		frame(&b, c->uuid);
		frame(&b, c->name);
		frame(&b, c->email);
		frame(&b, c->phone);
		buf_addc(&b, c->is_primary ? '1' : '0');
	}
	hash_sha256(b.data, b.len, hash);
	memcpy(r->fingerprint, hash, sizeof r->fingerprint);
}

static const char *web_url_of(struct arena *a, const char *seen)
{
	struct str s = str_trim(str_of(seen));
	if (s.n == 0 || s.n > WEB_URL_MAX || !str_starts(s, "https://"))
		return NULL;
	const char *url = str_dup(a, s);
	return url_is_web(url) ? url : NULL;
}

enum client_rule client_judge(
	struct arena *a, const struct xpm_client *seen, struct client_record *record_r)
{
	struct judge j = {.arena = a, .record = record_r};
	struct text name = {0};
	char uuid[37];
	*record_r = (struct client_record){0};
	if (seen->is_prospect)
		return CLIENT_PROSPECT;
	if (!str_uuid(str_trim(str_of(seen->uuid)), uuid))
		return CLIENT_NO_UUID;
	if (!clean(a, seen->name, CLIENT_NAME_MAX, &name))
		return CLIENT_BAD_TEXT;
	if (*name.s == '\0')
		return CLIENT_NO_NAME;
	record_r->uuid = arena_strdup(a, uuid);
	record_r->name = name.s;
	record_r->web_url = web_url_of(a, seen->web_url);
	record_r->archive = seen->is_deleted	? CLIENT_DELETED
			    : seen->is_archived ? CLIENT_ARCHIVED
						: CLIENT_LIVE;
	enum client_rule rule = judge_contacts(&j, seen);
	if (rule != CLIENT_FINE)
		return rule;
	record_r->flags = flags_of(&j, name.cut);
	fingerprint(a, record_r);
	return CLIENT_FINE;
}

struct rule_words {
	const char *name, *text;
};

static const struct rule_words rules[CLIENT_RULE__MAX] = {
	[CLIENT_FINE] = {"fine", ""},
	[CLIENT_PROSPECT] = {"prospect",
		"XPM prospects are left out. Turn it into a client in XPM to bring it in."},
	[CLIENT_NO_UUID] = {"no_uuid", "XPM sent no usable id, so it could not be recognised "
				       "again. Save the client once more in XPM."},
	[CLIENT_NO_NAME] = {"no_name", "It has no name. Give it one in XPM."},
	[CLIENT_BAD_TEXT] = {"bad_text",
		"A name, phone or email holds characters that cannot be "
		"shown. Type it again in XPM."},
	[CLIENT_TOO_MANY_CONTACTS] = {"too_many_contacts",
		"It has more than 500 contacts. Remove some in XPM."},
	[CLIENT_BAD_CONTACT] = {"bad_contact",
		"One of its contacts has no usable id. Save that "
		"contact once more in XPM."},
	[CLIENT_DOUBLE] = {"double",
		"XPM sent this client twice, with different details. The later ones count."},
	[CLIENT_UNDECIDED] = {"undecided", "It was not in the list, and XPM did not say why. "
					   "Nothing was changed; the next sync asks again."},
	[CLIENT_NOT_ASKED] = {"not_asked",
		"It was not in the list. XPM is asked about a few of these at a time, and this one "
		"was not asked about yet. Nothing was changed; the next sync asks."},
	[CLIENT_CHANGED_SINCE] = {"changed_since",
		"It changed again after that sync, so it was left as it is."},
};

const char *client_rule_name(enum client_rule rule)
{
	return rules[rule].name;
}

const char *client_rule_text(const char *rule_name)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rule_name != NULL && strcmp(rules[i].name, rule_name) == 0)
			return rules[i].text;
	return "It was left out.";
}

struct archived_words {
	const char *name, *words, *text;
};

static const struct archived_words archived[] = {
	{"archived_in_xpm", "Archived in XPM", "Archived in Xero Practice Manager"},
	{"deleted_in_xpm", "Deleted in XPM", "Deleted in Xero Practice Manager"},
	{"gone_from_xpm", "No longer in XPM",
		"Xero Practice Manager no longer has it: it was deleted there, or merged into another "
		"client. Archived here"},
	{"not_visible", "Not visible in XPM",
		"The connected Xero log-in may no longer see it in Xero Practice Manager. Archived here"},
	{"prospect_in_xpm", "Prospect in XPM",
		"It is a prospect in Xero Practice Manager now, and prospects are left out. Archived "
		"here"},
	{"by_hand", "Archived here", "Archived here"},
	{"undone", "Archived by an undo", "Archived when the sync that added it was undone"},
};

static const struct archived_words *find_archived(const char *reason)
{
	static const struct archived_words other = {"", "Archived", "Archived"};
	for (size_t i = 0; reason != NULL && i < ARRAY_LEN(archived); i++)
		if (strcmp(archived[i].name, reason) == 0)
			return &archived[i];
	return &other;
}

const char *client_archived_text(const char *reason)
{
	return find_archived(reason)->text;
}

const char *client_archived_words(const char *reason)
{
	return find_archived(reason)->words;
}

/*
 * To lower case, for the letters of usual names, whose two cases are one code point of the same
 * length.
 */
static uint32_t lower(uint32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + 32;
	if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) ||
		(c >= 0x410 && c <= 0x42F))
		return c + 32;
	if (c >= 0x400 && c <= 0x40F)
		return c + 80;
	/* In Latin Extended-A, upper and lower case alternate; the order changes twice. */
	if ((c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) ||
		(c >= 0x14A && c <= 0x177))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return c % 2 == 1 ? c + 1 : c;
	return c;
}

static void add_lower(struct buf *b, const char *s)
{
	struct str from = str_of(s);
	size_t n = 0;
	for (size_t i = 0; i < from.n; i += n) {
		uint32_t c = str_code_point(from.p + i, &n), to = lower(c);
		if (to == c)
			buf_add(b, from.p + i, n);
		else if (n == 1)
			buf_addc(b, (char)to);
		else
			buf_add(b,
				(const char[]){
					(char)(0xC0 | to >> 6), (char)(0x80 | (to & 0x3F))},
				2);
	}
}

/* Adds the digits alone, so that "(09) 123-4567" is also found as 091234567. */
static void add_digits(struct buf *b, const char *phone)
{
	bool blank = false;
	for (const char *p = phone; *p != '\0'; p++)
		blank |= (*p < '0' || *p > '9') && *p != '+';
	if (!blank)
		return;
	buf_addc(b, ' ');
	for (const char *p = phone; *p != '\0'; p++)
		if ((*p >= '0' && *p <= '9') || *p == '+')
			buf_addc(b, *p);
}

char *client_search_text(struct arena *a, const struct client_record *r)
{
	struct buf b;
	buf_init(&b, a, SEARCH_MAX);
	add_lower(&b, r->name);
	for (size_t i = 0; i < r->n_contacts && !b.over; i++) {
		const struct client_contact *c = &r->contacts[i];
		const char *parts[] = {c->name, c->email, c->phone};
		for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
			if (parts[k] == NULL || *parts[k] == '\0')
				continue;
			buf_addc(&b, ' ');
			add_lower(&b, parts[k]);
		}
		if (c->phone != NULL)
			add_digits(&b, c->phone);
	}
	return b.data;
}

static const struct {
	int flag;
	const char *chip, *text;
} flag_words[] = {
	{CLIENT_NO_CONTACT, "No contact in XPM",
		"This client has no contact. Add one with an email in XPM."},
	{CLIENT_NO_EMAIL, "No email in XPM",
		"None of its contacts has an email. Add one in XPM, then update Xero Clients."},
	{CLIENT_BAD_EMAIL, "Check the email in XPM",
		"An email of this client cannot be reached as it is written. Correct it in XPM."},
	{CLIENT_TWO_PRIMARIES, "Two primary contacts",
		"More than one contact is marked as primary in XPM. The first one counts here."},
	{CLIENT_NO_PRIMARY, "No primary contact",
		"No contact is marked as primary. Choose one in XPM."},
	{CLIENT_BAD_PHONE, "Unreadable phone in XPM",
		"A phone of this client is no number that can be called. Correct it in XPM."},
	{CLIENT_NAME_CUT, "Name shortened", "The name is longer than fits here and was cut."},
};

static const char *flag_word(int flags, bool chip)
{
	for (size_t i = 0; i < ARRAY_LEN(flag_words); i++)
		if ((flags & flag_words[i].flag) != 0)
			return chip ? flag_words[i].chip : flag_words[i].text;
	return NULL;
}

const char *client_flag_chip(int flags)
{
	return flag_word(flags, true);
}

const char *client_flag_text(int flags)
{
	return flag_word(flags, false);
}
