#include "pages/why.h"

#include "pages/chrome.h"
#include "store/clients.h"
#include "store/why.h"

enum { ASK_S = 60, LOST_S = 180 };

struct difference_view {
	const char *what, *who, *ours, *theirs, *reason, *detail;
};
static const struct tmpl_field difference_fields[] = {
	TMPL_F(struct difference_view, what, TMPL_TEXT),
	TMPL_F(struct difference_view, who, TMPL_TEXT),
	TMPL_F(struct difference_view, ours, TMPL_TEXT),
	TMPL_F(struct difference_view, theirs, TMPL_TEXT),
	TMPL_F(struct difference_view, reason, TMPL_TEXT),
	TMPL_F(struct difference_view, detail, TMPL_TEXT),
};
static const struct tmpl_shape difference_shape =
	TMPL_SHAPE(struct difference_view, difference_fields);

struct why_view {
	const char *csrf, *name, *web_url, *error, *none;
	const struct moment *asked;
	int64_t client_id;
	bool asking, same, may_ask, wait;
	struct tmpl_list rows;
};
static const struct tmpl_field why_fields[] = {
	TMPL_F(struct why_view, csrf, TMPL_TEXT),
	TMPL_F(struct why_view, name, TMPL_TEXT),
	TMPL_F(struct why_view, web_url, TMPL_TEXT),
	TMPL_F(struct why_view, error, TMPL_TEXT),
	TMPL_FS(struct why_view, asked, TMPL_PTR, &moment_shape),
	TMPL_F(struct why_view, none, TMPL_TEXT),
	TMPL_F(struct why_view, client_id, TMPL_INT),
	TMPL_F(struct why_view, asking, TMPL_BOOL),
	TMPL_F(struct why_view, same, TMPL_BOOL),
	TMPL_F(struct why_view, may_ask, TMPL_BOOL),
	TMPL_F(struct why_view, wait, TMPL_BOOL),
	TMPL_FS(struct why_view, rows, TMPL_LIST, &difference_shape),
};
const struct tmpl_shape why_shape = TMPL_SHAPE(struct why_view, why_fields);

static const char *address(struct page *p, const char *more)
{
	return arena_printf(p->arena, "/clients/%lld/why%s", (long long)p->q->id_param, more);
}

static const char *key_of(struct page *p, const struct why_answer *w)
{
	return arena_printf(p->arena, "%d:%lld", (int)w->state, (long long)w->asked_at);
}

/* The job died with its worker: the page must not wait for ever. */
static bool is_asking(const struct page *p, const struct why_answer *w)
{
	return w->state == WHY_ASKING && p->now - w->asked_at < LOST_S;
}

static void fill(struct page *p, const struct why_answer *w, struct why_view *v)
{
	struct difference_view *rows = arena_array(p->arena, struct difference_view, w->n);
	for (size_t i = 0; i < w->n; i++)
		rows[i] = (struct difference_view){w->rows[i].what, w->rows[i].who,
			w->rows[i].ours, w->rows[i].theirs, why_text(w->rows[i].reason),
			w->rows[i].detail};
	v->rows = (struct tmpl_list){rows, w->n};
	v->asking = is_asking(p, w);
	v->same = w->state == WHY_DONE && w->n == 0;
	v->none = why_text(WHY_NONE);
	v->error = w->error;
	if (w->state == WHY_ASKING && !v->asking)
		v->error = "Xero was not asked in time. Try again.";
	v->asked = page_ago(p, w->asked_at);
	v->may_ask = !v->asking && p->now - w->asked_at >= ASK_S;
}

static void watch(struct page *p, const struct why_answer *w)
{
	p->poll = address(p, "/status");
	p->poll_key = key_of(p, w);
	p->poll_s = 1;
	p->refresh_s = 2;
	p->refresh_to = address(p, "");
}

bool why_show(struct page *p, struct err *e)
{
	struct client_view c;
	struct why_answer w;
	if (!clients_get(p->db, p->arena, p->who->org_id, p->q->id_param, &c, e) ||
		!why_get(p->db, p->arena, p->who->org_id, c.client_id, &w, e))
		return false;
	struct why_view v = {.csrf = chrome_csrf(p),
		.client_id = c.client_id,
		.name = c.name,
		.web_url = c.web_url};
	fill(p, &w, &v);
	v.wait = !v.asking && !v.may_ask && c.view_only;
	v.may_ask = v.may_ask && c.view_only;
	if (v.asking)
		watch(p, &w);
	p->title = "Why does this differ from XPM?";
	p->section = "clients";
	return page_show(p, TEMPLATE_WHY, &v, 200, e);
}

bool why_status(struct page *p, struct err *e)
{
	struct client_view c;
	struct why_answer w;
	return clients_get(p->db, p->arena, p->who->org_id, p->q->id_param, &c, e) &&
	       why_get(p->db, p->arena, p->who->org_id, c.client_id, &w, e) &&
	       page_key(p, key_of(p, &w));
}

bool why_post(struct page *p, struct err *e)
{
	struct client_view c;
	bool asked = false;
	if (!clients_get(p->db, p->arena, p->who->org_id, p->q->id_param, &c, e))
		return false;
	if (!c.view_only || !connection_runs(p->who->xpm.state, false))
		return err_set(e, ERR_CONFLICT,
			"This client is not synced from Xero Practice Manager at the moment, so "
			"there is nothing to compare it with.");
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!why_ask(p->db, p->arena, p->who->org_id, c.client_id, p->who->user_id, &asked,
			e))
		return false;
	if (asked)
		return page_audit(p, "client.compared", "ok",
			       arena_printf(p->arena, "/clients/%lld", (long long)c.client_id),
			       e) &&
		       pg_commit(p->db, e) && page_go(p, address(p, ""));
	pg_rollback(p->db);
	return page_go_with(p, address(p, ""), "info",
		"Xero was asked about this client less than a minute ago.", e);
}
