/* Deleting clients for good: nothing names them afterwards, and no sync, undo or reconnect brings them back. */
#include "store/privacy.h"
#include "support/sync_cases.h"

static int64_t client(const char *name)
{
	return db_number(arena_printf(g.home,
		"SELECT coalesce(max(client_id), 0) FROM client WHERE name = '%s'", name));
}

static void archive(int id)
{
	stub_find(g.x, id)->archived = true;
	sync_again();
}

/* Ann Alder belongs to Alder & Co alone, Bob Both to Birch Ltd, too. */
static void a_rich_history(void)
{
	three_clients();
	first_import();
	stub_find(g.x, 1)->name = "Alder & Co Ltd";
	stub_find(g.x, 1)->contacts[0].email = "anne@alder.example";
	/* Birch has Ann for a while, as its primary contact. */
	stub_find(g.x, 2)->contacts[0].primary = false;
	stub_contact(stub_find(g.x, 2), 1, "Ann Alder", "anne@alder.example")->primary = true;
	sync_again();
	stub_find(g.x, 2)->n_contacts = 1;
	stub_find(g.x, 2)->contacts[0].primary = true;
	sync_again();
	archive(1);
	(void)db_do(arena_printf(g.home,
		"INSERT INTO held_change (org_id, run_id, client_id, kind) VALUES (%lld, 1, %lld, 'blank')",
		(long long)d.org, (long long)client("Alder & Co Ltd")));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO run_skip (org_id, run_id, xpm_id, name, rule) VALUES (%lld, 1, upper('%s'),"
		" 'Alder & Co', 'undecided')",
		(long long)d.org, stub_uuid(NULL, 'c', 1)));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO notice (org_id, user_id, kind, body, link) VALUES (%lld, %lld, 'x',"
		" 'About Alder', '/clients/%lld')",
		(long long)d.org, (long long)d.admin, (long long)client("Alder & Co Ltd")));
}

static void nothing_names_it_afterwards(void **state)
{
	(void)state;
	a_rich_history();
	assert_string_not_equal(places_of("alder"), "");
	assert_non_null(strstr(places_of("alder"), "contact_was.email"));
	int64_t id = client("Alder & Co Ltd");
	assert_true(id > 0);
	forget(id);
	assert_string_equal(places_of("alder"), "");
	/* What belongs to others stays. */
	assert_int_equal(count("contact WHERE name = 'Bob Both'"), 1);
	assert_int_equal(count("client"), 2);
	assert_int_equal(
		count("client_tombstone WHERE xpm_id IS NOT NULL AND who_hash IS NULL"), 1);
	assert_int_equal(
		count("audit_event WHERE event = 'privacy.deleted' AND result = 'ok'"), 1);
	assert_int_equal(count("notice WHERE kind = 'forgotten'"),
		count("app_user WHERE org_id = 1001 AND role = 'admin'"));
}

static void no_sync_brings_it_back(void **state)
{
	struct err e;
	(void)state;
	a_rich_history();
	forget(client("Alder & Co Ltd"));
	/* Live again in XPM, and changed: left out, counted, not named, and nothing written. */
	stub_find(g.x, 1)->archived = false;
	stub_find(g.x, 1)->name = "Alder again";
	int64_t version =
		db_number("SELECT data_version FROM organisation WHERE org_id = 1001");
	sync_again();
	run_said(0, 0, 0, 0, 2);
	assert_int_equal(world_run("excluded"), 1);
	assert_string_equal(places_of("alder"), "");
	assert_int_equal(db_number("SELECT data_version FROM organisation WHERE org_id = 1001"),
		version);
	/* A record that would be skipped names nobody either. */
	const char *uuid = stub_find(g.x, 1)->contacts[0].uuid;
	stub_find(g.x, 1)->contacts[0].uuid = "none";
	sync_again();
	assert_int_equal(world_run("excluded") + world_run("skipped"), 1);
	assert_string_equal(places_of("alder"), "");
	stub_find(g.x, 1)->contacts[0].uuid = uuid;
	/* Nor does a reconnect, which compares every field anew, nor an undo of the run that brought it. */
	assert_ok(pg_begin(d.worker, d.org, &e));
	assert_ok(sync_forget_fingerprints(d.worker, d.org, stub_uuid(NULL, 't', 1), &e));
	assert_ok(pg_commit(d.worker, &e));
	assert_string_equal(world_sync("{\"trigger\":\"reconnect\"}"), "complete");
	assert_int_equal(world_run("excluded"), 1);
	assert_int_equal(count("client"), 2);
	assert_string_equal(places_of("alder"), "");
	/* Gone from XPM: nothing is missing. */
	stub_drop(g.x, 1);
	sync_again();
	assert_int_equal(world_run("excluded"), 0);
	assert_int_equal(g.x->gets, 0);
}

static void allowed_again_the_next_sync_brings_it(void **state)
{
	struct err e;
	(void)state;
	a_rich_history();
	stub_find(g.x, 1)->archived = false;
	forget(client("Alder & Co Ltd"));
	sync_again();
	assert_int_equal(count("client"), 2);
	assert_ok(tombstones_allow(
		d.web, d.org, db_number("SELECT max(tombstone_id) FROM client_tombstone"), &e));
	assert_int_equal(count("client_tombstone"), 0);
	sync_again();
	run_said(1, 0, 0, 0, 2);
	assert_int_equal(world_run("excluded"), 0);
	assert_true(client("Alder & Co Ltd") > 0);
	assert_false(tombstones_allow(d.web, d.org, 1, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void of_one_added_by_hand_a_hash_is_left(void **state)
{
	(void)state;
	(void)db_do(arena_printf(g.home,
		"INSERT INTO client (org_id, name) VALUES (%lld, 'ALDER & co')",
		(long long)d.org));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO contact (org_id, name, email) VALUES (%lld, 'Ann', 'Ann@Alder.example')",
		(long long)d.org));
	(void)db_do(
		"INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)"
		" SELECT org_id, client_id, (SELECT max(contact_id) FROM contact), true, 0 FROM client");
	(void)db_do(
		"UPDATE client SET primary_contact_id = (SELECT max(contact_id) FROM contact)");
	forget(client("ALDER & co"));
	assert_string_equal(places_of("alder"), "");
	assert_int_equal(
		count("client_tombstone WHERE who_hash IS NOT NULL AND xpm_id IS NULL"), 1);
	three_clients();
	first_import();
	run_said(2, 0, 0, 0, 0);
	assert_int_equal(world_run("excluded"), 1);
	assert_string_equal(places_of("alder"), "");
	/* By now XPM's id is known, and the next run does not even look. */
	sync_again();
	run_said(0, 0, 0, 0, 2);
	assert_int_equal(world_run("excluded"), 1);
	assert_int_equal(count("client_tombstone"), 2);
}

/* While a list comes in, the client in it is deleted: by whoever is the second. */
static void delete_it(struct stub_xero *x)
{
	struct err e;
	struct forgotten f;
	int64_t id = client("Alder & Co Ltd");
	(void)x;
	struct pg *db = db_connect(g.home, "gap_worker");
	assert_ok(pg_begin(db, d.org, &e));
	assert_ok(privacy_forget(db, &id, 1, d.admin, &f, &e));
	assert_ok(pg_commit(db, &e));
	assert_int_equal(f.clients, 1);
	assert_int_equal(f.contacts, 1);
}

static void deleted_while_the_list_comes_in(void **state)
{
	(void)state;
	a_rich_history();
	stub_find(g.x, 1)->archived = false;
	stub_find(g.x, 1)->contacts[0].phone = "alder 777";
	stub_find(g.x, 3)->name = "Cedar Family Trust";
	g.x->during = delete_it;
	sync_again();
	run_said(0, 1, 0, 0, 1);
	assert_int_equal(world_run("excluded"), 1);
	assert_string_equal(places_of("alder"), "");
}

static void what_lives_in_xpm_stays(void **state)
{
	struct err e;
	(void)state;
	three_clients();
	first_import();
	assert_false(privacy_may(d.web, d.org, client("Birch Ltd"), &e));
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_false(privacy_may(d.web, d.other_org, client("Birch Ltd"), &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	forget(client("Birch Ltd"));
	assert_int_equal(count("client"), 3);
	assert_int_equal(count("client_tombstone"), 0);
	assert_int_equal(count("job WHERE kind = 'forget'"), 0);
	/* The web's role can write no tombstone and call no such function. */
	assert_denied(d.web,
		"INSERT INTO client_tombstone (org_id, who_hash) VALUES (1001, '\\x00')");
	assert_denied(d.web, "SELECT clients_forget('{1}', 1)");
}

static void a_whole_practice_at_once(void **state)
{
	struct err e;
	struct forgotten f;
	int64_t ids[3] = {0};
	(void)state;
	a_rich_history();
	ids[0] = client("Alder & Co Ltd");
	ids[1] = client("Birch Ltd");
	ids[2] = client("Cedar Trust");
	assert_ok(pg_begin(d.worker, d.other_org, &e));
	assert_ok(privacy_forget(d.worker, ids, 3, 0, &f, &e));
	assert_ok(pg_commit(d.worker, &e));
	assert_int_equal(f.clients, 0); /* another organisation's */
	assert_ok(pg_begin(d.worker, d.org, &e));
	assert_ok(privacy_forget(d.worker, ids, 3, 0, &f, &e));
	assert_ok(pg_commit(d.worker, &e));
	assert_int_equal(f.clients, 3);
	assert_int_equal(f.contacts, 2);
	assert_int_equal(count("client") + count("contact") + count("client_contact") +
				 count("client_was") + count("contact_was") +
				 count("client_contact_was") + count("client_change") +
				 count("fix_item"),
		0);
	assert_string_equal(places_of("both"), "");
	assert_int_equal(count("client_tombstone"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(nothing_names_it_afterwards),
		WORLD_TEST(no_sync_brings_it_back),
		WORLD_TEST(allowed_again_the_next_sync_brings_it),
		WORLD_TEST(of_one_added_by_hand_a_hash_is_left),
		WORLD_TEST(deleted_while_the_list_comes_in),
		WORLD_TEST(what_lives_in_xpm_stays),
		WORLD_TEST(a_whole_practice_at_once),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
