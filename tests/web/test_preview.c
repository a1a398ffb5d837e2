/* The preview's answer and the rehearsal, as an admin gives and asks for them; the jobs are tested with the worker. */
#include "support/site_test.h"

static struct firm f;
static struct browser admin, member;

static void begin(const char *state)
{
	admin = member = (struct browser){0};
	firm_make(&f);
	firm_connect(&f, state, NULL);
	person_enrol(&f.admin);
	person_enrol(&f.member);
	browser_enter(&admin, &f.admin, 2);
	browser_enter(&member, &f.member, 2);
}

static void waiting_for_an_answer(void)
{
	sql_do("INSERT INTO connection_preview (org_id, attempt_id, user_id, trigger, state, seen, clients,"
	       " contacts) VALUES (%lld, 1, %lld, 'first', 'ready', 12, 11, 13)",
		(long long)f.org_id, (long long)f.admin.user_id);
}

static void the_preview_shows_counts_and_import_begins_the_import(void **state)
{
	static const char at[] = "/settings/integrations/preview";
	(void)state;
	begin("first_import");
	waiting_for_an_answer();
	struct fcgi_answer r = browse(&admin, at);
	assert_status(r, 200);
	assert_has(r, "Import</button>");
	assert_has(r, "Cancel</button>");
	assert_status(submit(&member, at, "choice=import"), 403);
	assert_goes(submit(&admin, at, "choice=import"), "/settings/integrations?watch=1");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'sync' AND org_id = %lld",
			(long long)f.org_id),
		1);
	assert_int_equal(site_audited(f.org_id, "connect.preview"), 1);
}

static void cancel_ends_it_and_neither_is_answered_twice(void **state)
{
	static const char at[] = "/settings/integrations/preview";
	(void)state;
	begin("first_import");
	waiting_for_an_answer();
	assert_goes(submit(&admin, at, "choice=nonsense"), at);
	assert_goes(submit(&admin, at, "choice=cancel"), "/settings/integrations");
	assert_int_equal(site_audited(f.org_id, "connect.preview"), 1);
	assert_goes(submit(&admin, at, "choice=import"), "/settings/integrations");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'sync' AND org_id = %lld",
			(long long)f.org_id),
		0);
}

static void the_rehearsal_is_queued_once(void **state)
{
	static const char at[] = "/settings/integrations/test";
	(void)state;
	begin("live");
	assert_status(browse(&admin, at), 200);
	assert_status(submit(&member, at, ""), 403);
	assert_goes(submit(&admin, at, ""), at);
	(void)submit(&admin, at, "");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'rehearse' AND org_id = %lld",
			(long long)f.org_id),
		1);
	assert_int_equal(site_audited(f.org_id, "connect.tested"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_preview_shows_counts_and_import_begins_the_import),
		SITE_TEST(cancel_ends_it_and_neither_is_answered_twice),
		SITE_TEST(the_rehearsal_is_queued_once),
	};
	return site_run(tests);
}
