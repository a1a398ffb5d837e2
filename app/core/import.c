#include "core/import.h"

#include "base/buf.h"
#include "core/client.h"

enum { REASON_MAX = 600, SHOWN_MAX = 60, IGNORED_MAX = 300 };

const char *const import_mark_names[IMPORT_MARK__MAX + 1] = {"add", "duplicate", "missing",
	"too-long", "bad-email", "bad-value", "unreadable", "held", NULL};

static const char *const mark_texts[IMPORT_MARK__MAX] = {"Will be added", "Duplicate",
	"Something missing", "Too long", "Check the email", "Not one of the choices",
	"Unreadable", "Held back"};

const char *import_mark_text(enum import_mark m)
{
	return mark_texts[m];
}

enum import_mark import_mark_parse(const char *name)
{
	for (size_t i = 0; name != NULL && i < IMPORT_MARK__MAX; i++)
		if (strcmp(name, import_mark_names[i]) == 0)
			return (enum import_mark)i;
	return IMPORT_UNREADABLE;
}

const char *const import_state_names[IMPORT_STATE__MAX] = {
	"shown", "asked", "done", "changed", "failed"};

enum import_state import_state_parse(const char *name)
{
	for (size_t i = 0; name != NULL && i < IMPORT_STATE__MAX; i++)
		if (strcmp(name, import_state_names[i]) == 0)
			return (enum import_state)i;
	return IMPORT_FAILED;
}

const char *import_done_words(
	struct arena *a, int64_t clients, int64_t contacts, int64_t left_out)
{
	return arena_printf(a, "%s added with %s. %s left out.",
		str_count(a, clients, "client was", "clients were"),
		str_count(a, contacts, "contact", "contacts"),
		str_count(a, left_out, "row was", "rows were"));
}

/*
 * The names of each column, in lower case and reduced to letters, and its limit in characters
 * as in the form.
 */
static const struct {
	const char *name, *word;
	const char *known[5];
	size_t max;
	bool required;
} columns[IMPORT_COLUMN__MAX] = {
	[IMPORT_CLIENT] = {"Client Name", "client name", {"clientname", "client", "company"},
		200, true},
	[IMPORT_FIRST] = {"First Name", "first name",
		{"firstname", "contactfirstname", "givenname"}, 100, true},
	[IMPORT_LAST] = {"Last Name", "last name",
		{"lastname", "contactlastname", "surname", "familyname"}, 100, true},
	[IMPORT_EMAIL] = {"Client Email", "client email",
		{"clientemail", "email", "emailaddress", "contactemail"}, 254, true},
	[IMPORT_PHONE] = {"Phone", "phone",
		{"phone", "phonenumber", "clientphone", "contactnumber", "contactnumbers"}, 60,
		false},
	[IMPORT_STATUS] = {"Status", "status", {"status", "clientstatus"}, 20, false},
	[IMPORT_PRIMARY] = {"Primary", "primary", {"primary", "primarycontact", "isprimary"},
		20, false},
};

const char *import_column_name(enum import_column c)
{
	return columns[c].name;
}

static const char *letters_of(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);
	size_t n = 0;
	for (const char *p = s; *p != '\0'; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
		bool marks = c == ' ' || c == '_' || c == '-' || c == '.' || c == '*';
		if (!marks && c != '\t' && c != '\r' && c != '\n')
			out[n++] = c;
	}
	out[n] = '\0';
	return out;
}

static enum import_column column_of(struct arena *a, const char *cell)
{
	const char *letters = letters_of(a, cell);
	for (size_t c = 0; c < IMPORT_COLUMN__MAX; c++)
		for (size_t k = 0; k < ARRAY_LEN(columns[c].known); k++)
			if (columns[c].known[k] != NULL &&
				strcmp(columns[c].known[k], letters) == 0)
				return (enum import_column)c;
	return IMPORT_COLUMN__MAX;
}

/* A column that needs no remark: it is empty, or one that we add to rejected rows. */
static bool is_silent(struct arena *a, const char *cell)
{
	struct str s = str_of(letters_of(a, cell));
	return s.n == 0 || str_is(s, "line") || str_is(s, "reason");
}

static const char *shown(struct arena *a, const char *text)
{
	struct str s = str_of(text);
	if (s.n <= SHOWN_MAX)
		return text;
	size_t n = SHOWN_MAX;
	while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
		n--;
	return arena_printf(a, "%s…", arena_strndup(a, s.p, n));
}

static bool missing_columns(struct arena *a, const struct import_head *h, struct err *e)
{
	struct buf names;
	buf_init(&names, a, IGNORED_MAX);
	for (size_t c = 0; c < IMPORT_COLUMN__MAX; c++)
		if (columns[c].required && h->at[c] < 0)
			buf_printf(&names, "%s%s", names.len == 0 ? "" : ", ", columns[c].name);
	return names.len == 0 ||
	       err_set(e, ERR_INVALID,
		       "The first row has no column %s. Put the names of the columns into the first row; the template shows how.",
		       names.data);
}

bool import_head_read(
	struct arena *a, const struct csv_record *r, struct import_head *h_r, struct err *e)
{
	struct buf ignored;
	buf_init(&ignored, a, IGNORED_MAX);
	*h_r = (struct import_head){.n = r->n};
	for (size_t c = 0; c < IMPORT_COLUMN__MAX; c++)
		h_r->at[c] = -1;
	for (size_t i = 0; i < r->n; i++) {
		enum import_column c = column_of(a, r->cells[i]);
		if (c == IMPORT_COLUMN__MAX) {
			const char *name = str_dup(a, str_trim(str_of(r->cells[i])));
			if (!is_silent(a, name) && ignored.len + SHOWN_MAX + 8 < IGNORED_MAX)
				buf_printf(&ignored, "%s%s", ignored.len == 0 ? "" : ", ",
					shown(a, name));
			continue;
		}
		if (h_r->at[c] >= 0)
			return err_set(e, ERR_INVALID,
				"The column %s is there twice. Keep one of them.",
				columns[c].name);
		h_r->at[c] = (int)i;
	}
	h_r->ignored = ignored.data;
	return missing_columns(a, h_r, e);
}

struct judge {
	struct arena *arena;
	struct import_row *row;
	struct buf reason;
};

/* The first fault gives the mark; every fault adds a sentence. */
static void fault(struct judge *j, enum import_mark mark, const char *sentence)
{
	if (j->row->mark == IMPORT_ADD)
		j->row->mark = mark;
	if (j->reason.len != 0)
		buf_addc(&j->reason, ' ');
	buf_adds(&j->reason, sentence);
}

static void judge_reading(
	struct judge *j, const struct import_head *h, const struct csv_record *r)
{
	static const struct {
		unsigned fault;
		const char *sentence;
	} words[] = {
		{CSV_NOT_UTF8,
			"It holds characters that are not UTF-8, shown as \"?\". Save the file as \"CSV UTF-8\"."},
		{CSV_NUL,
			"It holds characters that are no text, shown as \"?\". Type it again."},
		{CSV_AFTER_QUOTE,
			"Text stands behind a closing quote. Write a quote inside quotes twice."},
		{CSV_OPEN_QUOTE,
			"A quote is opened in this row and never closed, so all that follows it could not be read."},
		{CSV_RECORD_CUT,
			"The row is too long to be read. Perhaps a quote is not closed."},
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (r->faults & words[i].fault)
			fault(j, IMPORT_UNREADABLE, words[i].sentence);
	for (size_t i = h->n; i < r->n; i++)
		if (str_trim(str_of(r->cells[i])).n != 0) {
			fault(j, IMPORT_UNREADABLE,
				"It has more cells than there are columns. Put text that holds the separator into quotes.");
			return;
		}
}

static void judge_missing(struct judge *j)
{
	struct buf names;
	buf_init(&names, j->arena, IGNORED_MAX);
	for (size_t c = 0; c < IMPORT_COLUMN__MAX; c++)
		if (columns[c].required && *j->row->cell[c] == '\0')
			buf_printf(&names, "%s%s", names.len == 0 ? "" : ", ", columns[c].word);
	if (names.len != 0)
		fault(j, IMPORT_MISSING, arena_printf(j->arena, "Missing %s.", names.data));
}

static void judge_lengths(struct judge *j)
{
	for (size_t c = 0; c < IMPORT_STATUS; c++)
		if (str_utf8_len(str_of(j->row->cell[c])) > columns[c].max)
			fault(j, IMPORT_LONG,
				arena_printf(j->arena, "The %s has more than %zu characters.",
					columns[c].word, columns[c].max));
}

/*
 * The same check as in the form for one client: refuses what no mail server accepts, and what
 * has a meaning in the header of a mail.
 */
static bool email_fits(struct str s)
{
	struct str local, domain, rest;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || strchr("<>()[]\\,;:\"\x7F", s.p[i]) != NULL)
			return false;
	return str_cut(s, '@', &local, &domain) && local.n != 0 && !str_has(domain, '@') &&
	       str_cut(domain, '.', &local, &rest) && local.n != 0 && rest.n != 0 &&
	       domain.p[domain.n - 1] != '.';
}

static void judge_email(struct judge *j)
{
	const char *email = j->row->cell[IMPORT_EMAIL];
	if (*email == '\0' || email_fits(str_of(email)))
		return;
	fault(j, IMPORT_BAD_EMAIL,
		arena_printf(j->arena,
			"\"%s\" is not an email address. Write one like name@example.com.",
			shown(j->arena, email)));
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_is_ci(str_of(text), *words))
			return true;
	return false;
}

static void judge_choices(struct judge *j)
{
	static const char *const yes[] = {"yes", "y", "true", "1", "x", "primary", NULL};
	static const char *const no[] = {"", "no", "n", "false", "0", NULL};
	struct import_row *row = j->row;
	const char *status = row->cell[IMPORT_STATUS], *primary = row->cell[IMPORT_PRIMARY];
	row->has_status = *status != '\0';
	row->is_prospect = str_is_ci(str_of(status), "prospect");
	if (row->has_status && !row->is_prospect && !str_is_ci(str_of(status), "client"))
		fault(j, IMPORT_BAD_VALUE, "The status is Client or Prospect.");
	row->is_primary = is_one_of(primary, yes);
	if (!row->is_primary && !is_one_of(primary, no))
		fault(j, IMPORT_BAD_VALUE, "Primary is Yes or No.");
}

/*
 * The same check that every client gets; it also makes the trimmed values and the text for the
 * search.
 */
static void judge_client(struct judge *j)
{
	struct import_row *row = j->row;
	struct client_record record;
	struct xpm_contact k = {.uuid = "00000000-0000-4000-8000-000000000001",
		.name = arena_printf(
			j->arena, "%s %s", row->cell[IMPORT_FIRST], row->cell[IMPORT_LAST]),
		.email = row->cell[IMPORT_EMAIL],
		.phone = row->cell[IMPORT_PHONE],
		.is_primary = true};
	const struct xpm_client seen = {.uuid = "00000000-0000-4000-8000-000000000000",
		.name = row->cell[IMPORT_CLIENT],
		.has_contacts = true,
		.contacts = &k,
		.n_contacts = 1};
	enum client_rule rule = client_judge(j->arena, &seen, &record);
	if (rule == CLIENT_NO_NAME) {
		fault(j, IMPORT_MISSING, "Missing client name.");
		return;
	}
	/* A phone that cannot be dialled is only flagged, as when a person types it in. */
	if (rule != CLIENT_FINE || (record.flags & ~CLIENT_BAD_PHONE) != 0) {
		fault(j, IMPORT_UNREADABLE,
			"It holds characters that cannot be shown. Type the row again.");
		return;
	}
	row->cell[IMPORT_CLIENT] = record.name;
	row->cell[IMPORT_EMAIL] = record.contacts[0].email;
	row->cell[IMPORT_PHONE] =
		record.contacts[0].phone == NULL ? "" : record.contacts[0].phone;
	row->contact_name = record.contacts[0].name;
	const struct client_record name = {.name = record.name};
	const struct client_record contact = {
		.name = "", .contacts = record.contacts, .n_contacts = 1};
	row->client_search = client_search_text(j->arena, &name);
	row->contact_search = client_search_text(j->arena, &contact);
}

static const char *cell_of(
	struct arena *a, const struct import_head *h, const struct csv_record *r, size_t column)
{
	int at = h->at[column];
	if (at < 0 || (size_t)at >= r->n)
		return "";
	struct str s = str_trim(str_of(r->cells[at]));
	if (s.n > 1 && s.p[0] == '\'' && strchr("=+-@", s.p[1]) != NULL)
		s = str_sub(s, 1, s.n);
	return str_dup(a, s);
}

static bool is_blank(const struct csv_record *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_trim(str_of(r->cells[i])).n != 0)
			return false;
	return r->faults == 0;
}

bool import_row_judge(struct arena *a, const struct import_head *h, const struct csv_record *r,
	struct import_row *row_r)
{
	struct judge j = {.arena = a, .row = row_r};
	if (is_blank(r))
		return false;
	*row_r = (struct import_row){
		.line = r->line, .contact_name = "", .client_search = "", .contact_search = ""};
	buf_init(&j.reason, a, REASON_MAX);
	for (size_t c = 0; c < IMPORT_COLUMN__MAX; c++)
		row_r->cell[c] = cell_of(a, h, r, c);
	judge_reading(&j, h, r);
	judge_missing(&j);
	judge_lengths(&j);
	if (r->faults & CSV_CELL_CUT && row_r->mark == IMPORT_ADD)
		fault(&j, IMPORT_LONG, "A cell has more than 1,024 characters.");
	judge_email(&j);
	judge_choices(&j);
	if (row_r->mark == IMPORT_ADD)
		judge_client(&j);
	row_r->reason = j.reason.data;
	return true;
}
