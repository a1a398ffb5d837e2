#include "pages/import.h"

#include "codec/csv.h"
#include "pages/chrome.h"
#include "pages/clients.h"
#include "web/upload.h"

struct import_view {
	const char *csrf, *problem, *waiting, *busy, *done, *said;
	const struct moment *since;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct import_view, csrf, TMPL_TEXT),
	TMPL_F(struct import_view, problem, TMPL_TEXT),
	TMPL_F(struct import_view, waiting, TMPL_TEXT),
	TMPL_F(struct import_view, busy, TMPL_TEXT),
	TMPL_F(struct import_view, done, TMPL_TEXT),
	TMPL_F(struct import_view, said, TMPL_TEXT),
	TMPL_FS(struct import_view, since, TMPL_PTR, &moment_shape),
};
const struct tmpl_shape import_shape = TMPL_SHAPE(struct import_view, view_fields);

/*
 * A waiting preview is offered again; only another file replaces it. For a running import, its
 * progress is shown.
 */
static bool find_waiting(struct page *p, struct import_view *v, struct err *e)
{
	struct import_preview preview;
	if (!import_get(p->db, import_own(p), &preview, e))
		return e->kind == ERR_NOT_FOUND;
	bool busy = preview.state == IMPORT_ASKED, done = preview.state == IMPORT_DONE;
	*(busy ? &v->busy : done ? &v->done : &v->waiting) = preview.file_name;
	v->said = preview.said;
	v->since = page_ago(p, preview.created_at);
	return true;
}

static bool show(struct page *p, const char *problem, int status, struct err *e)
{
	struct import_view v = {.csrf = chrome_csrf(p), .problem = problem};
	p->title = "Import from CSV";
	p->section = "clients";
	return find_waiting(p, &v, e) && page_show(p, TEMPLATE_IMPORT, &v, status, e);
}

bool import_show(struct page *p, struct err *e)
{
	return clients_by_hand(p, e) && show(p, NULL, 200, e);
}

bool import_template(struct page *p, struct err *e)
{
	static const char *const example[] = {"Example Bakery Limited", "Robin", "Example",
		"robin@bakery.example", "021 555 0100", "Client", "Yes"};
	(void)e;
	response_begin(p->s, 200, "text/csv; charset=utf-8");
	response_header(
		p->s, "Content-Disposition", "attachment; filename=\"clients-template.csv\"");
	for (int c = 0; c < IMPORT_COLUMN__MAX; c++)
		csv_cell(&p->s->body, import_column_name((enum import_column)c), c == 0);
	csv_end(&p->s->body);
	for (int c = 0; c < IMPORT_COLUMN__MAX; c++)
		csv_cell(&p->s->body, example[c], c == 0);
	csv_end(&p->s->body);
	return true;
}

/* The state while the file is read from the socket into the preview. */
struct reading {
	struct page *p;
	struct arena *row_arena;
	struct import_head head;
	struct import_writer *writer; /* NULL before the first record */
};

static bool take_head(struct reading *x, const struct csv_record *r, struct err *e)
{
	struct page *p = x->p;
	const char *name = upload_name(p->q->upload);
	return import_head_read(p->arena, r, &x->head, e) &&
	       import_start(p->db, p->arena, import_own(p),
		       *name == '\0' ? "Pasted rows" : name, x->head.ignored, &x->writer, e);
}

static bool take_record(void *user, const struct csv_record *r, struct err *e)
{
	struct reading *x = user;
	struct import_row row;
	if (x->writer == NULL)
		return take_head(x, r, e);
	bool ok = !import_row_judge(x->row_arena, &x->head, r, &row) ||
		  import_put(x->writer, &row, e);
	arena_reset(x->row_arena);
	return ok;
}

static bool read_file(struct reading *x, struct err *e)
{
	struct page *p = x->p;
	struct csv_reader *reader = csv_reader_new(p->arena, take_record, x);
	struct str piece;
	size_t all = 0;
	do {
		if (!upload_read(p->q->upload, &piece, e) || !csv_reader_feed(reader, piece, e))
			return false;
		all += piece.n;
	} while (piece.n != 0);
	if (all == 0)
		return err_set(e, ERR_INVALID,
			"Nothing came. Choose a file or paste rows, then select Show preview.");
	return csv_reader_end(reader, e) && import_end(x->writer, e);
}

static bool keep_preview(struct page *p, struct err *e)
{
	struct reading x = {.p = p, .row_arena = arena_new()};
	bool ok = pg_begin(p->db, p->who->org_id, e) && read_file(&x, e);
	arena_free(&x.row_arena);
	return ok;
}

static bool refuse(struct page *p, bool wait, struct err *e)
{
	const char *after = arena_printf(p->arena, "%d", e->retry_after_s);
	if (!show(p, arena_strdup(p->arena, e->text), wait ? 429 : 422, e))
		return false;
	if (wait)
		response_header(p->s, "Retry-After", after);
	return true;
}

bool import_post(struct page *p, struct err *e)
{
	if (!clients_by_hand(p, e))
		return false;
	if (p->q->upload == NULL)
		return show(
			p, "Choose a file or paste rows, then select Show preview.", 422, e);
	if (!keep_preview(p, e)) {
		bool wait = e->kind == ERR_LIMITED;
		if (e->kind != ERR_INVALID && !wait)
			return false;
		pg_rollback(p->db);
		return refuse(p, wait, e);
	}
	return page_go(p, IMPORT_PREVIEW_PATH) &&
	       page_audit(p, "import.previewed", "ok", upload_name(p->q->upload), e) &&
	       pg_commit(p->db, e);
}

/*
 * The import may have been started in another window. The preview page shows what became of it.
 */
static bool not_dropped(struct page *p, struct err *e)
{
	struct import_preview preview;
	if (import_get(p->db, import_own(p), &preview, e))
		return page_go_with(p, IMPORT_PREVIEW_PATH, "info",
			"Import was selected already, and can no longer be cancelled.", e);
	return e->kind == ERR_NOT_FOUND &&
	       page_go_with(p, "/clients", "info", "There is no import to cancel.", e);
}

bool import_cancel(struct page *p, struct err *e)
{
	bool dropped;
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!import_forget(p->db, import_own(p), &dropped, e))
		return false;
	if (!dropped)
		return not_dropped(p, e) && pg_commit(p->db, e);
	return page_go_with(p, "/clients", "info", "Import cancelled. Nothing was added.", e) &&
	       page_audit(p, "import.cancelled", "ok", "", e) && pg_commit(p->db, e);
}
