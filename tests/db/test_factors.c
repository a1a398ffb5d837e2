/* Second factors: each step and each code counts once, also when twenty try at the same time. */
#include "support/db.h"

#include "core/mfa.h"
#include "store/factors.h"

static unsigned char hashes[3][HASH_BYTES];

static int factors_set_up(void **state)
{
	memset(hashes[0], 1, HASH_BYTES);
	memset(hashes[1], 2, HASH_BYTES);
	memset(hashes[2], 0, HASH_BYTES);
	return db_set_up(state);
}

static void enrol(int64_t step)
{
	struct err e;
	assert_ok(factors_pending_set(d.web, d.org, d.admin, STR("box\0with NUL"), &e));
	assert_ok(factors_prove(d.web, d.org, d.admin, step,
		(const unsigned char(*)[HASH_BYTES])hashes, 3, &e));
}

static void a_pending_secret_waits_for_its_proof(void **state)
{
	struct totp_row row;
	struct err e;
	int misses = 0;
	assert_ok(factors_pending(d.web, *state, d.org, d.admin, &row, &e));
	assert_false(row.found);
	assert_ok(factors_pending_set(d.web, d.org, d.admin, STR("one"), &e));
	assert_ok(factors_pending_miss(d.web, d.org, d.admin, &misses, &e));
	assert_ok(factors_pending_miss(d.web, d.org, d.admin, &misses, &e));
	assert_int_equal(misses, 2);
	/* A younger one replaces it and begins anew. */
	assert_ok(factors_pending_set(d.web, d.org, d.admin, STR("two"), &e));
	assert_ok(factors_pending(d.web, *state, d.org, d.admin, &row, &e));
	assert_true(row.found && str_is(row.sealed, "two"));
	assert_int_equal(row.misses, 0);
	assert_true(row.created_at > 0);
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_false(row.found);
	assert_fails(factors_pending_miss(d.web, d.org, d.member, &misses, &e), ERR_CONFLICT);
}

static void proof_makes_factor_and_codes_at_once(void **state)
{
	struct totp_row row;
	struct err e;
	enrol(1000);
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_true(row.found);
	assert_int_equal(row.sealed.n, sizeof "box\0with NUL" - 1);
	assert_memory_equal(row.sealed.p, "box\0with NUL", row.sealed.n);
	assert_int_equal(row.last_step, 1000);
	assert_int_equal(db_number("SELECT count(*) FROM recovery_code"), 3);
	assert_int_equal(db_number("SELECT count(*) FROM totp_pending"), 0);
	/* Twice is once. */
	assert_fails(factors_prove(d.web, d.org, d.admin, 1001,
			     (const unsigned char(*)[HASH_BYTES])hashes, 3, &e),
		ERR_CONFLICT);
	assert_int_equal(db_number("SELECT last_step FROM totp_factor"), 1000);
}

static void an_old_set_up_proves_nothing(void **state)
{
	struct err e;
	(void)state;
	assert_ok(factors_pending_set(d.web, d.org, d.member, STR("old"), &e));
	(void)db_do("UPDATE totp_pending SET created_at = created_at - interval '601 s'");
	assert_fails(factors_prove(d.web, d.org, d.member, 1,
			     (const unsigned char(*)[HASH_BYTES])hashes, 3, &e),
		ERR_CONFLICT);
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM totp_factor f JOIN app_user USING (org_id, user_id)"
			" WHERE name = 'Max Member'"),
		0);
}

/* The old factor holds until the new one is proved, and its codes die with it. */
static void a_replacement_takes_over_only_when_proved(void **state)
{
	struct totp_row row;
	struct err e;
	const unsigned char other[1][HASH_BYTES] = {{9}};
	enrol(2000);
	assert_ok(factors_pending_set(d.web, d.org, d.admin, STR("newer"), &e));
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_false(str_is(row.sealed, "newer"));
	assert_ok(factors_prove(d.web, d.org, d.admin, 2001, other, 1, &e));
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_true(str_is(row.sealed, "newer"));
	assert_int_equal(row.last_step, 2001);
	assert_int_equal(db_number("SELECT count(*) FROM recovery_code"), 1);
}

static void a_step_and_all_before_it_are_spent(void **state)
{
	struct err e;
	bool won;
	(void)state;
	enrol(3000);
	assert_ok(factors_use_step(d.web, d.org, d.admin, 3000, &won, &e));
	assert_false(won); /* the proving code */
	assert_ok(factors_use_step(d.web, d.org, d.admin, 3002, &won, &e));
	assert_true(won);
	assert_ok(factors_use_step(d.web, d.org, d.admin, 3002, &won, &e));
	assert_false(won);
	assert_ok(factors_use_step(d.web, d.org, d.admin, 3001, &won, &e));
	assert_false(won);
	assert_ok(factors_use_step(d.web, d.org, d.member, 9999, &won, &e));
	assert_false(won);
}

static bool use_step(struct pg *db, int nth, void *user)
{
	struct err e;
	bool won = false;
	(void)nth;
	return factors_use_step(db, d.org, d.admin, *(int64_t *)user, &won, &e) && won;
}

/* ASVS 6.5.1 */
static void of_twenty_with_one_code_one_wins(void **state)
{
	(void)state;
	enrol(4000);
	for (int64_t step = 4001; step <= 4003; step++)
		assert_int_equal(db_race(20, "gap_web", use_step, &step), 1);
}

static void a_recovery_code_works_once(void **state)
{
	struct err e;
	bool won;
	(void)state;
	enrol(5000);
	assert_ok(factors_use_code(d.web, d.org, d.member, hashes[0], &won, &e));
	assert_false(won);
	assert_ok(factors_use_code(d.web, d.org, d.admin, hashes[0], &won, &e));
	assert_true(won);
	assert_ok(factors_use_code(d.web, d.org, d.admin, hashes[0], &won, &e));
	assert_false(won);
	assert_int_equal(db_number("SELECT count(*) FROM recovery_code"), 2);
}

static bool use_code(struct pg *db, int nth, void *user)
{
	struct err e;
	bool won = false;
	(void)nth;
	return factors_use_code(db, d.org, d.admin, user, &won, &e) && won;
}

/* AK1: 14 of 30 parallel requests won elsewhere. */
static void of_twenty_with_one_recovery_code_one_wins(void **state)
{
	(void)state;
	enrol(6000);
	assert_int_equal(db_race(20, "gap_web", use_code, hashes[1]), 1);
	assert_int_equal(db_race(20, "gap_web", use_code, hashes[2]), 1);
}

static void new_codes_replace_the_old(void **state)
{
	struct err e;
	const unsigned char other[2][HASH_BYTES] = {{7}, {8}};
	bool won;
	(void)state;
	enrol(7000);
	assert_ok(factors_replace_codes(d.web, d.org, d.admin, other, 2, &e));
	assert_int_equal(db_number("SELECT count(*) FROM recovery_code"), 2);
	assert_ok(factors_use_code(d.web, d.org, d.admin, hashes[0], &won, &e));
	assert_false(won);
	assert_ok(factors_use_code(d.web, d.org, d.admin, other[1], &won, &e));
	assert_true(won);
}

static void a_reset_leaves_nothing(void **state)
{
	struct totp_row row;
	struct err e;
	enrol(8000);
	assert_ok(factors_pending_set(d.web, d.org, d.admin, STR("again"), &e));
	assert_ok(factors_remove(d.web, d.org, d.admin, &e));
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_false(row.found);
	assert_ok(factors_pending(d.web, *state, d.org, d.admin, &row, &e));
	assert_false(row.found);
	assert_int_equal(db_number("SELECT count(*) FROM recovery_code"), 0);
}

static void a_box_is_resealed_only_as_it_was_read(void **state)
{
	struct totp_row row;
	struct err e;
	enrol(9000);
	assert_ok(factors_reseal(d.web, d.org, d.admin, STR("another"), STR("newer"), &e));
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_ok(factors_reseal(d.web, d.org, d.admin, row.sealed, STR("newer"), &e));
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_true(str_is(row.sealed, "newer"));
	assert_int_equal(row.last_step, 9000);
}

/* A security event and its line are one: both in the caller's transaction. */
static void inside_a_transaction_all_of_it_is_the_callers(void **state)
{
	struct totp_row row;
	struct err e;
	bool won = false;
	enrol(10000);
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(factors_use_step(d.web, d.org, d.admin, 10001, &won, &e));
	assert_true(won);
	assert_ok(factors_remove(d.web, d.org, d.admin, &e));
	pg_rollback(d.web);
	assert_ok(factors_get(d.web, *state, d.org, d.admin, &row, &e));
	assert_true(row.found);
	assert_int_equal(row.last_step, 10000);
}

static void the_row_name_tells_rows_apart(void **state)
{
	assert_string_equal(factors_row_name(*state, 1, 23), "totp:1:23");
	assert_string_not_equal(
		factors_row_name(*state, 12, 3), factors_row_name(*state, 1, 23));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(a_pending_secret_waits_for_its_proof),
		DB_TEST(proof_makes_factor_and_codes_at_once),
		DB_TEST(an_old_set_up_proves_nothing),
		DB_TEST(a_replacement_takes_over_only_when_proved),
		DB_TEST(a_step_and_all_before_it_are_spent),
		DB_TEST(of_twenty_with_one_code_one_wins),
		DB_TEST(a_recovery_code_works_once),
		DB_TEST(of_twenty_with_one_recovery_code_one_wins),
		DB_TEST(new_codes_replace_the_old),
		DB_TEST(a_reset_leaves_nothing),
		DB_TEST(a_box_is_resealed_only_as_it_was_read),
		DB_TEST(inside_a_transaction_all_of_it_is_the_callers),
		DB_TEST(the_row_name_tells_rows_apart),
	};
	return cmocka_run_group_tests(tests, factors_set_up, db_tear_down);
}
