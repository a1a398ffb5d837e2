#include "web/router.h"

#include "base/buf.h"

enum { ALLOW_TEXT_MAX = 64 };

/* The parameters that a pattern took out of a path. */
struct capture {
	const char *param[REQUEST_PARAMS_MAX];
	size_t n;
	int64_t id;
};

static void keep(struct capture *c, const char *pattern, const char *value)
{
	if (c->n == REQUEST_PARAMS_MAX)
		bug("route %s has more than %d parameters", pattern, REQUEST_PARAMS_MAX);
	c->param[c->n++] = value;
}

static bool match_segment(const struct request *r, const char *pattern, struct str want,
	struct str sent, struct capture *c)
{
	int64_t id = 0;
	const char *text;
	if (!str_starts(want, "{"))
		return str_eq(want, sent);
	if (str_is(want, "{id}")) {
		if (!str_to_i64(sent, &id) || id <= 0)
			return false;
		if (c->id == 0)
			c->id = id;
		keep(c, pattern, str_dup(r->arena, sent));
		return true;
	}
	if (sent.n == 0 || !form_unescape_path(r->arena, sent, &text) ||
		strlen(text) > ROUTER_SEGMENT_MAX)
		return false;
	keep(c, pattern, text);
	return true;
}

static bool match_path(const struct request *r, const char *pattern, struct capture *c_r)
{
	struct str want_rest = str_of(pattern), sent_rest = str_of(r->path), want, sent;
	*c_r = (struct capture){0};
	while (str_next(&want_rest, '/', &want))
		if (!str_next(&sent_rest, '/', &sent) ||
			!match_segment(r, pattern, want, sent, c_r))
			return false;
	return !str_next(&sent_rest, '/', &sent);
}

static bool takes_method(const struct route *row, enum method asked)
{
	if (asked == METHOD_HEAD)
		asked = METHOD_GET;
	return asked != METHOD_OTHER && row->method == asked;
}

/*
 * The order of the methods does not depend on the table, so that responses can be compared byte
 * by byte.
 */
static const char *allow_text(struct arena *a, unsigned seen)
{
	static const struct {
		enum method method;
		const char *text;
	} words[] = {
		{METHOD_GET, "GET, HEAD"}, {METHOD_POST, "POST"}, {METHOD_DELETE, "DELETE"}};
	struct buf out;
	buf_init(&out, a, ALLOW_TEXT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if ((seen & 1U << words[i].method) == 0)
			continue;
		buf_adds(&out, out.len == 0 ? "" : ", ");
		buf_adds(&out, words[i].text);
	}
	return out.data;
}

bool router_match(const struct route *table, size_t n, struct request *r,
	const struct route **route_r, const char **allow_r, struct err *e)
{
	unsigned seen = 0;
	for (size_t i = 0; i < n; i++) {
		struct capture c;
		if (!match_path(r, table[i].pattern, &c))
			continue;
		seen |= 1U << table[i].method;
		if (!takes_method(&table[i], r->method))
			continue;
		memcpy(r->param, c.param, sizeof r->param);
		r->id_param = c.id;
		*route_r = &table[i];
		return true;
	}
	if (seen == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such page.");
	*allow_r = allow_text(r->arena, seen);
	return err_set(e, ERR_METHOD, "This address does not take that method.");
}
