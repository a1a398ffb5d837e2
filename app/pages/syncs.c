#include "pages/syncs.h"

#include "core/client.h"
#include "pages/chrome.h"
#include "pages/undo.h"
#include "store/runs.h"

enum { RUNS_PAGE = 30, DETAIL_MAX = 500 };

struct run_view {
	int64_t run_id, added, changed, archived, restored, unchanged, prospects, skipped,
		failed, calls, bytes, seen;
	const char *started, *started_exact, *trigger, *by, *result, *tone, *duration, *cause;
};
static const struct tmpl_field run_fields[] = {
	TMPL_F(struct run_view, run_id, TMPL_INT),
	TMPL_F(struct run_view, added, TMPL_INT),
	TMPL_F(struct run_view, changed, TMPL_INT),
	TMPL_F(struct run_view, archived, TMPL_INT),
	TMPL_F(struct run_view, restored, TMPL_INT),
	TMPL_F(struct run_view, unchanged, TMPL_INT),
	TMPL_F(struct run_view, prospects, TMPL_INT),
	TMPL_F(struct run_view, skipped, TMPL_INT),
	TMPL_F(struct run_view, failed, TMPL_INT),
	TMPL_F(struct run_view, calls, TMPL_INT),
	TMPL_F(struct run_view, bytes, TMPL_INT),
	TMPL_F(struct run_view, seen, TMPL_INT),
	TMPL_F(struct run_view, started, TMPL_TEXT),
	TMPL_F(struct run_view, started_exact, TMPL_TEXT),
	TMPL_F(struct run_view, trigger, TMPL_TEXT),
	TMPL_F(struct run_view, by, TMPL_TEXT),
	TMPL_F(struct run_view, result, TMPL_TEXT),
	TMPL_F(struct run_view, tone, TMPL_TEXT),
	TMPL_F(struct run_view, duration, TMPL_TEXT),
	TMPL_F(struct run_view, cause, TMPL_TEXT),
};
static const struct tmpl_shape run_shape = TMPL_SHAPE(struct run_view, run_fields);

struct syncs_view {
	struct tmpl_list runs;
	const char *older;
};
static const struct tmpl_field syncs_fields[] = {
	TMPL_FS(struct syncs_view, runs, TMPL_LIST, &run_shape),
	TMPL_F(struct syncs_view, older, TMPL_TEXT),
};
const struct tmpl_shape syncs_shape = TMPL_SHAPE(struct syncs_view, syncs_fields);

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
	const char *name, *xpm_id, *rule, *detail;
};
static const struct tmpl_field skip_fields[] = {
	TMPL_F(struct skip_view, name, TMPL_TEXT),
	TMPL_F(struct skip_view, xpm_id, TMPL_TEXT),
	TMPL_F(struct skip_view, rule, TMPL_TEXT),
	TMPL_F(struct skip_view, detail, TMPL_TEXT),
};
static const struct tmpl_shape skip_shape = TMPL_SHAPE(struct skip_view, skip_fields);

struct sync_view {
	struct run_view run;
	struct undo_hook undo;
	struct tmpl_list changes, skips;
	bool changes_cut, skips_cut;
};
static const struct tmpl_field sync_fields[] = {
	TMPL_FS(struct sync_view, run, TMPL_STRUCT, &run_shape),
	TMPL_FS(struct sync_view, undo, TMPL_STRUCT, &undo_hook_shape),
	TMPL_FS(struct sync_view, changes, TMPL_LIST, &change_shape),
	TMPL_FS(struct sync_view, skips, TMPL_LIST, &skip_shape),
	TMPL_F(struct sync_view, changes_cut, TMPL_BOOL),
	TMPL_F(struct sync_view, skips_cut, TMPL_BOOL),
};
const struct tmpl_shape sync_shape = TMPL_SHAPE(struct sync_view, sync_fields);

const struct field syncs_query[SYNCS__MAX] = {
	[SYNCS_BEFORE] = {"before", FIELD_ID, false, 0, 0, "the place in the list", NULL},
};

static const char *duration(struct page *p, const struct run_row *r)
{
	int64_t s = r->ended_at - r->started_at;
	if (r->ended_at == 0)
		return "running";
	if (s < 60)
		return arena_printf(p->arena, "%lld s", (long long)s);
	return arena_printf(
		p->arena, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
}

static struct run_view view_of(struct page *p, const struct run_row *r)
{
	return (struct run_view){
		.run_id = r->run_id,
		.added = r->counts.added,
		.changed = r->counts.changed,
		.archived = r->counts.archived,
		.restored = r->counts.restored,
		.unchanged = r->counts.unchanged,
		.prospects = r->counts.prospects,
		.skipped = r->counts.skipped,
		.failed = r->counts.failed,
		.calls = r->counts.calls,
		.bytes = r->counts.bytes,
		.seen = r->counts.seen,
		.started = page_date(p, r->started_at),
		.started_exact = page_ago(p, r->started_at),
		.trigger = run_trigger_text(r->trigger),
		.by = r->asked_by,
		.result = run_state_text(r->state),
		.tone = run_state_tone(r->state),
		.duration = duration(p, r),
		.cause = r->cause_text,
	};
}

bool syncs_list(struct page *p, struct err *e)
{
	const struct run_row *rows;
	size_t n;
	if (!runs_list(p->db, p->arena, p->who->org_id, p->f.number[SYNCS_BEFORE],
		    RUNS_PAGE + 1, &rows, &n, e))
		return false;
	struct syncs_view v = {.older = NULL};
	size_t shown = n > RUNS_PAGE ? RUNS_PAGE : n;
	struct run_view *views = arena_array(p->arena, struct run_view, shown);
	for (size_t i = 0; i < shown; i++)
		views[i] = view_of(p, &rows[i]);
	v.runs = (struct tmpl_list){views, shown};
	if (n > shown)
		v.older = arena_printf(
			p->arena, "/syncs?before=%lld", (long long)rows[shown - 1].run_id);
	p->title = "Sync history";
	p->section = "syncs";
	return page_show(p, TEMPLATE_SYNCS, &v, 200, e);
}

static bool fill_changes(struct page *p, struct sync_view *v, struct err *e)
{
	const struct change_row *rows;
	size_t n;
	if (!runs_changes(
		    p->db, p->arena, p->who->org_id, v->run.run_id, DETAIL_MAX, &rows, &n, e))
		return false;
	struct change_view *views = arena_array(p->arena, struct change_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct change_view){rows[i].client_id, rows[i].client_name,
			run_field_text(rows[i].field), rows[i].old, rows[i].new};
	v->changes = (struct tmpl_list){views, n};
	v->changes_cut = n == DETAIL_MAX;
	return true;
}

static bool fill_skips(struct page *p, struct sync_view *v, struct err *e)
{
	const struct skip_row *rows;
	size_t n;
	if (!runs_skips(
		    p->db, p->arena, p->who->org_id, v->run.run_id, DETAIL_MAX, &rows, &n, e))
		return false;
	struct skip_view *views = arena_array(p->arena, struct skip_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct skip_view){rows[i].name, rows[i].xpm_id,
			client_rule_text(rows[i].rule), rows[i].detail};
	v->skips = (struct tmpl_list){views, n};
	v->skips_cut = n == DETAIL_MAX;
	return true;
}

bool sync_show(struct page *p, struct err *e)
{
	struct run_row r;
	struct sync_view v = {.changes_cut = false};
	if (!runs_get(p->db, p->arena, p->who->org_id, p->q->id_param, &r, e))
		return false;
	v.run = view_of(p, &r);
	if (!fill_changes(p, &v, e) || !fill_skips(p, &v, e) ||
		!undo_hook(p, r.run_id, &v.undo, e))
		return false;
	p->title = arena_printf(p->arena, "Sync of %s", v.run.started);
	p->section = "syncs";
	return page_show(p, TEMPLATE_SYNC, &v, 200, e);
}
