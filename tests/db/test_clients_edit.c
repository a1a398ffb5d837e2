/* Clients written by hand, and what view only refuses. */
#include "support/db.h"

#include "store/clients.h"

#define TENANT "'11111111-1111-4111-8111-111111111111'"

static int edit_begin(void **state)
{
	int rc = db_begin(state);
	(void)db_do("UPDATE organisation SET active_tenant = NULL");
	(void)db_do("DELETE FROM client");
	(void)db_do("DELETE FROM contact");
	return rc;
}
#define E_TEST(f) cmocka_unit_test_setup_teardown((f), edit_begin, test_end)

static int64_t add(const char *name, const char *contact, const char *email, const char *phone)
{
	struct err e;
	int64_t id = 0;
	const struct client_edit c = {name, "client", contact, email, phone};
	assert_ok(clients_add(d.web, d.org, &c, &id, &e));
	assert_true(id > 0);
	return id;
}

static struct client_row only_row(struct arena *a, const char *words)
{
	struct client_page p;
	struct err e;
	const struct client_query q = {.words = words};
	assert_ok(clients_page(d.web, a, d.org, &q, &p, &e));
	assert_int_equal(p.n, 1);
	return p.rows[0];
}

static size_t hits(struct arena *a, const char *words)
{
	struct client_page p;
	struct err e;
	const struct client_query q = {.words = words};
	assert_ok(clients_page(d.web, a, d.org, &q, &p, &e));
	return p.n;
}

static void an_added_client_is_listed_and_found(void **state)
{
	int64_t before = db_number("SELECT data_version FROM organisation WHERE org_id = 1001");
	int64_t id = add(
		"  Acme \xC3\x84pfel Ltd ", " Ann Apple ", "Ann@Acme.example", "(09) 555-1234");
	struct client_row r = only_row(*state, "acme \xC3\xA4pfel");
	assert_int_equal(r.client_id, id);
	assert_string_equal(r.name, "Acme \xC3\x84pfel Ltd");
	assert_string_equal(r.contact_name, "Ann Apple");
	assert_string_equal(r.email, "Ann@Acme.example");
	assert_string_equal(r.phone, "(09) 555-1234");
	assert_false(r.synced || r.view_only || r.archived);
	assert_int_equal(r.flags, 0);
	assert_int_equal(hits(*state, "ANN APPLE"), 1);
	assert_int_equal(hits(*state, "095551234"), 1);
	assert_true(db_number("SELECT data_version FROM organisation WHERE org_id = 1001") >
		    before);
}

static void flags_are_those_of_the_core(void **state)
{
	(void)add("No contact", "", "", "");
	(void)add("No email", "Bo", "", "111");
	(void)add("Bad email", "Bo", "bo at nowhere", "");
	struct client_row r = only_row(*state, "no contact");
	assert_int_equal(r.flags, CLIENT_NO_CONTACT);
	assert_null(r.contact_name);
	assert_int_equal(only_row(*state, "no email").flags, CLIENT_NO_EMAIL);
	assert_null(only_row(*state, "no email").contact_name);
	assert_int_equal(only_row(*state, "bad email").flags, CLIENT_BAD_EMAIL);
	assert_string_equal(only_row(*state, "bad email").contact_name, "Bo");
}

static void nonsense_is_refused(void **state)
{
	static const struct client_edit bad[] = {
		{"", "client", "", "", ""},
		{"   ", "client", "A", "a@b.example", ""},
		{"X", "customer", "", "", ""},
		{"X", NULL, "", "", ""},
		{"X\x01", "client", "", "", ""},
		{"X", "client", "A\xff", "", ""},
		{"X", "client", "A", "a@b.example", "12\x07"},
	};
	struct err e;
	int64_t id = 7;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(clients_add(d.web, d.org, &bad[i], &id, &e), ERR_INVALID);
		assert_int_equal(id, 0);
	}
	assert_int_equal(db_number("SELECT count(*) FROM client"), 0);
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 0);
}

static void a_twin_is_refused_in_the_products_words(void **state)
{
	struct err e;
	int64_t id;
	const struct client_edit twin = {"acme LTD", "client", "Other", "ANN@acme.example", ""};
	const struct client_edit same_name = {
		"Acme Ltd", "client", "Other", "other@acme.example", ""};
	const struct client_edit none = {"Acme Ltd", "client", "", "", ""};
	int64_t first = add("Acme Ltd", "Ann", "ann@acme.example", "");
	(void)state;
	assert_fails(clients_add(d.web, d.org, &twin, &id, &e), ERR_CONFLICT);
	assert_string_equal(
		e.text, "Client with this name and email is already in your client list");
	assert_ok(clients_add(d.web, d.org, &same_name, &id, &e));
	assert_ok(clients_add(d.web, d.org, &none, &id, &e));
	assert_fails(clients_add(d.web, d.org, &none, &id, &e), ERR_CONFLICT);
	/* An archived one counts, too; another organisation's does not. */
	assert_ok(clients_archive(d.web, d.org, first, true, &e));
	assert_fails(clients_add(d.web, d.org, &twin, &id, &e), ERR_CONFLICT);
	assert_ok(clients_add(d.web, d.other_org, &twin, &id, &e));
	/* Changing into one is refused; changing itself is not. */
	assert_fails(clients_change(d.web, d.org, first, &none, &e), ERR_CONFLICT);
	assert_ok(clients_change(d.web, d.org, first, &twin, &e));
}

static bool add_same(struct pg *db, int nth, void *user)
{
	struct err e;
	int64_t id;
	const struct client_edit c = {"Race Ltd", "client", "R", "r@race.example", ""};
	(void)nth;
	(void)user;
	return clients_add(db, d.org, &c, &id, &e);
}

static void of_ten_parallel_twins_one_is_added(void **state)
{
	(void)state;
	assert_int_equal(db_race(10, "gap_web", add_same, NULL), 1);
	assert_int_equal(db_number("SELECT count(*) FROM client"), 1);
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 1);
}

static void a_change_reaches_contact_search_and_flags(void **state)
{
	struct err e;
	struct client_view v;
	int64_t id = add("Old name", "Old Contact", "old@x.example", "111");
	const struct client_edit c = {"New name", "prospect", "New Contact", "", "222"};
	assert_ok(clients_change(d.web, d.org, id, &c, &e));
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_string_equal(v.name, "New name");
	assert_string_equal(v.status, "prospect");
	assert_int_equal(v.n_contacts, 1);
	assert_string_equal(v.contacts[0].name, "New Contact");
	assert_null(v.contacts[0].email);
	assert_string_equal(v.contacts[0].phone, "222");
	assert_int_equal(v.flags, CLIENT_NO_EMAIL);
	assert_int_equal(hits(*state, "old"), 0);
	assert_int_equal(hits(*state, "new contact"), 1);
	/* No contact any more, and one again. */
	const struct client_edit none = {"New name", "client", "", "ignored@x.example", ""};
	assert_ok(clients_change(d.web, d.org, id, &none, &e));
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_int_equal(v.n_contacts, 0);
	assert_int_equal(v.flags, CLIENT_NO_CONTACT);
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 0);
	assert_ok(clients_change(d.web, d.org, id, &c, &e));
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_int_equal(v.n_contacts, 1);
	assert_true(v.contacts[0].is_primary);
}

static void a_shared_contact_changes_in_every_clients_search(void **state)
{
	struct err e;
	int64_t one = add("One Ltd", "Shared Person", "shared@x.example", "");
	int64_t two = add("Two Ltd", "Other Person", "other@x.example", "");
	(void)db_do(
		"INSERT INTO client_contact SELECT c.org_id, c.client_id, k.contact_id, NULL,"
		" false, 5 FROM client c, contact k WHERE c.name = 'Two Ltd'"
		" AND k.name = 'Shared Person'");
	const struct client_edit c = {
		"One Ltd", "client", "Renamed Person", "shared@x.example", ""};
	assert_ok(clients_change(d.web, d.org, one, &c, &e));
	assert_int_equal(hits(*state, "renamed person"), 2);
	/* Taken from one, it stays with the other. */
	const struct client_edit none = {"One Ltd", "client", "", "", ""};
	assert_ok(clients_change(d.web, d.org, one, &none, &e));
	assert_int_equal(hits(*state, "renamed person"), 1);
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 2);
	(void)two;
}

static void archiving_is_undone_by_restoring(void **state)
{
	struct err e;
	struct client_view v;
	int64_t id = add("Gone Ltd", "", "", "");
	assert_ok(clients_archive(d.web, d.org, id, true, &e));
	assert_ok(clients_archive(d.web, d.org, id, true, &e));
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_true(v.archived_at > 0);
	assert_string_equal(v.archived_reason, "by_hand");
	assert_int_equal(hits(*state, "gone"), 0);
	assert_ok(clients_archive(d.web, d.org, id, false, &e));
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_int_equal(v.archived_at, 0);
	assert_null(v.archived_reason);
	assert_int_equal(hits(*state, "gone"), 1);
}

/* ---- view only ---- */

static int64_t add_synced(void)
{
	(void)db_do(
		"INSERT INTO contact (org_id, tenant_id, xpm_id, name, email) VALUES (1001, " TENANT
		", gen_random_uuid(), 'Kim', 'kim@x.example')");
	(void)db_do(
		"INSERT INTO client (org_id, tenant_id, xpm_id, name, primary_contact_id)"
		" SELECT 1001, tenant_id, gen_random_uuid(), 'Synced Ltd', contact_id FROM contact");
	(void)db_do("INSERT INTO client_contact SELECT c.org_id, client_id, primary_contact_id,"
		    " c.tenant_id, true, 1 FROM client c");
	return db_number("SELECT client_id FROM client");
}

static void a_synced_client_refuses_every_write_with_the_reason(void **state)
{
	struct err e;
	int64_t id = add_synced(), other;
	const struct client_edit c = {"Mine now", "client", "Me", "me@x.example", ""};
	(void)state;
	(void)db_do("UPDATE organisation SET active_tenant = " TENANT);
	assert_fails(clients_change(d.web, d.org, id, &c, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "view only"));
	assert_fails(clients_archive(d.web, d.org, id, true, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "view only"));
	assert_fails(clients_add(d.web, d.org, &c, &other, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "connected"));
	assert_string_equal(db_ask("SELECT name FROM client"), "Synced Ltd");
	assert_string_equal(db_ask("SELECT name FROM contact"), "Kim");
	assert_false(pg_in_transaction(d.web));
}

/* After a disconnect the same record can be edited; its ids stay for a reconnect. */
static void after_a_disconnect_it_is_edited(void **state)
{
	struct err e;
	struct client_view v;
	int64_t id = add_synced();
	const struct client_edit c = {
		"Mine now", "client", "Kim Renamed", "kim@x.example", "9"};
	assert_ok(clients_change(d.web, d.org, id, &c, &e));
	assert_ok(clients_get(d.web, *state, d.org, id, &v, &e));
	assert_string_equal(v.name, "Mine now");
	assert_true(v.synced);
	assert_non_null(v.xpm_id);
	assert_string_equal(v.contacts[0].name, "Kim Renamed");
	assert_int_equal(db_number("SELECT count(*) FROM contact WHERE xpm_id IS NOT NULL"), 1);
}

/* A hand-made client stays editable while connected, but a synced contact that it has does not. */
static void a_hand_made_client_stays_editable_while_connected(void **state)
{
	struct err e;
	int64_t id = add("By hand", "", "", "");
	const struct client_edit c = {"By hand 2", "client", "New Contact", "n@x.example", ""};
	(void)state;
	(void)db_do("UPDATE organisation SET active_tenant = " TENANT);
	assert_ok(clients_change(d.web, d.org, id, &c, &e));
	assert_ok(clients_archive(d.web, d.org, id, true, &e));
	(void)db_do("UPDATE contact SET tenant_id = " TENANT ", xpm_id = gen_random_uuid()");
	assert_fails(clients_change(d.web, d.org, id, &c, &e), ERR_CONFLICT);
	assert_string_equal(db_ask("SELECT name FROM client"), "By hand 2");
}

static void another_organisations_client_is_not_there(void **state)
{
	struct err e;
	int64_t id = add("Ours", "", "", "");
	const struct client_edit c = {"Theirs", "client", "", "", ""};
	(void)state;
	assert_fails(clients_change(d.web, d.other_org, id, &c, &e), ERR_NOT_FOUND);
	assert_fails(clients_archive(d.web, d.other_org, id, true, &e), ERR_NOT_FOUND);
	assert_fails(clients_archive(d.web, d.org, id + 1000, true, &e), ERR_NOT_FOUND);
	assert_string_equal(db_ask("SELECT name FROM client"), "Ours");
}

/* With its audit line in one transaction of the caller's. */
static void inside_a_transaction_a_failure_leaves_it_to_the_caller(void **state)
{
	struct err e;
	int64_t id;
	const struct client_edit c = {"Kept?", "client", "K", "k@x.example", ""};
	(void)state;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(clients_add(d.web, d.org, &c, &id, &e));
	assert_fails(clients_add(d.web, d.org, &c, &id, &e), ERR_CONFLICT);
	assert_true(pg_in_transaction(d.web));
	pg_rollback(d.web);
	assert_int_equal(db_number("SELECT count(*) FROM client"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		E_TEST(an_added_client_is_listed_and_found),
		E_TEST(flags_are_those_of_the_core),
		E_TEST(nonsense_is_refused),
		E_TEST(a_twin_is_refused_in_the_products_words),
		E_TEST(of_ten_parallel_twins_one_is_added),
		E_TEST(a_change_reaches_contact_search_and_flags),
		E_TEST(a_shared_contact_changes_in_every_clients_search),
		E_TEST(archiving_is_undone_by_restoring),
		E_TEST(a_synced_client_refuses_every_write_with_the_reason),
		E_TEST(after_a_disconnect_it_is_edited),
		E_TEST(a_hand_made_client_stays_editable_while_connected),
		E_TEST(another_organisations_client_is_not_there),
		E_TEST(inside_a_transaction_a_failure_leaves_it_to_the_caller),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
