/* Whole, byte by byte and cut by its first byte: the same events and the same verdict. */
#include "codec/hash.h"
#include "codec/json.h"
#include "codec/json_stream.h"
#include "fuzz/fuzz.h"

enum { DEPTH_MAX = 8, TEXT_MAX = 256 };

struct outcome {
	bool good;
	int depth;
	unsigned char events[HASH_BYTES];
	struct hash_stream *hash;
};

static bool on_event(void *user, enum json_event event, struct str text, struct err *e)
{
	struct outcome *o = user;
	char kind = (char)event;
	(void)e;
	o->depth += event == JSON_OBJECT_START || event == JSON_ARRAY_START;
	o->depth -= event == JSON_OBJECT_END || event == JSON_ARRAY_END;
	must(o->depth >= 0 && o->depth <= DEPTH_MAX && text.n <= TEXT_MAX);
	must(str_utf8_valid(text) && !str_has(text, '\0'));
	hash_stream_add(o->hash, (struct str){&kind, 1});
	hash_stream_add(o->hash, text);
	return true;
}

static struct outcome run(struct arena *a, struct str doc, size_t piece)
{
	struct outcome o = {.hash = hash_stream_new(a)};
	struct json_stream *s = json_stream_new(
		a, (struct json_stream_limits){DEPTH_MAX, TEXT_MAX}, on_event, &o);
	struct err e;
	o.good = true;
	for (size_t at = 0; o.good && at < doc.n; at += piece) {
		struct str part = str_sub(doc, at, piece);
		o.good = json_stream_feed(s, part.p, part.n, &e);
	}
	o.good = json_stream_end(s, &e);
	must(o.good || e.kind == ERR_MALFORMED);
	must(!o.good || o.depth == 0);
	hash_stream_end(o.hash, o.events);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct arena *a = arena_new();
	struct str doc = {(const char *)data + 1, size - 1};
	struct outcome whole = run(a, doc, doc.n + 1);
	const size_t pieces[] = {1, 1 + data[0]};
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct outcome again = run(a, doc, pieces[i]);
		must(again.good == whole.good);
		must(memcmp(again.events, whole.events, HASH_BYTES) == 0);
	}
	const struct json *root;
	struct err e;
	if (json_parse(a, doc, &root, &e) && !whole.good)
		must(doc.n > TEXT_MAX ||
			doc.n > 2 * DEPTH_MAX); /* only for our tighter limits */
	arena_free(&a);
	return 0;
}
