/* Matching by the worker: what is folded into what, what is suggested, and the way back. */
#include "support/match_cases.h"

static void the_row_by_hand_becomes_the_synced_one(void **state)
{
	(void)state;
	int64_t hand = twins_by_hand("  ALDER   Ltd ", "ann@alder.example");
	three_clients();
	first_import();
	int64_t twin = twins_client_of(1);
	const char *before = twins_rows(), *told = twins_history(),
		   *moment = db_ask("SELECT clock_timestamp()::text"),
		   *list = twins_list_at(moment);
	const char *xpm = twins_synced();
	twins_ask(hand, twin);
	twins_only_match_jobs();
	assert_int_equal(twins_client_of(1), hand);
	assert_int_equal(
		count(arena_printf(g.home, "client WHERE client_id = %lld", (long long)twin)),
		0);
	/* Nothing of XPM's is another, and the contact by hand is gone. */
	assert_string_equal(twins_synced(), xpm);
	assert_int_equal(count("contact WHERE tenant_id IS NULL"), 0);
	/* History of both, with what the match changed, in one. */
	assert_int_equal(
		count(arena_printf(g.home,
			"client_change WHERE client_id = %lld AND (by_name = 'By hand' OR run_id IS NOT NULL)",
			(long long)hand)),
		2);
	assert_int_equal(count("client_change WHERE field = 'matched' AND by_name = 'Ada'"), 1);
	assert_int_equal(
		count("audit_event WHERE event = 'match.joined' AND result = 'ok'"), 1);
	assert_string_equal(twins_list_at(moment), list);
	/* The next runs find nothing new, and later changes arrive at the row. */
	sync_again();
	run_said(0, 0, 0, 0, 3);
	assert_string_equal(twins_synced(), xpm);
	twins_wish(twins_newest_pair(), PAIR_PART);
	twins_only_match_jobs();
	assert_int_equal(world_audited("match.parted", "ok"), 1);
	assert_string_equal(twins_rows(), before);
	assert_string_equal(twins_history(), told);
	assert_string_equal(twins_list_at(moment), list);
	sync_again();
	run_said(0, 0, 0, 0, 3);
	assert_string_equal(twins_rows(), before);
	assert_int_equal(count("client_pair WHERE state = 'parted' AND stays_was IS NULL"), 1);
}

static void what_a_run_changed_meanwhile_goes_with_the_twin(void **state)
{
	(void)state;
	int64_t hand = twins_by_hand("Alder & Co", "ann@alder.example");
	three_clients();
	first_import();
	int64_t twin = twins_client_of(1);
	twins_ask(hand, twin);
	twins_only_match_jobs();
	stub_find(g.x, 1)->name = "Alder Group";
	stub_find(g.x, 1)->contacts[0].phone = "(09) 222";
	sync_again();
	run_said(0, 1, 0, 0, 2);
	const char *xpm = twins_synced();
	twins_wish(twins_newest_pair(), PAIR_PART);
	twins_only_match_jobs();
	assert_string_equal(twins_synced(), xpm);
	assert_int_equal(twins_client_of(1), twin);
	assert_string_equal(
		db_ask(arena_printf(g.home,
			"SELECT c.name || k.email FROM client c JOIN contact k ON"
			" k.contact_id = c.primary_contact_id WHERE client_id = %lld",
			(long long)hand)),
		"Alder & Coann@alder.example");
	/* What the run said of it is told at the twin, not at the one by hand. */
	assert_int_equal(count(arena_printf(g.home,
				 "client_change WHERE client_id = %lld AND run_id IS NOT NULL",
				 (long long)hand)),
		0);
	assert_int_equal(
		count(arena_printf(g.home,
			"client_change WHERE client_id = %lld AND field = 'name' AND new = 'Alder Group'",
			(long long)twin)),
		1);
	sync_again();
	run_said(0, 0, 0, 0, 3);
}

/* The list from its start; *suggested_r may be NULL. */
static void list(
	int64_t org, const struct match_row **rows_r, size_t *n_r, int64_t *suggested_r)
{
	static const struct match_key start = {.name = NULL};
	int64_t suggested;
	struct err e;
	assert_ok(match_page(d.web, g.home, org, &start, rows_r, n_r, &suggested, &e));
	if (suggested_r != NULL)
		*suggested_r = suggested;
}

static int64_t suggested(void)
{
	const struct match_row *rows;
	size_t rows_n;
	int64_t all;
	list(d.org, &rows, &rows_n, &all);
	return all;
}

static int64_t ask_all(void)
{
	int64_t n = -1;
	struct err e;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(match_ask_all(d.web, twins_ada(), &n, &e));
	assert_ok(pg_commit(d.web, &e));
	return n;
}

static void all_suggestions_at_once(void **state)
{
	enum { N = 40 };
	(void)state;
	for (int i = 0; i < N; i++) {
		const char *email = arena_printf(g.home, "one%d@example.com", i);
		stub_contact(stub_client(g.x, 100 + i, arena_printf(g.home, "Client %d", i)),
			100 + i, "One", email)
			->primary = true;
		(void)twins_by_hand(arena_printf(g.home, "CLIENT  %d", i),
			i == 0 ? "other@example.com"
			       : arena_printf(g.home, "ONE%d@example.com", i));
	}
	(void)twins_by_hand("Nobody's", "one5@example.com"); /* e-mail alone */
	first_import();
	const char *before = twins_rows(), *xpm = twins_synced();
	assert_int_equal(suggested(), N - 1);
	assert_int_equal(ask_all(), N - 1);
	assert_int_equal(suggested(), 0);
	twins_only_match_jobs();
	assert_int_equal(count("client"), N + 2);
	assert_int_equal(count("client WHERE tenant_id IS NULL"), 2);
	assert_string_equal(twins_synced(), xpm);
	sync_again();
	run_said(0, 0, 0, 0, N);
	(void)db_do("UPDATE client_pair SET state = 'parting'");
	world_queue("match",
		arena_printf(g.home, "{\"user\":%lld,\"name\":\"Ada\"}", (long long)d.admin));
	twins_only_match_jobs();
	assert_string_equal(twins_rows(), before);
	/* Undone is decided: not suggested anew. */
	assert_int_equal(suggested(), 0);
}

static void only_one_that_fits_is_suggested(void **state)
{
	const struct match_row *found;
	size_t n;
	struct err e;
	(void)state;
	three_clients();
	(void)twins_by_hand("Alder & Co", "bob@both.example");
	stub_contact(stub_client(g.x, 9, "ALDER & CO"), 9, "Bob", "bob@both.example");
	(void)twins_by_hand("Birch Ltd", NULL);
	(void)twins_by_hand("Dogwood", "ann@alder.example");
	(void)twins_by_hand("Elder", NULL);
	first_import();
	assert_int_equal(suggested(), 0);
	list(d.org, &found, &n, NULL);
	assert_int_equal(n, 4);
	static const enum match_fit fits[] = {
		MATCH_SEVERAL, MATCH_NAME_ONLY, MATCH_EMAIL_ONLY, MATCH_NONE};
	for (size_t i = 0; i < n; i++)
		assert_int_equal(found[i].fit, fits[i]);
	/* Refused is remembered. */
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(match_refuse(d.web, twins_ada(), found[1].client_id, found[1].twin_id, &e));
	assert_ok(pg_commit(d.web, &e));
	list(d.org, &found, &n, NULL);
	assert_int_equal(found[1].fit, MATCH_NONE);
	/* And nothing of it is another organisation's. */
	list(d.other_org, &found, &n, NULL);
	assert_int_equal(n, 0);
}

static void matched_meanwhile(void **state)
{
	struct err e;
	(void)state;
	int64_t one = twins_by_hand("Alder", NULL), two = twins_by_hand("Alder and Co", NULL);
	three_clients();
	first_import();
	int64_t twin = twins_client_of(1);
	twins_ask(one, twin);
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_fails(match_ask(d.web, twins_ada(), two, twin, &e), ERR_CONFLICT);
	assert_string_equal(e.text, "This XPM client has been matched meanwhile.");
	pg_rollback(d.web);
	twins_only_match_jobs();
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_fails(match_ask(d.web, twins_ada(), two, twin, &e), ERR_CONFLICT);
	pg_rollback(d.web);
	/* Asked for, but gone before the worker came to it: nothing is changed, and it is said. */
	twins_ask(two, twins_client_of(2));
	(void)db_do("UPDATE organisation SET active_tenant = NULL");
	const char *before = twins_rows();
	twins_only_match_jobs();
	assert_string_equal(twins_rows(), before);
	assert_int_equal(count("client_pair WHERE state = 'failed'"), 1);
	assert_int_equal(count("notice WHERE kind = 'match'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(the_row_by_hand_becomes_the_synced_one),
		WORLD_TEST(what_a_run_changed_meanwhile_goes_with_the_twin),
		WORLD_TEST(all_suggestions_at_once),
		WORLD_TEST(only_one_that_fits_is_suggested),
		WORLD_TEST(matched_meanwhile),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
