/* Faults 6 and 8 at the apply of a run: somebody in the way, no room. Whole or not at all, and the next run heals. */
#include "support/sync_cases.h"

/* Of what the runs to come write, the first `times` meet this error of the server's. */
static void in_the_way(const char *sqlstate, int times)
{
	(void)db_do("DROP SEQUENCE IF EXISTS public.busy");
	(void)db_do("CREATE SEQUENCE public.busy");
	(void)db_do(arena_printf(g.home,
		"CREATE OR REPLACE FUNCTION public.busy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$"
		"BEGIN IF nextval('public.busy') <= %d THEN RAISE EXCEPTION 'busy' USING ERRCODE = '%s'; END IF;"
		" RETURN NULL; END$f$",
		times, sqlstate));
	(void)db_do("CREATE OR REPLACE TRIGGER busy AFTER UPDATE ON client FOR EACH STATEMENT"
		    " EXECUTE FUNCTION public.busy()");
}

/* Fault 8: the list is read once more; then the run has failed, whole, and the next one has it. */
static void fault_8_an_apply_in_a_deadlock_is_tried_once_more(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Renamed";
	in_the_way("40P01", 1);
	int lists = g.x->lists;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(g.x->lists, lists + 2);
	assert_int_equal(count("client_change WHERE field = 'name'"), 1);
	stub_find(g.x, 1)->name = "Renamed again";
	in_the_way("40P01", 2);
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_int_equal(count("client WHERE name = 'Renamed'"), 1);
	assert_string_equal(world_connection("state"), "degraded");
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(count("client WHERE name = 'Renamed again'"), 1);
	(void)db_do("DROP TRIGGER busy ON client");
}

/* Fault 6: no room on the database's disk. Nothing of the run is kept, and with room the next one has it all. */
static void fault_6_a_run_without_room_fails_whole_and_heals(void **state)
{
	(void)state;
	live();
	stub_find(g.x, 1)->name = "Renamed";
	int lists = g.x->lists;
	in_the_way("53100", 1);
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_int_equal(g.x->lists, lists + 1);
	assert_int_equal(count("client WHERE name = 'Renamed'"), 0);
	assert_int_equal(count("client_change WHERE field = 'name'"), 0);
	(void)db_do("DROP TRIGGER busy ON client");
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(count("client WHERE name = 'Renamed'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_8_an_apply_in_a_deadlock_is_tried_once_more),
		WORLD_TEST(fault_6_a_run_without_room_fails_whole_and_heals),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
