#include "support/sync_cases.h"

void three_clients(void)
{
	struct stub_client *a = stub_client(g.x, 1, "Alder & Co");
	stub_contact(a, 1, "Ann Alder", "ann@alder.example")->primary = true;
	a->contacts[0].phone = "(09) 111";
	stub_contact(a, 2, "Bob Both", "bob@both.example");
	struct stub_client *b = stub_client(g.x, 2, "Birch Ltd");
	stub_contact(b, 2, "Bob Both", "bob@both.example")->primary = true;
	b->contacts[0].mobile = "021 222";
	(void)stub_client(g.x, 3, "Cedar Trust");
	a->contacts[1].mobile = "021 222";
}

void first_import(void)
{
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
}

void run_said(
	int64_t added, int64_t changed, int64_t archived, int64_t restored, int64_t unchanged)
{
	assert_int_equal(world_run("added"), added);
	assert_int_equal(world_run("changed"), changed);
	assert_int_equal(world_run("archived"), archived);
	assert_int_equal(world_run("restored"), restored);
	assert_int_equal(world_run("unchanged"), unchanged);
}

void sync_again(void)
{
	const char *state = world_sync(MANUAL);
	assert_true(strcmp(state, "complete") == 0 || strcmp(state, "problems") == 0);
}

void step(void)
{
	struct err e;
	bool did = false;
	int wait_s = 0;
	(void)db_do("DELETE FROM xero_budget");
	assert_ok(worker_step(&g.w, &did, &wait_s, &e));
	assert_true(did);
}

int64_t count(const char *what)
{
	return db_number(arena_printf(g.home, "SELECT count(*) FROM %s", what));
}

void live(void)
{
	stub_contact(stub_client(g.x, 1, "Alder"), 1, "Ann", "ann@example.com")->primary = true;
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
	(void)db_do("DELETE FROM job WHERE kind NOT IN ('slot', 'changes', 'check')");
}

void forget(int64_t client_id)
{
	world_queue("forget",
		arena_printf(g.home, "{\"client\":%lld,\"user\":%lld,\"name\":\"Ada\"}",
			(long long)client_id, (long long)d.admin));
	(void)db_do("UPDATE job SET due_at = now() - interval '1 hour' WHERE kind = 'forget'");
	step();
}

const char *places_of(const char *text)
{
	const char *ask = arena_printf(g.home,
		"SELECT coalesce(string_agg(t || '.' || c, ' '), '') FROM ("
		" SELECT table_name AS t, column_name AS c, (xpath('/row/n/text()', query_to_xml(format("
		"  'SELECT count(*) AS n FROM gap.%%I WHERE %%I::text ILIKE %%L', table_name, column_name, '%%%s%%'),"
		"  false, true, '')))[1]::text::bigint AS n"
		" FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
		" WHERE table_schema = 'gap' AND table_type = 'BASE TABLE'"
		"  AND data_type IN ('text', 'json', 'jsonb', 'ARRAY', 'character varying')) x WHERE n > 0",
		text);
	return db_ask(ask);
}

void connect_claims(const char *nonce)
{
	long long now = (long long)time(NULL);
	g.x->access_claims = arena_printf(g.home,
		"{\"xero_userid\":\"%s\",\"authentication_event_id\":\"%s\",\"exp\":%lld}",
		stub_uuid(NULL, 'u', 1), stub_uuid(NULL, 'e', 1), now + 1800);
	g.x->id_claims = arena_printf(g.home,
		"{\"iss\":\"https://issuer.example\",\"aud\":\"the-client\",\"exp\":%lld,\"nbf\":%lld,"
		"\"nonce\":\"%s\",\"sub\":\"x\",\"xero_userid\":\"%s\"}",
		now + 300, now, nonce, stub_uuid(NULL, 'u', 1));
}

int64_t connect_came_back(int64_t org, int64_t user)
{
	const char *was = db_ask(arena_printf(g.home,
		"SELECT coalesce((SELECT state FROM connection WHERE org_id = %lld), 'not_connected')",
		(long long)org));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO oauth_attempt (state_hash, session_id, org_id, user_id, nonce, verifier, code, stage)"
		" VALUES (sha256(random()::text::bytea), 1, %lld, %lld, 'the-nonce', 'the-verifier', 'the-code', 'returned')",
		(long long)org, (long long)user));
	int64_t attempt = db_number("SELECT max(attempt_id) FROM oauth_attempt");
	(void)db_do(arena_printf(g.home,
		"INSERT INTO connection (org_id, state) VALUES (%lld, 'connecting')"
		" ON CONFLICT (org_id) DO UPDATE SET state = 'connecting', cause = NULL",
		(long long)org));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, payload) VALUES (%lld, 'connect', '{\"attempt\":%lld,\"from\":\"%s\"}')",
		(long long)org, (long long)attempt, was));
	return attempt;
}
