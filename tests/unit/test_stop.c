#include "io/stop.h"

#include "test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int also_called;

static void also(void)
{
	also_called++;
}

static bool readable(void)
{
	struct pollfd p = {.fd = stop_fd(), .events = POLLIN};
	return poll(&p, 1, 0) == 1;
}

static int install(void **state)
{
	struct err e;
	(void)test_begin(state);
	return stop_install(&e) ? 0 : -1;
}

#define STOP_TEST(f) cmocka_unit_test_setup_teardown((f), install, test_end)

static void nothing_at_first(void **state)
{
	(void)state;
	assert_false(stop_asked());
	assert_false(stop_reload_asked());
	assert_false(readable());
}

static void term_and_int_ask_to_stop(void **state)
{
	(void)state;
	static const int numbers[] = {SIGTERM, SIGINT};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		assert_ok(stop_install(&e));
		assert_false(stop_asked());
		assert_int_equal(raise(numbers[i]), 0);
		assert_true(stop_asked());
		assert_true(stop_asked());
		assert_true(readable());
		assert_false(stop_reload_asked());
	}
}

static void hup_asks_once(void **state)
{
	(void)state;
	assert_int_equal(raise(SIGHUP), 0);
	assert_false(stop_asked());
	assert_true(readable());
	assert_true(stop_reload_asked());
	assert_false(stop_reload_asked());
}

static void chld_only_wakes(void **state)
{
	(void)state;
	assert_int_equal(raise(SIGCHLD), 0);
	assert_true(readable());
	assert_false(stop_asked());
	assert_false(stop_reload_asked());
	stop_drain();
	assert_false(readable());
}

static void many_signals_do_not_block(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) /* more than the pipe holds */
		assert_int_equal(raise(SIGHUP), 0);
	assert_true(readable());
	stop_drain();
	assert_false(readable());
}

static void pipe_is_ignored(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	(void)close(ends[0]);
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	(void)close(ends[1]);
}

static void the_handler_calls_also(void **state)
{
	(void)state;
	also_called = 0;
	stop_also(also);
	assert_int_equal(raise(SIGHUP), 0);
	assert_int_equal(also_called, 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(also_called, 1);
	stop_also(NULL);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(also_called, 1);
}

/* Without SA_RESTART: a process that waits in a call comes back from it. */
static void a_blocking_call_returns(void **state)
{
	(void)state;
	int ends[2], status = 0;
	char c;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		ssize_t n = read(ends[0], &c, 1);
		_exit(n == -1 && errno == EINTR && stop_asked() ? 7 : 1);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		(void)kill(child, SIGTERM); /* one sent before its read() is missed, so again */
		(void)poll(NULL, 0, 20);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void a_child_begins_anew(void **state)
{
	(void)state;
	int status = 0;
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(raise(SIGHUP), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		stop_after_fork();
		bool fresh = !stop_asked() && !stop_reload_asked() && !readable();
		(void)raise(SIGHUP);
		_exit(fresh && readable() && stop_reload_asked() ? 7 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 7);
	stop_drain();
	assert_false(readable()); /* what the child was told did not come here */
	assert_true(stop_asked());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STOP_TEST(nothing_at_first),
		STOP_TEST(term_and_int_ask_to_stop),
		STOP_TEST(hup_asks_once),
		STOP_TEST(chld_only_wakes),
		STOP_TEST(many_signals_do_not_block),
		STOP_TEST(pipe_is_ignored),
		STOP_TEST(the_handler_calls_also),
		STOP_TEST(a_blocking_call_returns),
		STOP_TEST(a_child_begins_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
