#include "pages/chrome.h"
#include "pages/match.h"
#include "store/clients.h"
#include "store/connections.h"
#include "store/match.h"

struct hit_view {
	int64_t twin_id;
	const char *twin, *twin_contact, *twin_email;
};
static const struct tmpl_field hit_fields[] = {
	TMPL_F(struct hit_view, twin_id, TMPL_INT),
	TMPL_F(struct hit_view, twin, TMPL_TEXT),
	TMPL_F(struct hit_view, twin_contact, TMPL_TEXT),
	TMPL_F(struct hit_view, twin_email, TMPL_EMAIL),
};
static const struct tmpl_shape hit_shape = TMPL_SHAPE(struct hit_view, hit_fields);

struct find_view {
	const char *csrf, *name, *words;
	int64_t client_id;
	bool more, nothing;
	struct tmpl_list hits;
};
static const struct tmpl_field find_fields[] = {
	TMPL_F(struct find_view, csrf, TMPL_TEXT),
	TMPL_F(struct find_view, name, TMPL_TEXT),
	TMPL_F(struct find_view, words, TMPL_TEXT),
	TMPL_F(struct find_view, client_id, TMPL_INT),
	TMPL_F(struct find_view, more, TMPL_BOOL),
	TMPL_F(struct find_view, nothing, TMPL_BOOL),
	TMPL_FS(struct find_view, hits, TMPL_LIST, &hit_shape),
};
const struct tmpl_shape match_find_shape = TMPL_SHAPE(struct find_view, find_fields);

const struct field match_find_query[MATCH_FIND__MAX] = {
	[MATCH_WORDS] = {"q", FIELD_TEXT, false, 0, 100, "what to look for", NULL},
};

static bool fill_hits(struct page *p, struct find_view *v, struct err *e)
{
	struct client_page found;
	const struct client_query q = {.words = v->words};
	if (!clients_page(p->db, p->arena, p->who->org_id, &q, &found, e))
		return false;
	struct hit_view *hits = arena_array(p->arena, struct hit_view, found.n);
	size_t n = 0;
	for (size_t i = 0; i < found.n; i++) {
		const struct client_row *r = &found.rows[i];
		if (r->view_only)
			hits[n++] = (struct hit_view){
				r->client_id, r->name, r->contact_name, r->email};
	}
	v->hits = (struct tmpl_list){hits, n};
	v->nothing = n == 0;
	v->more = found.more_after;
	return true;
}

bool match_find(struct page *p, struct err *e)
{
	struct client_view c;
	if (!clients_get(p->db, p->arena, p->who->org_id, p->q->id_param, &c, e))
		return false;
	if (c.synced)
		return err_set(e, ERR_CONFLICT,
			"This client comes from Xero Practice Manager already, so there is"
			" nothing to match.");
	struct find_view v = {.csrf = chrome_csrf(p),
		.client_id = c.client_id,
		.name = c.name,
		.words = p->f.ok && *p->f.text[MATCH_WORDS] != '\0' ? p->f.text[MATCH_WORDS]
								    : c.name};
	if (!fill_hits(p, &v, e))
		return false;
	p->title = "Match to an XPM client";
	p->section = "settings";
	return page_show(p, TEMPLATE_MATCH_FIND, &v, 200, e);
}

static const struct tmpl_field hook_fields[] = {
	TMPL_F(struct match_hook, csrf, TMPL_TEXT),
	TMPL_F(struct match_hook, other, TMPL_TEXT),
	TMPL_F(struct match_hook, why, TMPL_TEXT),
	TMPL_F(struct match_hook, by, TMPL_TEXT),
	TMPL_FS(struct match_hook, at, TMPL_PTR, &moment_shape),
	TMPL_F(struct match_hook, client_id, TMPL_INT),
	TMPL_F(struct match_hook, pair_id, TMPL_INT),
	TMPL_F(struct match_hook, other_id, TMPL_INT),
	TMPL_F(struct match_hook, is_admin, TMPL_BOOL),
	TMPL_F(struct match_hook, can_match, TMPL_BOOL),
	TMPL_F(struct match_hook, can_join, TMPL_BOOL),
	TMPL_F(struct match_hook, offered, TMPL_BOOL),
	TMPL_F(struct match_hook, apart, TMPL_BOOL),
	TMPL_F(struct match_hook, goes_on, TMPL_BOOL),
	TMPL_F(struct match_hook, matched, TMPL_BOOL),
	TMPL_F(struct match_hook, gone, TMPL_BOOL),
	TMPL_F(struct match_hook, survivor, TMPL_BOOL),
};
const struct tmpl_shape match_hook_shape = TMPL_SHAPE(struct match_hook, hook_fields);

bool match_hook(struct page *p, const struct client_view *c, bool connected,
	struct match_hook *h_r, struct err *e)
{
	struct pair_row r = {.pair_id = 0};
	bool by_hand = !c->synced && c->archived_at == 0;
	if (c->paired && !pair_of_client(p->db, p->who->org_id, c->client_id, &r, e))
		return false;
	bool stays = r.stays_id == c->client_id;
	bool joined = r.pair_id != 0 && str_is(str_of(r.state), "joined");
	*h_r = (struct match_hook){
		.csrf = chrome_csrf(p),
		.client_id = c->client_id,
		.pair_id = r.pair_id,
		.other = stays ? r.goes : r.stays,
		.other_id = r.rejoin ? (stays ? r.goes_id : r.stays_id) : 0,
		.why = match_reason_text(r.reason),
		.by = r.by,
		.at = page_moment(p, r.at),
		.is_admin = page_is_admin(p),
		.can_match = page_is_admin(p) && by_hand && connected && r.pair_id == 0,
		.can_join = r.connected,
		.offered = r.pair_id != 0 && str_is(str_of(r.state), "offered") &&
			   page_is_admin(p),
		.apart = r.pair_id != 0 && page_is_admin(p) &&
			 (str_is(str_of(r.state), "refused") ||
				 str_is(str_of(r.state), "parted")),
		.goes_on = r.pair_id != 0 && (str_is(str_of(r.state), "asked") ||
						     str_is(str_of(r.state), "parting")),
		.matched = joined && !r.rejoin,
		.gone = joined && r.rejoin && !stays,
		.survivor = joined && r.rejoin && stays,
	};
	return true;
}
