#include "pages/clients.h"

#include "web/keep.h"

struct row_view {
	int64_t client_id;
	const char *name, *contact, *email, *phone, *status, *source, *chip, *phone_chip;
	const struct moment *synced, *changed;
	bool view_only, archived, held, by_hand, can_match;
};
static const struct tmpl_field row_fields[] = {
	TMPL_F(struct row_view, client_id, TMPL_INT),
	TMPL_F(struct row_view, name, TMPL_TEXT),
	TMPL_F(struct row_view, contact, TMPL_TEXT),
	TMPL_F(struct row_view, email, TMPL_EMAIL),
	TMPL_F(struct row_view, phone, TMPL_TEXT),
	TMPL_F(struct row_view, status, TMPL_TEXT),
	TMPL_F(struct row_view, source, TMPL_TEXT),
	TMPL_F(struct row_view, chip, TMPL_TEXT),
	TMPL_F(struct row_view, phone_chip, TMPL_TEXT),
	TMPL_FS(struct row_view, synced, TMPL_PTR, &moment_shape),
	TMPL_FS(struct row_view, changed, TMPL_PTR, &moment_shape),
	TMPL_F(struct row_view, view_only, TMPL_BOOL),
	TMPL_F(struct row_view, archived, TMPL_BOOL),
	TMPL_F(struct row_view, held, TMPL_BOOL),
	TMPL_F(struct row_view, by_hand, TMPL_BOOL),
	TMPL_F(struct row_view, can_match, TMPL_BOOL),
};
static const struct tmpl_shape row_shape = TMPL_SHAPE(struct row_view, row_fields);

struct rows_view {
	const char *words, *filter, *sort, *prev_from, *next_from;
	int64_t prev_id, next_id, prev_rank, next_rank;
	bool by_change;
	struct tmpl_list rows;
};
static const struct tmpl_field rows_fields[] = {
	TMPL_F(struct rows_view, words, TMPL_TEXT),
	TMPL_F(struct rows_view, filter, TMPL_TEXT),
	TMPL_F(struct rows_view, sort, TMPL_TEXT),
	TMPL_F(struct rows_view, by_change, TMPL_BOOL),
	TMPL_F(struct rows_view, prev_rank, TMPL_INT),
	TMPL_F(struct rows_view, next_rank, TMPL_INT),
	TMPL_F(struct rows_view, prev_from, TMPL_TEXT),
	TMPL_F(struct rows_view, next_from, TMPL_TEXT),
	TMPL_F(struct rows_view, prev_id, TMPL_INT),
	TMPL_F(struct rows_view, next_id, TMPL_INT),
	TMPL_FS(struct rows_view, rows, TMPL_LIST, &row_shape),
};
const struct tmpl_shape clients_rows_shape = TMPL_SHAPE(struct rows_view, rows_fields);

static bool has_practice(const struct page *p)
{
	return connection_look(p->who->xpm.state)->has_practice;
}

static void fill_rows(struct page *p, const struct client_page *page, const struct moment *last,
	struct rows_view *v)
{
	struct row_view *rows = arena_array(p->arena, struct row_view, page->n);
	bool practice = has_practice(p);
	for (size_t i = 0; i < page->n; i++) {
		const struct client_row *r = &page->rows[i];
		const char *chip = r->synced ? client_flag_chip(r->flags) : NULL;
		bool of_phone = chip == client_flag_chip(CLIENT_BAD_PHONE);
		rows[i] = (struct row_view){
			.client_id = r->client_id,
			.name = r->name,
			.contact = r->contact_name,
			.email = r->email,
			.phone = r->phone,
			.status = strcmp(r->status, "prospect") == 0 ? "Prospect" : "Client",
			.source = r->synced ? "XPM" : "The Gap",
			.chip = of_phone ? NULL : chip,
			.phone_chip = of_phone ? chip : NULL,
			.synced = r->view_only ? last : NULL,
			.changed = v->by_change ? page_moment(p, r->changed_at) : NULL,
			.view_only = r->view_only,
			.archived = r->archived,
			.held = r->held,
			.by_hand = practice && !r->synced,
			.can_match = practice && !r->synced && !r->archived && page_is_admin(p),
		};
	}
	v->rows = (struct tmpl_list){rows, page->n};
	if (page->more_before) {
		v->prev_id = page->rows[0].client_id;
		v->prev_from = page->rows[0].name;
		v->prev_rank = page->rows[0].rank;
	}
	if (page->more_after) {
		v->next_id = page->rows[page->n - 1].client_id;
		v->next_from = page->rows[page->n - 1].name;
		v->next_rank = page->rows[page->n - 1].rank;
	}
}

/*
 * Everything that the rendered rows depend on, the organisation first. The rows may already be
 * of a later data version than the key says; the next request asks with that later version.
 */
static const char *key_of(
	struct page *p, const struct client_query *q, const struct moment *last)
{
	const struct who *w = p->who;
	return arena_printf(p->arena, "%lld:%lld:%d:%s:%d:%d:%d:%d:%lld:%lld:%s:%s\n%s",
		(long long)w->org_id, (long long)w->data_version, (int)w->role, w->zone,
		has_practice(p), (int)q->filter, (int)q->order, q->back, (long long)q->key_id,
		(long long)q->key_rank, last == NULL ? "" : last->text,
		last == NULL ? "" : last->iso, q->key_name == NULL ? "" : q->key_name);
}

static bool render(struct page *p, const struct client_query *q, const struct list_address *at,
	const struct moment *last, struct html *rows_r, struct err *e)
{
	struct client_page page;
	struct rows_view v = {.words = q->words,
		.filter = at->filter,
		.sort = at->sort,
		.by_change = q->order == CLIENTS_BY_CHANGE};
	rows_r->markup = NULL;
	if (!clients_page(p->db, p->arena, p->who->org_id, q, &page, e))
		return false;
	if (page.n == 0)
		return true;
	fill_rows(p, &page, last, &v);
	*rows_r = tmpl_html(render_get(p->site->templates, TEMPLATE_CLIENTS_ROWS), &v, p->arena,
		RESPONSE_BODY_MAX);
	return true;
}

bool clients_rows(struct page *p, const struct client_query *q, const struct list_address *at,
	const struct moment *last, struct html *rows_r, struct err *e)
{
	/*
	 * Not cached: a search is rarely asked twice, and what is unseen differs from person to
	 * person.
	 */
	if (q->words[0] != '\0' || q->filter == CLIENTS_SINCE)
		return render(p, q, at, last, rows_r, e);
	const char *key = key_of(p, q, last);
	*rows_r = keep_get(p->site->kept, key);
	if (rows_r->markup != NULL)
		return true;
	if (!render(p, q, at, last, rows_r, e))
		return false;
	keep_put(p->site->kept, key, *rows_r);
	return true;
}
