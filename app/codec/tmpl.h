/*
 * Templates: HTML with values, compiled before the first request and bound to
 * a plain C struct, so an unknown name or a value in a wrong place is an error
 * at start, not a page.
 *
 *     {{name}}                       the value, escaped for where it stands
 *     {{#if name}} {{else}} {{/if}}  true, non-zero, non-empty text, list or markup;
 *                                    {{#if !name}} is not
 *     {{#each rows}} {{/each}}       a list; inside, names are the item's, else the
 *                                    enclosing struct's
 *     {{#with part}} {{/with}}       the same for a nested struct (skipped when its
 *                                    pointer is NULL)
 *     {{> part/pager}}               another template, compiled in here with the names
 *                                    visible here, without its last line's end
 *     {{! a remark}}
 *     A nested field of an embedded struct is written a.b.
 *     A tag that prints nothing, alone on its line, takes the line with it.
 *
 * The compiler follows the HTML around it and picks the escaper: text, quoted
 * attribute, URL attribute (href src action formaction: a leading {{value}} is
 * checked as a URL, a later one is percent-encoded as a part). A value in
 * <script>, <style>, a comment, an unquoted attribute, a tag or attribute name, an on* or
 * style attribute is refused. Words for people where no <bdi> can stand (<title>, <option>,
 * aria-label, title, alt, placeholder, label) are isolated: str_isolate in base/str.h. There is no raw output: ready markup is the type
 * struct html, and stands in text context only.
 */
#ifndef GAP_CODEC_TMPL_H
#define GAP_CODEC_TMPL_H

#include "base/buf.h"
#include "base/err.h"
#include "codec/html.h"

enum tmpl_type {
	TMPL_TEXT, /* const char *; NULL is empty */
	TMPL_EMAIL, /* as TMPL_TEXT, an e-mail address: in text it may be broken behind '@' and '.' */
	TMPL_INT, /* int64_t; "1,234" in text and words for people, plain in other attributes */
	TMPL_BOOL,   /* bool; only for #if */
	TMPL_HTML,   /* struct html */
	TMPL_LIST,   /* struct tmpl_list of items of `shape` */
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
	const char *name; /* of the struct, for messages */
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

/* Finds the text of another template for {{> name}}; false when there is none. */
struct tmpl_source {
	bool (*read)(void *user, const char *name, struct str *text_r);
	void *user;
};

/* ERR_CONFIG: "clients/list.html:12: unknown name 'foo' of struct clients_page". */
MUSTUSE bool tmpl_compile(struct arena *a, const char *name, const struct tmpl_shape *shape,
	const struct tmpl_source *source, const struct tmpl **tmpl_r, struct err *e);

/*
 * Writes the page; `values` is a struct of the compiled shape. Cannot fail but by the
 * buffer's ceiling.
 */
void tmpl_render(const struct tmpl *t, const void *values, struct buf *out);

/*
 * The same as ready markup, to place a page inside the layout. Over `max`: no markup
 * (NULL), never a cut page.
 */
struct html tmpl_html(const struct tmpl *t, const void *values, struct arena *a, size_t max);

#endif
