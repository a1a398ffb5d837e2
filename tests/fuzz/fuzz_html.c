/*
 * Escaped text holds no raw < > " ' and unescapes to what went in; a URL attribute starts
 * nowhere it may not.
 */
#include "codec/html.h"
#include "fuzz/fuzz.h"

static const struct {
	const char *entity, *plain;
} entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", "\""}, {"&#39;", "'"}};

static struct str unescape(struct arena *a, struct str s)
{
	struct buf out;
	buf_init(&out, a, s.n + 1);
	for (size_t i = 0; i < s.n;) {
		size_t k = 0;
		while (k < ARRAY_LEN(entities) &&
			!str_starts(str_sub(s, i, s.n), entities[k].entity))
			k++;
		must(k < ARRAY_LEN(entities) || s.p[i] != '&');
		buf_add(&out, k < ARRAY_LEN(entities) ? entities[k].plain : s.p + i, 1);
		i += k < ARRAY_LEN(entities) ? strlen(entities[k].entity) : 1;
	}
	return buf_str(&out);
}

static struct str escaped(
	struct arena *a, void (*escape)(struct buf *out, struct str s), struct str s)
{
	struct buf out;
	buf_init(&out, a, 6 * s.n + 8);
	escape(&out, s);
	must(!out.over && strlen(out.data) == out.len);
	must(strpbrk(out.data, "<>\"'") == NULL);
	return buf_str(&out);
}

static void check_url(struct arena *a, struct str s)
{
	struct str out = escaped(a, html_url_attr, s);
	if (str_is(out, "#"))
		return;
	must(str_eq(unescape(a, out), s));
	bool local = out.p[0] == '/' && (out.n == 1 || (out.p[1] != '/' && out.p[1] != '\\'));
	bool web = str_is_ci(str_sub(out, 0, 7), "http://") ||
		   str_is_ci(str_sub(out, 0, 8), "https://");
	must(local || web);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str s = {(const char *)data, size};
	struct str text = escaped(a, html_text, s);
	struct str attr = escaped(a, html_attr, s);
	if (!str_has(s, '\0')) {
		must(str_eq(unescape(a, text), s));
		must(str_eq(unescape(a, attr), s));
	}
	must(strpbrk(escaped(a, html_url_part, s).p, "&:/?# ") == NULL);
	check_url(a, s);
	arena_free(&a);
	return 0;
}
