#include "core/client.h"
#include "pages/chrome.h"
#include "pages/sync_log.h"
#include "pages/undo.h"

enum { DETAIL_PAGE = 100 };

struct change_view {
	int64_t client_id;
	const char *client, *field, *old, *new;
};
static const struct tmpl_field change_fields[] = {
	TMPL_F(struct change_view, client_id, TMPL_INT),
	TMPL_F(struct change_view, client, TMPL_TEXT),
	TMPL_F(struct change_view, field, TMPL_TEXT),
	TMPL_F(struct change_view, old, TMPL_TEXT),
	TMPL_F(struct change_view, new, TMPL_TEXT),
};
static const struct tmpl_shape change_shape = TMPL_SHAPE(struct change_view, change_fields);

struct skip_view {
	int64_t client_id;
	const char *name, *xpm_id, *rule, *detail, *web_url;
};
static const struct tmpl_field skip_fields[] = {
	TMPL_F(struct skip_view, client_id, TMPL_INT),
	TMPL_F(struct skip_view, name, TMPL_TEXT),
	TMPL_F(struct skip_view, xpm_id, TMPL_TEXT),
	TMPL_F(struct skip_view, rule, TMPL_TEXT),
	TMPL_F(struct skip_view, detail, TMPL_TEXT),
	TMPL_F(struct skip_view, web_url, TMPL_TEXT),
};
static const struct tmpl_shape skip_shape = TMPL_SHAPE(struct skip_view, skip_fields);

struct kind_view {
	const char *value, *label;
	bool chosen;
};
static const struct tmpl_field kind_fields[] = {
	TMPL_F(struct kind_view, value, TMPL_TEXT),
	TMPL_F(struct kind_view, label, TMPL_TEXT),
	TMPL_F(struct kind_view, chosen, TMPL_BOOL),
};
static const struct tmpl_shape kind_shape = TMPL_SHAPE(struct kind_view, kind_fields);

/* One view for all tabs: the tab says which list is filled. */
struct sync_view {
	const char *csrf, *words, *next, *first, *csv;
	struct run_view run;
	struct undo_hook undo;
	struct tmpl_list changes, skips, lines, kinds;
	bool on_changes, on_skipped, on_failed, on_log;
	bool filtered, has_changes, has_pager, run_failed, can_retry;
};
static const struct tmpl_field sync_fields[] = {
	TMPL_F(struct sync_view, csrf, TMPL_TEXT),
	TMPL_F(struct sync_view, words, TMPL_TEXT),
	TMPL_F(struct sync_view, next, TMPL_TEXT),
	TMPL_F(struct sync_view, first, TMPL_TEXT),
	TMPL_F(struct sync_view, csv, TMPL_TEXT),
	TMPL_FS(struct sync_view, run, TMPL_STRUCT, &run_shape),
	TMPL_FS(struct sync_view, undo, TMPL_STRUCT, &undo_hook_shape),
	TMPL_FS(struct sync_view, changes, TMPL_LIST, &change_shape),
	TMPL_FS(struct sync_view, skips, TMPL_LIST, &skip_shape),
	TMPL_FS(struct sync_view, lines, TMPL_LIST, &log_line_shape),
	TMPL_FS(struct sync_view, kinds, TMPL_LIST, &kind_shape),
	TMPL_F(struct sync_view, on_changes, TMPL_BOOL),
	TMPL_F(struct sync_view, on_skipped, TMPL_BOOL),
	TMPL_F(struct sync_view, on_failed, TMPL_BOOL),
	TMPL_F(struct sync_view, on_log, TMPL_BOOL),
	TMPL_F(struct sync_view, filtered, TMPL_BOOL),
	TMPL_F(struct sync_view, run_failed, TMPL_BOOL),
	TMPL_F(struct sync_view, can_retry, TMPL_BOOL),
	TMPL_F(struct sync_view, has_changes, TMPL_BOOL),
	TMPL_F(struct sync_view, has_pager, TMPL_BOOL),
};
const struct tmpl_shape sync_shape = TMPL_SHAPE(struct sync_view, sync_fields);

/* The values of struct change_query; "" is the form's "All changes". */
static const char *const kinds[] = {"", "new", "archived", "details", "contacts", NULL};
static const char *const kind_labels[] = {
	"All changes", "New clients", "Archived and restored", "Names and links", "Contacts"};

const struct field sync_query[SYNC__MAX] = {
	[SYNC_AFTER] = {"after", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[SYNC_KIND] = {"kind", FIELD_CHOICE, false, 0, 0, "a kind", kinds},
	[SYNC_WORDS] = {"q", FIELD_TEXT, false, 0, 100, "words to search for", NULL},
};

struct change_query sync_changes_query(const struct page *p)
{
	return (struct change_query){
		.kind = *p->f.text[SYNC_KIND] == '\0' ? NULL : p->f.text[SYNC_KIND],
		.words = p->f.text[SYNC_WORDS],
		.after_id = p->f.number[SYNC_AFTER],
		.limit = DETAIL_PAGE + 1,
	};
}

/* The address of this tab with its filter, and with the place in the list unless it is 0. */
static const char *link_to(struct page *p, const char *tab, int64_t after)
{
	const struct page_pair pairs[] = {{"after", page_digits(p, after)},
		{"kind", p->f.text[SYNC_KIND]}, {"q", p->f.text[SYNC_WORDS]}};
	return page_address(p,
		arena_printf(p->arena, "/syncs/%lld%s", (long long)p->q->id_param, tab), pairs,
		ARRAY_LEN(pairs));
}

/* The links around a page of the list whose last row is `last_id`. */
static void fill_pager(
	struct page *p, struct sync_view *v, const char *tab, bool more, int64_t last_id)
{
	v->next = more ? link_to(p, tab, last_id) : NULL;
	v->first = p->f.number[SYNC_AFTER] == 0 ? NULL : link_to(p, tab, 0);
	v->has_pager = v->next != NULL || v->first != NULL;
}

static bool begin(struct page *p, struct sync_view *v, struct run_row *r, struct err *e)
{
	const struct connection *c = &p->who->xpm;
	if (!runs_get(p->db, p->arena, p->who->org_id, p->q->id_param, r, e))
		return false;
	*v = (struct sync_view){
		.csrf = chrome_csrf(p),
		.run = run_view_of(p, r),
		.words = p->f.text[SYNC_WORDS],
		.run_failed =
			strcmp(r->state, "failed") == 0 || strcmp(r->state, "interrupted") == 0,
		.can_retry = connection_look(c->state)->has_practice && !c->running,
	};
	return undo_hook(p, r->run_id, &v->undo, e);
}

static bool show(struct page *p, struct sync_view *v, struct err *e)
{
	p->title = arena_printf(p->arena, "Sync of %s", v->run.started->text);
	p->section = "syncs";
	return page_show(p, TEMPLATE_SYNC, v, 200, e);
}

/* ---- the tabs ---- */

static void fill_kinds(struct page *p, struct sync_view *v)
{
	struct kind_view *views =
		arena_array(p->arena, struct kind_view, ARRAY_LEN(kind_labels));
	for (size_t i = 0; i < ARRAY_LEN(kind_labels); i++)
		views[i] = (struct kind_view){
			kinds[i], kind_labels[i], strcmp(kinds[i], p->f.text[SYNC_KIND]) == 0};
	v->kinds = (struct tmpl_list){views, ARRAY_LEN(kind_labels)};
	v->filtered = *p->f.text[SYNC_KIND] != '\0' || *p->f.text[SYNC_WORDS] != '\0';
}

static bool fill_changes(struct page *p, struct sync_view *v, struct err *e)
{
	const struct change_row *rows;
	const struct change_query q = sync_changes_query(p);
	size_t n;
	if (!runs_changes(p->db, p->arena, p->who->org_id, v->run.run_id, &q, &rows, &n, e))
		return false;
	size_t shown = n > DETAIL_PAGE ? DETAIL_PAGE : n;
	struct change_view *views = arena_array(p->arena, struct change_view, shown);
	for (size_t i = 0; i < shown; i++)
		views[i] = (struct change_view){rows[i].client_id, rows[i].client_name,
			run_field_text(rows[i].field),
			run_value_text(rows[i].field, rows[i].old),
			run_value_text(rows[i].field, rows[i].new)};
	v->changes = (struct tmpl_list){views, shown};
	v->has_changes = shown > 0 || v->filtered;
	fill_pager(p, v, "", n > shown, shown == 0 ? 0 : rows[shown - 1].change_id);
	return true;
}

bool sync_show(struct page *p, struct err *e)
{
	struct sync_view v;
	struct run_row r;
	if (!begin(p, &v, &r, e))
		return false;
	if (!p->f.ok)
		return page_go(p, link_to(p, "", 0));
	v.on_changes = true;
	v.csv = link_to(p, "/changes.csv", 0);
	fill_kinds(p, &v);
	return fill_changes(p, &v, e) && show(p, &v, e);
}

static bool fill_skips(
	struct page *p, struct sync_view *v, const char *tab, bool failed, struct err *e)
{
	const struct skip_row *rows;
	size_t n;
	if (!runs_skips(p->db, p->arena, p->who->org_id, v->run.run_id, failed,
		    p->f.number[SYNC_AFTER], DETAIL_PAGE + 1, &rows, &n, e))
		return false;
	size_t shown = n > DETAIL_PAGE ? DETAIL_PAGE : n;
	struct skip_view *views = arena_array(p->arena, struct skip_view, shown);
	for (size_t i = 0; i < shown; i++)
		views[i] = (struct skip_view){rows[i].client_id, rows[i].name, rows[i].xpm_id,
			client_rule_text(rows[i].rule), rows[i].detail, rows[i].web_url};
	v->skips = (struct tmpl_list){views, shown};
	v->csv = link_to(p, failed ? "/failed.csv" : "/skipped.csv", 0);
	fill_pager(p, v, tab, n > shown, shown == 0 ? 0 : rows[shown - 1].skip_id);
	return true;
}

bool sync_skipped(struct page *p, struct err *e)
{
	struct sync_view v;
	struct run_row r;
	if (!begin(p, &v, &r, e))
		return false;
	v.on_skipped = true;
	return fill_skips(p, &v, "/skipped", false, e) && show(p, &v, e);
}

bool sync_failed(struct page *p, struct err *e)
{
	struct sync_view v;
	struct run_row r;
	if (!begin(p, &v, &r, e))
		return false;
	v.on_failed = true;
	return fill_skips(p, &v, "/failed", true, e) && show(p, &v, e);
}

bool sync_log(struct page *p, struct err *e)
{
	struct sync_view v;
	struct run_row r;
	if (!begin(p, &v, &r, e) || !log_fill(p, &r, &v.lines, e))
		return false;
	v.on_log = true;
	v.csv = link_to(p, "/log.csv", 0);
	return show(p, &v, e);
}
