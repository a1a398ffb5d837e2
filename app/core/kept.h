/*
 * What XPM sends for a client, and what we do with each part. The privacy page shows this
 * table. Tests compare it with reality: tests/unit/test_kept.c gives the parser a document with
 * a mark in every field, and where recorded payloads are available every element in them must
 * be named here; tests/db/test_kept.c compares the columns with the database. Source of the
 * names: Xero, Practice Manager API 3.1, page "clients".
 */
#ifndef GAP_CORE_KEPT_H
#define GAP_CORE_KEPT_H

#include "base/base.h"

enum kept_how {
	KEPT_STORED, /* in `column` */
	KEPT_USED,   /* used while the answer is read, then forgotten */
	KEPT_NEVER   /* ignored */
};

struct kept_field {
	const char *of;	   /* the XPM element it stands in: "Client" or "Contact" */
	const char *names; /* XPM's element names, with ", " between them */
	const char *words; /* what it is, for people */
	enum kept_how how;
	const char *column; /* "client.name"; NULL unless stored */
	const char *why;    /* what we keep it for; or why we do not keep it */
};

extern const struct kept_field kept_table[];
extern const size_t kept_count;

/* The row for the element `name` inside the element `of`; NULL when the table has none. */
const struct kept_field *kept_find(const char *of, const char *name);

#endif
