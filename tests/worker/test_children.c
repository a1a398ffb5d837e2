/* LDFLAGS: -Wl,--wrap=fork */
#include "worker/children.h"

#include "base/clock.h"
#include "unit/test.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static int forks_to_fail;

pid_t __real_fork(void);
pid_t __wrap_fork(void);

pid_t __wrap_fork(void)
{
	if (forks_to_fail <= 0)
		return __real_fork();
	forks_to_fail--;
	errno = EAGAIN;
	return -1;
}

/* The last one that is started ends everything. */
static int stop_the_parent(void *user, int index)
{
	if (index == *(const int *)user)
		(void)kill(getppid(), SIGTERM);
	(void)pause();
	return 0;
}

/* Two of three could not be forked: they are a second later, not when somebody dies or a minute is over. */
static void who_could_not_be_forked_is_forked_again(void **state)
{
	(void)state;
	int last = 1;
	struct err e;
	forks_to_fail = 2;
	int64_t start = clock_mono_ms();
	assert_ok(children_run(3, stop_the_parent, &last, &e));
	assert_in_range(clock_mono_ms() - start, 900, 10 * 1000);
	assert_int_equal(forks_to_fail, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_could_not_be_forked_is_forked_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
