/*
 * application/x-www-form-urlencoded, in and out (WHATWG URL standard, section
 * "application/x-www-form-urlencoded"). Decodes once, never twice. A pair
 * whose name or value is not UTF-8 or holds a NUL makes the whole form
 * malformed: nothing half-read reaches a handler.
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
 * Decodes `text` onto the arena. ERR_MALFORMED, ERR_TOO_LARGE (pairs, name length). Empty
 * text: n = 0.
 */
MUSTUSE bool form_parse(struct arena *a, struct str text, struct form *form_r, struct err *e);

/*
 * The value of `name`; NULL when absent. ERR_MALFORMED through *twice_r when it stands
 * twice.
 */
const char *form_get(const struct form *f, const char *name, bool *twice_r);

/* Appends name=value, percent-encoded, with '&' before it when the buffer is not empty. */
void form_add(struct buf *out, const char *name, const char *value);

/*
 * %XX and nothing else (no '+'): for path segments. False on a bad escape, NUL or invalid
 * UTF-8.
 */
MUSTUSE bool form_unescape_path(struct arena *a, struct str s, const char **text_r);

#endif
