/* The site as the server sees it: one request in, one answer out. */
#ifndef GAP_PAGES_SITE_H
#define GAP_PAGES_SITE_H

#include "pages/page.h"
#include "web/server.h"

/* Opens what a web process needs: templates, keys, its database connection. ERR_CONFIG. */
MUSTUSE bool site_open(
	struct arena *a, const struct conf *conf, struct site **site_r, struct err *e);

/* The database was migrated for another build: that process asks itself to stop, by TERM. */
bool site_is_stale(const struct site *site);

struct server_site site_server(struct site *site);

#endif
