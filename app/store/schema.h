/*
 * Migrations: numbered files, applied forward only, in order, each in a transaction, under an
 * advisory lock.
 */
#ifndef GAP_STORE_SCHEMA_H
#define GAP_STORE_SCHEMA_H

#include "io/pg.h"

/*
 * Applies the files of `dir` that the database lacks. ERR_CONFIG: an applied file has changed
 * (by its checksum). *applied_r: how many.
 */
MUSTUSE bool schema_migrate(
	struct pg *db, struct arena *a, const char *dir, int *applied_r, struct err *e);

/* Compares the database's version with SCHEMA_VERSION. ERR_CONFIG: they differ. */
MUSTUSE bool schema_check(struct pg *db, int *version_r, struct err *e);

/* The schema version this build needs: the number of the last file in sql/migrations. */
enum { SCHEMA_VERSION = 20 };

#endif
