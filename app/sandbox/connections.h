/* GET /connections and DELETE /connections/{id} (xero-api: /connections). */
#ifndef GAP_SANDBOX_CONNECTIONS_H
#define GAP_SANDBOX_CONNECTIONS_H

#include "sandbox/site.h"

extern const struct field sandbox_connections_fields[1];
bool sandbox_connections(struct page *p, struct err *e);

/* 204, or 404 when it is not (or no longer) this user's. */
bool sandbox_connection_delete(struct page *p, struct err *e);

#endif
