/*
 * Slices: a pointer and a length into bytes that somebody else owns. Parsers use slices so that
 * nothing is copied or NUL-terminated before it has been checked. What passes the check becomes
 * a `const char *` on an arena, by str_dup().
 */
#ifndef GAP_BASE_STR_H
#define GAP_BASE_STR_H

#include "base/arena.h"

struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){(lit), sizeof(lit) - 1})

struct str str_of(const char *s);			 /* NULL is empty */
struct str str_sub(struct str s, size_t from, size_t n); /* clamped */
bool str_empty(struct str s);
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *b);
bool str_is_ci(struct str a, const char *b); /* ASCII case folded */
bool str_starts(struct str s, const char *prefix);
bool str_has(struct str s, char c);
struct str str_trim(struct str s); /* ASCII white space at both ends */

/*
 * Takes the next piece of *rest, up to `sep`; false when nothing is left. "a,,b" gives "a", "",
 * "b".
 */
bool str_next(struct str *rest, char sep, struct str *piece_r);

/* Splits at the first `sep`. False, with both out-parameters unchanged, when there is none. */
bool str_cut(struct str s, char sep, struct str *before_r, struct str *after_r);

/* A NUL-terminated copy. The slice must hold no NUL; check with str_has(s, 0) first. */
char *str_dup(struct arena *a, struct str s);
char *str_lower(struct arena *a, struct str s); /* ASCII only */

/*
 * Strict decimal: an optional '-', then digits. No leading zero (except "0" itself), no '+', no
 * blanks. False for anything else, and when out of range.
 */
MUSTUSE bool str_to_i64(struct str s, int64_t *n_r);

/* Well-formed UTF-8 (RFC 3629: no overlong, no surrogate, at most U+10FFFF). */
bool str_utf8_valid(struct str s);

/* The number of code points; `s` must be valid UTF-8. */
size_t str_utf8_len(struct str s);

/* The code point that begins at `p`, in valid UTF-8. *step_r: its length in bytes. */
uint32_t str_code_point(const char *p, size_t *step_r);

/*
 * A name for use inside a sentence of plain text (a notice, a mail, an <option>, a label),
 * where it cannot be wrapped in <bdi>. A name with right-to-left letters is put between U+2068
 * FIRST STRONG ISOLATE and U+2069 (UAX #9, section 2.4), so that it does not change the
 * direction of the words around it. Control characters that would act beyond the name are
 * removed from every name: U+202A-202E, and isolates (U+2066-2069) that do not come in pairs.
 * Paired isolates stay, so isolating a name twice does no harm. Every other name is returned
 * byte for byte. NULL gives "".
 */
const char *str_isolate(struct arena *a, const char *name);

/* A number as people read it, in pages, notices and mails: "1,234", "-1,234". */
const char *str_number(struct arena *a, int64_t n);
/* The same with the noun: "1 client", "1,234 clients". */
const char *str_count(struct arena *a, int64_t n, const char *one, const char *many);

/*
 * A UUID in canonical 8-4-4-4-12 hex; letters become lower case. out_r gets 36 characters and a
 * NUL.
 */
MUSTUSE bool str_uuid(struct str s, char out_r[37]);

#endif
