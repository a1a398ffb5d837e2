/* Migrations: numbered, forward only, checksummed, under an advisory lock, each in a transaction. */
#ifndef GAP_STORE_SCHEMA_H
#define GAP_STORE_SCHEMA_H

#include "io/pg.h"

/* Applies what is missing from `dir`. A recorded file that changed is ERR_CONFIG. *applied_r: how many. */
MUSTUSE bool schema_migrate(
	struct pg *db, struct arena *a, const char *dir, int *applied_r, struct err *e);

/* SCHEMA_VERSION against the database's: ERR_CONFIG when it differs. */
MUSTUSE bool schema_check(struct pg *db, int *version_r, struct err *e);

/* What this build was made for: the number of the last file in sql/migrations. */
enum { SCHEMA_VERSION = 20 };

#endif
