/* The other jobs: disconnect and removal, the daily check, mail, tidying; and two workers at one queue. */
#include "support/sync_cases.h"

#include "codec/seal.h"
#include "io/file.h"

#include <unistd.h>

static void disconnect(void)
{
	(void)db_do(
		"UPDATE connection SET state = 'disconnecting', cause = 'disconnected' WHERE org_id = 1001");
	world_queue("disconnect", "{}");
	step();
}

static void a_disconnect_ends_it_here_and_at_xero(void **state)
{
	(void)state;
	live();
	disconnect();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_string_equal(world_connection("cause"), "disconnected");
	assert_null(world_connection("tenant_id"));
	assert_string_equal(world_connection("former_tenant"), stub_uuid(NULL, 't', 1));
	assert_string_equal(g.x->last_removed, stub_uuid(NULL, 'x', 1));
	assert_int_equal(g.x->revokes, 1);
	assert_int_equal(world_audited("connection.ended", "ok"), 1);
	assert_int_equal(count("organisation WHERE active_tenant IS NOT NULL"), 0);
	assert_int_equal(count("xero_grant"), 0);
	assert_int_equal(count("tenant_claim"), 0);
	assert_int_equal(count("xero_removal"), 0);
	assert_int_equal(count("job WHERE kind IN ('slot', 'check', 'sync')"), 0);
	/* Nothing is removed here, and the ids are kept. */
	assert_int_equal(count("client WHERE xpm_id IS NOT NULL"), 1);
	/* The rule for everyone stays. */
	assert_int_equal(count("organisation WHERE mfa_required_at IS NOT NULL"), 1);
}

static void xero_not_answering_is_told_again_for_a_day(void **state)
{
	(void)state;
	live();
	g.x->on_remove = XERO_DOWN;
	disconnect();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_int_equal(count("organisation WHERE active_tenant IS NOT NULL"), 0);
	/* Sealed, for the removal alone. */
	assert_int_equal(count("xero_grant"), 1);
	assert_int_equal(count("xero_removal"), 1);
	world_due("remove");
	step();
	assert_int_equal(count("job WHERE kind = 'remove' AND due_at > now()"), 1);
	g.x->on_remove = XERO_FINE;
	world_due("remove");
	step();
	assert_int_equal(g.x->removes, 3);
	assert_int_equal(count("xero_grant"), 0);
	assert_int_equal(count("job WHERE kind = 'remove'"), 0);
}

static void after_a_day_it_is_forgotten(void **state)
{
	(void)state;
	live();
	g.x->on_remove = XERO_DOWN;
	disconnect();
	(void)db_do("UPDATE xero_removal SET ends_at = now()");
	world_due("remove");
	step();
	assert_int_equal(count("xero_grant"), 0);
	assert_int_equal(count("xero_removal"), 0);
}

static void a_grant_that_another_connection_names_is_kept(void **state)
{
	(void)state;
	live();
	(void)db_do(arena_printf(
		g.home, "INSERT INTO grant_use VALUES (1002, %lld)", (long long)g.grant_id));
	disconnect();
	assert_int_equal(g.x->removes, 1);
	assert_int_equal(g.x->revokes, 0);
	assert_int_equal(count("xero_grant"), 1);
}

static void a_disconnect_taken_up_again_goes_on(void **state)
{
	(void)state;
	live();
	disconnect();
	(void)db_do("UPDATE connection SET state = 'disconnecting'");
	world_queue("disconnect", "{}");
	step();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_int_equal(g.x->removes, 1);
}

/* ---- the daily check ---- */

static void check(void)
{
	world_due("check");
	step();
}

static void a_check_of_a_good_connection_changes_nothing_1(void **state)
{
	(void)state;
	live();
	check();
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(g.x->connections, 1);
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'check'"),
		86390, 86400);
}

static void fault_65_a_check_finds_a_disconnect_made_in_xero_2(void **state)
{
	(void)state;
	live();
	g.x->n_tenants = 0;
	check();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_string_equal(world_connection("cause"), "removed_in_xero");
	assert_int_equal(world_audited("connection.lost", "failed"), 1);
	assert_int_equal(count("notice WHERE kind = 'reconnect'"), 1);
	assert_int_equal(count("xero_grant"), 0);
}

static void a_check_finds_a_dead_sign_in_3(void **state)
{
	(void)state;
	live();
	g.x->shared->pair = 9;
	(void)db_do("UPDATE xero_grant SET access_ends_at = now()");
	check();
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "sign_in");
	check();
	assert_int_equal(count("notice WHERE kind = 'reconnect'"), 1);
}

static void a_check_heals_a_permission_given_back_4(void **state)
{
	(void)state;
	live();
	(void)db_do("UPDATE connection SET state = 'needs_reconnect', cause = 'permission'");
	check();
	step();
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(count("job WHERE kind = 'slot'"), 1);
}

static void a_check_that_cannot_ask_waits_for_tomorrow_5(void **state)
{
	(void)state;
	live();
	g.x->on_connections = XERO_DOWN;
	check();
	assert_string_equal(world_connection("state"), "live");
}

/* ---- mail, tidying ---- */

static const char *the_mail(void)
{
	const char *const *names = NULL;
	struct str text = STR("");
	struct err e;
	size_t n = 0;
	const char *dir = arena_printf(g.home, "%s/mail", g.dir);
	assert_ok(file_list(g.home, dir, ".eml", &names, &n, &e));
	assert_int_equal(n, 1);
	const char *path = arena_printf(g.home, "%s/%s", dir, names[0]);
	assert_ok(file_read(g.home, path, 65536, &text, &e));
	assert_int_equal(unlink(path), 0);
	return text.p;
}

static void without_a_mail_server_mails_become_files(void **state)
{
	(void)state;
	world_queue("mail", arena_printf(g.home, "{\"what\":\"mfa_required\",\"user\":%lld}",
				    (long long)d.member));
	step();
	const char *mail = the_mail();
	assert_non_null(strstr(mail, "To: <max@harbour.example>\r\n"));
	assert_non_null(strstr(mail, "Subject: Set up Multi-Factor Authentication\r\n"));
	assert_non_null(strstr(mail, "Hello Max Member,\r\n"));
	assert_non_null(strstr(mail, "https://localhost:8443/login"));
}

static void a_link_is_made_by_the_job_that_mails_it(void **state)
{
	(void)state;
	world_queue("mail", arena_printf(g.home, "{\"what\":\"invitation\",\"user\":%lld}",
				    (long long)d.member));
	step();
	const char *link = strstr(the_mail(), "https://localhost:8443/invite/");
	assert_non_null(link);
	struct str token = {link + strlen("https://localhost:8443/invite/"), 22};
	assert_int_equal(token.p[token.n], '\r');
	assert_int_equal(count("one_time_token WHERE purpose = 'invitation'"), 1);
	assert_int_equal(
		count(arena_printf(g.home,
			"one_time_token WHERE token_hash = sha256(decode(translate('%.*s', '-_', '+/') || '==', 'base64'))",
			(int)token.n, token.p)),
		1);
	(void)db_do("DELETE FROM one_time_token");
}

static void mails_of_the_second_factor_say_what_happened(void **state)
{
	static const struct {
		const char *what, *more, *subject, *sentence, *link;
	} mails[] = {
		{"recovery_used", ",\"detail\":\"You have 3 left.\"",
			"A recovery code was used", "You have 3 left.",
			"https://localhost:8443/profile"},
		{"passkey_copied", ",\"detail\":\"It is the passkey \\\"Desk\\\".\"",
			"A passkey was refused", "It is the passkey \"Desk\".",
			"https://localhost:8443/profile"},
		{"mfa_nudge", ",\"by\":\"Ada Admin\"",
			"Please set up Multi-Factor Authentication", "Ada Admin asks you to.",
			"https://localhost:8443/mfa/setup"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		world_queue("mail", arena_printf(g.home, "{\"what\":\"%s\",\"user\":%lld%s}",
					    mails[i].what, (long long)d.member, mails[i].more));
		step();
		const char *mail = the_mail();
		assert_non_null(strstr(
			mail, arena_printf(g.home, "Subject: %s\r\n", mails[i].subject)));
		assert_non_null(strstr(mail, mails[i].sentence));
		assert_non_null(strstr(mail, mails[i].link));
	}
}

static size_t lines_of(const char *text, const char *start)
{
	struct str rest = str_of(text), line;
	size_t n = 0;
	while (str_next(&rest, '\n', &line))
		n += str_starts(line, start);
	return n;
}

/* Every header of every mail is ours, whatever is in the names, and each mail there is can be written. */
static void v1_3_11_names_add_no_mail_header(void **state)
{
	static const char *const whats[] = {"mfa_required", "sync_failing", "sync_healed",
		"sync_held", "reconnect", "mfa_reset", "set_password", "invitation",
		"password_set", "password_changed", "mfa_changed", "recovery_used",
		"factor_guessed", "passkey_copied", "mfa_nudge"};
	(void)state;
	(void)db_do(
		"UPDATE app_user SET name = E'Max\r\nBcc: all@evil.example\r\n\r\n<b>' WHERE name = 'Max Member'");
	for (size_t i = 0; i < ARRAY_LEN(whats); i++) {
		world_queue("mail",
			arena_printf(g.home,
				"{\"what\":\"%s\",\"user\":%lld,\"by\":\"x\\r\\nBcc: b@evil.example\",\"detail\":\"y\\r\\nTo: c@evil.example\"}",
				whats[i], (long long)d.member));
		step();
		const char *mail = the_mail(), *end = strstr(mail, "\r\n\r\n");
		assert_non_null(end);
		const char *head = str_dup(g.home, (struct str){mail, (size_t)(end - mail)});
		assert_int_equal(lines_of(head, "To: "), 1);
		assert_int_equal(lines_of(head, "From: "), 1);
		assert_int_equal(lines_of(head, "Subject: "), 1);
		assert_int_equal(lines_of(head, "Bcc: "), 0);
		assert_int_equal(
			lines_of(head, ""), 8 + lines_of(head, "List-Unsubscribe: <https://"));
	}
	(void)db_do("UPDATE app_user SET name = 'Max Member' WHERE name LIKE 'Max%'");
	(void)db_do("DELETE FROM one_time_token");
}

static void a_disabled_person_gets_no_mail(void **state)
{
	(void)state;
	(void)db_do("UPDATE app_user SET status = 'disabled' WHERE name = 'Max Member'");
	world_queue("mail", arena_printf(g.home, "{\"what\":\"sync_held\",\"user\":%lld}",
				    (long long)d.member));
	step();
	(void)db_do("UPDATE app_user SET status = 'active'");
	assert_int_equal(count("job"), 0);
}

static void an_unknown_job_is_dropped_with_an_alarm(void **state)
{
	(void)state;
	world_queue("no_such_kind", "{}");
	step();
	assert_int_equal(count("job"), 0);
}

static void tidying_removes_what_has_had_its_time(void **state)
{
	(void)state;
	live();
	(void)db_do(
		"INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer, user_agent)"
		" SELECT sha256(v::bytea), 1001, (SELECT min(user_id) FROM app_user WHERE org_id = 1001), 2, now() + s::interval, '', ''"
		" FROM (VALUES ('a', '-1 min'), ('b', '1 hour')) x (v, s)");
	(void)db_do("UPDATE sync_run SET started_at = now() - interval '500 days'");
	(void)db_do("UPDATE client_change SET at = now() - interval '500 days'");
	(void)db_do(arena_printf(g.home,
		"INSERT INTO oauth_attempt (state_hash, session_id, org_id, user_id, nonce, verifier, ends_at)"
		" VALUES ('\\x01', 1, 1001, 1, 'n', 'v', now() - interval '2 days'), ('\\x02', 1, 1001, 1, 'n', 'v', now())"));
	world_queue("tidy", "{}");
	step();
	assert_int_equal(count("session"), 1);
	assert_int_equal(count("client_change"), 0);
	assert_int_equal(count("sync_run"), 1);
	assert_int_equal(count("oauth_attempt"), 1);
	assert_int_equal(count("oauth_attempt WHERE verifier IS NOT NULL"), 0);
	assert_int_equal(count("xero_grant"), 1);
	(void)db_do("DELETE FROM session");
	(void)db_do("DELETE FROM xero_removal");
	(void)db_do("DELETE FROM grant_use");
	(void)db_do("UPDATE xero_grant SET refreshed_at = now() - interval '1 hour'");
	world_due("tidy");
	step();
	assert_int_equal(count("xero_grant"), 0);
}

static void fault_60_keys_rotate_while_running(void **state)
{
	struct err e;
	struct str old = STR("");
	const struct seal_keys *keys = NULL;
	struct secret *line = NULL;
	struct token t;
	live();
	assert_ok(file_read(*state, g.set.token_key_file, 4096, &old, &e));
	assert_ok(seal_keys_parse(*state, old, &keys, &e));
	assert_ok(seal_key_line(*state, keys, &line, &e));
	assert_ok(file_write(g.set.token_key_file,
		str_of(arena_printf(*state, "%s%s", str_dup(*state, old), secret_open(line).p)),
		0600, &e));
	world_queue("tidy", "{}");
	step();
	assert_int_equal(db_number("SELECT key_id FROM xero_grant"), 2);
	pg_use(g.w.beat, g.w.arena);
	assert_ok(token_get(&g.w, g.grant_id, 0, &t, &e));
	assert_string_equal(secret_open(t.access).p, "access-0");
	assert_ok(file_write(g.set.token_key_file, old, 0600, &e));
}

/* ---- two workers ---- */

enum { JOBS = 60, WORKERS = 3 };

static int work_child(int nth)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	char name[32];
	bool did = true;
	int wait_s = 0, n = 0;
	(void)snprintf(name, sizeof name, "child-%d", nth);
	world_worker(&w, home, name);
	for (; did; n += did)
		if (!worker_step(&w, &did, &wait_s, &e))
			return 100;
	return n;
}

static int run_children(void)
{
	pid_t pids[WORKERS];
	int did = 0;
	for (int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(work_child(i));
	}
	for (int i = 0; i < WORKERS; i++) {
		int n = world_reap(pids[i]);
		assert_in_range(n, 0, 99);
		did += n;
	}
	return did;
}

static void workers_share_the_queue_without_double_work(void **state)
{
	(void)state;
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, payload) SELECT 1001, 'mail', '{\"what\":\"mfa_required\",\"user\":%lld}' FROM generate_series(1, %d)",
		(long long)d.member, JOBS));
	assert_int_equal(run_children(), JOBS);
	assert_int_equal(count("job"), 0);
	const char *const *names = NULL;
	struct err e;
	size_t n = 0;
	const char *dir = arena_printf(g.home, "%s/mail", g.dir);
	assert_ok(file_list(g.home, dir, ".eml", &names, &n, &e));
	assert_int_equal(n, JOBS);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(unlink(arena_printf(g.home, "%s/%s", dir, names[i])), 0);
}

/* Fault 68: manual and scheduled at once: one runs, nobody runs beside it. */
static void fault_68_two_workers_never_run_an_organisation_at_once(void **state)
{
	(void)state;
	live();
	g.x->piece = 20;
	(void)db_do(
		"UPDATE sync_run SET started_at = now() - interval '13 hours', ended_at = now() - interval '12 hours'");
	for (int i = 0; i < 5; i++) {
		world_due("slot");
		world_queue("sync", "{\"trigger\":\"manual\",\"user\":1}");
		(void)run_children();
	}
	assert_int_equal(count("sync_run WHERE state = 'running'"), 0);
	assert_int_equal(
		count("sync_run a JOIN sync_run b ON a.run_id < b.run_id AND b.started_at < a.ended_at"),
		0);
	assert_int_equal(count("client"), 1);
	assert_int_equal(count("sync_run WHERE state NOT IN ('complete')"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_disconnect_ends_it_here_and_at_xero),
		WORLD_TEST(xero_not_answering_is_told_again_for_a_day),
		WORLD_TEST(after_a_day_it_is_forgotten),
		WORLD_TEST(a_grant_that_another_connection_names_is_kept),
		WORLD_TEST(a_disconnect_taken_up_again_goes_on),
		WORLD_TEST(a_check_of_a_good_connection_changes_nothing_1),
		WORLD_TEST(fault_65_a_check_finds_a_disconnect_made_in_xero_2),
		WORLD_TEST(a_check_finds_a_dead_sign_in_3),
		WORLD_TEST(a_check_heals_a_permission_given_back_4),
		WORLD_TEST(a_check_that_cannot_ask_waits_for_tomorrow_5),
		WORLD_TEST(without_a_mail_server_mails_become_files),
		WORLD_TEST(a_link_is_made_by_the_job_that_mails_it),
		WORLD_TEST(mails_of_the_second_factor_say_what_happened),
		WORLD_TEST(v1_3_11_names_add_no_mail_header),
		WORLD_TEST(a_disabled_person_gets_no_mail),
		WORLD_TEST(an_unknown_job_is_dropped_with_an_alarm),
		WORLD_TEST(tidying_removes_what_has_had_its_time),
		WORLD_TEST(fault_60_keys_rotate_while_running),
		WORLD_TEST(workers_share_the_queue_without_double_work),
		WORLD_TEST(fault_68_two_workers_never_run_an_organisation_at_once),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
