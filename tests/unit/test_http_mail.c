/* http_send_mail against an SMTP server of the test's own (RFC 5321, 3207, 4954). */
#include "io/http.h"

#include "support/tls_server.h"
#include "test.h"

/* How the server behaves; set before it is started. */
static struct {
	bool no_starttls;
	const char *auth; /* answer to AUTH */
	const char *rcpt; /* answer to RCPT */
	const char *end;  /* answer to the message; NULL: hangs up instead */
} how;

static bool begins(struct str line, const char *word)
{
	return str_is_ci(str_sub(line, 0, strlen(word)), word);
}

static void answer_line(struct tls_peer *p, const char *line)
{
	tls_say(p, str_of(line));
	tls_say(p, STR("\r\n"));
}

static bool read_message(struct tls_peer *p)
{
	answer_line(p, "354 go on");
	for (;;) {
		struct str line = tls_hear_line(p);
		if (line.p == NULL)
			return false;
		if (str_is(line, "."))
			break;
	}
	if (how.end != NULL)
		answer_line(p, how.end);
	return how.end != NULL;
}

static void smtp(struct tls_peer *p, bool secure)
{
	answer_line(p, "220 test ESMTP");
	for (;;) {
		struct str line = tls_hear_line(p);
		if (line.p == NULL || begins(line, "QUIT"))
			return;
		if (begins(line, "EHLO")) {
			answer_line(p, "250-test");
			if (!secure && !how.no_starttls)
				answer_line(p, "250-STARTTLS");
			answer_line(p, "250 AUTH PLAIN");
		} else if (begins(line, "STARTTLS")) {
			answer_line(p, "220 go on");
			if (!tls_upgrade(p))
				return;
			secure = true;
		} else if (begins(line, "AUTH")) {
			answer_line(p, "334 ");
			(void)tls_hear_line(p);
			answer_line(p, how.auth);
		} else if (begins(line, "RCPT")) {
			answer_line(p, how.rcpt);
		} else if (begins(line, "DATA")) {
			if (!read_message(p))
				return;
		} else {
			answer_line(p, "250 ok");
		}
	}
}

static void smtp_plain_first(struct tls_peer *p)
{
	smtp(p, false);
}

static void smtp_over_tls(struct tls_peer *p)
{
	smtp(p, true);
}

static int usual(void **state)
{
	how.no_starttls = false;
	how.auth = "235 ok";
	how.rcpt = how.end = "250 ok";
	return test_begin(state);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown((f), usual, test_end)

static const char text[] = "Subject: hi\r\n\r\nfirst\r\n.hidden dot\r\nlast\r\n";
static const struct str message = {text, sizeof text - 1};

struct sent {
	bool ok;
	struct err e;
	struct str heard;
};

/* `who` is "" or "user:password@". */
static struct sent send_mail(
	struct arena *a, enum tls_certificate certificate, bool starttls, const char *who)
{
	struct sent s = {.ok = false};
	struct tls_server server = tls_server_start(
		a, certificate, starttls, starttls ? smtp_plain_first : smtp_over_tls);
	const char *url = arena_printf(
		a, "%s://%slocalhost:%d", starttls ? "smtp" : "smtps", who, server.port);
	s.ok = http_send_mail(http_new(a, server.ca_file), secret_new(a, url, strlen(url)),
		"gap@example.org", "jo@example.org", message, &s.e);
	s.heard = tls_server_log(a, &server);
	tls_server_stop(&server);
	return s;
}

static void mails_go_through_starttls(void **state)
{
	struct sent s = send_mail(*state, TLS_GOOD, true, "");
	if (!s.ok)
		fail_msg("%s", s.e.text);
	assert_non_null(strstr(s.heard.p, "\r\nSTARTTLS\r\n"));
	assert_non_null(strstr(s.heard.p, "MAIL FROM:<gap@example.org>"));
	assert_non_null(strstr(s.heard.p, "RCPT TO:<jo@example.org>\r\n"));
	assert_non_null(strstr(s.heard.p, "\r\nfirst\r\n..hidden dot\r\nlast\r\n.\r\n"));
	assert_null(strstr(s.heard.p, "AUTH"));
	/* Nothing of the mail before TLS. */
	assert_true(strstr(s.heard.p, "MAIL FROM") > strstr(s.heard.p, "STARTTLS"));
}

static void mails_go_through_tls_from_the_start(void **state)
{
	struct sent s = send_mail(*state, TLS_GOOD, false, "");
	assert_true(s.ok);
	assert_null(strstr(s.heard.p, "STARTTLS"));
	assert_non_null(strstr(s.heard.p, "\r\n..hidden dot\r\n"));
}

static void the_address_may_hold_a_log_in(void **state)
{
	struct sent s = send_mail(*state, TLS_GOOD, true, "us%40er:p%3Ass@");
	assert_true(s.ok);
	/* \0us@er\0p:ss */
	assert_non_null(strstr(s.heard.p, "AHVzQGVyAHA6c3M="));
	how.auth = "535 no";
	s = send_mail(*state, TLS_GOOD, true, "user:hunter2@");
	assert_false(s.ok);
	assert_int_equal(s.e.kind, ERR_REFUSED);
	assert_null(strstr(s.e.text, "hunter2"));
	assert_null(strstr(s.heard.p, "Subject"));
}

static void without_tls_nothing_is_sent(void **state)
{
	static const enum tls_certificate wrong[] = {
		TLS_OTHER_HOST, TLS_EXPIRED, TLS_SELF_SIGNED};
	how.no_starttls = true;
	struct sent s = send_mail(*state, TLS_GOOD, true, "user:hunter2@");
	assert_false(s.ok);
	assert_int_equal(s.e.kind, ERR_REFUSED);
	assert_null(strstr(s.heard.p, "MAIL"));
	assert_null(strstr(s.heard.p, "AUTH"));
	how.no_starttls = false;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		s = send_mail(*state, wrong[i], true, "user:hunter2@");
		assert_false(s.ok);
		assert_int_equal(s.e.kind, ERR_REFUSED);
		assert_null(strstr(s.heard.p, "MAIL"));
		assert_null(strstr(s.heard.p, "AUTH"));
	}
}

static void refusals_for_good_and_for_now(void **state)
{
	static const struct {
		const char *rcpt, *end;
		enum err_kind kind;
	} rows[] = {{"550 no such user", "250 ok", ERR_REFUSED},
		{"451 try later", "250 ok", ERR_UPSTREAM}, {"250 ok", "554 spam", ERR_REFUSED},
		{"250 ok", "452 full", ERR_UPSTREAM},
		/* It hangs up on the whole message: nobody can know. */
		{"250 ok", NULL, ERR_UNCERTAIN}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		how.rcpt = rows[i].rcpt;
		how.end = rows[i].end;
		struct sent s = send_mail(*state, TLS_GOOD, true, "");
		assert_false(s.ok);
		if (s.e.kind != rows[i].kind)
			fail_msg("%zu: %s", i, s.e.text);
	}
}

static void nobody_there_is_for_now(void **state)
{
	struct err e;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, smtp_over_tls);
	const char *url = arena_printf(*state, "smtps://localhost:%d", s.port);
	tls_server_stop(&s);
	assert_fails(http_send_mail(http_new(*state, NULL),
			     secret_new(*state, url, strlen(url)), "a@b", "c@d", message, &e),
		ERR_UPSTREAM);
}

static void addresses_cannot_speak_smtp(void **state)
{
	static const char *const wrong[] = {"jo", "jo@example.org>\r\nDATA", "jo@a\nb",
		"<jo@a>", "jo@a b", "", "jo\xC3\xA9@a"};
	struct err e;
	struct http *h = http_new(*state, NULL);
	const struct secret *url = secret_new(*state, "smtp://127.0.0.1:1", 18);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_fails(http_send_mail(h, url, "a@b", wrong[i], message, &e), ERR_INVALID);
		assert_fails(http_send_mail(h, url, wrong[i], "a@b", message, &e), ERR_INVALID);
	}
}

/* After a mail the same handle speaks https again, and only that. */
static void a_mail_leaves_nothing_behind(void **state)
{
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, smtp_over_tls);
	struct http *h = http_new(*state, s.ca_file);
	const char *url = arena_printf(*state, "smtps://localhost:%d", s.port);
	assert_ok(http_send_mail(
		h, secret_new(*state, url, strlen(url)), "a@b", "c@d", message, &e));
	const struct http_request q = {.method = "GET", .url = url};
	assert_fails(http_fetch(h, *state, &q, &r, &e), ERR_CONFIG);
	tls_server_stop(&s);
}

static int forget_ca(void **state)
{
	(void)state;
	tls_server_forget_ca();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mails_go_through_starttls),
		TEST(mails_go_through_tls_from_the_start),
		TEST(the_address_may_hold_a_log_in),
		TEST(without_tls_nothing_is_sent),
		TEST(refusals_for_good_and_for_now),
		TEST(nobody_there_is_for_now),
		TEST(addresses_cannot_speak_smtp),
		TEST(a_mail_leaves_nothing_behind),
	};
	return cmocka_run_group_tests(tests, NULL, forget_ca);
}
