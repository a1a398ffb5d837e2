/*
 * A way to PostgreSQL that breaks at a chosen statement: a process of our own between gap-web and the
 * server, on a socket in a folder of its own. Statements of gap_web are counted as they pass (Execute and
 * Query of the protocol, PostgreSQL's manual, chapter 55, behind those that set a new link up); the chosen one either never arrives, or is carried out
 * with nobody there to hear of it. The client's end breaks once the server has done with what it got: whoever
 * is told of the break may look at what is left.
 */
#ifndef GAP_TESTS_PG_CUT_H
#define GAP_TESTS_PG_CUT_H

#include "base/arena.h"

enum pg_cut_how { PG_CUT_BEFORE, PG_CUT_ANSWER };

/* Starts it before the server at `superuser_url` (a unix socket's); the same address by way of it. */
const char *pg_cut_start(struct arena *a, const char *superuser_url);
void pg_cut_stop(void);

/* From now on; `at` counts from 1. 0: nothing is cut. */
void pg_cut_arm(int at, enum pg_cut_how how);
/* How many have passed since. */
int pg_cut_seen(void);
/* True when it has happened. Nothing is cut any more. */
bool pg_cut_happened(void);

#endif
