#include "codec/cbor.h"

static bool take(struct str *in, size_t n, struct str *taken_r)
{
	if (in->n < n)
		return false;
	*taken_r = (struct str){in->p, n};
	*in = (struct str){in->p + n, in->n - n};
	return true;
}

/*
 * RFC 8949 section 3: three bits of type; five of the value, or of how many bytes of value
 * follow.
 */
static bool take_head(struct str *in, enum cbor_kind *kind_r, uint64_t *number_r)
{
	struct str head, more;
	if (!take(in, 1, &head))
		return false;
	unsigned first = (unsigned char)head.p[0], info = first & 31;
	*kind_r = (enum cbor_kind)(first >> 5);
	*number_r = info;
	if (info < 24)
		return true;
	if (info > 27 || !take(in, (size_t)1 << (info - 24), &more))
		return false;
	*number_r = 0;
	for (size_t i = 0; i < more.n; i++)
		*number_r = *number_r << 8 | (unsigned char)more.p[i];
	return true;
}

static bool skip(struct str *in, int depth);

/*
 * Each item takes at least one byte, so a count that is too large ends at the end of the input.
 */
static bool skip_items(struct str *in, uint64_t n, int depth)
{
	for (uint64_t i = 0; i < n; i++)
		if (!skip(in, depth + 1))
			return false;
	return true;
}

static bool skip_inside(struct str *in, enum cbor_kind kind, uint64_t number, int depth)
{
	struct str inside;
	switch (kind) {
	case CBOR_BYTES:
	case CBOR_TEXT:
		return number <= in->n && take(in, (size_t)number, &inside);
	case CBOR_ARRAY:
		return skip_items(in, number, depth);
	case CBOR_MAP:
		return number <= in->n && skip_items(in, number * 2, depth);
	case CBOR_TAG:
		return skip(in, depth + 1);
	case CBOR_UNSIGNED:
	case CBOR_NEGATIVE:
	case CBOR_SIMPLE:
	default:
		return true;
	}
}

static bool skip(struct str *in, int depth)
{
	enum cbor_kind kind;
	uint64_t number;
	return depth <= CBOR_DEPTH_MAX && take_head(in, &kind, &number) &&
	       skip_inside(in, kind, number, depth);
}

bool cbor_next(struct str *in, struct cbor_item *item_r)
{
	struct str rest = *in;
	if (!take_head(&rest, &item_r->kind, &item_r->number))
		return false;
	const char *inside = rest.p;
	if (!skip_inside(&rest, item_r->kind, item_r->number, 0))
		return false;
	item_r->inside = (struct str){inside, (size_t)(rest.p - inside)};
	item_r->whole = (struct str){in->p, (size_t)(rest.p - in->p)};
	*in = rest;
	return true;
}

bool cbor_get(const struct cbor_item *map, const char *key, struct cbor_item *item_r)
{
	struct str in = map->inside;
	struct cbor_item name, value;
	size_t found = 0;
	if (map->kind != CBOR_MAP)
		return false;
	while (cbor_next(&in, &name) && cbor_next(&in, &value))
		if (name.kind == CBOR_TEXT && str_is(name.inside, key)) {
			*item_r = value;
			found++;
		}
	return found == 1;
}
