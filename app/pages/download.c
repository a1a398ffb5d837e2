#include "pages/download.h"

#include "base/log.h"
#include "codec/csv.h"

/* A piece is sent when it is this long; the largest row fits into what is left. */
enum { PIECE_BYTES = 32 * 1024, ROOM_BYTES = 256 * 1024 };

bool download_begin(struct download *o, struct page *p, const char *file, const char *event,
	const char *const *heads, size_t n, struct err *e)
{
	*o = (struct download){.p = p};
	if (!p->s->head && !page_audit(p, event, "ok", file, e))
		return false;
	buf_init(&o->lines, p->arena, ROOM_BYTES);
	response_begin(p->s, 200, "text/csv; charset=utf-8");
	response_header(p->s, "Content-Disposition",
		arena_printf(p->arena, "attachment; filename=\"%s\"", file));
	download_row(o, heads, n);
	o->wanted = !p->s->head && response_stream(p->s);
	return true;
}

static void send(struct download *o)
{
	(void)response_write(o->p->s, buf_str(&o->lines));
	buf_reset(&o->lines);
}

void download_row(struct download *o, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_cell(&o->lines, cells[i] == NULL ? "" : cells[i], i == 0);
	csv_end(&o->lines);
	if (o->lines.len > PIECE_BYTES)
		send(o);
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
