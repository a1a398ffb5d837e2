/* Whole, byte by byte and cut by its first byte: the same verdict and, when good, the same events. */
#include "codec/hash.h"
#include "codec/xml.h"
#include "fuzz/fuzz.h"

static const struct xml_limits limits = {8, 4, 256};

struct outcome {
	bool good;
	size_t depth;
	unsigned char events[HASH_BYTES];
	struct hash_stream *hash;
};

static void add(struct outcome *o, const char *kind, const char *s)
{
	must(str_utf8_valid(str_of(s)));
	hash_stream_add(o->hash, str_of(kind));
	hash_stream_add(o->hash, str_of(s));
}

static bool on_start(void *user, const char *name, const char *const *attributes, struct err *e)
{
	struct outcome *o = user;
	size_t n = 0;
	(void)e;
	must(++o->depth <= limits.depth);
	add(o, "<", name);
	for (; attributes[n] != NULL; n++)
		add(o, "=", attributes[n]);
	must(n % 2 == 0 && n / 2 <= limits.attributes);
	return true;
}

static bool on_end(void *user, const char *name, struct err *e)
{
	struct outcome *o = user;
	(void)e;
	must(o->depth-- > 0);
	add(o, ">", name);
	return true;
}

static bool on_text(void *user, const char *name, struct str text, struct err *e)
{
	struct outcome *o = user;
	(void)e;
	must(text.n <= limits.text && str_utf8_valid(text) && !str_has(text, '\0'));
	add(o, "t", name);
	hash_stream_add(o->hash, text);
	return true;
}

static struct outcome run(struct arena *a, struct str doc, size_t piece)
{
	struct outcome o = {.hash = hash_stream_new(a)};
	struct xml_handler handler = {on_start, on_end, on_text, &o};
	struct xml *x = xml_new(a, limits, &handler);
	struct err e;
	o.good = true;
	for (size_t at = 0; o.good && at < doc.n; at += piece) {
		struct str part = str_sub(doc, at, piece);
		o.good = xml_feed(x, part.p, part.n, &e);
	}
	o.good = xml_end(x, &e);
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
		must(!whole.good || memcmp(again.events, whole.events, HASH_BYTES) == 0);
	}
	arena_free(&a);
	return 0;
}
