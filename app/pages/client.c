#include "pages/clients.h"

#include "core/run.h"
#include "pages/chrome.h"
#include "pages/match.h"

enum { HISTORY_PAGE = 50, NAME_LONG = 150 /* bytes; more than a heading shows of a name */ };

struct contact_view {
	const char *name, *email, *phone, *also;
	bool is_primary;
};
static const struct tmpl_field contact_fields[] = {
	TMPL_F(struct contact_view, name, TMPL_TEXT),
	TMPL_F(struct contact_view, email, TMPL_EMAIL),
	TMPL_F(struct contact_view, phone, TMPL_TEXT),
	TMPL_F(struct contact_view, also, TMPL_TEXT),
	TMPL_F(struct contact_view, is_primary, TMPL_BOOL),
};
static const struct tmpl_shape contact_shape = TMPL_SHAPE(struct contact_view, contact_fields);

struct advice_view {
	const char *text;
};
static const struct tmpl_field advice_fields[] = {
	TMPL_F(struct advice_view, text, TMPL_TEXT),
};
static const struct tmpl_shape advice_shape = TMPL_SHAPE(struct advice_view, advice_fields);

struct change_view {
	const char *field, *old, *new;
	const struct moment *at;
	const char *by;
	int64_t run_id;
};
static const struct tmpl_field change_fields[] = {
	TMPL_F(struct change_view, field, TMPL_TEXT),
	TMPL_F(struct change_view, old, TMPL_TEXT),
	TMPL_F(struct change_view, new, TMPL_TEXT),
	TMPL_FS(struct change_view, at, TMPL_PTR, &moment_shape),
	TMPL_F(struct change_view, by, TMPL_TEXT),
	TMPL_F(struct change_view, run_id, TMPL_INT),
};
static const struct tmpl_shape change_shape = TMPL_SHAPE(struct change_view, change_fields);

struct client_page_view {
	const char *csrf, *name, *status, *xpm_id, *web_url, *archived;
	const struct moment *archived_on, *last, *checked;
	int64_t client_id, older, held_run, checked_run;
	int64_t fix_id;
	const char *fix_by;
	bool can_delete, by_hand, check_changed, missing;
	struct tmpl_list advices;
	bool view_only, synced, was_synced, no_primary, editable, archived_by_hand, newest,
		can_lift, kept, long_name;
	struct tmpl_list contacts, changes;
	struct match_hook match;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct client_page_view, csrf, TMPL_TEXT),
	TMPL_F(struct client_page_view, name, TMPL_TEXT),
	TMPL_F(struct client_page_view, status, TMPL_TEXT),
	TMPL_F(struct client_page_view, xpm_id, TMPL_TEXT),
	TMPL_F(struct client_page_view, web_url, TMPL_TEXT),
	TMPL_F(struct client_page_view, archived, TMPL_TEXT),
	TMPL_FS(struct client_page_view, archived_on, TMPL_PTR, &moment_shape),
	TMPL_F(struct client_page_view, fix_by, TMPL_TEXT),
	TMPL_F(struct client_page_view, fix_id, TMPL_INT),
	TMPL_F(struct client_page_view, can_delete, TMPL_BOOL),
	TMPL_F(struct client_page_view, by_hand, TMPL_BOOL),
	TMPL_FS(struct client_page_view, advices, TMPL_LIST, &advice_shape),
	TMPL_FS(struct client_page_view, last, TMPL_PTR, &moment_shape),
	TMPL_FS(struct client_page_view, checked, TMPL_PTR, &moment_shape),
	TMPL_F(struct client_page_view, checked_run, TMPL_INT),
	TMPL_F(struct client_page_view, check_changed, TMPL_BOOL),
	TMPL_F(struct client_page_view, missing, TMPL_BOOL),
	TMPL_F(struct client_page_view, client_id, TMPL_INT),
	TMPL_F(struct client_page_view, older, TMPL_INT),
	TMPL_F(struct client_page_view, held_run, TMPL_INT),
	TMPL_F(struct client_page_view, newest, TMPL_BOOL),
	TMPL_F(struct client_page_view, can_lift, TMPL_BOOL),
	TMPL_F(struct client_page_view, view_only, TMPL_BOOL),
	TMPL_F(struct client_page_view, synced, TMPL_BOOL),
	TMPL_F(struct client_page_view, was_synced, TMPL_BOOL),
	TMPL_F(struct client_page_view, no_primary, TMPL_BOOL),
	TMPL_F(struct client_page_view, editable, TMPL_BOOL),
	TMPL_F(struct client_page_view, archived_by_hand, TMPL_BOOL),
	TMPL_F(struct client_page_view, kept, TMPL_BOOL),
	TMPL_F(struct client_page_view, long_name, TMPL_BOOL),
	TMPL_FS(struct client_page_view, contacts, TMPL_LIST, &contact_shape),
	TMPL_FS(struct client_page_view, changes, TMPL_LIST, &change_shape),
	TMPL_FS(struct client_page_view, match, TMPL_STRUCT, &match_hook_shape),
};
const struct tmpl_shape client_shape = TMPL_SHAPE(struct client_page_view, view_fields);

static void fill_contacts(
	struct page *p, const struct client_view *c, struct client_page_view *v)
{
	struct contact_view *rows = arena_array(p->arena, struct contact_view, c->n_contacts);
	v->no_primary = true;
	for (size_t i = 0; i < c->n_contacts; i++) {
		const struct contact_row *r = &c->contacts[i];
		rows[i] = (struct contact_view){
			r->name, r->email, r->phone, r->also, r->is_primary};
		if (r->is_primary)
			v->no_primary = false;
	}
	v->contacts = (struct tmpl_list){rows, c->n_contacts};
}

/*
 * One sentence per flag. A client without a contact has no e-mail and no primary contact
 * either: this is said once.
 */
static struct tmpl_list advices_of(struct page *p, int flags)
{
	size_t n = 0;
	struct advice_view *views = arena_array(p->arena, struct advice_view, CLIENT_FLAGS);
	if ((flags & CLIENT_NO_CONTACT) != 0)
		flags = CLIENT_NO_CONTACT;
	for (int i = 0; i < CLIENT_FLAGS; i++)
		if ((flags & 1 << i) != 0)
			views[n++].text = client_flag_text(1 << i);
	return (struct tmpl_list){views, n};
}

static void fill_changes(
	struct page *p, const struct client_history *h, struct client_page_view *v)
{
	const struct history_row *rows = h->rows;
	size_t shown = h->n > HISTORY_PAGE ? HISTORY_PAGE : h->n;
	struct change_view *views = arena_array(p->arena, struct change_view, shown);
	for (size_t i = 0; i < shown; i++)
		views[i] = (struct change_view){run_field_text(rows[i].field),
			run_value_text(rows[i].field, rows[i].old),
			run_value_text(rows[i].field, rows[i].new), page_ago(p, rows[i].at),
			rows[i].by_name, rows[i].run_id};
	v->changes = (struct tmpl_list){views, shown};
	v->older = h->n > shown ? rows[shown - 1].change_id : 0;
	v->newest = h->before_id != 0;
}

const struct field client_query[CLIENT_QUERY__MAX] = {
	[CLIENT_BEFORE] = {"before", FIELD_ID, false, 0, 0, "the place in the history", NULL},
};

bool client_show(struct page *p, struct err *e)
{
	struct client_view c;
	struct client_history h = {
		.before_id = p->f.number[CLIENT_BEFORE], .limit = HISTORY_PAGE + 1};
	const struct connection *x = &p->who->xpm;
	if (!clients_get_with(p->db, p->arena, p->who->org_id, p->q->id_param, &c, &h, e))
		return false;
	struct client_page_view v = {
		.csrf = chrome_csrf(p),
		.client_id = c.client_id,
		.name = c.name,
		.long_name = strlen(c.name) > NAME_LONG,
		.status = strcmp(c.status, "prospect") == 0 ? "Prospect" : "Client",
		.xpm_id = c.xpm_id,
		.web_url = c.web_url,
		.archived = c.archived_at == 0 ? NULL : client_archived_text(c.archived_reason),
		.archived_on = page_moment(p, c.archived_at),
		.can_delete = page_is_admin(p) && (c.archived_at != 0 || !c.synced),
		.by_hand = !c.synced,
		.last = page_ago(p, x->last_success_at),
		.checked = c.check_missed ? NULL : page_moment(p, c.checked_at),
		.checked_run = c.checked_run,
		.check_changed = c.check_changed,
		.missing = c.check_missed,
		.view_only = c.view_only,
		.synced = c.synced,
		.was_synced = c.synced && !c.view_only,
		.kept = c.view_only && !connection_look(p->who->xpm.state)->has_practice,
		.editable = !c.view_only,
		.archived_by_hand = c.archived_at != 0 && !c.view_only,
		.held_run = c.held_run,
		.fix_id = c.fix_id,
		.fix_by = c.fix_by,
	};
	fill_contacts(p, &c, &v);
	if (c.view_only)
		v.advices = advices_of(p, c.flags);
	fill_changes(p, &h, &v);
	if (!match_hook(p, &c, connection_look(p->who->xpm.state)->has_practice, &v.match, e))
		return false;
	v.can_lift = v.held_run != 0 && page_is_admin(p);
	p->title = c.name;
	p->section = "clients";
	return page_show(p, TEMPLATE_CLIENT, &v, 200, e);
}
