#include "pages/edits.h"

#include "core/connection.h"
#include "core/run.h"
#include "pages/chrome.h"
#include "pages/download.h"
#include "store/edits.h"
#include "store/held.h"

enum { SHOWN_MAX = 500, CSV_MAX = 100000 };

struct edit_view {
	int64_t client_id;
	const char *client, *field, *who, *ours, *theirs;
};
static const struct tmpl_field edit_fields[] = {
	TMPL_F(struct edit_view, client_id, TMPL_INT),
	TMPL_F(struct edit_view, client, TMPL_TEXT),
	TMPL_F(struct edit_view, field, TMPL_TEXT),
	TMPL_F(struct edit_view, who, TMPL_TEXT),
	TMPL_F(struct edit_view, ours, TMPL_TEXT),
	TMPL_F(struct edit_view, theirs, TMPL_TEXT),
};
static const struct tmpl_shape edit_shape = TMPL_SHAPE(struct edit_view, edit_fields);

struct edits_view {
	const char *csrf, *words;
	int64_t run_id;
	bool held, cut, can_decide;
	struct tmpl_list edits;
};
static const struct tmpl_field edits_fields[] = {
	TMPL_F(struct edits_view, csrf, TMPL_TEXT),
	TMPL_F(struct edits_view, words, TMPL_TEXT),
	TMPL_F(struct edits_view, run_id, TMPL_INT),
	TMPL_F(struct edits_view, held, TMPL_BOOL),
	TMPL_F(struct edits_view, cut, TMPL_BOOL),
	TMPL_F(struct edits_view, can_decide, TMPL_BOOL),
	TMPL_FS(struct edits_view, edits, TMPL_LIST, &edit_shape),
};
const struct tmpl_shape edits_shape = TMPL_SHAPE(struct edits_view, edits_fields);

static const char *field_words(const char *field)
{
	return strcmp(field, "status") == 0 ? "Status" : run_field_text(field);
}

/* The value of "archived" is a reason, or NULL; the value of "status" is a name. */
static const char *value_words(const char *field, const char *value)
{
	if (strcmp(field, "archived") == 0)
		return value == NULL ? "Not archived" : "Archived";
	if (strcmp(field, "status") == 0)
		return strcmp(value, "prospect") == 0 ? "Prospect" : "Client";
	return value;
}

/* h_r->run_id is 0 when no run is held because of edits. */
static bool held_for_edits(struct page *p, struct held_run *h_r, struct err *e)
{
	if (!held_run(p->db, p->who->org_id, h_r, e))
		return false;
	if (h_r->what.cause != CAUSE_EDITS)
		h_r->run_id = 0;
	return true;
}

static bool fill(struct page *p, struct edits_view *v, struct err *e)
{
	const struct edit_row *rows;
	size_t n;
	if (!edits_list(p->db, p->arena, p->who->org_id, v->run_id, SHOWN_MAX, &rows, &n, e))
		return false;
	struct edit_view *views = arena_array(p->arena, struct edit_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct edit_view){rows[i].client_id, rows[i].client,
			field_words(rows[i].field), rows[i].who,
			value_words(rows[i].field, rows[i].ours),
			value_words(rows[i].field, rows[i].theirs)};
	v->edits = (struct tmpl_list){views, n};
	v->cut = n == SHOWN_MAX;
	return true;
}

bool edits_show(struct page *p, struct err *e)
{
	struct edits_view v = {.csrf = chrome_csrf(p), .can_decide = page_is_admin(p)};
	struct held_run h;
	if (!held_for_edits(p, &h, e))
		return false;
	v.run_id = h.run_id;
	v.held = h.run_id != 0;
	v.words = run_held_words(p->arena, &h.what);
	if (v.held && !fill(p, &v, e))
		return false;
	p->title = "Edits made while disconnected";
	p->section = "settings";
	return page_show(p, TEMPLATE_EDITS, &v, 200, e);
}

bool edits_csv(struct page *p, struct err *e)
{
	static const char *const heads[] = {"Client", "Field", "Contact", "Here", "In XPM"};
	const struct edit_row *rows;
	struct download o;
	struct held_run h;
	size_t n;
	if (!held_for_edits(p, &h, e) ||
		!edits_list(p->db, p->arena, p->who->org_id, h.run_id, CSV_MAX, &rows, &n, e) ||
		!download_begin(
			&o, p, "edits.csv", "review.exported", heads, ARRAY_LEN(heads), e))
		return false;
	for (size_t i = 0; i < n && o.wanted; i++) {
		const struct edit_row *r = &rows[i];
		const char *const cells[] = {r->client, field_words(r->field), r->who,
			value_words(r->field, r->ours), value_words(r->field, r->theirs)};
		download_row(&o, cells, ARRAY_LEN(cells));
	}
	return download_end(&o, true, e);
}
