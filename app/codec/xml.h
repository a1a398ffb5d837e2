/*
 * An XML parser that is fed in pieces and needs constant memory, through expat. Refused: any
 * DOCTYPE (so the only entities are the five built-in ones); depth, attributes or text over the
 * limits; a tag, comment or instruction of more than XML_TOKEN_MAX bytes. Comments and
 * processing instructions are ignored.
 *
 * The charset is UTF-8. The caller refuses a document whose HTTP header states another one,
 * before it feeds a byte. The encoding that the document itself declares is ignored (RFC 7303
 * section 3); bytes that are not UTF-8 are a fault. Expat may allocate at most XML_EXPAT_MAX
 * bytes per document.
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
	 * Names are valid only during the call. `attributes` alternates name and value, ended
	 * by NULL. Each function returns false, with *e set, to stop; then none is called
	 * again.
	 */
	bool (*start)(
		void *user, const char *name, const char *const *attributes, struct err *e);
	bool (*end)(void *user, const char *name, struct err *e);
	/*
	 * The text of a leaf: all text between its tags, joined, not trimmed. Called once,
	 * before its `end`; empty for <Title />. Text beside child elements is ignored.
	 */
	bool (*text)(void *user, const char *name, struct str text, struct err *e);
	void *user;
};

struct xml;

struct xml *xml_new(
	struct arena *a, struct xml_limits limits, const struct xml_handler *handler);

/*
 * ERR_MALFORMED for a fault of the document or an exceeded limit; else the error that a handler
 * set. After a failure every further call fails with the same error.
 */
MUSTUSE bool xml_feed(struct xml *x, const void *p, size_t n, struct err *e);

/*
 * The end of the document: the root must be closed. Only blanks, comments and instructions may
 * follow it.
 */
MUSTUSE bool xml_end(struct xml *x, struct err *e);

#endif
