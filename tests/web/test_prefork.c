/* LDFLAGS: -Wl,--wrap=fork */
#include "base/clock.h"
#include "support/fcgi_client.h"
#include "support/tiny_site.h"
#include "unit/test.h"
#include "web/prefork.h"

#include <signal.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Processes come and go here, so each test has a server of its own. */
struct fixture {
	struct arena *arena;
	struct tiny_site site;
};

static int begin(void **state)
{
	static struct fixture f;
	f.arena = arena_new();
	*state = &f;
	return tiny_start(&f.site) ? 0 : -1;
}

static int begin_dying(void **state)
{
	static struct fixture f;
	f.arena = arena_new();
	*state = &f;
	return tiny_start_dying(&f.site) ? 0 : -1;
}

static int end(void **state)
{
	struct fixture *f = *state;
	tiny_clear(&f->site);
	arena_free(&f->arena);
	return 0;
}

static const char *body(struct fixture *f, const char *socket_path, const char *uri)
{
	struct fcgi_answer r;
	assert_true(fcgi_get(f->arena, socket_path, uri, NULL, &r));
	assert_int_equal(r.status, 200);
	return str_dup(f->arena, r.body);
}

static void nap_ms(int ms)
{
	const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	(void)nanosleep(&t, NULL);
}

static void term_ends_an_idle_server_within_two_seconds(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
	assert_int_not_equal(stat(f->site.socket, &st), 0);
	assert_int_not_equal(stat(f->site.auth_socket, &st), 0);
}

/* Asks for a page and lets `ms` pass before TERM and again before it reads. */
static void ask_and_stop(struct fixture *f, const char *uri, int ms, struct fcgi_answer *r)
{
	const struct fcgi_ask question = {"GET", uri, NULL, STR("")};
	struct buf out;
	buf_init(&out, f->arena, 65536);
	fcgi_client_request(&out, &question);
	int fd = fcgi_client_connect(f->site.socket);
	assert_true(fcgi_client_send(fd, buf_str(&out)));
	nap_ms(ms);
	assert_int_equal(kill(f->site.parent, SIGTERM), 0);
	nap_ms(ms);
	assert_true(fcgi_client_receive(f->arena, fd, r));
	(void)close(fd);
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

static void term_lets_a_slow_page_finish(void **state)
{
	struct fcgi_answer r;
	ask_and_stop(*state, "/slow", 100, &r);
	assert_true(r.complete);
	assert_true(str_is(r.body, "done"));
}

/* The answer is larger than the socket holds, and TERM comes each 100 ms while the child waits in write(). */
static void term_lets_a_slow_reader_finish(void **state)
{
	struct fcgi_answer r;
	ask_and_stop(*state, "/big", 350, &r);
	assert_true(r.complete);
	assert_int_equal(r.body.n, TINY_BIG);
}

/* 10 s, as the drain has it. */
static void a_child_that_hangs_is_killed_in_the_end(void **state)
{
	struct fixture *f = *state;
	int fd = fcgi_client_connect(f->site.socket);
	const struct fcgi_ask hang = {"GET", "/hang", NULL, STR("")};
	struct buf out;
	buf_init(&out, f->arena, 65536);
	fcgi_client_request(&out, &hang);
	assert_true(fcgi_client_send(fd, buf_str(&out)));
	nap_ms(100);
	int64_t from = clock_mono_ms();
	assert_int_equal(tiny_stop(&f->site, 12 * 1000), 0);
	assert_true(clock_mono_ms() - from > 9 * 1000);
	(void)close(fd);
}

static void a_killed_child_is_replaced(void **state)
{
	struct fixture *f = *state;
	pid_t before[TINY_CHILDREN_MAX];
	assert_int_equal(tiny_children(&f->site, before), TINY_PROCESSES);
	for (int i = 0; i < TINY_PROCESSES; i++) {
		assert_int_equal(kill(before[i], SIGKILL), 0);
		assert_true(tiny_wait_children(&f->site, TINY_PROCESSES, before[i], 2000));
	}
	for (int i = 0; i < 10; i++)
		assert_string_equal(body(f, f->site.socket, "/"), "hello");
	assert_string_equal(body(f, f->site.auth_socket, "/"), "hello");
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

static void children_that_die_at_once_start_once_a_second(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	nap_ms(2500);
	assert_int_equal(stat(f->site.starts, &st), 0);
	/* At 0 s, 1 s and 2 s; a busy machine may be one late. */
	assert_true(st.st_size >= 2 * TINY_PROCESSES);
	assert_true(st.st_size <= 3 * TINY_PROCESSES);
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

/* Asks until each of the `want` children on this socket has said how often it reloaded. */
static void all_have_loaded(struct fixture *f, const char *socket_path, const char *times)
{
	for (int i = 0; i < 20; i++)
		assert_string_equal(body(f, socket_path, "/loads"), times);
}

static void hup_reloads_every_child_and_replaces_none(void **state)
{
	struct fixture *f = *state;
	pid_t before[TINY_CHILDREN_MAX], now[TINY_CHILDREN_MAX];
	assert_int_equal(tiny_children(&f->site, before), TINY_PROCESSES);
	all_have_loaded(f, f->site.socket, "0");
	assert_int_equal(kill(f->site.parent, SIGHUP), 0);
	nap_ms(100);
	all_have_loaded(f, f->site.socket, "1");
	all_have_loaded(f, f->site.auth_socket, "1");
	assert_int_equal(kill(f->site.parent, SIGHUP), 0);
	nap_ms(100);
	all_have_loaded(f, f->site.socket, "2");
	assert_int_equal(tiny_children(&f->site, now), TINY_PROCESSES);
	assert_memory_equal(now, before, TINY_PROCESSES * sizeof now[0]);
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

static void a_child_born_after_hup_reloads_too(void **state)
{
	struct fixture *f = *state;
	pid_t before[TINY_CHILDREN_MAX];
	assert_int_equal(kill(f->site.parent, SIGHUP), 0);
	nap_ms(100);
	assert_int_equal(tiny_children(&f->site, before), TINY_PROCESSES);
	for (int i = 0; i < TINY_PROCESSES; i++)
		assert_int_equal(kill(before[i], SIGKILL), 0);
	assert_true(tiny_wait_children(&f->site, TINY_PROCESSES, before[0], 3000));
	all_have_loaded(f, f->site.socket, "1");
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

/* Orphans come to us, so we can wait for them by their ids. */
static void children_die_with_their_parent(void **state)
{
	struct fixture *f = *state;
	pid_t pids[TINY_CHILDREN_MAX];
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(tiny_children(&f->site, pids), TINY_PROCESSES);
	assert_int_equal(kill(f->site.parent, SIGKILL), 0);
	assert_int_equal(waitpid(f->site.parent, NULL, 0), f->site.parent);
	f->site.parent = 0;
	int64_t until = clock_mono_ms() + 2000;
	for (int i = 0; i < TINY_PROCESSES; i++) {
		while (waitpid(pids[i], NULL, WNOHANG) == 0) {
			assert_true(clock_mono_ms() < until);
			nap_ms(10);
		}
		assert_int_equal(kill(pids[i], 0), -1);
	}
}

static int no_child(void *user, int listen_fd, size_t pool)
{
	(void)user;
	(void)listen_fd;
	(void)pool;
	return 0;
}

static void a_live_socket_is_not_taken_over(void **state)
{
	struct fixture *f = *state;
	char own[80];
	(void)snprintf(own, sizeof own, "%s/own.sock", f->site.dir);
	const struct prefork_pool pools[] = {{own, 1, 4}, {f->site.socket, 1, 4}};
	struct stat st;
	struct err e;
	assert_fails(prefork_run(pools, 2, no_child, NULL, &e), ERR_CONFIG);
	assert_int_not_equal(stat(own, &st), 0);
	assert_string_equal(body(f, f->site.socket, "/"), "hello");
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

#define SITE_TEST(f) cmocka_unit_test_setup_teardown((f), begin, end)

/* Fault 16: no process left, for so many tries of the server's parent. */
static int *forks_to_fail;

pid_t __real_fork(void);
pid_t __wrap_fork(void);

pid_t __wrap_fork(void)
{
	if (forks_to_fail == NULL || *forks_to_fail <= 0)
		return __real_fork();
	--*forks_to_fail;
	errno = EAGAIN;
	return -1;
}

static void fault_16_without_a_process_left_it_is_tried_again_each_second(void **state)
{
	struct fixture *f = *state;
	pid_t before[TINY_CHILDREN_MAX];
	assert_int_equal(tiny_children(&f->site, before), TINY_PROCESSES);
	*forks_to_fail = 3;
	assert_int_equal(kill(before[0], SIGKILL), 0);
	int64_t from = clock_mono_ms();
	assert_false(tiny_wait_children(&f->site, TINY_PROCESSES, before[0], 1500));
	for (int i = 0; i < 10; i++)
		assert_string_equal(body(f, f->site.socket, "/"), "hello");
	assert_true(tiny_wait_children(&f->site, TINY_PROCESSES, before[0], 5000));
	assert_in_range(clock_mono_ms() - from, 1500, 6000);
	assert_int_equal(*forks_to_fail, 0);
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

/* Fault 18: nobody finds a socket whose file is gone. It is said, and it ends, to be started again. */
static void fault_18_a_socket_that_is_gone_is_an_alarm_and_the_end(void **state)
{
	struct fixture *f = *state;
	int status = 0;
	assert_int_equal(unlink(f->site.socket), 0);
	int64_t until = clock_mono_ms() + 14000;
	while (waitpid(f->site.parent, &status, WNOHANG) == 0) {
		assert_true(clock_mono_ms() < until);
		nap_ms(50);
	}
	f->site.parent = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

/* The second pool's child says that its program is too old; that of the first would go on for ever. */
static int old_child(void *user, int listen_fd, size_t pool)
{
	(void)user;
	(void)listen_fd;
	if (pool == 1)
		return PREFORK_STALE;
	(void)pause();
	return 0;
}

static void fault_20_one_child_too_old_for_the_database_ends_all(void **state)
{
	struct fixture *f = *state;
	char first[80], second[80];
	struct err e = {0};
	int status = 0;
	(void)snprintf(first, sizeof first, "%s/first.sock", f->site.dir);
	(void)snprintf(second, sizeof second, "%s/second.sock", f->site.dir);
	const struct prefork_pool pools[] = {{first, 2, 4}, {second, 1, 4}};
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(prefork_run(pools, 2, old_child, NULL, &e) ? 0 : (int)e.kind);
	int64_t until = clock_mono_ms() + 5000;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		assert_true(clock_mono_ms() < until);
		nap_ms(20);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ERR_CONFIG);
	assert_int_equal(tiny_stop(&f->site, 2000), 0);
}

int main(void)
{
	forks_to_fail = mmap(NULL, sizeof *forks_to_fail, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (forks_to_fail == MAP_FAILED)
		die("no shared page");
	*forks_to_fail = 0;
	const struct CMUnitTest tests[] = {
		SITE_TEST(term_ends_an_idle_server_within_two_seconds),
		SITE_TEST(term_lets_a_slow_page_finish),
		SITE_TEST(term_lets_a_slow_reader_finish),
		SITE_TEST(a_child_that_hangs_is_killed_in_the_end),
		SITE_TEST(a_killed_child_is_replaced),
		cmocka_unit_test_setup_teardown(
			children_that_die_at_once_start_once_a_second, begin_dying, end),
		SITE_TEST(hup_reloads_every_child_and_replaces_none),
		SITE_TEST(a_child_born_after_hup_reloads_too),
		SITE_TEST(children_die_with_their_parent),
		SITE_TEST(a_live_socket_is_not_taken_over),
		SITE_TEST(fault_16_without_a_process_left_it_is_tried_again_each_second),
		SITE_TEST(fault_18_a_socket_that_is_gone_is_an_alarm_and_the_end),
		SITE_TEST(fault_20_one_child_too_old_for_the_database_ends_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
