#include "pages/sync_log.h"

enum { LINES_MAX = 8 };

static const struct tmpl_field line_fields[] = {
	TMPL_FS(struct log_line, at, TMPL_PTR, &moment_shape),
	TMPL_F(struct log_line, words, TMPL_TEXT),
	TMPL_F(struct log_line, link, TMPL_TEXT),
	TMPL_F(struct log_line, by, TMPL_TEXT),
	TMPL_FS(struct log_line, slot, TMPL_PTR, &moment_shape),
	TMPL_FS(struct log_line, link_at, TMPL_PTR, &moment_shape),
};
const struct tmpl_shape log_line_shape = TMPL_SHAPE(struct log_line, line_fields);

struct story {
	struct page *p;
	const struct run_row *r;
	struct log_line lines[LINES_MAX];
	size_t n;
};

static void tell(struct story *s, int64_t at, const char *words)
{
	s->lines[s->n++] = (struct log_line){.at = page_moment(s->p, at), .words = words};
}

static void tell_of(struct story *s, const char *words, int64_t run_id, int64_t started_at)
{
	tell(s, 0, words);
	s->lines[s->n - 1].link = arena_printf(s->p->arena, "/syncs/%lld", (long long)run_id);
	s->lines[s->n - 1].link_at = page_moment(s->p, started_at);
}

static bool is(const struct run_row *r, const char *state)
{
	return strcmp(r->state, state) == 0;
}

static void tell_start(struct story *s)
{
	const struct run_row *r = s->r;
	tell(s, r->started_at,
		arena_printf(s->p->arena, "Started (%s).", run_trigger_text(r->trigger)));
	s->lines[s->n - 1].by = r->asked_by;
	s->lines[s->n - 1].slot = page_moment(s->p, r->slot);
}

static void tell_reading(struct story *s)
{
	const struct run_counts *c = &s->r->counts;
	struct page *p = s->p;
	const struct run_view v = run_view_of(p, s->r);
	if (c->calls == 0) {
		tell(s, 0, "Xero was not asked for anything.");
		return;
	}
	tell(s, 0,
		arena_printf(p->arena, "Made %s to Xero and read %s (%s).",
			str_count(p->arena, c->calls, "call", "calls"), v.seen, v.bytes));
}

static void tell_comparing(struct story *s)
{
	const struct run_counts *c = &s->r->counts;
	struct page *p = s->p;
	int64_t differ = c->added + c->changed + c->archived + c->restored;
	if (!is(s->r, "complete") && !is(s->r, "problems") && !is(s->r, "undone"))
		return;
	tell(s, 0,
		arena_printf(p->arena,
			"Compared each with what is stored: %s alike, %s different; %s left out, %s "
			"skipped by a rule, %s without a clear answer.",
			page_number(p, c->unchanged), page_number(p, differ),
			str_count(p->arena, c->prospects, "prospect", "prospects"),
			page_number(p, c->skipped), page_number(p, c->failed)));
}

/*
 * The limit on how much one run may take away: a run over it is held until an admin decides.
 * The words are those of the review page.
 */
static void tell_brakes(struct story *s)
{
	int64_t n = s->r->counts.would_go;
	bool held = is(s->r, "held") || is(s->r, "discarded") || is(s->r, "replaced");
	if (held && s->r->cause_text != NULL)
		tell(s, 0, s->r->cause_text);
	if (held || n == 0)
		return;
	tell(s, 0,
		arena_printf(s->p->arena,
			"%s would be archived or blanked: within the limit, or let pass by an admin.",
			str_count(s->p->arena, n, "client", "clients")));
}

static const char *end_words(struct story *s)
{
	const struct run_counts *c = &s->r->counts;
	struct page *p = s->p;
	if (is(s->r, "held"))
		return "Held until an admin decides.";
	if (is(s->r, "discarded"))
		return "An admin discarded it. Nothing was applied.";
	if (is(s->r, "replaced"))
		return "A newer sync replaced it. Nothing was applied.";
	if (!is(s->r, "complete") && !is(s->r, "problems") && !is(s->r, "undone"))
		return arena_printf(p->arena, "Ended: %s. Nothing was applied.%s%s",
			run_state_text(s->r->state), s->r->cause_text == NULL ? "" : " ",
			s->r->cause_text == NULL ? "" : s->r->cause_text);
	if (c->added + c->changed + c->archived + c->restored == 0)
		return "Nothing differed, so nothing was written.";
	return arena_printf(p->arena,
		"Applied all at once: %s new, %s updated, %s archived, %s restored.%s",
		page_number(p, c->added), page_number(p, c->changed),
		page_number(p, c->archived), page_number(p, c->restored),
		is(s->r, "undone") ? " It was undone later." : "");
}

/* For a repeated run, the run before it; for a failed run, the next one. */
static bool tell_neighbours(struct story *s, bool before, struct err *e)
{
	struct page *p = s->p;
	const struct run_row *rows;
	struct run_next next;
	size_t n;
	if (before) {
		if (strcmp(s->r->trigger, "retry") != 0)
			return true;
		if (!runs_list(p->db, p->arena, p->who->org_id, NULL, s->r->run_id, 1, &rows,
			    &n, e))
			return false;
		if (n > 0)
			tell_of(s, "Repeats the sync of", rows[0].run_id, rows[0].started_at);
		return true;
	}
	if (!is(s->r, "failed") && !is(s->r, "interrupted"))
		return true;
	if (!runs_next(p->db, p->who->org_id, s->r->run_id, &next, e))
		return false;
	if (next.run_id != 0)
		tell_of(s, "Tried again by the sync of", next.run_id, next.started_at);
	return true;
}

const char *log_words(struct page *p, const struct log_line *l)
{
	struct buf b;
	buf_init(&b, p->arena, 4096);
	buf_adds(&b, l->words);
	if (l->slot != NULL)
		buf_printf(&b, " Planned for %s.", l->slot->text);
	if (l->by != NULL)
		buf_printf(&b, " Asked for by %s.", l->by);
	if (l->link_at != NULL)
		buf_printf(&b, " %s", l->link_at->text);
	return b.data;
}

bool log_fill(struct page *p, const struct run_row *r, struct tmpl_list *lines_r, struct err *e)
{
	struct story *s = arena_new_of(p->arena, struct story);
	s->p = p;
	s->r = r;
	if (!tell_neighbours(s, true, e))
		return false;
	tell_start(s);
	if (r->ended_at != 0) {
		tell_reading(s);
		tell_comparing(s);
		tell_brakes(s);
		tell(s, r->ended_at, end_words(s));
		if (!tell_neighbours(s, false, e))
			return false;
	}
	*lines_r = (struct tmpl_list){s->lines, s->n};
	return true;
}
