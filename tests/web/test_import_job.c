/* "Import" as its person sees it: the page that waits for the worker, and every way in which it can end. */
#include "support/import_site.h"

static const char *mark_of(const struct firm *f, int line)
{
	return sql_text("SELECT mark FROM import_row WHERE user_id = %lld AND line = %d",
		(long long)f->member.user_id, line);
}

static void not_while_a_practice_is_connected(void **state)
{
	static const char *const pages[] = {"/clients/import", "/clients/import/preview"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	assert_has(browse(&b, "/clients"), "Import from CSV");
	upload(&b, HEADS "Late,La,Te,l@l.example,,,\n");
	const char *form = import_form(&b);
	firm_connect(&f, "live", NULL);
	struct fcgi_answer r = submit(&b, "/clients/import/apply", form);
	assert_status(r, 409);
	assert_has(r, "Clients come from Xero Practice Manager while it is connected");
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		r = browse(&b, pages[i]);
		assert_status(r, 409);
		assert_has(r, "Clients come from Xero Practice Manager while it is connected");
		assert_has_not(r, "Show preview");
	}
	assert_status(send_file(&b, b.csrf, HEADS "X,Y,Z,x@x.example,,,\n"), 409);
	assert_has_not(browse(&b, "/clients"), "Import from CSV");
	assert_int_equal(
		sql_int("SELECT count(*) FROM client WHERE org_id = %lld", (long long)f.org_id),
		0);
}

static void import_adds_what_was_seen_and_nothing_else(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "One,O,Ne,o@o.example,,,\nTwo,T,Wo,t@t.example,,,\n");
	(void)submit(&b, "/clients/new",
		"name=one&status=client&contact_first=O&email=o%40o.example");
	(void)browse(&b, "/clients/import/preview");
	import_by_worker(&b);
	struct fcgi_answer r = browse(&b, "/clients/import/preview");
	assert_has(r, "has changed meanwhile, and nothing was added");
	assert_has(browse(&b, "/clients/import"), "A preview of list.csv");
	assert_string_equal(mark_of(&f, 2), "duplicate");
	/* In another window there was another file. */
	const char *form = import_form(&b);
	upload(&b, HEADS "One,O,Ne,o@o.example,,,\nTwo,T,Wo,t@t.example,,,\n");
	sql_do("UPDATE import_preview SET created_at = now() - interval '1 minute'");
	assert_goes(submit(&b, "/clients/import/apply", form), "/clients/import/preview");
	assert_int_equal(site_work("import"), 0);
	assert_has(browse(&b, "/clients/import/preview"),
		"has changed meanwhile, and nothing was added");
	import_all(&b);
	assert_int_equal(
		sql_int("SELECT count(*) FROM client WHERE org_id = %lld", (long long)f.org_id),
		2);
}

static const char *state_of(const struct firm *f)
{
	return sql_text("SELECT state FROM import_preview WHERE user_id = %lld",
		(long long)f->member.user_id);
}

/* Where the person is while the worker has it: the page, what it polls, and every way from there. */
static void the_page_waits_for_the_worker(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "One,O,Ne,o@o.example,,,\nTwo,T,Wo,t@t.example,,,\n");
	struct fcgi_answer key = browse(&b, "/clients/import/preview/status");
	assert_has(key, "shown:0");
	const char *form = import_form(&b);
	assert_goes(submit(&b, "/clients/import/apply", form), "/clients/import/preview");
	assert_int_equal(site_audited(f.org_id, "import.asked"), 1);
	struct fcgi_answer r = browse(&b, "/clients/import/preview");
	assert_has(r, "Importing 2 clients from list.csv…");
	assert_non_null(strstr(r.body.p, "<noscript><meta http-equiv=\"refresh\""));
	assert_non_null(strstr(r.body.p, "data-poll=\"/clients/import/preview/status\""));
	assert_non_null(strstr(r.body.p, "data-every=\"1\""));
	assert_has(browse(&b, "/clients/import/preview/status"), "asked:");
	/* Selected twice: there is one job. Cancelled too late, another file too early: said. */
	assert_goes(submit(&b, "/clients/import/apply", form), "/clients/import/preview");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'import' AND org_id = %lld",
			(long long)f.org_id),
		1);
	assert_goes(submit(&b, "/clients/import/cancel", ""), "/clients/import/preview");
	assert_has(browse(&b, "/clients/import/preview"), "can no longer be cancelled");
	r = browse(&b, "/clients/import");
	assert_has(r, "list.csv is being imported.");
	r = send_file(&b, b.csrf, HEADS "Three,T,Ree,t@t.example,,,\n");
	assert_status(r, 429);
	assert_has(r, "The file you brought before is still being imported.");
	assert_status(browse(&b, "/clients/import/rejected.csv"), 200);
	assert_string_equal(state_of(&f), "asked");
	assert_int_equal(site_work("import"), 1);
	/* The script is led away from the page, and so is everybody who comes back to it. */
	assert_goes(browse(&b, "/clients/import/preview/status"), "/clients/import");
	for (int tab = 0; tab < 2; tab++) {
		assert_goes(browse(&b, "/clients/import/preview"), "/clients");
		assert_has(browse(&b, "/clients"), "2 clients were added with 2 contacts.");
	}
	assert_goes(submit(&b, "/clients/import/cancel", ""), "/clients/import/preview");
	assert_goes(browse(&b, "/clients/import/rejected.csv"), "/clients/import/preview");
	assert_int_equal(
		sql_int("SELECT count(*) FROM client WHERE org_id = %lld", (long long)f.org_id),
		2);
}

static void what_failed_is_said_and_may_be_tried_again(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "One,O,Ne,o@o.example,,,\n");
	assert_goes(submit(&b, "/clients/import/apply", import_form(&b)),
		"/clients/import/preview");
	sql_do("UPDATE job SET lost = 2, owner = 'dead' WHERE kind = 'import'");
	assert_int_equal(site_work("import"), 1);
	assert_has(browse(&b, "/clients/import/preview/status"), "failed:");
	assert_has(browse(&b, "/clients/import/preview"),
		"The import did not finish, and nothing was added. Select Import to try again.");
	assert_has(browse(&b, "/clients/import"), "The import did not finish");
	import_all(&b);
	/* Connected between Import and the worker: the page that waits gives way to the one that says so. */
	upload(&b, HEADS "Two,T,Wo,t@t.example,,,\n");
	assert_goes(submit(&b, "/clients/import/apply", import_form(&b)),
		"/clients/import/preview");
	firm_connect(&f, "live", NULL);
	assert_has(browse(&b, "/clients/import/preview"), "Importing 1 client");
	assert_int_equal(site_work("import"), 1);
	assert_string_equal(state_of(&f), "failed");
	assert_goes(browse(&b, "/clients/import/preview/status"), "/clients/import");
	assert_status(browse(&b, "/clients/import/preview"), 409);
	assert_int_equal(site_audited(f.org_id, "import.applied"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(not_while_a_practice_is_connected),
		SITE_TEST(import_adds_what_was_seen_and_nothing_else),
		SITE_TEST(the_page_waits_for_the_worker),
		SITE_TEST(what_failed_is_said_and_may_be_tried_again),
	};
	return site_run(tests);
}
