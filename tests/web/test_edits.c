/* The page between a reconnect and its first sync: edits made meanwhile, and what an admin may decide. */
#include "support/site_test.h"

static const char page[] = "/settings/integrations/edits";
static const char review[] = "/settings/integrations/review";

static int64_t begin(struct firm *f, struct browser *b, struct browser *m)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	firm_connect(f, "held", "edits");
	int64_t client = firm_client(f, "Alder", true), run = firm_run(f, "held");
	sql_do("UPDATE sync_run SET cause = 'edits' WHERE org_id = %lld", (long long)f->org_id);
	sql_do("INSERT INTO held_edit (org_id, run_id, client_id, field, who, ours, theirs) VALUES"
	       " (%lld, %lld, %lld, 'name', NULL, '=here', 'Alder'),"
	       " (%lld, %lld, %lld, 'archived', NULL, 'by_hand', NULL),"
	       " (%lld, %lld, %lld, 'contact.email', 'Ann', NULL, 'a@x.example')",
		(long long)f->org_id, (long long)run, (long long)client, (long long)f->org_id,
		(long long)run, (long long)client, (long long)f->org_id, (long long)run,
		(long long)client);
	browser_log_in(b, &f->admin);
	browser_log_in(m, &f->member);
	return run;
}

static void listed_and_let_go(void **state)
{
	struct firm f;
	struct browser b = {0}, m = {0};
	(void)state;
	int64_t run = begin(&f, &b, &m);
	assert_goes(browse(&b, review), page);
	struct fcgi_answer r = browse(&b, page);
	assert_has(r, "Sync paused: 3 edits made here would be replaced.");
	assert_has(browse(&b, "/settings/integrations"),
		"Sync paused: 3 edits made here would be replaced.");
	assert_has(r, "=here");
	assert_has(r, "Not archived");
	assert_has(r, "a@x.example");
	assert_has(r, "Replace with XPM");
	r = browse(&m, page);
	assert_has(r, "An admin has to look at these edits");
	assert_has_not(r, "Replace with XPM");
	r = browse(&b, "/settings/integrations/edits.csv");
	assert_has(r, "Client,Field,Contact,Here,In XPM");
	assert_has(r, "'=here");
	/* Whoever only asks how long the file is takes nothing away. */
	assert_status(
		browser_ask(&b, "HEAD", "/settings/integrations/edits.csv", NULL, STR("")),
		200);
	assert_int_equal(site_audited(f.org_id, "review.exported"), 1);
	(void)browse(&b, page);
	const char *n = arena_printf(site.arena, "%lld", (long long)run);
	assert_status(submit(&b, review, form_of("run", n, "choice", "discard", NULL)), 409);
	assert_goes(submit(&b, review, form_of("run", n, "choice", "apply", NULL)),
		"/settings/integrations?watch=1");
	assert_int_equal(site_audited(f.org_id, "review.decided"), 1);
	assert_int_equal(sql_int("SELECT count(*) FROM job WHERE kind = 'review' AND org_id ="
				 " %lld",
				 (long long)f.org_id),
		1);
}

static void nothing_to_look_at(void **state)
{
	struct firm f;
	struct browser b = {0}, m = {0};
	(void)state;
	(void)begin(&f, &b, &m);
	sql_do("UPDATE sync_run SET state = 'replaced' WHERE org_id = %lld",
		(long long)f.org_id);
	assert_has(browse(&b, page), "Nothing to look at");
}

static void another_practice_is_named_with_the_one_before(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	firm_connect(&f, "choosing", "other_practice");
	sql_do("UPDATE connection SET tenant_name = 'Harbour Practice', live_clients = 41"
	       " WHERE org_id = %lld",
		(long long)f.org_id);
	browser_log_in(&b, &f.admin);
	struct fcgi_answer r = browse(&b, "/settings/integrations");
	assert_has(r, "Until now this was Harbour Practice.");
	assert_has(r, "Its 41 synced clients stay here; they become editable");
	assert_has(r, "Use this practice instead");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(listed_and_let_go),
		SITE_TEST(nothing_to_look_at),
		SITE_TEST(another_practice_is_named_with_the_one_before),
	};
	return site_run(tests);
}
