/*
 * What XPM sends with a client, and what becomes of each part of it: the privacy page shows this table as
 * it stands. It proves itself: tests/unit/test_kept.c gives the parser a document with a mark in every
 * field, tests/db/test_kept.c compares the columns with the database, and where recorded payloads are at
 * hand every element in them must be named here.
 * Source of the names: Xero, Practice Manager API 3.1, page "clients".
 */
#ifndef GAP_CORE_KEPT_H
#define GAP_CORE_KEPT_H

#include "base/base.h"

enum kept_how {
	KEPT_STORED, /* in `column` */
	KEPT_USED,   /* decides something while the answer is read, and is then forgotten */
	KEPT_NEVER   /* read past */
};

struct kept_field {
	const char *of;	   /* the XPM element it stands in: "Client" or "Contact" */
	const char *names; /* XPM's element names, with ", " between them */
	const char *words; /* what that is, for people */
	enum kept_how how;
	const char *column; /* "client.name"; NULL unless stored */
	const char *why;    /* what it is for; why not, where it is not kept */
};

extern const struct kept_field kept_table[];
extern const size_t kept_count;

/* Is `name`, an element in `of`, in the table? NULL when it is not. */
const struct kept_field *kept_find(const char *of, const char *name);

#endif
