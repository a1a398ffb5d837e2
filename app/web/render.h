/*
 * The templates of a site: a table of names and shapes. All are compiled from a folder at
 * start, and again at SIGHUP. A set with an error is refused and the old set stays in use.
 */
#ifndef GAP_WEB_RENDER_H
#define GAP_WEB_RENDER_H

#include "codec/tmpl.h"

enum { RENDER_FILE_MAX = 256 * 1024 };

struct render_entry {
	const char *name; /* "clients/list": file templates/clients/list.html */
	const struct tmpl_shape *shape;
};

struct render; /* the compiled set; owns its arena */

/*
 * Compiles every entry of `table`. A file that neither the table nor a {{> }} names is only
 * logged. ERR_CONFIG: an entry does not compile, or the folder cannot be read. On false *set_r
 * is unchanged, so that the earlier set stays in use.
 */
MUSTUSE bool render_load(const char *dir, const struct render_entry *table, size_t n,
	struct render **set_r, struct err *e);
void render_free(struct render **set); /* *set may be NULL; sets *set to NULL */

/* The compiled template of entry i of the table. */
const struct tmpl *render_get(const struct render *set, size_t i);

#endif
