#include "pages/review.h"
#include "pages/syncs.h"

static const struct tmpl_field strip_fields[] = {
	TMPL_F(struct strip_view, word, TMPL_TEXT),
	TMPL_F(struct strip_view, tone, TMPL_TEXT),
	TMPL_F(struct strip_view, text, TMPL_TEXT),
	TMPL_FS(struct strip_view, last, TMPL_PTR, &moment_shape),
	TMPL_FS(struct strip_view, next, TMPL_PTR, &moment_shape),
	TMPL_F(struct strip_view, failing_link, TMPL_TEXT),
	TMPL_F(struct strip_view, in_sync, TMPL_INT),
	TMPL_F(struct strip_view, excluded, TMPL_INT),
	TMPL_F(struct strip_view, failing, TMPL_INT),
	TMPL_F(struct strip_view, used, TMPL_INT),
	TMPL_F(struct strip_view, budget, TMPL_INT),
	TMPL_F(struct strip_view, cost, TMPL_INT),
	TMPL_F(struct strip_view, left, TMPL_INT),
	TMPL_F(struct strip_view, meter, TMPL_INT),
	TMPL_F(struct strip_view, has_practice, TMPL_BOOL),
	TMPL_F(struct strip_view, cost_known, TMPL_BOOL),
	TMPL_F(struct strip_view, one_call, TMPL_BOOL),
};
const struct tmpl_shape strip_shape = TMPL_SHAPE(struct strip_view, strip_fields);

/*
 * The last run that was applied: the records it left out or failed at are still the current
 * ones. NULL when there is none among `rows`.
 */
static const struct run_row *last_applied(const struct run_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].state, "complete") == 0 ||
			strcmp(rows[i].state, "problems") == 0)
			return &rows[i];
	return NULL;
}

static void fill_counts(struct page *p, const struct connection *c, const struct run_row *run,
	struct strip_view *v)
{
	v->in_sync = c->live_clients;
	if (run == NULL)
		return;
	v->excluded = run->counts.prospects + run->counts.skipped;
	v->failing = run->counts.failed;
	if (v->failing < v->in_sync)
		v->in_sync -= v->failing;
	if (run->counts.skipped + v->failing > 0)
		v->failing_link = arena_printf(p->arena, "/syncs/%lld/%s",
			(long long)run->run_id, v->failing > 0 ? "failed" : "skipped");
}

/*
 * The forecast is for manual updates, so it leaves out the part of the budget that is reserved
 * for scheduled runs.
 */
static void fill_budget(struct page *p, struct strip_view *v)
{
	v->budget = conf_int(p->site->conf, CONF_XERO_DAY_BUDGET);
	int64_t left = v->budget - v->budget * RUN_RESERVE_PERCENT / 100 - v->used;
	v->meter = v->used >= v->budget ? 100 : v->used * 100 / v->budget;
	v->cost_known = v->cost > 0;
	v->one_call = v->cost == 1;
	v->left = v->cost_known && left > 0 ? left / v->cost : 0;
}

bool strip_fill(struct page *p, const struct connection *c, const struct run_row *rows,
	size_t n, struct strip_view *v, struct err *e)
{
	*v = (struct strip_view){.has_practice = connection_look(c->state)->has_practice};
	if (!runs_calls(p->db, p->who->org_id, &v->used, &v->cost, e))
		return false;
	const struct run_row *run = last_applied(rows, n);
	int64_t troubles = run == NULL ? 0 : run->counts.skipped + run->counts.failed;
	struct connection_health h =
		connection_health(c->state, c->cause, c->last_success_at, troubles, p->now);
	v->word = h.word;
	v->tone = h.tone;
	v->text = h.text;
	if (!review_words(p, &v->text, e))
		return false;
	v->last = page_ago(p, c->last_success_at);
	v->next = page_moment(p, c->next_sync_at);
	fill_counts(p, c, run, v);
	fill_budget(p, v);
	return true;
}
