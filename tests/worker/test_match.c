/* Matching by the worker: what is folded into what, that runs go on as if nothing had been, and the way back. */
#include "store/clients.h"
#include "store/match.h"
#include "support/sync_cases.h"

/* Every row of the list, but for when it was made: numbers, fingerprints, contacts, order, history. */
static const char *rows(void)
{
	return db_ask(
		"SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
		" SELECT 'client ' || (to_jsonb(c) - 'created_at')::text AS line FROM client c"
		" UNION ALL SELECT 'contact ' || (to_jsonb(k) - 'created_at' - 'changed_at')::text FROM contact k"
		" UNION ALL SELECT 'link ' || (to_jsonb(l) - 'created_at')::text FROM client_contact l) x");
}

/* The same of the lines of history that matching itself did not write. */
static const char *history(void)
{
	return db_ask("SELECT string_agg(to_jsonb(h)::text, E'\\n' ORDER BY change_id)"
		      " FROM client_change h WHERE run_id IS NOT NULL OR by_name = 'By hand'");
}

/* The list as it was at a moment, from what sql/migrations/0006_undo.sql keeps. */
static const char *list_at(const char *moment)
{
	return db_ask(arena_printf(g.home,
		"SELECT string_agg(client_id || name || coalesce(xpm_id::text, '-'), ' ' ORDER BY client_id) FROM ("
		" SELECT DISTINCT ON (client_id) client_id, name, xpm_id, created_at FROM ("
		"  SELECT client_id, name, xpm_id, created_at, until FROM client_was WHERE until > '%s'"
		"  UNION ALL SELECT client_id, name, xpm_id, created_at, 'infinity' FROM client) v"
		" ORDER BY client_id, until) x WHERE created_at <= '%s'",
		moment, moment));
}

/* What a person sees of XPM's clients: the picture without contacts by hand, which have no XPM id in it. */
static const char *synced(void)
{
	struct str all = str_of(world_picture(d.org)), line;
	struct buf out;
	buf_init(&out, g.home, SIZE_MAX);
	while (str_next(&all, '\n', &line))
		if (!str_starts(line, "contact|Hand|") && !str_starts(line, "link|t|"))
			buf_printf(&out, "%.*s\n", (int)line.n, line.p);
	return out.data;
}

static int64_t by_hand(const char *name, const char *email)
{
	int64_t id = 0;
	struct err e;
	const struct client_edit c = {.name = name,
		.status = "client",
		.contact_name = email == NULL ? "" : "Hand",
		.email = email == NULL ? "" : email,
		.phone = ""};
	assert_ok(clients_add(d.web, d.org, &c, &id, &e));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO client_change (org_id, client_id, by_name, field, new)"
		" VALUES (1001, %lld, 'By hand', 'client', 'x')",
		(long long)id));
	return id;
}

static int64_t client_of(int xpm)
{
	return db_number(
		arena_printf(g.home, "SELECT client_id FROM client WHERE xpm_id = '%s'",
			stub_uuid(g.home, 'c', xpm)));
}

static const struct match_by *ada(void)
{
	static struct match_by by;
	by = (struct match_by){d.org, d.admin, "Ada"};
	return &by;
}

static void ask(int64_t hand, int64_t twin)
{
	struct err e;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(match_ask(d.web, ada(), hand, twin, &e));
	assert_ok(pg_commit(d.web, &e));
}

static int64_t newest_pair(void)
{
	return db_number("SELECT pair_id FROM client_pair ORDER BY pair_id DESC LIMIT 1");
}

static void wish(int64_t pair, enum pair_wish what)
{
	struct err e;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(pair_decide(d.web, ada(), pair, what, &e));
	assert_ok(pg_commit(d.web, &e));
}

static void only_match_jobs(void)
{
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE kind <> 'match'");
	assert_true(world_work() > 0);
}

static void the_row_by_hand_becomes_the_synced_one(void **state)
{
	(void)state;
	int64_t hand = by_hand("  ALDER   Ltd ", "ann@alder.example");
	three_clients();
	first_import();
	int64_t twin = client_of(1);
	const char *before = rows(), *told = history(),
		   *moment = db_ask("SELECT clock_timestamp()::text"), *list = list_at(moment);
	const char *xpm = synced();
	ask(hand, twin);
	only_match_jobs();
	assert_int_equal(client_of(1), hand);
	assert_int_equal(
		count(arena_printf(g.home, "client WHERE client_id = %lld", (long long)twin)),
		0);
	/* Nothing of XPM's is another, and the contact by hand is gone. */
	assert_string_equal(synced(), xpm);
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
	assert_string_equal(list_at(moment), list);
	/* The next runs find nothing new, and later changes arrive at the row. */
	sync_again();
	run_said(0, 0, 0, 0, 3);
	assert_string_equal(synced(), xpm);
	wish(newest_pair(), PAIR_PART);
	only_match_jobs();
	assert_string_equal(rows(), before);
	assert_string_equal(history(), told);
	assert_string_equal(list_at(moment), list);
	sync_again();
	run_said(0, 0, 0, 0, 3);
	assert_string_equal(rows(), before);
	assert_int_equal(count("client_pair WHERE state = 'parted' AND stays_was IS NULL"), 1);
}

static void what_a_run_changed_meanwhile_goes_with_the_twin(void **state)
{
	(void)state;
	int64_t hand = by_hand("Alder & Co", "ann@alder.example");
	three_clients();
	first_import();
	int64_t twin = client_of(1);
	ask(hand, twin);
	only_match_jobs();
	stub_find(g.x, 1)->name = "Alder Group";
	stub_find(g.x, 1)->contacts[0].phone = "(09) 222";
	sync_again();
	run_said(0, 1, 0, 0, 2);
	const char *xpm = synced();
	wish(newest_pair(), PAIR_PART);
	only_match_jobs();
	assert_string_equal(synced(), xpm);
	assert_int_equal(client_of(1), twin);
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

static int64_t suggested(void)
{
	int64_t n = -1;
	struct err e;
	assert_ok(match_suggested(d.web, d.org, &n, &e));
	return n;
}

static int64_t ask_all(void)
{
	int64_t n = -1;
	struct err e;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(match_ask_all(d.web, ada(), &n, &e));
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
		(void)by_hand(arena_printf(g.home, "CLIENT  %d", i),
			i == 0 ? "other@example.com"
			       : arena_printf(g.home, "ONE%d@example.com", i));
	}
	(void)by_hand("Nobody's", "one5@example.com"); /* e-mail alone */
	first_import();
	const char *before = rows(), *xpm = synced();
	assert_int_equal(suggested(), N - 1);
	assert_int_equal(ask_all(), N - 1);
	assert_int_equal(suggested(), 0);
	only_match_jobs();
	assert_int_equal(count("client"), N + 2);
	assert_int_equal(count("client WHERE tenant_id IS NULL"), 2);
	assert_string_equal(synced(), xpm);
	sync_again();
	run_said(0, 0, 0, 0, N);
	(void)db_do("UPDATE client_pair SET state = 'parting'");
	world_queue("match",
		arena_printf(g.home, "{\"user\":%lld,\"name\":\"Ada\"}", (long long)d.admin));
	only_match_jobs();
	assert_string_equal(rows(), before);
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
	(void)by_hand("Alder & Co", "bob@both.example");
	stub_contact(stub_client(g.x, 9, "ALDER & CO"), 9, "Bob", "bob@both.example");
	(void)by_hand("Birch Ltd", NULL);
	(void)by_hand("Dogwood", "ann@alder.example");
	(void)by_hand("Elder", NULL);
	first_import();
	assert_int_equal(suggested(), 0);
	assert_ok(match_page(d.web, g.home, d.org, NULL, 0, &found, &n, &e));
	assert_int_equal(n, 4);
	static const enum match_fit fits[] = {
		MATCH_SEVERAL, MATCH_NAME_ONLY, MATCH_EMAIL_ONLY, MATCH_NONE};
	for (size_t i = 0; i < n; i++)
		assert_int_equal(found[i].fit, fits[i]);
	/* Refused is remembered. */
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(match_refuse(d.web, ada(), found[1].client_id, found[1].twin_id, &e));
	assert_ok(pg_commit(d.web, &e));
	assert_ok(match_page(d.web, g.home, d.org, NULL, 0, &found, &n, &e));
	assert_int_equal(found[1].fit, MATCH_NONE);
	/* And nothing of it is another organisation's. */
	assert_ok(match_page(d.web, g.home, d.other_org, NULL, 0, &found, &n, &e));
	assert_int_equal(n, 0);
}

static void matched_meanwhile(void **state)
{
	struct err e;
	(void)state;
	int64_t one = by_hand("Alder", NULL), two = by_hand("Alder and Co", NULL);
	three_clients();
	first_import();
	int64_t twin = client_of(1);
	ask(one, twin);
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_fails(match_ask(d.web, ada(), two, twin, &e), ERR_CONFLICT);
	assert_string_equal(e.text, "This XPM client has been matched meanwhile.");
	pg_rollback(d.web);
	only_match_jobs();
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_fails(match_ask(d.web, ada(), two, twin, &e), ERR_CONFLICT);
	pg_rollback(d.web);
	/* Asked for, but gone before the worker came to it: nothing is changed, and it is said. */
	ask(two, client_of(2));
	(void)db_do("UPDATE organisation SET active_tenant = NULL");
	const char *before = rows();
	only_match_jobs();
	assert_string_equal(rows(), before);
	assert_int_equal(count("client_pair WHERE state = 'failed'"), 1);
	assert_int_equal(count("notice WHERE kind = 'match'"), 1);
}

/* ---- against a firm that never matches ---- */

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
		wish(db_number(
			     "SELECT pair_id FROM client_pair WHERE state = 'joined' ORDER BY 1 LIMIT 1"),
			PAIR_PART);
	else if (count("client WHERE tenant_id IS NULL") > 0) {
		int64_t twin = client_of(100 + (int)roll(12));
		int64_t hand = db_number(
			"SELECT client_id FROM client WHERE tenant_id IS NULL ORDER BY 1 LIMIT 1");
		if (count(arena_printf(g.home,
			    "client_pair WHERE state = 'joined' AND stays_id = %lld",
			    (long long)twin)) > 0)
			return;
		ask(hand, twin);
	} else {
		return;
	}
	only_match_jobs();
}

static void play(uint32_t seed, bool matching, const char **pictures, int days)
{
	world_again();
	(void)db_do("UPDATE organisation SET active_tenant = NULL");
	for (int i = 0; i < 3; i++)
		(void)by_hand(arena_printf(g.home, "By hand %d", i), "hand@example.com");
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
		pictures[day] = synced();
	}
}

static void runs_know_nothing_of_matches(void **state)
{
	enum { DAYS = 12, SEEDS = 4 };
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
		WORLD_TEST(the_row_by_hand_becomes_the_synced_one),
		WORLD_TEST(what_a_run_changed_meanwhile_goes_with_the_twin),
		WORLD_TEST(all_suggestions_at_once),
		WORLD_TEST(only_one_that_fits_is_suggested),
		WORLD_TEST(matched_meanwhile),
		WORLD_TEST(runs_know_nothing_of_matches),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
