/* The queue between organisations: whose turn it is, what picking costs among ten thousand, nothing done twice. */
#include "support/db.h"

#include "store/jobs.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 10000, FIRST = 100000 };

static int queue_begin(void **state)
{
	int rc = db_begin(state);
	(void)db_do("TRUNCATE job, org_turn, worker_heartbeat");
	return rc;
}
#define Q_TEST(f) cmocka_unit_test_setup_teardown((f), queue_begin, test_end)

/* n due jobs of an organisation, the first so many seconds overdue. */
static void due(int64_t org, const char *kind, int n, int seconds)
{
	(void)db_do(arena_printf(d.home,
		"INSERT INTO job (org_id, kind, due_at) SELECT %lld, '%s',"
		" now() - make_interval(secs => %d) + make_interval(secs => i / 1000.0)"
		" FROM generate_series(1, %d) i",
		(long long)org, kind, seconds, n));
}

static struct job take(const char *owner)
{
	struct err e;
	struct job job;
	int wait_s = 0;
	assert_ok(jobs_take(d.worker, d.home, owner, &job, &wait_s, &e));
	return job;
}

static int64_t org_of_next(const char *owner, int64_t took_ms)
{
	struct err e;
	struct job job = take(owner);
	if (job.job_id != 0)
		assert_ok(jobs_done(d.worker, job.job_id, owner, took_ms, &e));
	return job.org_id;
}

static void who_has_one_under_way_lets_others_go_first(void **state)
{
	(void)state;
	due(1, "mail", 3, 100);
	due(2, "mail", 1, 10);
	due(3, "mail", 1, 5);
	assert_int_equal(take("w1").org_id, 1);
	assert_int_equal(take("w2").org_id, 2);
	assert_int_equal(take("w3").org_id, 3);
	/* Nobody else wants to: no worker idles. */
	assert_int_equal(take("w4").org_id, 1);
	assert_int_equal(take("w5").org_id, 1);
	assert_int_equal(take("w6").job_id, 0);
}

/* Fifty jobs of one, all older than those of five others: the first of each comes before the second of the flood. */
static void who_floods_takes_turns(void **state)
{
	(void)state;
	due(1, "mail", 50, 3600);
	for (int64_t org = 2; org <= 6; org++)
		due(org, "sync", 1, 1);
	assert_int_equal(org_of_next("w", 1000), 1);
	for (int64_t org = 2; org <= 6; org++)
		assert_int_equal(org_of_next("w", 1000), org);
	for (int i = 1; i < 50; i++)
		assert_int_equal(org_of_next("w", 1000), 1);
	assert_int_equal(take("w").job_id, 0);
	/* However much it was: an hour's rest at most. */
	assert_in_range(
		db_number(
			"SELECT epoch(rest_until) - epoch(now()) FROM org_turn WHERE org_id = 1"),
		190, 200);
	due(1, "mail", 1, 1);
	assert_int_equal(org_of_next("w", 24 * 3600 * 1000), 1);
	assert_in_range(
		db_number(
			"SELECT epoch(rest_until) - epoch(now()) FROM org_turn WHERE org_id = 1"),
		3598, 3600);
}

static void a_rest_is_over_by_itself(void **state)
{
	(void)state;
	due(1, "mail", 2, 100);
	due(2, "mail", 1, 1);
	assert_int_equal(org_of_next("w", 500), 1);
	(void)db_do("UPDATE org_turn SET rest_until = now()");
	assert_int_equal(org_of_next("w", 500), 1);
	assert_int_equal(org_of_next("w", 500), 2);
}

static void the_installations_own_jobs_have_their_turn(void **state)
{
	(void)state;
	due(1, "mail", 2, 100);
	(void)db_do("INSERT INTO job (kind, due_at) VALUES ('tidy', now() - interval '50 s')");
	assert_int_equal(org_of_next("w", 60000), 1);
	assert_int_equal(org_of_next("w", 60000), 0);
	assert_int_equal(db_number("SELECT count(*) FROM org_turn"), 1);
	assert_int_equal(org_of_next("w", 1), 1);
}

static void workers_alive(int n)
{
	struct err e;
	for (int i = 0; i < n; i++)
		assert_ok(workers_beat(d.worker, arena_printf(d.home, "w%d", i), "1", &e));
	/* One that died a while ago does not count. */
	assert_ok(workers_beat(d.worker, "dead", "1", &e));
	(void)db_do(
		"UPDATE worker_heartbeat SET seen_at = now() - interval '1 min' WHERE worker = 'dead'");
}

/* Eight organisations whose syncs took long yesterday. */
static void eight_slow(void)
{
	struct err e;
	for (int64_t org = 1; org <= 8; org++) {
		due(org, "sync", 1, 100);
		struct job j = take("w0");
		assert_ok(jobs_done(d.worker, j.job_id, "w0", JOB_SLOW_S * 1000, &e));
	}
	assert_int_equal(
		db_number("SELECT count(*) FROM org_turn WHERE slow_until > now()"), 8);
	(void)db_do("UPDATE org_turn SET rest_until = now()");
	for (int64_t org = 1; org <= 8; org++)
		due(org, "sync", 1, 3600);
}

static void slow_ones_hold_half_of_the_workers(void **state)
{
	(void)state;
	workers_alive(4);
	eight_slow();
	assert_in_range(take("w0").org_id, 1, 8);
	assert_in_range(take("w1").org_id, 1, 8);
	assert_int_equal(take("w2").job_id, 0);
	due(9, "sync", 1, 1);
	assert_int_equal(take("w2").org_id, 9);
	/* What else they have to do is not slow. */
	due(8, "mail", 1, 1);
	struct job mail = take("w3");
	assert_int_equal(mail.org_id, 8);
	assert_string_equal(mail.kind, "mail");
	/* One ends, by whatever: the next slow one may. */
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day', owner = NULL"
		    " WHERE job_id = (SELECT min(job_id) FROM job WHERE owner = 'w0')");
	assert_in_range(take("w0").org_id, 1, 8);
	assert_int_equal(take("w5").job_id, 0);
}

static void the_only_worker_does_slow_ones_too(void **state)
{
	(void)state;
	workers_alive(1);
	eight_slow();
	assert_in_range(take("w0").org_id, 1, 8);
	assert_int_equal(take("w1").job_id, 0);
}

static void a_lease_that_ran_out_is_counted_as_lost(void **state)
{
	struct err e;
	(void)state;
	due(1, "sync", 1, 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(take("w").lost, i);
		(void)db_do("UPDATE job SET due_at = now()");
	}
	struct job j = take("w");
	assert_int_equal(j.lost, 3);
	/* Put off untried, it is not forgotten; tried to the end, it is. */
	assert_ok(jobs_put_off(d.worker, j.job_id, "w", 0, &e));
	j = take("w");
	assert_int_equal(j.lost, 3);
	assert_ok(jobs_later(d.worker, j.job_id, "w", 10, 0, &e));
	assert_int_equal(take("w").lost, 0);
}

/* ---- ten thousand organisations ---- */

static void make_many(void)
{
	(void)db_do(arena_printf(d.home,
		"INSERT INTO job (org_id, kind, single, due_at) SELECT o, k, k || ':' || o,"
		" now() + make_interval(secs => 60 + o %% 21600)"
		" FROM generate_series(%d, %d) o, unnest(ARRAY['slot', 'check']) k",
		FIRST, FIRST + MANY - 1));
}

static int64_t number_after(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	assert_non_null(at);
	return strtoll(at + strlen(name), NULL, 10);
}

/* What picking a job costs now, as the worker; nothing is kept. */
static const char *pick(struct arena *a)
{
	const char *text = NULL;
	struct err e;
	const char *ask =
		arena_printf(a, "public.spend($q$%s$q$)", stmt_table[STMT_JOB_TAKE].text);
	(void)db_do("ANALYZE job, org_turn");
	assert_ok(pg_begin(d.worker, 0, &e));
	assert_ok(db_try_ask(d.worker, ask, &text, &e));
	text = arena_strdup(a, text);
	pg_rollback(d.worker);
	return text;
}

static int64_t blocks(const char *plan)
{
	return number_after(plan, "\"Shared Hit Blocks\": ") +
	       number_after(plan, "\"Shared Read Blocks\": ");
}

static bool goes_through(const char *plan, const char *table)
{
	const char *name = arena_printf(d.home, "\"Relation Name\": \"%s\"", table);
	for (const char *at = plan; (at = strstr(at, "\"Seq Scan\"")) != NULL; at++) {
		const char *of = strstr(at, "\"Relation Name\": \"");
		if (of != NULL && strncmp(of, name, strlen(name)) == 0)
			return true;
	}
	return false;
}

/* No sorting, and of the jobs nothing but by an index. */
static void is_picked_by_index(const char *plan, int64_t blocks_most)
{
	assert_null(strstr(plan, "\"Node Type\": \"Sort\""));
	assert_non_null(strstr(plan, "\"Index Name\": \"job_due\""));
	assert_false(goes_through(plan, "job"));
	assert_in_range(blocks(plan), 1, blocks_most);
}

static void picking_reads_the_due_alone(void **state)
{
	(void)db_do(
		"CREATE FUNCTION public.spend(q text) RETURNS text LANGUAGE plpgsql AS $$"
		" DECLARE r text; BEGIN EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) '"
		" || replace(replace(replace(q, '$1', '''w'''), '$2', '60'), '$3', '30') INTO r;"
		" RETURN r; END$$");
	make_many();
	workers_alive(4);
	due(FIRST + 5000, "mail", 1, 1);
	const char *one = pick(*state);
	is_picked_by_index(one, 60);
	/* Among all of them, due, and each with something behind it already. */
	(void)db_do("UPDATE job SET due_at = due_at - interval '1 day' WHERE kind = 'slot'");
	(void)db_do(arena_printf(*state,
		"INSERT INTO org_turn SELECT o, 'slot', now() - interval '1 h' FROM generate_series(%d, %d) o",
		FIRST, FIRST + MANY - 1));
	const char *all = pick(*state);
	is_picked_by_index(all, 60);
	assert_false(goes_through(all, "org_turn"));
	/* Those under way and at rest are few, and passing over a flood of theirs is no walk through the rest. */
	(void)db_do(arena_printf(*state,
		"UPDATE org_turn SET rest_until = now() + interval '1 min' WHERE org_id < %d",
		FIRST + 64));
	(void)db_do(arena_printf(*state,
		"UPDATE job SET owner = 'x', due_at = now() + interval '1 min' WHERE org_id < %d AND kind = 'check'",
		FIRST + 64));
	due(FIRST, "mail", 500, 48 * 3600);
	const char *busy = pick(*state);
	is_picked_by_index(busy, 300);
	assert_false(goes_through(busy, "org_turn"));
}

/* ---- many workers ---- */

enum { WORKERS = 6, JOBS = 1200 };

static int *taken;

static bool take_all(struct pg *db, int nth, void *user)
{
	struct arena *a = arena_new();
	struct err e;
	char owner[16];
	(void)user;
	(void)snprintf(owner, sizeof owner, "w%d", nth);
	for (int idle = 0; idle < 3;) {
		struct job j;
		int wait_s = 0;
		pg_use(db, a);
		if (!jobs_take(db, a, owner, &j, &wait_s, &e))
			return false;
		/* Beside others' locks one may find nothing for a moment. */
		idle = j.job_id == 0 ? idle + 1 : 0;
		if (j.job_id != 0) {
			(void)__atomic_add_fetch(&taken[j.org_id - FIRST], 1, __ATOMIC_SEQ_CST);
			if (!jobs_later(db, j.job_id, owner, 1, 3600, &e))
				return false;
		}
		arena_reset(a);
	}
	arena_free(&a);
	return true;
}

/* Every job of every organisation, counted by those who took it, and by the row. */
static void six_workers_do_each_job_once(void **state)
{
	(void)state;
	size_t bytes = JOBS * sizeof *taken;
	taken = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(taken, MAP_FAILED);
	for (int i = 0; i < JOBS; i++)
		taken[i] = 0;
	(void)db_do(arena_printf(d.home,
		"INSERT INTO job (org_id, kind, due_at) SELECT o, 'slot', now() - interval '1 min'"
		" FROM generate_series(%d, %d) o",
		FIRST, FIRST + JOBS - 1));
	assert_int_equal(db_race(WORKERS, "gap_worker", take_all, NULL), WORKERS);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(taken[i], 1);
	assert_int_equal(
		db_number("SELECT count(*) FROM job WHERE attempts = 1 AND lost = 0"), JOBS);
	assert_int_equal(munmap(taken, bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		Q_TEST(who_has_one_under_way_lets_others_go_first),
		Q_TEST(who_floods_takes_turns),
		Q_TEST(a_rest_is_over_by_itself),
		Q_TEST(the_installations_own_jobs_have_their_turn),
		Q_TEST(slow_ones_hold_half_of_the_workers),
		Q_TEST(the_only_worker_does_slow_ones_too),
		Q_TEST(a_lease_that_ran_out_is_counted_as_lost),
		Q_TEST(picking_reads_the_due_alone),
		Q_TEST(six_workers_do_each_job_once),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
