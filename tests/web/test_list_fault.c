/*
 * The list of clients cannot be read, and who asks is known all the same: the page says so in the list's
 * place, with "Retry", and keeps what stands around it. Not even the session can be read: test_database_gone.
 */
#include "support/site_test.h"

static const char says[] = "The list could not be loaded.";

/* From now on gap-web does this when it reads a client; what it has kept of the list is old. */
static void reading_a_client_does(const char *statement)
{
	sql_do("CREATE SEQUENCE IF NOT EXISTS test.looks; ALTER SEQUENCE test.looks RESTART;"
	       "GRANT USAGE ON SCHEMA test TO gap_web;"
	       "CREATE OR REPLACE FUNCTION test.look() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS"
	       " $f$BEGIN %s; RETURN true; END$f$;"
	       "DROP POLICY IF EXISTS test_look ON gap.client;"
	       "CREATE POLICY test_look ON gap.client AS RESTRICTIVE FOR SELECT TO gap_web USING (test.look());"
	       "UPDATE organisation SET data_version = data_version + 1",
		statement);
}

static void reading_fails(const char *sqlstate)
{
	reading_a_client_does(arena_printf(
		site.arena, "RAISE EXCEPTION 'in the way' USING ERRCODE = '%s'", sqlstate));
}

static void reading_works(void)
{
	sql_do("DROP POLICY test_look ON gap.client");
}

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	(void)firm_client(f, "Kestrel Holdings", false);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
	assert_has(browse(b, "/clients"), "Kestrel Holdings");
	site.may_fail = true;
}

static void assert_framed(struct fcgi_answer r, const char *retry)
{
	int64_t seconds = 0;
	assert_status(r, 503);
	assert_has(r, says);
	assert_has(r, arena_printf(site.arena, "href=\"%s\">Retry</a>", retry));
	assert_has(r, "If you ask for help, give this number: <code>");
	assert_true(str_to_i64(
		str_of(fcgi_answer_header(site.arena, &r, "Retry-After")), &seconds));
	assert_in_range(seconds, 1, 60);
	assert_has(r, "App Bar Menu");
	assert_has(r, "<h1>Clients</h1>");
	assert_has(r, "role=\"search\"");
	assert_has(r, "aria-label=\"Filters\"");
	assert_has_not(r, "We will be right back");
	assert_has_not(r, "No clients");
	assert_has_not(r, "in the way");
	assert_has_not(r, "policy");
}

static void whatever_it_is_the_frame_stays(void **state)
{
	/* A fault of ours, a full disk, no privilege. */
	static const char *const faults[] = {"22012", "53100", "42501"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		reading_fails(faults[i]);
		assert_framed(browse(&b, "/clients"), "/clients");
		assert_framed(browse(&b, "/clients?q=kestrel&sort=changed"),
			"/clients?q=kestrel&amp;sort=changed");
		assert_framed(browse(&b, "/clients?filter=since"), "/clients?filter=since");
	}
	/* What was asked for stays chosen. */
	struct fcgi_answer r = browse(&b, "/clients?filter=by-hand&q=kestrel&sort=changed");
	assert_has(r, "value=\"kestrel\"");
	assert_has(r, "<option value=\"changed\" selected>");
	assert_has(r, "sort=changed\" aria-current=\"true\">By hand</a>");
	/* The real reason is in the log alone. */
	assert_non_null(strstr(site_log(), "in the way"));
	reading_works();
	assert_status(browse(&b, "/clients"), 200);
	assert_has_not(browse(&b, "/clients?q=kestrel"), says);
}

static void the_connection_may_break_under_it(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	reading_a_client_does("PERFORM pg_terminate_backend(pg_backend_pid())");
	assert_framed(browse(&b, "/clients"), "/clients");
	reading_works();
}

/* The banner of a disconnect reads for itself, and a bar that waits is shown. */
static void banner_and_bar_stay_too(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "not_connected", "removed_in_xero");
	sql_do("UPDATE session SET flash_kind = 'info', flash_text = 'Left for the next page' WHERE %s",
		browser_session(&b));
	reading_fails("53100");
	struct fcgi_answer r = browse(&b, "/clients");
	assert_framed(r, "/clients");
	assert_has(r, "You've been disconnected from XPM");
	assert_has(r, "Ask an admin to reconnect: Ada Admin");
	assert_has(r, "Left for the next page");
	reading_works();
}

/* What passes by itself is tried again first, and nobody is told. */
static void once_is_not_told(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	reading_a_client_does("IF nextval('test.looks') = 1 THEN RAISE EXCEPTION 'in the way'"
			      " USING ERRCODE = '40P01'; END IF");
	struct fcgi_answer r = browse(&b, "/clients");
	assert_status(r, 200);
	assert_has(r, "Kestrel Holdings");
	assert_has_not(r, says);
	reading_works();
}

/* "Update Xero Clients" too early shows the list again: the way on is the list, not the press. */
static void behind_a_press_retry_is_the_list(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	sql_do("UPDATE connection SET manual_ended_at = now() WHERE org_id = %lld",
		(long long)f.org_id);
	assert_status(submit(&b, "/syncs", ""), 429);
	reading_fails("53100");
	struct fcgi_answer r = submit(&b, "/syncs", "");
	assert_framed(r, "/clients");
	assert_has(r, "Available in ");
	reading_works();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(whatever_it_is_the_frame_stays),
		SITE_TEST(the_connection_may_break_under_it),
		SITE_TEST(banner_and_bar_stay_too),
		SITE_TEST(once_is_not_told),
		SITE_TEST(behind_a_press_retry_is_the_list),
	};
	return site_run(tests);
}
