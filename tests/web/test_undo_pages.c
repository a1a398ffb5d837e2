/* Undoing a sync and the list as it was, as pages: who may, what is said, and what is asked of the worker. */
#include "support/site_test.h"

static void a_changed_list(struct firm *f, struct browser *b, int64_t *client_r, int64_t *run_r)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	firm_connect(f, "live", NULL);
	*client_r = firm_client(f, "Alder", true);
	*run_r = firm_run(f, "complete");
	/* As the apply leaves it: the row before, and the moment. */
	sql_do("UPDATE sync_run SET tenant_id = '%s', applied_at = now() - interval '1 hour', added = 1"
	       " WHERE run_id = %lld",
		SITE_TENANT, (long long)*run_r);
	sql_do("UPDATE client SET created_at = (SELECT applied_at FROM sync_run WHERE run_id = %lld)"
	       " WHERE client_id = %lld",
		(long long)*run_r, (long long)*client_r);
	sql_do("UPDATE contact SET created_at = now() - interval '1 hour' WHERE org_id = %lld",
		(long long)f->org_id);
	sql_do("UPDATE client_contact SET created_at = (SELECT applied_at FROM sync_run WHERE run_id = %lld)"
	       " WHERE org_id = %lld",
		(long long)*run_r, (long long)f->org_id);
	*b = (struct browser){0};
	browser_enter(b, &f->admin, 2);
}

static const char *at(const char *before, int64_t id, const char *after)
{
	return arena_printf(site.arena, "%s%lld%s", before, (long long)id, after);
}

static int64_t told_of(const struct firm *f, const char *event)
{
	return sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = '%s'",
		(long long)f->org_id, event);
}

static void an_admin_undoes_a_sync(void **state)
{
	struct firm f;
	struct browser b, m = {0};
	int64_t client, run;
	(void)state;
	a_changed_list(&f, &b, &client, &run);
	browser_enter(&m, &f.member, 2);
	assert_has(browse(&b, at("/syncs/", run, "")), "Undo this sync</a>");
	assert_has_not(browse(&m, at("/syncs/", run, "")), "Undo this sync</a>");
	struct fcgi_answer r = browse(&b, at("/syncs/", run, "/undo"));
	assert_status(r, 200);
	assert_has(r, "Alder");
	assert_has(r, "Will be archived, since that sync added it");
	assert_goes(submit(&b, at("/syncs/", run, "/undo"), ""), at("/syncs/", run, "/undo"));
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'undo' AND org_id = %lld",
			(long long)f.org_id),
		1);
	assert_has(browse(&b, at("/syncs/", run, "/undo")), "Undoing this sync");
	/* Pressed twice, one is asked for. */
	assert_status(submit(&b, at("/syncs/", run, "/undo"), ""), 409);
	assert_int_equal(told_of(&f, "sync.undo_asked"), 1);
	sql_do("DELETE FROM job WHERE org_id = %lld", (long long)f.org_id);
	sql_do("UPDATE sync_run SET state = 'undone' WHERE run_id = %lld", (long long)run);
	r = submit(&b, at("/syncs/", run, "/undo"), "");
	assert_status(r, 409);
	assert_has(r, "This sync has been undone already.");
}

static void a_hold_is_shown_and_lifted(void **state)
{
	struct firm f;
	struct browser b, m = {0};
	int64_t client, run;
	(void)state;
	a_changed_list(&f, &b, &client, &run);
	browser_enter(&m, &f.member, 2);
	sql_do("UPDATE client SET held_run = %lld, fingerprint = '\\x01' WHERE client_id = %lld",
		(long long)run, (long long)client);
	assert_has(browse(&b, "/clients"), "Held after undo");
	assert_has(browse(&b, at("/clients/", client, "")), "Lift the hold</button>");
	struct fcgi_answer r = browse(&m, at("/clients/", client, ""));
	assert_has(r, "Held after undo");
	assert_has_not(r, "Lift the hold</button>");
	assert_goes(
		submit(&b, at("/clients/", client, "/lift"), ""), at("/clients/", client, ""));
	assert_int_equal(
		sql_int("SELECT count(*) FROM client WHERE client_id = %lld AND held_run IS"
			" NULL AND fingerprint IS NULL",
			(long long)client),
		1);
	assert_int_equal(told_of(&f, "hold.lifted"), 1);
	assert_has_not(browse(&b, "/clients"), "Held after undo");
}

static void the_list_as_it_was(void **state)
{
	static const struct {
		const char *on, *says;
	} bad[] = {
		{"2026-02-30", "Enter a day as year-month-day"},
		{"yesterday", "Enter a day as year-month-day"},
		{"2026-1-03", "Enter a day as year-month-day"},
		{"9999-12-31", "That day is still to come."},
		{"2001-01-01", "That day is too long ago. The history reaches back to"},
	};
	struct firm f;
	struct browser b;
	int64_t client, run;
	(void)state;
	a_changed_list(&f, &b, &client, &run);
	assert_has(browse(&b, "/clients/as-at"), "Choose a day");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct fcgi_answer r =
			browse(&b, arena_printf(site.arena, "/clients/as-at?on=%s", bad[i].on));
		assert_status(r, 422);
		assert_has(r, bad[i].says);
	}
	const char *today =
		sql_text("SELECT to_char(now() AT TIME ZONE time_zone, 'YYYY-MM-DD')"
			 " FROM organisation WHERE org_id = %lld",
			(long long)f.org_id);
	struct fcgi_answer r =
		browse(&b, arena_printf(site.arena, "/clients/as-at?on=%s", today));
	assert_status(r, 200);
	assert_has(r, "The list as it was on");
	assert_has(r, "Alder");
	/* What stands around it is no part of a header. */
	struct fcgi_answer odd = browse(
		&b, arena_printf(site.arena, "/clients/as-at.csv?on=%%20%s%%0D%%0A", today));
	assert_status(odd, 200);
	assert_non_null(strstr(
		odd.head, arena_printf(site.arena, "filename=\"clients-%s.csv\"\r\n", today)));
	assert_has(browse(&b, arena_printf(site.arena, "/clients/as-at.csv?on=%s", today)),
		"Alder");
	assert_has(browse(&b, arena_printf(site.arena, "/clients/%lld/as-at?on=%s",
				      (long long)client, today)),
		"Contact of Alder");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(an_admin_undoes_a_sync),
		SITE_TEST(a_hold_is_shown_and_lifted),
		SITE_TEST(the_list_as_it_was),
	};
	return site_run(tests);
}
