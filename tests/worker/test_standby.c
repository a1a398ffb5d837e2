/* The standby: added, taking over, dropped; and handing over when who connected leaves. Cases: worker/standby.h. */
#include "store/standby.h"
#include "support/sync_cases.h"
#include "worker/standby.h"

static int64_t beth; /* another admin */

/* Connected by Ada through Xero log-in 1. */
static void connected(void)
{
	live();
	(void)db_do("DELETE FROM notice");
	(void)db_do("DELETE FROM app_user WHERE name = 'Beth'");
	(void)db_do(
		"UPDATE app_user SET status = 'active', role = 'admin' WHERE name = 'Ada Admin'");
	(void)db_do(arena_printf(g.home,
		"UPDATE connection SET connected_by = %lld, connected_by_name = 'Ada Admin'",
		(long long)d.admin));
	(void)db_do("INSERT INTO app_user (org_id, email, name, role) VALUES (1001,"
		    " 'beth@firm.example', 'Beth', 'admin')");
	beth = db_number("SELECT max(user_id) FROM app_user WHERE org_id = 1001");
	(void)db_do("DELETE FROM job");
}

/* Beth came back from Xero, signed in as Xero log-in `login`. */
static void signs_in(int login)
{
	long long now = (long long)time(NULL);
	g.x->scopes = "practicemanager.client.read offline_access";
	g.x->access_claims = arena_printf(g.home,
		"{\"xero_userid\":\"%s\",\"authentication_event_id\":\"%s\",\"exp\":%lld}",
		stub_uuid(NULL, 'u', login), stub_uuid(NULL, 'e', 2), now + 1800);
	g.x->id_claims = arena_printf(g.home,
		"{\"iss\":\"https://issuer.example\",\"aud\":\"the-client\",\"exp\":%lld,\"nbf\":%lld,"
		"\"nonce\":\"the-nonce\",\"sub\":\"x\",\"xero_userid\":\"%s\"}",
		now + 300, now, stub_uuid(NULL, 'u', login));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO oauth_attempt (state_hash, session_id, org_id, user_id, nonce, verifier,"
		" code, stage, standby) VALUES (sha256(random()::text::bytea), 1, 1001, %lld,"
		" 'the-nonce', 'the-verifier', 'the-code', 'returned', true)",
		(long long)beth));
	world_queue("standby",
		arena_printf(g.home, "{\"attempt\":%lld}",
			(long long)db_number("SELECT max(attempt_id) FROM oauth_attempt")));
	step();
}

static void first_dies(void)
{
	(void)db_do(arena_printf(g.home,
		"UPDATE xero_grant SET dead_at = now() WHERE grant_id = %lld",
		(long long)g.grant_id));
}

static void taken_over(void)
{
	assert_string_equal(world_connection("connected_by_name"), "Beth");
	assert_null(world_connection("standby_grant_id"));
	assert_int_equal(count("grant_use"), 1);
	assert_int_equal(count("connection c JOIN grant_use u ON u.grant_id = c.grant_id"), 1);
	assert_int_equal(world_audited("standby.took_over", "ok"), 1);
	assert_int_equal(
		count("notice WHERE body LIKE 'Beth''s Xero log-in has taken over%'"), 2);
	assert_int_equal(count("job WHERE kind = 'mail' AND payload LIKE '%\"standby\"%'"), 2);
}

static void added_by_another_log_in_1(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	assert_string_equal(world_connection("standby_name"), "Beth");
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(count("grant_use"), 2);
	assert_int_equal(count("xero_grant"), 2);
	assert_string_equal(db_ask("SELECT stage FROM oauth_attempt"), "done");
}

static void the_same_log_in_or_another_practice_is_refused_1(void **state)
{
	(void)state;
	connected();
	signs_in(1);
	assert_null(world_connection("standby_grant_id"));
	assert_string_equal(db_ask("SELECT stage FROM oauth_attempt"), "failed");
	/* Its tokens are those of the connection. */
	assert_int_equal(count("xero_grant"), 1);
	g.x->tenants[0].tenant = stub_uuid(NULL, 't', 3);
	signs_in(2);
	assert_string_equal(
		db_ask("SELECT cause FROM oauth_attempt ORDER BY attempt_id DESC LIMIT 1"),
		"no_practice");
	assert_int_equal(count("xero_grant"), 1);
	assert_int_equal(world_audited("standby.added", "refused"), 2);
}

static void a_run_goes_on_with_the_standby_3(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	first_dies();
	stub_find(g.x, 1)->name = "Renamed";
	assert_string_equal(world_sync(MANUAL), "complete");
	taken_over();
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(db_ask("SELECT name FROM client"), "Renamed");
	assert_int_equal(count("job WHERE payload LIKE '%\"reconnect\"%'"), 0);
}

static void the_daily_check_takes_over_3(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	first_dies();
	world_queue("check", "{}");
	step();
	taken_over();
	assert_string_equal(world_connection("state"), "live");
}

static void who_connected_leaves_3(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	(void)db_do(
		arena_printf(g.home, "UPDATE app_user SET role = 'member' WHERE user_id = %lld",
			(long long)d.admin));
	world_queue("handover", arena_printf(g.home, "{\"left\":%lld,\"name\":\"Ada Admin\"}",
					(long long)d.admin));
	step();
	assert_string_equal(world_connection("connected_by_name"), "Beth");
	assert_int_equal(world_audited("standby.took_over", "ok"), 1);
	assert_int_equal(count("xero_removal"), 1);
}

/* The list is refused once, that way. */
static void refused_once(enum xero_trouble trouble)
{
	g.x->script[0] = (struct stub_step){trouble, -1, false};
	g.x->steps = 1;
	g.x->step = 0;
}

static void a_refused_run_goes_on(enum xero_trouble trouble)
{
	connected();
	signs_in(2);
	refused_once(trouble);
	stub_find(g.x, 1)->name = "Renamed";
	assert_string_equal(world_sync(MANUAL), "complete");
	taken_over();
	assert_string_equal(world_connection("state"), "live");
	assert_null(world_connection("cause"));
	assert_string_equal(db_ask("SELECT name FROM client"), "Renamed");
	assert_int_equal(count("job WHERE payload LIKE '%\"reconnect\"%'"), 0);
}

static void without_permission_3(void **state)
{
	(void)state;
	a_refused_run_goes_on(XERO_FORBIDDEN);
}

static void with_fewer_scopes_3(void **state)
{
	(void)state;
	a_refused_run_goes_on(XERO_SCOPE);
}

static void removed_in_xero_for_the_first_one_3(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	refused_once(XERO_FORBIDDEN);
	g.x->unlisted_next = 1;
	assert_string_equal(world_sync(MANUAL), "complete");
	taken_over();
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(count("organisation WHERE active_tenant IS NOT NULL"), 1);
}

static void removed_in_xero_for_both(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	refused_once(XERO_FORBIDDEN);
	g.x->n_tenants = 0;
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "not_connected");
	assert_string_equal(world_connection("cause"), "removed_in_xero");
	assert_null(world_connection("standby_grant_id"));
	assert_int_equal(count("grant_use"), 0);
	assert_int_equal(world_audited("standby.took_over", "ok"), 0);
}

static void neither_has_the_permission(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	refused_once(XERO_FORBIDDEN);
	g.x->script[1] = g.x->script[0];
	g.x->steps = 2;
	assert_string_equal(world_sync(MANUAL), "failed");
	taken_over();
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "permission");
}

static void the_daily_check_misses_the_first_one_3(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	g.x->unlisted_next = 1;
	world_queue("check", "{}");
	step();
	taken_over();
	assert_string_equal(world_connection("state"), "live");
}

/* Lost while there was none; added since, or not to be asked then. */
static void the_daily_check_heals_with_the_standby_3(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	(void)db_do("UPDATE connection SET state = 'needs_reconnect', cause = 'permission'");
	refused_once(XERO_FORBIDDEN);
	world_queue("check", "{}");
	step();
	world_due("sync");
	step();
	taken_over();
	assert_string_equal(world_connection("state"), "live");
}

static void nobody_stands_by_4(void **state)
{
	(void)state;
	connected();
	(void)db_do(arena_printf(g.home,
		"UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)d.admin));
	const char *left = arena_printf(
		g.home, "{\"left\":%lld,\"name\":\"Ada Admin\"}", (long long)d.admin);
	world_queue("handover", left);
	step();
	assert_int_equal(
		count("notice WHERE body LIKE 'Choose a new connector: Ada Admin%'"), 1);
	assert_int_equal(count("job WHERE payload LIKE '%\"handover\"%' AND kind = 'mail'"), 1);
	assert_int_equal(count("audit_event WHERE event = 'handover.needed'"), 1);
	assert_string_equal(world_connection("state"), "live");
	/* Without a standby a dead grant is what it was before. */
	first_dies();
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
}

static void somebody_else_leaves(void **state)
{
	(void)state;
	connected();
	world_queue("handover",
		arena_printf(g.home, "{\"left\":%lld,\"name\":\"Beth\"}", (long long)beth));
	step();
	assert_int_equal(count("notice WHERE kind IN ('standby', 'handover')"), 0);
}

static void a_dead_standby_is_dropped_2(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	(void)db_do(arena_printf(g.home,
		"UPDATE xero_grant SET dead_at = now() WHERE grant_id <> %lld",
		(long long)g.grant_id));
	world_queue("check", "{}");
	step();
	assert_null(world_connection("standby_grant_id"));
	assert_int_equal(count("notice WHERE body LIKE '%Add a standby again%'"), 2);
	assert_string_equal(world_connection("connected_by_name"), "Ada Admin");
}

static void a_notice_isolates_the_name(void **state)
{
	const char *name = "\xD7\xA0\xD7\x95";
	(void)state;
	connected();
	(void)db_do(arena_printf(g.home, "UPDATE app_user SET name = '%s' WHERE user_id = %lld",
		name, (long long)beth));
	signs_in(2);
	world_queue("standby_remove", "{}");
	step();
	assert_int_equal(count(arena_printf(g.home,
				 "notice WHERE body = 'The standby by \xE2\x81\xA8%s"
				 "\xE2\x81\xA9 was removed.'",
				 name)),
		2);
}

static void removed_with_its_consent_5(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	world_queue("standby_remove", "{}");
	step();
	assert_int_equal(world_audited("standby.removed", "ok"), 1);
	assert_null(world_connection("standby_grant_id"));
	assert_int_equal(count("grant_use"), 1);
	world_due("remove");
	step();
	assert_int_equal(g.x->removes, 1);
	assert_int_equal(count("xero_grant"), 1);
}

static void a_disconnect_ends_both(void **state)
{
	(void)state;
	connected();
	signs_in(2);
	(void)db_do("UPDATE connection SET state = 'disconnecting', cause = 'disconnected'");
	world_queue("disconnect", "{\"choice\":\"edit\"}");
	step();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_null(world_connection("standby_grant_id"));
	assert_int_equal(count("grant_use"), 0);
	world_due("remove");
	(void)world_work();
	assert_int_equal(count("xero_grant"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(added_by_another_log_in_1),
		WORLD_TEST(the_same_log_in_or_another_practice_is_refused_1),
		WORLD_TEST(a_run_goes_on_with_the_standby_3),
		WORLD_TEST(the_daily_check_takes_over_3),
		WORLD_TEST(who_connected_leaves_3),
		WORLD_TEST(without_permission_3),
		WORLD_TEST(with_fewer_scopes_3),
		WORLD_TEST(removed_in_xero_for_the_first_one_3),
		WORLD_TEST(removed_in_xero_for_both),
		WORLD_TEST(neither_has_the_permission),
		WORLD_TEST(the_daily_check_misses_the_first_one_3),
		WORLD_TEST(the_daily_check_heals_with_the_standby_3),
		WORLD_TEST(nobody_stands_by_4),
		WORLD_TEST(somebody_else_leaves),
		WORLD_TEST(a_dead_standby_is_dropped_2),
		WORLD_TEST(a_notice_isolates_the_name),
		WORLD_TEST(removed_with_its_consent_5),
		WORLD_TEST(a_disconnect_ends_both),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
