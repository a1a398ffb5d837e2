/*
 * Faults 12 and 13, S3, S5: the worker is killed at every statement it sends and
 * every piece of the list it reads, an expired token's refresh included. What it
 * leaves is all of the old or all of the new; the next worker takes over and
 * ends where a run without a kill ends. Fault 2: the same with its links to the
 * database cut there instead. Every 16th (80th) point, and with LONG=1 each.
 */
/* LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_exec_args -Wl,--wrap=pg_once_args -Wl,--wrap=pg_commit -Wl,--wrap=pg_copy_start -Wl,--wrap=pg_copy_end -Wl,--wrap=pg_each */
#include "support/sync_world.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STEP = 16, STEP_CUT = 80 };

/* Shared with the child that is to die: how many points it has passed, and which is its last. */
static struct kill_plan {
	int64_t passed, last;
	bool armed, cut;
} * plan;

/* Fault 2: the database restarts, as far as this worker can tell: all its links are gone. */
static void cut_links(void)
{
	plan->armed = false;
	(void)db_do(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gap_worker' AND datname = current_database()");
}

static void point(void)
{
	if (plan == NULL || !plan->armed)
		return;
	if (++plan->passed != plan->last)
		return;
	if (plan->cut)
		cut_links();
	else
		(void)kill(getpid(), SIGKILL);
}

/* Before the call, and behind it, when the answer has come but nobody has heard of it yet. */
#define WRAP(name, params, args)              \
	bool __real_##name params;            \
	bool __wrap_##name params;            \
	bool __wrap_##name params             \
	{                                     \
		point();                      \
		bool ok = __real_##name args; \
		point();                      \
		return ok;                    \
	}

WRAP(pg_query_args,
	(struct pg * db, int stmt, struct pg_rows *rows, struct err *e,
		const struct pg_arg *args, size_t n),
	(db, stmt, rows, e, args, n))
WRAP(pg_exec_args,
	(struct pg * db, int stmt, size_t *touched, struct err *e, const struct pg_arg *args,
		size_t n),
	(db, stmt, touched, e, args, n))
WRAP(pg_once_args,
	(struct pg * db, int64_t org, int stmt, struct pg_rows *rows, struct err *e,
		const struct pg_arg *args, size_t n),
	(db, org, stmt, rows, e, args, n))
WRAP(pg_commit, (struct pg * db, struct err *e), (db, e))
WRAP(pg_copy_start, (struct pg * db, int stmt, struct err *e), (db, stmt, e))
WRAP(pg_copy_end, (struct pg * db, size_t *rows, struct err *e), (db, rows, e))
WRAP(pg_each,
	(struct pg * db, int stmt, struct err *e, const struct pg_arg *args, size_t n,
		bool (*row)(void *user, const struct pg_rows *r, struct err *e), void *user),
	(db, stmt, e, args, n, row, user))

/* Every piece of the list is a point too. */
static const struct xero_sink *inner;

static bool on_piece(void *user, struct str bytes, struct err *e)
{
	point();
	return inner->piece(user, bytes, e);
}

static bool (*real_list)(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w, struct err *e);

static bool list(void *self, struct arena *a, const struct secret *access, const char *tenant,
	const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	struct xero_sink mine = *sink;
	inner = sink;
	mine.piece = on_piece;
	return real_list(self, a, access, tenant, &mine, w, e);
}

static void fill_list(bool later)
{
	g.x->n = 0;
	for (int i = 0; i < 60; i++) {
		struct stub_client *c =
			stub_client(g.x, i, arena_printf(g.home, "Client %d", i));
		stub_contact(c, i, "Somebody", "somebody@example.com")->primary = true;
	}
	if (!later)
		return;
	stub_find(g.x, 1)->name = "Renamed";
	stub_find(g.x, 2)->archived = true;
	stub_find(g.x, 3)->contacts[0] = stub_find(g.x, 4)->contacts[0];
	stub_find(g.x, 4)->contacts[0].phone = "1";
	stub_find(g.x, 3)->contacts[0].phone = "1";
	stub_find(g.x, 5)->n_contacts = 0;
	stub_drop(g.x, 6);
	(void)stub_client(g.x, 100, "New");
}

static void expire_everything(void)
{
	(void)db_do("UPDATE job SET due_at = now() WHERE kind = 'sync'");
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE kind <> 'sync'");
	(void)db_do(
		"UPDATE sync_run SET beat_at = now() - interval '2 minutes' WHERE state = 'running'");
	(void)db_do(
		"UPDATE xero_grant SET refresh_began_at = now() - interval '1 minute', cool_until = NULL WHERE refresh_owner IS NOT NULL");
	(void)db_do("UPDATE xero_grant SET access_ends_at = now()");
	(void)db_do("DELETE FROM xero_budget");
}

/* Back to the first list, whatever there is. */
static void start_over(void)
{
	fill_list(false);
	(void)db_do("DELETE FROM job");
	expire_everything();
	const char *state = world_sync("{\"trigger\":\"scheduled\"}");
	if (strcmp(state, "held") == 0) {
		world_queue("review",
			arena_printf(g.home, "{\"run\":%lld,\"choice\":\"apply\",\"user\":1}",
				(long long)world_run("run_id")));
		(void)world_work();
	}
	(void)db_do("DELETE FROM job");
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM client_change");
}

static int dying_child(void)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	bool did = false;
	int wait_s = 0;
	world_worker(&w, home, "dying");
	if (plan->cut)
		d.super = db_connect(home, "postgres");
	pg_use(d.super, home);
	plan->armed = true;
	bool ok = worker_step(&w, &did, &wait_s, &e) && did;
	return ok || plan->cut ? 0 : 1;
}

/* True when it was killed; false: it got through. */
static bool run_until(int64_t last)
{
	plan->passed = 0;
	plan->last = last;
	g.x->shared->grace_pair = (int)g.x->shared->pair;
	world_queue("sync", "{\"trigger\":\"scheduled\"}");
	pid_t pid = fork();
	if (pid == 0)
		_exit(dying_child());
	int status = world_reap(pid);
	plan->armed = false;
	assert_true(status == 0 || status == 100);
	return status == 100;
}

/* A worker that finds the lease run out. */
static void take_over(void)
{
	for (int i = 0; i < 3 && db_number("SELECT count(*) FROM job WHERE kind = 'sync'") > 0;
		i++) {
		expire_everything();
		(void)world_work();
	}
}

/* The second list, undisturbed: how many points it passes. */
static int64_t one_cycle(void)
{
	fill_list(true);
	expire_everything();
	assert_false(run_until(INT64_MAX));
	return plan->passed;
}

static void kill_at(int64_t last, const char *before, const char *after)
{
	start_over();
	fill_list(true);
	expire_everything();
	(void)run_until(last);
	const char *left = world_picture(d.org);
	if (strcmp(left, before) != 0 && strcmp(left, after) != 0)
		fail_msg("killed at point %lld it left half a run", (long long)last);
	take_over();
	if (strcmp(world_picture(d.org), after) != 0)
		fail_msg("killed at point %lld: the next run ended elsewhere", (long long)last);
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(db_number("SELECT count(*) FROM sync_run WHERE state = 'running'"), 0);
	/* Killed between its commit and the end of its job, it runs twice; the second changes nothing. */
	assert_in_range(
		db_number("SELECT count(*) FROM sync_run WHERE state = 'complete'"), 1, 2);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant WHERE dead_at IS NULL"), 1);
}

static void at_every_point(bool cut, int64_t short_step)
{
	const char *is_long = getenv("LONG");
	int64_t step = is_long != NULL && strcmp(is_long, "1") == 0 ? 1 : short_step;
	if (plan == NULL)
		plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(plan, MAP_FAILED);
	*plan = (struct kill_plan){.cut = cut};
	real_list = g.x->xero.list;
	g.x->xero.list = list;
	g.x->piece = 64;
	fill_list(false);
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
	/* Once there and back: what is archived on the way stays. */
	(void)one_cycle();
	start_over();
	const char *before = arena_strdup(g.home, world_picture(d.org));
	int64_t points = one_cycle();
	const char *after = arena_strdup(g.home, world_picture(d.org));
	assert_string_not_equal(before, after);
	/* At least 500 different moments. */
	assert_in_range(points, 500, 5000);
	for (int64_t last = 1; last <= points; last += step) {
		struct arena *a = arena_new();
		pg_use(d.super, a);
		kill_at(last, before, after);
		pg_use(d.super, g.home);
		arena_free(&a);
	}
}

static void fault_12_13_wherever_it_dies_the_next_one_ends_the_same(void **state)
{
	(void)state;
	at_every_point(false, STEP);
}

static void fault_2_wherever_the_database_restarts_the_next_run_ends_the_same(void **state)
{
	(void)state;
	at_every_point(true, STEP_CUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_12_13_wherever_it_dies_the_next_one_ends_the_same),
		WORLD_TEST(fault_2_wherever_the_database_restarts_the_next_run_ends_the_same),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
