/* Passkeys in the database: challenges are spent once, credentials are one person's, counters go forward. */
#include "support/db.h"

#include "store/factors.h"
#include "store/passkeys.h"
#include "store/users.h"

static const unsigned char hash[HASH_BYTES] = {1, 2, 3};

static int begin(void **state)
{
	int rc = db_begin(state);
	(void)db_do("DELETE FROM passkey");
	(void)db_do("DELETE FROM recovery_code");
	(void)db_do("DELETE FROM session");
	(void)db_do("INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer,"
		    " user_agent) SELECT sha256(email::bytea), org_id, user_id, 1, now() +"
		    " interval '1 hour', 'p', 'a' FROM app_user");
	return rc;
}
#define PASSKEY_TEST(f) cmocka_unit_test_setup_teardown((f), begin, test_end)

static int64_t session_of(struct arena *a, int64_t user)
{
	return db_number(arena_printf(
		a, "SELECT session_id FROM session WHERE user_id = %lld", (long long)user));
}

static struct passkey key_of(const char *id)
{
	return (struct passkey){.id = str_of(id),
		.public_key = STR("0123456789012345678901234567890123456789"),
		.alg = -8,
		.sign_count = 4,
		.backup_eligible = true};
}

static int64_t add(struct arena *a, const char *id)
{
	const struct passkey key = key_of(id);
	struct err e;
	assert_ok(passkeys_add(d.web, d.org, d.member, &key, id, &e));
	return db_number(
		arena_printf(a, "SELECT passkey_id FROM passkey WHERE name = '%s'", id));
}

static void a_challenge_is_taken_once(void **state)
{
	int64_t id = session_of(*state, d.member);
	struct str taken;
	struct err e;
	assert_ok(passkeys_challenge_take(d.web, id, &taken, &e));
	assert_int_equal(taken.n, 0);
	assert_ok(passkeys_challenge_set(d.web, id, hash, &e));
	assert_ok(passkeys_challenge_take(d.web, session_of(*state, d.admin), &taken, &e));
	assert_int_equal(taken.n, 0);
	assert_ok(passkeys_challenge_take(d.web, id, &taken, &e));
	assert_int_equal(taken.n, HASH_BYTES);
	assert_memory_equal(taken.p, hash, HASH_BYTES);
	assert_ok(passkeys_challenge_take(d.web, id, &taken, &e));
	assert_int_equal(taken.n, 0);
}

static void a_challenge_lives_five_minutes(void **state)
{
	int64_t id = session_of(*state, d.member);
	struct str taken;
	struct err e;
	assert_ok(passkeys_challenge_set(d.web, id, hash, &e));
	(void)db_do("UPDATE session SET passkey_challenge_at = now() - interval '301 s'");
	assert_ok(passkeys_challenge_take(d.web, id, &taken, &e));
	assert_int_equal(taken.n, 0);
	(void)db_do("UPDATE session SET passkey_challenge_at = now() - interval '290 s'");
	assert_ok(passkeys_challenge_take(d.web, id, &taken, &e));
	assert_int_equal(taken.n, HASH_BYTES);
}

static bool take_in_race(struct pg *db, int nth, void *user)
{
	struct str taken;
	struct err e;
	(void)nth;
	return passkeys_challenge_take(db, *(int64_t *)user, &taken, &e) && taken.n > 0;
}

static void of_twenty_takers_one_wins(void **state)
{
	int64_t id = session_of(*state, d.member);
	struct err e;
	assert_ok(passkeys_challenge_set(d.web, id, hash, &e));
	assert_int_equal(db_race(20, "gap_web", take_in_race, &id), 1);
}

static void a_credential_is_one_persons_everywhere(void **state)
{
	const struct passkey key = key_of("same");
	struct err e;
	(void)add(*state, "same");
	assert_fails(passkeys_add(d.web, d.org, d.member, &key, "Again", &e), ERR_CONFLICT);
	assert_fails(passkeys_add(d.web, d.org, d.admin, &key, "Mine", &e), ERR_CONFLICT);
	assert_fails(passkeys_add(d.web, d.other_org, d.other_admin, &key, "Theirs", &e),
		ERR_CONFLICT);
	assert_int_equal(db_number("SELECT count(*) FROM passkey"), 1);
}

static bool use(int64_t id, int64_t count)
{
	const struct passkey seen = {.sign_count = count};
	struct err e;
	bool won = false;
	assert_ok(passkeys_use(d.web, d.org, d.member, id, &seen, &won, &e));
	return won;
}

static void the_counter_goes_forward_or_stays_at_nothing(void **state)
{
	int64_t id = add(*state, "counts");
	assert_true(use(id, 5));
	assert_false(use(id, 5));
	assert_false(use(id, 4));
	assert_false(use(id, 0));
	assert_true(use(id, 4294967295));
	(void)db_do("UPDATE passkey SET sign_count = 0");
	assert_true(use(id, 0));
	assert_true(use(id, 0));
	assert_true(use(id, 1));
	assert_false(use(id, 0));
}

static void it_is_found_by_its_own_person_alone(void **state)
{
	int64_t id = add(*state, "mine");
	struct passkey_row row;
	const struct passkey_row *rows;
	size_t n;
	struct err e;
	assert_ok(passkeys_get(d.web, *state, d.org, d.member, id, &row, &e));
	assert_true(str_is(row.key.id, "mine") && row.key.backup_eligible && row.used_at == 0);
	assert_int_equal(row.key.sign_count, 4);
	assert_fails(passkeys_get(d.web, *state, d.org, d.admin, id, &row, &e), ERR_NOT_FOUND);
	assert_fails(passkeys_get(d.web, *state, d.other_org, d.member, id, &row, &e),
		ERR_NOT_FOUND);
	assert_fails(passkeys_rename(d.web, d.org, d.admin, id, "X", &e), ERR_NOT_FOUND);
	assert_fails(passkeys_remove(d.web, d.org, d.admin, id, &e), ERR_NOT_FOUND);
	assert_ok(passkeys_list(d.web, *state, d.org, d.admin, &rows, &n, &e));
	assert_int_equal(n, 0);
}

static void codes_go_with_the_last_factor(void **state)
{
	int64_t first = add(*state, "first"), second = add(*state, "second");
	struct account account;
	struct err e;
	(void)db_do("INSERT INTO recovery_code SELECT org_id, user_id, 'hash' FROM app_user");
	assert_ok(passkeys_remove(d.web, d.org, d.member, first, &e));
	assert_int_equal(
		db_number("SELECT count(*) FROM recovery_code WHERE org_id = 1001"), 2);
	assert_ok(users_account_by_id(d.web, *state, d.org, d.member, &account, &e));
	assert_true(account.has_factor);
	assert_ok(passkeys_remove(d.web, d.org, d.member, second, &e));
	assert_int_equal(
		db_number("SELECT count(*) FROM recovery_code WHERE org_id = 1001"), 1);
	assert_ok(users_account_by_id(d.web, *state, d.org, d.member, &account, &e));
	assert_false(account.has_factor);
}

static void a_handle_is_a_persons_for_good(void **state)
{
	struct str one, same, other;
	struct err e;
	(void)state;
	assert_ok(passkeys_handle(d.web, d.org, d.member, &one, &e));
	assert_ok(passkeys_handle(d.web, d.org, d.member, &same, &e));
	assert_ok(passkeys_handle(d.web, d.org, d.admin, &other, &e));
	assert_int_equal(one.n, 16);
	assert_true(str_eq(one, same));
	assert_false(str_eq(one, other));
}

static void wrong_codes_are_counted_to_the_cap(void **state)
{
	struct err e;
	bool capped = true;
	(void)state;
	(void)db_do("UPDATE app_user SET factor_misses = 99");
	assert_ok(factors_count_miss(d.web, d.org, d.member, &capped, &e));
	assert_false(capped);
	assert_ok(factors_count_miss(d.web, d.org, d.member, &capped, &e));
	assert_true(capped);
	assert_int_equal(db_number("SELECT max(factor_misses) FROM app_user"), 100);
	assert_ok(factors_was_right(d.web, d.org, d.member, &e));
	assert_ok(factors_count_miss(d.web, d.org, d.member, &capped, &e));
	assert_false(capped);
	(void)db_do("UPDATE app_user SET factor_misses = 100");
	assert_ok(factors_remove(d.web, d.org, d.member, &e));
	assert_int_equal(db_number("SELECT min(factor_misses) FROM app_user"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PASSKEY_TEST(a_challenge_is_taken_once),
		PASSKEY_TEST(a_challenge_lives_five_minutes),
		PASSKEY_TEST(of_twenty_takers_one_wins),
		PASSKEY_TEST(a_credential_is_one_persons_everywhere),
		PASSKEY_TEST(the_counter_goes_forward_or_stays_at_nothing),
		PASSKEY_TEST(it_is_found_by_its_own_person_alone),
		PASSKEY_TEST(codes_go_with_the_last_factor),
		PASSKEY_TEST(a_handle_is_a_persons_for_good),
		PASSKEY_TEST(wrong_codes_are_counted_to_the_cap),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
