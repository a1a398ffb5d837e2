/* io/pg: values, transactions, organisations, errors. */
#include "support/pg_things.h"

#include "base/clock.h"

static void arguments_come_back_as_they_went(void **state)
{
	(void)state;
	struct pg_rows r;
	struct err e;
	static const char bytes[] = {0, 1, '\\', 'x', '\'', (char)0xFF, 0};
	for (int i = 0; i < 2; i++) { /* the second time it is prepared already */
		assert_ok(pg_query(t.db, T_ECHO, &r, &e, PG_TEXT("a'b\\c\n\xC3\xA9"),
			PG_INT(INT64_MIN), PG_BOOL(true),
			PG_BYTES(((struct str){bytes, sizeof bytes})), PG_NULL));
		assert_int_equal(r.n, 1);
		assert_string_equal(pg_text(&r, 0, 0), "a'b\\c\n\xC3\xA9");
		assert_true(pg_int(&r, 0, 1) == INT64_MIN);
		assert_true(pg_bool(&r, 0, 2));
		struct str raw = pg_bytes(&r, 0, 3);
		assert_int_equal(raw.n, sizeof bytes);
		assert_memory_equal(raw.p, bytes, sizeof bytes);
		assert_null(pg_text(&r, 0, 4));
	}
}

static void nulls_read_as_nothing(void **state)
{
	(void)state;
	struct pg_rows r;
	struct err e;
	assert_ok(pg_query(t.db, T_ECHO, &r, &e, PG_NULL, PG_NULL, PG_NULL,
		PG_BYTES(((struct str){NULL, 0})), PG_TEXT("")));
	for (int col = 0; col < 4; col++)
		assert_true(pg_null(&r, 0, col));
	assert_null(pg_text(&r, 0, 0));
	assert_int_equal(pg_int(&r, 0, 1), 0);
	assert_false(pg_bool(&r, 0, 2));
	assert_int_equal(pg_bytes(&r, 0, 3).n, 0);
	assert_false(pg_null(&r, 0, 4));
	assert_string_equal(pg_text(&r, 0, 4), "");
	assert_ok(pg_query(t.db, T_ECHO, &r, &e, PG_NULL, PG_INT(1), PG_BOOL(false),
		PG_BYTES(STR("")), PG_NULL));
	assert_false(pg_null(&r, 0, 3));
	assert_int_equal(pg_bytes(&r, 0, 3).n, 0);
}

/* Seconds in UTC, whatever zone they were given in; a fraction is dropped. */
static void times_come_as_seconds(void **state)
{
	static const struct {
		const char *said;
		int64_t at;
	} times[] = {{NULL, 0}, {"1970-01-01T00:00:00Z", 0},
		{"2026-11-22T06:00:00Z", 1795327200},
		{"2026-11-22 06:00:00.999999+00", 1795327200},
		{"2026-11-22 19:00:00+13", 1795327200},
		{"2026-11-22 09:30:00.5+03:30", 1795327200}, {"1969-12-31T23:59:59Z", -1},
		{"0001-01-01 00:00:00+00", -62135596800},
		{"9999-12-31 23:59:59+00", 253402300799}};
	struct pg_rows r;
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		assert_ok(pg_query(t.db, T_TIME, &r, &e, PG_TEXT(times[i].said)));
		assert_true(pg_time(&r, 0, 0) == times[i].at);
	}
}

static void touched_rows_are_counted(void **state)
{
	(void)state;
	struct pg_rows r;
	struct err e;
	size_t n = 99;
	pg_things_empty();
	assert_ok(pg_exec(t.db, T_ADD, &n, &e, PG_TEXT("a"), PG_NULL));
	assert_int_equal(n, 1);
	assert_ok(pg_query(t.db, T_ADD, &r, &e, PG_TEXT("b"), PG_NULL));
	assert_int_equal(r.n, 1);
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("c"), PG_NULL));
	assert_int_equal(pg_number(t.db, T_COUNT), 3);
}

static void results_outlive_later_statements(void **state)
{
	(void)state;
	struct pg_rows first, second;
	struct err e;
	assert_ok(pg_query(t.db, T_ECHO, &first, &e, PG_TEXT("first"), PG_NULL, PG_NULL,
		PG_NULL, PG_NULL));
	const char *kept = pg_text(&first, 0, 0);
	assert_ok(pg_query(t.db, T_ECHO, &second, &e, PG_TEXT("second"), PG_NULL, PG_NULL,
		PG_NULL, PG_NULL));
	assert_string_equal(kept, "first");
	assert_string_equal(pg_text(&second, 0, 0), "second");
}

static void arrays_are_quoted(void **state)
{
	static const char *const items[] = {"plain", "a\"b", "c\\d", "{e,f}", "", "NULL", NULL};
	struct pg_rows r;
	struct err e;
	char *array = pg_array(*state, items, ARRAY_LEN(items));
	for (size_t i = 0; i < ARRAY_LEN(items) - 1; i++) {
		assert_ok(pg_query(t.db, T_ANY, &r, &e, PG_TEXT(array), PG_TEXT(items[i])));
		assert_int_equal(pg_int(&r, 0, 0), 1);
	}
	assert_string_equal(pg_array(*state, NULL, 0), "{}");
}

/* ---- transactions ---- */

static void commit_keeps_and_rollback_forgets(void **state)
{
	(void)state;
	struct err e;
	pg_things_empty();
	assert_ok(pg_begin(t.db, 0, &e));
	assert_true(pg_in_transaction(t.db));
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("kept"), PG_NULL));
	assert_int_equal(pg_number(t.other, T_COUNT), 0);
	assert_ok(pg_commit(t.db, &e));
	assert_false(pg_in_transaction(t.db));
	assert_int_equal(pg_number(t.other, T_COUNT), 1);
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("forgotten"), PG_NULL));
	pg_rollback(t.db);
	assert_int_equal(pg_number(t.db, T_COUNT), 1);
}

static void empty_transactions_are_fine(void **state)
{
	(void)state;
	struct err e;
	assert_ok(pg_begin(t.db, 3, &e));
	assert_ok(pg_commit(t.db, &e));
	assert_ok(pg_begin(t.db, 3, &e));
	pg_rollback(t.db);
	pg_rollback(t.db);
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

static void arena_reset_rolls_back(void **state)
{
	(void)state;
	struct err e;
	struct arena *a = arena_new();
	pg_things_empty();
	pg_use(t.db, a);
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("half"), PG_NULL));
	arena_reset(a);
	assert_false(pg_in_transaction(t.db));
	pg_use(t.db, a);
	assert_int_equal(pg_number(t.db, T_COUNT), 0);
	arena_free(&a);
}

static void a_part_arena_leaves_the_transaction(void **state)
{
	struct err e;
	struct arena *part = arena_new();
	pg_things_empty();
	assert_ok(pg_begin(t.db, 0, &e));
	for (int i = 0; i < 3; i++) {
		pg_use(t.db, part);
		assert_ok(pg_exec(t.db, T_ADD, NULL, &e,
			PG_TEXT(arena_printf(part, "part %d", i)), PG_NULL));
		assert_int_equal(pg_number(t.db, T_COUNT), i + 1);
		arena_reset(part);
	}
	arena_free(&part);
	pg_use(t.db, *state);
	assert_true(pg_in_transaction(t.db));
	assert_ok(pg_commit(t.db, &e));
	assert_int_equal(pg_number(t.db, T_COUNT), 3);
}

static void a_failed_transaction_commits_nothing(void **state)
{
	(void)state;
	struct err e;
	pg_things_empty();
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("x"), PG_NULL));
	assert_fails(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("x"), PG_NULL), ERR_CONFLICT);
	assert_fails(pg_exec(t.db, T_ONE, NULL, &e), ERR_INTERNAL);
	assert_fails(pg_commit(t.db, &e), ERR_INTERNAL);
	assert_false(pg_in_transaction(t.db));
	assert_int_equal(pg_number(t.db, T_COUNT), 0);
	/* And when it is the very first statement, in whose pipeline BEGIN travels. */
	assert_ok(pg_begin(t.db, 5, &e));
	assert_fails(pg_exec(t.db, T_CHECK, NULL, &e), ERR_INTERNAL);
	assert_fails(pg_exec(t.db, T_BROKEN, NULL, &e), ERR_INTERNAL);
	pg_rollback(t.db);
	assert_int_equal(pg_number(t.db, T_COUNT), 0);
}

static const char *org(void)
{
	struct pg_rows r;
	struct err e;
	assert_ok(pg_query(t.db, T_ORG, &r, &e));
	return pg_text(&r, 0, 0);
}

static void organisation_lasts_for_the_transaction(void **state)
{
	(void)state;
	struct err e;
	assert_null(org());
	assert_ok(pg_begin(t.db, 17, &e));
	assert_string_equal(org(), "17");
	assert_ok(pg_commit(t.db, &e));
	assert_null(org());
	assert_ok(pg_begin(t.db, 0, &e));
	assert_null(org());
	assert_ok(pg_enter(t.db, 18, &e));
	assert_string_equal(org(), "18");
	pg_rollback(t.db);
	assert_null(org());
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_enter(t.db, 19, &e));
	assert_string_equal(org(), "19");
	assert_ok(pg_commit(t.db, &e));
	assert_null(org());
}

static void once_is_a_transaction_of_its_own(void **state)
{
	(void)state;
	struct err e;
	struct pg_rows r;
	for (int i = 0; i < 2; i++) { /* the second time it is prepared already */
		assert_ok(pg_once(t.db, 21, T_ORG, &r, &e));
		assert_string_equal(pg_text(&r, 0, 0), "21");
		assert_null(org());
	}
	assert_fails(pg_once(t.db, 22, T_BROKEN, &r, &e), ERR_INTERNAL);
	assert_null(org());
	assert_false(pg_in_transaction(t.db));
	assert_ok(pg_begin(t.db, 0, &e));
	assert_null(org());
	pg_rollback(t.db);
	pg_cut(t.db);
	assert_ok(pg_once(t.db, 23, T_ORG, &r, &e));
	assert_string_equal(pg_text(&r, 0, 0), "23");
	assert_null(org());
}

/* One user's work, broken off somewhere. */
static void abandoned_work(struct arena *a, int64_t org_id, int where)
{
	struct err e;
	struct pg_rows r;
	pg_use(t.db, a);
	assert_true(pg_begin(t.db, org_id, &e));
	static const char *const cells[] = {"left over", NULL};
	const struct pg_arg rows = PG_INT(50);
	switch (where) {
	case 0:
		break;
	case 1:
		assert_true(pg_query(t.db, T_NAMES, &r, &e));
		break;
	case 2:
		assert_false(pg_query(t.db, T_BROKEN, &r, &e));
		break;
	case 3:
		assert_true(pg_copy_start(t.db, T_COPY, &e));
		assert_true(pg_copy_row(t.db, cells, 2, &e));
		break;
	case 4:
		assert_false(pg_each(t.db, T_SERIES, &e, &rows, 1, pg_give_up, NULL));
		break;
	default:
		assert_true(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("left over"), PG_NULL));
	}
	arena_reset(a);
}

static void nothing_passes_to_the_next_user(void **state)
{
	struct arena *a = arena_new();
	pg_things_empty();
	srand(7);
	for (int i = 0; i < 600; i++) {
		abandoned_work(a, 1 + i % 2, rand() % 6);
		pg_use(t.db, a);
		assert_null(org());
		assert_int_equal(pg_number(t.db, T_COUNT), 0);
		arena_reset(a);
	}
	arena_free(&a);
	pg_use(t.db, *state);
}

/* ---- errors ---- */

static void states_become_kinds(void **state)
{
	(void)state;
	static const struct {
		const char *sqlstate;
		enum err_kind kind;
	} rows[] = {{"08006", ERR_UNAVAILABLE}, {"53100", ERR_UNAVAILABLE},
		{"57014", ERR_UNAVAILABLE}, {"40001", ERR_UNAVAILABLE},
		{"40P01", ERR_UNAVAILABLE}, {"55P03", ERR_UNAVAILABLE},
		{"25006", ERR_UNAVAILABLE}, {"23505", ERR_CONFLICT}, {"23P01", ERR_CONFLICT},
		{"42501", ERR_DENIED}, {"23503", ERR_INTERNAL}, {"23514", ERR_INTERNAL},
		{"22P02", ERR_INTERNAL}, {"XX000", ERR_INTERNAL}};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_fails(pg_exec(t.db, T_RAISE_STATE, NULL, &e, PG_TEXT(rows[i].sqlstate)),
			rows[i].kind);
		assert_int_equal(pg_number(t.db, T_ONE), 1);
	}
	assert_fails(pg_exec(t.db, T_RAISE, NULL, &e, PG_TEXT("Ask an admin.")), ERR_CONFLICT);
	assert_string_equal(e.text, "Ask an admin.");
}

static void broken_constraints_have_names(void **state)
{
	(void)state;
	struct err e;
	pg_things_empty();
	assert_ok(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("once"), PG_NULL));
	assert_string_equal(pg_constraint(t.db), "");
	assert_fails(pg_exec(t.db, T_ADD, NULL, &e, PG_TEXT("once"), PG_NULL), ERR_CONFLICT);
	assert_string_equal(pg_constraint(t.db), "thing_name_once");
	assert_null(strstr(e.text, "thing_name_once"));
	assert_ok(pg_exec(t.db, T_ADD_RANGE, NULL, &e, PG_INT(1), PG_INT(5)));
	assert_fails(pg_exec(t.db, T_ADD_RANGE, NULL, &e, PG_INT(4), PG_INT(9)), ERR_CONFLICT);
	assert_string_equal(pg_constraint(t.db), "span_s_excl");
	assert_fails(pg_exec(t.db, T_CHECK, NULL, &e), ERR_INTERNAL);
	assert_non_null(strstr(e.text, "check: "));
}

static void missing_privilege_is_denied(void **state)
{
	(void)state;
	struct err e;
	struct pg_rows r;
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_exec(t.db, T_LOW_ROLE, NULL, &e));
	assert_fails(pg_query(t.db, T_NAMES, &r, &e), ERR_DENIED);
	assert_null(strstr(e.text, "thing"));
	pg_rollback(t.db);
	assert_ok(pg_query(t.db, T_NAMES, &r, &e));
}

static void a_deferred_constraint_fails_the_commit(void **state)
{
	(void)state;
	struct err e;
	assert_ok(pg_begin(t.db, 0, &e));
	assert_ok(pg_exec(t.db, T_REFUSE_AT_COMMIT, NULL, &e));
	assert_fails(pg_commit(t.db, &e), ERR_INTERNAL);
	assert_false(pg_in_transaction(t.db));
	assert_int_equal(pg_number(t.db, T_ONE), 1);
}

static void addresses_stay_out_of_errors(void **state)
{
	static const struct {
		const char *url;
		enum err_kind kind;
	} rows[] = {{"postgresql://u:hunter2@/db?host=/nonexistent", ERR_UNAVAILABLE},
		{"postgresql://u:hunter2@127.0.0.1:1/db", ERR_UNAVAILABLE},
		{"postgresql://u:hunter2@/db?bogus=hunter2", ERR_CONFIG},
		{"postgresql://u:hunter2@[::1/db", ERR_CONFIG}};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pg *db = pg_new(*state, rows[i].url, "x", pg_things_table, T__MAX);
		assert_fails(pg_exec(db, T_ONE, NULL, &e), rows[i].kind);
		assert_null(strstr(e.text, "hunter2"));
		int64_t start = clock_mono_ms();
		assert_fails(pg_exec(db, T_ONE, NULL, &e), ERR_UNAVAILABLE);
		assert_true(clock_mono_ms() - start < 500);
		assert_false(pg_ping(db));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PG_TEST(arguments_come_back_as_they_went),
		PG_TEST(nulls_read_as_nothing),
		PG_TEST(times_come_as_seconds),
		PG_TEST(touched_rows_are_counted),
		PG_TEST(results_outlive_later_statements),
		PG_TEST(arrays_are_quoted),
		PG_TEST(commit_keeps_and_rollback_forgets),
		PG_TEST(empty_transactions_are_fine),
		PG_TEST(arena_reset_rolls_back),
		PG_TEST(a_part_arena_leaves_the_transaction),
		PG_TEST(a_failed_transaction_commits_nothing),
		PG_TEST(organisation_lasts_for_the_transaction),
		PG_TEST(once_is_a_transaction_of_its_own),
		PG_TEST(nothing_passes_to_the_next_user),
		PG_TEST(states_become_kinds),
		PG_TEST(broken_constraints_have_names),
		PG_TEST(missing_privilege_is_denied),
		PG_TEST(a_deferred_constraint_fails_the_commit),
		PG_TEST(addresses_stay_out_of_errors),
	};
	return cmocka_run_group_tests(tests, pg_things_set_up, pg_things_tear_down);
}
