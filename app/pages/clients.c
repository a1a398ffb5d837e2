#include "pages/clients.h"

#include "codec/when.h"
#include "pages/chrome.h"
#include "pages/download.h"
#include "store/jobs.h"
#include "store/runs.h"

struct tab_view {
	const char *label, *href;
	bool current;
};
static const struct tmpl_field tab_fields[] = {
	TMPL_F(struct tab_view, label, TMPL_TEXT),
	TMPL_F(struct tab_view, href, TMPL_TEXT),
	TMPL_F(struct tab_view, current, TMPL_BOOL),
};
static const struct tmpl_shape tab_shape = TMPL_SHAPE(struct tab_view, tab_fields);

struct list_view {
	const char *csrf, *words, *filter, *last, *last_exact, *next, *practice, *wait;
	bool can_add, can_update, updating, connected, is_admin, empty, no_hits, importing,
		searching;
	struct html rows;
	struct tmpl_list tabs;
};
static const struct tmpl_field list_fields[] = {
	TMPL_F(struct list_view, csrf, TMPL_TEXT),
	TMPL_F(struct list_view, words, TMPL_TEXT),
	TMPL_F(struct list_view, filter, TMPL_TEXT),
	TMPL_F(struct list_view, last, TMPL_TEXT),
	TMPL_F(struct list_view, last_exact, TMPL_TEXT),
	TMPL_F(struct list_view, next, TMPL_TEXT),
	TMPL_F(struct list_view, practice, TMPL_TEXT),
	TMPL_F(struct list_view, wait, TMPL_TEXT),
	TMPL_F(struct list_view, can_add, TMPL_BOOL),
	TMPL_F(struct list_view, can_update, TMPL_BOOL),
	TMPL_F(struct list_view, updating, TMPL_BOOL),
	TMPL_F(struct list_view, connected, TMPL_BOOL),
	TMPL_F(struct list_view, is_admin, TMPL_BOOL),
	TMPL_F(struct list_view, empty, TMPL_BOOL),
	TMPL_F(struct list_view, no_hits, TMPL_BOOL),
	TMPL_F(struct list_view, importing, TMPL_BOOL),
	TMPL_F(struct list_view, searching, TMPL_BOOL),
	TMPL_F(struct list_view, rows, TMPL_HTML),
	TMPL_FS(struct list_view, tabs, TMPL_LIST, &tab_shape),
};
const struct tmpl_shape clients_shape = TMPL_SHAPE(struct list_view, list_fields);

static const char *const filter_names[] = {"all", "no-primary", "attention", "archived", NULL};
static const char *const filter_labels[] = {
	"All", "No Primary Contact", "Needs attention", "Archived"};

const struct field clients_query[LIST__MAX] = {
	[LIST_WORDS] = {"q", FIELD_TEXT, false, 0, 100, "words to search for", NULL},
	[LIST_FILTER] = {"filter", FIELD_CHOICE, false, 0, 0, "a filter", filter_names},
	[LIST_AFTER] = {"after", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[LIST_BEFORE] = {"before", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[LIST_KEY] = {"from", FIELD_KEY, false, 0, CLIENT_NAME_MAX, "the place in the list",
		NULL},
	[LIST_WATCH] = {"watch", FIELD_ID, false, 0, 0, "the sync to watch", NULL},
};

static enum client_filter chosen_filter(const struct page *p)
{
	for (size_t i = 0; filter_names[i] != NULL; i++)
		if (strcmp(p->f.text[LIST_FILTER], filter_names[i]) == 0)
			return (enum client_filter)i;
	return CLIENTS_ALL;
}

static void fill_tabs(struct page *p, struct list_view *v)
{
	struct tab_view *tabs = arena_array(p->arena, struct tab_view, CLIENTS_FILTER__MAX);
	for (size_t i = 0; i < CLIENTS_FILTER__MAX; i++) {
		tabs[i].label = filter_labels[i];
		tabs[i].href =
			i == 0 ? "/clients"
			       : arena_printf(p->arena, "/clients?filter=%s", filter_names[i]);
		tabs[i].current = chosen_filter(p) == (enum client_filter)i;
	}
	v->tabs = (struct tmpl_list){tabs, CLIENTS_FILTER__MAX};
}

static void fill_connection(struct page *p, const struct connection *c, struct list_view *v)
{
	const struct connection_look *look = connection_look(c->state);
	v->connected = look->has_practice && c->last_success_at != 0;
	v->importing = c->state == CONNECTION_FIRST_IMPORT;
	v->can_update = v->connected && c->state != CONNECTION_NEEDS_RECONNECT;
	v->can_add = !look->has_practice;
	v->updating = c->running;
	v->practice = c->practice;
	v->last = c->last_success_at == 0 ? NULL : page_ago(p, c->last_success_at);
	v->last_exact = page_date(p, c->last_success_at);
	v->next = c->next_sync_at == 0 ? NULL : page_date(p, c->next_sync_at);
	int64_t wait = c->manual_ended_at + CONNECTION_COOL_DOWN_S - p->now;
	if (c->manual_ended_at != 0 && wait > 0 && !c->running)
		v->wait = when_countdown(p->arena, wait);
}

const char *clients_status_key(struct page *p, const struct connection *c)
{
	return arena_printf(p->arena, "%lld:%d:%lld:%s", (long long)p->who->data_version,
		c->running, (long long)c->last_run_id, connection_state_name(c->state));
}

static void watch(struct page *p, const struct connection *c)
{
	p->poll = "/clients/status";
	p->poll_key = clients_status_key(p, c);
	p->poll_s = c->running ? 1 : 5;
	if (!c->running)
		return;
	p->refresh_s = 3;
	p->refresh_to = p->f.number[LIST_WATCH] == 0
				? "/clients"
				: arena_printf(p->arena, "/clients?watch=%lld",
					  (long long)p->f.number[LIST_WATCH]);
}

static const char *sync_words(struct page *p, const struct run_row *r)
{
	const struct run_counts *c = &r->counts;
	if (strcmp(r->state, "held") == 0)
		return "Sync paused: an admin has to review the changes. Nothing was applied.";
	if (strcmp(r->state, "complete") != 0 && strcmp(r->state, "problems") != 0)
		return arena_printf(p->arena,
			"The sync did not finish. %s No client was changed.",
			r->cause_text == NULL ? "" : r->cause_text);
	if (c->added + c->changed + c->archived + c->restored == 0)
		return "Sync complete. Nothing has changed.";
	return arena_printf(p->arena,
		"Sync complete. Refresh to see updated clients. %s new, %s updated, %s archived.",
		page_number(p, c->added), page_number(p, c->changed + c->restored),
		page_number(p, c->archived));
}

/* ?watch=<last run before pressing>: when a later run has ended, its result is the bar. */
static bool finished_bar(struct page *p, const struct connection *c, struct err *e)
{
	struct run_row r;
	if (p->bar_kind != NULL || p->f.number[LIST_WATCH] == 0 || c->running)
		return true;
	const struct run_row *rows;
	size_t n;
	if (!runs_list(p->db, p->arena, p->who->org_id, NULL, 0, 1, &rows, &n, e))
		return false;
	if (n == 0 || rows[0].run_id < p->f.number[LIST_WATCH] || rows[0].ended_at == 0)
		return true;
	r = rows[0];
	p->bar_text = sync_words(p, &r);
	p->bar_kind = strncmp(p->bar_text, "Sync complete", 13) == 0 ? "success" : "error";
	p->bar_refresh = true;
	return true;
}

bool clients_list_with(
	struct page *p, int status, const char *bar_kind, const char *bar_text, struct err *e)
{
	struct connection c;
	struct list_view v = {.csrf = chrome_csrf(p), .words = p->f.text[LIST_WORDS]};
	bool back = p->f.number[LIST_BEFORE] != 0;
	struct client_query q = {
		.filter = chosen_filter(p),
		.words = p->f.text[LIST_WORDS],
		.key_name = p->f.number[LIST_AFTER] != 0 || back ? p->f.text[LIST_KEY] : NULL,
		.key_id = back ? p->f.number[LIST_BEFORE] : p->f.number[LIST_AFTER],
		.back = back,
	};
	if (!connections_get(p->db, p->arena, p->who->org_id, &c, e))
		return false;
	v.is_admin = page_is_admin(p);
	v.filter = q.filter == CLIENTS_ALL ? NULL : filter_names[q.filter];
	v.searching = q.words[0] != '\0';
	fill_connection(p, &c, &v);
	fill_tabs(p, &v);
	if (!clients_rows(p, &q, v.filter, v.last, &v.rows, e))
		return false;
	v.no_hits = v.rows.markup == NULL &&
		    (v.searching || q.filter != CLIENTS_ALL || q.key_name != NULL);
	v.empty = v.rows.markup == NULL && !v.no_hits;
	p->bar_kind = bar_kind;
	p->bar_text = bar_text;
	watch(p, &c);
	if (!finished_bar(p, &c, e))
		return false;
	p->title = "Clients";
	p->section = "clients";
	return page_show(p, TEMPLATE_CLIENTS, &v, status, e);
}

bool clients_list(struct page *p, struct err *e)
{
	if (!p->f.ok)
		return page_go(p, "/clients");
	return clients_list_with(p, 200, NULL, NULL, e);
}

bool clients_status(struct page *p, struct err *e)
{
	struct connection c;
	return connections_get(p->db, p->arena, p->who->org_id, &c, e) &&
	       page_key(p, clients_status_key(p, &c));
}

bool sync_now(struct page *p, struct err *e)
{
	bool running = false;
	int wait_s = 0;
	struct connection c;
	if (!p->f.ok)
		return page_go_with(p, "/clients", "error",
			"Nothing was started. Press \"Update Xero Clients\" again.", e);
	if (!connections_get(p->db, p->arena, p->who->org_id, &c, e))
		return false;
	if (!connection_look(c.state)->has_practice)
		return err_set(e, ERR_CONFLICT,
			"Xero Practice Manager is not connected. Ask an admin to connect it.");
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!jobs_ask_sync(p->db, p->who->org_id, p->who->user_id, p->who->name, &running,
			&wait_s, e))
		return false;
	const char *to = arena_printf(p->arena, "/clients?watch=%lld",
		(long long)(c.last_run_id + (running ? 0 : 1)));
	if (running)
		return page_go_with(p, to, "info", "A sync is already running.", e) &&
		       pg_commit(p->db, e);
	if (wait_s > 0) {
		pg_rollback(p->db);
		const char *text = arena_printf(
			p->arena, "Available in %s.", when_countdown(p->arena, wait_s));
		if (!clients_list_with(p, 429, "error", text, e))
			return false;
		response_header(p->s, "Retry-After", arena_printf(p->arena, "%d", wait_s));
		return true;
	}
	return page_go_with(p, to, "info", "Sync started", e) &&
	       page_audit(p, "sync.asked", "ok", "", e) && pg_commit(p->db, e);
}

static bool csv_row(void *user, const struct client_row *r, struct err *e)
{
	const char *const cells[] = {r->name,
		r->contact_name == NULL ? "No Primary Contact" : r->contact_name, r->email,
		r->phone, strcmp(r->status, "prospect") == 0 ? "Prospect" : "Client",
		r->synced ? "XPM" : "The Gap"};
	(void)e;
	download_row(user, cells, ARRAY_LEN(cells));
	return true;
}

bool clients_csv(struct page *p, struct err *e)
{
	static const char *const heads[] = {
		"Client", "Name", "Email", "Phone", "Status", "Source"};
	struct download o;
	if (!download_begin(
		    &o, p, "clients.csv", "clients.exported", heads, ARRAY_LEN(heads), e))
		return false;
	bool ok = !o.wanted ||
		  clients_each(p->db, p->who->org_id, chosen_filter(p), csv_row, &o, e);
	return download_end(&o, ok, e);
}
