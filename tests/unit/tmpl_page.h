/*
 * The page that the tests of codec/tmpl fill: its structs as a page would
 * declare them, a folder of templates in memory, and short ways to say "this
 * shows that" and "this is refused because".
 */
#ifndef GAP_TEST_TMPL_PAGE_H
#define GAP_TEST_TMPL_PAGE_H

#include "codec/tmpl.h"
#include "test.h"

struct tag {
	const char *label;
};

struct contact {
	const char *name;
	const char *email;
	struct tmpl_list tags;
};

struct owner {
	const char *name;
	struct contact assistant;
};

struct page {
	const char *title;
	const char *none;
	const char *link;
	int64_t total;
	bool yes, no;
	struct html body;
	struct tmpl_list contacts;
	struct owner owner;
	const struct owner *partner;
	const struct owner *nobody;
};

static const struct tmpl_field tag_fields[] = {TMPL_F(struct tag, label, TMPL_TEXT)};
static const struct tmpl_shape tag_shape = TMPL_SHAPE(struct tag, tag_fields);

static const struct tmpl_field contact_fields[] = {
	TMPL_F(struct contact, name, TMPL_TEXT),
	TMPL_F(struct contact, email, TMPL_EMAIL),
	TMPL_FS(struct contact, tags, TMPL_LIST, &tag_shape),
};
static const struct tmpl_shape contact_shape = TMPL_SHAPE(struct contact, contact_fields);

static const struct tmpl_field owner_fields[] = {
	TMPL_F(struct owner, name, TMPL_TEXT),
	TMPL_FS(struct owner, assistant, TMPL_STRUCT, &contact_shape),
};
static const struct tmpl_shape owner_shape = TMPL_SHAPE(struct owner, owner_fields);

static const struct tmpl_field page_fields[] = {
	TMPL_F(struct page, title, TMPL_TEXT),
	TMPL_F(struct page, none, TMPL_TEXT),
	TMPL_F(struct page, link, TMPL_TEXT),
	TMPL_F(struct page, total, TMPL_INT),
	TMPL_F(struct page, yes, TMPL_BOOL),
	TMPL_F(struct page, no, TMPL_BOOL),
	TMPL_F(struct page, body, TMPL_HTML),
	TMPL_FS(struct page, contacts, TMPL_LIST, &contact_shape),
	TMPL_FS(struct page, owner, TMPL_STRUCT, &owner_shape),
	TMPL_FS(struct page, partner, TMPL_PTR, &owner_shape),
	TMPL_FS(struct page, nobody, TMPL_PTR, &owner_shape),
	{"shapeless", TMPL_LIST, 0, NULL},
};
static const struct tmpl_shape page_shape = TMPL_SHAPE(struct page, page_fields);

static const struct tag tags[] = {{"new"}, {"<vip>"}};
static const struct contact contacts[] = {
	{"Ann", "ann@example.org", {tags, 2}},
	{"Bob", NULL, {NULL, 0}},
};
static const struct owner partner = {"Pat", {"Pia", NULL, {tags, 1}}};

static inline struct page values(void)
{
	return (struct page){
		.title = "A & B",
		.link = "/clients?a=1&b=2",
		.total = 1234567,
		.yes = true,
		.body = html_trusted("<b>ready</b>"),
		.contacts = {contacts, 2},
		.owner = {"Olga", {"Otto", "otto@example.org", {NULL, 0}}},
		.partner = &partner,
	};
}

/* ---- a folder of templates: name, text, name, text, NULL ---- */

static inline bool read_folder(void *user, const char *name, struct str *text_r)
{
	for (const char *const *file = user; *file != NULL; file += 2)
		if (strcmp(file[0], name) == 0) {
			*text_r = str_of(file[1]);
			return true;
		}
	return false;
}

static inline bool compile(
	struct arena *a, const char **folder, const struct tmpl **t, struct err *e)
{
	struct tmpl_source source = {read_folder, folder};
	return tmpl_compile(a, "page.html", &page_shape, &source, t, e);
}

static inline const char *render_folder(
	struct arena *a, const char **folder, const struct page *v)
{
	const struct tmpl *t = NULL;
	struct err e;
	struct buf out;
	assert_ok(compile(a, folder, &t, &e));
	buf_init(&out, a, 1024 * 1024);
	tmpl_render(t, v, &out);
	return out.data;
}

static inline const char *render(struct arena *a, const char *text)
{
	struct page v = values();
	return render_folder(a, (const char *[]){"page.html", text, NULL}, &v);
}

static inline const char *error_of(struct arena *a, const char **folder)
{
	const struct tmpl *t = NULL;
	struct err e = {0};
	if (compile(a, folder, &t, &e))
		fail_msg("this was taken: %s", folder[1]);
	assert_int_equal(e.kind, ERR_CONFIG);
	return arena_strdup(a, e.text);
}

static inline const char *refusal(struct arena *a, const char *text)
{
	return error_of(a, (const char *[]){"page.html", text, NULL});
}

static inline void refuses_all(
	struct arena *a, const char *const *texts, size_t n, const char *why)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = refusal(a, texts[i]);
		if (strstr(text, why) == NULL)
			fail_msg("'%s' says '%s', not '%s'", texts[i], text, why);
	}
}

#define refuses(a, why, ...)                                 \
	refuses_all((a), (const char *const[]){__VA_ARGS__}, \
		ARRAY_LEN(((const char *const[]){__VA_ARGS__})), (why))

struct shown {
	const char *text, *page;
};

static inline void shows_all(struct arena *a, const struct shown *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(render(a, cases[i].text), cases[i].page);
}

#define shows(a, ...)                                       \
	shows_all((a), (const struct shown[]){__VA_ARGS__}, \
		ARRAY_LEN(((const struct shown[]){__VA_ARGS__})))

#endif
