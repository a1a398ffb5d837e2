/* What goes wrong on the way, and what it makes of run and connection. Numbers: connection states of core/connection.h. */
#include "support/sync_world.h"

static const char manual[] = "{\"trigger\":\"manual\",\"user\":1,\"name\":\"Ada\"}";

static void live_with_three(void)
{
	for (int i = 1; i <= 3; i++)
		stub_contact(stub_client(g.x, i, arena_printf(g.home, "Client %d", i)), i,
			"Ann", "ann@example.com")
			->primary = true;
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
}

static void script(enum xero_trouble t, int retry_after_s, size_t times)
{
	g.x->step = 0;
	g.x->steps = times;
	for (size_t i = 0; i < times; i++)
		g.x->script[i] =
			(struct stub_step){.trouble = t, .retry_after_s = retry_after_s};
}

static void nothing_changed(void)
{
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE archived_at IS NULL"), 3);
	assert_int_equal(
		db_number("SELECT count(*) FROM client_change WHERE field <> 'client'"), 0);
}

/* Three tries in a run, then the run failed and is repeated after 5 minutes. */
static void fault_21_39_three_tries_then_failed_5_to_6(void **state)
{
	(void)state;
	live_with_three();
	stub_find(g.x, 1)->name = "Other";
	script(XERO_DOWN, -1, 2);
	assert_string_equal(world_sync(manual), "complete");
	assert_int_equal(world_run("calls"), 3);
	stub_find(g.x, 1)->name = "Client 1";
	assert_string_equal(world_sync(manual), "complete");
	(void)db_do("DELETE FROM client_change WHERE field <> 'client'");
	script(XERO_DOWN, -1, 3);
	assert_string_equal(world_sync(manual), "failed");
	nothing_changed();
	assert_string_equal(world_connection("state"), "degraded");
	assert_string_equal(world_connection("failures"), "1");
	assert_int_equal(
		db_number("SELECT count(*) FROM notice WHERE kind = 'sync_failed'"), 1);
	assert_string_equal(db_ask("SELECT payload FROM job WHERE kind = 'sync'"),
		"{\"trigger\":\"retry\",\"attempt\":1}");
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'sync'"),
		295, 300);
}

static void the_third_failure_mails_once_and_healing_too(void **state)
{
	(void)state;
	live_with_three();
	for (int i = 0; i < 4; i++) {
		script(XERO_DOWN, -1, 3);
		assert_string_equal(
			world_sync("{\"trigger\":\"retry\",\"attempt\":1}"), "failed");
	}
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE payload LIKE '%sync_failing%'"), 1);
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM notice WHERE body LIKE 'Clients not updated since 2%'"),
		1);
	assert_string_equal(world_sync(manual), "complete");
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(world_connection("failures"), "0");
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE payload LIKE '%sync_healed%'"), 1);
	assert_null(world_connection("cause"));
}

/* One refresh, one more try, which is none of the three. */
static void fault_24_a_401_refreshes_once(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_TOKEN, -1, 1);
	assert_string_equal(world_sync(manual), "complete");
	assert_int_equal(g.x->shared->refreshes, 1);
	assert_string_equal(g.x->last_access, "access-1");
}

static void fault_25_a_second_401_needs_a_sign_in_5_to_8(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_TOKEN, -1, 2);
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "sign_in");
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE kind = 'sync'"), 0);
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE payload LIKE '%reconnect%'"), 1);
	nothing_changed();
	/* No retry storm: a job that comes all the same does nothing. */
	int lists = g.x->lists;
	world_queue("sync", manual);
	(void)world_work();
	assert_int_equal(g.x->lists, lists);
}

static void a_dead_grant_needs_a_sign_in(void **state)
{
	(void)state;
	live_with_three();
	g.x->shared->pair = 7;
	(void)db_do("UPDATE xero_grant SET access_ends_at = now()");
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("cause"), "sign_in");
	assert_int_equal(g.x->shared->dead, 1);
}

static void missing_scope_asks_for_consent(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_SCOPE, -1, 1);
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "scopes");
	assert_int_equal(g.x->shared->refreshes, 0);
}

/* 403 while the practice is still listed. */
static void fault_26_forbidden_and_listed_is_a_permission(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_FORBIDDEN, -1, 1);
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "permission");
	assert_int_equal(g.x->connections, 1);
	nothing_changed();
}

/* Fault 65: 403 and no longer listed: removed in Xero. Local end, records editable, data kept. */
static void fault_65_forbidden_and_not_listed_is_the_end_5_to_1(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_FORBIDDEN, -1, 1);
	g.x->n_tenants = 0;
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("state"), "not_connected");
	assert_string_equal(world_connection("cause"), "removed_in_xero");
	assert_null(world_connection("tenant_id"));
	assert_int_equal(
		db_number("SELECT count(*) FROM organisation WHERE active_tenant IS NOT NULL"),
		0);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant"), 0);
	assert_int_equal(db_number("SELECT count(*) FROM tenant_claim"), 0);
	nothing_changed();
}

static void fault_22_a_short_limit_is_waited_for(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_MINUTE, 2, 1);
	(void)db_do("DELETE FROM xero_budget");
	g.w.nap_divisor = 1;
	assert_string_equal(world_sync(manual), "complete");
	assert_int_equal(world_run("calls"), 2);
}

static void fault_23_a_long_limit_postpones(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_DAY, 7200, 1);
	/* Far from the next slot, so that the repeat comes first. */
	g.now = schedule_last(&g.set.schedule, "Pacific/Auckland", d.org, 1763800000) + 60;
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("state"), "degraded");
	assert_string_equal(world_connection("cause"), "limit");
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'sync'"),
		7190, 7200);
	/* All calls to the practice wait. */
	int lists = g.x->lists;
	g.keep_budget = true;
	assert_string_equal(world_sync(manual), "failed");
	assert_int_equal(g.x->lists, lists);
}

/* A 503 that says when is believed: a moment is waited for, an hour is the repeat's. */
static void a_503_may_say_when(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_DOWN, 2, 1);
	assert_string_equal(world_sync(manual), "complete");
	assert_int_equal(world_run("calls"), 2);
	script(XERO_DOWN, 3600, 1);
	g.now = schedule_last(&g.set.schedule, "Pacific/Auckland", d.org, 1763800000) + 60;
	assert_string_equal(world_sync(manual), "failed");
	assert_int_equal(world_run("calls"), 1);
	assert_string_equal(world_connection("cause"), "sync_failed");
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'sync'"),
		3590, 3600);
}

static void the_day_budget_keeps_a_reserve_for_scheduled_runs(void **state)
{
	(void)state;
	live_with_three();
	g.set.day_budget = 10;
	g.keep_budget = true;
	(void)db_do("UPDATE xero_budget SET day_calls = 9, next_at = now()");
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("cause"), "limit");
	assert_string_equal(world_sync("{\"trigger\":\"scheduled\"}"), "complete");
	assert_string_equal(world_sync("{\"trigger\":\"scheduled\"}"), "failed");
	g.set.day_budget = 1000;
}

static void fault_27_a_404_on_the_list_is_no_empty_list(void **state)
{
	(void)state;
	live_with_three();
	script(XERO_GONE, -1, 1);
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("state"), "degraded");
	nothing_changed();
}

/* Fault 57: the operator's, nobody has to reconnect. */
static void fault_57_our_own_configuration_is_nobodys_reconnect(void **state)
{
	(void)state;
	live_with_three();
	g.x->shared->config_next = 5;
	(void)db_do("UPDATE xero_grant SET access_ends_at = now()");
	assert_string_equal(world_sync(manual), "failed");
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(world_connection("cause"), "config");
	g.x->shared->config_next = 0;
	(void)db_do("UPDATE xero_grant SET cool_until = NULL");
	assert_string_equal(world_sync(manual), "complete");
	assert_null(world_connection("cause"));
}

static void bad_documents_fail_the_run(void **state)
{
	/* Faults 28 to 31, 33, 34, 43. */
	static const struct {
		const char *media_type, *charset, *raw;
	} bad[] = {
		{"text/html", "utf-8", "<html><body>Down for maintenance</body></html>"},
		{"text/xml", "utf-8", "<html><body>Down for maintenance</body></html>"},
		{"", "", "<Response><Status>OK</Status><Clients /></Response>"},
		{"text/xml", "utf-16", "<Response><Status>OK</Status><Clients /></Response>"},
		{"text/xml", "utf-8", ""},
		{"text/xml", "utf-8", "<Response><Status>OK</Status></Response>"},
		{"text/xml", "utf-8", "<Response><Clients /></Response>"},
		{"text/xml", "utf-8", "<Response><Status>OK</Status><Clients>"},
		{"text/xml", "utf-8",
			"<Response><Status>ERROR</Status><ErrorDescription>No.</ErrorDescription></Response>"},
		{"text/xml", "utf-8",
			"<!DOCTYPE a><Response><Status>OK</Status><Clients /></Response>"},
		{"text/xml", "utf-8",
			"<Response><Status>OK</Status><Clients><Client><Name>\xff</Name></Client></Clients></Response>"},
		{"application/json", "utf-8", "{\"status\":\"OK\"}"},
		{"application/json", "utf-8", "[]"},
		{"application/json", "utf-8", "{\"status\":\"ERROR\",\"clients\":[]}"},
	};
	(void)state;
	live_with_three();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		g.x->media_type = bad[i].media_type;
		g.x->charset = bad[i].charset;
		g.x->raw = bad[i].raw;
		assert_string_equal(world_sync(manual), "failed");
		nothing_changed();
	}
	g.x->raw = NULL;
	g.x->media_type = "text/xml";
	g.x->charset = "utf-8";
	assert_string_equal(world_sync(manual), "complete");
}

/* S9, at the level of a run: cut short, whole as far as the transport knows. */
static void fault_31_a_list_cut_anywhere_changes_nothing(void **state)
{
	struct str whole;
	live_with_three();
	for (int i = 1; i <= 3; i++)
		stub_find(g.x, i)->name = arena_printf(*state, "Renamed %d", i);
	whole = stub_document(*state, g.x);
	for (size_t cut = 0; cut < whole.n; cut += 61) {
		g.x->cut = cut;
		assert_string_equal(world_sync(manual), "failed");
	}
	g.x->cut = whole.n - 1;
	assert_string_equal(world_sync(manual), "failed");
	nothing_changed();
	g.x->cut = SIZE_MAX;
	assert_string_equal(world_sync(manual), "complete");
}

static void a_list_that_breaks_off_is_tried_again(void **state)
{
	(void)state;
	live_with_three();
	stub_find(g.x, 3)->name = "Renamed";
	g.x->piece = 50;
	g.x->steps = 1;
	g.x->step = 0;
	g.x->script[0] = (struct stub_step){.trouble = XERO_FINE, .break_off = true};
	assert_string_equal(world_sync(manual), "complete");
	assert_int_equal(world_run("changed"), 1);
	assert_int_equal(world_run("seen"), 3);
	assert_int_equal(world_run("calls"), 2);
}

/* A list that leaves the contacts out is not one of clients without contacts. */
static void a_list_without_contacts_takes_none_away(void **state)
{
	struct buf b;
	live_with_three();
	buf_init(&b, *state, 65536);
	buf_adds(&b, "<Response><Status>OK</Status><Clients>");
	for (int i = 1; i <= 10; i++)
		buf_printf(&b, "<Client><UUID>%s</UUID><Name>Client %d</Name></Client>",
			stub_uuid(NULL, 'c', i), i);
	buf_adds(&b, "</Clients></Response>");
	g.x->raw = b.data;
	assert_string_equal(world_sync(manual), "failed");
	nothing_changed();
	assert_int_equal(db_number("SELECT count(*) FROM contact"), 3);
}

static void disconnect(struct stub_xero *s)
{
	(void)s;
	(void)db_do("UPDATE connection SET state = 'disconnecting'");
}

/* Fault 66: nothing is written after a disconnect. */
static void fault_66_a_disconnect_during_a_run_ends_it(void **state)
{
	(void)state;
	live_with_three();
	stub_find(g.x, 1)->name = "Renamed";
	g.x->during = disconnect;
	assert_string_equal(world_sync(manual), "interrupted");
	nothing_changed();
	assert_string_equal(world_connection("state"), "disconnecting");
}

static void change_tenant(struct stub_xero *s)
{
	(void)s;
	(void)db_do(arena_printf(
		g.home, "UPDATE connection SET tenant_id = '%s'", stub_uuid(NULL, 't', 9)));
}

/* Fault 63: data of two practices never mix. */
static void fault_63_another_practice_during_a_run_ends_it(void **state)
{
	(void)state;
	live_with_three();
	stub_find(g.x, 1)->name = "Renamed";
	g.x->during = change_tenant;
	assert_string_equal(world_sync(manual), "interrupted");
	nothing_changed();
}

/* Fault 12, 68: a run of a worker that died is taken over after a minute, not before. */
static void fault_12_a_dead_workers_run_is_taken_over(void **state)
{
	(void)state;
	live_with_three();
	(void)db_do(arena_printf(g.home,
		"INSERT INTO sync_run (org_id, trigger, tenant_id) VALUES (1001, 'manual', '%s')",
		stub_uuid(NULL, 't', 1)));
	int lists = g.x->lists;
	(void)world_sync("{\"trigger\":\"retry\",\"attempt\":1}");
	assert_int_equal(g.x->lists, lists);
	assert_int_equal(db_number("SELECT count(*) FROM sync_run WHERE state = 'running'"), 1);
	(void)db_do(
		"UPDATE sync_run SET beat_at = now() - interval '2 minutes' WHERE state = 'running'");
	assert_string_equal(world_sync("{\"trigger\":\"retry\",\"attempt\":1}"), "complete");
	assert_int_equal(
		db_number("SELECT count(*) FROM sync_run WHERE state = 'interrupted'"), 1);
}

static void taken_over(struct stub_xero *s)
{
	(void)s;
	(void)db_do("UPDATE sync_run SET state = 'interrupted' WHERE state = 'running'");
}

/* The one that was taken for dead finds out at its apply. */
static void a_run_that_was_taken_over_writes_nothing(void **state)
{
	(void)state;
	live_with_three();
	stub_find(g.x, 1)->name = "Renamed";
	g.x->during = taken_over;
	assert_string_equal(world_sync(manual), "interrupted");
	nothing_changed();
	assert_string_equal(world_connection("state"), "live");
}

static void first_import_that_fails_says_so_4(void **state)
{
	(void)state;
	(void)stub_client(g.x, 1, "Client 1");
	script(XERO_DOWN, -1, 3);
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "failed");
	assert_string_equal(world_connection("state"), "first_import");
	assert_string_equal(world_connection("cause"), "first_failed");
	assert_int_equal(
		db_number("SELECT count(*) FROM organisation WHERE active_tenant IS NOT NULL"),
		0);
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE kind = 'slot'"), 1);
	assert_string_equal(world_sync("{\"trigger\":\"retry\",\"attempt\":1}"), "complete");
	assert_string_equal(world_connection("state"), "live");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_21_39_three_tries_then_failed_5_to_6),
		WORLD_TEST(the_third_failure_mails_once_and_healing_too),
		WORLD_TEST(fault_24_a_401_refreshes_once),
		WORLD_TEST(fault_25_a_second_401_needs_a_sign_in_5_to_8),
		WORLD_TEST(a_dead_grant_needs_a_sign_in),
		WORLD_TEST(missing_scope_asks_for_consent),
		WORLD_TEST(fault_26_forbidden_and_listed_is_a_permission),
		WORLD_TEST(fault_65_forbidden_and_not_listed_is_the_end_5_to_1),
		WORLD_TEST(fault_22_a_short_limit_is_waited_for),
		WORLD_TEST(fault_23_a_long_limit_postpones),
		WORLD_TEST(a_503_may_say_when),
		WORLD_TEST(the_day_budget_keeps_a_reserve_for_scheduled_runs),
		WORLD_TEST(fault_27_a_404_on_the_list_is_no_empty_list),
		WORLD_TEST(fault_57_our_own_configuration_is_nobodys_reconnect),
		WORLD_TEST(bad_documents_fail_the_run),
		WORLD_TEST(fault_31_a_list_cut_anywhere_changes_nothing),
		WORLD_TEST(a_list_that_breaks_off_is_tried_again),
		WORLD_TEST(a_list_without_contacts_takes_none_away),
		WORLD_TEST(fault_66_a_disconnect_during_a_run_ends_it),
		WORLD_TEST(fault_63_another_practice_during_a_run_ends_it),
		WORLD_TEST(fault_12_a_dead_workers_run_is_taken_over),
		WORLD_TEST(a_run_that_was_taken_over_writes_nothing),
		WORLD_TEST(first_import_that_fails_says_so_4),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
