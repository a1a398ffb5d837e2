/* The site as the server sees it: one request in, one response out. */
#ifndef GAP_PAGES_SITE_H
#define GAP_PAGES_SITE_H

#include "pages/page.h"
#include "web/server.h"

/*
 * Opens what a web process needs: templates, keys, database connection. ERR_CONFIG: one of them
 * is unusable.
 */
MUSTUSE bool site_open(
	struct arena *a, const struct conf *conf, struct site **site_r, struct err *e);

/*
 * True when the database was migrated for another build: this process has sent itself TERM and
 * must end.
 */
bool site_is_stale(const struct site *site);

struct server_site site_server(struct site *site);

#endif
