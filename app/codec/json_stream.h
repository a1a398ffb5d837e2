/*
 * A JSON parser that is fed in pieces and needs constant memory: the client list may be 100 MB.
 * It is our own tokenizer (cJSON needs the whole text), which reports events through a
 * callback, as SAX does for XML. It accepts exactly the grammar of RFC 8259: valid UTF-8, no
 * byte order mark, no NUL inside a string, surrogate escapes in pairs, one value and then the
 * end; it also enforces the limits of depth and length. codec/json checks its texts with it
 * too. Because its memory is constant it does not check for duplicate keys; nor whether a
 * number fits a type.
 */
#ifndef GAP_CODEC_JSON_STREAM_H
#define GAP_CODEC_JSON_STREAM_H

#include "base/err.h"
#include "base/str.h"

enum json_event {
	JSON_OBJECT_START,
	JSON_OBJECT_END,
	JSON_ARRAY_START,
	JSON_ARRAY_END,
	JSON_KEY,    /* text: unescaped */
	JSON_STRING, /* text: unescaped */
	JSON_NUMBER, /* text: as written */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL
};

struct json_stream_limits {
	size_t depth, text; /* levels of nesting; bytes of one string (unescaped) or number */
};

struct json_stream;

/* on_event returns false, with *e set, to stop. `text` is valid only during the call. */
struct json_stream *json_stream_new(struct arena *a, struct json_stream_limits limits,
	bool (*on_event)(void *user, enum json_event event, struct str text, struct err *e),
	void *user);

/*
 * ERR_MALFORMED for a fault of the document or an exceeded limit; else the error that on_event
 * set. After a failure every further call fails with the same error.
 */
MUSTUSE bool json_stream_feed(struct json_stream *s, const void *p, size_t n, struct err *e);
MUSTUSE bool json_stream_end(
	struct json_stream *s, struct err *e); /* ERR_MALFORMED: incomplete */

#endif
