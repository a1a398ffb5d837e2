/* "Add clients" becomes "Update Xero Clients", and what pressing it does. */
#include "support/site_test.h"

enum { CROWD = 50 };

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->member);
	person_enrol(&f->admin);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
}

static int64_t jobs_of(const struct firm *f)
{
	return sql_int("SELECT count(*) FROM job WHERE org_id = %lld AND kind = 'sync'",
		(long long)f->org_id);
}

static void the_button_swaps(void **state)
{
	static const struct {
		const char *state, *cause;
		bool add, update;
	} cases[] = {
		{"not_connected", NULL, true, false},
		{"not_connected", "disconnected", true, false},
		{"connecting", NULL, true, false},
		{"first_import", NULL, false, false},
		{"live", NULL, false, true},
		{"degraded", "sync_failed", false, true},
		{"held", "brake", false, true},
		{"needs_reconnect", "sign_in", false, false},
	};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		firm_connect(&f, cases[i].state, cases[i].cause);
		struct fcgi_answer r = browse(&b, "/clients");
		assert_int_equal(answer_holds(&r, ">Add clients</a>"), cases[i].add);
		assert_int_equal(
			answer_holds(&r, ">Update Xero Clients</button>"), cases[i].update);
		assert_int_equal(browse(&b, "/clients/new").status, cases[i].add ? 200 : 409);
	}
}

static void the_list_says_where_it_comes_from(void **state)
{
	struct firm f;
	struct browser b, a = {0};
	(void)state;
	settle(&f, &b);
	browser_enter(&a, &f.admin, 2);
	struct fcgi_answer r = browse(&b, "/clients");
	assert_has(r, "No clients yet");
	assert_has_not(r, "Connect Xero Practice Manager</a>");
	assert_has(browse(&a, "/clients"), "Connect Xero Practice Manager</a>");
	firm_connect(&f, "first_import", NULL);
	assert_has(browse(&b, "/clients"), "Importing clients from Xero Practice Manager.");
	firm_connect(&f, "live", NULL);
	r = browse(&b, "/clients");
	assert_has(r, "No clients came from XPM");
	assert_has(r, "Harbour Practice");
	(void)firm_client(&f, "One", true);
	r = browse(&b, "/clients");
	assert_has(r, "Synced from Xero Practice Manager.");
	assert_has(r, "Records are view only.");
	assert_has(r, "Last sync");
	/* Held right after a reconnect: what a disconnect made editable still is. */
	firm_connect(&f, "held", "edits");
	assert_has(browse(&b, "/clients"), "Records are view only.");
	sql_do("UPDATE connection SET connected_at = now() WHERE org_id = %lld",
		(long long)f.org_id);
	r = browse(&b, "/clients");
	assert_has_not(r, "Records are view only.");
	assert_has(r, "The changes have to be reviewed first.");
}

static void pressing_starts_one_sync(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	struct fcgi_answer r = submit(&b, "/syncs", "");
	assert_status(r, 303);
	assert_int_equal(strncmp(answer_location(&r), "/clients?watch=", 15), 0);
	assert_has(browse(&b, "/clients"), "Sync started");
	assert_int_equal(jobs_of(&f), 1);
	const char *job = sql_text(
		"SELECT payload || single FROM job WHERE org_id = %lld", (long long)f.org_id);
	assert_non_null(strstr(job, "\"trigger\": \"manual\""));
	assert_non_null(strstr(job, "\"name\": \"Max Member\""));
	assert_non_null(
		strstr(job, arena_printf(site.arena, "sync:%lld", (long long)f.org_id)));
	/* Again, while it waits. */
	assert_status(submit(&b, "/syncs", ""), 303);
	assert_has(browse(&b, "/clients"), "A sync is already running.");
	assert_int_equal(jobs_of(&f), 1);
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'sync.asked'",
			(long long)f.org_id),
		1);
}

static void a_run_under_way_is_followed(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	int64_t run =
		sql_int("INSERT INTO sync_run (org_id, trigger) VALUES (%lld, 'scheduled')"
			" RETURNING run_id",
			(long long)f.org_id);
	sql_do("UPDATE connection SET last_run_id = %lld WHERE org_id = %lld", (long long)run,
		(long long)f.org_id);
	struct fcgi_answer r = browse(&b, "/clients");
	assert_has(r, "disabled>Updating...</button>");
	assert_has(r, "http-equiv=\"refresh\"");
	r = submit(&b, "/syncs", "");
	assert_goes(r, arena_printf(site.arena, "/clients?watch=%lld", (long long)run));
	assert_has(browse(&b, answer_location(&r)), "A sync is already running.");
	assert_int_equal(jobs_of(&f), 0);
}

static void the_cool_down_is_a_timer(void **state)
{
	struct firm f;
	struct browser b;
	int64_t seconds = 0;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	(void)firm_client(&f, "Still here", true);
	sql_do("UPDATE connection SET manual_ended_at = now() - interval '48 seconds' WHERE org_id ="
	       " %lld",
		(long long)f.org_id);
	assert_has(browse(&b, "/clients"), "Update available in 4:");
	struct fcgi_answer r = submit(&b, "/syncs", "");
	assert_status(r, 429);
	assert_has(r, "Available in 4:");
	assert_has(r, "Still here");
	assert_true(str_to_i64(
		str_of(fcgi_answer_header(site.arena, &r, "Retry-After")), &seconds));
	assert_in_range(seconds, 245, 252);
	assert_int_equal(jobs_of(&f), 0);
	sql_do("UPDATE connection SET manual_ended_at = now() - interval '301 seconds' WHERE org_id"
	       " = %lld",
		(long long)f.org_id);
	assert_status(submit(&b, "/syncs", ""), 303);
	assert_int_equal(jobs_of(&f), 1);
}

static void nothing_to_sync_is_refused_with_the_reason(void **state)
{
	static const char *const cases[][3] = {
		{"not_connected", NULL, "Xero Practice Manager is not connected."},
		{"connecting", NULL, "Xero Practice Manager is not connected."},
		{"disconnecting", "disconnected", "Xero Practice Manager is not connected."},
		{"needs_reconnect", "sign_in", "An admin has to reconnect it"},
	};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		firm_connect(&f, cases[i][0], cases[i][1]);
		struct fcgi_answer r = submit(&b, "/syncs", "");
		assert_status(r, 409);
		assert_has(r, cases[i][2]);
		assert_int_equal(jobs_of(&f), 0);
	}
}

/* ASVS 2.3.4. */
static void of_parallel_presses_one_starts_it(void **state)
{
	struct firm f;
	struct browser b, crowd[CROWD];
	struct fcgi_answer r[CROWD];
	(void)state;
	for (int round = 0; round < site_race_rounds(); round++) {
		settle(&f, &b);
		firm_connect(&f, "live", NULL);
		for (size_t i = 0; i < CROWD; i++)
			crowd[i] = b;
		sql_hold(200,
			arena_printf(site.arena, "SELECT 1 FROM session WHERE %s FOR UPDATE",
				browser_session(&b)));
		ask_at_once(crowd, CROWD, "POST", "/syncs", "", r);
		for (size_t i = 0; i < CROWD; i++)
			assert_status(r[i], 303);
		assert_int_equal(jobs_of(&f), 1);
		assert_int_equal(
			sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND"
				" event = 'sync.asked'",
				(long long)f.org_id),
			1);
	}
}

static void the_bar_tells_how_it_ended(void **state)
{
	static const struct {
		const char *state, *set, *text, *role;
	} cases[] = {
		{"complete", "added = 1200, changed = 3, archived = 1",
			"Sync complete. Refresh to see updated clients. 1,200 new, 3 updated, 1 "
			"archived.",
			"status"},
		{"complete", "added = 0", "Sync complete. Nothing has changed.", "status"},
		{"failed", "cause_text = 'Xero is not answering.'",
			"The sync did not finish. Xero is not answering. No client was changed.",
			"alert"},
		{"held", "cause_text = 'Sync paused: 1,200 clients would be archived.'",
			"Sync paused: 1,200 clients would be archived. An admin has to review the "
			"changes.",
			"alert"},
	};
	struct firm f;
	struct browser b;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		settle(&f, &b);
		firm_connect(&f, "live", NULL);
		int64_t run = firm_run(&f, cases[i].state);
		sql_do("UPDATE sync_run SET %s WHERE org_id = %lld", cases[i].set,
			(long long)f.org_id);
		struct fcgi_answer r = browse(
			&b, arena_printf(site.arena, "/clients?watch=%lld", (long long)run));
		assert_has(r, cases[i].text);
		assert_has(r, arena_printf(site.arena, "role=\"%s\"", cases[i].role));
		assert_has(r, ">Refresh</a>");
		/* A run that is still to come, and nobody who waits. */
		r = browse(&b,
			arena_printf(site.arena, "/clients?watch=%lld", (long long)run + 1));
		assert_has_not(r, "Sync complete");
		assert_has(r, "data-every=\"1\"");
		r = browse(&b, "/clients");
		assert_has_not(r, "Sync complete");
		assert_has(r, "data-every=\"5\"");
	}
}

static void the_key_of_the_poll_changes_with_the_data(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *before = str_dup(site.arena, browse(&b, "/clients/status").body);
	assert_true(str_is(browse(&b, "/clients/status").body, before));
	assert_status(submit(&b, "/clients/new", "name=New+one&status=client"), 303);
	assert_false(str_is(browse(&b, "/clients/status").body, before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_button_swaps),
		SITE_TEST(the_list_says_where_it_comes_from),
		SITE_TEST(pressing_starts_one_sync),
		SITE_TEST(a_run_under_way_is_followed),
		SITE_TEST(the_cool_down_is_a_timer),
		SITE_TEST(nothing_to_sync_is_refused_with_the_reason),
		SITE_TEST(of_parallel_presses_one_starts_it),
		SITE_TEST(the_bar_tells_how_it_ended),
		SITE_TEST(the_key_of_the_poll_changes_with_the_data),
	};
	return site_run(tests);
}
