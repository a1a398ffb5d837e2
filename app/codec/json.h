/*
 * JSON (RFC 8259) for small documents: token answers, /connections, JWTs, the JWKS, error
 * bodies, job payloads. The client list is read by json_stream instead. cJSON alone accepts too
 * much, so this adds: limits on bytes, depth and number of values; nothing after the value;
 * valid UTF-8; no NUL inside a string; finite numbers of at most 63 characters; no duplicate
 * keys. Lone surrogates, control characters in strings, 01, 1. and a byte order mark are
 * refused too.
 */
#ifndef GAP_CODEC_JSON_H
#define GAP_CODEC_JSON_H

#include "base/buf.h"
#include "base/err.h"

enum { JSON_BYTES_MAX = 1024 * 1024, JSON_DEPTH_MAX = 32, JSON_VALUES_MAX = 64 * 1024 };

struct json; /* a node; it and all its texts live on the arena of json_parse */

/* ERR_MALFORMED. */
MUSTUSE bool json_parse(
	struct arena *a, struct str text, const struct json **root_r, struct err *e);

/* All look-ups accept NULL and return NULL when the value is missing or has another type. */
const struct json *json_get(const struct json *object, const char *name);
const struct json *json_at(const struct json *array, size_t i); /* constant time */
size_t json_len(const struct json *array);			/* 0 when not an array */
const char *json_text(const struct json *node);			/* NULL when not a string */
bool json_bool(const struct json *node, bool *b_r);
bool json_is_null(const struct json *node); /* present and null */
bool json_is_array(const struct json *node);
bool json_is_object(const struct json *node);

/*
 * An integral number from -(2^53-1) to 2^53-1 (RFC 7493 section 2.2); false for others. Beyond,
 * the double may have been rounded: 2^53 may stand for 2^53+1. 1.0 and 1e3 are integral.
 */
bool json_int(const struct json *node, int64_t *n_r);

/*
 * Appends a string with its quotes; NULL gives null. It is escaped so that the text is safe
 * inside <script> too. A byte that is not UTF-8 becomes U+FFFD, so that what we write can
 * always be parsed.
 */
void json_add_string(struct buf *out, const char *s);

/*
 * An object {"name":"text",...}. The arguments are pairs of name and text, then NULL. A NULL
 * text gives null.
 */
char *json_object(struct arena *a, ...) __attribute__((sentinel));

#endif
