#include "pages/audit.h"

#include "core/event.h"
#include "pages/download.h"

enum { AUDIT_PAGE = 50 };

struct line_view {
	const struct moment *when;
	const char *who, *what, *result, *tone, *peer, *detail;
};
static const struct tmpl_field line_fields[] = {
	TMPL_FS(struct line_view, when, TMPL_PTR, &moment_shape),
	TMPL_F(struct line_view, who, TMPL_TEXT),
	TMPL_F(struct line_view, what, TMPL_TEXT),
	TMPL_F(struct line_view, result, TMPL_TEXT),
	TMPL_F(struct line_view, tone, TMPL_TEXT),
	TMPL_F(struct line_view, peer, TMPL_TEXT),
	TMPL_F(struct line_view, detail, TMPL_TEXT),
};
static const struct tmpl_shape line_shape = TMPL_SHAPE(struct line_view, line_fields);

struct group_view {
	const char *name, *text;
	bool chosen;
};
static const struct tmpl_field group_fields[] = {
	TMPL_F(struct group_view, name, TMPL_TEXT),
	TMPL_F(struct group_view, text, TMPL_TEXT),
	TMPL_F(struct group_view, chosen, TMPL_BOOL),
};
static const struct tmpl_shape group_shape = TMPL_SHAPE(struct group_view, group_fields);

struct audit_view {
	struct tmpl_list lines, groups;
	const char *older, *checked;
	bool whole, torn;
};
static const struct tmpl_field audit_fields[] = {
	TMPL_FS(struct audit_view, lines, TMPL_LIST, &line_shape),
	TMPL_FS(struct audit_view, groups, TMPL_LIST, &group_shape),
	TMPL_F(struct audit_view, older, TMPL_TEXT),
	TMPL_F(struct audit_view, checked, TMPL_TEXT),
	TMPL_F(struct audit_view, whole, TMPL_BOOL),
	TMPL_F(struct audit_view, torn, TMPL_BOOL),
};
const struct tmpl_shape audit_shape = TMPL_SHAPE(struct audit_view, audit_fields);

const struct field audit_query[AUDIT__MAX] = {
	[AUDIT_GROUP] = {"show", FIELD_CHOICE, false, 0, 0, "a filter", event_group_names},
	[AUDIT_BEFORE] = {"before", FIELD_ID, false, 0, 0, "a page", NULL},
	[AUDIT_CHECK] = {"check", FIELD_INT, false, 1, 1, "a check", NULL},
};

static const char *result_text(const char *result)
{
	if (strcmp(result, "ok") == 0)
		return "Done";
	return strcmp(result, "refused") == 0 ? "Refused" : "Failed";
}

static struct line_view line_of(struct page *p, const struct audit_row *r)
{
	return (struct line_view){
		.when = page_ago(p, r->at),
		.who = r->who,
		.what = event_text(r->event),
		.result = result_text(r->result),
		.tone = strcmp(r->result, "ok") == 0 ? "idle" : "warn",
		.peer = r->peer,
		.detail = r->detail,
	};
}

static void fill_groups(struct page *p, enum event_group chosen, struct audit_view *v)
{
	struct group_view *views = arena_array(p->arena, struct group_view, EVENT_GROUP__MAX);
	for (size_t i = 0; i < EVENT_GROUP__MAX; i++)
		views[i] = (struct group_view){event_group_names[i],
			event_group_text((enum event_group)i), i == (size_t)chosen};
	v->groups = (struct tmpl_list){views, EVENT_GROUP__MAX};
}

static bool fill_lines(
	struct page *p, enum event_group group, struct audit_view *v, struct err *e)
{
	const struct audit_row *rows;
	size_t n;
	const struct audit_ask ask = {
		.before = p->f.number[AUDIT_BEFORE],
		.patterns = event_group_patterns(group),
		.troubles = group == EVENT_TROUBLE,
		.limit = AUDIT_PAGE + 1,
	};
	if (!audit_page(p->db, p->arena, p->who->org_id, &ask, &rows, &n, e))
		return false;
	size_t shown = n > AUDIT_PAGE ? AUDIT_PAGE : n;
	struct line_view *views = arena_array(p->arena, struct line_view, shown);
	for (size_t i = 0; i < shown; i++)
		views[i] = line_of(p, &rows[i]);
	v->lines = (struct tmpl_list){views, shown};
	if (n > shown)
		v->older = arena_printf(p->arena, "/settings/audit?show=%s&before=%lld",
			event_group_names[group], (long long)rows[shown - 1].seq);
	return true;
}

/* Reads the whole chain, so it runs only when asked for. */
static bool check(struct page *p, struct audit_view *v, struct err *e)
{
	int64_t rows = 0, bad = 0;
	if (p->f.number[AUDIT_CHECK] == 0)
		return true;
	if (!audit_verify(p->db, p->who->org_id, &rows, &bad, e))
		return false;
	v->whole = bad == 0;
	v->torn = bad != 0;
	v->checked = page_number(p, bad == 0 ? rows : bad);
	return true;
}

bool audit_show(struct page *p, struct err *e)
{
	struct audit_view v = {.older = NULL};
	if (!p->f.ok)
		return page_go(p, "/settings/audit");
	enum event_group group = (enum event_group)p->f.number[AUDIT_GROUP];
	fill_groups(p, group, &v);
	if (!fill_lines(p, group, &v, e) || !check(p, &v, e))
		return false;
	p->title = "Activity log";
	p->section = "settings";
	return page_show(p, TEMPLATE_AUDIT, &v, 200, e);
}

static bool add_line(void *user, const char *json, struct err *e)
{
	(void)e;
	download_line(user, json);
	return true;
}

bool audit_jsonl(struct page *p, struct err *e)
{
	struct download o;
	static const struct download_file file = {
		"application/jsonl; charset=utf-8", "activity.jsonl", "audit.exported", ""};
	if (!download_open(&o, p, &file, e))
		return false;
	bool ok = !o.wanted || audit_export(p->db, p->who->org_id, add_line, &o, e);
	return download_end(&o, ok, e);
}

bool audit_run_receipt(struct page *p, struct err *e)
{
	const char *json = NULL;
	if (!audit_receipt(p->db, p->arena, p->who->org_id, p->q->id_param, &json, e))
		return false;
	if (json == NULL)
		return err_set(e, ERR_NOT_FOUND, "There is no receipt of this sync.");
	response_begin(p->s, 200, "application/json; charset=utf-8");
	response_header(p->s, "Content-Disposition",
		arena_printf(p->arena, "attachment; filename=\"sync-%lld.json\"",
			(long long)p->q->id_param));
	buf_adds(&p->s->body, json);
	return true;
}
