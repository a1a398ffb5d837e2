/* Runs go on as if nobody had ever matched: the same firm, with matches and without, day by day. */
#include "support/match_cases.h"

static uint32_t dice;

static uint32_t roll(uint32_t n)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % n;
}

static void change_practice(void)
{
	struct stub_client *c = stub_find(g.x, 100 + (int)roll(12));
	switch (roll(5)) {
	case 0:
		c->name = arena_printf(g.home, "Renamed %u", (unsigned)roll(9));
		break;
	case 1:
		c->archived = !c->archived;
		break;
	case 2:
		c->unlisted = !c->unlisted;
		c->on_get = c->unlisted ? XERO_GONE : XERO_FINE;
		break;
	case 3:
		c->contacts[0].phone = arena_printf(g.home, "(09) %u", (unsigned)roll(9));
		break;
	default:
		c->n_contacts = 1 + roll(2);
		break;
	}
}

static void match_or_part(void)
{
	if (roll(2) == 0 && count("client_pair WHERE state = 'joined'") > 0)
		twins_wish(
			db_number(
				"SELECT pair_id FROM client_pair WHERE state = 'joined' ORDER BY 1 LIMIT 1"),
			PAIR_PART);
	else if (count("client WHERE tenant_id IS NULL") > 0) {
		int64_t twin = twins_client_of(100 + (int)roll(12));
		int64_t hand = db_number(
			"SELECT client_id FROM client WHERE tenant_id IS NULL ORDER BY 1 LIMIT 1");
		if (count(arena_printf(g.home,
			    "client_pair WHERE state = 'joined' AND stays_id = %lld",
			    (long long)twin)) > 0)
			return;
		twins_ask(hand, twin);
	} else {
		return;
	}
	twins_only_match_jobs();
}

static void play(uint32_t seed, bool matching, const char **pictures, int days)
{
	world_again();
	(void)db_do("UPDATE organisation SET active_tenant = NULL");
	for (int i = 0; i < 3; i++)
		(void)twins_by_hand(arena_printf(g.home, "By hand %d", i), "hand@example.com");
	for (int i = 0; i < 12; i++) {
		struct stub_client *c =
			stub_client(g.x, 100 + i, arena_printf(g.home, "Client %d", i));
		stub_contact(c, 100 + i, "One", arena_printf(g.home, "one%d@example.com", i))
			->primary = true;
		stub_contact(c, 100 + i / 3, "Two", "two@example.com");
		c->n_contacts = 1;
	}
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
	for (int day = 0; day < days; day++) {
		dice = seed + (uint32_t)day;
		for (uint32_t n = roll(3); n > 0; n--)
			change_practice();
		for (int n = 0; matching && n < 2; n++)
			match_or_part();
		sync_again();
		pictures[day] = twins_synced();
	}
}

static void runs_know_nothing_of_matches(void **state)
{
	enum { DAYS = 10, SEEDS = 2 };
	(void)state;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		const char *with[DAYS], *without[DAYS];
		play(seed * 1000, false, without, DAYS);
		play(seed * 1000, true, with, DAYS);
		for (int i = 0; i < DAYS; i++)
			assert_string_equal(with[i], without[i]);
		assert_true(count("client_pair") > 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(runs_know_nothing_of_matches),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
