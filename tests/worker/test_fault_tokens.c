/* Faults 54 to 60 of the list, those about tokens that tests/worker/test_tokens.c does not have already. */
#include "io/file.h"
#include "support/sync_cases.h"
#include "worker/seal_tokens.h"

#include <unistd.h>

static bool (*real_refresh)(void *self, struct arena *a, const struct secret *refresh,
	struct oauth_tokens *t_r, struct err *e);

static void expire(void)
{
	(void)db_do(
		"UPDATE xero_grant SET access_ends_at = now(), cool_until = NULL, refresh_owner = NULL");
	(void)db_do("DELETE FROM xero_budget");
}

static const char *access_now(void)
{
	struct err e;
	struct token t = {0};
	assert_ok(token_get(&g.w, g.grant_id, 0, &t, &e));
	return secret_open(t.access).p;
}

static void play(bool (*refresh)(void *self, struct arena *a, const struct secret *refresh,
	struct oauth_tokens *t_r, struct err *e))
{
	real_refresh = g.x->xero.refresh;
	g.x->xero.refresh = refresh;
}

static void sibling_refreshes(void)
{
	struct arena *home = arena_new();
	struct worker sibling;
	struct token t;
	struct err e;
	(void)db_do("UPDATE xero_grant SET refresh_owner = NULL");
	world_worker(&sibling, home, "sibling");
	assert_ok(token_get(&sibling, g.grant_id, 0, &t, &e));
	arena_free(&sibling.arena);
	arena_free(&home);
}

/* The claim runs out, a sibling refreshes and stores; then Xero refuses the old token to us. */
static bool sibling_first(void *self, struct arena *a, const struct secret *refresh,
	struct oauth_tokens *t_r, struct err *e)
{
	g.x->xero.refresh = real_refresh;
	sibling_refreshes();
	return real_refresh(self, a, refresh, t_r, e);
}

static void fault_55_invalid_grant_while_a_sibling_rotated_uses_the_new_pair(void **state)
{
	(void)state;
	world_connect();
	expire();
	play(sibling_first);
	assert_string_equal(access_now(), "access-1");
	assert_int_equal(g.x->shared->dead, 1);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant WHERE dead_at IS NULL"), 1);
	assert_int_equal(db_number("SELECT generation FROM xero_grant"), 2);
}

static void fault_56_a_token_dead_for_good_is_told_once_and_not_tried_again(void **state)
{
	(void)state;
	live();
	(void)db_do("UPDATE xero_grant SET refreshed_at = now() - interval '61 days'");
	expire();
	g.x->shared->pair = 9;
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "sign_in");
	for (int i = 0; i < 3; i++) {
		world_queue("sync", MANUAL);
		world_due("check");
		world_due("slot");
		(void)world_work();
	}
	assert_int_equal(g.x->shared->dead, 1);
	/* One an admin, and one mail. */
	assert_int_equal(count("notice WHERE kind = 'reconnect'"),
		count("app_user WHERE org_id = 1001 AND role = 'admin' AND status = 'active'"));
	assert_int_equal(count("job WHERE kind IN ('sync', 'slot')"), 0);
}

static void fault_56_the_daily_check_keeps_an_idle_connection_alive(void **state)
{
	(void)state;
	live();
	(void)db_do("UPDATE xero_grant SET refreshed_at = now() - interval '6 days'");
	expire();
	world_due("check");
	(void)world_work();
	assert_int_equal(g.x->shared->refreshes, 1);
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM xero_grant WHERE refreshed_at > now() - interval '1 minute'"),
		1);
}

static bool without_refresh_token(void *self, struct arena *a, const struct secret *refresh,
	struct oauth_tokens *t_r, struct err *e)
{
	bool ok = real_refresh(self, a, refresh, t_r, e);
	t_r->refresh = NULL;
	t_r->expires_in_s = 60; /* as the parser has it when none is told */
	return ok;
}

static void fault_58_an_answer_without_refresh_token_keeps_the_old_one(void **state)
{
	const struct secret *kept = NULL;
	struct err e;
	(void)state;
	world_connect();
	expire();
	play(without_refresh_token);
	assert_string_equal(access_now(), "access-1");
	assert_ok(token_refresh_secret(&g.w, g.grant_id, &kept, &e));
	assert_string_equal(secret_open(kept).p, "refresh-0");
	/* Of a short life: the next use refreshes again. */
	assert_in_range(
		db_number(
			"SELECT extract(epoch FROM access_ends_at - now())::bigint FROM xero_grant"),
		50, 60);
}

static void storing_fails(int times)
{
	(void)db_do("DROP SEQUENCE IF EXISTS gap.refusals");
	(void)db_do("CREATE SEQUENCE gap.refusals");
	(void)db_do("GRANT USAGE ON SEQUENCE gap.refusals TO gap_worker");
	(void)db_do(arena_printf(g.home,
		"CREATE FUNCTION gap.refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
		" IF NEW.generation > OLD.generation AND nextval('gap.refusals') <= %d THEN"
		" RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END IF; RETURN NEW; END$$",
		times));
	(void)db_do(
		"CREATE TRIGGER refuse BEFORE UPDATE ON gap.xero_grant FOR EACH ROW EXECUTE FUNCTION gap.refuse()");
}

static void storing_works(void)
{
	(void)db_do("DROP TRIGGER refuse ON gap.xero_grant");
	(void)db_do("DROP FUNCTION gap.refuse()");
	(void)db_do("DROP SEQUENCE gap.refusals");
}

static void fault_59_a_pair_that_cannot_be_stored_is_stored_at_the_next_try(void **state)
{
	(void)state;
	world_connect();
	expire();
	storing_fails(2);
	assert_string_equal(access_now(), "access-1");
	storing_works();
	assert_int_equal(g.x->shared->refreshes, 1);
	assert_int_equal(db_number("SELECT generation FROM xero_grant"), 2);
}

/* Never stored: it is not used either, and the old token is good for half an hour (Xero). */
static void fault_59_a_pair_never_stored_leaves_the_old_path(void **state)
{
	struct err e;
	struct token t;
	(void)state;
	world_connect();
	expire();
	storing_fails(1000);
	g.x->shared->grace_pair = 0;
	assert_false(token_get(&g.w, g.grant_id, 0, &t, &e));
	storing_works();
	assert_int_equal(db_number("SELECT generation FROM xero_grant"), 1);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant WHERE dead_at IS NULL"), 1);
	expire();
	assert_string_equal(access_now(), "access-2");
}

static const char *key_text(struct arena *a)
{
	struct str text = STR("");
	struct err e;
	assert_ok(file_read(a, g.set.token_key_file, 65536, &text, &e));
	return str_dup(a, text);
}

static void rotate(struct arena *a)
{
	const struct seal_keys *keys = NULL;
	struct secret *line = NULL;
	struct err e;
	const char *old = key_text(a);
	assert_ok(seal_keys_parse(a, str_of(old), &keys, &e));
	assert_ok(seal_key_line(a, keys, &line, &e));
	assert_ok(file_write(g.set.token_key_file,
		str_of(arena_printf(a, "%s%s", old, secret_open(line).p)), 0600, &e));
}

/* The row is under key 2, this host's file has only key 1: paused, nothing overwritten, nobody reconnects. */
static void fault_60_a_rotation_that_has_not_reached_this_host_pauses(void **state)
{
	struct err e;
	live();
	const char *old = key_text(*state);
	rotate(*state);
	assert_ok(token_reseal(&g.w, &e));
	assert_ok(file_write(g.set.token_key_file, str_of(old), 0600, &e));
	const char *box = db_ask("SELECT md5(sealed) FROM xero_grant");
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(world_connection("cause"), "config");
	assert_string_equal(db_ask("SELECT md5(sealed) FROM xero_grant"), box);
	assert_int_equal(count("xero_grant WHERE dead_at IS NOT NULL"), 0);
}

static int rotate_all_the_time(void)
{
	struct arena *a = arena_new();
	for (int i = 0; i < 12; i++) {
		rotate(a);
		(void)usleep(40 * 1000);
	}
	return 0;
}

static void fault_60_a_rotation_in_the_middle_of_traffic_loses_no_sync(void **state)
{
	struct err e;
	live();
	pid_t pid = fork();
	if (pid == 0)
		_exit(rotate_all_the_time());
	for (int i = 0; i < 12; i++) {
		expire();
		assert_string_equal(world_sync(MANUAL), "complete");
		pg_use(g.w.beat, g.w.arena);
		assert_ok(token_reseal(&g.w, &e));
	}
	assert_int_equal(world_reap(pid), 0);
	expire();
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_string_equal(world_connection("failures"), "0");
	const struct seal_keys *keys = NULL;
	assert_ok(seal_keys_parse(*state, str_of(key_text(*state)), &keys, &e));
	assert_int_equal(db_number("SELECT key_id FROM xero_grant"), seal_newest(keys));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_55_invalid_grant_while_a_sibling_rotated_uses_the_new_pair),
		WORLD_TEST(fault_56_a_token_dead_for_good_is_told_once_and_not_tried_again),
		WORLD_TEST(fault_56_the_daily_check_keeps_an_idle_connection_alive),
		WORLD_TEST(fault_58_an_answer_without_refresh_token_keeps_the_old_one),
		WORLD_TEST(fault_59_a_pair_that_cannot_be_stored_is_stored_at_the_next_try),
		WORLD_TEST(fault_59_a_pair_never_stored_leaves_the_old_path),
		WORLD_TEST(fault_60_a_rotation_that_has_not_reached_this_host_pauses),
		WORLD_TEST(fault_60_a_rotation_in_the_middle_of_traffic_loses_no_sync),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
