/*
 * A database of a few odd tables for the tests of io/pg, made and dropped by
 * each program, with two connections to it. GAP_TEST_PG is the superuser's
 * address of a PostgreSQL that may be tormented.
 */
#ifndef GAP_TESTS_PG_THINGS_H
#define GAP_TESTS_PG_THINGS_H

#include "io/pg.h"
#include "unit/test.h"

enum {
	T_ONE,
	T_ECHO,
	T_ADD,
	T_ADD_AND_TELL,
	T_COUNT,
	T_NAMES,
	T_ORG,
	T_PID,
	T_KILL,
	T_SERIES,
	T_COPY,
	T_COPY_NUMBERS,
	T_NOTIFY,
	T_ADD_RANGE,
	T_RAISE,
	T_RAISE_STATE,
	T_LOW_ROLE,
	T_CHECK,
	T_SLEEP,
	T_NAP,
	T_BROKEN,
	T_DIE_AT_COMMIT,
	T_REFUSE_AT_COMMIT,
	T_SETTING,
	T_ANY,
	T_TIME,
	T__MAX
};

extern const struct pg_stmt pg_things_table[T__MAX];

extern struct pg_things {
	char url[600];
	struct arena *home, *other_home;
	struct pg *db, *other;
} t;

/* For cmocka_run_group_tests. */
int pg_things_set_up(void **state);
int pg_things_tear_down(void **state);

/* Before each test: both connections use *state. */
int pg_things_begin(void **state);
#define PG_TEST(f) cmocka_unit_test_setup_teardown((f), pg_things_begin, test_end)

/* The single number that the statement returns. */
int64_t pg_number(struct pg *db, int stmt);
void pg_things_empty(void);
/* The server ends db's connection. */
void pg_cut(struct pg *db);
/* A row function for pg_each that stops at once with ERR_DENIED, "enough". */
bool pg_give_up(void *user, const struct pg_rows *r, struct err *e);

#endif
