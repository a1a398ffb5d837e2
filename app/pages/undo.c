#include "pages/undo.h"

#include "pages/chrome.h"
#include "store/undo.h"

enum { NAMES_SHOWN = 20 };

struct name_view {
	int64_t client_id;
	const char *name, *what;
};
static const struct tmpl_field name_fields[] = {
	TMPL_F(struct name_view, client_id, TMPL_INT),
	TMPL_F(struct name_view, name, TMPL_TEXT),
	TMPL_F(struct name_view, what, TMPL_TEXT),
};
static const struct tmpl_shape name_shape = TMPL_SHAPE(struct name_view, name_fields);

struct undo_view {
	const char *csrf, *why, *by;
	const struct moment *started, *undone_on;
	int64_t run_id, total, added, archived, restored, changed, since, more, since_more,
		by_run, put_back, left_alone, held;
	bool ask, busy, undone, nothing, one;
	struct tmpl_list back, left;
};
static const struct tmpl_field undo_fields[] = {
	TMPL_F(struct undo_view, csrf, TMPL_TEXT),
	TMPL_FS(struct undo_view, started, TMPL_PTR, &moment_shape),
	TMPL_F(struct undo_view, why, TMPL_TEXT),
	TMPL_F(struct undo_view, by, TMPL_TEXT),
	TMPL_FS(struct undo_view, undone_on, TMPL_PTR, &moment_shape),
	TMPL_F(struct undo_view, run_id, TMPL_INT),
	TMPL_F(struct undo_view, total, TMPL_INT),
	TMPL_F(struct undo_view, one, TMPL_BOOL),
	TMPL_F(struct undo_view, added, TMPL_INT),
	TMPL_F(struct undo_view, archived, TMPL_INT),
	TMPL_F(struct undo_view, restored, TMPL_INT),
	TMPL_F(struct undo_view, changed, TMPL_INT),
	TMPL_F(struct undo_view, since, TMPL_INT),
	TMPL_F(struct undo_view, more, TMPL_INT),
	TMPL_F(struct undo_view, since_more, TMPL_INT),
	TMPL_F(struct undo_view, by_run, TMPL_INT),
	TMPL_F(struct undo_view, put_back, TMPL_INT),
	TMPL_F(struct undo_view, left_alone, TMPL_INT),
	TMPL_F(struct undo_view, held, TMPL_INT),
	TMPL_F(struct undo_view, ask, TMPL_BOOL),
	TMPL_F(struct undo_view, busy, TMPL_BOOL),
	TMPL_F(struct undo_view, undone, TMPL_BOOL),
	TMPL_F(struct undo_view, nothing, TMPL_BOOL),
	TMPL_FS(struct undo_view, back, TMPL_LIST, &name_shape),
	TMPL_FS(struct undo_view, left, TMPL_LIST, &name_shape),
};
const struct tmpl_shape undo_shape = TMPL_SHAPE(struct undo_view, undo_fields);

static const struct tmpl_field hook_fields[] = {
	TMPL_F(struct undo_hook, csrf, TMPL_TEXT),
	TMPL_F(struct undo_hook, run_id, TMPL_INT),
	TMPL_F(struct undo_hook, by_run, TMPL_INT),
	TMPL_F(struct undo_hook, held, TMPL_INT),
	TMPL_F(struct undo_hook, met_held, TMPL_INT),
	TMPL_F(struct undo_hook, offer, TMPL_BOOL),
	TMPL_F(struct undo_hook, undone, TMPL_BOOL),
	TMPL_F(struct undo_hook, asked, TMPL_BOOL),
	TMPL_F(struct undo_hook, can_lift, TMPL_BOOL),
};
const struct tmpl_shape undo_hook_shape = TMPL_SHAPE(struct undo_hook, hook_fields);

static const char *address(struct page *p, int64_t run_id, const char *below)
{
	return arena_printf(p->arena, "/syncs/%lld%s", (long long)run_id, below);
}

static bool read_run(struct page *p, int64_t run_id, struct undo_run *r, struct err *e)
{
	return undo_run(p->db, p->who->org_id, run_id,
		conf_int(p->site->conf, CONF_RETENTION_DAYS), r, e);
}

bool undo_hook(struct page *p, int64_t run_id, struct undo_hook *hook_r, struct err *e)
{
	struct undo_run r;
	if (!read_run(p, run_id, &r, e))
		return false;
	*hook_r = (struct undo_hook){
		.csrf = chrome_csrf(p),
		.run_id = run_id,
		.by_run = r.by_run,
		.held = r.held,
		.met_held = r.met_held,
		.offer = page_is_admin(p) && !r.asked && undo_refusal(&r) == NULL,
		.undone = r.by_run != 0,
		.asked = r.asked && r.by_run == 0,
		.can_lift = page_is_admin(p) && r.held > 0,
	};
	return true;
}

static const char *words_of(const char *what)
{
	static const char *const words[][2] = {
		{"added", "Will be archived, since that sync added it"},
		{"archived", "Will be live again"},
		{"restored", "Will be archived again"},
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i][0], what) == 0)
			return words[i][1];
	return "Its details go back to what they were";
}

static bool fill_names(
	struct page *p, int64_t run_id, bool since, struct tmpl_list *list_r, struct err *e)
{
	const struct undo_row *rows;
	size_t n;
	if (!undo_names(
		    p->db, p->arena, p->who->org_id, run_id, since, NAMES_SHOWN, &rows, &n, e))
		return false;
	struct name_view *views = arena_array(p->arena, struct name_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct name_view){
			rows[i].client_id, rows[i].name, words_of(rows[i].what)};
	*list_r = (struct tmpl_list){views, n};
	return true;
}

static bool fill_preview(struct page *p, struct undo_view *v, struct err *e)
{
	struct undo_counts c;
	if (!undo_counts(p->db, p->who->org_id, v->run_id, &c, e) ||
		!fill_names(p, v->run_id, false, &v->back, e) ||
		!fill_names(p, v->run_id, true, &v->left, e))
		return false;
	v->added = c.added;
	v->archived = c.archived;
	v->restored = c.restored;
	v->changed = c.changed;
	v->since = c.since;
	v->total = c.added + c.archived + c.restored + c.changed;
	v->one = v->total == 1;
	v->more = v->total - (int64_t)v->back.n;
	v->since_more = v->since - (int64_t)v->left.n;
	v->ask = v->total > 0;
	v->nothing = v->total == 0;
	return true;
}

static const char *status_key(struct page *p, const struct undo_run *r)
{
	return arena_printf(p->arena, "%s:%d:%lld", r->state, r->asked, (long long)r->by_run);
}

static void watch(struct page *p, const struct undo_run *r, int64_t run_id)
{
	p->poll = address(p, run_id, "/undo/status");
	p->poll_key = status_key(p, r);
	p->poll_s = 1;
	p->refresh_s = 3;
	p->refresh_to = address(p, run_id, "/undo");
}

bool undo_show(struct page *p, struct err *e)
{
	struct undo_run r;
	int64_t run_id = p->q->id_param;
	if (!read_run(p, run_id, &r, e))
		return false;
	struct undo_view v = {
		.csrf = chrome_csrf(p),
		.run_id = run_id,
		.started = page_moment(p, r.started_at),
		.undone = r.by_run != 0,
		.busy = r.asked && r.by_run == 0,
		.by = r.by_name,
		.by_run = r.by_run,
		.undone_on = page_moment(p, r.undone_at),
		.put_back = r.put_back,
		.left_alone = r.left_alone,
		.held = r.held,
	};
	if (!v.undone && !v.busy)
		v.why = undo_refusal(&r);
	if (v.busy)
		watch(p, &r, run_id);
	else if (!v.undone && v.why == NULL && !fill_preview(p, &v, e))
		return false;
	p->title = "Undo a sync";
	p->section = "syncs";
	return page_show(p, TEMPLATE_UNDO, &v, 200, e);
}

bool undo_status(struct page *p, struct err *e)
{
	struct undo_run r;
	return read_run(p, p->q->id_param, &r, e) && page_key(p, status_key(p, &r));
}

bool undo_post(struct page *p, struct err *e)
{
	struct undo_run r;
	struct undo_counts c;
	bool added = false;
	int64_t run_id = p->q->id_param;
	const char *own = address(p, run_id, "/undo");
	if (!read_run(p, run_id, &r, e))
		return false;
	const char *why = undo_refusal(&r);
	if (why != NULL)
		return err_set(e, ERR_CONFLICT, "%s", why);
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!undo_counts(p->db, p->who->org_id, run_id, &c, e))
		return false;
	if (c.added + c.archived + c.restored + c.changed == 0)
		return err_set(e, ERR_CONFLICT,
			"Every client of this sync has changed again since, so there is nothing"
			" to undo.");
	if (!undo_ask(p->db, p->who->org_id, run_id, p->who->user_id, p->who->name, &added, e))
		return false;
	if (!added)
		return err_set(e, ERR_CONFLICT,
			"A sync is being undone already. Wait until that has ended.");
	return page_go_with(p, own, "info", "The undo has started.", e) &&
	       page_audit(p, "sync.undo_asked", "ok", own, e) && pg_commit(p->db, e);
}

static bool lifted(struct page *p, const char *to, int64_t n, struct err *e)
{
	const char *words =
		n == 0	 ? "Nothing is held here any more."
		: n == 1 ? "The hold is lifted. The next sync brings the client up to date."
			 : arena_printf(p->arena,
				   "The hold of %s clients is lifted. The next sync brings them"
				   " up to date.",
				   page_number(p, n));
	return page_go_with(p, to, n == 0 ? "info" : "success", words, e) &&
	       page_audit(p, "hold.lifted", "ok",
		       arena_printf(p->arena, "%s, %s", to, page_number(p, n)), e) &&
	       pg_commit(p->db, e);
}

bool lift_all(struct page *p, struct err *e)
{
	struct undo_run r;
	int64_t n = 0, run_id = p->q->id_param;
	if (!read_run(p, run_id, &r, e))
		return false;
	return pg_begin(p->db, p->who->org_id, e) &&
	       hold_lift(p->db, p->who->org_id, 0, r.by_run != 0 ? r.by_run : run_id, &n, e) &&
	       lifted(p, address(p, run_id, ""), n, e);
}

bool lift_one(struct page *p, struct err *e)
{
	int64_t n = 0, run_id = 0, id = p->q->id_param;
	if (!hold_of(p->db, p->who->org_id, id, &run_id, e))
		return false;
	return pg_begin(p->db, p->who->org_id, e) &&
	       hold_lift(p->db, p->who->org_id, id, 0, &n, e) &&
	       lifted(p, arena_printf(p->arena, "/clients/%lld", (long long)id), n, e);
}
