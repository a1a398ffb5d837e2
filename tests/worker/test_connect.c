/* From a code to a connected practice, and every way it can end. Cases: worker/connect.h. */
#include "support/sync_cases.h"

#include "codec/json.h"
#include "store/connections.h"

static int64_t attempt;

static int begin(void **state)
{
	(void)world_begin(state);
	connect_claims("the-nonce");
	return 0;
}
#define CONNECT_TEST(f) cmocka_unit_test_setup_teardown((f), begin, world_end)

static void connect_once(void)
{
	attempt = connect_came_back(d.org, d.admin);
	step();
}

static void ended(const char *cause)
{
	assert_string_equal(world_connection("state"), "not_connected");
	assert_string_equal(world_connection("cause"), cause);
	assert_int_equal(world_audited("connection.refused", "refused"), 1);
	assert_string_equal(
		db_ask("SELECT stage FROM oauth_attempt ORDER BY attempt_id DESC LIMIT 1"),
		"failed");
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM oauth_attempt WHERE code IS NOT NULL OR verifier IS NOT NULL"),
		0);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant"), 0);
	assert_int_equal(db_number("SELECT count(*) FROM tenant_claim"), 0);
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE kind = 'sync'"), 0);
}

static void one_practice_is_taken_and_imported_5(void **state)
{
	(void)state;
	(void)stub_client(g.x, 1, "Alder");
	connect_once();
	assert_string_equal(g.x->last_verifier, "the-verifier");
	assert_string_equal(world_connection("state"), "first_import");
	assert_string_equal(world_connection("tenant_id"), stub_uuid(NULL, 't', 1));
	assert_string_equal(world_connection("connected_by_name"), "Ada Admin");
	assert_string_equal(db_ask("SELECT stage FROM oauth_attempt"), "done");
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM oauth_attempt WHERE code IS NOT NULL OR verifier IS NOT NULL"),
		0);
	assert_int_equal(db_number("SELECT count(*) FROM tenant_claim"), 1);
	/* What connecting asked Xero's API counts, too. */
	assert_int_equal(db_number("SELECT sum(calls) FROM call_meter"), g.x->connections);
	assert_int_equal(world_audited("connection.made", "ok"), 1);
	step();
	assert_int_equal(db_number("SELECT sum(calls) FROM call_meter"), g.x->connections + 1);
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(db_ask("SELECT trigger FROM sync_run"), "first");
	/* Only the others are asked for a second factor by mail. */
	assert_string_equal(
		db_ask("SELECT string_agg(u.name, ',') FROM job j JOIN app_user u ON j.payload LIKE '%\"user\":' || u.user_id || ',%' WHERE j.kind = 'mail'"),
		"Max Member");
}

static void the_same_job_again_does_nothing(void **state)
{
	(void)state;
	connect_once();
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, payload, due_at) VALUES (1001, 'connect', '{\"attempt\":%lld}', '2000-01-01')",
		(long long)attempt));
	step();
	assert_int_equal(g.x->exchanges, 1);
	assert_string_equal(world_connection("state"), "first_import");
}

static void fault_12_a_worker_that_died_with_the_code_ends_it(void **state)
{
	(void)state;
	attempt = connect_came_back(d.org, d.admin);
	(void)db_do("UPDATE oauth_attempt SET code = NULL, verifier = NULL");
	step();
	assert_int_equal(g.x->exchanges, 0);
	ended("expired");
}

static void ten_minutes_are_the_limit(void **state)
{
	(void)state;
	attempt = connect_came_back(d.org, d.admin);
	(void)db_do("UPDATE oauth_attempt SET ends_at = now() - interval '1 second'");
	step();
	assert_int_equal(g.x->exchanges, 0);
	assert_string_equal(world_connection("cause"), "expired");
}

static void a_refused_code_1(void **state)
{
	(void)state;
	g.x->exchange_fails = ERR_REFUSED;
	connect_once();
	ended("expired");
}

static void xero_is_down_1(void **state)
{
	(void)state;
	g.x->exchange_fails = ERR_UPSTREAM;
	connect_once();
	ended("xero_down");
}

/* Xero answers, and refuses: "not answering" would make the admin wait for nothing. */
static void the_list_is_refused(enum xero_trouble how)
{
	g.x->on_connections = how;
	connect_once();
	ended("scopes");
}

static void practices_are_forbidden_1(void **state)
{
	(void)state;
	the_list_is_refused(XERO_FORBIDDEN);
}

static void practices_are_not_in_the_scope_1(void **state)
{
	(void)state;
	the_list_is_refused(XERO_SCOPE);
}

static void practices_do_not_come_1(void **state)
{
	(void)state;
	g.x->on_connections = XERO_DOWN;
	connect_once();
	ended("xero_down");
	/* Asked again before the admin is told. */
	assert_in_range(g.x->connections, 2, 4);
}

static void our_configuration_1(void **state)
{
	(void)state;
	g.x->exchange_fails = ERR_CONFIG;
	connect_once();
	ended("config");
}

static void another_nonce_1(void **state)
{
	(void)state;
	connect_claims("another-nonce");
	connect_once();
	ended("bad_sign_in");
}

static void no_id_token_1(void **state)
{
	(void)state;
	g.x->id_claims = NULL;
	connect_once();
	ended("bad_sign_in");
}

static void two_tokens_of_two_people_1(void **state)
{
	(void)state;
	g.x->access_claims =
		arena_printf(g.home, "{\"xero_userid\":\"%s\"}", stub_uuid(NULL, 'u', 2));
	connect_once();
	ended("bad_sign_in");
}

static void fault_62_fewer_scopes_2(void **state)
{
	(void)state;
	g.x->scopes = "openid offline_access";
	connect_once();
	assert_int_equal(g.x->removes, 1);
	ended("scopes");
}

static void no_refresh_token_2(void **state)
{
	(void)state;
	g.x->no_refresh_token = true;
	connect_once();
	ended("scopes");
}

static void no_practice_3(void **state)
{
	(void)state;
	g.x->tenants[0].type = "ORGANISATION";
	connect_once();
	/* What this consent added goes again. */
	assert_int_equal(g.x->removes, 1);
	ended("no_practice");
}

static void what_was_there_before_is_not_removed_3(void **state)
{
	(void)state;
	g.x->tenants[0].type = "ORGANISATION";
	g.x->tenants[0].added = false;
	connect_once();
	assert_int_equal(g.x->removes, 0);
	ended("no_practice");
}

static void fault_64_another_organisations_practice_4(void **state)
{
	(void)state;
	connect_once();
	(void)db_do("UPDATE connection SET org_id = 1002");
	(void)db_do("UPDATE tenant_claim SET org_id = 1002");
	(void)db_do("UPDATE grant_use SET org_id = 1002");
	(void)db_do("DELETE FROM job");
	connect_once();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_string_equal(world_connection("cause"), "practice_taken");
	assert_int_equal(db_number("SELECT count(*) FROM tenant_claim WHERE org_id = 1002"), 1);
	/* The other's grant, the same person's, is still there. */
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant"), 1);
	assert_int_equal(g.x->removes, 0);
}

static void two_practices(void)
{
	g.x->tenants[1] = g.x->tenants[0];
	g.x->tenants[0].tenant = stub_uuid(NULL, 't', 2);
	g.x->tenants[0].connection = stub_uuid(NULL, 'x', 2);
	g.x->tenants[0].name = NULL;
	g.x->tenants[0].auth_event = stub_uuid(NULL, 'e', 2);
	g.x->n_tenants = 2;
}

static void choose(int idx)
{
	struct err e;
	arena_reset(g.w.arena);
	pg_use(d.web, g.home);
	assert_ok(attempts_choose(d.web, d.org, attempt, idx, &e));
	step();
}

static void several_are_offered_7(void **state)
{
	(void)state;
	two_practices();
	connect_once();
	assert_string_equal(world_connection("state"), "choosing");
	assert_string_equal(
		db_ask("SELECT string_agg(coalesce(tenant_name, '-') || preselected, ' ' ORDER BY idx) FROM oauth_choice"),
		"-false Harbour Practicetrue");
	choose(1);
	assert_string_equal(world_connection("state"), "first_import");
	assert_string_equal(world_connection("tenant_id"), stub_uuid(NULL, 't', 1));
	assert_int_equal(db_number("SELECT count(*) FROM oauth_choice"), 0);
	assert_int_equal(g.x->removes, 0);
}

static void choosing_none_undoes_the_consent_7(void **state)
{
	(void)state;
	two_practices();
	connect_once();
	/* The access token at hand must tell which consent it comes from. */
	choose(-1);
	assert_string_equal(world_connection("state"), "not_connected");
	assert_null(world_connection("cause"));
	assert_int_equal(g.x->removes, 1);
	assert_string_equal(g.x->last_removed, stub_uuid(NULL, 'x', 1));
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant"), 0);
}

static void choosing_takes_ten_minutes_at_most_7(void **state)
{
	(void)state;
	two_practices();
	connect_once();
	world_due("choose");
	step();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_string_equal(world_connection("cause"), "expired");
}

static void go_live(void)
{
	(void)stub_client(g.x, 1, "Alder");
	connect_once();
	step();
	assert_string_equal(world_connection("state"), "live");
	(void)db_do("DELETE FROM job");
}

static void fault_63_another_practice_than_before_is_asked_for_6(void **state)
{
	(void)state;
	go_live();
	(void)db_do("UPDATE connection SET state = 'needs_reconnect', cause = 'sign_in'");
	g.x->tenants[0].tenant = stub_uuid(NULL, 't', 2);
	g.x->tenants[0].connection = stub_uuid(NULL, 'x', 2);
	g.x->tenants[0].name = "Other Practice";
	connect_once();
	assert_string_equal(world_connection("state"), "choosing");
	assert_string_equal(world_connection("cause"), "other_practice");
	assert_string_equal(world_connection("tenant_name"), "Harbour Practice");
	/* Nothing else can be chosen: one press confirms it. */
	assert_string_equal(
		db_ask("SELECT string_agg(tenant_name || preselected, ' ') FROM oauth_choice"),
		"Other Practicetrue");
	choose(0);
	assert_string_equal(world_connection("state"), "first_import");
	assert_string_equal(world_connection("tenant_id"), stub_uuid(NULL, 't', 2));
	assert_string_equal(db_ask("SELECT string_agg(tenant_id::text, ',') FROM tenant_claim"),
		stub_uuid(NULL, 't', 2));
	/* The old practice's records stay view only until the new one is live, and editable after. */
	assert_int_equal(
		db_number("SELECT count(*) FROM organisation WHERE active_tenant IS NOT NULL"),
		1);
	(void)db_do("UPDATE job SET due_at = '2000-01-01' WHERE kind = 'sync'");
	step();
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(
		db_ask("SELECT active_tenant::text FROM organisation WHERE org_id = 1001"),
		stub_uuid(NULL, 't', 2));
	assert_int_equal(db_number("SELECT count(*) FROM client"), 2);
	/* And the connection to the old one is removed at Xero. */
	world_due("remove");
	(void)world_work();
	assert_string_equal(g.x->last_removed, stub_uuid(NULL, 'x', 1));
}

static void fault_63_another_practice_refused_leaves_all_as_it_was_6(void **state)
{
	(void)state;
	go_live();
	(void)db_do("UPDATE connection SET state = 'needs_reconnect', cause = 'permission'");
	g.x->tenants[0].tenant = stub_uuid(NULL, 't', 2);
	connect_once();
	choose(-1);
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("tenant_id"), stub_uuid(NULL, 't', 1));
}

static void a_reconnect_reads_everything_again_5(void **state)
{
	(void)state;
	go_live();
	(void)db_do("UPDATE connection SET state = 'needs_reconnect', cause = 'sign_in'");
	(void)db_do("UPDATE xero_grant SET dead_at = now()");
	connect_once();
	assert_string_equal(world_connection("state"), "first_import");
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE fingerprint IS NOT NULL"), 0);
	step();
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(db_ask("SELECT trigger FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		"reconnect");
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE fingerprint IS NULL"), 0);
	/* Nobody is asked for a second factor a second time. */
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE kind = 'mail'"), 0);
}

static void a_refused_reconnect_leaves_a_live_connection_live(void **state)
{
	(void)state;
	go_live();
	g.x->exchange_fails = ERR_UPSTREAM;
	connect_once();
	assert_string_equal(world_connection("state"), "live");
	assert_null(world_connection("cause"));
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant"), 1);
}

static void a_second_organisation_shares_the_persons_grant(void **state)
{
	(void)state;
	go_live();
	g.x->tenants[0].tenant = stub_uuid(NULL, 't', 2);
	g.x->tenants[0].connection = stub_uuid(NULL, 'x', 2);
	attempt = connect_came_back(d.other_org, d.other_admin);
	step();
	assert_string_equal(
		db_ask("SELECT state FROM connection WHERE org_id = 1002"), "first_import");
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant"), 1);
	assert_int_equal(db_number("SELECT count(*) FROM grant_use"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONNECT_TEST(one_practice_is_taken_and_imported_5),
		CONNECT_TEST(the_same_job_again_does_nothing),
		CONNECT_TEST(fault_12_a_worker_that_died_with_the_code_ends_it),
		CONNECT_TEST(ten_minutes_are_the_limit),
		CONNECT_TEST(a_refused_code_1),
		CONNECT_TEST(xero_is_down_1),
		CONNECT_TEST(practices_are_forbidden_1),
		CONNECT_TEST(practices_are_not_in_the_scope_1),
		CONNECT_TEST(practices_do_not_come_1),
		CONNECT_TEST(our_configuration_1),
		CONNECT_TEST(another_nonce_1),
		CONNECT_TEST(no_id_token_1),
		CONNECT_TEST(two_tokens_of_two_people_1),
		CONNECT_TEST(fault_62_fewer_scopes_2),
		CONNECT_TEST(no_refresh_token_2),
		CONNECT_TEST(no_practice_3),
		CONNECT_TEST(what_was_there_before_is_not_removed_3),
		CONNECT_TEST(fault_64_another_organisations_practice_4),
		CONNECT_TEST(several_are_offered_7),
		CONNECT_TEST(choosing_none_undoes_the_consent_7),
		CONNECT_TEST(choosing_takes_ten_minutes_at_most_7),
		CONNECT_TEST(fault_63_another_practice_than_before_is_asked_for_6),
		CONNECT_TEST(fault_63_another_practice_refused_leaves_all_as_it_was_6),
		CONNECT_TEST(a_reconnect_reads_everything_again_5),
		CONNECT_TEST(a_refused_reconnect_leaves_a_live_connection_live),
		CONNECT_TEST(a_second_organisation_shares_the_persons_grant),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
