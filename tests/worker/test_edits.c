/*
 * Reconnecting to the same practice: edits made meanwhile are listed before XPM's values
 * replace them.
 */
#include "store/clients.h"
#include "store/edits.h"
#include "store/held.h"
#include "support/sync_cases.h"

static struct pg *web(void)
{
	struct pg *db = db_connect(g.home, "gap_web");
	pg_use(db, g.home);
	return db;
}

static int64_t client_named(const char *name)
{
	return db_number(arena_printf(g.home,
		"SELECT coalesce(max(client_id), 0) FROM client WHERE name = '%s'", name));
}

/* Three clients, synced, then disconnected. */
static void left(void)
{
	three_clients();
	first_import();
	(void)db_do("UPDATE connection SET state = 'disconnecting', cause = 'disconnected'");
	(void)db_do("DELETE FROM job");
	world_queue("disconnect", "{\"choice\":\"edit\"}");
	step();
	(void)db_do("DELETE FROM job");
}

static void edit(const char *name, const char *new_name, const char *email)
{
	struct err e;
	const struct client_edit c = {.name = new_name,
		.status = "client",
		.contact_name = "Ann Alder",
		.email = email,
		.phone = "(09) 111"};
	assert_ok(clients_change(web(), d.org, client_named(name), &c, &e));
}

/* As connect_take leaves it. The state of the run that follows. */
static const char *come_back(void)
{
	struct err e;
	(void)db_do("DELETE FROM connection");
	world_connect();
	assert_ok(pg_begin(g.w.db, d.org, &e));
	assert_ok(sync_forget_fingerprints(g.w.db, d.org, stub_uuid(NULL, 't', 1), &e));
	assert_ok(pg_commit(g.w.db, &e));
	return world_sync("{\"trigger\":\"reconnect\"}");
}

static const struct edit_row *listed(size_t want)
{
	struct err e;
	struct held_run h;
	const struct edit_row *rows;
	size_t n;
	struct pg *db = web();
	assert_ok(held_run(db, d.org, &h, &e));
	assert_int_equal(h.what.cause, CAUSE_EDITS);
	assert_ok(edits_list(db, g.home, d.org, h.run_id, 100, &rows, &n, &e));
	assert_int_equal(n, want);
	return rows;
}

static void decide(const char *choice)
{
	world_queue(
		"review", arena_printf(g.home, "{\"run\":%lld,\"choice\":\"%s\",\"user\":%lld}",
				  (long long)world_run("run_id"), choice, (long long)d.admin));
	(void)db_do("UPDATE job SET due_at = now() - interval '1 hour' WHERE kind = 'review'");
	step();
}

static const char *newest(void)
{
	return db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1");
}

static void without_edits_it_goes_straight_on(void **state)
{
	(void)state;
	left();
	stub_find(g.x, 1)->name = "Alder Renamed";
	assert_string_equal(come_back(), "complete");
	assert_int_equal(client_named("Alder Renamed") > 0, 1);
	assert_int_equal(count("held_edit"), 0);
}

static void edits_are_listed_before_they_are_replaced(void **state)
{
	(void)state;
	left();
	edit("Alder & Co", "Alder by hand", "new@alder.example");
	/* Changed in XPM, untouched here: that is no edit. */
	stub_find(g.x, 2)->name = "Birch Renamed";
	int64_t history = count("client_change");
	assert_string_equal(come_back(), "held");
	const struct edit_row *rows = listed(2);
	assert_string_equal(rows[0].field, "name");
	assert_string_equal(rows[0].ours, "Alder by hand");
	assert_string_equal(rows[0].theirs, "Alder & Co");
	assert_string_equal(rows[1].field, "contact.email");
	assert_string_equal(rows[1].who, "Ann Alder");
	assert_string_equal(rows[1].ours, "new@alder.example");
	assert_string_equal(rows[1].theirs, "ann@alder.example");
	/* Nothing of the run was applied. */
	assert_int_equal(count("client_change"), history);
	assert_true(client_named("Alder by hand") > 0);
	assert_true(client_named("Birch Ltd") > 0);
	assert_string_equal(world_connection("state"), "held");
	assert_string_equal(world_connection("cause"), "edits");
	assert_int_equal(count("notice WHERE link = '/settings/integrations/edits' AND body ="
			       " 'Sync paused: 2 edits made here would be replaced. Review"
			       " changes.'"),
		1);
	assert_int_equal(count("job WHERE payload LIKE '%\"edits\"%2 edits made here%'"), 1);
	assert_string_equal(
		db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		"Sync paused: 2 edits made here would be replaced.");
	/* Nobody need answer for the next automatic run to come, and the tile says when. */
	assert_int_equal(count("job WHERE kind = 'slot'"), 1);
	assert_int_equal(count("connection WHERE next_sync_at > now()"), 1);
	decide("apply");
	assert_string_equal(newest(), "complete");
	assert_true(client_named("Alder & Co") > 0);
	assert_true(client_named("Birch Renamed") > 0);
	assert_int_equal(count("edit_mark"), 0);
	assert_int_equal(count("organisation WHERE active_tenant IS NOT NULL"), 1);
	assert_string_equal(world_connection("state"), "live");
	/* The history tells what became of the edit. */
	assert_int_equal(
		count("client_change WHERE old = 'Alder by hand' AND new = 'Alder & Co'"), 1);
}

static void an_edit_made_after_the_list_is_listed_too(void **state)
{
	(void)state;
	left();
	edit("Alder & Co", "Alder by hand", "ann@alder.example");
	assert_string_equal(come_back(), "held");
	(void)listed(1);
	edit("Alder by hand", "Alder again", "ann@alder.example");
	decide("apply");
	assert_string_equal(newest(), "held");
	assert_string_equal(listed(1)->ours, "Alder again");
	decide("apply");
	assert_string_equal(newest(), "complete");
}

static void an_edit_that_XPM_has_too_is_none(void **state)
{
	(void)state;
	left();
	edit("Alder & Co", "Alder Both", "ann@alder.example");
	stub_find(g.x, 1)->name = "Alder Both";
	assert_string_equal(come_back(), "complete");
}

static void contacts_and_archiving_count(void **state)
{
	struct err e;
	(void)state;
	left();
	assert_ok(clients_archive(web(), d.org, client_named("Birch Ltd"), true, &e));
	const struct client_edit c = {.name = "Cedar Trust",
		.status = "prospect",
		.contact_name = "New Person",
		.email = "new@cedar.example",
		.phone = ""};
	assert_ok(clients_change(web(), d.org, client_named("Cedar Trust"), &c, &e));
	assert_string_equal(come_back(), "held");
	const struct edit_row *rows = listed(5);
	assert_string_equal(rows[0].field, "archived");
	assert_string_equal(rows[0].ours, "by_hand");
	assert_string_equal(rows[2].field, "contact");
	assert_string_equal(rows[2].ours, "New Person");
	assert_null(rows[2].theirs);
	assert_string_equal(rows[4].field, "status");
	decide("apply");
	assert_string_equal(newest(), "complete");
}

static void what_the_worker_writes_is_no_edit(void **state)
{
	(void)state;
	three_clients();
	first_import();
	stub_find(g.x, 1)->name = "Renamed";
	sync_again();
	assert_int_equal(count("edit_mark"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(without_edits_it_goes_straight_on),
		WORLD_TEST(edits_are_listed_before_they_are_replaced),
		WORLD_TEST(an_edit_made_after_the_list_is_listed_too),
		WORLD_TEST(an_edit_that_XPM_has_too_is_none),
		WORLD_TEST(contacts_and_archiving_count),
		WORLD_TEST(what_the_worker_writes_is_no_edit),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
