/*
 * Reads and writes application/x-www-form-urlencoded (WHATWG URL standard, the section of that
 * name). Decodes once, never twice. A pair whose name or value is not UTF-8 or holds a NUL
 * makes the whole form malformed, so a handler never gets part of a form.
 */
#ifndef GAP_CODEC_FORM_H
#define GAP_CODEC_FORM_H

#include "base/buf.h"
#include "base/err.h"

enum { FORM_PAIRS_MAX = 64, FORM_NAME_MAX = 64 };

struct form_pair {
	const char *name; /* NUL-terminated, valid UTF-8 */
	const char *value;
};

struct form {
	const struct form_pair *pairs;
	size_t n;
};

/*
 * Decodes `text` onto the arena; empty text gives n = 0. ERR_MALFORMED; ERR_TOO_LARGE for too
 * many pairs or too long a name.
 */
MUSTUSE bool form_parse(struct arena *a, struct str text, struct form *form_r, struct err *e);

/*
 * The value of `name`; NULL when absent. When the name comes more than once: the first value,
 * and *twice_r is true.
 */
const char *form_get(const struct form *f, const char *name, bool *twice_r);

/* Appends name=value, both percent-encoded; first an '&' when the buffer is not empty. */
void form_add(struct buf *out, const char *name, const char *value);

/*
 * Decodes %XX only ('+' stays '+'), for segments of a path. False for a bad escape, a NUL or
 * invalid UTF-8.
 */
MUSTUSE bool form_unescape_path(struct arena *a, struct str s, const char **text_r);

#endif
