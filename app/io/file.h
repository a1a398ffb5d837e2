/* Small files, read and written as a whole. */
#ifndef GAP_IO_FILE_H
#define GAP_IO_FILE_H

#include "base/err.h"
#include "base/secret.h"

/*
 * Reads a file. ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_CONFIG (cannot be read); the sentence names
 * the path.
 */
MUSTUSE bool file_read(
	struct arena *a, const char *path, size_t max, struct str *text_r, struct err *e);

/*
 * The same, into a secret. ERR_CONFIG when group or others have any permission on the file,
 * unless root owns it.
 */
MUSTUSE bool file_read_secret(struct arena *a, const char *path, size_t max,
	const struct secret **text_r, struct err *e);

/* Writes the file atomically: a temporary file in the same folder, fsync, rename. */
MUSTUSE bool file_write(const char *path, struct str text, int mode, struct err *e);

/*
 * The files in a folder that end in `suffix`, sorted by bytes, without those that begin with a
 * dot.
 */
MUSTUSE bool file_list(struct arena *a, const char *dir, const char *suffix,
	const char *const **names_r, size_t *n_r, struct err *e);

/* Every file below `dir`, at any depth, sorted; names are relative ("clients/list.html"). */
MUSTUSE bool file_tree(struct arena *a, const char *dir, const char *suffix,
	const char *const **names_r, size_t *n_r, struct err *e);

#endif
