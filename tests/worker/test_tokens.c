/* Tokens that never get lost: rules R1 to R6, with processes that race. */
#include "support/sync_world.h"

#include <unistd.h>

enum { RACERS = 4, ROUNDS = 10, ROUNDS_LONG = 1000 };

static int world_begin_connected(void **state)
{
	(void)world_begin(state);
	world_connect();
	return 0;
}
#define TOKEN_TEST(f) cmocka_unit_test_setup_teardown((f), world_begin_connected, world_end)

static struct token get(int64_t bad_generation)
{
	struct err e;
	struct token t = {0};
	assert_ok(token_get(&g.w, g.grant_id, bad_generation, &t, &e));
	return t;
}

static void expire(void)
{
	(void)db_do(
		"UPDATE xero_grant SET access_ends_at = now() + interval '4 minutes', cool_until = NULL");
}

static const char *stored_state(void)
{
	return db_ask(
		"SELECT concat_ws(' ', generation, refresh_began_at IS NOT NULL, refresh_owner IS NOT NULL,"
		" dead_at IS NOT NULL) FROM xero_grant");
}

static void a_good_token_is_used_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(secret_open(get(0).access).p, "access-0");
	assert_int_equal(g.x->shared->refreshes, 0);
}

static void it_is_refreshed_when_five_minutes_are_left(void **state)
{
	(void)state;
	expire();
	assert_string_equal(secret_open(get(0).access).p, "access-1");
	assert_string_equal(stored_state(), "2 f f f");
	assert_string_equal(secret_open(get(0).access).p, "access-1");
	assert_int_equal(g.x->shared->refreshes, 1);
}

static void a_refused_one_is_replaced_though_it_looks_good(void **state)
{
	(void)state;
	struct token t = get(0);
	assert_string_equal(secret_open(get(t.generation).access).p, "access-1");
	/* Who still has the old generation gets the newer one without another refresh. */
	assert_string_equal(secret_open(get(t.generation).access).p, "access-1");
	assert_int_equal(g.x->shared->refreshes, 1);
}

static void nothing_readable_is_stored(void **state)
{
	(void)state;
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM xero_grant WHERE position('refresh'::bytea in sealed) > 0"),
		0);
	assert_int_equal(db_number("SELECT get_byte(sealed, 0) FROM xero_grant"), 1);
}

/* R1: somebody stored a newer pair while our refresh was refused. */
static void invalid_grant_reads_again_before_it_judges(void **state)
{
	struct err e;
	struct grant old;
	struct token t;
	(void)state;
	expire();
	assert_ok(grant_get(g.w.beat, g.grant_id, &old, &e));
	t = get(0);
	assert_string_equal(secret_open(t.access).p, "access-1");
	/* The stored pair went back to an old one, as after a restore; Xero refuses it, yet a sibling stores another. */
	g.x->shared->pair = 5;
	expire();
	assert_fails(token_get(&g.w, g.grant_id, 0, &t, &e), ERR_REFUSED);
	assert_string_equal(stored_state(), "2 f f t");
	/* Dead is dead: no more tries at Xero. */
	int dead = g.x->shared->dead;
	assert_fails(token_get(&g.w, g.grant_id, 0, &t, &e), ERR_REFUSED);
	assert_int_equal(g.x->shared->dead, dead);
	/* A new consent by the same person brings it back. */
	const struct oauth_tokens fresh = {.access = secret_new(*state, "access-5", 8),
		.refresh = secret_new(*state, "refresh-5", 9),
		.expires_in_s = 1800,
		.scopes = ""};
	int64_t id = 0;
	assert_ok(token_keep(&g.w, stub_uuid(NULL, 'u', 1), &fresh, &id, &e));
	assert_int_equal(id, g.grant_id);
	assert_string_equal(secret_open(get(0).access).p, "access-5");
}

/* R5: the answer was lost after the rotation; the same old token is good for 30 minutes. */
static void fault_54_a_lost_answer_is_tried_again_with_the_same_token(void **state)
{
	(void)state;
	g.x->shared->grace_pair = 0;
	g.x->shared->lose_next = 1;
	expire();
	assert_string_equal(secret_open(get(0).access).p, "access-2");
	assert_string_equal(stored_state(), "2 f f f");
}

static void fault_54_twice_lost_is_uncertain_and_still_not_dead(void **state)
{
	struct err e;
	struct token t;
	(void)state;
	g.x->shared->grace_pair = 0;
	g.x->shared->lose_next = 2;
	(void)db_do("UPDATE xero_grant SET access_ends_at = now()");
	assert_fails(token_get(&g.w, g.grant_id, 0, &t, &e), ERR_UPSTREAM);
	assert_string_equal(stored_state(), "1 t f f");
	/* R2: nobody hammers: for 30 seconds there is no further try. */
	int refreshes = g.x->shared->refreshes;
	assert_fails(token_get(&g.w, g.grant_id, 0, &t, &e), ERR_UPSTREAM);
	assert_in_range(e.retry_after_s, 25, 30);
	assert_int_equal(g.x->shared->refreshes, refreshes);
	expire();
	g.x->shared->grace_pair = 0;
	assert_string_equal(secret_open(get(0).access).p, "access-3");
	assert_string_equal(stored_state(), "2 f f f");
}

/* Cooling down, but the token at hand still lives: it is used. */
static void a_token_with_a_minute_left_serves_while_refreshing_has_to_wait(void **state)
{
	(void)state;
	(void)db_do(
		"UPDATE xero_grant SET access_ends_at = now() + interval '1 minute', cool_until = now() + interval '20 seconds'");
	assert_string_equal(secret_open(get(0).access).p, "access-0");
}

/* R3, fault 13: the refresher died; after 45 seconds another takes over with the same token. */
static void fault_13_a_dead_refreshers_claim_runs_out(void **state)
{
	struct err e;
	struct token t;
	(void)state;
	(void)db_do(
		"UPDATE xero_grant SET access_ends_at = now(), refresh_owner = 'dead', refresh_began_at = now() - interval '46 seconds'");
	assert_ok(token_get(&g.w, g.grant_id, 0, &t, &e));
	assert_string_equal(stored_state(), "2 f f f");
}

static void our_configuration_does_not_kill_a_grant(void **state)
{
	struct err e;
	struct token t;
	(void)state;
	g.x->shared->config_next = 1;
	expire();
	assert_fails(token_get(&g.w, g.grant_id, 0, &t, &e), ERR_CONFIG);
	assert_string_equal(stored_state(), "1 f f f");
}

/* Fault 60: the wrong key file never costs a box. */
static void fault_60_without_the_key_nothing_is_overwritten(void **state)
{
	struct err e;
	struct token t;
	const char *right = g.set.token_key_file;
	(void)state;
	expire();
	g.set.token_key_file = "/nonexistent/tokens.key";
	assert_fails(token_get(&g.w, g.grant_id, 0, &t, &e), ERR_CONFIG);
	g.set.token_key_file = right;
	(void)db_do("UPDATE xero_grant SET cool_until = NULL");
	assert_string_equal(secret_open(get(0).access).p, "access-1");
}

static void a_box_does_not_open_in_another_row(void **state)
{
	struct err e;
	struct token t;
	(void)state;
	(void)db_do(arena_printf(
		g.home, "UPDATE xero_grant SET xero_userid = '%s'", stub_uuid(NULL, 'u', 2)));
	assert_fails(token_get(&g.w, g.grant_id, 0, &t, &e), ERR_CONFIG);
}

/* R4: forgotten while the call hung: no resurrected row. */
static void a_forgotten_grant_stays_forgotten(void **state)
{
	struct err e;
	struct grant old;
	bool stored = true;
	(void)state;
	assert_ok(grant_get(g.w.beat, g.grant_id, &old, &e));
	(void)db_do("DELETE FROM grant_use");
	(void)db_do("DELETE FROM xero_grant");
	const struct grant_tokens t = {.sealed = STR("x"), .scopes = ""};
	assert_ok(grant_store(g.w.beat, &old, &t, &stored, &e));
	assert_false(stored);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant"), 0);
}

static int race_child(int nth)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	struct token t;
	char name[32];
	(void)snprintf(name, sizeof name, "racer-%d", nth);
	world_worker(&w, home, name);
	w.nap_divisor = 1;
	return token_get(&w, g.grant_id, 0, &t, &e) ? 0 : 1;
}

static void race_round(int round)
{
	pid_t pids[RACERS];
	expire();
	for (int i = 0; i < RACERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(race_child(i));
	}
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(world_reap(pids[i]), 0);
	/* A strict endpoint: each refresh token once. One was used, nobody was refused. */
	assert_int_equal(g.x->shared->refreshes, round + 1);
	assert_int_equal(g.x->shared->dead, 0);
}

static void of_four_processes_one_refreshes_and_none_loses(void **state)
{
	const char *is_long = getenv("LONG");
	int rounds = is_long != NULL && strcmp(is_long, "1") == 0 ? ROUNDS_LONG : ROUNDS;
	(void)state;
	g.x->shared->delay_ms = 30;
	for (int i = 0; i < rounds; i++)
		race_round(i);
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM xero_grant WHERE dead_at IS NULL AND refresh_owner IS NULL"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOKEN_TEST(a_good_token_is_used_as_it_is),
		TOKEN_TEST(it_is_refreshed_when_five_minutes_are_left),
		TOKEN_TEST(a_refused_one_is_replaced_though_it_looks_good),
		TOKEN_TEST(nothing_readable_is_stored),
		TOKEN_TEST(invalid_grant_reads_again_before_it_judges),
		TOKEN_TEST(fault_54_a_lost_answer_is_tried_again_with_the_same_token),
		TOKEN_TEST(fault_54_twice_lost_is_uncertain_and_still_not_dead),
		TOKEN_TEST(a_token_with_a_minute_left_serves_while_refreshing_has_to_wait),
		TOKEN_TEST(fault_13_a_dead_refreshers_claim_runs_out),
		TOKEN_TEST(our_configuration_does_not_kill_a_grant),
		TOKEN_TEST(fault_60_without_the_key_nothing_is_overwritten),
		TOKEN_TEST(a_box_does_not_open_in_another_row),
		TOKEN_TEST(a_forgotten_grant_stays_forgotten),
		TOKEN_TEST(of_four_processes_one_refreshes_and_none_loses),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
