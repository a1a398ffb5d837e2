/* GET /connections and DELETE /connections/{id} (developer.xero.com, "OAuth 2.0: Tenants"). */
#ifndef GAP_SANDBOX_CONNECTIONS_H
#define GAP_SANDBOX_CONNECTIONS_H

#include "sandbox/site.h"

extern const struct field sandbox_connections_fields[1];
bool sandbox_connections(struct page *p, struct err *e);

/* 204, or 404 when the connection is not, or no longer, this user's. */
bool sandbox_connection_delete(struct page *p, struct err *e);

#endif
