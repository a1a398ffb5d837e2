/*
 * Fault 72: a backup is read back. What was valid then lets nobody in, whoever finds it: a worker that lived
 * through it, one that starts behind it with the number kept on disk, one in another place, the operator. An
 * ordinary life is no restore.
 */
#include "io/file.h"
#include "support/sync_cases.h"
#include "worker/pulse.h"

#include <unistd.h>

/* As if yesterday: people logged in, a link under way, a code used a minute ago, tokens with an hour to live. */
static void yesterday(void)
{
	(void)db_do("DELETE FROM session");
	(void)db_do("DELETE FROM one_time_token");
	(void)db_do("DELETE FROM totp_factor");
	(void)db_do("DELETE FROM notice");
	(void)db_do(
		"INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer, user_agent)"
		" SELECT sha256(email::bytea), org_id, user_id, 2, now() + interval '1 hour', 'p', 'a' FROM app_user");
	(void)db_do(
		"INSERT INTO one_time_token (token_hash, org_id, user_id, purpose, ends_at)"
		" SELECT sha256(email::bytea), org_id, user_id, 'set_password', now() + interval '1 hour'"
		" FROM app_user");
	(void)db_do("INSERT INTO totp_factor (org_id, user_id, sealed, last_step)"
		    " SELECT org_id, user_id, '\\x01', epoch(now()) / 30 - 2 FROM app_user");
	(void)db_do("UPDATE xero_grant SET access_ends_at = now() + interval '1 hour'");
}

static int64_t people(void)
{
	return db_number("SELECT count(*) FROM app_user");
}

static void everybody_is_still_in(void)
{
	assert_int_equal(count("session"), people());
	assert_int_equal(count("one_time_token"), people());
	assert_int_equal(count("totp_factor WHERE last_step < epoch(now()) / 30"), people());
}

static void nobody_is_in(void)
{
	assert_int_equal(count("session"), 0);
	assert_int_equal(count("one_time_token"), 0);
	/* The codes of this moment and of the next step are used up, in every organisation. */
	assert_int_equal(count("totp_factor WHERE last_step >= epoch(now()) / 30"), people());
	assert_int_equal(count("totp_factor WHERE last_step > epoch(now()) / 30 + 1"), 0);
	assert_int_equal(count("xero_grant WHERE access_ends_at > now()"), 0);
	assert_int_equal(count("notice WHERE kind = 'restored'"),
		db_number(
			"SELECT count(*) FROM app_user WHERE role = 'admin' AND status = 'active'"));
}

static int64_t told(void)
{
	return count("audit_event WHERE event = 'database.restored' AND org_id = 0");
}

static void beat_now(struct worker *w)
{
	struct err e;
	w->beat_at_ms = w->pulse.at_ms = w->pulse.kept_at_ms = 0;
	assert_ok(worker_tick(w, &e));
}

static int64_t on_disk(void)
{
	struct str text;
	struct err e;
	int64_t n = 0;
	assert_ok(file_read(g.home, arena_printf(g.home, "%s/pulse", g.dir), 64, &text, &e));
	assert_true(str_to_i64(str_trim(text), &n));
	return n;
}

/* Numbers as they were some hundred signs of life ago, and what was valid then. */
static void go_back(void)
{
	(void)db_do("UPDATE installation SET base = 0");
	(void)db_do("DO $$BEGIN PERFORM setval('gap.pulse', 7); END$$");
	yesterday();
}

static void settle(void)
{
	live();
	(void)db_do("DO $$BEGIN PERFORM setval('gap.pulse', 5000); END$$");
	beat_now(&g.w);
	yesterday();
}

static void a_life_without_restore_ends_nothing(void **state)
{
	struct worker other;
	(void)state;
	settle();
	for (int i = 0; i < 50; i++)
		beat_now(&g.w);
	world_worker(&other, g.home, "worker-2");
	beat_now(&other);
	(void)db_do(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gap_worker' AND datname = current_database()");
	for (int i = 0; i < 2; i++)
		beat_now(&g.w);
	everybody_is_still_in();
	assert_int_equal(told(), 0);
	arena_free(&other.arena);
	assert_int_equal(g.w.pulse.highest, on_disk());
}

static void fault_72_a_worker_that_lived_through_a_restore_finds_it(void **state)
{
	(void)state;
	settle();
	int64_t before = on_disk(), lines = told();
	go_back();
	everybody_is_still_in();
	beat_now(&g.w);
	nobody_is_in();
	assert_int_equal(told(), lines + 1);
	assert_int_equal(
		count("(SELECT org_id FROM audit_event WHERE event = 'database.restored' AND org_id > 0"
		      " GROUP BY org_id) o"),
		db_number("SELECT count(*) FROM organisation_list"));
	assert_true(on_disk() > before);
}

static void fault_72_a_worker_started_behind_it_finds_it_once(void **state)
{
	struct worker late, later;
	(void)state;
	settle();
	int64_t lines = told();
	go_back();
	world_worker(&late, g.home, "late");
	world_worker(&later, g.home, "later");
	beat_now(&late);
	nobody_is_in();
	/* Who logs in now stays in, whichever worker looks next, with whatever number. */
	yesterday();
	beat_now(&later);
	beat_now(&g.w);
	everybody_is_still_in();
	assert_int_equal(told(), lines + 1);
	arena_free(&late.arena);
	arena_free(&later.arena);
}

static void fault_72_a_dump_read_back_elsewhere_is_known_without_a_number(void **state)
{
	struct worker fresh;
	(void)state;
	settle();
	assert_int_equal(unlink(arena_printf(g.home, "%s/pulse", g.dir)), 0);
	(void)db_do("UPDATE installation SET place = '1/2'");
	world_worker(&fresh, g.home, "fresh");
	beat_now(&fresh);
	nobody_is_in();
	assert_int_equal(
		count("installation WHERE place = place() AND restored_at IS NOT NULL"), 1);
	arena_free(&fresh.arena);
}

static void fault_72_what_could_not_be_seen_to_is_found_again(void **state)
{
	(void)state;
	settle();
	go_back();
	(void)db_do("CREATE FUNCTION public.no_line() RETURNS trigger LANGUAGE plpgsql AS"
		    " $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END$$");
	(void)db_do("CREATE TRIGGER no_line BEFORE INSERT ON audit_event FOR EACH ROW"
		    " EXECUTE FUNCTION public.no_line()");
	beat_now(&g.w);
	beat_now(&g.w);
	everybody_is_still_in();
	(void)db_do("DROP TRIGGER no_line ON audit_event");
	(void)db_do("DROP FUNCTION public.no_line()");
	beat_now(&g.w);
	nobody_is_in();
}

/* No number, or nonsense, in the file: nothing is concluded from it. */
static void a_file_without_a_number_is_no_restore(void **state)
{
	struct worker fresh;
	struct err e;
	(void)state;
	settle();
	assert_ok(file_write(
		arena_printf(g.home, "%s/pulse", g.dir), STR("tomorrow\n"), 0600, &e));
	world_worker(&fresh, g.home, "fresh");
	beat_now(&fresh);
	everybody_is_still_in();
	assert_int_equal(fresh.pulse.highest, on_disk());
	arena_free(&fresh.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_life_without_restore_ends_nothing),
		WORLD_TEST(fault_72_a_worker_that_lived_through_a_restore_finds_it),
		WORLD_TEST(fault_72_a_worker_started_behind_it_finds_it_once),
		WORLD_TEST(fault_72_a_dump_read_back_elsewhere_is_known_without_a_number),
		WORLD_TEST(fault_72_what_could_not_be_seen_to_is_found_again),
		WORLD_TEST(a_file_without_a_number_is_no_restore),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
