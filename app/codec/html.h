/*
 * Escaping at the point of output, one function a context, and the type for
 * markup that is already safe. Only codec/tmpl and codec/qr (and the chart
 * maker) make a struct html: a page cannot turn text into markup.
 */
#ifndef GAP_CODEC_HTML_H
#define GAP_CODEC_HTML_H

#include "base/buf.h"

/* Ready markup. Built by html_trusted() in this floor only (lint checks the callers). */
struct html {
	const char *markup; /* NUL-terminated; NULL is empty */
};

void html_text(struct buf *out, struct str s); /* & < > and, to be safe anywhere, " ' */
/* In text, with <wbr> behind each '@' and '.': a long address is broken there before anywhere else. */
void html_email(struct buf *out, struct str s);
void html_attr(struct buf *out, struct str s); /* for a double-quoted attribute */

/*
 * For href/src/action: local addresses and http(s) pass, anything else becomes "#". Escaped
 * as attribute.
 */
void html_url_attr(struct buf *out, struct str s);

/* One part of a URL inside such an attribute: percent-encoded. */
void html_url_part(struct buf *out, struct str s);

struct html html_trusted(const char *markup);

#endif
