/* io/http against servers that do their worst: nothing but a whole answer counts as one. */
#include "io/http.h"

#include "base/clock.h"
#include "support/tls_server.h"
#include "test.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct http_request get(struct arena *a, const struct tls_server *s)
{
	return (struct http_request){
		.method = "GET", .url = tls_server_url(a, s, "/"), .timeout_s = 10};
}

/* ---- nobody is spoken to who is not known ---- */

static void say_ok(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
}

static void fault_38_wrong_certificates_are_sent_nothing(void **state)
{
	static const enum tls_certificate wrong[] = {
		TLS_OTHER_HOST, TLS_EXPIRED, TLS_SELF_SIGNED, TLS_NONE};
	struct err e;
	struct http_reply r;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct tls_server s = tls_server_start(*state, wrong[i], false, say_ok);
		struct http_request q = get(*state, &s);
		q.bearer = secret_new(*state, "token", 5);
		struct http *h = http_new(*state, s.ca_file);
		q.timeout_s = 3;
		assert_fails(http_fetch(h, *state, &q, &r, &e), ERR_UPSTREAM);
		assert_false(r.was_sent);
		assert_int_equal(r.status, 0);
		struct str heard = tls_server_log(*state, &s);
		assert_null(memmem(heard.p, heard.n, "token", 5));
		tls_server_stop(&s);
	}
}

static void an_unknown_ca_is_refused(void **state)
{
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, say_ok);
	struct http_request q = get(*state, &s);
	assert_fails(http_fetch(http_new(*state, NULL), *state, &q, &r, &e), ERR_UPSTREAM);
	assert_false(r.was_sent);
	assert_fails(http_fetch(http_new(*state, "/nonexistent/ca.pem"), *state, &q, &r, &e),
		ERR_CONFIG);
	assert_ok(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e));
	tls_server_stop(&s);
}

static void only_https_is_spoken(void **state)
{
	static const char *const urls[] = {"http://localhost:%d/", "ftp://localhost:%d/",
		"file:///etc/passwd", "https://", "x y"};
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_NONE, false, say_ok);
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		char url[64];
		(void)snprintf(url, sizeof url, i < 2 ? "%s://localhost:%d/" : "%s",
			i == 0	 ? "http"
			: i == 1 ? "ftp"
				 : urls[i],
			s.port);
		const struct http_request q = {.method = "GET", .url = url};
		assert_fails(
			http_fetch(http_new(*state, NULL), *state, &q, &r, &e), ERR_CONFIG);
		assert_false(r.was_sent);
	}
	assert_int_equal(tls_server_log(*state, &s).n, 0);
	tls_server_stop(&s);
}

/* ---- cut off ---- */

static struct {
	struct str answer;
	size_t keep;
	bool farewell;
} cut;

static void say_part(struct tls_peer *p)
{
	if (tls_hear_request(p).n == 0)
		return;
	tls_say(p, str_sub(cut.answer, 0, cut.keep));
	if (!cut.farewell)
		tls_vanish(p);
}

/* How many of the cut answers pass for whole ones, and the shortest of those. */
static int count_accepted(struct arena *a, struct str answer, bool farewell, size_t *least_r)
{
	int accepted = 0;
	*least_r = answer.n;
	for (size_t keep = 0; keep < answer.n; keep++) {
		struct err e;
		struct http_reply r;
		cut.answer = answer;
		cut.keep = keep;
		cut.farewell = farewell;
		struct tls_server s = tls_server_start(a, TLS_GOOD, false, say_part);
		struct http_request q = get(a, &s);
		bool ok = http_fetch(http_new(a, s.ca_file), a, &q, &r, &e);
		if (!ok) {
			assert_int_equal(e.kind, ERR_UPSTREAM);
			assert_true(r.was_sent);
		}
		if (ok && accepted++ == 0)
			*least_r = keep;
		tls_server_stop(&s);
	}
	return accepted;
}

static void fault_31_a_cut_body_with_a_length_is_no_answer(void **state)
{
	size_t least;
	const struct str answer = STR("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
				      "01234567890123456789");
	assert_int_equal(count_accepted(*state, answer, true, &least), 0);
	assert_int_equal(count_accepted(*state, answer, false, &least), 0);
}

/* libcurl does not wait for the very last line feed: all chunks, the empty one too, were there. */
static void fault_31_a_cut_body_in_chunks_is_no_answer(void **state)
{
	size_t least;
	const struct str answer = STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				      "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n");
	for (int farewell = 0; farewell < 2; farewell++) {
		assert_in_range(count_accepted(*state, answer, farewell == 1, &least), 0, 1);
		assert_in_range(least, answer.n - 1, answer.n);
	}
}

/* Why a document must prove its own end: here HTTP cannot tell. */
static void fault_31_a_body_without_length_ends_with_the_connection(void **state)
{
	size_t least;
	const struct str answer = STR("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789");
	for (int farewell = 0; farewell < 2; farewell++) {
		assert_int_equal(count_accepted(*state, answer, farewell == 1, &least), 10);
		assert_int_equal(least, answer.n - 10); /* none of those cut within the head */
	}
}

/* ---- resets, hangs, slowness ---- */

static void reset_at_once(struct tls_peer *p)
{
	tls_reset(p);
}

static void reset_in_body(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123"));
	tls_reset(p);
}

static void fault_39_resets_are_errors(void **state)
{
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_NONE, false, reset_at_once);
	struct http_request q = get(*state, &s);
	assert_fails(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e), ERR_UPSTREAM);
	assert_false(r.was_sent);
	tls_server_stop(&s);
	s = tls_server_start(*state, TLS_GOOD, false, reset_in_body);
	q = get(*state, &s);
	assert_fails(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e), ERR_UPSTREAM);
	assert_true(r.was_sent);
	tls_server_stop(&s);
}

static void fault_37_39_a_closed_port_and_an_unknown_name(void **state)
{
	struct err e;
	struct http_reply r;
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof to;
	/* Bound but not listening: nobody else gets the port meanwhile. */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &n), 0);
	const char *urls[] = {arena_printf(*state, "https://127.0.0.1:%d/", ntohs(to.sin_port)),
		"https://nowhere.invalid/"};
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		const struct http_request q = {.method = "GET", .url = urls[i]};
		int64_t start = clock_mono_ms();
		assert_fails(
			http_fetch(http_new(*state, NULL), *state, &q, &r, &e), ERR_UPSTREAM);
		assert_false(r.was_sent);
		assert_true(clock_mono_ms() - start < 10000);
	}
	(void)close(fd);
}

static void hang(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	while (tls_is_heard(p))
		tls_pause(20);
}

static void drip(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
	while (tls_is_heard(p)) {
		tls_say(p, STR("x"));
		tls_pause(100);
	}
}

static void think_then_answer(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_pause(3500);
	tls_say(p, STR("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
}

static void silence_ends_at_the_limit(void **state)
{
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, hang);
	struct http_request q = get(*state, &s);
	q.timeout_s = 1;
	int64_t start = clock_mono_ms();
	assert_fails(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e), ERR_UPSTREAM);
	assert_in_range(clock_mono_ms() - start, 900, 4000);
	assert_true(r.was_sent);
	tls_server_stop(&s);
}

static void fault_36_a_trickle_is_given_up(void **state)
{
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, drip);
	struct http_request q = get(*state, &s);
	q.timeout_s = 60;
	q.stall_s = 2;
	int64_t start = clock_mono_ms();
	assert_fails(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e), ERR_UPSTREAM);
	assert_string_equal(e.text, "The answer came to a standstill.");
	assert_in_range(clock_mono_ms() - start, 1900, 8000);
	tls_server_stop(&s);
}

/* Xero may think for minutes about a long list: silence before the first line is no stall. */
static void time_to_think_is_given(void **state)
{
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, think_then_answer);
	struct http_request q = get(*state, &s);
	q.stall_s = 2;
	assert_ok(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e));
	assert_true(str_is(r.body, "ok"));
	tls_server_stop(&s);
}

static int ticks;

static bool on_tick(void *user, struct err *e)
{
	(void)user;
	return ++ticks < 3 || err_set(e, ERR_CONFLICT, "the lease is gone");
}

static void ticks_come_while_waiting(void **state)
{
	struct err e;
	struct http_reply r;
	struct tls_server s = tls_server_start(*state, TLS_GOOD, false, hang);
	struct http_request q = get(*state, &s);
	q.timeout_s = 20;
	q.on_tick = on_tick;
	ticks = 0;
	int64_t start = clock_mono_ms();
	assert_fails(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e), ERR_CONFLICT);
	assert_string_equal(e.text, "the lease is gone");
	assert_int_equal(ticks, 3);
	assert_in_range(clock_mono_ms() - start, 2900, 9000);
	tls_server_stop(&s);
}

/* ---- too much ---- */

static void endless(struct tls_peer *p)
{
	char block[16384];
	memset(block, 'x', sizeof block);
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
	while (tls_is_heard(p))
		tls_say(p, (struct str){block, sizeof block});
}

static void bomb(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"));
	tls_say_bomb(p, STR(""), 'x');
}

static size_t seen;

static bool count_bytes(
	void *user, const struct http_reply *reply, struct str piece, struct err *e)
{
	(void)user;
	(void)reply;
	(void)e;
	seen += piece.n;
	for (size_t i = 0; i < piece.n; i++)
		assert_int_equal(piece.p[i], 'x');
	return true;
}

static long peak_kib(void)
{
	struct rusage u;
	assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
	return u.ru_maxrss;
}

static void fault_32_the_cap_holds_while_streaming(void **state)
{
	static const tls_talk talks[] = {endless, bomb};
	enum { CAP = 3 * 1024 * 1024 };
	struct err e;
	struct http_reply r;
	for (size_t i = 0; i < ARRAY_LEN(talks); i++)
		for (int streamed = 0; streamed < 2; streamed++) {
			struct tls_server s =
				tls_server_start(*state, TLS_GOOD, false, talks[i]);
			struct http_request q = get(*state, &s);
			q.body_max = CAP;
			q.on_body = streamed ? count_bytes : NULL;
			seen = 0;
			long before = peak_kib();
			assert_fails(
				http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e),
				ERR_TOO_LARGE);
			assert_string_equal(
				e.text, "The answer is larger than 3,145,728 bytes.");
			assert_in_range(r.bytes, CAP + 1, CAP + 64 * 1024);
			assert_in_range(streamed ? seen : r.body.n, CAP - 64 * 1024, CAP);
			assert_true(peak_kib() - before < 32 * 1024);
			tls_server_stop(&s);
		}
}

static int n_headers;
static size_t header_bytes;

static void say_headers(struct tls_peer *p)
{
	char block[10000];
	(void)tls_hear_request(p);
	tls_say(p, STR("HTTP/1.1 200 OK\r\n"));
	for (int i = 1; i < n_headers; i++)
		tls_say(p, STR("X-Many: yes\r\n"));
	memset(block, 'x', sizeof block);
	tls_say(p, STR("X-Long: "));
	tls_say(p, (struct str){block, header_bytes - strlen("X-Long: \r\n")});
	tls_say(p, STR("\r\n\r\nbody"));
}

static void headers_have_limits(void **state)
{
	static const struct {
		int n;
		size_t bytes;
		bool ok;
	} rows[] = {{64, 100, true}, {65, 100, false}, {5000, 100, false}, {1, 8192, true},
		{1, 8193, false}, {1, 10000, false}};
	struct err e;
	struct http_reply r;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		n_headers = rows[i].n;
		header_bytes = rows[i].bytes;
		struct tls_server s = tls_server_start(*state, TLS_GOOD, false, say_headers);
		struct http_request q = get(*state, &s);
		if (rows[i].ok)
			assert_ok(http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e));
		else
			assert_fails(
				http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e),
				ERR_TOO_LARGE);
		tls_server_stop(&s);
	}
}

/* ---- nonsense ---- */

static struct str nonsense;

static void say_nonsense(struct tls_peer *p)
{
	(void)tls_hear_request(p);
	tls_say(p, nonsense);
}

static void nonsense_is_no_answer(void **state)
{
	static const struct str texts[] = {{"", 0}, {"hello", 5}, {"\0\1\2\3", 4},
		{"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", 27}, {"HTTP/1.1 200 OK\r\n", 17},
		{"HTTP/1.1\r\n\r\n", 12}, {"HTTP/1.1 100 Continue\r\n\r\n", 25},
		{"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 39},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 51}};
	struct err e;
	struct http_reply r;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		nonsense = texts[i];
		struct tls_server s = tls_server_start(*state, TLS_GOOD, false, say_nonsense);
		struct http_request q = get(*state, &s);
		bool ok = http_fetch(http_new(*state, s.ca_file), *state, &q, &r, &e);
		if (ok)
			fail_msg("taken for an answer: %zu: %s", i, texts[i].p);
		assert_int_equal(e.kind, ERR_UPSTREAM);
		tls_server_stop(&s);
	}
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
		TEST(fault_38_wrong_certificates_are_sent_nothing),
		TEST(an_unknown_ca_is_refused),
		TEST(only_https_is_spoken),
		TEST(fault_31_a_cut_body_with_a_length_is_no_answer),
		TEST(fault_31_a_cut_body_in_chunks_is_no_answer),
		TEST(fault_31_a_body_without_length_ends_with_the_connection),
		TEST(fault_39_resets_are_errors),
		TEST(fault_37_39_a_closed_port_and_an_unknown_name),
		TEST(silence_ends_at_the_limit),
		TEST(fault_36_a_trickle_is_given_up),
		TEST(time_to_think_is_given),
		TEST(ticks_come_while_waiting),
		TEST(fault_32_the_cap_holds_while_streaming),
		TEST(headers_have_limits),
		TEST(nonsense_is_no_answer),
	};
	return cmocka_run_group_tests(tests, NULL, forget_ca);
}
