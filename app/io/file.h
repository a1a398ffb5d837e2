/* Whole small files. */
#ifndef GAP_IO_FILE_H
#define GAP_IO_FILE_H

#include "base/err.h"
#include "base/secret.h"

/* ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_CONFIG (cannot be read); the sentence names the path. */
MUSTUSE bool file_read(
	struct arena *a, const char *path, size_t max, struct str *text_r, struct err *e);

/*
 * The same into a secret. Refuses a file that group or others can read or write, unless it is
 * root's own (ERR_CONFIG).
 */
MUSTUSE bool file_read_secret(struct arena *a, const char *path, size_t max,
	const struct secret **text_r, struct err *e);

/* Atomically: temporary file beside it, fsync, rename. */
MUSTUSE bool file_write(const char *path, struct str text, int mode, struct err *e);

/* The files in a folder that end in `suffix`, sorted by byte value; none that begins with a dot. */
MUSTUSE bool file_list(struct arena *a, const char *dir, const char *suffix,
	const char *const **names_r, size_t *n_r, struct err *e);

/* Every file below dir (relative names, "clients/list.html"), sorted. */
MUSTUSE bool file_tree(struct arena *a, const char *dir, const char *suffix,
	const char *const **names_r, size_t *n_r, struct err *e);

#endif
