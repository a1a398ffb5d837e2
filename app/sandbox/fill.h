/* Generates the practices in the database. */
#ifndef GAP_SANDBOX_FILL_H
#define GAP_SANDBOX_FILL_H

#include "sandbox/faults.h"

/*
 * Writes clients, contacts and links by COPY, in the caller's transaction: the first practice
 * with settings->size clients, the second with a fifth of that (at least 20). Memory use does
 * not depend on the size. The scripted life is at day 1 again.
 */
MUSTUSE bool fill_practices(struct pg *db, const struct settings *settings, struct err *e);

/* Writes the two practices, and an organisation beside them, with their first tenant ids. */
MUSTUSE bool fill_tenants(struct pg *db, struct err *e);

/* Gives the first practice another tenant id, as if it had been created again at Xero. */
MUSTUSE bool fill_new_tenant(struct pg *db, struct arena *a, struct err *e);

#endif
