/*
 * ASVS 2.3.3: the worker is killed at every statement of connecting and of disconnecting. What it leaves is what was
 * or what is to be; the next worker takes the job up and brings it to an end: connected with everything that
 * belongs to it, or not connected and nothing kept. (Runs: test_kill.c. The site's changes: web/test_half_done.c.)
 */
/* LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_exec_args -Wl,--wrap=pg_once_args -Wl,--wrap=pg_commit -Wl,--wrap=pg_copy_start -Wl,--wrap=pg_copy_end -Wl,--wrap=pg_each */
#include "support/kill_points.h"
#include "support/sync_cases.h"

enum { POINTS_MIN = 10, POINTS_MAX = 200, STEP = 3 };

/* Every third point; with LONG=1 each. */
static int64_t step_wide(void)
{
	const char *is_long = getenv("LONG");
	return is_long != NULL && strcmp(is_long, "1") == 0 ? 1 : STEP;
}

/* What an organisation has of a connection, as one line. */
static const char *picture(void)
{
	return db_ask(arena_printf(g.home,
		"SELECT concat_ws(' ', (SELECT state || coalesce('/' || cause, '') || CASE WHEN"
		" tenant_id IS NULL THEN '' ELSE ' practice' END FROM connection WHERE org_id = %lld),"
		" (SELECT count(*) FROM xero_grant), (SELECT count(*) FROM tenant_claim),"
		" (SELECT count(*) FROM grant_use), (SELECT count(*) FROM xero_removal),"
		" (SELECT count(*) FROM organisation WHERE active_tenant IS NOT NULL),"
		" (SELECT string_agg(kind, ',' ORDER BY kind) FROM job WHERE kind IN ('sync', 'slot', 'check')))",
		(long long)d.org));
}

static void codes_are_gone(void)
{
	assert_int_equal(
		count("oauth_attempt WHERE code IS NOT NULL OR verifier IS NOT NULL"), 0);
}

/* As after minutes: the lease of whoever died has run out. */
static void go_on(const char *kind)
{
	(void)db_do("DELETE FROM xero_budget");
	for (int i = 0; i < 3; i++) {
		if (count(arena_printf(g.home, "job WHERE kind = '%s'", kind)) == 0)
			return;
		(void)db_do("UPDATE job SET due_at = now() + interval '1 day'");
		world_due(kind);
		step();
	}
	fail_msg("%s does not end", kind);
}

/* Tokens that were stored before whoever died could name them are revoked and forgotten within the hour. */
static void tidied(void)
{
	bool left = count("xero_grant") > 0;
	int revokes = g.x->revokes;
	(void)db_do("UPDATE xero_grant SET refreshed_at = now() - interval '16 minutes'");
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day'");
	world_queue("tidy", "{}");
	step();
	(void)db_do("DELETE FROM job WHERE kind = 'tidy'");
	assert_int_equal(g.x->revokes - revokes, left);
}

static void start_over(void)
{
	static const char *const tables[] = {"job", "oauth_attempt", "oauth_choice",
		"grant_use", "xero_removal", "connection", "tenant_claim", "xero_grant",
		"xero_budget"};
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		(void)db_do(arena_printf(g.home, "DELETE FROM %s", tables[i]));
	(void)db_do("UPDATE organisation SET active_tenant = NULL, mfa_required_at = NULL");
}

static void about_to_connect(void)
{
	start_over();
	(void)connect_came_back(d.org, d.admin);
}

/* A code serves once: who died with it leaves a try that is over, and Xero is asked again. */
static void a_killed_connect_ends_whole_or_not_at_all(void **state)
{
	(void)state;
	kill_points_of(g.x, false);
	connect_claims("the-nonce");
	about_to_connect();
	assert_false(work_until(INT64_MAX));
	/* The tokens are stored before anything is done with them. */
	static const char stored[] = "connecting 1 0 0 0 0";
	const char *whole = picture();
	int64_t points = plan->passed, finished = 0;
	assert_in_range(points, POINTS_MIN, POINTS_MAX);
	for (int64_t last = 1; last <= points; last += step_wide()) {
		about_to_connect();
		const char *before = picture();
		assert_true(work_until(last));
		const char *left = picture();
		if (strcmp(left, before) != 0 && strcmp(left, stored) != 0 &&
			strcmp(left, whole) != 0)
			fail_msg("killed at %lld it left %s", (long long)last, left);
		go_on("connect");
		codes_are_gone();
		finished += strcmp(picture(), whole) == 0;
		if (strcmp(picture(), whole) == 0)
			continue;
		tidied();
		assert_string_equal(picture(), "not_connected/expired 0 0 0 0 0");
	}
	assert_in_range(finished, 1, points - 1);
}

static void about_to_disconnect(void)
{
	start_over();
	(void)connect_came_back(d.org, d.admin);
	step();
	(void)db_do("DELETE FROM job");
	(void)db_do("UPDATE connection SET state = 'live'");
	(void)db_do("UPDATE connection SET state = 'disconnecting', cause = 'disconnected'");
	world_queue("disconnect", "{}");
}

static void a_killed_disconnect_goes_on_to_its_end(void **state)
{
	(void)state;
	kill_points_of(g.x, false);
	connect_claims("the-nonce");
	about_to_disconnect();
	assert_false(work_until(INT64_MAX));
	int64_t points = plan->passed;
	assert_in_range(points, POINTS_MIN, POINTS_MAX);
	for (int64_t last = 1; last <= points; last += step_wide()) {
		about_to_disconnect();
		(void)work_until(last);
		go_on("disconnect");
		go_on("remove");
		tidied();
		assert_string_equal(picture(), "not_connected/disconnected 0 0 0 0 0");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_killed_connect_ends_whole_or_not_at_all),
		WORLD_TEST(a_killed_disconnect_goes_on_to_its_end),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
