/* LDFLAGS: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc */
/*
 * Fault 15: memory runs out at every allocation of a run in turn. The job fails or its process ends, never by
 * a signal; the tables are all of the old or all of the new, and the next run ends where it should.
 */
#include "support/scarcity.h"
#include "support/sync_cases.h"

/* Every allocation in the long form, each `short_step`th in the short one. */
static int64_t step_of(int64_t short_step)
{
	const char *is_long = getenv("LONG");
	return is_long != NULL && strcmp(is_long, "1") == 0 ? 1 : short_step;
}

static void fill(bool later)
{
	g.x->n = 0;
	for (int i = 0; i < 20; i++) {
		struct stub_client *c =
			stub_client(g.x, i, arena_printf(g.home, "Client %d", i));
		stub_contact(c, i, "Somebody", "somebody@example.com")->primary = true;
	}
	if (later)
		stub_find(g.x, 1)->name = "Renamed";
}

static void make_due(void)
{
	(void)db_do("UPDATE job SET due_at = now() WHERE kind = 'sync'");
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE kind <> 'sync'");
	(void)db_do("UPDATE sync_run SET beat_at = now() - interval '2 minutes' WHERE state ="
		    " 'running'");
	(void)db_do("DELETE FROM xero_budget");
}

static int run_out(void *user)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	bool did = false;
	int wait_s = 0;
	(void)user;
	world_worker(&w, home, "short of memory");
	scarcity->armed = true;
	(void)!worker_step(&w, &did, &wait_s, &e);
	return 0;
}

/* The list, read by a process whose allocation number `fails` fails; its exit status. */
static int read_list(int64_t fails)
{
	world_queue("sync", "{\"trigger\":\"scheduled\"}");
	make_due();
	return scarce(fails, run_out, NULL);
}

static const char *clean(bool later)
{
	fill(later);
	(void)db_do("DELETE FROM job");
	make_due();
	(void)db_do(
		"UPDATE sync_run SET state = 'failed', ended_at = now() WHERE state = 'running'");
	(void)world_sync("{\"trigger\":\"scheduled\"}");
	return world_picture(d.org);
}

static void fault_15_a_run_without_memory_leaves_nothing_half(void **state)
{
	int died = 0, nth = 0;
	(void)state;
	scarcity_begin();
	fill(false);
	first_import();
	const char *after = arena_strdup(g.home, clean(true));
	const char *before = arena_strdup(g.home, clean(false));
	assert_string_not_equal(before, after);
	fill(true);
	assert_int_equal(read_list(0), 0);
	int64_t all = scarcity->made;
	assert_in_range(all, 20, 10000);
	print_message("%lld allocations in a run\n", (long long)all);
	/* There and back: each run begins where the one before was made to end. */
	for (int64_t fails = 1; fails <= all; fails += step_of(3)) {
		bool later = nth++ % 2 != 0;
		fill(later);
		int status = read_list(fails);
		if (status != 0 && status != OUT_OF_MEMORY)
			fail_msg("allocation %lld ended the worker with %d", (long long)fails,
				status);
		died += status == OUT_OF_MEMORY;
		const char *left = world_picture(d.org);
		if (strcmp(left, before) != 0 && strcmp(left, after) != 0)
			fail_msg("allocation %lld left half a run", (long long)fails);
		assert_string_equal(clean(later), later ? after : before);
	}
	assert_true(died > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_15_a_run_without_memory_leaves_nothing_half),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
