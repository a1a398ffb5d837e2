/*
 * XML, pushed in pieces through expat, with flat memory. Refused: any DOCTYPE
 * (so no entity but the five), depth, attributes and text over the limits, a
 * tag, comment or instruction of more than XML_TOKEN_MAX bytes; comments and
 * processing instructions are ignored. The charset is the one the HTTP header
 * stated or UTF-8; others are refused by the caller before a byte is fed, and
 * what the document says of itself does not count (RFC 7303 section 3): bytes
 * that are not UTF-8 are a fault. Expat itself gets at most XML_EXPAT_MAX bytes for a document.
 */
#ifndef GAP_CODEC_XML_H
#define GAP_CODEC_XML_H

#include "base/err.h"
#include "base/str.h"

enum { XML_TOKEN_MAX = 64 * 1024, XML_EXPAT_MAX = 4 * 1024 * 1024 };

struct xml_limits {
	size_t depth;	   /* open elements */
	size_t attributes; /* of one element */
	size_t text;	   /* bytes of text inside one element */
};

struct xml_handler {
	/*
	 * Names are local to the call. Attributes are name and value in turn, ended by NULL.
	 * Each returns false with *e set to stop the document; none is called again after that.
	 */
	bool (*start)(
		void *user, const char *name, const char *const *attributes, struct err *e);
	bool (*end)(void *user, const char *name, struct err *e);
	/*
	 * Text of a leaf: everything between its tags, joined, as sent (not trimmed), at its end
	 * and before `end`; empty for <Title />. Text beside child elements is ignored.
	 */
	bool (*text)(void *user, const char *name, struct str text, struct err *e);
	void *user;
};

struct xml;

struct xml *xml_new(
	struct arena *a, struct xml_limits limits, const struct xml_handler *handler);

/*
 * ERR_MALFORMED for a document fault, a passed limit included, else what the handler set. After
 * a failure every further call fails in the same way.
 */
MUSTUSE bool xml_feed(struct xml *x, const void *p, size_t n, struct err *e);

/* The root must be closed and nothing but blanks (comments, instructions) behind it. */
MUSTUSE bool xml_end(struct xml *x, struct err *e);

#endif
