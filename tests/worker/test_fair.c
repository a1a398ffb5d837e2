/*
 * One organisation's poison or slowness delays no other: several workers as
 * processes, an Xero that drips for ever for some organisations and kills
 * whoever asks for another, and one that floods the queue.
 */
#include "base/clock.h"
#include "support/sync_cases.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORKERS = 3,
	FIRST = 5001,
	SLOW = 6,
	POISON = FIRST + SLOW,
	FAST = POISON + 1,
	FASTS = 5,
	FIRMS = SLOW + 1 + FASTS,
	FLOOD = 50,
	PATIENCE_MS = 60 * 1000
};

/* Shared by all processes. */
static struct told {
	int slow_now, slow_most, poisoned;
	unsigned alarm_s;
} * told;

static bool drip(const struct xero_sink *sink, struct err *e)
{
	const struct timespec pause = {0, 20 * 1000000L};
	int now = __atomic_add_fetch(&told->slow_now, 1, __ATOMIC_SEQ_CST);
	if (now > told->slow_most)
		told->slow_most = now;
	while (sink->tick(sink->user, e))
		(void)nanosleep(&pause, NULL);
	(void)__atomic_sub_fetch(&told->slow_now, 1, __ATOMIC_SEQ_CST);
	return false;
}

static bool moody_list(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	static const char two[] =
		"<Response><Status>OK</Status><Clients><Client><UUID>00000000-0000-4000-8000-000000000001</UUID>"
		"<Name>One</Name><Contacts /></Client></Clients></Response>";
	int64_t firm = world_firm_of(tenant);
	(void)self, (void)a, (void)access;
	*w = (struct xero_answer){.trouble = XERO_DOWN, .day_left = -1};
	told->alarm_s = alarm(WORKER_HUNG_S);
	if (firm == POISON) {
		(void)__atomic_add_fetch(&told->poisoned, 1, __ATOMIC_SEQ_CST);
		(void)kill(getpid(), SIGKILL);
	}
	if (firm < POISON)
		return drip(sink, e);
	w->trouble = XERO_FINE;
	return sink->start(sink->user, "text/xml", "utf-8", e) &&
	       sink->piece(sink->user, STR(two), e);
}

static int fair_begin(void **state)
{
	int rc = world_begin(state);
	if (told == NULL)
		told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(told, MAP_FAILED);
	*told = (struct told){.slow_now = 0};
	g.x->xero.list = moody_list;
	g.set.job_time_s = 1;
	world_firms(FIRST, FIRMS);
	return rc;
}
#define FAIR_TEST(f) cmocka_unit_test_setup_teardown((f), fair_begin, world_end)

static void queue_syncs(int64_t from, int n, int overdue_s)
{
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, payload, single, due_at) SELECT i, 'sync', '{\"trigger\":\"first\"}',"
		" 'sync:' || i, now() - make_interval(secs => %d) FROM generate_series(%lld, %lld) i",
		overdue_s, (long long)from, (long long)from + n - 1));
}

/* ---- the processes ---- */

static pid_t children[WORKERS];

static int work(int nth)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	const struct timespec pause = {0, 10 * 1000000L};
	char name[32];
	(void)snprintf(name, sizeof name, "fair-%d-%d", nth, (int)getpid());
	world_worker(&w, home, name);
	for (;;) {
		bool did = false;
		int wait_s = 0;
		if (!worker_tick(&w, &e) || !worker_step(&w, &did, &wait_s, &e))
			return 1;
		if (!did)
			(void)nanosleep(&pause, NULL);
	}
}

static void start(int nth)
{
	children[nth] = fork();
	assert_true(children[nth] >= 0);
	if (children[nth] == 0)
		_exit(work(nth));
}

/* As the parent of a real worker: who died is replaced. */
static void tend(void)
{
	for (int i = 0; i < WORKERS; i++)
		if (waitpid(children[i], NULL, WNOHANG) == children[i])
			start(i);
}

static void end_all(void)
{
	for (int i = 0; i < WORKERS; i++) {
		(void)kill(children[i], SIGKILL);
		(void)waitpid(children[i], NULL, 0);
	}
}

/* How long until so many rows are there, in milliseconds. */
static int64_t until(const char *what, int64_t n)
{
	const struct timespec pause = {0, 20 * 1000000L};
	int64_t began = clock_mono_ms();
	while (count(what) < n) {
		if (clock_mono_ms() - began > PATIENCE_MS)
			fail_msg("not within a minute: %s", what);
		tend();
		(void)nanosleep(&pause, NULL);
	}
	return clock_mono_ms() - began;
}

static const char fast_done[] = "sync_run WHERE org_id > 5007 AND state = 'complete'";
static const char slow_ended[] = "sync_run WHERE org_id < 5007 AND state = 'failed'";

/* Twice as many slow ones as workers, a poison, a flood, all there first: the others have their turn all the same. */
static void slowness_poison_and_a_flood_delay_nobody_for_long(void **state)
{
	(void)state;
	queue_syncs(FIRST, SLOW, 60);
	queue_syncs(POISON, 1, 60);
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, payload, due_at) SELECT 1001, 'mail',"
		" '{\"what\":\"mfa_required\",\"user\":%lld}', now() - interval '50 s' FROM generate_series(1, %d)",
		(long long)d.member, FLOOD));
	queue_syncs(FAST, FASTS, 0);
	for (int i = 0; i < WORKERS; i++)
		start(i);
	/* Two rounds of the slow ones, a second each, and what a busy machine adds. */
	assert_in_range(until(fast_done, FASTS), 0, 20 * 1000);
	(void)until(slow_ended, SLOW);
	(void)until("(SELECT WHERE NOT EXISTS (SELECT FROM job WHERE kind = 'mail')) x", 1);
	end_all();
	assert_int_equal(told->poisoned, 1);
	assert_int_equal(count("sync_run WHERE state = 'failed' AND cause = 'slow'"), SLOW);
	assert_int_equal(
		count("job WHERE org_id = 5007 AND owner IS NOT NULL AND due_at > now()"), 1);
}

/* Yesterday they were slow: today they do not get every worker at once, and nobody waits for even one of them. */
static void known_slowness_delays_nobody_at_all(void **state)
{
	(void)state;
	g.set.job_time_s = 45;
	(void)db_do(arena_printf(g.home,
		"INSERT INTO org_turn SELECT i, 'sync', now(), now() + interval '1 day'"
		" FROM generate_series(%d, %d) i",
		FIRST, FIRST + SLOW - 1));
	queue_syncs(FIRST, SLOW, 60);
	for (int i = 0; i < WORKERS; i++)
		start(i);
	(void)until("sync_run WHERE org_id < 5007 AND state = 'running'", 1);
	queue_syncs(FAST, FASTS, 0);
	(void)until(fast_done, FASTS);
	assert_int_equal(count(slow_ended), 0);
	end_all();
	assert_in_range(told->slow_most, 1, WORKERS / 2 + 1);
}

/* ---- the limit of one job ---- */

static void a_run_that_takes_too_long_has_failed(void **state)
{
	(void)state;
	queue_syncs(FIRST, 1, 0);
	step();
	assert_string_equal(db_ask("SELECT state FROM sync_run"), "failed");
	assert_string_equal(db_ask("SELECT cause FROM sync_run"), "slow");
	assert_string_equal(db_ask("SELECT cause_text FROM sync_run"),
		"The last sync took too long and was ended. The clients shown are those of the sync "
		"before; we will try again. (It took longer than the 1 minute it may.)");
	assert_int_equal(count("client WHERE org_id = 5001"), 0);
	/* It comes back as any other failure does. */
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'sync'"),
		295, 300);
	assert_in_range(told->alarm_s, 100, WORKER_HUNG_S);
	assert_int_equal(alarm(0), 0);
}

static void only_an_organisations_job_has_a_limit(void **state)
{
	struct err e;
	(void)state;
	g.w.job = (struct job){.job_id = 1, .org_id = 0};
	g.w.began_ms = g.w.beat_at_ms = clock_mono_ms() - 5000;
	assert_ok(worker_tick(&g.w, &e));
	g.w.job.org_id = FIRST;
	assert_fails(worker_tick(&g.w, &e), ERR_UNAVAILABLE);
	assert_true(g.w.spent);
	g.w.job = (struct job){.job_id = 0};
}

/* ---- poison ---- */

static void crash(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(work(0));
	assert_int_equal(world_reap(pid), 100);
	(void)db_do("UPDATE job SET due_at = now()");
}

static void a_sync_that_kills_its_workers_is_told_and_rests(void **state)
{
	(void)state;
	queue_syncs(POISON, 1, 0);
	for (int i = 0; i < JOB_LOST_MAX; i++) {
		crash();
		(void)db_do(
			"UPDATE sync_run SET beat_at = now() - interval '2 min' WHERE state = 'running'");
	}
	assert_int_equal(told->poisoned, JOB_LOST_MAX);
	step();
	assert_int_equal(told->poisoned, JOB_LOST_MAX);
	assert_int_equal(count("sync_run WHERE state = 'interrupted'"), JOB_LOST_MAX);
	assert_string_equal(db_ask("SELECT cause_text FROM sync_run WHERE state = 'failed'"),
		"The last sync did not finish. The clients shown are those of the sync before; we will "
		"try again. (Our program ended unexpectedly during this sync, several times.)");
	assert_int_equal(count("notice WHERE org_id = 5007"), 0); /* the firm has nobody yet */
	assert_in_range(
		db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'sync'"),
		295, 300);
}

static void another_job_that_kills_its_workers_is_put_off_then_dropped(void **state)
{
	(void)state;
	(void)db_do(
		"INSERT INTO job (org_id, kind, payload, owner, attempts, lost)"
		" VALUES (1001, 'mail', '{\"what\":\"mfa_required\",\"user\":1}', 'dead', 3, 2)");
	step();
	assert_in_range(db_number("SELECT epoch(due_at) - epoch(now()) FROM job"), 3590, 3600);
	(void)db_do("UPDATE job SET owner = 'dead', due_at = now(), attempts = 11");
	step();
	assert_int_equal(count("job"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAIR_TEST(slowness_poison_and_a_flood_delay_nobody_for_long),
		FAIR_TEST(known_slowness_delays_nobody_at_all),
		FAIR_TEST(a_run_that_takes_too_long_has_failed),
		FAIR_TEST(only_an_organisations_job_has_a_limit),
		FAIR_TEST(a_sync_that_kills_its_workers_is_told_and_rests),
		FAIR_TEST(another_job_that_kills_its_workers_is_put_off_then_dropped),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
