/*
 * Any template either is refused as a mistake of the operator's or renders.
 * What renders keeps its shape whatever the values: the page of harmless
 * values and the page of hostile ones have the same count of each character
 * that makes markup. The input is up to three texts, divided by NUL: the page
 * and the partials a and b.
 */
#include "codec/tmpl.h"
#include "fuzz/fuzz.h"

struct item {
	const char *text;
	struct tmpl_list list;
};

struct page {
	const char *text, *url, *mail;
	int64_t n;
	bool yes, no;
	struct html html;
	struct tmpl_list list;
	struct item part;
	const struct item *ptr, *null;
};

static const struct tmpl_shape item_shape;
static const struct tmpl_field item_fields[] = {
	TMPL_F(struct item, text, TMPL_TEXT),
	TMPL_FS(struct item, list, TMPL_LIST, &item_shape),
};
static const struct tmpl_shape item_shape = TMPL_SHAPE(struct item, item_fields);

static const struct tmpl_field page_fields[] = {
	TMPL_F(struct page, text, TMPL_TEXT),
	TMPL_F(struct page, url, TMPL_TEXT),
	TMPL_F(struct page, mail, TMPL_EMAIL),
	TMPL_F(struct page, n, TMPL_INT),
	TMPL_F(struct page, yes, TMPL_BOOL),
	TMPL_F(struct page, no, TMPL_BOOL),
	TMPL_F(struct page, html, TMPL_HTML),
	TMPL_FS(struct page, list, TMPL_LIST, &item_shape),
	TMPL_FS(struct page, part, TMPL_STRUCT, &item_shape),
	TMPL_FS(struct page, ptr, TMPL_PTR, &item_shape),
	TMPL_FS(struct page, null, TMPL_PTR, &item_shape),
};
static const struct tmpl_shape page_shape = TMPL_SHAPE(struct page, page_fields);

/* user: the texts still divided by NUL. */
static bool read_text(void *user, const char *name, struct str *text_r)
{
	struct str rest = *(const struct str *)user;
	static const char *const names[] = {"page", "a", "b"};
	for (size_t i = 0; i < ARRAY_LEN(names) && str_next(&rest, '\0', text_r); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static struct str render(struct arena *a, const struct tmpl *t, const char *text,
	const char *url, const char *mail)
{
	struct item *items = arena_array(a, struct item, 2);
	items[0] = items[1] = (struct item){text, {NULL, 0}};
	items[0].list = (struct tmpl_list){items + 1, 1};
	struct page v = {.text = text,
		.url = url,
		.mail = mail,
		.n = 1234,
		.yes = true,
		.html = html_trusted("<b>"),
		.list = {items, 2},
		.part = items[0],
		.ptr = items};
	struct buf out;
	buf_init(&out, a, 4 * 1024 * 1024);
	tmpl_render(t, &v, &out);
	return out.over ? (struct str){"", 0} : buf_str(&out);
}

static size_t count(struct str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str texts = {(const char *)data, size};
	struct tmpl_source source = {read_text, &texts};
	const struct tmpl *t = NULL;
	struct err e = {0};
	if (size > 8 * 1024 || !tmpl_compile(a, "page", &page_shape, &source, &t, &e)) {
		must(size > 8 * 1024 || (e.kind == ERR_CONFIG && e.text[0] != '\0'));
	} else {
		struct str calm = render(a, t, "x", "/x", "x@x.x");
		struct str wild = render(a, t, "\"'><script>&\xD7\xA0</title></textarea>-->",
			"javascript:\"'<>", "\"'<i>@&.\xD7\xA0");
		for (const char *c = "<>\"'"; *c != '\0' && wild.n != 0; c++)
			must(count(calm, *c) == count(wild, *c));
	}
	arena_free(&a);
	return 0;
}
