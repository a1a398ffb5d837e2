/* The practice in the database: made anew, whole. */
#ifndef GAP_SANDBOX_FILL_H
#define GAP_SANDBOX_FILL_H

#include "sandbox/faults.h"

/*
 * Clients, contacts and links by COPY, in the caller's transaction: the first
 * practice of settings->size, the second of a fifth of it (at least 20).
 * Memory stays flat. It is day 1 again.
 */
MUSTUSE bool fill_practices(struct pg *db, const struct settings *settings, struct err *e);

/* The two practices and the organisation beside them, with the ids they begin with. */
MUSTUSE bool fill_tenants(struct pg *db, struct err *e);

/* The first practice again under another tenant id, as when it was made anew. */
MUSTUSE bool fill_new_tenant(struct pg *db, struct arena *a, struct err *e);

#endif
