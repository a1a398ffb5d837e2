/*
 * `gap-sandbox migrate`: the tables of schema `sandbox`, which exists and is
 * this role's; a key to sign with; and the generated practice where there is
 * none. Safe to run again, and by two at once.
 */
#ifndef GAP_SANDBOX_MIGRATE_H
#define GAP_SANDBOX_MIGRATE_H

#include "io/pg.h"

MUSTUSE bool sandbox_migrate(struct pg *db, struct arena *a, struct err *e);

#endif
