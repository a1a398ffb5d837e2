#include "pages/forget.h"

#include "pages/chrome.h"
#include "store/clients.h"
#include "store/privacy.h"

enum { DELETED_PAGE = 50 };

struct forget_view {
	const char *csrf, *name;
	int64_t client_id, contacts, shared, changes;
	bool synced, to_fix, asked;
};
static const struct tmpl_field forget_fields[] = {
	TMPL_F(struct forget_view, csrf, TMPL_TEXT),
	TMPL_F(struct forget_view, name, TMPL_TEXT),
	TMPL_F(struct forget_view, client_id, TMPL_INT),
	TMPL_F(struct forget_view, contacts, TMPL_INT),
	TMPL_F(struct forget_view, shared, TMPL_INT),
	TMPL_F(struct forget_view, changes, TMPL_INT),
	TMPL_F(struct forget_view, synced, TMPL_BOOL),
	TMPL_F(struct forget_view, to_fix, TMPL_BOOL),
	TMPL_F(struct forget_view, asked, TMPL_BOOL),
};
const struct tmpl_shape forget_shape = TMPL_SHAPE(struct forget_view, forget_fields);

struct stone_view {
	const char *csrf, *xpm_id, *by;
	const struct moment *deleted;
	int64_t tombstone_id;
};
static const struct tmpl_field stone_fields[] = {
	TMPL_F(struct stone_view, csrf, TMPL_TEXT),
	TMPL_F(struct stone_view, xpm_id, TMPL_TEXT),
	TMPL_FS(struct stone_view, deleted, TMPL_PTR, &moment_shape),
	TMPL_F(struct stone_view, by, TMPL_TEXT),
	TMPL_F(struct stone_view, tombstone_id, TMPL_INT),
};
static const struct tmpl_shape stone_shape = TMPL_SHAPE(struct stone_view, stone_fields);

struct deleted_view {
	int64_t older;
	bool newest;
	struct tmpl_list stones;
};
static const struct tmpl_field deleted_fields[] = {
	TMPL_F(struct deleted_view, older, TMPL_INT),
	TMPL_F(struct deleted_view, newest, TMPL_BOOL),
	TMPL_FS(struct deleted_view, stones, TMPL_LIST, &stone_shape),
};
const struct tmpl_shape deleted_shape = TMPL_SHAPE(struct deleted_view, deleted_fields);

const struct field deleted_query[DELETED__MAX] = {
	[DELETED_BEFORE] = {"before", FIELD_ID, false, 0, 0, "the place in the list", NULL},
};

bool forget_show(struct page *p, struct err *e)
{
	struct client_view c;
	struct privacy_counts n;
	int64_t org = p->who->org_id, id = p->q->id_param;
	struct forget_view v = {.csrf = chrome_csrf(p), .client_id = id};
	if (!clients_get(p->db, p->arena, org, id, &c, e) || !privacy_may(p->db, org, id, e) ||
		!privacy_counts(p->db, org, id, &n, e) ||
		!privacy_asked(p->db, org, id, &v.asked, e))
		return false;
	v.name = c.name;
	v.synced = c.synced;
	v.contacts = n.contacts;
	v.shared = n.shared;
	v.changes = n.changes;
	v.to_fix = n.to_fix;
	p->title = "Delete for good";
	p->section = "clients";
	return page_show(p, TEMPLATE_FORGET, &v, 200, e);
}

bool forget_post(struct page *p, struct err *e)
{
	bool added = false;
	int64_t org = p->who->org_id, id = p->q->id_param;
	return pg_begin(p->db, org, e) && privacy_may(p->db, org, id, e) &&
	       privacy_ask(p->db, org, id, p->who->user_id, p->who->name, &added, e) &&
	       page_go_with(p, "/clients", "success",
		       "The client is being deleted for good. A notification tells you when it is "
		       "done.",
		       e) &&
	       page_audit(p, "privacy.asked", "ok",
		       arena_printf(p->arena, "/clients/%lld", (long long)id), e) &&
	       pg_commit(p->db, e);
}

bool deleted_show(struct page *p, struct err *e)
{
	const struct tombstone *rows;
	size_t n;
	struct deleted_view v = {.newest = p->f.number[DELETED_BEFORE] != 0};
	if (!tombstones_list(p->db, p->arena, p->who->org_id, p->f.number[DELETED_BEFORE],
		    DELETED_PAGE + 1, &rows, &n, e))
		return false;
	size_t shown = n > DELETED_PAGE ? DELETED_PAGE : n;
	struct stone_view *views = arena_array(p->arena, struct stone_view, shown);
	for (size_t i = 0; i < shown; i++)
		views[i] = (struct stone_view){.csrf = chrome_csrf(p),
			.xpm_id = rows[i].xpm_id,
			.deleted = page_ago(p, rows[i].deleted_at),
			.by = rows[i].by_name,
			.tombstone_id = rows[i].tombstone_id};
	v.stones = (struct tmpl_list){views, shown};
	v.older = n > shown ? rows[shown - 1].tombstone_id : 0;
	p->title = "Deleted for good";
	p->section = "clients";
	return page_show(p, TEMPLATE_DELETED, &v, 200, e);
}

bool deleted_allow(struct page *p, struct err *e)
{
	return pg_begin(p->db, p->who->org_id, e) &&
	       tombstones_allow(p->db, p->who->org_id, p->q->id_param, e) &&
	       page_go_with(p, "/clients/deleted", "success",
		       "Allowed again. If Xero Practice Manager still has the client, the next sync "
		       "brings it in.",
		       e) &&
	       page_audit(p, "privacy.allowed", "ok",
		       arena_printf(p->arena, "tombstone %lld", (long long)p->q->id_param),
		       e) &&
	       pg_commit(p->db, e);
}
