/* The sync history: strip, chart, list with its filters, one run in tabs, and each of them as a file. */
#include "support/site_test.h"

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
}

static const char *run_page(int64_t run, const char *tab)
{
	return arena_printf(site.arena, "/syncs/%lld%s", (long long)run, tab);
}

static void the_history_lists_runs(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	assert_has(browse(&b, "/syncs"), "No syncs yet");
	int64_t run = firm_run(&f, "failed");
	sql_do("UPDATE sync_run SET asked_by_name = 'Max <b>', cause_text = 'Xero is not answering.',"
	       " seen = 1, ended_at = started_at + interval '75 seconds' WHERE run_id = %lld",
		(long long)run);
	struct fcgi_answer r = browse(&b, "/syncs");
	assert_has(r, "Manual by Max <b>");
	assert_has(r, "Failed");
	assert_has(r, "1 min 15 s");
	assert_null(strstr(r.body.p, "Max <b>"));
	r = browse(&b, run_page(run, ""));
	assert_has(r, "Xero is not answering.");
	assert_has(r, ">1 record, ");
	assert_has(r, "This sync changed no client.");
	assert_has(browse(&b, run_page(run, "/skipped")), "No record was skipped.");
	r = browse(&b, run_page(run, "/failed"));
	assert_has(r, "The sync itself did not finish");
	/* Not connected: there is nothing to try again. */
	assert_has_not(r, ">Retry</button>");
	firm_connect(&f, "live", NULL);
	r = browse(&b, run_page(run, "/failed"));
	assert_has(r, ">Retry</button>");
	assert_has(r, "action=\"/syncs\"");
}

static int64_t make_run(const struct firm *f)
{
	firm_connect(f, "live", NULL);
	int64_t run = firm_run(f, "problems"), client = firm_client(f, "Harbour Cafe", true);
	sql_do("UPDATE sync_run SET tenant_id = '" SITE_TENANT "', skipped = 1, failed = 1,"
	       " prospects = 2 WHERE run_id = %lld",
		(long long)run);
	sql_do("INSERT INTO client_change (org_id, client_id, run_id, field, old, new) VALUES"
	       " (%lld, %lld, %lld, 'name', '<script>1</script>', '=Harbour Cafe'),"
	       " (%lld, %lld, %lld, 'archived', 'prospect_in_xpm', NULL)",
		(long long)f->org_id, (long long)client, (long long)run, (long long)f->org_id,
		(long long)client, (long long)run);
	sql_do("UPDATE client SET web_url = 'https://xpm.example/1' WHERE client_id = %lld",
		(long long)client);
	sql_do("INSERT INTO run_skip (org_id, run_id, xpm_id, name, rule, detail) SELECT %lld,"
	       " %lld, '@abc', '\"><script>2</script>', 'bad_contact', 'Jo <i>' UNION ALL"
	       " SELECT %lld, %lld, xpm_id::text, NULL, 'undecided', 'Busy' FROM client"
	       " WHERE client_id = %lld",
		(long long)f->org_id, (long long)run, (long long)f->org_id, (long long)run,
		(long long)client);
	return run;
}

static void a_run_tells_what_it_did(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	int64_t run = make_run(&f);
	struct fcgi_answer r = browse(&b, run_page(run, ""));
	assert_has(r, "<script>1</script>");
	assert_null(strstr(r.body.p, "<script>1"));
	assert_has(r, "Prospect in XPM");
	assert_has(r, "Live");
	assert_has(r, "/clients/");
	r = browse(&b, run_page(run, "/skipped"));
	assert_has(r, "\"><script>2</script>");
	assert_null(strstr(r.body.p, "<script>2"));
	assert_has(r, "One of its contacts has no usable id.");
	assert_has(r, "Jo <i>");
	assert_has(r, "2 XPM prospects were left out as well");
	assert_has_not(r, "Busy");
	r = browse(&b, run_page(run, "/failed"));
	assert_has(r, "Harbour Cafe");
	assert_has(r, "XPM did not say why");
	assert_has(r, "Busy");
	assert_has(r, "https://xpm.example/1");
	assert_has_not(r, "script>2");
	r = browse(&b, run_page(run, "/log"));
	assert_has(r, "Started (Manual");
	assert_has(r, "Made 3 calls to Xero and read 5 records");
	assert_has(r, "Applied all at once: 2 new");
}

static void changes_are_filtered_and_paged(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	int64_t run = make_run(&f);
	assert_has(browse(&b, run_page(run, "?kind=archived")), "Prospect in XPM");
	assert_has_not(browse(&b, run_page(run, "?kind=archived")), "script>1");
	assert_has(browse(&b, run_page(run, "?q=harbour")), "script>1");
	assert_has(browse(&b, run_page(run, "?q=nobody")), "No change of this sync matches.");
	assert_goes(browse(&b, run_page(run, "?kind=nonsense")), run_page(run, ""));
	sql_do("INSERT INTO client_change (org_id, client_id, run_id, field, new) SELECT %lld,"
	       " max(client_id), %lld, 'contact', 'c' || i FROM client, generate_series(1, 250) i"
	       " WHERE org_id = %lld GROUP BY i",
		(long long)f.org_id, (long long)run, (long long)f.org_id);
	size_t rows = 0, pages = 0;
	for (const char *uri = run_page(run, "?kind=contacts"); uri != NULL && pages < 9;
		pages++) {
		struct fcgi_answer r = browse(&b, uri);
		assert_status(r, 200);
		for (const char *at = r.body.p;
			(at = strstr(at, "data-label=\"Field\"")) != NULL; at++)
			rows++;
		const char *next = strstr(r.body.p,
			arena_printf(site.arena, "href=\"/syncs/%lld?after=", (long long)run));
		uri = next == NULL ? NULL
				   : answer_words(&(struct fcgi_answer){
					     .body = str_of(arena_strndup(site.arena, next + 6,
						     strcspn(next + 6, "\"")))});
	}
	assert_int_equal(pages, 3);
	assert_int_equal(rows, 250);
}

/* A hundred letters of four bytes are 1,200 characters of an address: its end must not be lost. */
static void links_carry_the_longest_words_whole(void **state)
{
	struct firm f;
	struct browser b;
	struct buf words;
	(void)state;
	settle(&f, &b);
	int64_t run = make_run(&f);
	buf_init(&words, site.arena, 4096);
	for (int i = 0; i < 100; i++)
		buf_adds(&words, "%F0%90%8D%88");
	const char *const asked[][2] = {
		{arena_printf(site.arena, "/clients?q=%s", words.data), "/clients.csv"},
		{run_page(run, arena_printf(site.arena, "?q=%s", words.data)),
			run_page(run, "/changes.csv")}};
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct fcgi_answer r = browse(&b, asked[i][0]);
		assert_status(r, 200);
		assert_non_null(strstr(r.body.p,
			arena_printf(site.arena, "href=\"%s?q=%s\"", asked[i][1], words.data)));
	}
}

static void files_hold_what_the_tabs_show(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	int64_t run = make_run(&f);
	struct fcgi_answer r = browse(&b, run_page(run, "/changes.csv"));
	assert_string_equal(
		fcgi_answer_header(site.arena, &r, "Content-Type"), "text/csv; charset=utf-8");
	assert_true(
		str_is(r.body, "Client,Field,Before,After\r\n"
			       "Harbour Cafe,Client name,<script>1</script>,'=Harbour Cafe\r\n"
			       "Harbour Cafe,Archived,Prospect in XPM,Live\r\n"));
	r = browse(&b, run_page(run, "/changes.csv?kind=archived"));
	assert_null(strstr(r.body.p, "script"));
	r = browse(&b, run_page(run, "/skipped.csv"));
	assert_non_null(strstr(r.body.p, "\"\"\"><script>2</script>\",'@abc,One of its"));
	r = browse(&b, run_page(run, "/failed.csv"));
	assert_non_null(strstr(r.body.p, "Harbour Cafe,"));
	assert_non_null(strstr(r.body.p, ",Busy,https://xpm.example/1\r\n"));
	assert_null(strstr(r.body.p, "script"));
	r = browse(&b, run_page(run, "/log.csv"));
	assert_non_null(strstr(r.body.p, ",\"Applied all at once: 2 new"));
	sql_do("UPDATE sync_run SET asked_by_name = '=1+1' WHERE run_id = %lld",
		(long long)run);
	r = browse(&b, "/syncs.csv");
	assert_non_null(strstr(
		r.body.p, ",Manual,'=1+1,Complete with problems,2,0,0,0,1,1,60.000,3,\r\n"));
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'syncs.exported' AND result = 'ok'",
			(long long)f.org_id),
		6);
}

static void filters_of_the_list(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	(void)firm_run(&f, "complete");
	int64_t failed = firm_run(&f, "failed");
	sql_do("UPDATE sync_run SET trigger = 'scheduled', added = 0,"
	       " started_at = '2026-03-05 11:30Z', ended_at = '2026-03-05 11:31Z'"
	       " WHERE run_id = %lld",
		(long long)failed);
	const char *link = arena_printf(site.arena, "/syncs/%lld\"", (long long)failed);
	/* 6 March in Auckland. */
	static const char *const with[] = {"?result=failed", "?trigger=scheduled",
		"?from=2026-03-06&to=2026-03-06", "?result=&trigger=&from=&to=2026-03-06",
		"?result=failed&trigger=scheduled&from=2026-03-01&to=2026-03-31"};
	static const char *const without[] = {"?result=complete", "?trigger=manual",
		"?changed=1", "?to=2026-03-05", "?from=2026-03-07"};
	for (size_t i = 0; i < ARRAY_LEN(with); i++)
		assert_has(browse(&b, arena_printf(site.arena, "/syncs%s", with[i])), link);
	for (size_t i = 0; i < ARRAY_LEN(without); i++)
		assert_has_not(
			browse(&b, arena_printf(site.arena, "/syncs%s", without[i])), link);
	assert_has(browse(&b, "/syncs?result=held"), "No syncs match");
	struct fcgi_answer r = browse(&b, "/syncs?from=2026-13-01");
	assert_status(r, 422);
	assert_has(r, "Write dates like 2026-03-31.");
	assert_status(browse(&b, "/syncs?from=2026-03-07&to=2026-03-01"), 422);
	assert_goes(browse(&b, "/syncs?result=nonsense"), "/syncs");
	r = browse(&b, "/syncs?result=failed&from=2026-03-06");
	assert_has(r, "/syncs.csv?result=failed&amp;from=2026-03-06");
	r = browse(&b, "/syncs.csv?result=failed");
	assert_non_null(strstr(r.body.p, "Scheduled"));
	assert_null(strstr(r.body.p, "Manual"));
}

static void the_strip_says_how_things_stand(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	assert_has(browse(&b, "/syncs"), "Not connected");
	firm_connect(&f, "live", NULL);
	int64_t run = firm_run(&f, "complete");
	sql_do("INSERT INTO call_meter VALUES (%lld, now(), 5)", (long long)f.org_id);
	struct fcgi_answer r = browse(&b, "/syncs");
	assert_has(r, "In sync");
	assert_has(r, "The clients shown are those of Xero Practice Manager.");
	assert_has(r, "5 of 1,000");
	assert_has(r, "A sync takes about 3 calls; room for 298 more today.");
	sql_do("UPDATE sync_run SET skipped = 2, prospects = 5, state = 'problems' WHERE run_id ="
	       " %lld",
		(long long)run);
	r = browse(&b, "/syncs");
	assert_has(r, "Needs attention");
	assert_has(r, run_page(run, "/skipped"));
	sql_do("UPDATE sync_run SET skipped = 0, state = 'complete' WHERE run_id = %lld",
		(long long)run);
	sql_do("UPDATE connection SET last_success_at = now() - interval '27 hours' WHERE org_id ="
	       " %lld",
		(long long)f.org_id);
	assert_has(browse(&b, "/syncs"), "Stale");
	firm_connect(&f, "needs_reconnect", "sign_in");
	assert_has(browse(&b, "/syncs"), "Xero asks for a new sign-in.");
}

static void the_chart_has_sixty_bars_and_a_table(void **state)
{
	struct firm f;
	struct browser b;
	size_t bars = 0, rows = 0;
	(void)state;
	settle(&f, &b);
	(void)firm_run(&f, "complete");
	/* One run is no picture. */
	assert_has_not(browse(&b, "/syncs"), "Show these as a table");
	for (int i = 0; i < 69; i++)
		(void)firm_run(&f, i % 10 == 0 ? "failed" : "complete");
	struct fcgi_answer r = browse(&b, "/syncs");
	const char *body = r.body.p;
	for (const char *at = body; (at = strstr(at, "<g class=\"bar-of")) != NULL; at++)
		bars++;
	for (const char *at = body; (at = strstr(at, "<tr><th scope=\"row\"")) != NULL; at++)
		rows++;
	assert_int_equal(bars, 60);
	assert_int_equal(rows, 60);
	assert_non_null(strstr(body, "6 failed, 0 need a look; the longest took 1 min 0 s"));
	assert_null(strstr(body, "style="));
	/* The newest stands at the right edge. */
	assert_non_null(strstr(body, "x=\"708\""));
	assert_null(strstr(body, "x=\"720\""));
	assert_null(strstr(browse(&b, "/syncs?result=failed").body.p, "<g class=\"bar-of"));
}

static void the_history_has_pages(void **state)
{
	struct firm f;
	struct browser b;
	size_t rows = 0, pages = 0;
	(void)state;
	settle(&f, &b);
	sql_do("INSERT INTO sync_run (org_id, trigger, state, ended_at) SELECT %lld, 'scheduled',"
	       " 'complete', now() FROM generate_series(1, 75)",
		(long long)f.org_id);
	for (const char *uri = "/syncs"; uri != NULL && pages < 9; pages++) {
		struct fcgi_answer r = browse(&b, uri);
		assert_status(r, 200);
		for (const char *at = r.body.p;
			(at = strstr(at, "data-label=\"Started\"")) != NULL; at++)
			rows++;
		const char *older = strstr(r.body.p, "href=\"/syncs?before=");
		uri = older == NULL
			      ? NULL
			      : arena_strndup(site.arena, older + 6, strcspn(older + 6, "\""));
	}
	assert_int_equal(pages, 3);
	assert_int_equal(rows, 75);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_history_lists_runs),
		SITE_TEST(a_run_tells_what_it_did),
		SITE_TEST(changes_are_filtered_and_paged),
		SITE_TEST(links_carry_the_longest_words_whole),
		SITE_TEST(files_hold_what_the_tabs_show),
		SITE_TEST(filters_of_the_list),
		SITE_TEST(the_strip_says_how_things_stand),
		SITE_TEST(the_chart_has_sixty_bars_and_a_table),
		SITE_TEST(the_history_has_pages),
	};
	return site_run(tests);
}
