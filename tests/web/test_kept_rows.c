#include "support/site_test.h"

/* Often enough that every process of the site has been asked. */
enum { OFTEN = 40 };

struct two {
	struct firm one, other;
	struct browser ada, olga;
};

static void two_firms(struct two *t)
{
	*t = (struct two){.ada = {.peer = NULL}};
	firm_make(&t->one);
	firm_make(&t->other);
	/* The same version of both, so that nothing but the organisation tells the lists apart. */
	(void)firm_client(&t->one, "Kestrel Holdings", false);
	(void)firm_client(&t->other, "Bittern Trading", false);
	sql_do("UPDATE organisation SET data_version = 1000 WHERE org_id IN (%lld, %lld)",
		(long long)t->one.org_id, (long long)t->other.org_id);
	browser_enter(&t->ada, &t->one.admin, 2);
	browser_enter(&t->olga, &t->other.admin, 2);
}

static void kept_rows_never_cross_organisations(void **state)
{
	struct two t;
	(void)state;
	two_firms(&t);
	for (int i = 0; i < OFTEN; i++) {
		struct fcgi_answer own = browse(&t.ada, "/clients");
		struct fcgi_answer others = browse(&t.olga, "/clients");
		assert_has(own, "Kestrel Holdings");
		assert_has_not(own, "Bittern Trading");
		assert_has(others, "Bittern Trading");
		assert_has_not(others, "Kestrel Holdings");
	}
}

static void a_change_shows_in_every_process_at_once(void **state)
{
	struct two t;
	(void)state;
	two_firms(&t);
	int64_t id = firm_client(&t.one, "Before the change", false);
	for (int i = 0; i < OFTEN; i++)
		assert_has(browse(&t.ada, "/clients"), "Before the change");
	sql_do("UPDATE contact SET name = 'Somebody' WHERE org_id = %lld",
		(long long)t.one.org_id);
	sql_do("UPDATE client SET name = 'After the change' WHERE client_id = %lld",
		(long long)id);
	for (int i = 0; i < OFTEN; i++) {
		struct fcgi_answer r = browse(&t.ada, "/clients");
		assert_has(r, "After the change");
		assert_has_not(r, "Before the change");
	}
}

static void pages_and_filters_are_kept_apart(void **state)
{
	struct two t;
	(void)state;
	two_firms(&t);
	for (int i = 0; i < 60; i++)
		(void)firm_client(&t.one, arena_printf(*state, "Client %02d", i), false);
	for (int i = 0; i < OFTEN; i++) {
		assert_has(browse(&t.ada, "/clients"), "Client 00");
		struct fcgi_answer next = browse(&t.ada, "/clients?after=1&from=Client%2049");
		assert_has(next, "Client 55");
		assert_has_not(next, "Client 00");
		assert_has_not(browse(&t.ada, "/clients?filter=archived"), "Client 00");
	}
}

static void what_is_one_persons_is_not_kept(void **state)
{
	struct two t;
	struct browser max = {.peer = NULL};
	(void)state;
	two_firms(&t);
	browser_enter(&max, &t.one.member, 2);
	for (int i = 0; i < OFTEN; i++) {
		struct fcgi_answer hers = browse(&t.ada, "/clients");
		struct fcgi_answer his = browse(&max, "/clients");
		assert_has(hers, t.one.admin.email);
		assert_has_not(his, t.one.admin.email);
		assert_string_not_equal(
			answer_input(&hers, "csrf"), answer_input(&his, "csrf"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(kept_rows_never_cross_organisations),
		SITE_TEST(a_change_shows_in_every_process_at_once),
		SITE_TEST(pages_and_filters_are_kept_apart),
		SITE_TEST(what_is_one_persons_is_not_kept),
	};
	return site_run(tests);
}
