/*
 * The queue with ten thousand organisations on one schedule, without network: the
 * worker's own loop over the slots' jobs, and for Xero a function that takes
 * WAIT_MS and tells a list of two clients.
 *
 *   queue ORGANISATIONS JOBS    the database is GAP_TEST_PG's
 */
#include "support/sync_world.h"

#include "base/clock.h"

#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 100, ROUNDS = 5, PICKS = 200, FIRST_ORG = 100000, WORKERS_MAX = 8 };

static double seconds(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_size);
	return v[n / 2];
}

static void say(const char *name, double value, const char *unit)
{
	(void)printf("%s %.2f %s\n", name, value, unit);
	(void)fflush(stdout);
}

/* The slot jobs of n organisations; `due` says from when on, as SQL. */
static void make_jobs(int n, const char *due)
{
	(void)db_do("TRUNCATE job, org_turn");
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, single, due_at) SELECT i, 'slot', 'slot:' || i, %s"
		" FROM generate_series(%d, %d) i",
		due, FIRST_ORG, FIRST_ORG + n - 1));
	(void)db_do("DELETE FROM sync_run");
	(void)db_do("DELETE FROM xero_budget");
	(void)db_do("ANALYZE job");
}

/* ---- picking ---- */

/* One is due among n that are not: what picking it takes, in microseconds, without the commit. */
static double pick_us(int n)
{
	struct err e;
	double took[PICKS];
	make_jobs(n, "now() + interval '6 hours'");
	(void)db_do(arena_printf(g.home,
		"UPDATE job SET due_at = now() - interval '1 second' WHERE org_id = %d",
		FIRST_ORG + n / 2));
	for (int i = 0; i < PICKS; i++) {
		struct job j;
		int wait_s = 0;
		if (!pg_begin(g.w.db, 0, &e))
			die("%s", e.text);
		double began = seconds();
		if (!jobs_take(g.w.db, g.w.arena, "bench", &j, &wait_s, &e) || j.job_id == 0)
			die("nothing was picked");
		took[i] = (seconds() - began) * 1e6;
		pg_rollback(g.w.db);
	}
	return median(took, PICKS);
}

static void bench_picking(int organisations)
{
	double ratio[ROUNDS], few = 0, many = 0;
	for (int i = 0; i < ROUNDS; i++) {
		few = pick_us(organisations < 100 ? organisations : 100);
		many = pick_us(organisations);
		ratio[i] = many / few;
	}
	say("schedule_due_us_100", few, "us");
	say("schedule_due_us_10k", many, "us");
	say("schedule_due_us_10k_vs_100", median(ratio, ROUNDS), "ratio");
}

/* ---- doing ---- */

static const char two_clients[] =
	"<Response><Status>OK</Status><Clients>"
	"<Client><UUID>00000000-0000-4000-8000-000000000001</UUID><Name>First</Name><Contacts /></Client>"
	"<Client><UUID>00000000-0000-4000-8000-000000000002</UUID><Name>Second</Name><Contacts /></Client>"
	"</Clients></Response>";

static bool give_list(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	(void)self, (void)a, (void)access, (void)tenant;
	(void)usleep(WAIT_MS * 1000);
	*w = (struct xero_answer){.trouble = XERO_FINE,
		.status = 200,
		.day_left = -1,
		.bytes = (int64_t)sizeof two_clients - 1};
	return sink->start(sink->user, "text/xml", "utf-8", e) &&
	       sink->piece(sink->user, STR(two_clients), e);
}

/* A process of its own with the worker's loop, until nothing is due. */
static int work(int nth)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	bool did = true;
	world_worker(&w, home, arena_printf(home, "worker-%d", nth));
	while (did) {
		int wait_s = 0;
		if (!worker_step(&w, &did, &wait_s, &e)) {
			(void)fprintf(stderr, "worker: %s\n", e.text);
			return 1;
		}
	}
	return 0;
}

/* Jobs a second of so many workers over `jobs` due slots, each done exactly once. */
static double rate(int workers, int jobs)
{
	pid_t pids[WORKERS_MAX];
	make_jobs(jobs, "now() - interval '1 minute'");
	double began = seconds();
	for (int i = 0; i < workers; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(work(i));
	}
	for (int i = 0; i < workers; i++)
		if (world_reap(pids[i]) != 0)
			die("a worker failed");
	double took = seconds() - began;
	int64_t runs = db_number("SELECT count(*) FROM sync_run WHERE state = 'complete'");
	int64_t most = db_number(
		"SELECT max(n) FROM (SELECT count(*) n FROM sync_run GROUP BY org_id) x");
	if (runs != jobs || most != 1)
		die("%lld runs of %d slots, %lld of one organisation", (long long)runs, jobs,
			(long long)most);
	return jobs / took;
}

static void bench_doing(int organisations, int jobs)
{
	double two[ROUNDS], four[ROUNDS], eight[ROUNDS];
	(void)rate(WORKERS_MAX, organisations / 10);
	for (int i = 0; i < ROUNDS; i++) {
		double one = rate(1, jobs);
		two[i] = rate(2, jobs) / one;
		four[i] = rate(4, jobs) / one;
		eight[i] = rate(8, jobs) / one;
		(void)fprintf(stderr,
			"  one worker %.0f jobs/s, two %.2f times, four %.2f, eight %.2f\n",
			one, two[i], four[i], eight[i]);
	}
	say("queue_two_workers_vs_one", median(two, ROUNDS), "ratio");
	say("queue_four_workers_vs_one", median(four, ROUNDS), "ratio");
	say("queue_eight_workers_vs_one", median(eight, ROUNDS), "ratio");
}

/* ---- the schedule ---- */

/* One slot of every organisation over the default spread of 30 minutes: the fullest minute against the mean. */
static void bench_spread(int organisations)
{
	enum { SPREAD_S = 1800, MINUTES = SPREAD_S / 60 };
	struct schedule s;
	struct err e;
	int in[MINUTES + 1] = {0}, most = 0;
	if (!schedule_parse("06:00,18:00", SPREAD_S, &s, &e))
		die("%s", e.text);
	int64_t from = 1767225600;
	int64_t first = INT64_MAX;
	for (int i = 0; i < organisations; i++) {
		int64_t at = schedule_next(&s, "UTC", FIRST_ORG + i, from);
		first = at < first ? at : first;
	}
	for (int i = 0; i < organisations; i++) {
		int64_t m = (schedule_next(&s, "UTC", FIRST_ORG + i, from) - first) / 60;
		if (m < 0 || m > MINUTES)
			die("a slot outside of the spread");
		in[m]++;
	}
	for (int i = 0; i <= MINUTES; i++)
		most = in[i] > most ? in[i] : most;
	say("schedule_fullest_minute_vs_mean", most / ((double)organisations / MINUTES),
		"ratio");
}

int main(int argc, char **argv)
{
	void *state = NULL;
	if (argc != 3)
		die("queue ORGANISATIONS JOBS");
	int organisations = (int)strtol(argv[1], NULL, 10),
	    jobs = (int)strtol(argv[2], NULL, 10);
	(void)world_set_up(&state);
	(void)world_begin(&state);
	g.x->xero.list = give_list;
	bench_spread(organisations);
	world_firms(FIRST_ORG, organisations);
	(void)db_do("ANALYZE");
	bench_picking(organisations);
	bench_doing(organisations, jobs);
	(void)world_end(&state);
	return world_tear_down(&state);
}
