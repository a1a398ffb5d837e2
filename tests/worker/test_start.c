/* Fault 3: the worker starts and its database is not there. It tries again in growing pauses, and begins by itself. */
#include "support/sync_cases.h"
#include "io/file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const char *later, *log_file;

static int start(void)
{
	struct arena *home = arena_new();
	struct worker w;
	int fd = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		return 9;
	world_worker(&w, home, "early");
	char *url = db_url(home, "gap_worker"), *at = strstr(url, d.name);
	url = arena_printf(home, "%.*s%s%s", (int)(at - url), url, later, at + strlen(d.name));
	w.db = pg_new(home, url, "early", stmt_table, STMT__MAX);
	w.beat = pg_new(home, url, "early-beat", stmt_table, STMT__MAX);
	pg_use(w.db, w.arena);
	pg_use(w.beat, w.arena);
	return worker_loop(&w);
}

static int tries(void)
{
	struct str text;
	struct err e;
	int n = 0;
	assert_ok(file_read(g.home, log_file, 1024 * 1024, &text, &e));
	const char *p = str_dup(g.home, text);
	while ((p = strstr(p, "\"worker.step\"")) != NULL) {
		n++;
		p++;
	}
	return n;
}

static void nap_ms(int ms)
{
	const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	(void)nanosleep(&t, NULL);
}

static bool has_begun(void)
{
	return db_number(arena_printf(g.home,
		       "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' AND application_name = 'early'",
		       later)) > 0;
}

static void fault_3_a_worker_without_database_waits_and_then_begins(void **state)
{
	(void)state;
	later = arena_printf(g.home, "%s_later", d.name);
	log_file = arena_printf(g.home, "%s/early.log", g.dir);
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(start());
	nap_ms(6000);
	assert_int_equal(kill(pid, 0), 0);
	assert_in_range(tries(), 2, 4); /* at 0, 1, 3 and 7 seconds */
	/* The name may have a template behind it. */
	db_create_empty(arena_printf(g.home, "%s TEMPLATE gap_template", later));
	for (int i = 0; i < 100 && !has_begun(); i++)
		nap_ms(100);
	assert_true(has_begun());
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(world_reap(pid), 0);
	db_drop(later);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_3_a_worker_without_database_waits_and_then_begins),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
