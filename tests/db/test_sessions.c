/* Sessions and the throttle, as gap_web. */
#include "support/db.h"

#include "codec/b64.h"
#include "core/mfa.h"
#include "store/factors.h"
#include "store/notices.h"
#include "store/sessions.h"

static struct session_token new_token(struct arena *a)
{
	struct session_token t;
	struct err e;
	assert_ok(session_token_new(a, &t, &e));
	return t;
}

static int64_t log_in(const struct session_token *t, int level)
{
	struct err e;
	int64_t id = 0;
	const struct session_new s = {.org_id = d.org,
		.user_id = d.admin,
		.level = level,
		.return_to = "/clients",
		.peer = "192.0.2.7",
		.user_agent = "Test/1"};
	assert_ok(sessions_add(d.web, t, &s, &id, &e));
	return id;
}

static const struct who *who_is(struct arena *a, const struct session_token *t)
{
	const struct who *who;
	struct err e;
	assert_ok(sessions_who(d.web, a, t, &who, &e));
	return who;
}

static void age(struct arena *a, int64_t id, const char *column, int seconds)
{
	(void)db_do(arena_printf(a,
		"UPDATE session SET %s = %s - interval '%d s' WHERE session_id = %lld", column,
		column, seconds, (long long)id));
}

static void who_knows_all_that_a_request_asks(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	struct err e;
	int64_t id = log_in(&t, 2);
	const struct who *w = who_is(a, &t);
	assert_non_null(w);
	assert_int_equal(w->session_id, id);
	assert_int_equal(w->org_id, d.org);
	assert_int_equal(w->user_id, d.admin);
	assert_int_equal(w->level, 2);
	assert_int_equal(w->factor_misses, 0);
	assert_string_equal(w->return_to, "/clients");
	assert_null(w->flash_kind);
	assert_string_equal(w->email, "ada@harbour.example");
	assert_string_equal(w->name, "Ada Admin");
	assert_int_equal(w->role, USER_ADMIN);
	assert_string_equal(w->org_name, "Harbour Accountants");
	assert_string_equal(w->zone, "Pacific/Auckland");
	assert_int_equal(w->mfa_required_at, 0);
	assert_false(w->has_factor);
	assert_int_equal(w->xpm.state, CONNECTION_NOT_CONNECTED);
	assert_int_equal(w->xpm.cause, CAUSE_NONE);
	assert_false(w->banner_closed);
	assert_int_equal(w->unread, 0);
	assert_memory_equal(w->token_hash, t.hash, HASH_BYTES);
	int64_t now = db_number("SELECT epoch(now())");
	assert_in_range(w->created_at, now - 5, now);
	assert_in_range(w->fresh_at, now - 5, now);
	assert_ok(sessions_end(d.web, id, &e));
}

static void who_sees_factor_connection_and_notices(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	struct err e;
	int64_t id = log_in(&t, 2);
	(void)db_do("INSERT INTO connection (org_id, state, cause, cause_at) VALUES"
		    " (1001, 'degraded', 'sync_failed', now() - interval '1 day')");
	(void)db_do("UPDATE organisation SET mfa_required_at = now(), mfa_grace_days = 3"
		    " WHERE org_id = 1001");
	(void)db_do("INSERT INTO totp_factor SELECT org_id, user_id, 'x', 1 FROM app_user WHERE"
		    " role = 'admin'");
	(void)db_do("INSERT INTO recovery_code SELECT org_id, user_id, v::bytea FROM app_user,"
		    " unnest(ARRAY['a', 'b']) v WHERE role = 'admin'");
	assert_ok(notices_add(d.web, d.org, true, "k", "b", NULL, &e));
	(void)db_do("UPDATE app_user SET banner_closed_at = now(), time_zone = 'Europe/Paris'");
	const struct who *w = who_is(a, &t);
	assert_true(w->has_factor);
	int64_t left = 0;
	assert_ok(factors_codes_left(d.web, w->org_id, w->user_id, &left, &e));
	assert_int_equal(left, 2);
	assert_int_equal(w->xpm.state, CONNECTION_DEGRADED);
	assert_int_equal(w->xpm.cause, CAUSE_SYNC_FAILED);
	assert_true(w->banner_closed);
	assert_int_equal(w->unread, 1);
	assert_int_equal(w->mfa_grace_days, 3);
	assert_true(w->mfa_required_at > 0);
	assert_string_equal(w->zone, "Europe/Paris");
	/* A younger cause opens the banner again. */
	(void)db_do("UPDATE connection SET cause_at = now() + interval '1 s'");
	assert_false(who_is(a, &t)->banner_closed);
	(void)db_do("DELETE FROM totp_factor");
	(void)db_do("DELETE FROM recovery_code");
	(void)db_do("DELETE FROM connection");
	(void)db_do("UPDATE app_user SET banner_closed_at = NULL, time_zone = NULL");
	assert_ok(sessions_end(d.web, id, &e));
}

static bool has_factor(struct arena *a, const struct session_token *t)
{
	return who_is(a, t)->has_factor;
}

/* Kept in the person's row by whoever changes their factors (0017_pages.sql). */
static void any_factor_counts_until_the_last_is_gone(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	struct err e;
	int64_t id = log_in(&t, 2);
	assert_false(has_factor(a, &t));
	(void)db_do("INSERT INTO totp_factor SELECT org_id, user_id, 'x', 1 FROM app_user");
	(void)db_do("INSERT INTO passkey (org_id, user_id, credential_id, alg, public_key,"
		    " sign_count, backup_eligible, backed_up, name) SELECT org_id, user_id,"
		    " user_id::text::bytea, -7, repeat('k', 64)::bytea, 0, false, false, 'Key'"
		    " FROM app_user");
	assert_true(has_factor(a, &t));
	(void)db_do("DELETE FROM totp_factor");
	assert_true(has_factor(a, &t));
	(void)db_do("DELETE FROM passkey WHERE org_id <> 1001");
	assert_true(has_factor(a, &t));
	(void)db_do("DELETE FROM passkey");
	assert_false(has_factor(a, &t));
	assert_ok(sessions_end(d.web, id, &e));
}

static void a_run_is_under_way_until_it_ends(void **state)
{
	static const char *const ends[] = {
		"UPDATE sync_run SET state = 'interrupted'", "DELETE FROM sync_run"};
	struct arena *a = *state;
	struct session_token t = new_token(a);
	struct err e;
	int64_t id = log_in(&t, 2);
	(void)db_do("INSERT INTO connection (org_id, state) VALUES (1001, 'live')");
	assert_false(who_is(a, &t)->xpm.running);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		(void)db_do("INSERT INTO sync_run (org_id, trigger) VALUES (1001, 'manual')");
		assert_true(who_is(a, &t)->xpm.running);
		(void)db_do("UPDATE sync_run SET beat_at = now()");
		assert_true(who_is(a, &t)->xpm.running);
		(void)db_do(ends[i]);
		assert_false(who_is(a, &t)->xpm.running);
	}
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM connection");
	assert_ok(sessions_end(d.web, id, &e));
}

static void an_unknown_token_is_nobody(void **state)
{
	struct session_token t = new_token(*state);
	assert_null(who_is(*state, &t));
}

/* ASVS 7.3.1, 7.3.2 */
static void idle_and_absolute_ends_are_kept(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	int64_t id = log_in(&t, 2);
	age(a, id, "seen_at", SESSION_IDLE_S - 10);
	assert_non_null(who_is(a, &t));
	/* That was a sign of life. */
	age(a, id, "seen_at", SESSION_IDLE_S - 10);
	assert_non_null(who_is(a, &t));
	age(a, id, "seen_at", SESSION_IDLE_S + 1);
	assert_null(who_is(a, &t));

	struct session_token u = new_token(a);
	id = log_in(&u, 2);
	age(a, id, "ends_at", SESSION_LIFE_S - 10);
	assert_non_null(who_is(a, &u));
	age(a, id, "ends_at", 11);
	assert_null(who_is(a, &u));
}

static void a_half_session_lives_ten_minutes(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	int64_t id = log_in(&t, 1);
	assert_int_equal(who_is(a, &t)->level, 1);
	assert_int_equal(db_number(arena_printf(a,
				 "SELECT epoch(ends_at) - epoch(created_at) FROM session WHERE"
				 " session_id = %lld",
				 (long long)id)),
		SESSION_HALF_LIFE_S);
	age(a, id, "ends_at", SESSION_HALF_LIFE_S + 1);
	assert_null(who_is(a, &t));
}

/* ASVS 7.2.4 */
static void a_rise_changes_the_token_and_keeps_the_session(void **state)
{
	struct arena *a = *state;
	struct session_token half = new_token(a), whole = new_token(a);
	struct err e;
	int misses = 0;
	int64_t id = log_in(&half, 1);
	assert_ok(sessions_count_miss(d.web, id, &misses, &e));
	age(a, id, "created_at", 60);
	age(a, id, "fresh_at", 60);
	assert_ok(sessions_rise(d.web, id, &whole, &e));
	assert_null(who_is(a, &half));
	const struct who *w = who_is(a, &whole);
	assert_int_equal(w->session_id, id);
	assert_int_equal(w->level, 2);
	assert_int_equal(w->factor_misses, 0);
	assert_true(w->fresh_at > w->created_at + 50);
	/* The absolute end counts from the log-in, not from the rise. */
	assert_int_equal(db_number(arena_printf(a,
				 "SELECT epoch(ends_at) - epoch(created_at) FROM session WHERE"
				 " session_id = %lld",
				 (long long)id)),
		SESSION_LIFE_S);
}

static void a_session_that_is_over_does_not_rise(void **state)
{
	struct arena *a = *state;
	struct session_token half = new_token(a), whole = new_token(a);
	struct err e;
	int64_t id = log_in(&half, 1);
	age(a, id, "ends_at", SESSION_HALF_LIFE_S + 1);
	assert_fails(sessions_rise(d.web, id, &whole, &e), ERR_CONFLICT);
	assert_null(who_is(a, &whole));
	assert_ok(sessions_end(d.web, id, &e));
	assert_fails(sessions_rise(d.web, id, &whole, &e), ERR_CONFLICT);
	assert_fails(sessions_freshen(d.web, id, &e), ERR_CONFLICT);
}

/* ASVS 7.4.2 */
static void a_disabled_user_is_nobody_at_once(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	(void)log_in(&t, 2);
	assert_non_null(who_is(a, &t));
	(void)db_do("UPDATE app_user SET status = 'disabled' WHERE name = 'Ada Admin'");
	assert_null(who_is(a, &t));
	(void)db_do("UPDATE app_user SET status = 'active' WHERE name = 'Ada Admin'");
	assert_non_null(who_is(a, &t));
}

static void ending_the_others_spares_the_own(void **state)
{
	struct arena *a = *state;
	struct session_token one = new_token(a), two = new_token(a), three = new_token(a);
	const struct session_row *rows;
	size_t n;
	struct err e;
	(void)db_do("DELETE FROM session");
	int64_t own = log_in(&one, 2);
	(void)log_in(&two, 2);
	(void)log_in(&three, 2);
	assert_ok(sessions_list(d.web, a, who_is(a, &one), &rows, &n, &e));
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i].own, rows[i].session_id == own);
		assert_string_equal(rows[i].peer, "192.0.2.7");
		assert_string_equal(rows[i].user_agent, "Test/1");
	}
	assert_ok(sessions_end_others(d.web, d.org, d.admin, own, &e));
	assert_non_null(who_is(a, &one));
	assert_null(who_is(a, &two));
	assert_null(who_is(a, &three));
	assert_ok(sessions_end_others(d.web, d.org, d.admin, 0, &e));
	assert_null(who_is(a, &one));
}

static void the_bar_is_shown_once(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	struct err e;
	int64_t id = log_in(&t, 2);
	assert_ok(sessions_flash(d.web, id, "success", "Saved.", &e));
	assert_string_equal(who_is(a, &t)->flash_kind, "success");
	assert_string_equal(who_is(a, &t)->flash_text, "Saved.");
	assert_ok(sessions_flash_shown(d.web, id, &e));
	assert_null(who_is(a, &t)->flash_text);
	assert_ok(sessions_return_to(d.web, id, "/syncs", &e));
	assert_string_equal(who_is(a, &t)->return_to, "/syncs");
}

static void a_long_user_agent_is_cut(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	struct err e;
	int64_t id = 0;
	char *agent = arena_alloc(a, 5001);
	memset(agent, 'x', 5000);
	const struct session_new s = {
		.org_id = d.org, .user_id = d.admin, .level = 2, .user_agent = agent};
	assert_ok(sessions_add(d.web, &t, &s, &id, &e));
	assert_int_equal(db_number("SELECT max(length(user_agent)) FROM session"), 300);
}

/* ---- throttle ---- */

static void five_guesses_pass_and_the_sixth_waits(void **state)
{
	struct err e;
	int wait = -1;
	(void)state;
	for (int i = 0; i < THROTTLE_MISSES; i++) {
		assert_ok(throttle_count(d.web, "email:one", THROTTLE_MISSES, &wait, &e));
		assert_int_equal(wait, 0);
	}
	assert_ok(throttle_count(d.web, "email:one", THROTTLE_MISSES, &wait, &e));
	assert_in_range(wait, THROTTLE_WINDOW_S - 5, THROTTLE_WINDOW_S);
	/* Another bucket is open, and a refused guess does not lengthen the wait. */
	assert_ok(throttle_count(d.web, "email:two", THROTTLE_MISSES, &wait, &e));
	assert_int_equal(wait, 0);
	assert_int_equal(
		db_number("SELECT misses FROM throttle WHERE bucket = 'email:one'"), 5);
	(void)db_do("UPDATE throttle SET last_at = last_at - interval '900 s'");
	assert_ok(throttle_count(d.web, "email:one", THROTTLE_MISSES, &wait, &e));
	assert_int_equal(wait, 0);
	assert_int_equal(
		db_number("SELECT misses FROM throttle WHERE bucket = 'email:one'"), 1);
	assert_ok(throttle_clear(d.web, "email:one", &e));
	assert_int_equal(
		db_number("SELECT count(*) FROM throttle WHERE bucket = 'email:one'"), 0);
}

static void a_good_log_in_takes_back_its_own_guess_alone(void **state)
{
	struct err e;
	int wait = 0;
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_ok(throttle_count(d.web, "peer:all", THROTTLE_PEER_MISSES, &wait, &e));
	assert_ok(throttle_forgive(d.web, "peer:all", &e));
	assert_int_equal(db_number("SELECT misses FROM throttle WHERE bucket = 'peer:all'"), 2);
	for (int i = 0; i < 3; i++)
		assert_ok(throttle_forgive(d.web, "peer:all", &e));
	assert_int_equal(db_number("SELECT misses FROM throttle WHERE bucket = 'peer:all'"), 0);
}

static void slips_that_lie_far_apart_do_not_add_up(void **state)
{
	struct err e;
	int wait = 0;
	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_ok(throttle_count(d.web, "email:slow", THROTTLE_MISSES, &wait, &e));
		assert_int_equal(wait, 0);
		(void)db_do(
			"UPDATE throttle SET since = since - interval '300 s',"
			" last_at = last_at - interval '300 s' WHERE bucket = 'email:slow'");
	}
}

static bool guess(struct pg *db, int nth, void *user)
{
	struct err e;
	int wait = 0;
	(void)nth;
	return throttle_count(db, user, THROTTLE_MISSES, &wait, &e) && wait == 0;
}

static void of_twenty_parallel_guesses_five_pass(void **state)
{
	char bucket[] = "email:parallel";
	(void)state;
	assert_int_equal(db_race(20, "gap_web", guess, bucket), THROTTLE_MISSES);
}

/* TF1-TF4: a count must not vanish with the failed log-in's own transaction. */
static void counts_survive_what_is_rolled_back_later(void **state)
{
	struct arena *a = *state;
	struct session_token t = new_token(a);
	struct err e;
	int wait = 0, misses = 0;
	int64_t id = log_in(&t, 1);
	assert_ok(throttle_count(d.web, "email:kept", THROTTLE_MISSES, &wait, &e));
	assert_ok(sessions_count_miss(d.web, id, &misses, &e));
	assert_int_equal(misses, 1);
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(sessions_flash(d.web, id, "error", "No.", &e));
	pg_rollback(d.web);
	assert_int_equal(
		db_number("SELECT misses FROM throttle WHERE bucket = 'email:kept'"), 1);
	assert_ok(sessions_count_miss(d.web, id, &misses, &e));
	assert_int_equal(misses, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(who_knows_all_that_a_request_asks),
		DB_TEST(who_sees_factor_connection_and_notices),
		DB_TEST(any_factor_counts_until_the_last_is_gone),
		DB_TEST(a_run_is_under_way_until_it_ends),
		DB_TEST(an_unknown_token_is_nobody),
		DB_TEST(idle_and_absolute_ends_are_kept),
		DB_TEST(a_half_session_lives_ten_minutes),
		DB_TEST(a_rise_changes_the_token_and_keeps_the_session),
		DB_TEST(a_session_that_is_over_does_not_rise),
		DB_TEST(a_disabled_user_is_nobody_at_once),
		DB_TEST(ending_the_others_spares_the_own),
		DB_TEST(the_bar_is_shown_once),
		DB_TEST(a_long_user_agent_is_cut),
		DB_TEST(five_guesses_pass_and_the_sixth_waits),
		DB_TEST(a_good_log_in_takes_back_its_own_guess_alone),
		DB_TEST(slips_that_lie_far_apart_do_not_add_up),
		DB_TEST(of_twenty_parallel_guesses_five_pass),
		DB_TEST(counts_survive_what_is_rolled_back_later),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
