#include "pages/match.h"

#include "pages/chrome.h"
#include "store/clients.h"
#include "store/connections.h"
#include "store/match.h"

struct row_view {
	const char *name, *contact, *email, *twin, *twin_contact, *twin_email, *fit;
	int64_t client_id, twin_id;
	bool suggested, asked, failed;
};
static const struct tmpl_field row_fields[] = {
	TMPL_F(struct row_view, name, TMPL_TEXT),
	TMPL_F(struct row_view, contact, TMPL_TEXT),
	TMPL_F(struct row_view, email, TMPL_EMAIL),
	TMPL_F(struct row_view, twin, TMPL_TEXT),
	TMPL_F(struct row_view, twin_contact, TMPL_TEXT),
	TMPL_F(struct row_view, twin_email, TMPL_EMAIL),
	TMPL_F(struct row_view, fit, TMPL_TEXT),
	TMPL_F(struct row_view, client_id, TMPL_INT),
	TMPL_F(struct row_view, twin_id, TMPL_INT),
	TMPL_F(struct row_view, suggested, TMPL_BOOL),
	TMPL_F(struct row_view, asked, TMPL_BOOL),
	TMPL_F(struct row_view, failed, TMPL_BOOL),
};
static const struct tmpl_shape row_shape = TMPL_SHAPE(struct row_view, row_fields);

struct pair_view {
	const char *stays, *goes, *why, *by;
	const struct moment *at;
	int64_t pair_id, stays_id, goes_id;
	bool rejoin, parting, can_join;
};
static const struct tmpl_field pair_view_fields[] = {
	TMPL_F(struct pair_view, stays, TMPL_TEXT),
	TMPL_F(struct pair_view, goes, TMPL_TEXT),
	TMPL_F(struct pair_view, why, TMPL_TEXT),
	TMPL_F(struct pair_view, by, TMPL_TEXT),
	TMPL_FS(struct pair_view, at, TMPL_PTR, &moment_shape),
	TMPL_F(struct pair_view, pair_id, TMPL_INT),
	TMPL_F(struct pair_view, stays_id, TMPL_INT),
	TMPL_F(struct pair_view, goes_id, TMPL_INT),
	TMPL_F(struct pair_view, rejoin, TMPL_BOOL),
	TMPL_F(struct pair_view, parting, TMPL_BOOL),
	TMPL_F(struct pair_view, can_join, TMPL_BOOL),
};
static const struct tmpl_shape pair_shape = TMPL_SHAPE(struct pair_view, pair_view_fields);

struct match_view {
	const char *csrf, *next_from, *all;
	int64_t suggested, next_id, n_offered;
	bool next_rest, hand_tab, gone_tab, connected, busy, empty, none_gone, further, one;
	struct tmpl_list rows, offered, joined;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct match_view, csrf, TMPL_TEXT),
	TMPL_F(struct match_view, next_from, TMPL_TEXT),
	TMPL_F(struct match_view, all, TMPL_TEXT),
	TMPL_F(struct match_view, suggested, TMPL_INT),
	TMPL_F(struct match_view, next_id, TMPL_INT),
	TMPL_F(struct match_view, n_offered, TMPL_INT),
	TMPL_F(struct match_view, next_rest, TMPL_BOOL),
	TMPL_F(struct match_view, hand_tab, TMPL_BOOL),
	TMPL_F(struct match_view, gone_tab, TMPL_BOOL),
	TMPL_F(struct match_view, connected, TMPL_BOOL),
	TMPL_F(struct match_view, busy, TMPL_BOOL),
	TMPL_F(struct match_view, empty, TMPL_BOOL),
	TMPL_F(struct match_view, none_gone, TMPL_BOOL),
	TMPL_F(struct match_view, further, TMPL_BOOL),
	TMPL_F(struct match_view, one, TMPL_BOOL),
	TMPL_FS(struct match_view, rows, TMPL_LIST, &row_shape),
	TMPL_FS(struct match_view, offered, TMPL_LIST, &pair_shape),
	TMPL_FS(struct match_view, joined, TMPL_LIST, &pair_shape),
};
const struct tmpl_shape match_shape = TMPL_SHAPE(struct match_view, view_fields);

static const char *const tabs[] = {"hand", "gone", NULL};
const struct field match_query[MATCH_QUERY__MAX] = {
	[MATCH_TAB] = {"tab", FIELD_CHOICE, false, 0, 0, "a list", tabs},
	[MATCH_AFTER] = {"after", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[MATCH_KEY] = {"from", FIELD_KEY, false, 0, CLIENT_NAME_MAX, "the place in the list",
		NULL},
	[MATCH_REST] = {"rank", FIELD_ID, false, 0, 0, "the place in the list", NULL},
};
static const char *const answers[] = {"same", "different", NULL};
enum { ANSWER_SAME };
const struct field match_fields[MATCH__MAX] = {
	[MATCH_CLIENT] = {"client", FIELD_ID, true, 0, 0, "the client", NULL},
	[MATCH_TWIN] = {"twin", FIELD_ID, true, 0, 0, "the XPM client", NULL},
	[MATCH_CHOICE] = {"choice", FIELD_CHOICE, true, 0, 0, "an answer", answers},
};

static struct match_key key_after(const struct page *p)
{
	return (struct match_key){
		.name = p->f.number[MATCH_AFTER] == 0 ? NULL : p->f.text[MATCH_KEY],
		.client_id = p->f.number[MATCH_AFTER],
		.rest = p->f.number[MATCH_REST] != 0,
	};
}

static bool fill_rows(struct page *p, struct match_view *v, struct err *e)
{
	const struct match_row *rows;
	size_t n;
	int64_t all;
	const struct match_key after = key_after(p);
	if (!match_page(p->db, p->arena, p->who->org_id, &after, &rows, &n, &all, e))
		return false;
	size_t shown = n > MATCH_PAGE ? MATCH_PAGE : n;
	struct row_view *views = arena_array(p->arena, struct row_view, shown);
	for (size_t i = 0; i < shown; i++) {
		const struct match_row *r = &rows[i];
		views[i] = (struct row_view){r->name, r->contact, r->email, r->twin,
			r->twin_contact, r->twin_email, match_fit_text(r->fit), r->client_id,
			r->twin_id, r->fit == MATCH_SUGGESTED, r->asked, r->failed};
		v->busy = v->busy || r->asked;
	}
	v->rows = (struct tmpl_list){views, shown};
	v->empty = n == 0;
	v->further = after.name != NULL;
	v->suggested = all > MATCH_REACH ? MATCH_REACH : all;
	v->all = all > MATCH_REACH ? page_number(p, all) : NULL;
	v->one = v->suggested == 1;
	if (n > shown) {
		v->next_id = rows[shown - 1].client_id;
		v->next_from = rows[shown - 1].name;
		v->next_rest = rows[shown - 1].rest;
	}
	return true;
}

static struct tmpl_list pair_views(struct page *p, const struct pair_row *rows, size_t n)
{
	struct pair_view *views = arena_array(p->arena, struct pair_view, n);
	for (size_t i = 0; i < n; i++) {
		const struct pair_row *r = &rows[i];
		views[i] = (struct pair_view){r->stays, r->goes, match_reason_text(r->reason),
			r->by, page_ago(p, r->at), r->pair_id, r->stays_id, r->goes_id,
			r->rejoin, str_is(str_of(r->state), "parting"), r->connected};
	}
	return (struct tmpl_list){views, n};
}

static bool fill_pairs(struct page *p, struct match_view *v, struct err *e)
{
	const struct pair_row *offered, *joined;
	size_t n_offered, n_joined;
	if (!pairs_offered(p->db, p->arena, p->who->org_id, &offered, &n_offered, e) ||
		!pairs_joined(p->db, p->arena, p->who->org_id, &joined, &n_joined, e))
		return false;
	v->offered = pair_views(p, offered, n_offered);
	v->joined = pair_views(p, joined, n_joined);
	v->n_offered = (int64_t)n_offered;
	v->none_gone = n_offered == 0;
	return true;
}

/* The poll key: changes when the worker has done something on this page. */
static bool key_of(struct page *p, const char **key_r, bool *busy_r, struct err *e)
{
	int64_t waiting = 0, newest = 0;
	if (!pairs_waiting(p->db, p->who->org_id, &waiting, &newest, e))
		return false;
	*key_r = arena_printf(p->arena, "%lld:%lld", (long long)waiting, (long long)newest);
	*busy_r = waiting > 0;
	return true;
}

/*
 * Called before the shown rows are read, so that what the worker does in between is seen as a
 * change.
 */
static bool watch(struct page *p, struct match_view *v, struct err *e)
{
	if (!key_of(p, &p->poll_key, &v->busy, e))
		return false;
	p->poll = MATCH_PATH "/status";
	p->poll_s = v->busy ? 1 : 5;
	if (v->busy)
		p->refresh_s = 3;
	return true;
}

/* Opens the requested list; without a request, one that is not empty. */
static bool open_tab(struct page *p, struct match_view *v, struct err *e)
{
	const char *asked = p->f.ok ? p->f.text[MATCH_TAB] : "";
	v->gone_tab = str_is(str_of(asked), "gone");
	if (!v->gone_tab && v->connected && !fill_rows(p, v, e))
		return false;
	if (*asked == '\0' && v->n_offered > 0 && !v->further)
		v->gone_tab = !v->connected || v->empty;
	v->hand_tab = !v->gone_tab;
	return true;
}

bool match_show(struct page *p, struct err *e)
{
	struct connection c;
	struct match_view v = {.csrf = chrome_csrf(p)};
	if (!watch(p, &v, e) || !connections_get(p->db, p->arena, p->who->org_id, &c, e))
		return false;
	v.connected = connection_look(c.state)->has_practice;
	if (!fill_pairs(p, &v, e) || !open_tab(p, &v, e))
		return false;
	if (p->refresh_s > 0)
		p->refresh_to = v.gone_tab ? MATCH_PATH "?tab=gone" : MATCH_PATH "?tab=hand";
	p->title = "Match clients";
	p->section = "settings";
	return page_show(p, TEMPLATE_MATCH, &v, 200, e);
}

bool match_status(struct page *p, struct err *e)
{
	const char *key;
	bool busy;
	return key_of(p, &key, &busy, e) && page_key(p, key);
}

static struct match_by who(struct page *p)
{
	return (struct match_by){p->who->org_id, p->who->user_id, p->who->name};
}

static bool done(struct page *p, const char *to, const char *says, const char *event,
	const char *detail, struct err *e)
{
	return page_go_with(p, to, "info", says, e) && page_audit(p, event, "ok", detail, e) &&
	       pg_commit(p->db, e);
}

/* Somebody else has decided already: back to the list, which shows the current state. */
static bool sorry(struct page *p, const char *to, struct err *e)
{
	const char *why = arena_strdup(p->arena, e->text);
	if (e->kind != ERR_CONFLICT)
		return false;
	pg_rollback(p->db);
	return page_go_with(p, to, "error", why, e);
}

bool match_post(struct page *p, struct err *e)
{
	const struct match_by by = who(p);
	if (!p->f.ok)
		return page_go_with(
			p, MATCH_PATH, "error", "Choose the two clients from the list.", e);
	int64_t client = p->f.number[MATCH_CLIENT], twin = p->f.number[MATCH_TWIN];
	bool same = p->f.number[MATCH_CHOICE] == ANSWER_SAME;
	const char *detail =
		arena_printf(p->arena, "%lld and %lld", (long long)client, (long long)twin);
	if (!pg_begin(p->db, by.org_id, e))
		return false;
	if (!(same ? match_ask(p->db, &by, client, twin, e)
		   : match_refuse(p->db, &by, client, twin, e)))
		return sorry(p, MATCH_PATH, e);
	return done(p, MATCH_PATH,
		same ? "The two are being matched." : "Remembered: they are not the same.",
		same ? "match.asked" : "match.refused", detail, e);
}

bool match_all(struct page *p, struct err *e)
{
	const struct match_by by = who(p);
	int64_t n = 0;
	if (!pg_begin(p->db, by.org_id, e))
		return false;
	if (!match_ask_all(p->db, &by, &n, e))
		return sorry(p, MATCH_PATH, e);
	if (n == 0) {
		pg_rollback(p->db);
		return page_go_with(
			p, MATCH_PATH, "info", "There is nothing to confirm any more.", e);
	}
	const char *says = n == 1 ? "1 client is being matched."
				  : arena_printf(p->arena, "%s clients are being matched.",
					    page_number(p, n));
	return done(p, MATCH_PATH, says, "match.asked",
		str_count(p->arena, n, "suggestion", "suggestions"), e);
}

static const char *const choices[] = {"join", "refuse", "undo", NULL};
static const char *const backs[] = {"match", "gone", "client", NULL};
const struct field pair_fields[PAIR__MAX] = {
	[PAIR_CHOICE] = {"choice", FIELD_CHOICE, true, 0, 0, "an answer", choices},
	[PAIR_BACK] = {"back", FIELD_CHOICE, false, 0, 0, "where to go on", backs},
};

bool match_pair(struct page *p, struct err *e)
{
	static const struct {
		const char *says, *event;
	} ways[] = {
		[PAIR_JOIN] = {"The two are being joined.", "match.asked"},
		[PAIR_REFUSE] = {"Remembered: they are not the same.", "match.refused"},
		[PAIR_PART] = {"The match is being undone.", "match.undo_asked"},
	};
	const struct match_by by = who(p);
	const char *back = p->f.text[PAIR_BACK];
	const char *to = str_is(str_of(back), "match") ? MATCH_PATH : MATCH_PATH "?tab=gone";
	if (!p->f.ok)
		return page_go_with(p, to, "error", "Choose an answer.", e);
	enum pair_wish wish = (enum pair_wish)p->f.number[PAIR_CHOICE];
	if (!pg_begin(p->db, by.org_id, e))
		return false;
	if (!pair_decide(p->db, &by, p->q->id_param, wish, e))
		return sorry(p, to, e);
	return done(p, to, ways[wish].says, ways[wish].event,
		arena_printf(p->arena, "pair %lld", (long long)p->q->id_param), e);
}
