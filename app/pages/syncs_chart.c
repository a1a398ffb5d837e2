#include "codec/chart.h"
#include "pages/syncs.h"

/*
 * Three bands, one below the other, in units that the style sheet turns into pixels. A run is
 * one column through all three (templates/syncs/chart.html, static/app.css).
 */
enum {
	COLUMN = 12,
	DURATION_FOOT = 72,
	CHANGES_FOOT = 160,
	TROUBLE_FOOT = 192,
	TALL = 72,
	SHORT = 16
};

struct bar_view {
	int64_t x, duration_y, duration, changes_y, changes, trouble_y, trouble;
	const char *tone, *words;
};
static const struct tmpl_field bar_fields[] = {
	TMPL_F(struct bar_view, x, TMPL_INT),
	TMPL_F(struct bar_view, duration_y, TMPL_INT),
	TMPL_F(struct bar_view, duration, TMPL_INT),
	TMPL_F(struct bar_view, changes_y, TMPL_INT),
	TMPL_F(struct bar_view, changes, TMPL_INT),
	TMPL_F(struct bar_view, trouble_y, TMPL_INT),
	TMPL_F(struct bar_view, trouble, TMPL_INT),
	TMPL_F(struct bar_view, tone, TMPL_TEXT),
	TMPL_F(struct bar_view, words, TMPL_TEXT),
};
static const struct tmpl_shape bar_shape = TMPL_SHAPE(struct bar_view, bar_fields);

static const struct tmpl_field chart_fields[] = {
	TMPL_FS(struct chart_view, bars, TMPL_LIST, &bar_shape),
	TMPL_FS(struct chart_view, runs, TMPL_LIST, &run_shape),
	TMPL_F(struct chart_view, desc, TMPL_TEXT),
	TMPL_FS(struct chart_view, first, TMPL_PTR, &moment_shape),
	TMPL_FS(struct chart_view, last, TMPL_PTR, &moment_shape),
	TMPL_F(struct chart_view, longest, TMPL_TEXT),
	TMPL_F(struct chart_view, most, TMPL_TEXT),
	TMPL_F(struct chart_view, n, TMPL_INT),
};
const struct tmpl_shape chart_shape = TMPL_SHAPE(struct chart_view, chart_fields);

struct sums {
	int64_t longest_ms, most, failed, problems;
};

static int64_t changes_of(const struct run_row *r)
{
	const struct run_counts *c = &r->counts;
	return c->added + c->changed + c->archived + c->restored;
}

static bool is_bad(const struct run_row *r)
{
	return strcmp(run_state_tone(r->state), "bad") == 0;
}

static struct sums sums_of(const struct run_row *rows, size_t n)
{
	struct sums s = {0};
	for (size_t i = 0; i < n; i++) {
		if (rows[i].duration_ms > s.longest_ms)
			s.longest_ms = rows[i].duration_ms;
		if (changes_of(&rows[i]) > s.most)
			s.most = changes_of(&rows[i]);
		s.failed += is_bad(&rows[i]);
		s.problems +=
			!is_bad(&rows[i]) && strcmp(run_state_tone(rows[i].state), "warn") == 0;
	}
	return s;
}

/*
 * A failed run is a full block, a run with problems half a block: colour alone must not tell
 * them apart.
 */
static int trouble_of(const struct run_row *r)
{
	const char *tone = run_state_tone(r->state);
	return is_bad(r) ? SHORT : strcmp(tone, "warn") == 0 ? SHORT / 2 : 0;
}

static struct bar_view bar_of(
	struct page *p, const struct run_row *r, const struct sums *s, int64_t column)
{
	struct bar_view b = {
		.x = column * COLUMN,
		.duration = chart_length(r->duration_ms, s->longest_ms, TALL, CHART_LINEAR),
		.changes = chart_length(changes_of(r), s->most, TALL, CHART_LOG),
		.trouble = trouble_of(r),
		.tone = run_state_tone(r->state),
		.words = arena_printf(p->arena, "%s: %s, %s, %s changed",
			page_date(p, r->started_at), run_state_text(r->state),
			r->ended_at == 0 ? "running" : run_duration(p, r->duration_ms),
			page_number(p, changes_of(r))),
	};
	b.duration_y = DURATION_FOOT - b.duration;
	b.changes_y = CHANGES_FOOT - b.changes;
	b.trouble_y = TROUBLE_FOOT - b.trouble;
	return b;
}

void chart_fill(struct page *p, const struct run_row *rows, size_t n, struct chart_view *v)
{
	*v = (struct chart_view){.n = 0};
	if (n == 0)
		return;
	struct sums s = sums_of(rows, n);
	struct bar_view *bars = arena_array(p->arena, struct bar_view, n);
	struct run_view *runs = arena_array(p->arena, struct run_view, n);
	for (size_t i = 0; i < n; i++) {
		bars[n - 1 - i] = bar_of(p, &rows[i], &s, CHART_RUNS - 1 - (int64_t)i);
		runs[i] = run_view_of(p, &rows[i]);
	}
	v->bars = (struct tmpl_list){bars, n};
	v->runs = (struct tmpl_list){runs, n};
	v->n = (int64_t)n;
	v->first = runs[n - 1].started;
	v->last = runs[0].started;
	v->longest = run_duration(p, s.longest_ms);
	v->most = page_number(p, s.most);
	v->desc = arena_printf(p->arena,
		"%zu syncs from %s to %s: %lld failed, %lld need a look; the longest took %s, the "
		"largest changed %s clients.",
		n, v->first->text, v->last->text, (long long)s.failed, (long long)s.problems,
		v->longest, v->most);
}
