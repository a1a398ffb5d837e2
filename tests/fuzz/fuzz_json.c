/* Whatever parses can be walked; its strings, written by us, parse to the same. */
#include "codec/json.h"
#include "fuzz/fuzz.h"

static void check_text(struct arena *a, const char *text)
{
	const struct json *again;
	struct err e;
	struct buf b;
	must(str_utf8_valid(str_of(text)));
	buf_init(&b, a, 6 * strlen(text) + 2);
	json_add_string(&b, text);
	must(!b.over && !str_has(buf_str(&b), '<'));
	if (b.len <= JSON_BYTES_MAX)
		must(json_parse(a, buf_str(&b), &again, &e) &&
			strcmp(json_text(again), text) == 0);
}

static void walk(struct arena *a, const struct json *node, int depth)
{
	int64_t n;
	bool b;
	must(depth <= JSON_DEPTH_MAX);
	if (json_int(node, &n))
		must(n > -(INT64_C(1) << 53) && n < INT64_C(1) << 53);
	(void)json_bool(node, &b);
	(void)json_get(node, "kid");
	if (json_text(node) != NULL)
		check_text(a, json_text(node));
	for (size_t i = 0; i < json_len(node); i++)
		walk(a, json_at(node, i), depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const struct json *root;
	struct err e;
	if (json_parse(a, (struct str){(const char *)data, size}, &root, &e))
		walk(a, root, 0);
	else
		must(e.kind == ERR_MALFORMED);
	char *any = arena_strndup(a, (const char *)data, size);
	struct buf b;
	buf_init(&b, a, 6 * size + 2);
	json_add_string(&b, any); /* of bytes that may be no UTF-8: still JSON */
	if (b.len <= JSON_BYTES_MAX)
		must(json_parse(a, buf_str(&b), &root, &e));
	arena_free(&a);
	return 0;
}
