/*
 * What app/xpm/parse makes of a document, as text that can be compared: a line a
 * client, a line a contact, the counts at the end; behind them "!" and the error
 * if it was refused. `~` is an absent text. tests/data/xpm/parse/NAME.want are such texts.
 */
#ifndef GAP_TEST_XPM_TOLD_H
#define GAP_TEST_XPM_TOLD_H

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "test.h"
#include "xpm/parse.h"

enum { TOLD_MAX = 256 * 1024, SPLIT_NONE = 0, SPLIT_BYTES = SIZE_MAX };

static inline const char *told_or(const char *s)
{
	return s == NULL ? "~" : s;
}

static inline bool told_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct buf *out = user;
	(void)scratch, (void)e;
	buf_printf(out, "client %s|%s|%s|%s%s%s%s|contacts ", told_or(c->uuid),
		told_or(c->name), told_or(c->web_url), c->is_prospect ? "prospect" : "",
		c->is_archived ? "archived" : "", c->is_deleted ? "deleted" : "",
		c->is_prospect || c->is_archived || c->is_deleted ? "" : "live");
	if (c->has_contacts)
		buf_printf(out, "%zu\n", c->n_contacts);
	else
		buf_adds(out, "untold\n");
	for (size_t i = 0; i < c->n_contacts; i++) {
		const struct xpm_contact *p = &c->contacts[i];
		buf_printf(out, "  %s|%s|%s|%s|%s|%s%s%s\n", told_or(p->uuid), told_or(p->name),
			told_or(p->email), told_or(p->phone), told_or(p->mobile),
			p->is_primary ? "primary" : "", p->is_deleted ? "deleted" : "",
			p->is_primary || p->is_deleted ? "" : "-");
	}
	return true;
}

static inline bool told_feed(struct xpm_parse *p, struct str doc, size_t split, struct err *e)
{
	if (split != SPLIT_BYTES)
		return xpm_parse_feed(p, str_sub(doc, 0, split), e) &&
		       xpm_parse_feed(p, str_sub(doc, split, doc.n), e);
	for (size_t i = 0; i < doc.n; i++)
		if (!xpm_parse_feed(p, str_sub(doc, i, 1), e))
			return false;
	return true;
}

/* In two pieces cut at `split`, or byte by byte. *kind_r: ERR_NONE when it was taken. */
static inline const char *told(struct arena *a, enum xpm_document what, const char *media_type,
	struct str doc, size_t split, enum err_kind *kind_r)
{
	struct err e = {0};
	struct xpm_parse *p = NULL;
	struct buf *out = arena_new_of(a, struct buf);
	buf_init(out, a, TOLD_MAX);
	if (!xpm_parse_new(a, what, media_type, "utf-8", told_client, out, &p, &e))
		fail_msg("%s", e.text);
	bool fine = told_feed(p, doc, split, &e);
	bool whole = xpm_parse_end(p, &e);
	assert_true(fine || !whole); /* a fault is not forgotten */
	buf_printf(out, "seen %" PRId64 ", with contacts %" PRId64 "\n", xpm_parse_seen(p),
		xpm_parse_with_contacts(p));
	*kind_r = whole ? ERR_NONE : e.kind;
	if (!whole)
		buf_printf(out, "!%s", e.text);
	assert_false(out->over);
	return out->data;
}

/* A file of at most 1 MiB; {NULL, 0} when there is none. */
static inline struct str told_file(struct arena *a, const char *path)
{
	const size_t max = 1024 * 1024;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return (struct str){0};
	char *bytes = arena_alloc(a, max);
	size_t n = fread(bytes, 1, max, f);
	assert_int_equal(ferror(f), 0);
	assert_true(n < max);
	assert_int_equal(fclose(f), 0);
	return (struct str){bytes, n};
}

#endif
