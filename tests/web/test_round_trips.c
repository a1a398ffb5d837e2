/*
 * What a page costs is above all how often it asks the database and waits (README, "Speed"). gap-web tells
 * in its log, at level debug, so that a page that asks once more is noticed here and not by its visitors.
 */
#include "support/site_test.h"

enum { OFTEN = 40 }; /* until every process of the site has been asked */

/* Of the last request of this route. */
static int64_t trips_of(const char *route)
{
	const char *text = site_log();
	const char *mark = arena_printf(site.arena, "\"route\":\"%s\"", route);
	const char *last = NULL;
	for (const char *at = strstr(text, mark); at != NULL; at = strstr(at + 1, mark))
		last = at;
	assert_non_null(last);
	const char *trips = strstr(last, "\"trips\":");
	assert_non_null(trips);
	return strtol(trips + strlen("\"trips\":"), NULL, 10);
}

struct seen {
	int64_t least, most;
};

static struct seen ask(struct browser *b, const char *uri, const char *route)
{
	struct seen s = {.least = INT64_MAX, .most = 0};
	for (int i = 0; i < OFTEN; i++) {
		assert_status(browse(b, uri), 200);
		int64_t n = trips_of(route);
		s.least = n < s.least ? n : s.least;
		s.most = n > s.most ? n : s.most;
	}
	return s;
}

struct office {
	struct firm f;
	struct browser ada;
	int64_t client;
	const char *address;
};

/* Every process has its connection, and nothing of what follows is the first. */
static void open_office(struct office *o)
{
	*o = (struct office){.ada = {.peer = NULL}};
	firm_make(&o->f);
	o->client = firm_client(&o->f, "Kestrel Holdings", false);
	o->address = arena_printf(site.arena, "/clients/%lld", (long long)o->client);
	browser_enter(&o->ada, &o->f.admin, 2);
	(void)ask(&o->ada, "/profile", "/profile");
	/* A person's first look at the list is noted, and what there is to tell them kept. */
	assert_status(browse(&o->ada, "/clients"), 200);
}

static void the_list_asks_who_and_then_what(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	struct seen s = ask(&o.ada, "/clients", "/clients");
	/* Who; and the rows, which are kept for the next of this data version, as what is new for them is. */
	assert_int_equal(s.most, 2);
	assert_int_equal(s.least, 1);
	sql_do("UPDATE client SET name = 'Kestrel Group' WHERE client_id = %lld",
		(long long)o.client);
	assert_has(browse(&o.ada, "/clients"), "Kestrel Group");
	/* And what is new, and the logo. */
	assert_int_equal(trips_of("/clients"), 4);
	s = ask(&o.ada, "/clients?q=kestrel", "/clients");
	assert_true(s.most <= 3); /* the logo, where another process has it */
	assert_int_equal(s.least, 2);
}

static void a_client_with_contacts_and_history_is_two(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	struct seen s = ask(&o.ada, o.address, "/clients/{id}");
	/* Who, and all of the client; the other one is asked for where it is part of a pair. */
	assert_int_equal(s.least, 2);
	assert_int_equal(s.most, 2);
}

static void what_a_script_asks_again_and_again_is_little(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	assert_int_equal(ask(&o.ada, "/clients/status", "/clients/status").most, 1);
	assert_int_equal(
		ask(&o.ada, "/settings/integrations/status", "/settings/integrations/status")
			.most,
		3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_list_asks_who_and_then_what),
		SITE_TEST(a_client_with_contacts_and_history_is_two),
		SITE_TEST(what_a_script_asks_again_and_again_is_little),
	};
	return site_run(tests);
}
