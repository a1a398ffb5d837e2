/* Gone, and yet not: who is offered to be joined with whom, the join, and the way back. */
#include "support/match_cases.h"

static void gone(int id)
{
	struct stub_client *c = stub_find(g.x, id);
	c->unlisted = true;
	c->on_get = XERO_GONE;
}

static const char *offers(void)
{
	return db_ask(
		"SELECT coalesce(string_agg(g.name || '>' || c.name || ' ' || p.reason, ', ' ORDER BY p.pair_id), '')"
		" FROM client_pair p JOIN client c ON c.client_id = p.stays_id"
		" JOIN client g ON g.client_id = p.goes_id WHERE p.state = 'offered'");
}

static int64_t told_of(int64_t client, const char *field)
{
	return count(
		arena_printf(g.home, "client_change WHERE client_id = %lld AND field = '%s'",
			(long long)client, field));
}

static void one_that_came_back_under_a_new_id(void **state)
{
	(void)state;
	three_clients();
	first_import();
	int64_t was = twins_client_of(1);
	gone(1);
	stub_contact(stub_client(g.x, 9, "ALDER & Co"), 9, "Ann", "ann@alder.example")
		->primary = true;
	sync_again();
	assert_string_equal(offers(), "Alder & Co>ALDER & Co new_id");
	assert_int_equal(count("notice WHERE kind = 'client_moved'"),
		db_number(
			"SELECT count(*) FROM app_user WHERE org_id = 1001 AND role = 'admin'"));
	assert_string_equal(
		db_ask("SELECT max(body || ' ' || link) FROM notice WHERE kind = 'client_moved'"),
		arena_printf(g.home,
			"Alder & Co is gone from XPM and may live on in ALDER & Co. Decide whether to"
			" join their history. /clients/%lld",
			(long long)was));
	const char *before = twins_rows(), *told = twins_history();
	int64_t now = twins_client_of(9);
	twins_wish(twins_newest_pair(), PAIR_JOIN);
	twins_only_match_jobs();
	assert_string_equal(twins_rows(), before);
	assert_int_equal(told_of(now, "client"), 2);
	assert_int_equal(told_of(now, "joined"), 1);
	assert_int_equal(told_of(was, "client"), 0);
	assert_int_equal(told_of(was, "merged"), 1);
	sync_again();
	run_said(0, 0, 0, 0, 3);
	twins_wish(twins_newest_pair(), PAIR_PART);
	twins_only_match_jobs();
	assert_string_equal(twins_rows(), before);
	assert_string_equal(twins_history(), told);
	/* Decided: not offered again, though a later run sees the same. */
	(void)stub_client(g.x, 10, "Another");
	sync_again();
	assert_string_equal(offers(), "");
}

static void one_whose_contacts_moved(void **state)
{
	(void)state;
	three_clients();
	stub_contact(stub_find(g.x, 3), 3, "Cy Cedar", "cy@cedar.example")->primary = true;
	first_import();
	struct stub_client *to = stub_find(g.x, 2);
	to->contacts[to->n_contacts++] = stub_find(g.x, 3)->contacts[0];
	to->contacts[to->n_contacts - 1].primary = false;
	gone(3);
	sync_again();
	assert_string_equal(offers(), "Cedar Trust>Birch Ltd merged");
	twins_wish(twins_newest_pair(), PAIR_REFUSE);
	(void)stub_client(g.x, 10, "Another");
	sync_again();
	assert_string_equal(offers(), "");
}

/* As XPM tells a merge: the one that goes is listed as deleted, and its contacts only with the other. */
static void one_listed_as_deleted_without_its_contacts(void **state)
{
	(void)state;
	three_clients();
	stub_contact(stub_find(g.x, 3), 3, "Cy Cedar", "cy@cedar.example")->primary = true;
	first_import();
	struct stub_client *to = stub_find(g.x, 2), *from = stub_find(g.x, 3);
	to->contacts[to->n_contacts++] = from->contacts[0];
	to->contacts[to->n_contacts - 1].primary = false;
	from->n_contacts = 0;
	from->deleted = true;
	sync_again();
	assert_string_equal(offers(), "Cedar Trust>Birch Ltd merged");
}

static void a_shared_contact_alone_offers_nothing(void **state)
{
	(void)state;
	three_clients();
	first_import();
	/* Bob belongs to both since ever: that Birch is gone does not make it Alder. */
	gone(2);
	sync_again();
	assert_string_equal(offers(), "");
	assert_int_equal(count("notice WHERE kind = 'client_moved'"), 0);
	/* The same name with nobody in common is another client. */
	gone(1);
	stub_contact(stub_client(g.x, 9, "Alder & Co"), 9, "Else", "else@example.com");
	sync_again();
	assert_string_equal(offers(), "");
}

static void two_that_fit_are_not_offered(void **state)
{
	(void)state;
	three_clients();
	first_import();
	gone(1);
	stub_contact(stub_client(g.x, 9, "Alder & Co"), 9, "Ann", "ann@alder.example");
	stub_contact(stub_client(g.x, 10, "Alder & Co"), 10, "Ann", "ann@alder.example");
	sync_again();
	assert_string_equal(offers(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(one_that_came_back_under_a_new_id),
		WORLD_TEST(one_whose_contacts_moved),
		WORLD_TEST(one_listed_as_deleted_without_its_contacts),
		WORLD_TEST(a_shared_contact_alone_offers_nothing),
		WORLD_TEST(two_that_fit_are_not_offered),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
