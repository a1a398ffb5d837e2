/* PostgreSQL stopped, started again, full, read-only: a calm page meanwhile, and recovery by itself. */
#include "base/clock.h"
#include "io/file.h"
#include "support/site_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A cluster of our own, by tests/support/cluster.sh, in a folder of its own. */
static struct {
	char dir[32];
	pid_t pid;
	char url[300];
} cluster;

static void nap_ms(int ms)
{
	const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	(void)nanosleep(&t, NULL);
}

static void launch(void)
{
	char state_dir[64], log[64];
	static const char script[] = "tests/support/cluster.sh";
	(void)snprintf(state_dir, sizeof state_dir, "%s/state", cluster.dir);
	(void)snprintf(log, sizeof log, "%s/log", cluster.dir);
	(void)fflush(NULL);
	cluster.pid = fork();
	if (cluster.pid != 0)
		return;
	int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	char *const argv[] = {(char[]){"bash"}, (char *)script, NULL};
	if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0 &&
		setenv("GAP_STATE_DIR", state_dir, 1) == 0 && unsetenv("GAP_RUN_DIR") == 0)
		(void)execvp(argv[0], argv);
	_exit(127);
}

/* The file `url` stands there once all databases do. */
static bool read_url(void)
{
	struct arena *a = arena_new();
	char path[64];
	struct str text;
	struct err e;
	(void)snprintf(path, sizeof path, "%s/state/url", cluster.dir);
	bool ok = file_read(a, path, sizeof cluster.url - 1, &text, &e) && text.n > 0;
	if (ok)
		(void)snprintf(
			cluster.url, sizeof cluster.url, "%s", str_dup(a, str_trim(text)));
	arena_free(&a);
	return ok;
}

static void stop_cluster(void)
{
	if (cluster.pid <= 0)
		return;
	(void)kill(cluster.pid, SIGTERM);
	(void)waitpid(cluster.pid, NULL, 0);
	cluster.pid = 0;
}

/* A pid of its own, so that TERM reaches the script and nothing else. */
static void remove_folder(void)
{
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		char *const argv[] = {(char[]){"rm"}, (char[]){"-rf"}, cluster.dir, NULL};
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}

static int begin(void **state)
{
	(void)state;
	(void)snprintf(cluster.dir, sizeof cluster.dir, "/tmp/gap-gone-XXXXXX");
	if (mkdtemp(cluster.dir) == NULL)
		die("mkdtemp: %s", strerror(errno));
	launch();
	for (int i = 0; i < 1200 && !read_url(); i++) {
		if (waitpid(cluster.pid, NULL, WNOHANG) != 0) {
			cluster.pid = 0;
			print_error("the cluster did not start; see %s/log\n", cluster.dir);
			return -1;
		}
		nap_ms(50);
	}
	return site_begin_on(cluster.url);
}

static int end(void **state)
{
	int status = site_end(state);
	stop_cluster();
	remove_folder();
	return status;
}

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->admin);
	*b = (struct browser){0};
	browser_enter(b, &f->admin, 2);
	assert_status(browse(b, "/clients"), 200);
}

static void assert_calm(struct fcgi_answer r)
{
	int64_t seconds = 0;
	assert_status(r, 503);
	assert_has(r, "We will be right back");
	assert_has(r, "Nothing was lost or changed.");
	assert_true(str_to_i64(
		str_of(fcgi_answer_header(site.arena, &r, "Retry-After")), &seconds));
	assert_in_range(seconds, 1, 60);
	/* No word of what is behind it. */
	assert_has_not(r, "PostgreSQL");
	assert_has_not(r, "gap_web");
	assert_has_not(r, ".c:");
}

/* After a failure each process pauses for a second by itself: by then all of them try again. */
enum { PAUSE_MS = 1200 };

/* Milliseconds until the page is there again, by itself; then every process is given its time. */
static int64_t recovered_after(struct browser *b, const char *uri)
{
	int64_t from = clock_mono_ms();
	while (browse(b, uri).status != 200) {
		assert_true(clock_mono_ms() - from < 5000);
		nap_ms(50);
	}
	int64_t took_ms = clock_mono_ms() - from;
	nap_ms(PAUSE_MS);
	return took_ms;
}

static void while_it_is_away_everything_is_calm(void **state)
{
	static const char *const pages[] = {"/clients", "/clients.csv", "/clients/1", "/syncs",
		"/profile", "/settings/integrations", "/settings/integrations/status",
		"/login/mfa", "/mfa/setup", "/"};
	static const char *const posts[] = {"/login", "/logout", "/clients/new", "/syncs",
		"/settings/integrations/connect", "/confirm"};
	struct firm f;
	struct browser b, nobody = {0}, near = {.peer = "127.0.0.1"};
	(void)state;
	settle(&f, &b);
	stop_cluster();
	site.may_fail = true;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
			int64_t from = clock_mono_ms();
			assert_calm(browse(&b, pages[i]));
			assert_true(clock_mono_ms() - from < 1000);
		}
		for (size_t i = 0; i < ARRAY_LEN(posts); i++)
			assert_calm(submit(&b, posts[i],
				"name=Not+written&status=client&email=a%40b.example&password=x"));
	}
	/* What needs no data goes on. */
	assert_status(browse(&nobody, "/healthz"), 200);
	assert_status(browse(&nobody, "/login"), 200);
	assert_status(browse(&nobody, "/nope"), 404);
	assert_has(browse(&near, "/readyz"), "database: not reachable");
	launch();
	(void)recovered_after(&b, "/clients");
	sql_reconnect();
	assert_int_equal(
		sql_int("SELECT count(*) FROM client WHERE org_id = %lld", (long long)f.org_id),
		0);
	assert_status(submit(&b, "/clients/new", "name=Written&status=client"), 303);
}

/* Asked all the time while it goes and comes: a page or the calm one, nothing else, and nobody dies. */
static void fault_1_a_restart_is_survived(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	site.may_fail = true;
	for (int round = 0; round < 2; round++) {
		(void)kill(cluster.pid, SIGTERM);
		int64_t from = clock_mono_ms();
		bool gone = false;
		while (!gone || clock_mono_ms() - from < 300) {
			struct fcgi_answer r = browse(&b, "/clients");
			assert_true(r.status == 200 || r.status == 503);
			gone |= r.status == 503;
			assert_true(clock_mono_ms() - from < 15000);
		}
		(void)waitpid(cluster.pid, NULL, 0);
		launch();
		(void)recovered_after(&b, "/clients");
		for (int i = 0; i < 20; i++)
			assert_status(browse(&b, "/clients"), 200);
	}
	sql_reconnect();
}

static void fault_5_no_connection_left_is_calm_too(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	sql_do("ALTER ROLE gap_web CONNECTION LIMIT 0");
	sql_do("DO $$BEGIN PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename"
	       " = 'gap_web'; END$$");
	site.may_fail = true;
	for (int i = 0; i < 10; i++) {
		int64_t from = clock_mono_ms();
		assert_calm(browse(&b, "/clients"));
		assert_true(clock_mono_ms() - from < 1000);
	}
	sql_do("ALTER ROLE gap_web CONNECTION LIMIT -1");
	(void)recovered_after(&b, "/clients");
}

/* A failover that leaves us on a server that takes no writes: reading goes on. */
static void fault_9_read_only_refuses_changes_alone(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	sql_do("ALTER ROLE gap_web SET default_transaction_read_only = on");
	sql_do("DO $$BEGIN PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename"
	       " = 'gap_web'; END$$");
	site.may_fail = true;
	(void)recovered_after(&b, "/clients");
	assert_calm(submit(&b, "/clients/new", "name=Not+written&status=client"));
	assert_calm(submit(&b, "/profile", "name=Nobody"));
	assert_status(browse(&b, "/clients"), 200);
	assert_status(browse(&b, "/settings/integrations"), 200);
	sql_do("ALTER ROLE gap_web RESET default_transaction_read_only");
	sql_do("DO $$BEGIN PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename"
	       " = 'gap_web'; END$$");
	(void)recovered_after(&b, "/clients");
	assert_int_equal(
		sql_int("SELECT count(*) FROM client WHERE org_id = %lld", (long long)f.org_id),
		0);
	assert_status(submit(&b, "/profile", "name=Somebody"), 303);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(while_it_is_away_everything_is_calm),
		SITE_TEST(fault_1_a_restart_is_survived),
		SITE_TEST(fault_5_no_connection_left_is_calm_too),
		SITE_TEST(fault_9_read_only_refuses_changes_alone),
	};
	return site_verdict(cmocka_run_group_tests(tests, begin, end));
}
