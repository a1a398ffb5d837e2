/* A confined process cannot open a network socket, start a program or look into another. */
#include "unit/test.h"

#include "io/confine.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
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

static void opens_no_network_socket(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_NO_NETWORK, inet), 1);
	assert_int_equal(confined(CONFINE_NO_NETWORK, local), 1);
	assert_int_equal(confined(CONFINE_NO_EXEC, inet), 0);
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
		cmocka_unit_test(starts_no_program),
		cmocka_unit_test(looks_into_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
