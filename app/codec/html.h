/*
 * Escaping at the point of output, one function for each context, and a type for markup that is
 * already safe. Only codec/tmpl and codec/qr make a struct html: a page cannot turn text into
 * markup.
 */
#ifndef GAP_CODEC_HTML_H
#define GAP_CODEC_HTML_H

#include "base/buf.h"

/* Markup that is safe to output. Only the codec floor makes it, with html_trusted(). */
struct html {
	const char *markup; /* NUL-terminated; NULL is empty */
};

void html_text(struct buf *out, struct str s); /* escapes & < > and also " ' */
/* As html_text, with <wbr> after each '@' and '.', where a long address may be broken. */
void html_email(struct buf *out, struct str s);
void html_attr(struct buf *out, struct str s); /* for a double-quoted attribute */

/*
 * For href, src and action, escaped as an attribute: a local address or an http(s) one passes,
 * anything else becomes "#".
 */
void html_url_attr(struct buf *out, struct str s);

/* One part of a URL inside such an attribute, percent-encoded. */
void html_url_part(struct buf *out, struct str s);

struct html html_trusted(const char *markup);

#endif
