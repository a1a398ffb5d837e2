#include "io/fcgi.h"

#include "io/stop.h"
#include "support/fcgi_client.h"
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BODY_MAX = 1000 };

/* One server for all tests, in a child: it says what it read, or does what the address asks. */
static struct {
	char folder[32];
	const char *path;
	struct arena *arena;
	pid_t server;
} t = {.folder = "/tmp/gap-test-fcgi.XXXXXX"};

static void answer(struct fcgi *f, struct arena *a)
{
	const char *uri = fcgi_param(f, "REQUEST_URI");
	struct str body;
	struct err e;
	struct buf out;
	buf_init(&out, a, 64 * 1024 * 1024);
	buf_adds(&out, "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	if (strcmp(uri, "/cut") == 0) {
		buf_adds(&out, "half of wh");
	} else if (strcmp(uri, "/large") == 0) {
		for (int i = 0; i < 100000; i++)
			buf_adds(&out, "0123456789");
	} else if (str_starts(str_of(uri), "/bytes/")) {
		for (long n = strtol(uri + 7, NULL, 10); n > 0; n--)
			buf_addc(&out, 'b');
	} else if (!fcgi_body(f, a, BODY_MAX, &body, &e)) {
		buf_printf(&out, "error %s", err_rule(e.kind)->name);
	} else {
		buf_printf(&out, "%s %s %zu:", fcgi_param(f, "REQUEST_METHOD"),
			fcgi_param(f, "HTTP_NONE") == NULL ? "none" : "some", body.n);
		buf_addstr(&out, body);
	}
	(void)fcgi_write(f, buf_str(&out));
	fcgi_finish(f, strcmp(uri, "/cut") == 0);
}

static int serve(int fd)
{
	struct arena *own = arena_new(), *a = arena_new();
	struct fcgi *f;
	struct err e;
	if (!stop_install(&e) || !fcgi_open(own, fd, &f, &e))
		return 1;
	stop_also(fcgi_stop);
	while (fcgi_accept(f)) {
		answer(f, a);
		arena_reset(a);
	}
	arena_free(&a);
	arena_free(&own);
	return 0;
}

static int start(void **state)
{
	struct err e;
	int fd;
	(void)state;
	t.arena = arena_new();
	if (mkdtemp(t.folder) == NULL)
		return -1;
	t.path = arena_printf(t.arena, "%s/site.sock", t.folder);
	if (!fcgi_listen(t.path, 16, &fd, &e))
		return -1;
	t.server = fork();
	if (t.server == 0)
		_exit(serve(fd));
	(void)close(fd);
	return t.server > 0 ? 0 : -1;
}

static int stop(void **state)
{
	int status = 0;
	(void)state;
	while (waitpid(t.server, &status, WNOHANG) == 0) {
		(void)kill(t.server, SIGTERM);
		(void)poll(NULL, 0, 20);
	}
	(void)unlink(t.path);
	(void)rmdir(t.folder);
	arena_free(&t.arena);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static const char *post(struct arena *a, const char *const *params, struct str body)
{
	struct fcgi_answer got;
	const struct fcgi_ask ask = {"POST", "/", params, body};
	assert_true(fcgi_ask(a, t.path, &ask, &got));
	assert_true(got.complete);
	return got.body.p;
}

static void requests_are_read_and_answered(void **state)
{
	struct fcgi_answer got;
	for (int i = 0; i < 20; i++) {
		assert_true(fcgi_get(*state, t.path, "/", NULL, &got));
		assert_true(got.complete);
		assert_int_equal(got.status, 200);
		assert_string_equal(got.body.p, "GET none 0:");
		assert_string_equal(post(*state, NULL, STR("a=b")), "POST none 3:a=b");
	}
	const char *const params[] = {"HTTP_NONE", "x", NULL};
	assert_string_equal(post(*state, params, STR("z")), "POST some 1:z");
	const char *const own_length[] = {"CONTENT_LENGTH", "4", NULL};
	assert_string_equal(
		post(*state, own_length, (struct str){"a\0\xFF\n", 4}), "POST none 4:a");
}

static void large_answers_arrive_whole(void **state)
{
	struct fcgi_answer got;
	assert_true(fcgi_get(*state, t.path, "/large", NULL, &got));
	assert_true(got.complete);
	assert_int_equal(got.body.n, 1000000);
}

/* A record holds 65,528 bytes: one less, all of it, a byte in the next, two full ones. */
static void answers_of_every_length_arrive_whole(void **state)
{
	enum { HEAD = 44, ROUND = 20 };
	static const int fulls[] = {1, 2, 15};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fulls); i++)
		for (int n = 65528 * fulls[i] - HEAD - ROUND;
			n < 65528 * fulls[i] - HEAD + ROUND; n++) {
			struct arena *a = arena_new();
			struct fcgi_answer got;
			assert_true(fcgi_get(
				a, t.path, arena_printf(a, "/bytes/%d", n), NULL, &got));
			assert_true(got.complete);
			assert_int_equal(got.body.n, n);
			arena_free(&a);
		}
}

/* nginx gives up an answer when it cannot send the whole request. */
static void a_body_that_is_not_read_can_be_sent_all_the_same(void **state)
{
	enum { LARGE = 4 * 1024 * 1024 };
	struct buf request;
	char *text = arena_alloc(*state, LARGE);
	memset(text, 'x', LARGE);
	const struct fcgi_ask ask = {"POST", "/", NULL, {text, LARGE}};
	buf_init(&request, *state, FCGI_CLIENT_MAX);
	fcgi_client_request(&request, &ask);
	for (int i = 0; i < 10; i++) {
		int fd = fcgi_client_connect(t.path);
		assert_true(fcgi_client_send(fd, buf_str(&request)));
		(void)close(fd);
	}
	assert_string_equal(post(*state, NULL, (struct str){text, LARGE}), "error too_large");
}

static void bodies_have_a_limit(void **state)
{
	char *text = arena_alloc(*state, BODY_MAX + 2);
	memset(text, 'x', BODY_MAX + 1);
	struct fcgi_answer got;
	const struct fcgi_ask ask = {"POST", "/", NULL, {text, BODY_MAX}};
	assert_true(fcgi_ask(*state, t.path, &ask, &got));
	assert_int_equal(got.body.n, strlen("POST none 1000:") + BODY_MAX);
	assert_string_equal(
		post(*state, NULL, (struct str){text, BODY_MAX + 1}), "error too_large");
}

static void wrong_lengths_are_malformed(void **state)
{
	static const char *const lengths[] = {"4", "2", "-1", "x", "3x", "03", "+3", " 3", "0"};
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		const char *const params[] = {"CONTENT_LENGTH", lengths[i], NULL};
		assert_string_equal(post(*state, params, STR("a=b")), "error malformed");
	}
	const char *const huge[] = {"CONTENT_LENGTH", "9223372036854775807", NULL};
	assert_string_equal(post(*state, huge, STR("a=b")), "error too_large");
}

static void an_aborted_answer_is_not_complete(void **state)
{
	struct fcgi_answer got;
	assert_true(fcgi_get(*state, t.path, "/cut", NULL, &got));
	assert_false(got.complete);
	assert_string_equal(got.body.p, "half of wh");
	assert_true(fcgi_get(*state, t.path, "/", NULL, &got));
	assert_true(got.complete);
}

static void peers_that_go_away_harm_nobody(void **state)
{
	struct fcgi_answer got;
	struct buf request;
	const struct fcgi_ask ask = {"GET", "/large", NULL, STR("")};
	for (size_t keep = 0; keep < 60; keep += 3) {
		int fd = fcgi_client_connect(t.path);
		assert_true(fd >= 0);
		buf_init(&request, *state, FCGI_CLIENT_MAX);
		fcgi_client_request(&request, &ask);
		/* Cut off somewhere in the request, or right after it. */
		struct str part =
			keep == 0 ? buf_str(&request) : str_sub(buf_str(&request), 0, keep);
		assert_true(fcgi_client_send(fd, part));
		(void)close(fd);
	}
	assert_true(fcgi_get(*state, t.path, "/", NULL, &got));
	assert_true(got.complete);
	assert_int_equal(waitpid(t.server, NULL, WNOHANG), 0);
}

static void other_signals_do_not_stop_it(void **state)
{
	struct fcgi_answer got;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(kill(t.server, SIGHUP), 0);
		assert_true(fcgi_get(*state, t.path, "/", NULL, &got));
		assert_true(got.complete);
	}
}

/* ---- listening ---- */

static const char *in(struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", t.folder, name);
}

static void the_socket_is_the_groups(void **state)
{
	struct err e;
	struct stat st;
	int fd;
	const char *path = in(*state, "mode");
	mode_t before = umask(0);
	assert_ok(fcgi_listen(path, 1, &fd, &e));
	assert_int_equal(umask(before), 0); /* put back as it was */
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
}

static void a_left_over_socket_is_replaced(void **state)
{
	struct err e;
	int fd, again;
	const char *path = in(*state, "left");
	assert_ok(fcgi_listen(path, 1, &fd, &e));
	assert_fails(fcgi_listen(path, 1, &again, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "Another process listens"));
	(void)close(fd);
	assert_ok(fcgi_listen(path, 1, &fd, &e));
	int client = fcgi_client_connect(path);
	assert_true(client >= 0);
	(void)close(client);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
}

static void other_files_are_left_alone(void **state)
{
	struct err e;
	int fd;
	const char *path = in(*state, "file");
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	assert_fails(fcgi_listen(path, 1, &fd, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "no socket"));
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
	assert_fails(fcgi_listen(in(*state, "no/such/folder"), 1, &fd, &e), ERR_CONFIG);
	char longest[200];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_fails(fcgi_listen(longest, 1, &fd, &e), ERR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_are_read_and_answered),
		TEST(large_answers_arrive_whole),
		TEST(answers_of_every_length_arrive_whole),
		TEST(a_body_that_is_not_read_can_be_sent_all_the_same),
		TEST(bodies_have_a_limit),
		TEST(wrong_lengths_are_malformed),
		TEST(an_aborted_answer_is_not_complete),
		TEST(peers_that_go_away_harm_nobody),
		TEST(other_signals_do_not_stop_it),
		TEST(the_socket_is_the_groups),
		TEST(a_left_over_socket_is_replaced),
		TEST(other_files_are_left_alone),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
