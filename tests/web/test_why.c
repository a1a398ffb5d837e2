/* "Why does this differ from XPM?": the button, the waiting page, and each answer. */
#include "support/site_test.h"

struct place {
	struct firm f;
	struct browser b;
	int64_t client;
	const char *page;
};

static void begin(struct place *x, const char *state)
{
	*x = (struct place){0};
	firm_make(&x->f);
	person_enrol(&x->f.member);
	firm_connect(&x->f, state, NULL);
	x->client = firm_client(&x->f, "Alder", true);
	x->page = arena_printf(site.arena, "/clients/%lld/why", (long long)x->client);
	browser_log_in(&x->b, &x->f.member);
}

static void answered(struct place *x, const char *state, const char *error)
{
	sql_do("UPDATE why_ask SET state = '%s', error = %s WHERE org_id = %lld", state,
		error == NULL ? "NULL" : sql_quoted(error), (long long)x->f.org_id);
}

static void asking_and_the_answers(void **state)
{
	struct place x;
	(void)state;
	begin(&x, "live");
	assert_has(browse(&x.b, arena_printf(site.arena, "/clients/%lld", (long long)x.client)),
		"Why does this differ from XPM?</button>");
	assert_goes(submit(&x.b, x.page, ""), x.page);
	struct fcgi_answer r = browse(&x.b, x.page);
	assert_has(r, "Asking Xero…");
	assert_int_equal(site_audited(x.f.org_id, "client.compared"), 1);
	assert_has(r, "http-equiv=\"refresh\"");
	assert_has_not(r, "Ask again");
	const char *status = arena_printf(site.arena, "%s/status", x.page);
	assert_has(browse(&x.b, status), "\"key\":\"1:");
	/* Once a minute a client. */
	assert_goes(submit(&x.b, x.page, ""), x.page);
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'why' AND org_id = %lld",
			(long long)x.f.org_id),
		1);
	answered(&x, "done", NULL);
	assert_has(browse(&x.b, status), "\"key\":\"2:");
	assert_has(browse(&x.b, x.page), "No difference");
	sql_do("INSERT INTO why_row VALUES (%lld, %lld, 0, 'Phone', 'Ann', '1', 'No phone; mobile"
	       " 1', 'rule', 'Without a phone in XPM its mobile is shown.')",
		(long long)x.f.org_id, (long long)x.client);
	r = browse(&x.b, x.page);
	assert_has(r, "by a rule of The Gap. Without a phone in XPM its mobile is shown.");
	assert_has_not(r, "<h2>No difference");
	answered(&x, "failed", "Xero's limit is reached. Try again in a few minutes.");
	assert_has(browse(&x.b, x.page), "limit is reached. Try again");
	sql_do("UPDATE why_ask SET asked_at = asked_at - interval '2 minutes'");
	assert_has(browse(&x.b, x.page), "Ask again");
	/* A worker that died with the question. */
	sql_do("UPDATE why_ask SET state = 'asking', asked_at = now() - interval '5 minutes'");
	assert_has(browse(&x.b, x.page), "Xero was not asked in time. Try again.");
}

static void nothing_to_ask_of(void **state)
{
	struct place x;
	(void)state;
	begin(&x, "not_connected");
	assert_has_not(
		browse(&x.b, arena_printf(site.arena, "/clients/%lld", (long long)x.client)),
		"Why does this differ");
	assert_status(submit(&x.b, x.page, ""), 409);
	begin(&x, "live");
	int64_t own = firm_client(&x.f, "By hand", false);
	(void)browse(&x.b, "/clients");
	assert_status(
		submit(&x.b, arena_printf(site.arena, "/clients/%lld/why", (long long)own), ""),
		409);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(asking_and_the_answers),
		SITE_TEST(nothing_to_ask_of),
	};
	return site_run(tests);
}
