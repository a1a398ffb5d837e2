/*
 * Templates: HTML with values, compiled before the first request and bound to
 * a plain C struct. An unknown name, or a value in a wrong place, is therefore an
 * error at start-up and not a broken page.
 *
 *     {{name}}                       the value, escaped for where it stands
 *     {{#if name}} {{else}} {{/if}}  if true, non-zero, or non-empty (text, list, markup);
 *                                    {{#if !name}} negates
 *     {{#each rows}} {{/each}}       once for each item of a list; inside, a name means a
 *                                    field of the item, else of the enclosing struct
 *     {{#with part}} {{/with}}       the same for one nested struct (skipped when the
 *                                    pointer is NULL)
 *     {{> part/pager}}               includes another template here, with the names that
 *                                    are visible here, without its last line feed
 *     {{! a remark}}                 prints nothing
 *     A field of an embedded struct is written a.b.
 *     A tag that prints nothing and is alone on its line removes the whole line.
 *
 * The compiler parses the HTML around each value and chooses the escaper: text, quoted
 * attribute, or URL attribute (href src action formaction: a value at its start is
 * checked as a URL, a later one is percent-encoded as a part). A value is refused in
 * <script>, <style>, a comment, an unquoted attribute, a tag or attribute name, and an
 * on* or style attribute. Where people read the value but no <bdi> is possible (<title>,
 * <option>, aria-label, title, alt, placeholder, label) it is isolated: str_isolate in
 * base/str.h. There is no raw output: safe markup has the type struct html, and may only
 * be used in text.
 */
#ifndef GAP_CODEC_TMPL_H
#define GAP_CODEC_TMPL_H

#include "base/buf.h"
#include "base/err.h"
#include "codec/html.h"

enum tmpl_type {
	TMPL_TEXT,  /* const char *; NULL is empty */
	TMPL_EMAIL, /* an e-mail address; in text it may be broken after '@' and '.' */
	TMPL_INT,  /* int64_t; "1,234" where people read it, plain digits in other attributes */
	TMPL_BOOL, /* bool; only for #if */
	TMPL_HTML, /* struct html */
	TMPL_LIST, /* struct tmpl_list of items of `shape` */
	TMPL_STRUCT, /* an embedded struct of `shape` */
	TMPL_PTR     /* pointer to a struct of `shape`, or NULL */
};

struct tmpl_list {
	const void *items;
	size_t n;
};

struct tmpl_field {
	const char *name;
	enum tmpl_type type;
	size_t offset;
	const struct tmpl_shape *shape; /* LIST, STRUCT, PTR */
};

struct tmpl_shape {
	const char *name; /* the name of the struct, for messages */
	size_t size;
	const struct tmpl_field *fields;
	size_t n;
};

/*
 *     static const struct tmpl_field row_fields[] = {
 *             TMPL_F(struct row, name, TMPL_TEXT),
 *             TMPL_FS(struct row, contacts, TMPL_LIST, &contact_shape),
 *     };
 *     const struct tmpl_shape row_shape = TMPL_SHAPE(struct row, row_fields);
 */
#define TMPL_F(type, field, kind)                           \
	{                                                   \
#field, (kind), offsetof(type, field), NULL \
	}
#define TMPL_FS(type, field, kind, sh)                      \
	{                                                   \
#field, (kind), offsetof(type, field), (sh) \
	}
#define TMPL_SHAPE(type, fields)                                 \
	{                                                        \
#type, sizeof(type), (fields), ARRAY_LEN(fields) \
	}

struct tmpl; /* compiled; lives on the arena of tmpl_compile */

/*
 * Finds the text of another template, for {{> name}}; `read` returns false when there is none.
 */
struct tmpl_source {
	bool (*read)(void *user, const char *name, struct str *text_r);
	void *user;
};

/* ERR_CONFIG: "clients/list.html:12: unknown name 'foo' of struct clients_page". */
MUSTUSE bool tmpl_compile(struct arena *a, const char *name, const struct tmpl_shape *shape,
	const struct tmpl_source *source, const struct tmpl **tmpl_r, struct err *e);

/*
 * Writes the page. `values` is a struct of the compiled shape. Only the maximum size of `out`
 * can cut the output.
 */
void tmpl_render(const struct tmpl *t, const void *values, struct buf *out);

/*
 * The page as markup, to put it into the layout. When it is longer than `max` the markup is
 * NULL; it is never cut.
 */
struct html tmpl_html(const struct tmpl *t, const void *values, struct arena *a, size_t max);

#endif
