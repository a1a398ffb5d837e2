/*
 * The site's templates: a table of names and shapes, all compiled from a folder
 * at start, again at SIGHUP (a set with a fault is refused and the old one stays).
 */
#ifndef GAP_WEB_RENDER_H
#define GAP_WEB_RENDER_H

#include "codec/tmpl.h"

enum { RENDER_FILE_MAX = 256 * 1024 };

struct render_entry {
	const char *name; /* "clients/list": file templates/clients/list.html */
	const struct tmpl_shape *shape;
};

struct render; /* the compiled set; lives on an arena of its own */

/*
 * Compiles every entry. A file that no entry and no {{> }} names is only logged. ERR_CONFIG.
 * On false *set_r is untouched, so the set before it goes on serving.
 */
MUSTUSE bool render_load(const char *dir, const struct render_entry *table, size_t n,
	struct render **set_r, struct err *e);
void render_free(struct render **set); /* accepts NULL inside, leaves NULL */

/* Entry i of the table. */
const struct tmpl *render_get(const struct render *set, size_t i);

#endif
