#include "pages/download.h"

#include "base/log.h"
#include "codec/csv.h"

/* A piece is sent once it has PIECE_BYTES; the largest row fits into the rest of the room. */
enum { PIECE_BYTES = 32 * 1024, ROOM_BYTES = 256 * 1024 };

bool download_open(
	struct download *o, struct page *p, const struct download_file *file, struct err *e)
{
	*o = (struct download){.p = p};
	if (!p->s->head && !page_audit(p, file->event, "ok", file->detail, e))
		return false;
	buf_init(&o->lines, p->arena, ROOM_BYTES);
	response_begin(p->s, 200, file->type);
	response_header(p->s, "Content-Disposition",
		arena_printf(p->arena, "attachment; filename=\"%s\"", file->name));
	o->wanted = !p->s->head && response_stream(p->s);
	return true;
}

bool download_begin(struct download *o, struct page *p, const char *file, const char *event,
	const char *const *heads, size_t n, struct err *e)
{
	const struct download_file csv = {"text/csv; charset=utf-8", file, event, file};
	if (!download_open(o, p, &csv, e))
		return false;
	download_row(o, heads, n);
	return true;
}

static void send(struct download *o)
{
	(void)response_write(o->p->s, buf_str(&o->lines));
	buf_reset(&o->lines);
}

static void send_if_full(struct download *o)
{
	if (o->lines.len > PIECE_BYTES)
		send(o);
}

void download_row(struct download *o, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_cell(&o->lines, cells[i] == NULL ? "" : cells[i], i == 0);
	csv_end(&o->lines);
	send_if_full(o);
}

void download_line(struct download *o, const char *text)
{
	buf_adds(&o->lines, text);
	buf_addc(&o->lines, '\n');
	send_if_full(o);
}

bool download_end(struct download *o, bool ok, const struct err *why)
{
	if (!ok) {
		log_err("download", why);
		o->p->s->abort = true;
	} else if (o->wanted) {
		send(o);
	}
	return true;
}
