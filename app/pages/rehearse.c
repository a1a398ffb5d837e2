#include "pages/rehearse.h"

#include "pages/chrome.h"
#include "store/rehearse.h"

struct line_view {
	const char *what, *says;
	bool ok;
};
static const struct tmpl_field line_fields[] = {
	TMPL_F(struct line_view, what, TMPL_TEXT),
	TMPL_F(struct line_view, says, TMPL_TEXT),
	TMPL_F(struct line_view, ok, TMPL_BOOL),
};
static const struct tmpl_shape line_shape = TMPL_SHAPE(struct line_view, line_fields);

struct rehearse_view {
	const char *csrf, *by, *wait;
	const struct moment *at;
	bool busy, done, passed, can_ask;
	struct tmpl_list lines;
};
static const struct tmpl_field rehearse_fields[] = {
	TMPL_F(struct rehearse_view, csrf, TMPL_TEXT),
	TMPL_FS(struct rehearse_view, at, TMPL_PTR, &moment_shape),
	TMPL_F(struct rehearse_view, by, TMPL_TEXT),
	TMPL_F(struct rehearse_view, wait, TMPL_TEXT),
	TMPL_F(struct rehearse_view, busy, TMPL_BOOL),
	TMPL_F(struct rehearse_view, done, TMPL_BOOL),
	TMPL_F(struct rehearse_view, passed, TMPL_BOOL),
	TMPL_F(struct rehearse_view, can_ask, TMPL_BOOL),
	TMPL_FS(struct rehearse_view, lines, TMPL_LIST, &line_shape),
};
const struct tmpl_shape rehearse_shape = TMPL_SHAPE(struct rehearse_view, rehearse_fields);

static const char *wait_words(struct page *p, int64_t s)
{
	return s <= 0 ? NULL
		      : arena_printf(p->arena, "%lld:%02lld", (long long)(s / 60),
				(long long)(s % 60));
}

static bool fill_lines(struct page *p, struct rehearse_view *v, struct err *e)
{
	const struct rehearse_line *rows;
	size_t n;
	if (!rehearse_lines(p->db, p->arena, p->who->org_id, &rows, &n, e))
		return false;
	struct line_view *views = arena_array(p->arena, struct line_view, n);
	v->passed = n > 0;
	for (size_t i = 0; i < n; i++) {
		views[i] = (struct line_view){rows[i].what, rows[i].says, rows[i].ok};
		v->passed = v->passed && rows[i].ok;
	}
	v->lines = (struct tmpl_list){views, n};
	return true;
}

static const char *key_of(struct page *p, const struct rehearsal *r)
{
	return arena_printf(
		p->arena, "%lld:%lld", (long long)r->asked_at, (long long)r->ended_at);
}

bool rehearse_show(struct page *p, struct err *e)
{
	struct rehearsal r;
	if (!rehearse_get(p->db, p->who->org_id, &r, e))
		return false;
	struct rehearse_view v = {.csrf = chrome_csrf(p),
		.at = page_ago(p, r.asked_at),
		.by = r.by,
		.wait = wait_words(p, r.wait_s),
		.busy = r.any && r.ended_at == 0,
		.done = r.any && r.ended_at != 0,
		.can_ask = r.wait_s == 0};
	if (v.done && !fill_lines(p, &v, e))
		return false;
	if (v.busy) {
		p->poll = REHEARSE_PATH "/status";
		p->poll_key = key_of(p, &r);
		p->poll_s = 1;
		p->refresh_s = 3;
		p->refresh_to = REHEARSE_PATH;
	}
	p->title = "Test the connection";
	p->section = "settings";
	return page_show(p, TEMPLATE_REHEARSE, &v, 200, e);
}

bool rehearse_status(struct page *p, struct err *e)
{
	struct rehearsal r;
	return rehearse_get(p->db, p->who->org_id, &r, e) && page_key(p, key_of(p, &r));
}

bool rehearse_post(struct page *p, struct err *e)
{
	bool asked = false;
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!rehearse_ask(p->db, p->who->org_id, p->who->name, &asked, e))
		return false;
	if (!asked) {
		pg_rollback(p->db);
		return page_go_with(p, REHEARSE_PATH, "info",
			"The connection was tested a moment ago. Wait five minutes between"
			" two tests.",
			e);
	}
	return page_go(p, REHEARSE_PATH) && page_audit(p, "connect.tested", "ok", "", e) &&
	       pg_commit(p->db, e);
}
