#include "xpm/parse.h"

#include "xpm/draft.h"

struct xpm_parse {
	struct draft draft;
	struct parse_xml *xml;
	struct parse_json *json; /* exactly one of the two */
};

static void free_scratch(void *scratch)
{
	struct arena *a = scratch;
	arena_free(&a);
}

static bool is_xml(const char *media_type)
{
	return strcmp(media_type, "text/xml") == 0 ||
	       strcmp(media_type, "application/xml") == 0;
}

bool xpm_parse_new(struct arena *a, enum xpm_document what, const char *media_type,
	const char *charset, xpm_on_client *on_client, void *user, struct xpm_parse **p_r,
	struct err *e)
{
	bool json = strcmp(media_type, "application/json") == 0;
	if (!json && !is_xml(media_type))
		return err_set(e, ERR_MALFORMED,
			"Xero sent something other than a client list (%s).",
			*media_type == '\0' ? "without a type" : media_type);
	if (*charset != '\0' && strcmp(charset, "utf-8") != 0 &&
		strcmp(charset, "us-ascii") != 0)
		return err_set(e, ERR_MALFORMED,
			"Xero sent text in a code we do not read (%.40s).", charset);
	struct xpm_parse *p = arena_new_of(a, struct xpm_parse);
	p->draft = (struct draft){.what = what,
		.on_client = on_client,
		.user = user,
		.arena = a,
		.scratch = arena_new()};
	arena_defer(a, free_scratch, p->draft.scratch);
	if (json)
		p->json = parse_json_new(a, &p->draft);
	else
		p->xml = parse_xml_new(a, &p->draft);
	*p_r = p;
	return true;
}

bool xpm_parse_feed(struct xpm_parse *p, struct str piece, struct err *e)
{
	return p->json != NULL ? parse_json_feed(p->json, piece, e)
			       : parse_xml_feed(p->xml, piece, e);
}

bool xpm_parse_end(struct xpm_parse *p, struct err *e)
{
	bool whole = p->json != NULL ? parse_json_end(p->json, e) : parse_xml_end(p->xml, e);
	return whole && draft_finish(&p->draft, e);
}

int64_t xpm_parse_seen(const struct xpm_parse *p)
{
	return p->draft.seen;
}

int64_t xpm_parse_with_contacts(const struct xpm_parse *p)
{
	return p->draft.with_contacts;
}

bool xpm_parse_more(const struct xpm_parse *p)
{
	return p->draft.more;
}

const char *xpm_parse_reason(const struct xpm_parse *p)
{
	return p->draft.refused && p->draft.reason != NULL ? p->draft.reason : "";
}
