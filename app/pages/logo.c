#include "pages/logo.h"

#include "store/logos.h"
#include "web/upload.h"

enum { SEEN_MAX = 64 };

struct logo_seen {
	struct {
		int64_t org_id, data_version, version;
	} rows[SEEN_MAX];
};

struct logo_seen *logo_seen_new(struct arena *a)
{
	return arena_new_of(a, struct logo_seen);
}

bool logo_of(struct page *p, int64_t *version_r, struct err *e)
{
	size_t i = (size_t)p->who->org_id % SEEN_MAX;
	struct logo_seen *seen = p->site->logos;
	if (seen->rows[i].org_id != p->who->org_id ||
		seen->rows[i].data_version != p->who->data_version) {
		if (!logo_version(p->db, p->who->org_id, version_r, e))
			return false;
		seen->rows[i].org_id = p->who->org_id;
		seen->rows[i].data_version = p->who->data_version;
		seen->rows[i].version = *version_r;
	}
	*version_r = seen->rows[i].version;
	return true;
}

bool logo_show(struct page *p, struct err *e)
{
	const char *kind;
	struct str bytes;
	if (!logo_get(p->db, p->who->org_id, &kind, &bytes, e))
		return false;
	if (kind == NULL)
		return err_set(e, ERR_NOT_FOUND, "There is no logo.");
	response_begin(p->s, 200, kind);
	p->s->sandbox = true;
	buf_addstr(&p->s->body, bytes);
	return true;
}

/* Reads the whole file, and stops one byte over the limit: that is enough to refuse it. */
static bool read_file(struct page *p, struct str *bytes_r, struct err *e)
{
	struct buf b;
	struct str piece;
	buf_init(&b, p->arena, PICTURE_BYTES_MAX + 1);
	if (p->q->upload == NULL)
		return err_set(e, ERR_INVALID, "Choose a picture first.");
	do {
		if (!upload_read(p->q->upload, &piece, e))
			return false;
		buf_addstr(&b, str_sub(piece, 0, PICTURE_BYTES_MAX + 1 - b.len));
	} while (piece.n > 0 && b.len <= PICTURE_BYTES_MAX);
	*bytes_r = buf_str(&b);
	return true;
}

/* An unusable picture is reported on the page where it was chosen. */
static bool refuse(struct page *p, struct err *e)
{
	if (e->kind != ERR_INVALID && e->kind != ERR_TOO_LARGE)
		return false;
	return page_go_with(p, "/settings", "error", arena_strdup(p->arena, e->text), e);
}

bool logo_post(struct page *p, struct err *e)
{
	struct str bytes;
	struct picture picture;
	if (!read_file(p, &bytes, e) || !picture_judge(bytes, &picture, e))
		return refuse(p, e);
	return pg_begin(p->db, p->who->org_id, e) &&
	       logo_set(p->db, p->who->org_id, &picture, bytes, e) &&
	       page_go_with(p, "/settings", "success", "Logo saved.", e) &&
	       page_audit(p, "logo.changed", "ok",
		       arena_printf(p->arena, "%s, %d by %d pixels", picture.type,
			       picture.width, picture.height),
		       e) &&
	       pg_commit(p->db, e);
}

bool logo_remove_post(struct page *p, struct err *e)
{
	return pg_begin(p->db, p->who->org_id, e) && logo_remove(p->db, p->who->org_id, e) &&
	       page_go_with(p, "/settings", "success", "Logo removed.", e) &&
	       page_audit(p, "logo.removed", "ok", "", e) && pg_commit(p->db, e);
}
