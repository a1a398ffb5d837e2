#include "pages/review.h"

#include "core/client.h"
#include "pages/chrome.h"
#include "pages/download.h"
#include "store/held.h"
#include "store/jobs.h"

enum { SHOWN_MAX = 500, CSV_MAX = 100000 };

struct held_view {
	int64_t client_id;
	const char *name, *kind, *detail;
};
static const struct tmpl_field held_fields[] = {
	TMPL_F(struct held_view, client_id, TMPL_INT),
	TMPL_F(struct held_view, name, TMPL_TEXT),
	TMPL_F(struct held_view, kind, TMPL_TEXT),
	TMPL_F(struct held_view, detail, TMPL_TEXT),
};
static const struct tmpl_shape held_shape = TMPL_SHAPE(struct held_view, held_fields);

struct review_view {
	const char *csrf, *words;
	const struct moment *started;
	int64_t run_id, live, archive, blank, total;
	bool held, cut, can_decide;
	struct tmpl_list changes;
};
static const struct tmpl_field review_view_fields[] = {
	TMPL_F(struct review_view, csrf, TMPL_TEXT),
	TMPL_F(struct review_view, words, TMPL_TEXT),
	TMPL_FS(struct review_view, started, TMPL_PTR, &moment_shape),
	TMPL_F(struct review_view, run_id, TMPL_INT),
	TMPL_F(struct review_view, live, TMPL_INT),
	TMPL_F(struct review_view, archive, TMPL_INT),
	TMPL_F(struct review_view, blank, TMPL_INT),
	TMPL_F(struct review_view, total, TMPL_INT),
	TMPL_F(struct review_view, held, TMPL_BOOL),
	TMPL_F(struct review_view, cut, TMPL_BOOL),
	TMPL_F(struct review_view, can_decide, TMPL_BOOL),
	TMPL_FS(struct review_view, changes, TMPL_LIST, &held_shape),
};
const struct tmpl_shape review_shape = TMPL_SHAPE(struct review_view, review_view_fields);

static const char *const choices[] = {"apply", "discard", "again", NULL};
const struct field review_fields[REVIEW__MAX] = {
	[REVIEW_RUN] = {"run", FIELD_ID, true, 0, 0, "the sync to decide on", NULL},
	[REVIEW_CHOICE] = {"choice", FIELD_CHOICE, true, 0, 0, "what to do", choices},
};

static const char *kind_words(const char *kind)
{
	return strcmp(kind, "archive") == 0 ? "Would be archived" : "Would lose details";
}

/* Why a client would go; when only details would be lost, there is nothing to add. */
static const char *detail_words(const char *reason)
{
	return *reason == '\0' ? "" : client_archived_words(reason);
}

bool review_words(struct page *p, const char **words_r, struct err *e)
{
	const struct connection *c = &p->who->xpm;
	struct held_run h;
	if (c->state != CONNECTION_HELD)
		return true;
	if (!held_run(p->db, p->who->org_id, &h, e))
		return false;
	if (h.run_id == 0)
		h.what.cause = c->cause;
	*words_r = arena_printf(p->arena, "%s. %s", run_held_words(p->arena, &h.what),
		page_is_admin(p) ? "Review the changes before they are applied."
				 : "An admin has to review the changes.");
	return true;
}

static bool fill_changes(struct page *p, struct review_view *v, struct err *e)
{
	const struct held_row *rows;
	size_t n;
	if (!held_changes(p->db, p->arena, p->who->org_id, v->run_id, SHOWN_MAX, &rows, &n, e))
		return false;
	struct held_view *views = arena_array(p->arena, struct held_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct held_view){rows[i].client_id, rows[i].name,
			kind_words(rows[i].kind), detail_words(rows[i].detail)};
	v->changes = (struct tmpl_list){views, n};
	v->cut = n == SHOWN_MAX;
	return true;
}

bool review_show(struct page *p, struct err *e)
{
	struct held_run h;
	if (!held_run(p->db, p->who->org_id, &h, e))
		return false;
	if (h.what.cause == CAUSE_EDITS)
		return page_go(p, "/settings/integrations/edits");
	struct review_view v = {
		.csrf = chrome_csrf(p),
		.held = h.run_id != 0,
		.run_id = h.run_id,
		.words = run_held_words(p->arena, &h.what),
		.started = page_moment(p, h.started_at),
		.live = h.live,
		.archive = h.what.archive,
		.blank = h.what.blank,
		.total = h.what.archive + h.what.blank,
		.can_decide = page_is_admin(p),
	};
	if (v.held && !fill_changes(p, &v, e))
		return false;
	p->title = "Review changes";
	p->section = "settings";
	return page_show(p, TEMPLATE_REVIEW, &v, 200, e);
}

bool review_post(struct page *p, struct err *e)
{
	struct held_run h;
	bool added;
	if (!held_run(p->db, p->who->org_id, &h, e))
		return false;
	if (!p->f.ok || h.run_id != p->f.number[REVIEW_RUN])
		return page_go_with(p, "/settings/integrations/review", "error",
			"A newer sync has replaced this one.", e);
	const char *choice = p->f.text[REVIEW_CHOICE];
	/* XPM's values win in the end: the edits can only be kept by disconnecting again. */
	if (h.what.cause == CAUSE_EDITS && strcmp(choice, "discard") == 0)
		return err_set(e, ERR_CONFLICT,
			"Edits cannot be kept while connected. Let the sync go on, or disconnect again.");
	const char *payload =
		arena_printf(p->arena, "{\"run\":%lld,\"choice\":\"%s\",\"user\":%lld}",
			(long long)h.run_id, choice, (long long)p->who->user_id);
	const char *single = arena_printf(p->arena, "review:%lld", (long long)p->who->org_id);
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!jobs_add(p->db, p->who->org_id, "review", payload, single, 0, &added, e))
		return false;
	if (!added) {
		pg_rollback(p->db);
		return page_go_with(p, "/settings/integrations?watch=1", "info",
			"Somebody has decided already. It is being carried out.", e);
	}
	return page_audit(p, "review.decided", "ok", choice, e) && pg_commit(p->db, e) &&
	       page_go(p, "/settings/integrations?watch=1");
}

/* Streamed, because a large list does not fit into a response body. */
bool review_csv(struct page *p, struct err *e)
{
	static const char *const heads[] = {"Client", "What would happen", "Detail"};
	struct held_run h;
	const struct held_row *rows;
	struct download o;
	size_t n;
	if (!held_run(p->db, p->who->org_id, &h, e) ||
		!held_changes(
			p->db, p->arena, p->who->org_id, h.run_id, CSV_MAX, &rows, &n, e) ||
		!download_begin(
			&o, p, "review.csv", "review.exported", heads, ARRAY_LEN(heads), e))
		return false;
	for (size_t i = 0; i < n && o.wanted; i++) {
		const char *const cells[] = {
			rows[i].name, kind_words(rows[i].kind), detail_words(rows[i].detail)};
		download_row(&o, cells, ARRAY_LEN(cells));
	}
	return download_end(&o, true, e);
}
