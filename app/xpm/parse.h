/*
 * A client document of XPM's, pushed in pieces: client.api/list, client.api/get
 * and the paged samples, in XML (the contract of record) or JSON, chosen by the
 * answer's Content-Type. One client at a time goes to a callback; memory does
 * not grow with the list. Pure: no socket, no SQL; fuzzed.
 *
 * The document proves itself, never the transfer: root `Response` closed (JSON:
 * one object), `Status` OK, the payload element there and closed, nothing
 * behind it. Elements are read by name, in any order; all are optional, unknown
 * ones are skipped. Flags are "Yes"/"No" (JSON: true and false too).
 * Sources: Xero, Practice Manager API 3.1, pages "overview" and "clients".
 */
#ifndef GAP_XPM_PARSE_H
#define GAP_XPM_PARSE_H

#include "core/client.h"

enum xpm_document {
	XPM_LIST, /* Response > Clients > Client; clients: [...] */
	XPM_GET	  /* Response > Client, WebUrl possibly above it; client: {...} */
};

/* The client and its texts are gone after the call. False (with *e set) stops the document. */
typedef bool xpm_on_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e);

struct xpm_parse;

/*
 * media_type: "text/xml", "application/xml", "application/json"; charset: "", "utf-8" or
 * "us-ascii"; both lower case, as in struct http_reply. Others, HTML above all: ERR_MALFORMED.
 */
MUSTUSE bool xpm_parse_new(struct arena *a, enum xpm_document what, const char *media_type,
	const char *charset, xpm_on_client *on_client, void *user, struct xpm_parse **p_r,
	struct err *e);

/* ERR_MALFORMED, or what the callback set. */
MUSTUSE bool xpm_parse_feed(struct xpm_parse *p, struct str piece, struct err *e);

/*
 * The whole document was there. `Status` ERROR is ERR_REFUSED with Xero's reason in the
 * sentence; everything else that is missing is ERR_MALFORMED. XPM_GET calls back from here.
 */
MUSTUSE bool xpm_parse_end(struct xpm_parse *p, struct err *e);

/* Clients met so far; and those that had a Contacts element, if only an empty one. */
int64_t xpm_parse_seen(const struct xpm_parse *p);
int64_t xpm_parse_with_contacts(const struct xpm_parse *p);

/* It names a next page (Pagination > Links > Next): what was read is not the whole list. */
bool xpm_parse_more(const struct xpm_parse *p);

/* Xero's ErrorDescription once `Status` was ERROR; "" otherwise. */
const char *xpm_parse_reason(const struct xpm_parse *p);

#endif
