/*
 * The route table and its matching. A pattern such as "/clients/{id}" consists of literal
 * segments, {id} (a strict positive number) and {name} (any segment of at most 128 bytes). HEAD
 * uses the route of GET. An unknown address gives 404; a known address with another method
 * gives 405 with Allow. `gates` means nothing here: the site defines its bits, and 0 must be
 * the strictest value.
 *
 * Literal segments are compared as sent; a {name} is percent-decoded once. When several rows
 * match, the first one in the table is used.
 */
#ifndef GAP_WEB_ROUTER_H
#define GAP_WEB_ROUTER_H

#include "web/fields.h"

enum { ROUTER_SEGMENT_MAX = 128 };

struct page; /* the site's own request context */

struct route {
	enum method method;
	const char *pattern;
	bool (*handle)(struct page *p, struct err *e);
	unsigned gates;
	const struct field *fields;
	size_t n_fields;
};

#define ROUTE_FIELDS(f) (f), ARRAY_LEN(f)

/*
 * Finds the route and fills r->param and r->id_param. ERR_NOT_FOUND: unknown address.
 * ERR_METHOD: another method; *allow_r lists the allowed ones ("GET, HEAD, POST").
 */
MUSTUSE bool router_match(const struct route *table, size_t n, struct request *r,
	const struct route **route_r, const char **allow_r, struct err *e);

#endif
