/* io/pg: COPY, row by row, notices, and connections that break. */
#include "support/pg_things.h"

#include "base/clock.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- a connection that breaks ---- */

static void a_cut_between_statements_is_not_noticed(void **state)
{
	(void)state;
	int64_t before = pg_number(t.db, T_PID);
	pg_cut(t.db);
	assert_true(pg_number(t.db, T_PID) != before);
	pg_cut(t.db);
	assert_true(pg_ping(t.db));
	pg_reset(t.db);
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

static void a_cut_inside_a_transaction_ends_it(void **state)
{
	(void)state;
	struct err e;
	pg_things_empty();
	assert_ok(pg_begin(t.db, 1, &e));
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("lost"), PG_NULL));
	pg_cut(t.db);
	for (int i = 0; i < 3; i++) /* and does not slip out of it */
		assert_fails(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("stray"), PG_NULL),
			ERR_UNAVAILABLE);
	assert_fails(pg_commit(t.db, &e), ERR_UNAVAILABLE);
	assert_int_equal(pg_number(t.db, T_COUNT), 0);
	/* Found out only at the commit: nothing was asked of the server, so nothing is uncertain. */
	assert_ok(pg_begin(t.db, 1, &e));
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("lost"), PG_NULL));
	pg_cut(t.db);
	assert_fails(pg_commit(t.db, &e), ERR_UNAVAILABLE);
	assert_int_equal(pg_number(t.db, T_COUNT), 0);
}

static void fault_4_a_cut_during_commit_is_uncertain(void **state)
{
	(void)state;
	struct err e;
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_exec(t.db, T_DIE_AT_COMMIT, NULL, &e));
	assert_fails(pg_commit(t.db, &e), ERR_UNCERTAIN);
	assert_false(pg_in_transaction(t.db));
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

static void a_stopped_server_is_given_up(void **state)
{
	(void)state;
	pid_t pid = (pid_t)pg_number(t.db, T_PID);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	int64_t start = clock_mono_ms();
	bool up = pg_ping(t.db);
	int64_t took = clock_mono_ms() - start;
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_false(up);
	assert_in_range(took, 1900, 6000);
	assert_true(pg_ping(t.db));
}

/* ---- COPY ---- */

static void copy_carries_hostile_text(void **state)
{
	static const char *const texts[] = {"tab\there", "back\\slash", "\\N", "\\.",
		"line\nfeed", "return\r\n", "\b\f\v", "", "quote\"'", "\\t\\n",
		"\xE2\x80\xAE\xC3\xA9", "a\\"};
	struct pg_rows r;
	struct err e;
	size_t n = 0;
	pg_things_empty();
	assert_ok(pg_begin(t.db, 1, &e));
	assert_ok(pg_copy_start(t.db, T_COPY, &e));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_ok(pg_copy_row(t.db,
			(const char *const[]){
				arena_printf(*state, "%zu%s", i, texts[i]), texts[i]},
			2, &e));
	assert_ok(pg_copy_row(t.db, (const char *const[]){"none", NULL}, 2, &e));
	assert_ok(pg_copy_end(t.db, &n, &e));
	assert_ok(pg_commit(t.db, &e));
	assert_int_equal(n, ARRAY_LEN(texts) + 1);
	assert_ok(pg_query(t.db, T_NAMES, &r, &e));
	assert_int_equal(r.n, n);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_string_equal(pg_text(&r, i, 1), texts[i]);
	assert_null(pg_text(&r, ARRAY_LEN(texts), 1));
}

static void copy_of_many_rows_and_a_large_one(void **state)
{
	struct err e;
	size_t n = 0;
	char *large = arena_alloc(*state, 1024 * 1024 + 1), name[24];
	memset(large, '\\', 1024 * 1024);
	pg_things_empty();
	assert_ok(pg_copy_start(t.db, T_COPY, &e));
	for (int i = 0; i < 50000; i++) {
		(void)snprintf(name, sizeof name, "n%d", i);
		assert_ok(pg_copy_row(t.db, (const char *const[]){name, "some note"}, 2, &e));
	}
	assert_ok(pg_copy_row(t.db, (const char *const[]){"large", large}, 2, &e));
	assert_ok(pg_copy_end(t.db, &n, &e));
	assert_int_equal(n, 50001);
	assert_int_equal(pg_number(t.db, T_COUNT), 50001);
}

static void copy_of_wrong_data_fails_at_its_end(void **state)
{
	(void)state;
	struct err e = {0};
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_copy_start(t.db, T_COPY_NUMBERS, &e));
	bool ok = true;
	for (int i = 0; ok && i < 100000; i++)
		ok = pg_copy_row(t.db, (const char *const[]){i == 3 ? "three" : "4"}, 1, &e);
	ok = ok && pg_copy_end(t.db, NULL, &e);
	assert_false(ok);
	assert_int_equal(e.kind, ERR_INTERNAL);
	pg_rollback(t.db);
	assert_int_equal(pg_number(t.db, T_ONE), 1);
	/* A wrong COPY statement does not even start. */
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_exec(t.db, T_LOW_ROLE, NULL, &e));
	assert_fails(pg_copy_start(t.db, T_COPY, &e), ERR_DENIED);
	pg_rollback(t.db);
}

static void copy_given_up_leaves_nothing(void **state)
{
	(void)state;
	struct err e;
	pg_things_empty();
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_copy_start(t.db, T_COPY, &e));
	assert_ok(pg_copy_row(t.db, (const char *const[]){"x", NULL}, 2, &e));
	pg_copy_abort(t.db);
	assert_fails(pg_commit(t.db, &e), ERR_INTERNAL);
	assert_int_equal(pg_number(t.db, T_COUNT), 0);
}

static void copy_over_a_cut_connection_fails(void **state)
{
	(void)state;
	struct err e;
	int64_t pid = pg_number(t.db, T_PID);
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_copy_start(t.db, T_COPY, &e));
	assert_ok(pg_exec(t.other, T_KILL, NULL, &e, PG_INT(pid)));
	bool ok = true;
	for (int i = 0; ok && i < 100000; i++)
		ok = pg_copy_row(t.db, (const char *const[]){"some name", "some note"}, 2, &e);
	assert_false(ok);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_fails(
		pg_copy_row(t.db, (const char *const[]){"x", NULL}, 2, &e), ERR_UNAVAILABLE);
	assert_fails(pg_copy_end(t.db, NULL, &e), ERR_UNAVAILABLE);
	assert_fails(pg_commit(t.db, &e), ERR_UNAVAILABLE);
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

/* ---- row by row ---- */

struct sum {
	int64_t rows, total;
};

static bool add_up(void *user, const struct pg_rows *r, struct err *e)
{
	(void)e;
	struct sum *s = user;
	s->rows++;
	s->total += pg_int(r, 0, 0);
	return strlen(pg_text(r, 0, 1)) == 200 && pg_bytes(r, 0, 2).n == 2;
}

/* 100,000 rows are 30 MB; a sanitizer keeps much of what was freed. */
#ifdef __SANITIZE_ADDRESS__
enum { FLAT_KIB = 512 * 1024 };
#else
enum { FLAT_KIB = 4096 };
#endif

static long peak_kib(void)
{
	struct rusage u;
	assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
	return u.ru_maxrss;
}

static void each_row_in_flat_memory(void **state)
{
	(void)state;
	struct err e;
	struct sum s = {0};
	const struct pg_arg few = PG_INT(10), many = PG_INT(100000);
	assert_ok(pg_each(t.db, T_SERIES, &e, &few, 1, add_up, &s));
	assert_int_equal(s.total, 55);
	s = (struct sum){0};
	long before = peak_kib();
	assert_ok(pg_begin(t.db, 1, &e));
	assert_ok(pg_each(t.db, T_SERIES, &e, &many, 1, add_up, &s));
	assert_ok(pg_commit(t.db, &e));
	assert_int_equal(s.rows, 100000);
	assert_int_equal(s.total, INT64_C(5000050000));
	assert_true(peak_kib() - before < FLAT_KIB);
}

static void each_row_can_stop(void **state)
{
	(void)state;
	struct err e;
	const struct pg_arg many = PG_INT(100000);
	assert_fails(pg_each(t.db, T_SERIES, &e, &many, 1, pg_give_up, NULL), ERR_DENIED);
	assert_string_equal(e.text, "enough");
	assert_int_equal(pg_number(t.db, T_ONE), 1);
	assert_ok(pg_begin(t.db, 1, &e));
	assert_fails(pg_each(t.db, T_SERIES, &e, &many, 1, pg_give_up, NULL), ERR_DENIED);
	assert_fails(pg_exec(t.db, T_ONE, NULL, &e), ERR_UNAVAILABLE);
	pg_rollback(t.db);
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

static void each_row_reports_errors(void **state)
{
	(void)state;
	struct err e;
	struct sum s = {0};
	const struct pg_arg state_arg = PG_TEXT("23505");
	assert_fails(pg_each(t.db, T_RAISE_STATE, &e, &state_arg, 1, add_up, &s), ERR_CONFLICT);
	assert_fails(pg_each(t.db, T_BROKEN, &e, NULL, 0, add_up, &s), ERR_INTERNAL);
	assert_int_equal(s.rows, 0);
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

/* ---- notices ---- */

static void notices_wake_the_wait(void **state)
{
	struct err e;
	bool noticed = false;
	struct pg *ear = pg_new(*state, t.url, "test-ear", pg_things_table, T__MAX);
	assert_ok(pg_listen(ear, "gap_test", &e));
	assert_ok(pg_wait(ear, -1, 0, &noticed, &e));
	assert_true(noticed); /* a new connection may have missed one */
	int64_t start = clock_mono_ms();
	assert_ok(pg_wait(ear, -1, 200, &noticed, &e));
	assert_false(noticed);
	assert_in_range(clock_mono_ms() - start, 190, 2000);
	assert_ok(pg_exec(t.db, T_NOTIFY, NULL, &e));
	assert_ok(pg_wait(ear, -1, 5000, &noticed, &e));
	assert_true(noticed);
	/* One that came during a statement is not lost. */
	assert_ok(pg_exec(t.db, T_NOTIFY, NULL, &e));
	assert_int_equal(pg_number(ear, T_ONE), 1);
	assert_ok(pg_wait(ear, -1, 0, &noticed, &e));
	assert_true(noticed);
}

static void another_descriptor_wakes_the_wait(void **state)
{
	(void)state;
	struct err e;
	bool noticed = true;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_ok(pg_wait(
		t.db, ends[0], 0, &noticed, &e)); /* takes the new connection's notice */
	int64_t start = clock_mono_ms();
	assert_ok(pg_wait(t.db, ends[0], 10000, &noticed, &e));
	assert_false(noticed);
	assert_true(clock_mono_ms() - start < 5000);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void listening_outlives_the_connection(void **state)
{
	struct err e;
	bool noticed = false;
	struct pg *ear = pg_new(*state, t.url, "test-ear", pg_things_table, T__MAX);
	assert_ok(pg_listen(ear, "gap_test", &e));
	assert_ok(pg_wait(ear, -1, 0, &noticed, &e));
	pg_cut(ear);
	assert_ok(pg_wait(ear, -1, 100, &noticed, &e));
	assert_true(noticed);
	assert_ok(pg_exec(t.db, T_NOTIFY, NULL, &e));
	assert_ok(pg_wait(ear, -1, 5000, &noticed, &e));
	assert_true(noticed);
}

static void waiting_on_a_dead_server_takes_its_time(void **state)
{
	struct err e;
	bool noticed = true;
	struct pg *db = pg_new(
		*state, "postgresql:///x?host=/nonexistent", "x", pg_things_table, T__MAX);
	int64_t start = clock_mono_ms();
	assert_fails(pg_wait(db, -1, 300, &noticed, &e), ERR_UNAVAILABLE);
	assert_false(noticed);
	assert_in_range(clock_mono_ms() - start, 290, 5000);
}

/* ---- schema ---- */

static void every_statement_is_prepared(void **state)
{
	static const struct pg_stmt good[] = {
		{"a", "SELECT $1::int + $2", 2, false}, {"b", "SELECT 1", 0, false}};
	static const struct pg_stmt wrong[] = {
		{"a", "SELECT 1", 0, false}, {"c", "SELECT nothing", 0, false}};
	static const struct pg_stmt counted[] = {{"d", "SELECT $1::int", 2, false}};
	struct err e;
	assert_ok(pg_prepare_all(pg_new(*state, t.url, "x", good, 2), &e));
	assert_fails(pg_prepare_all(pg_new(*state, t.url, "x", wrong, 2), &e), ERR_INTERNAL);
	assert_non_null(strstr(e.text, "c: column \"nothing\""));
	assert_fails(pg_prepare_all(pg_new(*state, t.url, "x", counted, 1), &e), ERR_INTERNAL);
	assert_non_null(strstr(e.text, "d takes 1"));
}

static void scripts_run_whole_or_not(void **state)
{
	(void)state;
	struct err e;
	pg_things_empty();
	assert_ok(pg_begin(t.db, 0, &e));
	assert_fails(pg_script(t.db,
			     "INSERT INTO thing (name) VALUES ('s'); SELECT 1/0; SELECT 2", &e),
		ERR_INTERNAL);
	pg_rollback(t.db);
	assert_int_equal(pg_number(t.db, T_COUNT), 0);
	assert_ok(pg_begin(t.db, 0, &e));
	assert_fails(pg_script(t.db, "COPY thing FROM STDIN", &e), ERR_UNAVAILABLE);
	pg_rollback(t.db);
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

static void a_changed_schema_heals_by_itself(void **state)
{
	static const struct pg_stmt all[] = {{"all", "SELECT * FROM shape", 0, false},
		{"drop", "DROP TABLE shape", 0, true}};
	struct err e;
	struct pg_rows r;
	struct pg *db = pg_new(*state, t.url, "x", all, 2);
	assert_ok(pg_begin(t.other, 0, &e));
	assert_ok(pg_script(t.other, "CREATE TABLE shape (a int)", &e));
	assert_ok(pg_commit(t.other, &e));
	assert_ok(pg_query(db, 0, &r, &e));
	assert_ok(pg_begin(t.other, 0, &e));
	assert_ok(pg_script(t.other, "ALTER TABLE shape ADD b int", &e));
	assert_ok(pg_commit(t.other, &e));
	assert_fails(pg_query(db, 0, &r, &e), ERR_INTERNAL);
	assert_ok(pg_query(db, 0, &r, &e));
	assert_ok(pg_exec(db, 1, NULL, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PG_TEST(a_cut_between_statements_is_not_noticed),
		PG_TEST(a_cut_inside_a_transaction_ends_it),
		PG_TEST(fault_4_a_cut_during_commit_is_uncertain),
		PG_TEST(a_stopped_server_is_given_up),
		PG_TEST(copy_carries_hostile_text),
		PG_TEST(copy_of_many_rows_and_a_large_one),
		PG_TEST(copy_of_wrong_data_fails_at_its_end),
		PG_TEST(copy_given_up_leaves_nothing),
		PG_TEST(copy_over_a_cut_connection_fails),
		PG_TEST(each_row_in_flat_memory),
		PG_TEST(each_row_can_stop),
		PG_TEST(each_row_reports_errors),
		PG_TEST(notices_wake_the_wait),
		PG_TEST(another_descriptor_wakes_the_wait),
		PG_TEST(listening_outlives_the_connection),
		PG_TEST(waiting_on_a_dead_server_takes_its_time),
		PG_TEST(every_statement_is_prepared),
		PG_TEST(scripts_run_whole_or_not),
		PG_TEST(a_changed_schema_heals_by_itself),
	};
	return cmocka_run_group_tests(tests, pg_things_set_up, pg_things_tear_down);
}
