#include "xpm/draft.h"

struct parse_xml {
	struct xml *xml;
	struct draft *draft;
	enum place open[PARSE_DEPTH_MAX +
			1]; /* the place of each open element; [0] is above the root */
	size_t depth;
};

static bool on_start(void *user, const char *name, const char *const *attributes, struct err *e)
{
	struct parse_xml *x = user;
	(void)attributes;
	enum place at = draft_place(x->draft, x->open[x->depth], name, false);
	if (x->depth == 0 && at != AT_RESPONSE)
		return err_set(e, ERR_MALFORMED,
			"The answer is no XPM document: its root is %.40s.", name);
	x->open[++x->depth] = at;
	return draft_open(x->draft, at, e);
}

/* Inside Client and Contact, an element that is no place of its own is a field. */
static bool on_text(void *user, const char *name, struct str text, struct err *e)
{
	struct parse_xml *x = user;
	enum place at = x->open[x->depth], parent = x->open[x->depth - 1];
	if (draft_is_leaf(at))
		return draft_text(x->draft, at, NULL, text, false, e);
	if (at == AT_ELSEWHERE && (parent == AT_CLIENT || parent == AT_CONTACT))
		return draft_text(x->draft, parent, name, text, false, e);
	return true;
}

static bool on_end(void *user, const char *name, struct err *e)
{
	struct parse_xml *x = user;
	(void)name;
	return draft_close(x->draft, x->open[x->depth--], e);
}

struct parse_xml *parse_xml_new(struct arena *a, struct draft *d)
{
	struct parse_xml *x = arena_new_of(a, struct parse_xml);
	const struct xml_limits limits = {.depth = PARSE_DEPTH_MAX,
		.attributes = PARSE_ATTRIBUTES_MAX,
		.text = PARSE_TEXT_MAX};
	const struct xml_handler handler = {on_start, on_end, on_text, x};
	x->draft = d;
	x->xml = xml_new(a, limits, &handler);
	return x;
}

bool parse_xml_feed(struct parse_xml *x, struct str piece, struct err *e)
{
	return xml_feed(x->xml, piece.p, piece.n, e);
}

bool parse_xml_end(struct parse_xml *x, struct err *e)
{
	return xml_end(x->xml, e);
}
