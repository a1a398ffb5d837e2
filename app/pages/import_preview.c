#include "pages/import.h"

#include "codec/csv.h"
#include "pages/chrome.h"
#include "pages/clients.h"

/*
 * Shown when somebody has added a client meanwhile, or another file was uploaded in another
 * window.
 */
static const char has_changed[] =
	"The client list or the preview has changed meanwhile, and nothing was added. Look through it again, then select Import.";

struct line_view {
	int64_t line, twin_client;
	const char *client, *contact, *email, *phone, *status, *mark, *tone, *reason,
		*twin_name;
	bool primary;
};
static const struct tmpl_field line_fields[] = {
	TMPL_F(struct line_view, line, TMPL_INT),
	TMPL_F(struct line_view, twin_client, TMPL_INT),
	TMPL_F(struct line_view, client, TMPL_TEXT),
	TMPL_F(struct line_view, contact, TMPL_TEXT),
	TMPL_F(struct line_view, email, TMPL_EMAIL),
	TMPL_F(struct line_view, phone, TMPL_TEXT),
	TMPL_F(struct line_view, status, TMPL_TEXT),
	TMPL_F(struct line_view, mark, TMPL_TEXT),
	TMPL_F(struct line_view, tone, TMPL_TEXT),
	TMPL_F(struct line_view, reason, TMPL_TEXT),
	TMPL_F(struct line_view, twin_name, TMPL_TEXT),
	TMPL_F(struct line_view, primary, TMPL_BOOL),
};
static const struct tmpl_shape line_shape = TMPL_SHAPE(struct line_view, line_fields);

struct tab_view {
	const char *label, *href;
	int64_t n;
	bool current;
};
static const struct tmpl_field tab_fields[] = {
	TMPL_F(struct tab_view, label, TMPL_TEXT),
	TMPL_F(struct tab_view, href, TMPL_TEXT),
	TMPL_F(struct tab_view, n, TMPL_INT),
	TMPL_F(struct tab_view, current, TMPL_BOOL),
};
static const struct tmpl_shape tab_shape = TMPL_SHAPE(struct tab_view, tab_fields);

struct preview_view {
	const char *csrf, *file_name, *ignored, *mark, *rows, *problem;
	int64_t clients, contacts, left_out, made, page, pages, prev, next;
	struct tmpl_list lines, tabs;
};
static const struct tmpl_field preview_fields[] = {
	TMPL_F(struct preview_view, csrf, TMPL_TEXT),
	TMPL_F(struct preview_view, file_name, TMPL_TEXT),
	TMPL_F(struct preview_view, ignored, TMPL_TEXT),
	TMPL_F(struct preview_view, mark, TMPL_TEXT),
	TMPL_F(struct preview_view, rows, TMPL_TEXT),
	TMPL_F(struct preview_view, problem, TMPL_TEXT),
	TMPL_F(struct preview_view, clients, TMPL_INT),
	TMPL_F(struct preview_view, contacts, TMPL_INT),
	TMPL_F(struct preview_view, left_out, TMPL_INT),
	TMPL_F(struct preview_view, made, TMPL_INT),
	TMPL_F(struct preview_view, page, TMPL_INT),
	TMPL_F(struct preview_view, pages, TMPL_INT),
	TMPL_F(struct preview_view, prev, TMPL_INT),
	TMPL_F(struct preview_view, next, TMPL_INT),
	TMPL_FS(struct preview_view, lines, TMPL_LIST, &line_shape),
	TMPL_FS(struct preview_view, tabs, TMPL_LIST, &tab_shape),
};
const struct tmpl_shape import_preview_shape = TMPL_SHAPE(struct preview_view, preview_fields);

struct busy_view {
	const char *file_name, *clients;
	const struct moment *since;
};
static const struct tmpl_field busy_fields[] = {
	TMPL_F(struct busy_view, file_name, TMPL_TEXT),
	TMPL_F(struct busy_view, clients, TMPL_TEXT),
	TMPL_FS(struct busy_view, since, TMPL_PTR, &moment_shape),
};
const struct tmpl_shape import_busy_shape = TMPL_SHAPE(struct busy_view, busy_fields);

const struct field import_query[PREVIEW__MAX] = {
	[PREVIEW_MARK] = {"mark", FIELD_CHOICE, false, 0, 0, "a mark", import_mark_names},
	[PREVIEW_PAGE] = {"page", FIELD_INT, false, 1, IMPORT_ROWS_MAX, "a page", NULL},
};
const struct field import_fields[APPLY__MAX] = {
	[APPLY_CLIENTS] = {"clients", FIELD_INT, true, 1, IMPORT_ROWS_MAX,
		"how many clients will be added", NULL},
	[APPLY_MADE] = {"made", FIELD_ID, true, 0, 0, "which preview it was", NULL},
};

/* Why a row is left out, for the file of left-out rows and for a preview row without a link. */
static const char *reason_of(struct arena *a, const struct import_line *l)
{
	if (l->reason[0] != '\0' || l->mark == IMPORT_ADD)
		return l->reason;
	if (l->twin_client != 0)
		return arena_printf(a, "Duplicate of %s, which is in the client list already.",
			l->twin_name == NULL ? "a client" : str_isolate(a, l->twin_name));
	return arena_printf(a,
		l->mark == IMPORT_DUPLICATE
			? "Duplicate of row %s: the same client and email."
			: "Row %s of the same client has to be put right first.",
		str_number(a, l->twin_line));
}

static const char *contact_of(struct arena *a, const struct import_line *l)
{
	const char *first = l->cell[IMPORT_FIRST], *last = l->cell[IMPORT_LAST];
	bool both = *first != '\0' && *last != '\0';
	return arena_printf(a, "%s%s%s", first, both ? " " : "", last);
}

/* For a row that will be added, the status it will get; for the others, what the file says. */
static const char *status_of(const struct import_line *l)
{
	if (l->becomes == NULL)
		return l->cell[IMPORT_STATUS];
	return strcmp(l->becomes, "prospect") == 0 ? "Prospect" : "Client";
}

static struct line_view view_of(struct page *p, const struct import_line *l)
{
	bool linked = l->mark == IMPORT_DUPLICATE && l->twin_client != 0;
	return (struct line_view){.line = l->line,
		.twin_client = linked ? l->twin_client : 0,
		.twin_name = l->twin_name,
		.client = l->cell[IMPORT_CLIENT],
		.contact = contact_of(p->arena, l),
		.email = l->cell[IMPORT_EMAIL],
		.phone = l->cell[IMPORT_PHONE],
		.status = status_of(l),
		.primary = l->cell[IMPORT_PRIMARY][0] != '\0' &&
			   strchr("nNfF0", l->cell[IMPORT_PRIMARY][0]) == NULL,
		.mark = import_mark_text(l->mark),
		.tone = l->mark == IMPORT_ADD					? "good"
			: l->mark == IMPORT_DUPLICATE || l->mark == IMPORT_HELD ? "idle"
										: "warn",
		.reason = linked ? "" : reason_of(p->arena, l)};
}

static enum import_mark chosen_mark(const struct page *p)
{
	const char *name = p->f.text[PREVIEW_MARK];
	return *name == '\0' ? IMPORT_MARK__MAX : import_mark_parse(name);
}

static void fill_tabs(struct page *p, const struct import_counts *c, struct preview_view *v)
{
	struct tab_view *tabs = arena_array(p->arena, struct tab_view, IMPORT_MARK__MAX + 1);
	enum import_mark chosen = chosen_mark(p);
	size_t n = 0;
	tabs[n++] = (struct tab_view){
		"All", IMPORT_PREVIEW_PATH, c->all, chosen == IMPORT_MARK__MAX};
	for (int m = 0; m < IMPORT_MARK__MAX; m++)
		if (c->rows[m] != 0 || (int)chosen == m)
			tabs[n++] = (struct tab_view){import_mark_text((enum import_mark)m),
				arena_printf(p->arena, IMPORT_PREVIEW_PATH "?mark=%s",
					import_mark_names[m]),
				c->rows[m], (int)chosen == m};
	v->tabs = (struct tmpl_list){tabs, n};
}

static bool fill_lines(
	struct page *p, const struct import_counts *c, struct preview_view *v, struct err *e)
{
	enum import_mark mark = chosen_mark(p);
	int64_t all = mark == IMPORT_MARK__MAX ? c->all : c->rows[mark];
	const struct import_line *lines;
	size_t n;
	v->pages = all == 0 ? 1 : (all + IMPORT_PAGE - 1) / IMPORT_PAGE;
	v->page = p->f.number[PREVIEW_PAGE] == 0 ? 1 : p->f.number[PREVIEW_PAGE];
	if (v->page > v->pages)
		v->page = v->pages;
	v->prev = v->page - 1;
	v->next = v->page < v->pages ? v->page + 1 : 0;
	if (!import_page(p->db, p->arena, import_own(p), mark, (v->page - 1) * IMPORT_PAGE,
		    &lines, &n, e))
		return false;
	struct line_view *views = arena_array(p->arena, struct line_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = view_of(p, &lines[i]);
	v->lines = (struct tmpl_list){views, n};
	return true;
}

static bool show_rows(struct page *p, const struct import_preview *preview, struct err *e)
{
	const struct import_counts *c = &preview->counts;
	struct preview_view v = {.csrf = chrome_csrf(p),
		.file_name = preview->file_name,
		.ignored = preview->ignored,
		.problem = preview->state == IMPORT_CHANGED ? has_changed : preview->said,
		.mark = p->f.text[PREVIEW_MARK],
		.made = preview->created_at,
		.rows = str_count(p->arena, c->all, "row", "rows"),
		.clients = c->clients,
		.contacts = c->rows[IMPORT_ADD],
		.left_out = c->all - c->rows[IMPORT_ADD]};
	fill_tabs(p, c, &v);
	p->title = "Preview of the import";
	return fill_lines(p, c, &v, e) && page_show(p, TEMPLATE_IMPORT_PREVIEW, &v, 200, e);
}

/* Of the time too: another try is another page, and the one that waits says how many minutes. */
static const char *key_of(struct page *p, const struct import_preview *preview)
{
	bool busy = preview->state == IMPORT_ASKED;
	int64_t minutes = busy ? (p->now - preview->asked_at) / 60 : 0;
	return arena_printf(p->arena, "%s:%lld:%lld", import_state_names[preview->state],
		(long long)preview->asked_at, (long long)minutes);
}

static bool show_busy(struct page *p, const struct import_preview *preview, struct err *e)
{
	const struct busy_view v = {.file_name = preview->file_name,
		.clients = str_count(p->arena, preview->asked_clients, "client", "clients"),
		.since = page_ago(p, preview->asked_at)};
	p->poll = IMPORT_PREVIEW_PATH "/status";
	p->poll_key = key_of(p, preview);
	p->poll_s = 1;
	p->refresh_s = 2;
	p->refresh_to = IMPORT_PREVIEW_PATH;
	p->title = "Importing clients";
	return page_show(p, TEMPLATE_IMPORT_BUSY, &v, 200, e);
}

static bool show(struct page *p, struct err *e)
{
	struct import_preview preview;
	if (!import_get(p->db, import_own(p), &preview, e))
		return e->kind == ERR_NOT_FOUND && clients_by_hand(p, e) &&
		       page_go(p, "/clients/import");
	p->section = "clients";
	if (preview.state == IMPORT_ASKED)
		return show_busy(p, &preview, e);
	if (preview.state == IMPORT_DONE)
		return page_go_with(p, "/clients", "success", preview.said, e);
	return clients_by_hand(p, e) && show_rows(p, &preview, e);
}

bool import_preview(struct page *p, struct err *e)
{
	return p->f.ok ? show(p, e) : page_go(p, IMPORT_PREVIEW_PATH);
}

bool import_status(struct page *p, struct err *e)
{
	struct import_preview preview;
	if (!import_get(p->db, import_own(p), &preview, e))
		return e->kind == ERR_NOT_FOUND && page_go(p, "/clients/import");
	bool busy = preview.state == IMPORT_ASKED;
	if (preview.state == IMPORT_DONE || (!busy && !clients_by_hand(p, e)))
		return page_go(p, "/clients/import");
	return page_key(p, key_of(p, &preview));
}

/*
 * "Import" was selected twice, or in another window: the preview page shows what became of it.
 */
static bool not_asked(struct page *p, struct err *e)
{
	struct import_preview preview;
	if (!import_get(p->db, import_own(p), &preview, e))
		return e->kind == ERR_NOT_FOUND && page_go(p, "/clients/import");
	bool other = preview.created_at != p->f.number[APPLY_MADE];
	if (other && preview.state != IMPORT_ASKED && preview.state != IMPORT_DONE)
		return page_go_with(p, IMPORT_PREVIEW_PATH, "error", has_changed, e);
	return page_go(p, IMPORT_PREVIEW_PATH);
}

bool import_apply_post(struct page *p, struct err *e)
{
	bool asked = false;
	int64_t clients = p->f.number[APPLY_CLIENTS];
	if (!p->f.ok)
		return page_go(p, IMPORT_PREVIEW_PATH);
	if (!clients_by_hand(p, e) || !pg_begin(p->db, p->who->org_id, e) ||
		!import_ask(p->db, import_own(p), p->who->name, clients,
			p->f.number[APPLY_MADE], &asked, e))
		return false;
	if (!asked) {
		pg_rollback(p->db);
		return not_asked(p, e);
	}
	return page_go(p, IMPORT_PREVIEW_PATH) &&
	       page_audit(p, "import.asked", "ok",
		       str_count(p->arena, clients, "client", "clients"), e) &&
	       pg_commit(p->db, e);
}

struct csv_out {
	struct page *p;
	struct arena *line_arena;
	struct buf text;
};

static bool csv_line(void *user, const struct import_line *l, struct err *e)
{
	struct csv_out *o = user;
	(void)e;
	for (int c = 0; c < IMPORT_COLUMN__MAX; c++)
		csv_cell(&o->text, l->cell[c], c == 0);
	csv_cell(&o->text, arena_printf(o->line_arena, "%lld", (long long)l->line), false);
	csv_cell(&o->text, reason_of(o->line_arena, l), false);
	csv_end(&o->text);
	arena_reset(o->line_arena);
	if (o->text.len > 32 * 1024) {
		(void)response_write(o->p->s, buf_str(&o->text));
		buf_reset(&o->text);
	}
	return true;
}

static void csv_heads(struct buf *out)
{
	for (int c = 0; c < IMPORT_COLUMN__MAX; c++)
		csv_cell(out, import_column_name((enum import_column)c), c == 0);
	csv_cell(out, "Line", false);
	csv_cell(out, "Reason", false);
	csv_end(out);
}

bool import_left_out(struct page *p, struct err *e)
{
	struct csv_out o = {.p = p};
	struct import_preview preview;
	if (!import_get(p->db, import_own(p), &preview, e))
		return e->kind == ERR_NOT_FOUND && page_go(p, "/clients/import");
	if (preview.state == IMPORT_DONE)
		return page_go(p, IMPORT_PREVIEW_PATH);
	buf_init(&o.text, p->arena, 256 * 1024);
	csv_heads(&o.text);
	response_begin(p->s, 200, "text/csv; charset=utf-8");
	response_header(
		p->s, "Content-Disposition", "attachment; filename=\"clients-left-out.csv\"");
	if (p->s->head || !response_stream(p->s))
		return true;
	o.line_arena = arena_new();
	bool ok = import_rejected(p->db, import_own(p), csv_line, &o, e);
	arena_free(&o.line_arena);
	/*
	 * The headers are sent already: break the connection, so that half a file does not look
	 * whole.
	 */
	if (!ok)
		p->s->abort = true;
	else
		(void)response_write(p->s, buf_str(&o.text));
	return true;
}
