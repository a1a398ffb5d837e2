/* Removals in the database: whose lock comes first when an admin and the worker mean the same one. */
#include "store/leave.h"
#include "support/db.h"

#include <unistd.h>

#define TENANT "5c1ea9a2-0b7e-4d52-8a0c-3f6b1d2e4a01"

enum { WORKER, ADMIN, AFTER_US = 200 * 1000, BEFORE_US = 600 * 1000 };

static int64_t removal(void)
{
	(void)db_do("DELETE FROM gap.practice_removal");
	(void)db_do("INSERT INTO gap.practice_removal (org_id, tenant_id, practice, at)"
		    " VALUES (1001, '" TENANT "', 'Larch', now() + interval '9 days')");
	return db_number("(SELECT removal_id FROM gap.practice_removal)");
}

/* The practice is connected again: the organisation's row first, then what was to be removed. */
static bool connect_again(void)
{
	struct arena *a = arena_new();
	struct pg *db = db_connect(a, "gap_worker");
	struct err e = {0};
	bool was;
	pg_use(db, a);
	if (!pg_begin(db, 1001, &e) || !leave_free(db, 1001, &was, &e))
		return false;
	(void)usleep(BEFORE_US);
	return leave_back(db, 1001, TENANT, &e) && pg_commit(db, &e);
}

static bool cancel(struct pg *db, int64_t id)
{
	struct err e = {0};
	const char *practice;
	(void)usleep(AFTER_US);
	return !leave_cancel(db, 1001, id, &practice, &e) && e.kind == ERR_CONFLICT;
}

static bool meet(struct pg *db, int nth, void *id)
{
	return nth == WORKER ? connect_again() : cancel(db, *(int64_t *)id);
}

static void who_cancels_does_not_stop_who_connects(void **state)
{
	int64_t id = removal();
	(void)state;
	(void)db_do(
		"UPDATE gap.organisation SET kept_tenant = '" TENANT "' WHERE org_id = 1001");
	assert_int_equal(db_race(2, "gap_web", meet, &id), 2);
	assert_int_equal(db_number("(SELECT count(*) FROM gap.practice_removal)"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(who_cancels_does_not_stop_who_connects),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
