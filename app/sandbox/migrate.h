/*
 * `gap-sandbox migrate`: creates the tables in schema `sandbox`, a signing key, and the
 * generated practice when there is none. The schema must exist and belong to this role. May be
 * run again, and by two processes at once.
 */
#ifndef GAP_SANDBOX_MIGRATE_H
#define GAP_SANDBOX_MIGRATE_H

#include "io/pg.h"

MUSTUSE bool sandbox_migrate(struct pg *db, struct arena *a, struct err *e);

#endif
