/*
 * A private copy of the migrated database for one test program, seen as any
 * role. GAP_TEST_PG is the superuser's address of a PostgreSQL that holds
 * gap_template.
 *
 * Besides the store's statements every connection knows two of the tests' own:
 * db_ask() evaluates one SQL expression, db_do() runs one statement; both with
 * the rights of the connection's role.
 */
#ifndef GAP_TESTS_DB_H
#define GAP_TESTS_DB_H

#include "io/pg.h"
#include "store/stmt.h"
#include "unit/test.h"

extern struct dbs {
	char name[64];
	struct arena *home;
	struct pg *super, *owner, *web, *worker;
	int64_t org, other_org; /* two organisations */
	int64_t admin, member;	/* users of org: "Ada Admin", "Max Member" */
	int64_t other_admin;	/* of other_org */
} d;

/* For cmocka_run_group_tests. */
int db_set_up(void **state);
int db_tear_down(void **state);
/* Before each test: every connection uses *state. */
int db_begin(void **state);
#define DB_TEST(f) cmocka_unit_test_setup_teardown((f), db_begin, test_end)

/* The address of this copy as a role; on the arena. */
char *db_url(struct arena *a, const char *role);
/* An empty database, owned by gap_owner, with nothing migrated. Dropped by the caller. */
void db_create_empty(const char *name);
void db_drop(const char *name);

/* One more connection. */
struct pg *db_connect(struct arena *a, const char *role);

/* As the superuser, past every policy: one expression as text or number; one statement. */
const char *db_ask(const char *expression);
int64_t db_number(const char *expression);
int64_t db_do(const char *statement);

/* The same on a connection, in the transaction that it has. The number is the rows touched. */
MUSTUSE bool db_try_ask(
	struct pg *db, const char *expression, const char **text_r, struct err *e);
MUSTUSE bool db_try_do(struct pg *db, const char *statement, int64_t *touched_r, struct err *e);

/* public.plan('...') in a db_try_ask() is the plan of a statement, as JSON. */

/* n processes with a connection each start `run` at once; how many returned true. */
int db_race(
	int n, const char *role, bool (*run)(struct pg *db, int nth, void *user), void *user);

/* A statement that this role must not be allowed, outside and inside its organisation. */
#define assert_denied(db, statement) db_assert_denied((db), (statement), __FILE__, __LINE__)
void db_assert_denied(struct pg *db, const char *statement, const char *file, int line);

#endif
