/*
 * The route table and its matching. Patterns are literal segments and {id}
 * (strict positive number) or {name} (any segment, at most 128 bytes): "/clients/{id}". HEAD
 * goes where GET goes. An unknown address is 404, a known one with another
 * method 405 with Allow. `gates` means nothing here: the site gives it sense,
 * and 0 must be its strictest.
 *
 * Literal segments are compared as sent; a {name} is percent-decoded, once.
 * Of several rows that fit, the first in the table is taken.
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

/* Fills r->param and r->id_param. ERR_NOT_FOUND; ERR_METHOD with *allow_r ("GET, HEAD, POST"). */
MUSTUSE bool router_match(const struct route *table, size_t n, struct request *r,
	const struct route **route_r, const char **allow_r, struct err *e);

#endif
