/*
 * What the tables should hold, told without any of the product's code: a client
 * is an entry in an array by its number, a person too, and a complete run copies
 * what Xero says over what was there. For tests/worker/test_model.c.
 *
 *   a listed client, as it is       stored; archived or deleted ones with that reason
 *   a prospect, listed              not stored; a live one is archived for it
 *   a record without a name         as if it were not there, and not missing either
 *   live, no longer told at all     archived: gone_from_xpm
 *   live, not listed, get answers   as listed; with a failure: unchanged; 403: not_visible
 */
#ifndef GAP_TESTS_PRACTICE_MODEL_H
#define GAP_TESTS_PRACTICE_MODEL_H

#include "support/xero_stub.h"

enum { MODEL_CLIENTS = 60, MODEL_PEOPLE = 40 };

struct model_client {
	bool stored;
	const char *name, *reason; /* NULL: live */
	int people[STUB_CONTACTS_MAX];
	int n, primary, flags; /* primary: place of the marked one; -1: none */
};

struct model {
	struct model_client clients[MODEL_CLIENTS];
	struct stub_contact people[MODEL_PEOPLE];
};

/* The number behind a UUID of stub_uuid. */
int model_number(const char *uuid);

/* A complete run over what the stub says now. Keeps its texts. */
void model_run(struct model *m, struct arena *a, const struct stub_xero *x);

/* As lines, sorted; and the same of the tables. */
const char *model_picture(struct arena *a, const struct model *m);
extern const char model_picture_sql[];

#endif
