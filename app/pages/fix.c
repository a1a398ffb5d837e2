#include "pages/fix.h"

#include "pages/chrome.h"
#include "pages/download.h"
#include "store/connections.h"
#include "store/fix.h"

enum { REASONS_OF_ONE = CLIENT_FLAGS };

struct reason_view {
	const char *chip, *text;
};
static const struct tmpl_field reason_fields[] = {
	TMPL_F(struct reason_view, chip, TMPL_TEXT),
	TMPL_F(struct reason_view, text, TMPL_TEXT),
};
static const struct tmpl_shape reason_shape = TMPL_SHAPE(struct reason_view, reason_fields);

struct line_view {
	int64_t fix_id, client_id, run_id, me;
	const char *csrf, *name, *xpm_id, *web_url, *who;
	const struct moment *opened, *closed;
	bool mine, can_take;
	struct tmpl_list reasons;
};
static const struct tmpl_field line_fields[] = {
	TMPL_F(struct line_view, fix_id, TMPL_INT),
	TMPL_F(struct line_view, client_id, TMPL_INT),
	TMPL_F(struct line_view, run_id, TMPL_INT),
	TMPL_F(struct line_view, me, TMPL_INT),
	TMPL_F(struct line_view, csrf, TMPL_TEXT),
	TMPL_F(struct line_view, name, TMPL_TEXT),
	TMPL_F(struct line_view, xpm_id, TMPL_TEXT),
	TMPL_F(struct line_view, web_url, TMPL_TEXT),
	TMPL_F(struct line_view, who, TMPL_TEXT),
	TMPL_FS(struct line_view, opened, TMPL_PTR, &moment_shape),
	TMPL_FS(struct line_view, closed, TMPL_PTR, &moment_shape),
	TMPL_F(struct line_view, mine, TMPL_BOOL),
	TMPL_F(struct line_view, can_take, TMPL_BOOL),
	TMPL_FS(struct line_view, reasons, TMPL_LIST, &reason_shape),
};
static const struct tmpl_shape line_shape = TMPL_SHAPE(struct line_view, line_fields);

struct option_view {
	const char *value, *label;
	bool chosen;
};
static const struct tmpl_field option_fields[] = {
	TMPL_F(struct option_view, value, TMPL_TEXT),
	TMPL_F(struct option_view, label, TMPL_TEXT),
	TMPL_F(struct option_view, chosen, TMPL_BOOL),
};
static const struct tmpl_shape option_shape = TMPL_SHAPE(struct option_view, option_fields);

struct fix_view {
	const char *csv, *next, *open, *mine;
	bool connected, is_admin, closed_tab, filtered, nothing, fine, from_start;
	struct tmpl_list lines, reasons, people;
};
static const struct tmpl_field fix_fields[] = {
	TMPL_F(struct fix_view, csv, TMPL_TEXT),
	TMPL_F(struct fix_view, next, TMPL_TEXT),
	TMPL_F(struct fix_view, open, TMPL_TEXT),
	TMPL_F(struct fix_view, mine, TMPL_TEXT),
	TMPL_F(struct fix_view, connected, TMPL_BOOL),
	TMPL_F(struct fix_view, is_admin, TMPL_BOOL),
	TMPL_F(struct fix_view, closed_tab, TMPL_BOOL),
	TMPL_F(struct fix_view, filtered, TMPL_BOOL),
	TMPL_F(struct fix_view, nothing, TMPL_BOOL),
	TMPL_F(struct fix_view, fine, TMPL_BOOL),
	TMPL_F(struct fix_view, from_start, TMPL_BOOL),
	TMPL_FS(struct fix_view, lines, TMPL_LIST, &line_shape),
	TMPL_FS(struct fix_view, reasons, TMPL_LIST, &option_shape),
	TMPL_FS(struct fix_view, people, TMPL_LIST, &option_shape),
};
const struct tmpl_shape fix_shape = TMPL_SHAPE(struct fix_view, fix_fields);

struct one_view {
	const char *csrf;
	int64_t fix_id;
	bool is_open;
	struct line_view *line;
	struct tmpl_list people;
};
static const struct tmpl_field one_fields[] = {
	TMPL_F(struct one_view, csrf, TMPL_TEXT),
	TMPL_F(struct one_view, fix_id, TMPL_INT),
	TMPL_F(struct one_view, is_open, TMPL_BOOL),
	TMPL_FS(struct one_view, line, TMPL_PTR, &line_shape),
	TMPL_FS(struct one_view, people, TMPL_LIST, &option_shape),
};
const struct tmpl_shape fix_one_shape = TMPL_SHAPE(struct one_view, one_fields);

static const char *const tab_names[] = {"open", "closed", NULL};
/* The names in addresses, and in the same order the flags they mean. */
static const char *const reason_names[] = {"", "no-contact", "no-email", "bad-email",
	"bad-phone", "two-primaries", "no-primary", "name-cut", "skipped", NULL};
static const int reason_flags[] = {0, CLIENT_NO_CONTACT, CLIENT_NO_EMAIL, CLIENT_BAD_EMAIL,
	CLIENT_BAD_PHONE, CLIENT_TWO_PRIMARIES, CLIENT_NO_PRIMARY, CLIENT_NAME_CUT,
	FIX_SKIPPED};

const struct field fix_query_fields[FIX__MAX] = {
	[FIX_TAB] = {"tab", FIELD_CHOICE, false, 0, 0, "a tab", tab_names},
	[FIX_REASON] = {"reason", FIELD_CHOICE, false, 0, 0, "a reason", reason_names},
	/* 0: anybody; -1: nobody; else a person's number */
	[FIX_WHO] = {"who", FIELD_INT, false, FIX_NOBODY, INT32_MAX, "a person", NULL},
	[FIX_AFTER] = {"after", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[FIX_FROM] = {"from", FIELD_KEY, false, 0, CLIENT_NAME_MAX, "the place in the list",
		NULL},
	[FIX_OTHERS] = {"others", FIELD_FLAG, false, 0, 0, "the place in the list", NULL},
};
const struct field fix_assign_fields[FIX_ASSIGN__MAX] = {
	[FIX_TO] = {"to", FIELD_INT, true, 0, INT32_MAX, "a person", NULL},
};

static int reason_of(const struct page *p)
{
	for (size_t i = 0; reason_names[i] != NULL; i++)
		if (strcmp(p->f.text[FIX_REASON], reason_names[i]) == 0)
			return reason_flags[i];
	return 0;
}

/* A skipped record has one reason; a client has one for each of its flags. */
static struct tmpl_list reasons_of(struct page *p, const struct fix_line *l)
{
	struct reason_view *views = arena_array(p->arena, struct reason_view, REASONS_OF_ONE);
	size_t n = 0;
	if (l->rule != NULL)
		views[n++] =
			(struct reason_view){"Skipped by syncs", client_rule_text(l->rule)};
	/*
	 * A client without a contact has no e-mail and no primary contact either: this is said
	 * once.
	 */
	int flags = (l->reasons & CLIENT_NO_CONTACT) != 0 ? CLIENT_NO_CONTACT : l->reasons;
	for (size_t i = 1; n < REASONS_OF_ONE && reason_flags[i] != FIX_SKIPPED; i++)
		if ((flags & reason_flags[i]) != 0)
			views[n++] = (struct reason_view){client_flag_chip(reason_flags[i]),
				client_flag_text(reason_flags[i])};
	return (struct tmpl_list){views, n};
}

static struct line_view line_of(struct page *p, const struct fix_line *l)
{
	return (struct line_view){
		.fix_id = l->fix_id,
		.client_id = l->client_id,
		.run_id = l->closed_run,
		.me = p->who->user_id,
		.csrf = chrome_csrf(p),
		.name = *l->name == '\0' ? NULL : l->name,
		.xpm_id = l->record_xpm,
		.web_url = l->web_url,
		.who = l->assignee_name,
		.opened = page_ago(p, l->opened_at),
		.closed = page_ago(p, l->closed_at),
		.mine = l->assignee == p->who->user_id,
		.can_take = l->closed_at == 0 && l->assignee == 0,
		.reasons = reasons_of(p, l),
	};
}

static void fill_lines(
	struct page *p, const struct fix_line *rows, size_t n, struct fix_view *v)
{
	struct line_view *views = arena_array(p->arena, struct line_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = line_of(p, &rows[i]);
	v->lines = (struct tmpl_list){views, n};
}

/* ---- the filter ---- */

static void fill_reasons(struct page *p, struct fix_view *v)
{
	struct option_view *views =
		arena_array(p->arena, struct option_view, ARRAY_LEN(reason_flags));
	for (size_t i = 0; i < ARRAY_LEN(reason_flags); i++)
		views[i] = (struct option_view){reason_names[i],
			reason_flags[i] == 0		 ? "Any reason"
			: reason_flags[i] == FIX_SKIPPED ? "Skipped by syncs"
							 : client_flag_chip(reason_flags[i]),
			reason_of(p) == reason_flags[i]};
	v->reasons = (struct tmpl_list){views, ARRAY_LEN(reason_flags)};
}

/*
 * The options of a choice of person: first the `firsts`, which stand for no person and have the
 * values 0, -1, ...; then the active people.
 */
static bool fill_people(struct page *p, const char *const *firsts, size_t n_firsts,
	int64_t chosen, struct tmpl_list *list_r, struct err *e)
{
	const struct fix_person *people;
	size_t n;
	if (!fix_people(p->db, p->arena, p->who->org_id, &people, &n, e))
		return false;
	struct option_view *views = arena_array(p->arena, struct option_view, n + n_firsts);
	for (size_t i = 0; i < n_firsts; i++)
		views[i] = (struct option_view){
			i == 0 ? "0" : "-1", firsts[i], chosen == -(int64_t)i};
	for (size_t i = 0; i < n; i++) {
		bool me = people[i].user_id == p->who->user_id;
		views[n_firsts + i] = (struct option_view){
			arena_printf(p->arena, "%lld", (long long)people[i].user_id),
			me ? arena_printf(p->arena, "%s (you)",
				     str_isolate(p->arena, people[i].name))
			   : people[i].name,
			chosen == people[i].user_id};
	}
	*list_r = (struct tmpl_list){views, n + n_firsts};
	return true;
}

/* `path` with the filter and, when `last` is given, the place in the list after it. */
static const char *link_to(struct page *p, const char *path, const struct fix_line *last)
{
	const struct page_pair pairs[] = {{"reason", p->f.text[FIX_REASON]},
		{"who", page_digits(p, p->f.number[FIX_WHO])},
		{"after", last == NULL ? NULL : page_digits(p, last->fix_id)},
		{"others", last == NULL || last->mine ? NULL : "1"},
		{"from", last == NULL ? NULL : last->name}};
	return page_address(p, path, pairs, ARRAY_LEN(pairs));
}

/* ---- the list ---- */

static bool fill_open(struct page *p, struct fix_view *v, struct err *e)
{
	const struct fix_line *rows;
	size_t n;
	bool more;
	const struct fix_query q = {
		.reason = reason_of(p),
		.who = p->f.number[FIX_WHO],
		.key_mine = p->f.number[FIX_OTHERS] == 0,
		.key_name = p->f.number[FIX_AFTER] == 0 ? NULL : p->f.text[FIX_FROM],
		.key_id = p->f.number[FIX_AFTER],
	};
	static const char *const firsts[] = {"Anybody", "Nobody yet"};
	if (!fix_page(p->db, p->arena, p->who->org_id, p->who->user_id, &q, &rows, &n, &more,
		    e) ||
		!fill_people(p, firsts, ARRAY_LEN(firsts), q.who, &v->people, e))
		return false;
	fill_lines(p, rows, n, v);
	fill_reasons(p, v);
	v->filtered = q.reason != 0 || q.who != 0;
	v->csv = link_to(p, "/fix.csv", NULL);
	if (more)
		v->next = link_to(p, "/fix", &rows[n - 1]);
	return true;
}

static bool fill_closed(struct page *p, struct fix_view *v, struct err *e)
{
	const struct fix_line *rows;
	size_t n;
	bool more;
	if (!fix_closed(p->db, p->arena, p->who->org_id, p->f.number[FIX_AFTER], &rows, &n,
		    &more, e))
		return false;
	fill_lines(p, rows, n, v);
	if (more)
		v->next = arena_printf(
			p->arena, "/fix?tab=closed&after=%lld", (long long)rows[n - 1].fix_id);
	return true;
}

static const char *count_words(struct page *p, int64_t n)
{
	return n >= FIX_COUNT_MAX ? "1,000+" : page_number(p, n);
}

static bool fill(struct page *p, struct fix_view *v, struct err *e)
{
	struct connection c;
	int64_t open = 0, mine = 0;
	if (!connections_get(p->db, p->arena, p->who->org_id, &c, e) ||
		!fix_counts(p->db, p->who->org_id, p->who->user_id, &open, &mine, e) ||
		!(v->closed_tab ? fill_closed(p, v, e) : fill_open(p, v, e)))
		return false;
	v->connected = connection_look(c.state)->has_practice;
	v->open = count_words(p, open);
	v->mine = mine == 0 ? NULL : count_words(p, mine);
	v->from_start = p->f.number[FIX_AFTER] != 0;
	v->nothing = v->lines.n == 0 && (v->filtered || v->from_start || v->closed_tab);
	v->fine = v->lines.n == 0 && !v->nothing;
	return true;
}

bool fix_show(struct page *p, struct err *e)
{
	struct fix_view v = {.is_admin = page_is_admin(p)};
	if (!p->f.ok)
		return page_go(p, "/fix");
	v.closed_tab = strcmp(p->f.text[FIX_TAB], "closed") == 0;
	if (!fill(p, &v, e))
		return false;
	p->title = "Fix in XPM";
	p->section = "clients";
	return page_show(p, TEMPLATE_FIX, &v, 200, e);
}

/* ---- the list as a file ---- */

static bool csv_line(void *user, const struct fix_line *l, struct err *e)
{
	struct download *o = user;
	struct tmpl_list reasons = reasons_of(o->p, l);
	const struct reason_view *views = reasons.items;
	(void)e;
	for (size_t i = 0; i < reasons.n; i++) {
		const char *const cells[] = {l->name, views[i].chip, views[i].text,
			l->assignee_name, page_date(o->p, l->opened_at), l->record_xpm,
			l->web_url};
		download_row(o, cells, ARRAY_LEN(cells));
	}
	return true;
}

bool fix_csv(struct page *p, struct err *e)
{
	static const char *const heads[] = {"Client", "Reason", "What to do", "Assigned to",
		"Open since", "XPM id", "Link"};
	struct download o;
	const struct fix_query q = {.reason = reason_of(p), .who = p->f.number[FIX_WHO]};
	return download_begin(
		       &o, p, "fix-in-xpm.csv", "fix.exported", heads, ARRAY_LEN(heads), e) &&
	       download_end(&o,
		       !o.wanted || fix_each(p->db, p->who->org_id, &q, csv_line, &o, e), e);
}

/* ---- one entry ---- */

bool fix_one(struct page *p, struct err *e)
{
	struct fix_line l;
	static const char *const firsts[] = {"Nobody"};
	struct one_view v = {.csrf = chrome_csrf(p), .fix_id = p->q->id_param};
	if (!fix_get(p->db, p->who->org_id, p->q->id_param, &l, e) ||
		!fill_people(p, firsts, ARRAY_LEN(firsts), l.assignee, &v.people, e))
		return false;
	struct line_view line = line_of(p, &l);
	v.line = &line;
	v.is_open = l.closed_at == 0;
	p->title = "Fix in XPM";
	p->section = "clients";
	return page_show(p, TEMPLATE_FIX_ONE, &v, 200, e);
}

/* Notifies the assignee; a person who assigns an entry to themselves is not notified. */
static bool tell(struct page *p, int64_t to, struct err *e)
{
	return to == 0 || to == p->who->user_id ||
	       fix_notice(p->db, p->who->org_id, to,
		       arena_printf(p->arena,
			       "%s asked you to put something right in Xero Practice Manager.",
			       str_isolate(p->arena, p->who->name)),
		       arena_printf(p->arena, "/fix?who=%lld", (long long)to), e);
}

bool fix_assign_post(struct page *p, struct err *e)
{
	struct connection c;
	int64_t to = p->f.number[FIX_TO], id = p->q->id_param;
	struct fix_line l;
	if (!connections_get(p->db, p->arena, p->who->org_id, &c, e) ||
		!fix_get(p->db, p->who->org_id, id, &l, e))
		return false;
	if (!p->f.ok)
		return err_set(e, ERR_INVALID, "Choose a person of your team, or nobody.");
	if (!connection_look(c.state)->has_practice)
		return err_set(e, ERR_CONFLICT,
			"Xero Practice Manager is not connected, so there is nothing to put "
			"right there now.");
	return pg_begin(p->db, p->who->org_id, e) &&
	       fix_assign(p->db, p->who->org_id, id, to, p->who->name, e) && tell(p, to, e) &&
	       page_go_with(p, "/fix", "success",
		       to == 0		       ? "Nobody takes care of it now."
		       : to == p->who->user_id ? "It is yours now."
					       : "Assigned. They find it in their bell.",
		       e) &&
	       page_audit(p, "fix.assigned", "ok",
		       arena_printf(p->arena, "entry %lld to user %lld", (long long)id,
			       (long long)to),
		       e) &&
	       pg_commit(p->db, e);
}
