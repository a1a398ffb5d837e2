/*
 * Faults 12 and 13, S3, S5: the worker is killed at every statement it sends and
 * every piece of the list it reads, an expired token's refresh included. What it
 * leaves is all of the old or all of the new; the next worker takes over and
 * ends where a run without a kill ends. Fault 2: the same with its links to the
 * database cut there instead. Every 16th (80th) point, and with LONG=1 each.
 */
/* LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_exec_args -Wl,--wrap=pg_once_args -Wl,--wrap=pg_commit -Wl,--wrap=pg_copy_start -Wl,--wrap=pg_copy_end -Wl,--wrap=pg_each */
#include "support/kill_points.h"

enum { STEP = 16, STEP_CUT = 80 };

static void fill_list(bool later)
{
	g.x->n = 0;
	for (int i = 0; i < 60; i++) {
		struct stub_client *c =
			stub_client(g.x, i, arena_printf(g.home, "Client %d", i));
		stub_contact(c, i, "Somebody", "somebody@example.com")->primary = true;
	}
	if (!later)
		return;
	stub_find(g.x, 1)->name = "Renamed";
	stub_find(g.x, 2)->archived = true;
	stub_find(g.x, 3)->contacts[0] = stub_find(g.x, 4)->contacts[0];
	stub_find(g.x, 4)->contacts[0].phone = "1";
	stub_find(g.x, 3)->contacts[0].phone = "1";
	stub_find(g.x, 5)->n_contacts = 0;
	stub_drop(g.x, 6);
	(void)stub_client(g.x, 100, "New");
}

/* Back to the first list, whatever there is. */
static void start_over(void)
{
	fill_list(false);
	(void)db_do("DELETE FROM job");
	expire_everything();
	const char *state = world_sync("{\"trigger\":\"scheduled\"}");
	if (strcmp(state, "held") == 0) {
		world_queue("review",
			arena_printf(g.home, "{\"run\":%lld,\"choice\":\"apply\",\"user\":1}",
				(long long)world_run("run_id")));
		(void)world_work();
	}
	(void)db_do("DELETE FROM job");
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM client_change");
}

/* The second list, undisturbed: how many points it passes. */
static int64_t one_cycle(void)
{
	fill_list(true);
	expire_everything();
	assert_false(run_until(INT64_MAX));
	return plan->passed;
}

static void kill_at(int64_t last, const char *before, const char *after)
{
	start_over();
	fill_list(true);
	expire_everything();
	(void)run_until(last);
	const char *left = world_picture(d.org);
	if (strcmp(left, before) != 0 && strcmp(left, after) != 0)
		fail_msg("killed at point %lld it left half a run", (long long)last);
	take_over();
	if (strcmp(world_picture(d.org), after) != 0)
		fail_msg("killed at point %lld: the next run ended elsewhere", (long long)last);
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(db_number("SELECT count(*) FROM sync_run WHERE state = 'running'"), 0);
	/* Killed between its commit and the end of its job, it runs twice; the second changes nothing. */
	assert_in_range(
		db_number("SELECT count(*) FROM sync_run WHERE state = 'complete'"), 1, 2);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant WHERE dead_at IS NULL"), 1);
}

static void at_every_point(bool cut, int64_t short_step)
{
	const char *is_long = getenv("LONG");
	int64_t step = is_long != NULL && strcmp(is_long, "1") == 0 ? 1 : short_step;
	kill_points_of(g.x, cut);
	g.x->piece = 64;
	fill_list(false);
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
	/* Once there and back: what is archived on the way stays. */
	(void)one_cycle();
	start_over();
	const char *before = arena_strdup(g.home, world_picture(d.org));
	int64_t points = one_cycle();
	const char *after = arena_strdup(g.home, world_picture(d.org));
	assert_string_not_equal(before, after);
	/* At least 500 different moments. */
	assert_in_range(points, 500, 5000);
	for (int64_t last = 1; last <= points; last += step) {
		struct arena *a = arena_new();
		pg_use(d.super, a);
		kill_at(last, before, after);
		pg_use(d.super, g.home);
		arena_free(&a);
	}
}

static void fault_12_13_wherever_it_dies_the_next_one_ends_the_same(void **state)
{
	(void)state;
	at_every_point(false, STEP);
}

static void fault_2_wherever_the_database_restarts_the_next_run_ends_the_same(void **state)
{
	(void)state;
	at_every_point(true, STEP_CUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_12_13_wherever_it_dies_the_next_one_ends_the_same),
		WORLD_TEST(fault_2_wherever_the_database_restarts_the_next_run_ends_the_same),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
