/*
 * Parses a client document from XPM, fed in pieces: client.api/list, client.api/get and the
 * paged samples. The answer's Content-Type says whether it is XML, which Xero documents, or
 * JSON. Each client goes to a callback as soon as it is read, so memory does not grow with the
 * list. Pure: no socket, no SQL. Fuzzed.
 *
 * A document counts as complete by its own content, not because the transfer ended: the root
 * `Response` is closed (JSON: one object), `Status` is OK, the payload element is there and
 * closed, and nothing follows. Elements are read by name in any order; all are optional,
 * unknown ones are skipped. Flags are "Yes" or "No" (JSON: also true and false). Sources:
 * developer.xero.com, Practice Manager API 3.1, Overview and Clients.
 */
#ifndef GAP_XPM_PARSE_H
#define GAP_XPM_PARSE_H

#include "core/client.h"

enum xpm_document {
	XPM_LIST, /* Response > Clients > Client; clients: [...] */
	XPM_GET	  /* Response > Client, WebUrl possibly above it; client: {...} */
};

/*
 * *c and its texts are valid during the call only. Returns false (with *e set) to stop the
 * document.
 */
typedef bool xpm_on_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e);

struct xpm_parse;

/*
 * media_type: "text/xml", "application/xml" or "application/json"; charset: "", "utf-8" or
 * "us-ascii"; both in lower case, as in struct http_reply. ERR_MALFORMED: anything else, for
 * instance HTML.
 */
MUSTUSE bool xpm_parse_new(struct arena *a, enum xpm_document what, const char *media_type,
	const char *charset, xpm_on_client *on_client, void *user, struct xpm_parse **p_r,
	struct err *e);

/* Errors: ERR_MALFORMED, or what the callback set. */
MUSTUSE bool xpm_parse_feed(struct xpm_parse *p, struct str piece, struct err *e);

/*
 * Ends the document. ERR_REFUSED: `Status` is ERROR; the sentence has Xero's reason.
 * ERR_MALFORMED: anything else is missing. For XPM_GET the callback is called from here.
 */
MUSTUSE bool xpm_parse_end(struct xpm_parse *p, struct err *e);

/* Clients read so far; and how many of them had a Contacts element, perhaps an empty one. */
int64_t xpm_parse_seen(const struct xpm_parse *p);
int64_t xpm_parse_with_contacts(const struct xpm_parse *p);

/*
 * True: the document names a next page (Pagination > Links > Next), so it is not the whole
 * list.
 */
bool xpm_parse_more(const struct xpm_parse *p);

/* Xero's ErrorDescription when `Status` is ERROR; else "". */
const char *xpm_parse_reason(const struct xpm_parse *p);

#endif
