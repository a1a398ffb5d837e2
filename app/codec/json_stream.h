/*
 * JSON, pushed in pieces, with flat memory: the client list may be 100 MB. A
 * hand-written tokenizer (cJSON needs the whole text) that calls back with
 * SAX-like events. It holds exactly the grammar of RFC 8259: valid UTF-8, no
 * byte order mark, no NUL inside a string, escaped surrogates in pairs, depth,
 * lengths, one value and then the end. codec/json judges its texts with it too.
 * Not its part, since memory is flat: keys that come twice, and whether a
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
	size_t depth, text; /* nesting; bytes of one string (unescaped) or number */
};

struct json_stream;

/* `on_event` returns false (with *e set) to stop. `text` is valid during the call only. */
struct json_stream *json_stream_new(struct arena *a, struct json_stream_limits limits,
	bool (*on_event)(void *user, enum json_event event, struct str text, struct err *e),
	void *user);

/*
 * ERR_MALFORMED for a document fault, a passed limit included, else what the handler set. After
 * a failure every further call fails in the same way.
 */
MUSTUSE bool json_stream_feed(struct json_stream *s, const void *p, size_t n, struct err *e);
MUSTUSE bool json_stream_end(struct json_stream *s, struct err *e); /* complete document? */

#endif
