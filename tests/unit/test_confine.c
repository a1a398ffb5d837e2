/* A confined process cannot open a network socket, start a program or look into another. */
#include "unit/test.h"

#include "io/confine.h"

#include <errno.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The exit status of `body` run confined in a child. */
static int confined(unsigned what, int (*body)(void))
{
	pid_t pid = fork();
	if (pid == 0) {
		struct err e;
		_exit(confine_self(what, &e) ? body() : 99);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM &&
			       socket(AF_INET6, SOCK_DGRAM, 0) < 0 && errno == EPERM
		       ? 1
		       : 0;
}

static int local(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 1 : 0;
}

static int start(void)
{
	char *const args[] = {(char[]){"true"}, NULL};
	(void)execv("/bin/true", args);
	return errno == EPERM ? 1 : 2;
}

static int trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 && errno == EPERM ? 1 : 0;
}

/* Through a ring a socket is opened without the call that is forbidden. */
static int have_a_ring(void)
{
	char params[120] = {0};
	return syscall(SYS_io_uring_setup, 1, params) < 0 && errno == EPERM ? 1 : 0;
}

static int wait_for_callers(void)
{
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	return s >= 0 && listen(s, 1) < 0 && errno == EPERM && accept(s, NULL, NULL) < 0 &&
			       errno == EPERM
		       ? 1
		       : 0;
}

static int have_a_child(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 && errno == EPERM ? 1 : 0;
}

static void *set_flag(void *flag)
{
	*(int *)flag = 1;
	return NULL;
}

/* What libcurl needs to resolve a name. */
static int have_a_thread(void)
{
	pthread_t t;
	int ran = 0;
	return pthread_create(&t, NULL, set_flag, &ran) == 0 && pthread_join(t, NULL) == 0 ? ran
											   : 0;
}

static void listens_to_nobody(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_NO_LISTEN, wait_for_callers), 1);
	assert_int_equal(confined(CONFINE_NO_EXEC, wait_for_callers), 0);
}

static void has_no_child_but_threads(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_NO_FORK, have_a_child), 1);
	assert_int_equal(confined(CONFINE_NO_FORK, have_a_thread), 1);
	assert_int_equal(confined(CONFINE_NO_EXEC, have_a_child), 0);
}

/* As gap-worker does it: the parent's filter holds in the child, which adds its own. */
static int worker_child(void)
{
	struct err e;
	return confine_self(CONFINE_NO_FORK, &e) && start() == 1 && have_a_child() == 1 &&
			       wait_for_callers() == 1 && trace() == 1 && have_a_thread() == 1
		       ? 1
		       : 0;
}

static int worker_parent(void)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(worker_child());
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void a_filter_holds_in_children(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_NO_EXEC | CONFINE_NO_LISTEN, worker_parent), 1);
}

static void opens_no_network_socket(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_NO_NETWORK, inet), 1);
	assert_int_equal(confined(CONFINE_NO_NETWORK, local), 1);
	assert_int_equal(confined(CONFINE_NO_EXEC, inet), 0);
}

static void goes_round_no_filter(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_NO_NETWORK, have_a_ring), 1);
}

static void starts_no_program(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_NO_EXEC, start), 1);
	assert_int_equal(confined(0, start), 0);
}

static void looks_into_no_other(void **state)
{
	(void)state;
	assert_int_equal(confined(0, trace), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_no_network_socket),
		cmocka_unit_test(goes_round_no_filter),
		cmocka_unit_test(starts_no_program),
		cmocka_unit_test(looks_into_no_other),
		cmocka_unit_test(listens_to_nobody),
		cmocka_unit_test(has_no_child_but_threads),
		cmocka_unit_test(a_filter_holds_in_children),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
