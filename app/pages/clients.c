#include "pages/clients.h"

#include "codec/when.h"
#include "pages/chrome.h"
#include "pages/download.h"
#include "pages/problem.h"
#include "store/jobs.h"
#include "store/look.h"
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

struct sort_view {
	const char *name, *label;
	bool current;
};
static const struct tmpl_field sort_fields[] = {
	TMPL_F(struct sort_view, name, TMPL_TEXT),
	TMPL_F(struct sort_view, label, TMPL_TEXT),
	TMPL_F(struct sort_view, current, TMPL_BOOL),
};
static const struct tmpl_shape sort_shape = TMPL_SHAPE(struct sort_view, sort_fields);

struct top_view {
	const char *name;
	int64_t client_id;
};
static const struct tmpl_field top_fields[] = {
	TMPL_F(struct top_view, name, TMPL_TEXT),
	TMPL_F(struct top_view, client_id, TMPL_INT),
};
static const struct tmpl_shape top_shape = TMPL_SHAPE(struct top_view, top_fields);

struct list_view {
	const char *csrf, *words, *filter, *practice, *wait, *csv, *news, *top_more, *to_fix,
		*retry, *request_id;
	const struct moment *last, *next, *since;
	bool show_news, archived;
	struct tmpl_list top;
	bool can_add, can_update, updating, connected, is_admin, empty, no_hits, importing,
		searching, unsure;
	struct html rows;
	struct tmpl_list tabs, sorts;
};
static const struct tmpl_field list_fields[] = {
	TMPL_F(struct list_view, csrf, TMPL_TEXT),
	TMPL_F(struct list_view, unsure, TMPL_BOOL),
	TMPL_F(struct list_view, retry, TMPL_TEXT),
	TMPL_F(struct list_view, request_id, TMPL_TEXT),
	TMPL_F(struct list_view, csv, TMPL_TEXT),
	TMPL_F(struct list_view, news, TMPL_TEXT),
	TMPL_FS(struct list_view, since, TMPL_PTR, &moment_shape),
	TMPL_F(struct list_view, top_more, TMPL_TEXT),
	TMPL_F(struct list_view, to_fix, TMPL_TEXT),
	TMPL_F(struct list_view, show_news, TMPL_BOOL),
	TMPL_F(struct list_view, archived, TMPL_BOOL),
	TMPL_FS(struct list_view, top, TMPL_LIST, &top_shape),
	TMPL_F(struct list_view, words, TMPL_TEXT),
	TMPL_F(struct list_view, filter, TMPL_TEXT),
	TMPL_FS(struct list_view, last, TMPL_PTR, &moment_shape),
	TMPL_FS(struct list_view, next, TMPL_PTR, &moment_shape),
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
	TMPL_FS(struct list_view, sorts, TMPL_LIST, &sort_shape),
};
const struct tmpl_shape clients_shape = TMPL_SHAPE(struct list_view, list_fields);

static const char *const filter_names[] = {"all", "no-primary", "attention", "archived", "xpm",
	"by-hand", "prospects", "since", NULL};
/* NULL: shown as a tab only while it is selected. */
static const char *const filter_labels[] = {"All", "No Primary Contact", "Needs attention",
	"Archived", "From XPM", "By hand", "Prospects", NULL};

static const char *const sort_names[] = {"name", "name-down", "changed", "source", NULL};
static const char *const sort_labels[] = {
	"Name, A to Z", "Name, Z to A", "Last changed", "Source and status"};

const struct field clients_query[LIST__MAX] = {
	[LIST_WORDS] = {"q", FIELD_TEXT, false, 0, 100, "words to search for", NULL},
	[LIST_FILTER] = {"filter", FIELD_CHOICE, false, 0, 0, "a filter", filter_names},
	[LIST_AFTER] = {"after", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[LIST_BEFORE] = {"before", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[LIST_KEY] = {"from", FIELD_KEY, false, 0, CLIENT_NAME_MAX, "the place in the list",
		NULL},
	[LIST_WATCH] = {"watch", FIELD_ID, false, 0, 0, "the sync to watch", NULL},
	[LIST_SORT] = {"sort", FIELD_CHOICE, false, 0, 0, "an order", sort_names},
	[LIST_RANK] = {"rank", FIELD_ID, false, 0, 0, "the place in the list", NULL},
};

static int chosen(const char *name, const char *const *names)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return 0;
}

static enum client_filter chosen_filter(const struct page *p)
{
	return (enum client_filter)chosen(p->f.text[LIST_FILTER], filter_names);
}

static enum client_order chosen_order(const struct page *p)
{
	return (enum client_order)chosen(p->f.text[LIST_SORT], sort_names);
}

/* The default filter and order are left out of addresses. */
static struct list_address address_of(const struct client_query *q)
{
	return (struct list_address){q->filter == CLIENTS_ALL ? NULL : filter_names[q->filter],
		q->order == CLIENTS_BY_NAME ? NULL : sort_names[q->order]};
}

static const char *address(
	struct page *p, const char *path, const struct list_address *at, const char *words)
{
	const struct page_pair pairs[] = {
		{"filter", at->filter}, {"sort", at->sort}, {"q", words}};
	return page_address(p, path, pairs, ARRAY_LEN(pairs));
}

static void fill_sorts(struct page *p, struct list_view *v)
{
	struct sort_view *sorts = arena_array(p->arena, struct sort_view, CLIENTS_ORDER__MAX);
	for (int i = 0; i < CLIENTS_ORDER__MAX; i++)
		sorts[i] = (struct sort_view){i == 0 ? "" : sort_names[i], sort_labels[i],
			chosen_order(p) == (enum client_order)i};
	v->sorts = (struct tmpl_list){sorts, CLIENTS_ORDER__MAX};
}

static void fill_tabs(struct page *p, struct list_view *v)
{
	struct tab_view *tabs = arena_array(p->arena, struct tab_view, CLIENTS_FILTER__MAX);
	size_t n = 0;
	for (size_t i = 0; i < CLIENTS_FILTER__MAX; i++) {
		bool current = chosen_filter(p) == (enum client_filter)i;
		if (filter_labels[i] == NULL && !current)
			continue;
		tabs[n].label =
			filter_labels[i] == NULL ? "Since you last looked" : filter_labels[i];
		const struct client_query q = {
			.filter = (enum client_filter)i, .order = chosen_order(p)};
		const struct list_address at = address_of(&q);
		tabs[n].href = address(p, "/clients", &at, "");
		tabs[n++].current = current;
	}
	v->tabs = (struct tmpl_list){tabs, n};
}

/* ---- since you last looked ---- */

static const char *news_words(struct page *p, const struct look_news *n)
{
	const struct {
		int64_t n;
		const char *what;
	} parts[] = {{n->added, "new"}, {n->changed, "changed"}, {n->archived, "archived"},
		{n->restored, "restored"}, {n->people, "with contacts changed"}};
	struct buf b;
	buf_init(&b, p->arena, 512);
	if (n->more)
		buf_adds(&b, "Of the newest changes: ");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].n > 0)
			buf_printf(&b, "%s%s %s",
				i > 0 && b.len > 0 && b.data[b.len - 1] != ' ' ? ", " : "",
				page_number(p, parts[i].n), parts[i].what);
	return b.data;
}

static struct tmpl_list news_names(struct page *p, const struct look_news *n)
{
	struct top_view *views = arena_array(p->arena, struct top_view, LOOK_NAMES);
	size_t shown = 0;
	for (size_t i = 0; i < LOOK_NAMES && n->top[i].name != NULL; i++)
		views[shown++] = (struct top_view){n->top[i].name, n->top[i].client_id};
	return (struct tmpl_list){views, shown};
}

/*
 * Only on the first page of the plain list: a person who searches or turns pages is looking for
 * something else.
 */
static bool fill_news(
	struct page *p, const struct client_query *q, struct list_view *v, struct err *e)
{
	struct look_news n;
	bool plain = q->filter == CLIENTS_ALL || q->filter == CLIENTS_SINCE;
	if (!plain || v->searching || q->key_name != NULL)
		return true;
	if (!look_news(p->db, p->arena, p->who, &n, e))
		return false;
	v->to_fix = n.to_fix == 0	       ? NULL
		    : n.to_fix >= LOOK_FIX_MAX ? "1,000+"
					       : page_number(p, n.to_fix);
	int64_t total = n.added + n.changed + n.archived + n.restored;
	if (n.mark == 0 || total == 0)
		return true;
	v->news = news_words(p, &n);
	v->since = page_ago(p, n.mark);
	v->top = news_names(p, &n);
	v->top_more =
		total > (int64_t)v->top.n ? page_number(p, total - (int64_t)v->top.n) : NULL;
	v->show_news = q->filter != CLIENTS_SINCE;
	return true;
}

bool clients_seen(struct page *p, struct err *e)
{
	return look_seen(p->db, p->who->org_id, p->who->user_id, e) && page_go(p, "/clients");
}

static void fill_connection(struct page *p, const struct connection *c, struct list_view *v)
{
	const struct connection_look *look = connection_look(c->state);
	v->connected = look->has_practice && c->last_success_at != 0;
	v->importing = c->state == CONNECTION_FIRST_IMPORT && !c->previewed;
	v->can_update = v->connected && c->state != CONNECTION_NEEDS_RECONNECT;
	v->can_add = !look->has_practice;
	/*
	 * A disconnect makes clients editable. After a reconnect they stay so until the first
	 * complete run.
	 */
	v->unsure = c->state == CONNECTION_HELD && c->last_success_at < c->connected_at;
	v->updating = c->running;
	v->practice = c->practice;
	v->last = page_ago(p, c->last_success_at);
	v->next = page_moment(p, c->next_sync_at);
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
	/*
	 * The person who pressed the button may get here before the worker has started the run.
	 */
	bool coming = p->f.number[LIST_WATCH] > c->last_run_id;
	p->poll_s = c->running || coming ? 1 : 5;
	if (!c->running)
		return;
	p->refresh_s = 3;
	p->refresh_to = p->f.number[LIST_WATCH] == 0
				? "/clients"
				: arena_printf(p->arena, "/clients?watch=%lld",
					  (long long)p->f.number[LIST_WATCH]);
}

/* The bar says by itself that the sync did not finish, so the cause must not repeat it. */
static const char *why_of_sync(const struct run_row *r)
{
	static const char said[] = "The last sync did not finish. ";
	const char *why = r->cause_text == NULL ? "" : r->cause_text;
	return strncmp(why, said, sizeof said - 1) == 0 ? why + sizeof said - 1 : why;
}

static const char *sync_words(struct page *p, const struct run_row *r)
{
	const struct run_counts *c = &r->counts;
	if (strcmp(r->state, "held") == 0)
		return arena_printf(p->arena, "%s An admin has to review the changes.",
			r->cause_text == NULL ? "Sync paused." : r->cause_text);
	if (strcmp(r->state, "complete") != 0 && strcmp(r->state, "problems") != 0)
		return arena_printf(p->arena,
			"The sync did not finish. %s No client was changed.", why_of_sync(r));
	if (c->added + c->changed + c->archived + c->restored == 0)
		return "Sync complete. Nothing has changed.";
	return arena_printf(p->arena,
		"Sync complete. Refresh to see updated clients. %s new, %s updated, %s archived.",
		page_number(p, c->added), page_number(p, c->changed + c->restored),
		page_number(p, c->archived));
}

/*
 * ?watch=<last run before the button was pressed>: the bar shows the result of the later run
 * once it has ended.
 */
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

static struct client_query query_of(const struct page *p)
{
	bool back = p->f.number[LIST_BEFORE] != 0;
	return (struct client_query){
		.filter = chosen_filter(p),
		.words = p->f.text[LIST_WORDS],
		.key_name = p->f.number[LIST_AFTER] != 0 || back ? p->f.text[LIST_KEY] : NULL,
		.key_id = back ? p->f.number[LIST_BEFORE] : p->f.number[LIST_AFTER],
		.key_rank = p->f.number[LIST_RANK],
		.order = chosen_order(p),
		.back = back,
		.user_id = p->who->user_id,
		.user_name = p->who->name,
	};
}

/*
 * The page around the list. It needs only the session and the address, so it can be shown when
 * the list cannot be read.
 */
static struct list_view frame_of(
	struct page *p, const struct client_query *q, const struct list_address *at)
{
	struct list_view v = {.csrf = chrome_csrf(p),
		.words = q->words,
		.filter = at->filter,
		.is_admin = page_is_admin(p),
		.searching = q->words[0] != '\0',
		.archived = q->filter == CLIENTS_ARCHIVED,
		.csv = address(p, "/clients.csv", at, q->words)};
	fill_connection(p, &p->who->xpm, &v);
	fill_tabs(p, &v);
	fill_sorts(p, &v);
	p->title = "Clients";
	p->section = "clients";
	return v;
}

/* The log says why. The page only offers to try again, whatever the cause was. */
static bool list_fault(struct page *p, const struct err *fault, struct err *e)
{
	const struct err away = {
		.kind = ERR_UNAVAILABLE, .retry_after_s = fault->retry_after_s};
	const struct client_query q = query_of(p);
	const struct list_address at = address_of(&q);
	struct list_view v = frame_of(p, &q, &at);
	bool has_query = p->q->method != METHOD_POST && p->q->query_text[0] != '\0';
	v.retry = has_query ? arena_printf(p->arena, "/clients?%s", p->q->query_text)
			    : "/clients";
	v.request_id = p->q->id;
	p->refresh_s = 0;
	/* No state has this key, so the page keeps asking until the list can be shown again. */
	p->poll = "/clients/status";
	p->poll_key = "-";
	p->poll_s = 5;
	if (!page_show(p, TEMPLATE_CLIENTS, &v, err_rule(away.kind)->http_status, e))
		return false;
	problem_headers(p, &away);
	return true;
}

bool clients_list_with(
	struct page *p, int status, const char *bar_kind, const char *bar_text, struct err *e)
{
	const struct connection *c = &p->who->xpm;
	const struct client_query q = query_of(p);
	const struct list_address at = address_of(&q);
	struct list_view v = frame_of(p, &q, &at);
	p->bar_kind = bar_kind;
	p->bar_text = bar_text;
	p->on_fault = list_fault;
	if (!fill_news(p, &q, &v, e) || !clients_rows(p, &q, &at, v.last, &v.rows, e))
		return false;
	v.no_hits = v.rows.markup == NULL &&
		    (v.searching || q.filter != CLIENTS_ALL || q.key_name != NULL);
	v.empty = v.rows.markup == NULL && !v.no_hits;
	watch(p, c);
	return finished_bar(p, c, e) && page_show(p, TEMPLATE_CLIENTS, &v, status, e);
}

bool clients_list(struct page *p, struct err *e)
{
	if (!p->f.ok)
		return page_go(p, "/clients");
	return clients_list_with(p, 200, NULL, NULL, e);
}

bool clients_status(struct page *p, struct err *e)
{
	(void)e;
	return page_key(p, clients_status_key(p, &p->who->xpm));
}

bool sync_now(struct page *p, struct err *e)
{
	bool running = false;
	int wait_s = 0;
	const struct connection *c = &p->who->xpm;
	if (!p->f.ok)
		return page_go_with(p, "/clients", "error",
			"Nothing was started. Press \"Update Xero Clients\" again.", e);
	if (!connection_look(c->state)->has_practice)
		return err_set(e, ERR_CONFLICT,
			"Xero Practice Manager is not connected. Ask an admin to connect it.");
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!jobs_ask_sync(p->db, p->who->org_id, p->who->user_id, p->who->name, &running,
			&wait_s, e))
		return false;
	const char *to = arena_printf(p->arena, "/clients?watch=%lld",
		(long long)(c->last_run_id + (running ? 0 : 1)));
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

const char *const clients_csv_heads[CLIENTS_CSV_COLUMNS] = {
	"Client", "Name", "Email", "Phone", "Status", "Source"};

bool clients_csv_row(void *user, const struct client_row *r, struct err *e)
{
	const char *const cells[CLIENTS_CSV_COLUMNS] = {r->name,
		r->contact_name == NULL ? "No Primary Contact" : r->contact_name, r->email,
		r->phone, strcmp(r->status, "prospect") == 0 ? "Prospect" : "Client",
		r->synced ? "XPM" : "The Gap"};
	(void)e;
	download_row(user, cells, CLIENTS_CSV_COLUMNS);
	return true;
}

bool clients_csv(struct page *p, struct err *e)
{
	struct download o;
	const struct client_query q = {.filter = chosen_filter(p),
		.order = chosen_order(p),
		.words = p->f.text[LIST_WORDS],
		.user_id = p->who->user_id,
		.user_name = p->who->name};
	if (!download_begin(&o, p, "clients.csv", "clients.exported", clients_csv_heads,
		    CLIENTS_CSV_COLUMNS, e))
		return false;
	bool ok = !o.wanted || clients_each(p->db, p->who->org_id, &q, clients_csv_row, &o, e);
	return download_end(&o, ok, e);
}
