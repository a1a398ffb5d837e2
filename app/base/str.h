/*
 * Slices: a pointer and a length into bytes owned by someone else. Parsers use
 * them so that nothing is copied or NUL-terminated before it is judged; what
 * passes becomes `const char *` on an arena by str_dup().
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

/* Next piece of *rest before `sep`; false when nothing is left. "a,,b" gives a, "", b. */
bool str_next(struct str *rest, char sep, struct str *piece_r);

/* Before and after the first `sep`; false (both untouched) when there is none. */
bool str_cut(struct str s, char sep, struct str *before_r, struct str *after_r);

/* NUL-terminated copy. The slice holds no NUL (judge with str_has(s, 0) first). */
char *str_dup(struct arena *a, struct str s);
char *str_lower(struct arena *a, struct str s); /* ASCII only */

/* Strict decimal: optional '-', digits, no leading zero but "0", no sign '+', no blanks, in range. */
MUSTUSE bool str_to_i64(struct str s, int64_t *n_r);

/* Well-formed UTF-8 (RFC 3629: no overlong, no surrogate, at most U+10FFFF). */
bool str_utf8_valid(struct str s);

/* Code points of valid UTF-8. */
size_t str_utf8_len(struct str s);

/* The code point that begins at `p` of valid UTF-8, and how many bytes it takes. */
uint32_t str_code_point(const char *p, size_t *step_r);

/*
 * A name as it may stand inside a sentence that is plain text (a notice, a mail, an <option>, a
 * label), where no <bdi> can go around it. One that is written from right to left comes between
 * U+2068 FIRST STRONG ISOLATE and U+2069 (UAX #9, section 2.4), so that it turns nobody's words
 * but its own. What would reach beyond it is left out of any name: U+202A-202E, and isolates
 * (U+2066-2069) that do not come in pairs; those in pairs stay, so that isolating twice is once too
 * often but no harm. Every other name stays as it is, byte for byte. NULL is "".
 */
const char *str_isolate(struct arena *a, const char *name);

/* How people are told a number, in pages, notices and mails alike: "1,234", "-1,234". */
const char *str_number(struct arena *a, int64_t n);
/* With what is counted: "1 client", "1,234 clients". */
const char *str_count(struct arena *a, int64_t n, const char *one, const char *many);

/* Canonical 8-4-4-4-12 hex; folds to lower case. out_r holds 36 + NUL. */
MUSTUSE bool str_uuid(struct str s, char out_r[37]);

#endif
