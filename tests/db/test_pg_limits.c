/* io/pg: how long a statement may take, and what may be done again when it took too long. */
#include "support/pg_things.h"

#include "base/clock.h"
#include "io/pg_int.h"

static void fault_8_statements_have_a_limit(void **state)
{
	(void)state;
	struct err e;
	struct pg_rows r;
	assert_ok(pg_query(t.db, T_SETTING, &r, &e, PG_TEXT("statement_timeout")));
	assert_string_equal(pg_text(&r, 0, 0), "30s");
	int64_t start = clock_mono_ms();
	assert_ok(pg_begin(t.db, 1, &e));
	pg_patience(t.db, 1);
	assert_fails(pg_exec(t.db, T_SLEEP, NULL, &e), ERR_UNAVAILABLE);
	assert_in_range(clock_mono_ms() - start, 900, 5000);
	pg_rollback(t.db);
	assert_ok(pg_query(t.db, T_SETTING, &r, &e, PG_TEXT("statement_timeout")));
	assert_string_equal(pg_text(&r, 0, 0), "30s");
	assert_ok(
		pg_query(t.db, T_SETTING, &r, &e, PG_TEXT("client_connection_check_interval")));
	assert_string_equal(pg_text(&r, 0, 0), "500ms");
	assert_ok(pg_query(t.db, T_SETTING, &r, &e, PG_TEXT("application_name")));
	assert_string_equal(pg_text(&r, 0, 0), "test-pg");
}

static void count_ticks(void *user)
{
	(*(int *)user)++;
}

/* Who waits for a long statement can do something else meanwhile. */
static void a_long_wait_is_ticked(void **state)
{
	struct err e;
	int ticks = 0;
	(void)state;
	pg_while_waiting(t.db, count_ticks, &ticks);
	assert_ok(pg_begin(t.db, 0, &e));
	pg_patience(t.db, 2);
	assert_fails(pg_exec(t.db, T_SLEEP, NULL, &e), ERR_UNAVAILABLE);
	pg_rollback(t.db);
	pg_while_waiting(t.db, NULL, NULL);
	assert_in_range(ticks, 1, 2);
}

/* The limit holds for the statement that it travels with, on our side of the wire as on the server's. */
static void the_first_statement_has_the_new_patience(void **state)
{
	(void)state;
	struct err e;
	assert_ok(pg_exec(t.db, T_ONE, NULL, &e));
	assert_ok(pg_begin(t.db, 0, &e));
	wire_patience(t.db->wire, 200);
	pg_patience(t.db, 5);
	assert_ok(pg_exec(t.db, T_NAP, NULL, &e));
	assert_ok(pg_commit(t.db, &e));
}

/* One of each kind of saving, then a statement that fails for a passing reason. */
static void assert_repeatable(bool may)
{
	struct err e;
	assert_fails(pg_exec(t.db, T_RAISE_STATE, NULL, &e, PG_TEXT("40P01")), ERR_UNAVAILABLE);
	assert_int_equal(pg_may_repeat(t.db), may);
	pg_rollback(t.db);
	pg_mark(t.db);
}

static void what_was_saved_is_not_done_again(void **state)
{
	(void)state;
	struct err e;
	struct pg_rows r;
	pg_things_empty();
	assert_ok(pg_query(t.db, T_COUNT, &r, &e));
	assert_repeatable(true);
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("a"), PG_NULL));
	assert_repeatable(false);
	/* Its answer is "SELECT 1". */
	assert_ok(pg_query(t.db, T_ADD_AND_TELL, &r, &e, PG_TEXT("b")));
	assert_repeatable(false);
	assert_ok(pg_together(
		t.db, 0, (struct pg_ask[]){PG_ASK(T_ADD_AND_TELL, &r, PG_TEXT("c"))}, 1, &e));
	assert_repeatable(false);
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_query(t.db, T_ADD_AND_TELL, &r, &e, PG_TEXT("d")));
	assert_repeatable(true);
	assert_int_equal(pg_number(t.db, T_COUNT), 3);
	pg_things_empty();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PG_TEST(fault_8_statements_have_a_limit),
		PG_TEST(a_long_wait_is_ticked),
		PG_TEST(the_first_statement_has_the_new_patience),
		PG_TEST(what_was_saved_is_not_done_again),
	};
	return cmocka_run_group_tests(tests, pg_things_set_up, pg_things_tear_down);
}
