/*
 * Moments at which a worker may be killed: before and behind every statement
 * (behind: the answer has come, nobody has heard of it yet) and, through
 * kill_points_of, at every piece of the list. For one test program, which needs
 *
 *     LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_exec_args -Wl,--wrap=pg_once_args
 *              -Wl,--wrap=pg_commit -Wl,--wrap=pg_copy_start -Wl,--wrap=pg_copy_end -Wl,--wrap=pg_each
 */
#ifndef GAP_TESTS_KILL_POINTS_H
#define GAP_TESTS_KILL_POINTS_H

#include "support/sync_world.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

/* Shared with the child that is to die: how many points it has passed, and which is its last. */
static struct kill_plan {
	int64_t passed, last;
	bool armed, cut; /* cut: its links to the database go instead */
} * plan;

/* Fault 2: the database restarts, as far as this worker can tell: all its links are gone, and not only told to go. */
static void cut_links(void)
{
	plan->armed = false;
	(void)db_do(
		"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'gap_worker' AND datname = current_database()");
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

/* From now on pieces of this list are points; once a test. cut: what a point does. */
static void kill_points_of(struct stub_xero *x, bool cut)
{
	if (plan == NULL)
		plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(plan, MAP_FAILED);
	*plan = (struct kill_plan){.cut = cut};
	real_list = x->xero.list;
	x->xero.list = list;
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

/* The next job in a process of its own. True when it was killed; false: it got through. */
static bool work_until(int64_t last)
{
	plan->passed = 0;
	plan->last = last;
	pid_t pid = fork();
	if (pid == 0)
		_exit(dying_child());
	int status = world_reap(pid);
	plan->armed = false;
	assert_true(status == 0 || status == 100);
	return status == 100;
}

static inline bool run_until(int64_t last)
{
	g.x->shared->grace_pair = (int)g.x->shared->pair;
	world_queue("sync", "{\"trigger\":\"scheduled\"}");
	return work_until(last);
}

/* As after minutes: the dead worker's leases have run out, and so has the token. */
static inline void expire_everything(void)
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

/* A worker that finds the lease run out. */
static inline void take_over(void)
{
	for (int i = 0; i < 3 && db_number("SELECT count(*) FROM job WHERE kind = 'sync'") > 0;
		i++) {
		expire_everything();
		(void)world_work();
	}
}

#endif
