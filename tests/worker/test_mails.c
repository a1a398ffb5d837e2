/* Mails: what is in them, who gets them, once; over a mail server that takes them, or not, or says nothing. */
#include "support/sync_cases.h"

#include "io/file.h"
#include "support/tls_server.h"
#include "worker/letter.h"

#include <signal.h>
#include <unistd.h>

static struct post {
	const char *end; /* the answer to a message; NULL: none, ever */
	struct tls_server server;
} post;

static bool begins(struct str line, const char *word)
{
	return str_is_ci(str_sub(line, 0, strlen(word)), word);
}

static void say(struct tls_peer *p, const char *line)
{
	tls_say(p, str_of(line));
	tls_say(p, STR("\r\n"));
}

static bool take_message(struct tls_peer *p)
{
	struct str line;
	say(p, "354 go on");
	do
		line = tls_hear_line(p);
	while (line.p != NULL && !str_is(line, "."));
	if (post.end == NULL) {
		while (tls_hear_line(p).p != NULL)
			continue;
		return false;
	}
	if (*post.end == '\0')
		return false;
	say(p, post.end);
	return true;
}

static void smtp(struct tls_peer *p)
{
	say(p, "220 test ESMTP");
	for (;;) {
		struct str line = tls_hear_line(p);
		if (line.p == NULL || begins(line, "QUIT"))
			return;
		if (!begins(line, "DATA"))
			say(p, "250 ok");
		else if (!take_message(p))
			return;
	}
}

/* `end` "": the server hangs up on the whole message. */
static void post_opens(const char *end)
{
	post.end = end;
	post.server = tls_server_start(g.home, TLS_GOOD, false, smtp);
	const char *url = arena_printf(g.home, "smtps://localhost:%d", post.server.port);
	g.set.smtp_url = secret_new(g.home, url, strlen(url));
	g.w.http = http_new(g.home, post.server.ca_file);
}

static const char *post_closes(void)
{
	const char *log = tls_server_log(g.home, &post.server).p;
	tls_server_stop(&post.server);
	g.set.smtp_url = NULL;
	return log == NULL ? "" : log;
}

static int times(const char *in, const char *what)
{
	int n = 0;
	for (; (in = strstr(in, what)) != NULL; in++)
		n++;
	return n;
}

static void queue(const char *what, int64_t user, const char *more)
{
	world_queue("mail", arena_printf(g.home, "{\"what\":\"%s\",\"user\":%lld%s}", what,
				    (long long)user, more));
}

/* The one mail that became a file; NULL: none did. */
static const char *filed(void)
{
	const char *const *names = NULL, *dir = arena_printf(g.home, "%s/mail", g.dir);
	struct str text = STR("");
	struct err e;
	size_t n = 0;
	if (!file_list(g.home, dir, ".eml", &names, &n, &e) || n == 0)
		return NULL;
	assert_int_equal(n, 1);
	const char *path = arena_printf(g.home, "%s/%s", dir, names[0]);
	assert_ok(file_read(g.home, path, LETTER_MAX, &text, &e));
	assert_int_equal(unlink(path), 0);
	return text.p;
}

static void a_mail_is_plain_text_and_html(void **state)
{
	char boundary[64] = "";
	(void)state;
	queue("mfa_reset", d.member, ",\"by\":\"<b>Ada</b>\\r\\n--x\\r\\nBcc: a@b.example\"");
	step();
	const char *mail = filed();
	assert_non_null(mail);
	const char *at = strstr(mail, "multipart/alternative; boundary=\"");
	assert_non_null(at);
	assert_int_equal(sscanf(at + 33, "%40[^\"]", boundary), 1);
	assert_int_equal(times(mail, arena_printf(g.home, "\r\n--%s\r\n", boundary)), 2);
	assert_int_equal(times(mail, arena_printf(g.home, "\r\n--%s--\r\n", boundary)), 1);
	assert_true(strstr(mail, "text/plain") < strstr(mail, "text/html"));
	/* As typed in the one part, escaped in the other, and in neither a line of its own. */
	assert_non_null(
		strstr(mail, "\r\nIt was reset by <b>Ada</b>  --x  Bcc: a@b.example.\r\n"));
	assert_non_null(strstr(mail, "reset by &lt;b&gt;Ada&lt;/b&gt;"));
	assert_null(strstr(mail, "\nBcc:"));
	assert_int_equal(times(mail, "\r\nHello Max Member,\r\n"), 1);
	assert_non_null(strstr(mail, "<p>Hello Max Member,</p>"));
	assert_non_null(strstr(mail, "\r\nhttps://localhost:8443/login\r\n"));
	assert_non_null(strstr(mail, "href=\"https://localhost:8443/login\""));
	assert_non_null(strstr(mail, "cannot be switched off"));
	assert_null(strstr(mail, "List-Unsubscribe"));
}

/* A name that turns the direction of writing turns only its own, in both parts. */
static void names_in_mails_are_isolated(void **state)
{
	const char *name = "\xD7\xA0\xD7\x95 (1)";
	const char *alone = arena_printf(g.home, "\xE2\x81\xA8%s\xE2\x81\xA9", name);
	(void)state;
	(void)db_do(arena_printf(g.home, "UPDATE app_user SET name = '%s' WHERE user_id = %lld",
		name, (long long)d.member));
	queue("mfa_reset", d.member, arena_printf(g.home, ",\"by\":\"%s\"", name));
	step();
	const char *mail = filed();
	assert_non_null(mail);
	assert_int_equal(times(mail, arena_printf(g.home, "Hello %s,", alone)), 2);
	assert_int_equal(times(mail, arena_printf(g.home, "It was reset by %s.", alone)), 2);
	(void)db_do(arena_printf(g.home,
		"UPDATE app_user SET name = 'Max Member' WHERE user_id = %lld",
		(long long)d.member));
}

static void no_line_is_longer_than_a_mail_server_takes(void **state)
{
	const char *name = "\xE6\xBC\xA2\xE5\xAD\x97\xE6\xBC\xA2\xE5\xAD\x97";
	struct buf long_name;
	struct str rest, line;
	(void)state;
	buf_init(&long_name, g.home, 8192);
	for (int i = 0; i < 100; i++)
		buf_adds(&long_name, name);
	queue("mfa_reset", d.member, arena_printf(g.home, ",\"by\":\"%s\"", long_name.data));
	step();
	const char *mail = filed();
	assert_non_null(mail);
	rest = str_of(mail);
	assert_true(str_utf8_valid(rest));
	while (str_next(&rest, '\n', &line)) {
		assert_true(line.n <= LETTER_LINE_MAX + 1);
		assert_true(line.n == 0 || line.p[line.n - 1] == '\r');
		assert_true(str_utf8_valid(line));
	}
	/* Nothing over a mail's size is begun. */
	struct letter l = {.to_email = "a@b.example",
		.subject = "s",
		.text = "t",
		.link = "l",
		.link_words = "w"};
	struct buf big;
	struct err e;
	buf_init(&big, g.home, SIZE_MAX);
	for (int i = 0; i < LETTER_MAX; i++)
		buf_addc(&big, 'x');
	l.detail = big.data;
	assert_fails(letter_write(&g.w, &l, &line, &e), ERR_TOO_LARGE);
}

static void what_may_be_switched_off_is_off(void **state)
{
	(void)state;
	queue("sync_held", d.admin, "");
	step();
	const char *mail = filed();
	assert_non_null(mail);
	assert_non_null(strstr(
		mail, "\r\nList-Unsubscribe: <https://localhost:8443/profile/mails>\r\n"));
	assert_int_equal(times(mail, "Choose which emails you get"), 2);
	(void)db_do("UPDATE app_user SET mails_off = '{sync_held,reconnect}'");
	queue("sync_held", d.admin, "");
	step();
	assert_null(filed());
	/* A list cannot switch off what one needs to know. */
	queue("reconnect", d.admin, ",\"detail\":\"sign_in\"");
	step();
	assert_non_null(filed());
	(void)db_do("UPDATE app_user SET mails_off = '{}'");
	assert_int_equal(count("job"), 0);
}

static void a_failing_sync_says_since_when(void **state)
{
	(void)state;
	live();
	(void)db_do("DELETE FROM job");
	(void)db_do(
		"UPDATE connection SET last_success_at = '2026-11-21 17:12:00Z' WHERE org_id = 1001");
	(void)db_do(
		"UPDATE app_user SET time_zone = 'Pacific/Auckland' WHERE name = 'Ada Admin'");
	queue("sync_failing", d.admin, "");
	step();
	assert_int_equal(
		times(filed(), "They have not been updated since 22 Nov 2026, 06:12."), 2);
	(void)db_do("UPDATE app_user SET time_zone = NULL");
}

static void a_taken_mail_is_done_with(void **state)
{
	(void)state;
	post_opens("250 ok");
	queue("sync_held", d.admin, "");
	step();
	const char *log = post_closes();
	assert_int_equal(times(log, "DATA\r\n"), 1);
	assert_int_equal(times(log, "Message-ID: <job-"), 1);
	assert_int_equal(count("job"), 0);
}

static void a_server_that_is_away_is_asked_again_for_a_day(void **state)
{
	(void)state;
	post_opens("451 try later");
	queue("sync_held", d.admin, "");
	step();
	assert_int_equal(count("job WHERE handed_at IS NULL AND due_at > now()"), 1);
	/* Long after other jobs would have been given up. */
	(void)db_do("UPDATE job SET attempts = 30");
	world_due("mail");
	step();
	assert_int_equal(
		db_number("SELECT round((epoch(due_at) - epoch(now())) / 60.0) FROM job"), 60);
	/* One name for all its tries. */
	const char *log = post_closes(), *id = strstr(log, "Message-ID: ");
	assert_non_null(id);
	assert_int_equal(times(log, arena_strndup(g.home, id, strcspn(id, "\r"))), 2);
	(void)db_do("UPDATE job SET attempts = 40");
	post_opens("451 try later");
	world_due("mail");
	step();
	(void)post_closes();
	assert_int_equal(count("job"), 0);
}

/* The server hung up on the whole message: it may have taken it. */
static void an_answer_that_is_lost_sends_nothing_twice(void **state)
{
	(void)state;
	post_opens("");
	queue("sync_held", d.admin, "");
	step();
	world_due("mail");
	(void)world_work();
	assert_int_equal(times(post_closes(), "DATA\r\n"), 1);
	assert_int_equal(count("job"), 0);
}

static void send_and_be_killed(void)
{
	struct worker w;
	bool did;
	int wait_s;
	struct err e;
	world_worker(&w, arena_new(), "worker-2");
	w.http = g.w.http;
	_exit(worker_step(&w, &did, &wait_s, &e) ? 0 : 1);
}

/* Between the last byte and the mark that all is done the worker is killed; another finds its job. */
static void a_worker_killed_while_it_sends_sends_nothing_twice(void **state)
{
	(void)state;
	post_opens(NULL);
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, payload) VALUES (1001, 'mail', '{\"what\":\"sync_held\",\"user\":%lld}')",
		(long long)d.admin));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		send_and_be_killed();
	for (int i = 0;
		i < 500 && strstr(tls_server_log(g.home, &post.server).p, "\r\n.\r\n") == NULL;
		i++)
		tls_pause(20);
	assert_int_equal(kill(child, SIGKILL), 0);
	(void)world_reap(child);
	assert_int_equal(count("job WHERE handed_at IS NOT NULL AND owner IS NOT NULL"), 1);
	world_due("mail");
	(void)world_work();
	assert_int_equal(times(post_closes(), "DATA\r\n"), 1);
	assert_int_equal(count("job"), 0);
}

static void a_summary_comes_once_a_morning(void **state)
{
	(void)state;
	live();
	(void)db_do("DELETE FROM job");
	/* 07:30 in Auckland of a Wednesday; the run ended at noon of the day before. */
	g.now = 1795545000;
	(void)db_do(
		"UPDATE sync_run SET ended_at = to_timestamp(1795545000 - 19 * 3600), state = 'complete',"
		" started_at = now(), added = 1, changed = 1234");
	(void)db_do(
		"UPDATE app_user SET digest = 'daily', time_zone = 'Pacific/Auckland',"
		" digest_since = to_timestamp(1795545000 - 40 * 3600) WHERE name = 'Max Member'");
	for (int i = 0; i < 3; i++) {
		world_queue("digest", "{}");
		step();
		(void)db_do("DELETE FROM job WHERE kind = 'digest'");
		(void)db_do("UPDATE job SET due_at = now() + interval '1 hour'");
	}
	assert_int_equal(count("job WHERE kind = 'mail'"), 1);
	world_due("mail");
	step();
	const char *mail = filed();
	assert_non_null(mail);
	assert_non_null(strstr(mail, "Subject: Summary of your client syncs\r\n"));
	assert_non_null(strstr(
		mail, "  1 sync finished\r\n  1 new client\r\n  1,234 clients updated\r\n"));
	assert_non_null(strstr(mail, "<li>1,234 clients updated</li>"));
	assert_non_null(strstr(mail, "List-Unsubscribe"));
	/* The next morning; no sync has ended since, so no mail. */
	g.now += 24 * 3600;
	world_queue("digest", "{}");
	(void)world_work();
	assert_null(filed());
	assert_int_equal(count("mail_digest"), 1);
	(void)db_do("DELETE FROM mail_digest");
	(void)db_do(
		"UPDATE app_user SET digest = 'off', digest_since = NULL, time_zone = NULL");
}

static int forget_ca(void **state)
{
	tls_server_forget_ca();
	return world_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_mail_is_plain_text_and_html),
		WORLD_TEST(names_in_mails_are_isolated),
		WORLD_TEST(no_line_is_longer_than_a_mail_server_takes),
		WORLD_TEST(what_may_be_switched_off_is_off),
		WORLD_TEST(a_failing_sync_says_since_when),
		WORLD_TEST(a_taken_mail_is_done_with),
		WORLD_TEST(a_server_that_is_away_is_asked_again_for_a_day),
		WORLD_TEST(an_answer_that_is_lost_sends_nothing_twice),
		WORLD_TEST(a_worker_killed_while_it_sends_sends_nothing_twice),
		WORLD_TEST(a_summary_comes_once_a_morning),
	};
	return cmocka_run_group_tests(tests, world_set_up, forget_ca);
}
