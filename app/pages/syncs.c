#include "pages/syncs.h"

#include "codec/when.h"
#include "pages/clients.h"
#include "pages/download.h"

enum { RUNS_PAGE = 30, DATE_MAX = 10 };

static const struct tmpl_field run_fields[] = {
	TMPL_F(struct run_view, run_id, TMPL_INT),
	TMPL_F(struct run_view, added, TMPL_INT),
	TMPL_F(struct run_view, changed, TMPL_INT),
	TMPL_F(struct run_view, archived, TMPL_INT),
	TMPL_F(struct run_view, restored, TMPL_INT),
	TMPL_F(struct run_view, unchanged, TMPL_INT),
	TMPL_F(struct run_view, prospects, TMPL_INT),
	TMPL_F(struct run_view, excluded, TMPL_INT),
	TMPL_F(struct run_view, skipped, TMPL_INT),
	TMPL_F(struct run_view, failed, TMPL_INT),
	TMPL_F(struct run_view, calls, TMPL_INT),
	TMPL_F(struct run_view, seen, TMPL_TEXT),
	TMPL_FS(struct run_view, started, TMPL_PTR, &moment_shape),
	TMPL_FS(struct run_view, ended, TMPL_PTR, &moment_shape),
	TMPL_F(struct run_view, trigger, TMPL_TEXT),
	TMPL_F(struct run_view, by, TMPL_TEXT),
	TMPL_F(struct run_view, result, TMPL_TEXT),
	TMPL_F(struct run_view, tone, TMPL_TEXT),
	TMPL_F(struct run_view, duration, TMPL_TEXT),
	TMPL_F(struct run_view, cause, TMPL_TEXT),
	TMPL_F(struct run_view, bytes, TMPL_TEXT),
};
const struct tmpl_shape run_shape = TMPL_SHAPE(struct run_view, run_fields);

struct choice_view {
	const char *value, *label;
	bool chosen;
};
static const struct tmpl_field choice_fields[] = {
	TMPL_F(struct choice_view, value, TMPL_TEXT),
	TMPL_F(struct choice_view, label, TMPL_TEXT),
	TMPL_F(struct choice_view, chosen, TMPL_BOOL),
};
static const struct tmpl_shape choice_shape = TMPL_SHAPE(struct choice_view, choice_fields);

struct syncs_view {
	struct strip_view strip;
	struct chart_view *chart; /* NULL: not on this page */
	struct tmpl_list runs, results, triggers;
	const char *older, *newest, *csv, *from, *to, *date_error;
	bool filtered, changed_only, nothing, has_list, has_pager;
};
static const struct tmpl_field syncs_fields[] = {
	TMPL_FS(struct syncs_view, strip, TMPL_STRUCT, &strip_shape),
	TMPL_FS(struct syncs_view, chart, TMPL_PTR, &chart_shape),
	TMPL_FS(struct syncs_view, runs, TMPL_LIST, &run_shape),
	TMPL_FS(struct syncs_view, results, TMPL_LIST, &choice_shape),
	TMPL_FS(struct syncs_view, triggers, TMPL_LIST, &choice_shape),
	TMPL_F(struct syncs_view, older, TMPL_TEXT),
	TMPL_F(struct syncs_view, newest, TMPL_TEXT),
	TMPL_F(struct syncs_view, csv, TMPL_TEXT),
	TMPL_F(struct syncs_view, from, TMPL_TEXT),
	TMPL_F(struct syncs_view, to, TMPL_TEXT),
	TMPL_F(struct syncs_view, date_error, TMPL_TEXT),
	TMPL_F(struct syncs_view, filtered, TMPL_BOOL),
	TMPL_F(struct syncs_view, changed_only, TMPL_BOOL),
	TMPL_F(struct syncs_view, nothing, TMPL_BOOL),
	TMPL_F(struct syncs_view, has_list, TMPL_BOOL),
	TMPL_F(struct syncs_view, has_pager, TMPL_BOOL),
};
const struct tmpl_shape syncs_shape = TMPL_SHAPE(struct syncs_view, syncs_fields);

/* The names of core/run.h; "" is the form's "Any". */
static const char *const results[] = {"", "complete", "problems", "failed", "held", "discarded",
	"replaced", "interrupted", "undone", "running", NULL};
static const char *const triggers[] = {
	"", "first", "scheduled", "manual", "reconnect", "retry", "undo", NULL};

const struct field syncs_query[SYNCS__MAX] = {
	[SYNCS_BEFORE] = {"before", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[SYNCS_RESULT] = {"result", FIELD_CHOICE, false, 0, 0, "a result", results},
	[SYNCS_TRIGGER] = {"trigger", FIELD_CHOICE, false, 0, 0, "a trigger", triggers},
	[SYNCS_FROM] = {"from", FIELD_TEXT, false, 0, DATE_MAX, "a date", NULL},
	[SYNCS_TO] = {"to", FIELD_TEXT, false, 0, DATE_MAX, "a date", NULL},
	[SYNCS_CHANGED] = {"changed", FIELD_FLAG, false, 0, 0, "a choice", NULL},
};

const char *run_duration(struct page *p, int64_t ms)
{
	int64_t s = (ms + 500) / 1000;
	if (ms < 9950)
		return arena_printf(p->arena, "%lld.%lld s", (long long)((ms + 50) / 1000),
			(long long)((ms + 50) / 100 % 10));
	if (s < 60)
		return arena_printf(p->arena, "%lld s", (long long)s);
	return arena_printf(
		p->arena, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
}

static const char *size_words(struct page *p, int64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB"};
	int64_t tenths = bytes / 100;
	size_t unit = 0;
	if (bytes < 1000)
		return arena_printf(p->arena, "%lld bytes", (long long)bytes);
	for (; tenths >= 10000 && unit + 1 < ARRAY_LEN(units); unit++)
		tenths /= 1000;
	return arena_printf(p->arena, "%lld.%lld %s", (long long)(tenths / 10),
		(long long)(tenths % 10), units[unit]);
}

struct run_view run_view_of(struct page *p, const struct run_row *r)
{
	return (struct run_view){
		.run_id = r->run_id,
		.added = r->counts.added,
		.changed = r->counts.changed,
		.archived = r->counts.archived,
		.restored = r->counts.restored,
		.unchanged = r->counts.unchanged,
		.prospects = r->counts.prospects,
		.excluded = r->counts.excluded,
		.skipped = r->counts.skipped,
		.failed = r->counts.failed,
		.calls = r->counts.calls,
		.bytes = size_words(p, r->counts.bytes),
		.seen = str_count(p->arena, r->counts.seen, "record", "records"),
		.started = page_moment(p, r->started_at),
		.ended = page_moment(p, r->ended_at),
		.trigger = run_trigger_text(r->trigger),
		.by = r->asked_by,
		.result = run_state_text(r->state),
		.tone = run_state_tone(r->state),
		.duration = r->ended_at == 0 ? "running" : run_duration(p, r->duration_ms),
		.cause = r->cause_text,
	};
}

/* ---- the filter ---- */

/* Midnight in the person's zone, `days` later; 0 when there is no date. */
static bool day_of(struct page *p, size_t field, int days, int64_t *at_r)
{
	int64_t utc;
	const char *text = p->f.text[field];
	*at_r = 0;
	if (*text == '\0')
		return true;
	if (strlen(text) != DATE_MAX ||
		!when_parse(str_of(arena_printf(p->arena, "%sT00:00:00Z", text)), &utc))
		return false;
	struct when_date d = when_in_zone("UTC", utc);
	*at_r = when_local(p->who->zone, d.year, d.month, d.day + days, 0, 0);
	return true;
}

static const char *or_any(const char *text)
{
	return *text == '\0' ? NULL : text;
}

/* NULL, or what is wrong with the dates. */
static const char *read_filter(struct page *p, struct run_filter *f)
{
	*f = (struct run_filter){
		.state = or_any(p->f.text[SYNCS_RESULT]),
		.trigger = or_any(p->f.text[SYNCS_TRIGGER]),
		.changed_only = p->f.number[SYNCS_CHANGED] != 0,
	};
	if (!day_of(p, SYNCS_FROM, 0, &f->from) || !day_of(p, SYNCS_TO, 1, &f->until)) {
		f->from = f->until = 0;
		return "Write dates like 2026-03-31.";
	}
	if (f->from != 0 && f->until != 0 && f->from >= f->until)
		return "The first date comes after the last.";
	return NULL;
}

static bool is_filtered(const struct page *p)
{
	return *p->f.text[SYNCS_RESULT] != '\0' || *p->f.text[SYNCS_TRIGGER] != '\0' ||
	       *p->f.text[SYNCS_FROM] != '\0' || *p->f.text[SYNCS_TO] != '\0' ||
	       p->f.number[SYNCS_CHANGED] != 0;
}

/* `path` with the chosen filter, and with the place in the list unless it is 0. */
static const char *link_to(struct page *p, const char *path, int64_t before)
{
	struct page_pair pairs[SYNCS__MAX];
	for (size_t i = 0; i < SYNCS__MAX; i++)
		pairs[i] = (struct page_pair){syncs_query[i].name, p->f.text[i]};
	pairs[SYNCS_BEFORE].value = page_digits(p, before);
	pairs[SYNCS_CHANGED].value = p->f.number[SYNCS_CHANGED] != 0 ? "1" : NULL;
	return page_address(p, path, pairs, ARRAY_LEN(pairs));
}

static struct tmpl_list choices(struct page *p, const char *const *values, const char *chosen,
	const char *(*text)(const char *name))
{
	size_t n = 0;
	while (values[n] != NULL)
		n++;
	struct choice_view *views = arena_array(p->arena, struct choice_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct choice_view){values[i],
			*values[i] == '\0' ? "Any" : text(values[i]),
			strcmp(values[i], chosen) == 0};
	return (struct tmpl_list){views, n};
}

static void fill_filter(struct page *p, struct syncs_view *v)
{
	v->results = choices(p, results, p->f.text[SYNCS_RESULT], run_state_text);
	v->triggers = choices(p, triggers, p->f.text[SYNCS_TRIGGER], run_trigger_text);
	v->from = p->f.typed[SYNCS_FROM];
	v->to = p->f.typed[SYNCS_TO];
	v->changed_only = p->f.number[SYNCS_CHANGED] != 0;
	v->filtered = is_filtered(p);
	v->csv = link_to(p, "/syncs.csv", 0);
}

/* ---- the list ---- */

static bool fill_runs(
	struct page *p, const struct run_filter *f, struct syncs_view *v, struct err *e)
{
	const struct run_row *rows;
	size_t n;
	int64_t before = p->f.number[SYNCS_BEFORE];
	if (!runs_list(p->db, p->arena, p->who->org_id, f, before, RUNS_PAGE + 1, &rows, &n, e))
		return false;
	size_t shown = n > RUNS_PAGE ? RUNS_PAGE : n;
	struct run_view *views = arena_array(p->arena, struct run_view, shown);
	for (size_t i = 0; i < shown; i++)
		views[i] = run_view_of(p, &rows[i]);
	v->runs = (struct tmpl_list){views, shown};
	if (n > shown)
		v->older = link_to(p, "/syncs", rows[shown - 1].run_id);
	if (before != 0)
		v->newest = link_to(p, "/syncs", 0);
	v->nothing = shown == 0 && (v->filtered || before != 0);
	v->has_list = shown > 0 || v->nothing;
	v->has_pager = v->older != NULL || v->newest != NULL;
	return true;
}

static void watch(struct page *p, const struct connection *c)
{
	p->poll = "/clients/status";
	p->poll_key = clients_status_key(p, c);
	p->poll_s = 5;
	if (!c->running)
		return;
	p->refresh_s = 5;
	p->refresh_to = "/syncs";
}

bool syncs_list(struct page *p, struct err *e)
{
	struct run_filter f;
	const struct run_row *newest;
	size_t n;
	struct chart_view chart;
	struct syncs_view v = {.date_error = read_filter(p, &f)};
	if (!p->f.ok)
		return page_go(p, "/syncs");
	fill_filter(p, &v);
	bool plain = !v.filtered && p->f.number[SYNCS_BEFORE] == 0;
	if (!runs_list(p->db, p->arena, p->who->org_id, NULL, 0, CHART_RUNS, &newest, &n, e) ||
		!strip_fill(p, &p->who->xpm, newest, n, &v.strip, e) ||
		!fill_runs(p, &f, &v, e))
		return false;
	chart_fill(p, newest, n, &chart);
	v.chart = plain && n > 1 ? &chart : NULL;
	if (plain)
		watch(p, &p->who->xpm);
	p->title = "Sync history";
	p->section = "syncs";
	return page_show(p, TEMPLATE_SYNCS, &v, v.date_error == NULL ? 200 : 422, e);
}

/* ---- the list as a file ---- */

static const char *digits(struct page *p, int64_t n)
{
	return arena_printf(p->arena, "%lld", (long long)n);
}

struct csv_runs {
	struct download o;
	struct page line; /* used for one row; its arena is reset after each */
};

static bool csv_row(void *user, const struct run_row *r, struct err *e)
{
	struct csv_runs *csv = user;
	struct page *p = &csv->line;
	(void)e;
	arena_reset(p->arena);
	const char *const cells[] = {page_date(p, r->started_at), run_trigger_text(r->trigger),
		r->asked_by, run_state_text(r->state), digits(p, r->counts.added),
		digits(p, r->counts.changed), digits(p, r->counts.archived),
		digits(p, r->counts.restored), digits(p, r->counts.skipped),
		digits(p, r->counts.failed),
		r->ended_at == 0 ? ""
				 : arena_printf(p->arena, "%lld.%03lld",
					   (long long)(r->duration_ms / 1000),
					   (long long)(r->duration_ms % 1000)),
		digits(p, r->counts.calls), r->cause_text};
	download_row(&csv->o, cells, ARRAY_LEN(cells));
	return true;
}

bool syncs_csv(struct page *p, struct err *e)
{
	static const char *const heads[] = {"Started", "Trigger", "By", "Result", "New",
		"Updated", "Archived", "Restored", "Skipped", "Failed", "Duration in seconds",
		"Xero calls", "Reason"};
	struct run_filter f;
	struct csv_runs csv = {.line = *p};
	if (!p->f.ok || read_filter(p, &f) != NULL)
		return page_go(p, "/syncs");
	if (!download_begin(
		    &csv.o, p, "syncs.csv", "syncs.exported", heads, ARRAY_LEN(heads), e))
		return false;
	csv.line.arena = arena_new();
	bool ok = !csv.o.wanted || runs_each(p->db, p->who->org_id, &f, csv_row, &csv, e);
	arena_free(&csv.line.arena);
	return download_end(&csv.o, ok, e);
}
