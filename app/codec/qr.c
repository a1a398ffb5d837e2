#include "codec/qr.h"

#include <errno.h>
#include <qrencode.h>

enum {
	TEXT_MAX = 1000,
	QUIET = 4, /* white modules on each side, ISO/IEC 18004 section 6.3.8 */
	PIXELS = 5,
	SVG_MAX = 1024 * 1024,
};

static bool is_dark(const QRcode *code, int x, int y)
{
	return (code->data[y * code->width + x] & 1) != 0;
}

/* The whole code is one SVG path. Each run of dark modules in a row is a rectangle. */
static void draw_row(struct buf *svg, const QRcode *code, int y)
{
	for (int x = 0; x < code->width; x++) {
		int from = x;
		while (x < code->width && is_dark(code, x, y))
			x++;
		if (x > from)
			buf_printf(svg, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from,
				x - from);
	}
}

/* We draw the white background ourselves: on a dark page the code could not be scanned. */
static void draw(struct buf *svg, const QRcode *code, const char *label)
{
	int side = code->width + 2 * QUIET;
	buf_printf(svg,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr\" role=\"img\" "
		"width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"shape-rendering=\"crispEdges\" aria-label=\"",
		side * PIXELS, side * PIXELS, side, side);
	html_attr(svg, str_of(label));
	buf_adds(svg, "\"><title>");
	html_text(svg, str_of(label));
	buf_printf(svg,
		"</title><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
		"<path fill=\"#000\" d=\"",
		side, side);
	for (int y = 0; y < code->width; y++)
		draw_row(svg, code, y);
	buf_adds(svg, "\"/></svg>");
}

static void close_code(void *code)
{
	QRcode_free(code);
}

bool qr_svg(
	struct arena *a, const char *text, const char *label, struct html *svg_r, struct err *e)
{
	size_t n = str_of(text).n;
	if (n == 0 || n > TEXT_MAX)
		return err_set(
			e, ERR_INVALID, "A QR code holds 1 to %d bytes, not %zu.", TEXT_MAX, n);
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (code == NULL)
		return err_set(e, ERR_INTERNAL, "no QR code for %zu bytes: errno %d", n, errno);
	arena_defer(a, close_code, code);
	struct buf svg;
	buf_init(&svg, a, SVG_MAX);
	draw(&svg, code, label);
	if (svg.over)
		return err_set(e, ERR_INVALID, "The label of the QR code is too long.");
	*svg_r = html_trusted(svg.data);
	return true;
}
