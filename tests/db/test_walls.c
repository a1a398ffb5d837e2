/* The walls between the roles, tried by climbing them. */
#include "support/db.h"

#define TENANT "'11111111-1111-4111-8111-111111111111'"

/* A synced client with a contact in each organisation, a hand-made one in the first, a bit of everything else. */
static void fill(void)
{
	static const char *const texts[] = {
		"UPDATE organisation SET active_tenant = " TENANT,
		"INSERT INTO client (org_id, tenant_id, xpm_id, name, search) SELECT o, " TENANT
		", gen_random_uuid(), 'Synced ' || o, 'synced ' || o FROM unnest(ARRAY[1001, 1002]) o",
		"INSERT INTO contact (org_id, tenant_id, xpm_id, name, email) SELECT o, " TENANT
		", gen_random_uuid(), 'Kim ' || o, 'kim@x.example' FROM unnest(ARRAY[1001, 1002]) o",
		"INSERT INTO client_contact SELECT c.org_id, c.client_id, k.contact_id, c.tenant_id,"
		" true, 0 FROM client c JOIN contact k USING (org_id)",
		"INSERT INTO client (org_id, name) VALUES (1001, 'By hand')",
		"INSERT INTO totp_factor SELECT org_id, user_id, 'sealed', 1 FROM app_user",
		"INSERT INTO passkey (org_id, user_id, credential_id, alg, public_key, sign_count,"
		" backup_eligible, backed_up, name) SELECT org_id, user_id,"
		" uuid_send(gen_random_uuid()), -7, repeat('k', 64)::bytea, 0, false, false, 'Key'"
		" FROM app_user",
		"INSERT INTO totp_pending SELECT org_id, user_id, 'sealed' FROM app_user",
		"INSERT INTO recovery_code SELECT org_id, user_id, 'hash' FROM app_user",
		"INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer, user_agent)"
		" SELECT sha256(email::bytea), org_id, user_id, 2, now() + interval '1 hour', 'p', 'a'"
		" FROM app_user",
		"INSERT INTO xero_grant (xero_userid, sealed, key_id, access_ends_at, scopes)"
		" VALUES (gen_random_uuid(), 'sealed', 1, now(), 's')",
		"INSERT INTO oauth_attempt (state_hash, session_id, org_id, user_id, nonce, verifier)"
		" SELECT 'state', session_id, org_id, user_id, 'nonce', 'verifier' FROM session LIMIT 1",
		"INSERT INTO connection (org_id, state, tenant_id) VALUES (1001, 'live', " TENANT
		"), (1002, 'live', " TENANT ")",
		"INSERT INTO sync_run (org_id, trigger, state) VALUES (1001, 'first', 'complete'),"
		" (1002, 'first', 'complete')",
		"INSERT INTO client_change (org_id, client_id, run_id, field)"
		" SELECT c.org_id, c.client_id, r.run_id, 'name' FROM client c JOIN sync_run r USING (org_id)",
		"INSERT INTO run_skip (org_id, run_id, rule) SELECT org_id, run_id, 'no_name' FROM sync_run",
		"INSERT INTO held_change (org_id, run_id, client_id, kind)"
		" SELECT c.org_id, r.run_id, c.client_id, 'archive' FROM client c JOIN sync_run r USING (org_id)",
		"INSERT INTO oauth_choice SELECT org_id, attempt_id, 0, " TENANT ", " TENANT
		", 'P', true FROM oauth_attempt",
		"INSERT INTO edit_mark (org_id, client_id, field) SELECT org_id, client_id, 'name' FROM client",
		"INSERT INTO held_edit (org_id, run_id, client_id, field) SELECT org_id, 1, client_id, 'name' FROM client",
		"INSERT INTO why_ask (org_id, client_id, asked_by) SELECT org_id, client_id, 1 FROM client",
		"INSERT INTO why_row (org_id, client_id, ord, what, reason) SELECT org_id, client_id, 0, 'Name', 'rule' FROM client",
		"INSERT INTO mail_digest SELECT org_id, user_id, now() FROM app_user",
		"INSERT INTO org_logo (org_id, kind, bytes, width, height) SELECT org_id, 'image/png', 'x', 1, 1 FROM organisation",
		"INSERT INTO notice (org_id, user_id, kind, body) SELECT org_id, user_id, 'k', 'b' FROM app_user",
		"INSERT INTO client_pair (org_id, kind, stays_id, goes_id, state) SELECT org_id, 'match', client_id, -client_id, 'offered' FROM client",
		"INSERT INTO connection_preview (org_id, attempt_id, user_id, trigger) VALUES (1001, 1, 1, 'first'), (1002, 1, 1, 'first')",
		"INSERT INTO connection_test (org_id, by_name) VALUES (1001, 'n'), (1002, 'n')",
		"INSERT INTO call_meter VALUES (1001, now(), 1), (1002, now(), 1)",
		"INSERT INTO practice_removal (org_id, tenant_id, at) SELECT org_id, " TENANT
		", now() FROM organisation",
		"INSERT INTO fix_item (org_id, client_id, name) SELECT org_id, client_id, name FROM client",
		"INSERT INTO client_tombstone (org_id, who_hash) VALUES (1001, 'h'), (1002, 'h')",
		"INSERT INTO client_look (org_id, user_id) SELECT org_id, user_id FROM app_user",
		"INSERT INTO one_time_token SELECT 'hash', org_id, user_id, 'invitation', now() FROM app_user LIMIT 1",
		"INSERT INTO client_was (org_id, client_id, until, created_at, name, status, flags, search)"
		" SELECT org_id, client_id, now(), now(), name, status, 0, search FROM client",
		"INSERT INTO contact_was (org_id, contact_id, until, created_at, name)"
		" SELECT org_id, contact_id, now(), now(), name FROM contact",
		"INSERT INTO client_contact_was (org_id, client_id, contact_id, until, created_at, is_primary, ord)"
		" SELECT org_id, client_id, contact_id, now(), now(), true, 0 FROM client_contact",
		"INSERT INTO import_preview (org_id, user_id, file_name, ignored)"
		" SELECT org_id, user_id, 'f', '' FROM app_user",
		"INSERT INTO import_row SELECT org_id, user_id, 2, 'c', 'f', 'l', 'e', '', '', '', 'add',"
		" 'add', '', false, NULL, '', '', '' FROM app_user",
		"SELECT audit_append(o, NULL, NULL, 'p', 'e', 'ok', NULL, '') FROM unnest(ARRAY[0, 1001, 1002]) o",
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		(void)db_do(texts[i]);
}

static int walls_set_up(void **state)
{
	int rc = db_set_up(state);
	struct arena *a = arena_new();
	pg_use(d.super, a);
	fill();
	arena_free(&a);
	return rc;
}

static void all_denied(struct pg *db, const char *const *statements, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_denied(db, statements[i]);
}

static void web_reads_no_xero_secret(void **state)
{
	static const char *const texts[] = {
		"SELECT sealed FROM xero_grant",
		"SELECT xero_userid FROM xero_grant",
		"SELECT count(*) FROM xero_grant",
		"UPDATE xero_grant SET sealed = 'x'",
		"DELETE FROM xero_grant",
		"SELECT verifier FROM oauth_attempt",
		"SELECT code FROM oauth_attempt",
		"SELECT nonce FROM oauth_attempt",
		"SELECT * FROM oauth_attempt",
		"SELECT 1 FROM oauth_attempt WHERE verifier = 'verifier'",
		"UPDATE oauth_attempt SET cause = verifier",
		"UPDATE oauth_attempt SET code = 'c' WHERE code IS NULL",
		"UPDATE oauth_attempt SET code = 'c' RETURNING verifier",
		"UPDATE oauth_attempt SET org_id = 1002",
		"UPDATE oauth_attempt SET session_id = 1",
		"SELECT tenant_id FROM oauth_choice",
		"SELECT * FROM tenant_claim",
		"SELECT * FROM xero_removal",
		"SELECT * FROM xero_budget",
		"SELECT * FROM org_turn",
		"SELECT * FROM grant_use",
		"SELECT grant_id FROM connection",
		"SELECT xero_connection_id FROM connection",
	};
	(void)state;
	all_denied(d.web, texts, ARRAY_LEN(texts));
}

static void web_writes_nothing_of_xpm(void **state)
{
	static const char *const texts[] = {
		"UPDATE client SET tenant_id = NULL",
		"UPDATE client SET xpm_id = NULL",
		"UPDATE client SET fingerprint = NULL",
		"UPDATE client SET web_url = 'https://evil.example'",
		"UPDATE contact SET tenant_id = NULL",
		"UPDATE contact SET xpm_id = NULL",
		"UPDATE client_contact SET tenant_id = NULL",
		"UPDATE client_contact SET client_id = 1",
		"INSERT INTO client (org_id, tenant_id, xpm_id, name) VALUES (1001, " TENANT
		", " TENANT ", 'x')",
		"INSERT INTO contact (org_id, tenant_id, xpm_id, name) VALUES (1001, " TENANT
		", " TENANT ", 'x')",
		"UPDATE organisation SET active_tenant = NULL",
		"UPDATE organisation SET mfa_required_at = NULL",
		"UPDATE organisation SET data_version = 1",
		"UPDATE connection SET tenant_id = NULL",
		"UPDATE connection SET manual_ended_at = NULL",
		"DELETE FROM connection",
		"INSERT INTO sync_run (org_id, trigger) VALUES (1001, 'manual')",
		"UPDATE sync_run SET state = 'failed'",
		"DELETE FROM sync_run",
		"UPDATE client_change SET new = 'x'",
		"DELETE FROM client_change",
		"INSERT INTO run_skip (org_id, run_id, rule) VALUES (1001, 1, 'x')",
		"DELETE FROM held_change",
		"UPDATE call_meter SET calls = 0",
		"TRUNCATE client",
	};
	(void)state;
	all_denied(d.web, texts, ARRAY_LEN(texts));
}

/* ASVS 6.7.1: which key a passkey is stays as it was proved; whoever could change it would own the account. */
static void web_writes_no_passkeys_key(void **state)
{
	static const char *const tries[] = {
		"UPDATE passkey SET public_key = repeat('x', 64)::bytea",
		"UPDATE passkey SET credential_id = 'x'",
		"UPDATE passkey SET alg = -8",
		"UPDATE passkey SET user_id = 1",
		"UPDATE passkey SET org_id = 1002",
		"UPDATE passkey SET backup_eligible = true",
	};
	(void)state;
	all_denied(d.web, tries, ARRAY_LEN(tries));
}

static void nobody_changes_the_audit(void **state)
{
	static const char *const texts[] = {
		"INSERT INTO audit_event SELECT 1001, 99, now(), NULL, NULL, NULL, 'e', 'ok', NULL, '', ''",
		"UPDATE audit_event SET detail = 'x'",
		"DELETE FROM audit_event",
		"TRUNCATE audit_event",
		"UPDATE audit_head SET seq = 0",
		"INSERT INTO audit_head VALUES (1001, 9, '\\x')",
		"DELETE FROM audit_head",
	};
	(void)state;
	all_denied(d.web, texts, ARRAY_LEN(texts));
	all_denied(d.worker, texts, ARRAY_LEN(texts));
}

static void web_makes_no_links_and_no_organisation(void **state)
{
	static const char *const texts[] = {
		"INSERT INTO one_time_token VALUES ('h', 1001, 1, 'invitation', now())",
		"UPDATE one_time_token SET ends_at = now() + interval '1 year'",
		"INSERT INTO organisation (name, time_zone) VALUES ('x', 'UTC')",
		"DELETE FROM organisation",
		"SELECT * FROM organisation_list",
		"DELETE FROM app_user",
		"UPDATE app_user SET email = 'x'",
		"UPDATE app_user SET user_id = DEFAULT",
		"DELETE FROM job",
		"UPDATE job SET kind = 'x'",
		"UPDATE job SET owner = NULL",
		"INSERT INTO worker_heartbeat VALUES ('w', '1')",
		"INSERT INTO schema_migration VALUES (99, 'x', '')",
	};
	(void)state;
	all_denied(d.web, texts, ARRAY_LEN(texts));
}

static void worker_reads_no_sign_in_secret(void **state)
{
	static const char *const texts[] = {
		"SELECT password_hash FROM app_user",
		"SELECT * FROM app_user",
		"SELECT last_login_at FROM app_user",
		"UPDATE app_user SET role = 'admin'",
		"UPDATE app_user SET password_hash = 'x'",
		"INSERT INTO app_user (org_id, email, name, role) VALUES (1001, 'x', 'x', 'admin')",
		"SELECT token_hash FROM session",
		"SELECT session_id FROM session",
		"SELECT user_id FROM session",
		"UPDATE session SET level = 2",
		"INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer, user_agent)"
		" VALUES ('x', 1001, 1, 2, now(), 'p', 'a')",
		"SELECT sealed FROM totp_factor",
		"SELECT last_step FROM totp_factor",
		"DELETE FROM totp_factor",
		"SELECT sealed FROM totp_pending",
		"SELECT public_key FROM passkey",
		"DELETE FROM passkey",
		"SELECT * FROM factor",
		"SELECT user_handle FROM app_user",
		"UPDATE app_user SET factor_misses = 0",
		"SELECT peer FROM known_address",
		"INSERT INTO known_address VALUES ('x', 'p')",
		"SELECT code_hash FROM recovery_code",
		"DELETE FROM recovery_code",
		"SELECT * FROM login",
		"SELECT user_id FROM one_time_token",
		"SELECT bucket FROM throttle",
		"UPDATE throttle SET misses = 0",
		"SELECT * FROM audit_event",
		"UPDATE organisation SET name = 'x'",
		"SELECT * FROM client_line",
		"SELECT client_search('x', NULL, 0, 0, '', 0, false, 1)",
	};
	(void)state;
	all_denied(d.worker, texts, ARRAY_LEN(texts));
}

static int64_t touched_by(struct pg *db, int64_t org, const char *text)
{
	struct err e;
	int64_t n = -1;
	assert_ok(pg_begin(db, org, &e));
	assert_ok(db_try_do(db, text, &n, &e));
	pg_rollback(db);
	return n;
}

/* A row is view only when its tenant is the organisation's active tenant. */
static void web_touches_no_view_only_row(void **state)
{
	(void)state;
	assert_int_equal(touched_by(d.web, d.org,
				 "UPDATE client SET name = 'x' WHERE xpm_id IS NOT NULL"),
		0);
	assert_int_equal(
		touched_by(d.web, d.org, "DELETE FROM client WHERE xpm_id IS NOT NULL"), 0);
	assert_int_equal(touched_by(d.web, d.org, "UPDATE contact SET email = 'x'"), 0);
	assert_int_equal(touched_by(d.web, d.org, "DELETE FROM contact"), 0);
	assert_int_equal(
		touched_by(d.web, d.org, "UPDATE client_contact SET is_primary = false"), 0);
	assert_int_equal(touched_by(d.web, d.org, "DELETE FROM client_contact"), 0);
	/* Only the hand-made one. */
	assert_int_equal(touched_by(d.web, d.org, "UPDATE client SET name = 'x'"), 1);
	assert_int_equal(touched_by(d.web, d.org, "DELETE FROM client"), 1);
}

static void a_disconnect_makes_them_editable_untouched(void **state)
{
	(void)state;
	(void)db_do("UPDATE organisation SET active_tenant = NULL WHERE org_id = 1001");
	assert_int_equal(touched_by(d.web, d.org, "UPDATE client SET name = 'x'"), 2);
	assert_int_equal(touched_by(d.web, d.org, "UPDATE contact SET email = 'x'"), 1);
	(void)db_do("UPDATE organisation SET active_tenant = " TENANT " WHERE org_id = 1001");
	assert_int_equal(touched_by(d.web, d.org, "UPDATE client SET name = 'x'"), 1);
}

static void while_connected_no_client_is_made_by_hand(void **state)
{
	struct err e;
	int64_t n;
	(void)state;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_fails(db_try_do(d.web, "INSERT INTO client (org_id, name) VALUES (1001, 'x')",
			     &n, &e),
		ERR_DENIED);
	pg_rollback(d.web);
	/* A hand-made contact may not be hung on a synced client either; on a hand-made one it may. */
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(db_try_do(
		d.web, "INSERT INTO contact (org_id, name) VALUES (1001, 'New')", &n, &e));
	assert_ok(db_try_do(d.web,
		"INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)"
		" SELECT c.org_id, c.client_id, k.contact_id, true, 0 FROM client c, contact k"
		" WHERE c.name = 'By hand' AND k.name = 'New'",
		&n, &e));
	assert_int_equal(n, 1);
	assert_fails(
		db_try_do(d.web,
			"INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)"
			" SELECT c.org_id, c.client_id, k.contact_id, true, 9 FROM client c, contact k"
			" WHERE c.name LIKE 'Synced%' AND k.name = 'New'",
			&n, &e),
		ERR_DENIED);
	pg_rollback(d.web);
}

/* ---- organisations apart ---- */

static const char *const walled[] = {"organisation", "app_user", "totp_factor", "totp_pending",
	"recovery_code", "notice", "audit_event", "audit_head", "client", "contact",
	"client_contact", "connection", "oauth_choice", "sync_run", "client_change", "run_skip",
	"held_change", "passkey", "client_was", "contact_was", "client_contact_was", "fix_item",
	"client_tombstone", "client_look", "edit_mark", "held_edit", "why_ask", "why_row",
	"mail_digest", "org_logo", "import_preview", "import_row", "client_pair",
	"connection_preview", "connection_test", "call_meter", "practice_removal"};

static void the_list_of_walled_tables_is_whole(void **state)
{
	(void)state;
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM pg_class WHERE relnamespace = 'gap'::regnamespace"
			" AND relkind = 'r' AND relrowsecurity"),
		ARRAY_LEN(walled));
	for (size_t i = 0; i < ARRAY_LEN(walled); i++)
		assert_true(db_number(arena_printf(
				    *state, "SELECT count(*) FROM %s", walled[i])) > 0);
}

/* Rows seen; -1 when the role may not read the table at all. */
static int64_t seen_by(struct arena *a, struct pg *db, const char *table, const char *where)
{
	struct err e = {.kind = ERR_NONE};
	const char *text = NULL;
	int64_t n = -1;
	if (!db_try_ask(db, arena_printf(a, "SELECT count(org_id) FROM %s %s", table, where),
		    &text, &e)) {
		assert_int_equal(e.kind, ERR_DENIED);
		return -1;
	}
	assert_true(str_to_i64(str_of(text), &n));
	return n;
}

static void a_query_that_entered_no_organisation_sees_nothing(void **state)
{
	struct pg *roles[] = {d.web, d.worker, d.owner};
	int readable = 0;
	for (size_t r = 0; r < ARRAY_LEN(roles); r++)
		for (size_t i = 0; i < ARRAY_LEN(walled); i++) {
			int64_t n = seen_by(*state, roles[r], walled[i], "");
			if (n > 0)
				fail_msg("%s: role %zu sees %lld rows", walled[i], r,
					(long long)n);
			readable += n == 0;
		}
	assert_true(readable > 35);
}

static void inside_one_organisation_the_other_is_not_there(void **state)
{
	struct pg *roles[] = {d.web, d.worker, d.owner};
	struct err e;
	int seen = 0;
	for (size_t r = 0; r < ARRAY_LEN(roles); r++)
		for (size_t i = 0; i < ARRAY_LEN(walled); i++) {
			assert_ok(pg_begin(roles[r], d.org, &e));
			int64_t others =
				seen_by(*state, roles[r], walled[i], "WHERE org_id <> 1001");
			if (others > 0)
				fail_msg("%s: role %zu sees another's rows", walled[i], r);
			if (others == 0)
				seen += seen_by(*state, roles[r], walled[i], "") > 0;
			pg_rollback(roles[r]);
		}
	assert_true(seen > 35);
}

static void nothing_is_written_into_another_organisation(void **state)
{
	static const char *const texts[] = {
		"INSERT INTO notice (org_id, user_id, kind, body) SELECT 1002, user_id, 'k', 'b' FROM login"
		" WHERE org_id = 1002",
		"INSERT INTO connection (org_id) VALUES (1003)",
	};
	struct err e;
	int64_t n;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_ok(pg_begin(d.web, d.org, &e));
		assert_fails(db_try_do(d.web, texts[i], &n, &e), ERR_DENIED);
		pg_rollback(d.web);
	}
	assert_int_equal(touched_by(d.web, d.org,
				 "UPDATE app_user SET role = 'admin' WHERE org_id = 1002"),
		0);
	assert_int_equal(
		touched_by(d.worker, d.org, "UPDATE client SET name = 'x' WHERE org_id = 1002"),
		0);
	assert_int_equal(
		touched_by(d.worker, d.org, "DELETE FROM contact WHERE org_id = 1002"), 0);
}

static void the_entered_organisation_ends_with_the_transaction(void **state)
{
	struct err e;
	const char *text = "";
	struct pg_rows r;
	(void)state;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_true(seen_by(*state, d.web, "client", "") == 2);
	assert_ok(pg_commit(d.web, &e));
	assert_int_equal(seen_by(*state, d.web, "client", ""), 0);
	assert_ok(pg_once(d.web, d.org, STMT_CLIENT_ANY, &r, &e, PG_INT(d.org)));
	assert_true(pg_bool(&r, 0, 0));
	assert_int_equal(seen_by(*state, d.web, "client", ""), 0);
	assert_ok(db_try_ask(d.web, "current_org()", &text, &e));
	assert_null(text);
	/* The audit function enters chains of its own and leaves the caller where it was. */
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(db_try_ask(
		d.web, "audit_append(0, NULL, NULL, 'p', 'e', 'ok', NULL, '')", &text, &e));
	assert_ok(db_try_ask(d.web, "current_org()", &text, &e));
	assert_string_equal(text, "1001");
	pg_rollback(d.web);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(web_reads_no_xero_secret),
		DB_TEST(web_writes_nothing_of_xpm),
		DB_TEST(web_writes_no_passkeys_key),
		DB_TEST(nobody_changes_the_audit),
		DB_TEST(web_makes_no_links_and_no_organisation),
		DB_TEST(worker_reads_no_sign_in_secret),
		DB_TEST(web_touches_no_view_only_row),
		DB_TEST(a_disconnect_makes_them_editable_untouched),
		DB_TEST(while_connected_no_client_is_made_by_hand),
		DB_TEST(the_list_of_walled_tables_is_whole),
		DB_TEST(a_query_that_entered_no_organisation_sees_nothing),
		DB_TEST(inside_one_organisation_the_other_is_not_there),
		DB_TEST(nothing_is_written_into_another_organisation),
		DB_TEST(the_entered_organisation_ends_with_the_transaction),
	};
	return cmocka_run_group_tests(tests, walls_set_up, db_tear_down);
}
