/*
 * For xpm/parse only: the document as a series of steps that XML and JSON share. parse_xml.c
 * and parse_json.c translate their events into these steps; draft.c keeps the envelope and the
 * current client. Names are XPM's XML names; JSON's differ in letter case only.
 */
#ifndef GAP_XPM_DRAFT_H
#define GAP_XPM_DRAFT_H

#include "codec/json_stream.h"
#include "codec/xml.h"
#include "xpm/parse.h"

enum {
	PARSE_DEPTH_MAX = 16,
	PARSE_ATTRIBUTES_MAX = 16,
	PARSE_TEXT_MAX = 1024 * 1024, /* notes of a single client can be long */
	PARSE_FIELD_MAX =
		64 *
		1024 /* a field that is kept; longer ones are cut, and core/client.h judges them */
};

/* Where in the document an element stands. */
enum place {
	AT_TOP,	     /* before the root */
	AT_RESPONSE, /* in the root */
	AT_STATUS,
	AT_REASON, /* ErrorDescription */
	AT_URL,	   /* WebUrl above Client */
	AT_CLIENTS,
	AT_CLIENT,
	AT_CONTACTS,
	AT_CONTACT,
	AT_PAGING, /* Pagination */
	AT_LINKS,
	AT_NEXT,
	AT_ELSEWHERE /* an element that is not read, or any below it */
};

struct draft {
	enum xpm_document what;
	xpm_on_client *on_client;
	void *user;
	struct arena *arena, *scratch;
	struct xpm_client client;
	struct xpm_contact spare; /* contacts past the limit are counted, not kept */
	size_t contacts_cap;
	int statuses, payloads;
	bool ok, refused; /* Status OK; Status ERROR */
	const char *reason, *url;
	bool have_client; /* XPM_GET: client read, not yet passed to on_client */
	bool more;	  /* the document names a next page */
	int64_t seen, with_contacts;
};

/* The place of element `name` inside `parent`. `fold`: ignore letter case (JSON). */
enum place draft_place(const struct draft *d, enum place parent, const char *name, bool fold);

/* Places whose element is read as one text. */
static inline bool draft_is_leaf(enum place at)
{
	return at == AT_STATUS || at == AT_REASON || at == AT_URL || at == AT_NEXT;
}

MUSTUSE bool draft_open(struct draft *d, enum place at, struct err *e);
/*
 * In a leaf (draft_is_leaf) name is NULL; in AT_CLIENT and AT_CONTACT it is the field's name.
 */
MUSTUSE bool draft_text(struct draft *d, enum place at, const char *name, struct str text,
	bool fold, struct err *e);
MUSTUSE bool draft_close(struct draft *d, enum place at, struct err *e);
MUSTUSE bool draft_finish(struct draft *d, struct err *e);

/* The two formats. Each parser keeps its own stack of places. */
struct parse_xml;
struct parse_xml *parse_xml_new(struct arena *a, struct draft *d);
MUSTUSE bool parse_xml_feed(struct parse_xml *x, struct str piece, struct err *e);
MUSTUSE bool parse_xml_end(struct parse_xml *x, struct err *e);

struct parse_json;
struct parse_json *parse_json_new(struct arena *a, struct draft *d);
MUSTUSE bool parse_json_feed(struct parse_json *j, struct str piece, struct err *e);
MUSTUSE bool parse_json_end(struct parse_json *j, struct err *e);

#endif
