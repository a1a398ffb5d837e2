/*
 * Text as a QR code (libqrencode, level M), drawn as SVG with role=img and a title, and without
 * a style attribute (CSP).
 */
#ifndef GAP_CODEC_QR_H
#define GAP_CODEC_QR_H

#include "base/err.h"
#include "codec/html.h"

/*
 * `label` becomes the accessible name ("QR code for ..."). ERR_INVALID: the text is over 1,000
 * bytes.
 */
MUSTUSE bool qr_svg(struct arena *a, const char *text, const char *label, struct html *svg_r,
	struct err *e);

#endif
