/* One run after the other against a played Xero: what the tables become. */
#include "support/sync_cases.h"

#include <unistd.h>

static void first_import_brings_clients_contacts_and_links(void **state)
{
	(void)state;
	three_clients();
	first_import();
	run_said(3, 0, 0, 0, 0);
	assert_int_equal(db_number("SELECT count(*) FROM client"), 3);
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 2);
	assert_int_equal(db_number("SELECT count(*) FROM client_contact"), 3);
	assert_string_equal(
		db_ask("SELECT phone FROM contact WHERE name = 'Bob Both'"), "021 222");
	assert_string_equal(
		db_ask("SELECT k.name FROM client c JOIN contact k ON k.contact_id ="
		       " c.primary_contact_id WHERE c.name = 'Birch Ltd'"),
		"Bob Both");
	assert_int_equal(world_audited("sync.run", "ok"), 1);
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(world_connection("live_clients"), "3");
	assert_string_equal(world_connection("live_contacts"), "2");
	assert_string_equal(db_ask("SELECT search FROM client WHERE name = 'Alder & Co'"),
		"alder & co ann alder ann@alder.example (09) 111 09111 bob both "
		"bob@both.example 021 222 021222");
	assert_string_equal(
		db_ask("SELECT active_tenant::text FROM organisation WHERE org_id = 1001"),
		stub_uuid(NULL, 't', 1));
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM organisation WHERE mfa_required_at IS NOT NULL"),
		1);
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE kind IN ('slot', 'check')"), 2);
	assert_int_equal(
		db_number("SELECT count(*) FROM client_change WHERE field = 'client'"), 3);
}

static void first_import_tells_admins_and_mails_the_others(void **state)
{
	(void)state;
	three_clients();
	first_import();
	assert_string_equal(db_ask("SELECT body FROM notice WHERE kind = 'import'"),
		"All clients have been imported from XPM. 3 clients, 2 contacts.");
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE kind = 'mail' AND payload LIKE"
			  " '%mfa_required%'"),
		2);
}

static void the_same_list_again_writes_no_client_row(void **state)
{
	(void)state;
	three_clients();
	first_import();
	const char *before = db_ask(
		"SELECT string_agg(xmin::text || ctid::text, ',' ORDER BY ctid) FROM client");
	int64_t version =
		db_number("SELECT data_version FROM organisation WHERE org_id = 1001");
	assert_string_equal(world_sync(MANUAL), "complete");
	run_said(0, 0, 0, 0, 3);
	assert_string_equal(
		db_ask("SELECT string_agg(xmin::text || ctid::text, ',' ORDER BY ctid) FROM client"),
		before);
	assert_int_equal(db_number("SELECT data_version FROM organisation WHERE org_id = 1001"),
		version);
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM client_change WHERE run_id = (SELECT max(run_id) FROM sync_run)"),
		0);
}

static void edits_are_applied_and_told_field_by_field(void **state)
{
	(void)state;
	three_clients();
	first_import();
	stub_find(g.x, 1)->name = "Alder and Company";
	stub_find(g.x, 2)->contacts[0].email = "bob@new.example";
	stub_find(g.x, 1)->contacts[1].email = "bob@new.example";
	sync_again();
	run_said(0, 2, 0, 0, 1);
	assert_string_equal(
		db_ask("SELECT email FROM contact WHERE name = 'Bob Both'"), "bob@new.example");
	assert_string_equal(
		db_ask("SELECT string_agg(concat_ws('>', field, old, new), ' ' ORDER BY field, new, client_id)"
		       " FROM client_change WHERE field <> 'client'"),
		"contact.email>bob@both.example>bob@new.example "
		"contact.email>bob@both.example>bob@new.example "
		"name>Alder & Co>Alder and Company");
}

static void an_archived_client_is_archived_and_comes_back(void **state)
{
	(void)state;
	three_clients();
	first_import();
	stub_find(g.x, 2)->archived = true;
	sync_again();
	run_said(0, 0, 1, 0, 2);
	assert_string_equal(
		db_ask("SELECT archived_reason FROM client WHERE name = 'Birch Ltd'"),
		"archived_in_xpm");
	assert_string_equal(world_connection("live_clients"), "2");
	stub_find(g.x, 2)->archived = false;
	sync_again();
	run_said(0, 0, 0, 1, 2);
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE archived_at IS NULL"), 3);
	stub_find(g.x, 2)->deleted = true;
	sync_again();
	assert_string_equal(
		db_ask("SELECT archived_reason FROM client WHERE name = 'Birch Ltd'"),
		"deleted_in_xpm");
}

static void clients_that_come_archived_are_stored_so(void **state)
{
	(void)state;
	three_clients();
	stub_find(g.x, 3)->archived = true;
	first_import();
	run_said(2, 0, 1, 0, 0);
	assert_string_equal(world_connection("live_clients"), "2");
}

static void fault_44_a_contact_that_moves_keeps_its_row(void **state)
{
	(void)state;
	three_clients();
	first_import();
	int64_t bob = db_number("SELECT contact_id FROM contact WHERE name = 'Bob Both'");
	stub_find(g.x, 1)->n_contacts = 1;
	stub_find(g.x, 2)->n_contacts = 0;
	struct stub_client *c = stub_find(g.x, 3);
	stub_contact(c, 2, "Bob Both", "bob@both.example")->mobile = "021 222";
	sync_again();
	assert_int_equal(
		db_number("SELECT contact_id FROM contact WHERE name = 'Bob Both'"), bob);
	assert_string_equal(
		db_ask("SELECT string_agg(c.name, ',') FROM client_contact l JOIN client c"
		       " USING (org_id, client_id) JOIN contact k USING (org_id, contact_id)"
		       " WHERE k.name = 'Bob Both'"),
		"Cedar Trust");
}

static void a_contact_that_leaves_its_last_client_goes(void **state)
{
	(void)state;
	three_clients();
	first_import();
	stub_find(g.x, 1)->n_contacts = 1;
	sync_again();
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 2);
	stub_find(g.x, 2)->contacts[0].deleted = true;
	sync_again();
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 1);
	assert_string_equal(
		db_ask("SELECT old FROM client_change WHERE field = 'contact' AND new IS NULL"
		       " ORDER BY change_id DESC LIMIT 1"),
		"Bob Both");
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM client WHERE name = 'Birch Ltd' AND primary_contact_id IS NULL"),
		1);
}

static void the_primary_mark_moves(void **state)
{
	(void)state;
	three_clients();
	first_import();
	struct stub_client *a = stub_find(g.x, 1);
	a->contacts[0].primary = false;
	a->contacts[1].primary = true;
	sync_again();
	run_said(0, 1, 0, 0, 2);
	assert_string_equal(
		db_ask("SELECT old || '>' || new FROM client_change WHERE field = 'primary'"),
		"Ann Alder>Bob Both");
	/* Two primaries: the first counts, flagged. */
	a->contacts[0].primary = true;
	sync_again();
	assert_string_equal(
		db_ask("SELECT k.name FROM client c JOIN contact k ON k.contact_id = c.primary_contact_id"
		       " WHERE c.name = 'Alder & Co'"),
		"Ann Alder");
	assert_int_equal(db_number("SELECT flags FROM client WHERE name = 'Alder & Co'"),
		CLIENT_TWO_PRIMARIES);
}

static void a_client_without_email_shows_no_primary(void **state)
{
	(void)state;
	three_clients();
	stub_find(g.x, 1)->contacts[0].email = NULL;
	stub_find(g.x, 1)->n_contacts = 1;
	first_import();
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM client WHERE name = 'Alder & Co' AND primary_contact_id IS NULL AND flags = 1"),
		1);
	assert_int_equal(db_number("SELECT count(*) FROM client_contact WHERE is_primary"), 2);
}

static void prospects_are_left_out_and_counted(void **state)
{
	(void)state;
	three_clients();
	stub_find(g.x, 3)->prospect = true;
	first_import();
	assert_int_equal(world_run("prospects"), 1);
	assert_int_equal(db_number("SELECT count(*) FROM client"), 2);
	/* A client that turns prospect leaves; when it turns back, it returns. */
	stub_find(g.x, 2)->prospect = true;
	sync_again();
	assert_string_equal(
		db_ask("SELECT archived_reason FROM client WHERE name = 'Birch Ltd'"),
		"prospect_in_xpm");
	assert_int_equal(g.x->gets, 0);
	stub_find(g.x, 2)->prospect = false;
	sync_again();
	run_said(0, 0, 0, 1, 1);
}

static void fault_46_a_bad_record_is_skipped_and_named(void **state)
{
	(void)state;
	three_clients();
	first_import();
	struct stub_client *bad = stub_client(g.x, 4, "Dogwood");
	bad->uuid = "not-a-uuid";
	stub_find(g.x, 2)->name = " \t ";
	stub_contact(stub_find(g.x, 3), 9, "Jo Unknown", "jo@example.com")->uuid = "?";
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(world_run("skipped"), 3);
	assert_string_equal(
		db_ask("SELECT detail FROM run_skip WHERE rule = 'bad_contact'"), "Jo Unknown");
	assert_string_equal(db_ask("SELECT string_agg(rule, ',' ORDER BY rule) FROM run_skip"),
		"bad_contact,no_name,no_uuid");
	/* Unreadable is not missing. */
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE archived_at IS NULL"), 3);
	assert_int_equal(g.x->gets, 0);
}

static void fault_43_a_double_counts_once_and_the_later_wins(void **state)
{
	(void)state;
	three_clients();
	stub_client(g.x, 3, "Cedar Trust, later");
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "problems");
	assert_int_equal(db_number("SELECT count(*) FROM client"), 3);
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE name = 'Cedar Trust, later'"), 1);
	assert_string_equal(
		db_ask("SELECT rule || ':' || name FROM run_skip"), "double:Cedar Trust");
	/* Now both are known; the same two again change nothing but are named. */
	assert_string_equal(world_sync(MANUAL), "problems");
	run_said(0, 0, 0, 0, 3);
	/* Equal doubles are no problem at all. */
	g.x->clients[2].name = "Cedar Trust, later";
	assert_string_equal(world_sync(MANUAL), "complete");
	run_said(0, 0, 0, 0, 3);
}

static void json_says_the_same_as_xml(void **state)
{
	(void)state;
	three_clients();
	first_import();
	const char *before = world_picture(d.org);
	g.x->json = true;
	g.x->media_type = "application/json";
	assert_string_equal(world_sync(MANUAL), "complete");
	run_said(0, 0, 0, 0, 3);
	assert_string_equal(world_picture(d.org), before);
}

static void a_reconnect_replaces_what_people_edited(void **state)
{
	struct err e;
	(void)state;
	three_clients();
	first_import();
	const char *before = world_picture(d.org);
	(void)db_do(
		"UPDATE client SET name = 'Edited', archived_at = now(), archived_reason = 'by_hand' WHERE name = 'Birch Ltd'");
	(void)db_do("DELETE FROM client_contact");
	(void)db_do("INSERT INTO contact (org_id, name) VALUES (1001, 'By Hand')");
	(void)db_do(
		"INSERT INTO client_contact SELECT 1001, client_id, (SELECT contact_id FROM contact WHERE name = 'By Hand'), NULL, true, 1"
		" FROM client WHERE name = 'Cedar Trust'");
	assert_ok(pg_begin(g.w.db, d.org, &e) &&
		  sync_forget_fingerprints(g.w.db, d.org, stub_uuid(NULL, 't', 1), &e) &&
		  pg_commit(g.w.db, &e));
	assert_string_equal(world_sync("{\"trigger\":\"reconnect\"}"), "complete");
	assert_string_equal(world_picture(d.org), before);
	run_said(0, 2, 0, 1, 0);
}

static void the_document_comes_in_any_pieces(void **state)
{
	(void)state;
	three_clients();
	g.x->piece = 7;
	first_import();
	assert_int_equal(db_number("SELECT count(*) FROM client"), 3);
}

/* Fault 41: of the same clients in any order, told in pieces of any size, the same tables are made. */
static void sleep_a_second(struct stub_xero *s)
{
	(void)s;
	(void)usleep(1100 * 1000);
}

/* The time a list takes belongs to the run, and the button's pause begins when the run ends. */
static void a_slow_list_is_a_long_run(void **state)
{
	(void)state;
	three_clients();
	first_import();
	/* The first difference opens the transaction, long before the list has come. */
	stub_find(g.x, 1)->name = "Renamed";
	g.x->piece = 64;
	g.x->during = sleep_a_second;
	assert_string_equal(world_sync("{\"trigger\":\"manual\"}"), "complete");
	assert_int_equal(db_number("SELECT count(*) FROM sync_run WHERE trigger = 'manual' AND"
				   " ended_at - started_at >= interval '1.1 seconds'"),
		1);
	assert_int_equal(
		db_number("SELECT count(*) FROM connection c JOIN sync_run r USING (org_id)"
			  " WHERE r.trigger = 'manual' AND"
			  " c.manual_ended_at > r.started_at + interval '1.1 seconds'"),
		1);
	g.x->during = NULL;
}

static void any_order_makes_the_same_tables(void **state)
{
	enum { ORDERS = 12, CLIENTS = 9 };
	(void)state;
	three_clients();
	for (int id = 4; id <= CLIENTS; id++) {
		struct stub_client *c =
			stub_client(g.x, id, arena_printf(g.home, "Client %d", id));
		(void)stub_contact(c, 1 + id % 3, "Shared", "shared@example.com");
	}
	/* One who stands at several clients is told alike at each. */
	for (size_t i = 0; i < g.x->n; i++)
		for (size_t k = 0; k < g.x->clients[i].n_contacts; k++) {
			struct stub_contact *c = &g.x->clients[i].contacts[k];
			c->name = "Shared";
			c->email = "shared@example.com";
			c->phone = c->mobile = NULL;
		}
	first_import();
	const char *first = arena_strdup(g.home, world_picture(d.org));
	for (int order = 0; order < ORDERS; order++) {
		for (size_t i = g.x->n - 1; i > 0; i--) {
			size_t other = (i * 7 + (size_t)order * 5) % (i + 1);
			struct stub_client kept = g.x->clients[i];
			g.x->clients[i] = g.x->clients[other];
			g.x->clients[other] = kept;
		}
		g.x->piece = 1 + (size_t)order * 37;
		sync_again();
		assert_string_equal(world_picture(d.org), first);
		run_said(0, 0, 0, 0, CLIENTS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(first_import_brings_clients_contacts_and_links),
		WORLD_TEST(first_import_tells_admins_and_mails_the_others),
		WORLD_TEST(the_same_list_again_writes_no_client_row),
		WORLD_TEST(edits_are_applied_and_told_field_by_field),
		WORLD_TEST(an_archived_client_is_archived_and_comes_back),
		WORLD_TEST(clients_that_come_archived_are_stored_so),
		WORLD_TEST(fault_44_a_contact_that_moves_keeps_its_row),
		WORLD_TEST(a_contact_that_leaves_its_last_client_goes),
		WORLD_TEST(the_primary_mark_moves),
		WORLD_TEST(a_client_without_email_shows_no_primary),
		WORLD_TEST(prospects_are_left_out_and_counted),
		WORLD_TEST(fault_46_a_bad_record_is_skipped_and_named),
		WORLD_TEST(fault_43_a_double_counts_once_and_the_later_wins),
		WORLD_TEST(json_says_the_same_as_xml),
		WORLD_TEST(a_reconnect_replaces_what_people_edited),
		WORLD_TEST(the_document_comes_in_any_pieces),
		WORLD_TEST(a_slow_list_is_a_long_run),
		WORLD_TEST(any_order_makes_the_same_tables),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
