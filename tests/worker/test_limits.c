/*
 * Xero's limits, held by construction: several processes hammer one practice
 * through the very gates that runs use, at an Xero that only counts. Short: six
 * seconds; with LONG=1 two minutes.
 */
#include "base/clock.h"
#include "support/sync_cases.h"
#include "store/runs.h"
#include "worker/calls.h"

#include <sys/mman.h>
#include <unistd.h>

enum {
	PROCESSES = 4,
	SHORT_S = 6,
	LONG_S = 130,
	CALL_MS = 600,
	CALLS_MAX = 4096,
	MINUTE_MS = 60 * 1000,
	BURST = 10,
	GAP_MS = 1200
};

/* Shared by all processes. */
static struct counter {
	int now, most, n;
	int64_t at[CALLS_MAX];
	int64_t day_left;
	int breathe_s;
} * count_of;

static bool counting_list(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	const struct timespec pause = {0, CALL_MS * 1000000L};
	(void)self, (void)a, (void)access, (void)tenant, (void)sink, (void)e;
	int now = __atomic_add_fetch(&count_of->now, 1, __ATOMIC_SEQ_CST);
	int most = __atomic_load_n(&count_of->most, __ATOMIC_SEQ_CST);
	while (now > most && !__atomic_compare_exchange_n(&count_of->most, &most, now, false,
				     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		continue;
	int n = __atomic_fetch_add(&count_of->n, 1, __ATOMIC_SEQ_CST);
	if (n < CALLS_MAX)
		count_of->at[n] = clock_mono_ms();
	(void)nanosleep(&pause, NULL);
	(void)__atomic_sub_fetch(&count_of->now, 1, __ATOMIC_SEQ_CST);
	*w = (struct xero_answer){.trouble = XERO_FINE,
		.status = 200,
		.day_left = count_of->day_left,
		.breathe_s = count_of->breathe_s};
	return true;
}

static const struct secret *token(void)
{
	return secret_new(g.home, "access-0", 8);
}

static bool call_once(struct worker *w)
{
	const struct call c = {.access = token(), .tenant = stub_uuid(NULL, 't', 1)};
	const struct xero_sink sink = {.start = NULL};
	struct xero_answer answer;
	struct err e;
	return call_practice(w, w->arena, &c, &sink, &answer, &e);
}

static int hammer(int nth, int64_t end_ms, int64_t day)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	char name[32];
	(void)snprintf(name, sizeof name, "hammer-%d", nth);
	world_worker(&w, home, name);
	w.nap_divisor = 1;
	while (clock_mono_ms() < end_ms) {
		const struct timespec pause = {0, 20 * 1000000L};
		bool is_long = false;
		int wait_s = 0;
		if (!budget_take(w.beat, stub_uuid(NULL, 't', 1), day, &wait_s, &is_long, &e))
			return 2;
		if (wait_s == 0 && !call_once(&w))
			return 3;
		if (wait_s != 0)
			(void)nanosleep(&pause, NULL);
		arena_reset(w.arena);
	}
	return 0;
}

static void hammer_for(int seconds, int64_t day)
{
	pid_t pids[PROCESSES];
	int64_t end = clock_mono_ms() + seconds * 1000;
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(hammer(i, end, day));
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(world_reap(pids[i]), 0);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* In any window, not only between full minutes. */
static int most_in(int64_t window_ms)
{
	int most = 0, from = 0;
	for (int i = 0; i < count_of->n; i++) {
		while (count_of->at[i] - count_of->at[from] >= window_ms)
			from++;
		most = i - from + 1 > most ? i - from + 1 : most;
	}
	return most;
}

static void begin(void)
{
	if (count_of == NULL)
		count_of = mmap(NULL, sizeof *count_of, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(count_of, MAP_FAILED);
	*count_of = (struct counter){.day_left = -1};
	g.x->xero.list = counting_list;
	world_connect();
}

static void four_processes_never_exceed_three_at_once_or_sixty_a_minute(void **state)
{
	const char *is_long = getenv("LONG");
	int seconds = is_long != NULL && strcmp(is_long, "1") == 0 ? LONG_S : SHORT_S;
	(void)state;
	begin();
	/* Room for the burst, so that all four want to call at the same time. */
	hammer_for(seconds, 100000);
	assert_in_range(count_of->n, BURST, CALLS_MAX);
	qsort(count_of->at, (size_t)count_of->n, sizeof count_of->at[0], by_time);
	assert_int_equal(count_of->most, CALLS_AT_ONCE);
	assert_in_range(most_in(MINUTE_MS), 1, 60);
	/* A call counted at the edge was let through up to a second before. */
	assert_in_range(most_in(3000), 1, BURST + 3000 / GAP_MS + 1);
	assert_int_equal(db_number("SELECT day_calls FROM xero_budget"), count_of->n);
}

static void the_days_budget_is_one_for_all(void **state)
{
	(void)state;
	begin();
	hammer_for(4, 7);
	assert_int_equal(count_of->n, 7);
}

static void a_dead_worker_gives_its_lane_back(void **state)
{
	struct err e;
	int lane = 0;
	(void)state;
	begin();
	const char *tenant = stub_uuid(NULL, 't', 1);
	struct arena *home = arena_new();
	/* A lane is a connection's; a worker has one call at a time. */
	for (int i = 1; i <= CALLS_AT_ONCE; i++) {
		struct pg *dying = db_connect(home, "gap_worker");
		pg_use(dying, home);
		assert_ok(lane_take(dying, tenant, CALLS_AT_ONCE, &lane, &e));
		assert_int_equal(lane, i);
	}
	assert_ok(lane_take(g.w.beat, tenant, CALLS_AT_ONCE, &lane, &e));
	assert_int_equal(lane, 0);
	/* Another practice has lanes of its own. */
	assert_ok(lane_take(g.w.beat, stub_uuid(NULL, 't', 2), CALLS_AT_ONCE, &lane, &e));
	assert_int_equal(lane, 1);
	assert_ok(lane_give(g.w.beat, stub_uuid(NULL, 't', 2), lane, &e));
	arena_free(&home);
	lane = 0;
	for (int n = 0; n < 500 && lane == 0; n++)
		assert_ok(lane_take(g.w.beat, tenant, CALLS_AT_ONCE, &lane, &e));
	assert_int_not_equal(lane, 0);
}

static int may_call(int64_t day)
{
	struct err e;
	bool is_long = false;
	int wait_s = 0;
	assert_ok(budget_take(g.w.beat, stub_uuid(NULL, 't', 1), day, &wait_s, &is_long, &e));
	return wait_s;
}

/* X-MinLimit-Remaining: what Xero counts is right, whatever we have counted. */
static void few_left_in_the_minute_slow_us_down(void **state)
{
	(void)state;
	begin();
	assert_int_equal(may_call(1000), 0);
	count_of->breathe_s = 8;
	assert_true(call_once(&g.w));
	assert_in_range(may_call(1000), 7, 9);
}

static void few_left_in_the_day_shrink_the_budget(void **state)
{
	(void)state;
	begin();
	assert_int_equal(may_call(1000), 0);
	count_of->day_left = 3;
	assert_true(call_once(&g.w));
	assert_int_equal(db_number("SELECT day_calls FROM xero_budget"), 997);
	/* Runs that are not scheduled stop at the reserve, a tenth before the end. */
	assert_true(may_call(900) > 3600);
	for (int i = 0; i < 3; i++)
		assert_int_equal(may_call(1000), 0);
	assert_true(may_call(1000) > 3600);
	/* More left there than we allow ourselves changes nothing. */
	count_of->day_left = 5000;
	assert_true(call_once(&g.w));
	assert_int_equal(db_number("SELECT day_calls FROM xero_budget"), 1000);
}

/* A 429 is the practice's, whoever met it: asked for five missing clients, Xero is not asked five times. */
static void a_429_for_one_client_holds_back_every_call(void **state)
{
	(void)state;
	for (int i = 1; i <= 60; i++)
		(void)stub_client(g.x, i, arena_printf(*state, "Client %d", i));
	first_import();
	for (int i = 1; i <= 5; i++) {
		stub_find(g.x, i)->unlisted = true;
		stub_find(g.x, i)->on_get = XERO_MINUTE;
	}
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(g.x->gets, 1);
	assert_int_equal(world_run("archived"), 0);
	assert_in_range(may_call(1000), 2, 5);
	/* Asked for again by the next run, when it may. */
	for (int i = 1; i <= 5; i++)
		stub_find(g.x, i)->on_get = XERO_GONE;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(world_run("archived"), 5);
}

static void a_question_that_meets_a_429_holds_back_the_syncs(void **state)
{
	live();
	stub_find(g.x, 1)->on_get = XERO_DAY;
	world_queue("why", arena_printf(*state, "{\"client\":%lld}",
				   (long long)db_number("SELECT min(client_id) FROM client")));
	step();
	assert_true(may_call(1000) > 3500);
	int lists = g.x->lists;
	g.keep_budget = true;
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("cause"), "limit");
	/* Said once. */
	assert_string_equal(
		db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		"Xero's limit is reached. The sync goes on as soon as Xero allows it.");
	assert_int_equal(g.x->lists, lists);
}

/* ---- the meter ---- */

static int64_t metered(void)
{
	return db_number("SELECT coalesce(sum(calls), 0) FROM call_meter WHERE org_id = 1001");
}

/* Whatever is asked of Xero's API counts, once, whether it comes to something or not: syncs are the smaller part. */
static void every_call_of_an_organisation_is_counted(void **state)
{
	live();
	assert_int_equal(metered(), 1);
	world_due("check");
	step();
	assert_int_equal(metered(), 2);
	world_queue("rehearse", "{}");
	step();
	assert_int_equal(metered(), 4);
	world_queue("why", arena_printf(*state, "{\"client\":%lld}",
				   (long long)db_number("SELECT min(client_id) FROM client")));
	step();
	assert_int_equal(metered(), 5);
	/* One that fails is tried again, and each try counts. */
	g.x->script[0] = g.x->script[1] = (struct stub_step){.trouble = XERO_DOWN};
	g.x->steps = 2;
	g.x->step = 0;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(world_run("calls"), 3);
	(void)db_do("UPDATE connection SET state = 'disconnecting' WHERE org_id = 1001");
	world_queue("disconnect", "{}");
	step();
	assert_int_equal(metered(), g.x->lists + g.x->gets + g.x->connections + g.x->removes);
	assert_int_equal(g.x->removes, 1);
}

static void the_meter_is_the_organisations_own(void **state)
{
	struct err e;
	(void)state;
	live();
	(void)db_do("INSERT INTO call_meter VALUES (1002, now(), 9)");
	int64_t used = 0, cost = 0;
	pg_use(d.web, *state);
	assert_ok(runs_calls(d.web, d.org, &used, &cost, &e));
	assert_int_equal(used, 1);
	(void)db_do("UPDATE call_meter SET at = at - interval '3 days' WHERE org_id = 1001");
	assert_ok(runs_calls(d.web, d.org, &used, &cost, &e));
	assert_int_equal(used, 0);
	world_queue("tidy", "{}");
	step();
	assert_int_equal(count("call_meter WHERE org_id = 1001"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(four_processes_never_exceed_three_at_once_or_sixty_a_minute),
		WORLD_TEST(the_days_budget_is_one_for_all),
		WORLD_TEST(a_dead_worker_gives_its_lane_back),
		WORLD_TEST(few_left_in_the_minute_slow_us_down),
		WORLD_TEST(few_left_in_the_day_shrink_the_budget),
		WORLD_TEST(a_429_for_one_client_holds_back_every_call),
		WORLD_TEST(a_question_that_meets_a_429_holds_back_the_syncs),
		WORLD_TEST(every_call_of_an_organisation_is_counted),
		WORLD_TEST(the_meter_is_the_organisations_own),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
