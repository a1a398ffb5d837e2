#include "pages/preview.h"

#include "core/client.h"
#include "pages/chrome.h"
#include "pages/integrations.h"
#include "store/connections.h"
#include "store/preview.h"

struct sample_view {
	const char *name, *contact, *email, *phone;
	bool archived;
};
static const struct tmpl_field sample_fields[] = {
	TMPL_F(struct sample_view, name, TMPL_TEXT),
	TMPL_F(struct sample_view, contact, TMPL_TEXT),
	TMPL_F(struct sample_view, email, TMPL_EMAIL),
	TMPL_F(struct sample_view, phone, TMPL_TEXT),
	TMPL_F(struct sample_view, archived, TMPL_BOOL),
};
static const struct tmpl_shape sample_shape = TMPL_SHAPE(struct sample_view, sample_fields);

struct left_view {
	const char *name, *rule;
};
static const struct tmpl_field left_fields[] = {
	TMPL_F(struct left_view, name, TMPL_TEXT),
	TMPL_F(struct left_view, rule, TMPL_TEXT),
};
static const struct tmpl_shape left_shape = TMPL_SHAPE(struct left_view, left_fields);

struct preview_view {
	const char *csrf, *practice, *why;
	const struct moment *until;
	int64_t clients, archived, contacts, prospects, matches, skipped, flagged, more_left;
	bool reading, ready, failed, none;
	struct tmpl_list sample, left;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct preview_view, csrf, TMPL_TEXT),
	TMPL_F(struct preview_view, practice, TMPL_TEXT),
	TMPL_FS(struct preview_view, until, TMPL_PTR, &moment_shape),
	TMPL_F(struct preview_view, why, TMPL_TEXT),
	TMPL_F(struct preview_view, clients, TMPL_INT),
	TMPL_F(struct preview_view, archived, TMPL_INT),
	TMPL_F(struct preview_view, contacts, TMPL_INT),
	TMPL_F(struct preview_view, prospects, TMPL_INT),
	TMPL_F(struct preview_view, matches, TMPL_INT),
	TMPL_F(struct preview_view, skipped, TMPL_INT),
	TMPL_F(struct preview_view, flagged, TMPL_INT),
	TMPL_F(struct preview_view, more_left, TMPL_INT),
	TMPL_F(struct preview_view, reading, TMPL_BOOL),
	TMPL_F(struct preview_view, ready, TMPL_BOOL),
	TMPL_F(struct preview_view, failed, TMPL_BOOL),
	TMPL_F(struct preview_view, none, TMPL_BOOL),
	TMPL_FS(struct preview_view, sample, TMPL_LIST, &sample_shape),
	TMPL_FS(struct preview_view, left, TMPL_LIST, &left_shape),
};
const struct tmpl_shape preview_shape = TMPL_SHAPE(struct preview_view, view_fields);

static const char *const choices[] = {"import", "cancel", "again", NULL};
enum { CHOICE_IMPORT, CHOICE_CANCEL, CHOICE_AGAIN };
const struct field preview_fields[FIRST_PREVIEW__MAX] = {
	[FIRST_PREVIEW_CHOICE] = {"choice", FIELD_CHOICE, true, 0, 0, "an answer", choices},
};

static bool fill_lists(struct page *p, struct preview_view *v, struct err *e)
{
	const struct preview_client *clients;
	const struct preview_skip *skips;
	size_t n_clients, n_skips;
	if (!preview_sample(p->db, p->arena, p->who->org_id, &clients, &n_clients, e) ||
		!preview_skips(p->db, p->arena, p->who->org_id, &skips, &n_skips, e))
		return false;
	struct sample_view *sample = arena_array(p->arena, struct sample_view, n_clients);
	for (size_t i = 0; i < n_clients; i++)
		sample[i] = (struct sample_view){clients[i].name, clients[i].contact,
			clients[i].email, clients[i].phone, clients[i].archived};
	struct left_view *left = arena_array(p->arena, struct left_view, n_skips);
	for (size_t i = 0; i < n_skips; i++)
		left[i] = (struct left_view){skips[i].name, client_rule_text(skips[i].rule)};
	v->sample = (struct tmpl_list){sample, n_clients};
	v->left = (struct tmpl_list){left, n_skips};
	v->more_left = v->skipped - (int64_t)n_skips;
	return true;
}

static const char *key_of(struct page *p, const struct preview *r)
{
	return arena_printf(p->arena, "%lld:%d%d%d", (long long)r->attempt_id, r->open,
		r->ready, r->failed);
}

static void watch(struct page *p, const struct preview *r)
{
	p->poll = PREVIEW_PATH "/status";
	p->poll_key = key_of(p, r);
	p->poll_s = 1;
	p->refresh_s = 3;
	p->refresh_to = PREVIEW_PATH;
}

bool preview_show(struct page *p, struct err *e)
{
	struct preview r;
	struct connection c;
	if (!preview_get(p->db, p->who->org_id, &r, e) ||
		!connections_get(p->db, p->arena, p->who->org_id, &c, e))
		return false;
	struct preview_view v = {
		.csrf = chrome_csrf(p),
		.practice = c.practice,
		.until = page_moment(p, r.ends_at),
		.why = r.why,
		.clients = r.clients - r.archived,
		.archived = r.archived,
		.contacts = r.contacts,
		.prospects = r.prospects,
		.matches = r.matches,
		.skipped = r.skipped,
		.flagged = r.flagged,
		.reading = r.open && !r.ready && !r.failed,
		.ready = r.ready,
		.failed = r.failed,
		.none = !r.open,
	};
	if (v.reading)
		watch(p, &r);
	if (v.ready && !fill_lists(p, &v, e))
		return false;
	p->title = "Preview of the import";
	p->section = "settings";
	return page_show(p, TEMPLATE_PREVIEW, &v, 200, e);
}

bool preview_status(struct page *p, struct err *e)
{
	struct preview r;
	return preview_get(p->db, p->who->org_id, &r, e) && page_key(p, key_of(p, &r));
}

static bool decide(struct page *p, int64_t choice, struct err *e)
{
	switch (choice) {
	case CHOICE_IMPORT:
		return preview_import(p->db, p->who->org_id, e);
	case CHOICE_CANCEL:
		return preview_cancel(p->db, p->who->org_id, e);
	default:
		return preview_again(p->db, p->who->org_id, e);
	}
}

bool preview_post(struct page *p, struct err *e)
{
	static const char *const home = "/settings/integrations?watch=1";
	if (!p->f.ok)
		return page_go_with(p, PREVIEW_PATH, "error", "Choose Import or Cancel.", e);
	int64_t choice = p->f.number[FIRST_PREVIEW_CHOICE];
	if (!pg_begin(p->db, p->who->org_id, e))
		return false;
	if (!decide(p, choice, e)) {
		const char *why = arena_strdup(p->arena, e->text);
		if (e->kind != ERR_CONFLICT)
			return false;
		pg_rollback(p->db);
		return page_go_with(p, "/settings/integrations", "error", why, e);
	}
	bool ok = choice == CHOICE_CANCEL
			  ? page_go_with(p, "/settings/integrations", "info",
				    "Cancelled. Nothing was imported.", e)
			  : page_go(p, choice == CHOICE_IMPORT ? home : PREVIEW_PATH);
	return ok && page_audit(p, "connect.preview", "ok", choices[choice], e) &&
	       pg_commit(p->db, e);
}
