/* The queue: nothing is done twice, nothing is lost. */
#include "support/db.h"

#include "store/jobs.h"

static int jobs_begin(void **state)
{
	int rc = db_begin(state);
	(void)db_do("DELETE FROM job");
	(void)db_do("DELETE FROM worker_heartbeat");
	return rc;
}
#define J_TEST(f) cmocka_unit_test_setup_teardown((f), jobs_begin, test_end)

static bool add(const char *single, int due_in_s)
{
	struct err e;
	bool added = false;
	assert_ok(jobs_add(d.web, d.org, "mail", "{\"to\":1}", single, due_in_s, &added, &e));
	return added;
}

static struct job take(struct arena *a, const char *owner, int *wait_s)
{
	struct err e;
	struct job job;
	assert_ok(jobs_take(d.worker, a, owner, &job, wait_s, &e));
	return job;
}

static void a_job_is_taken_done_and_gone(void **state)
{
	struct err e;
	int wait_s;
	assert_true(add(NULL, 0));
	struct job job = take(*state, "w1", &wait_s);
	assert_true(job.job_id > 0);
	assert_int_equal(job.org_id, d.org);
	assert_string_equal(job.kind, "mail");
	assert_string_equal(job.payload, "{\"to\":1}");
	assert_int_equal(job.attempts, 1);
	assert_int_equal(take(*state, "w2", &wait_s).job_id, 0);
	assert_in_range(wait_s, 55, 60);
	assert_fails(jobs_done(d.worker, job.job_id, "w2", 0, &e), ERR_CONFLICT);
	assert_ok(jobs_done(d.worker, job.job_id, "w1", 0, &e));
	assert_int_equal(db_number("SELECT count(*) FROM job"), 0);
	assert_fails(jobs_done(d.worker, job.job_id, "w1", 0, &e), ERR_CONFLICT);
	assert_int_equal(take(*state, "w1", &wait_s).job_id, 0);
	assert_int_equal(wait_s, 60);
}

static void the_installations_own_job_has_no_organisation(void **state)
{
	struct err e;
	bool added;
	int wait_s;
	assert_ok(jobs_add(d.worker, 0, "tidy", NULL, NULL, 0, &added, &e));
	assert_true(added);
	struct job job = take(*state, "w", &wait_s);
	assert_int_equal(job.org_id, 0);
	assert_string_equal(job.payload, "{}");
}

static void of_one_name_one_waits_and_the_earlier_time_wins(void **state)
{
	(void)state;
	assert_true(add("mail:1", 600));
	assert_false(add("mail:1", 300));
	assert_int_equal(db_number("SELECT count(*) FROM job"), 1);
	assert_in_range(db_number("SELECT epoch(due_at) - epoch(now()) FROM job"), 295, 301);
	assert_false(add("mail:1", 900));
	assert_in_range(db_number("SELECT epoch(due_at) - epoch(now()) FROM job"), 295, 301);
	assert_true(add("mail:2", 0));
	assert_true(add(NULL, 0));
	assert_true(add(NULL, 0));
}

/* A name that runs is not pulled from under its worker. */
static void adding_does_not_break_a_lease(void **state)
{
	int wait_s;
	assert_true(add("mail:1", 0));
	struct job job = take(*state, "w1", &wait_s);
	assert_false(add("mail:1", 0));
	assert_int_equal(take(*state, "w2", &wait_s).job_id, 0);
	assert_true(job.job_id > 0);
}

static void a_lease_that_runs_out_gives_the_job_to_another(void **state)
{
	struct err e;
	int wait_s;
	assert_true(add(NULL, 0));
	struct job first = take(*state, "w1", &wait_s);
	(void)db_do("UPDATE job SET due_at = now() - interval '1 s'");
	struct job second = take(*state, "w2", &wait_s);
	assert_int_equal(first.job_id, second.job_id);
	assert_int_equal(second.attempts, 2);
	assert_fails(jobs_beat(d.worker, first.job_id, "w1", &e), ERR_CONFLICT);
	assert_fails(jobs_done(d.worker, first.job_id, "w1", 0, &e), ERR_CONFLICT);
	assert_fails(jobs_later(d.worker, first.job_id, "w1", 0, 5, &e), ERR_CONFLICT);
	assert_ok(jobs_beat(d.worker, second.job_id, "w2", &e));
	assert_in_range(db_number("SELECT epoch(due_at) - epoch(now()) FROM job"),
		JOB_LEASE_S - 2, JOB_LEASE_S);
	assert_ok(jobs_later(d.worker, second.job_id, "w2", 0, 30, &e));
	assert_null(db_ask("SELECT owner FROM job"));
	assert_int_equal(take(*state, "w1", &wait_s).job_id, 0);
	assert_in_range(wait_s, 25, 30);
}

static void the_oldest_due_comes_first(void **state)
{
	int wait_s;
	assert_true(add("late", 0));
	assert_true(add("soon", 0));
	(void)db_do("UPDATE job SET due_at = now() - interval '1 hour' WHERE single = 'soon'");
	assert_true(add("future", 60));
	struct job job = take(*state, "w", &wait_s);
	assert_int_equal(
		db_number(arena_printf(*state,
			"SELECT count(*) FROM job WHERE job_id = %lld AND single = 'soon'",
			(long long)job.job_id)),
		1);
}

static bool take_one(struct pg *db, int nth, void *user)
{
	struct err e;
	struct job job;
	int wait_s;
	char owner[20];
	struct arena *a = arena_new();
	(void)user;
	(void)snprintf(owner, sizeof owner, "w%d", nth);
	return jobs_take(db, a, owner, &job, &wait_s, &e) && job.job_id > 0;
}

static void of_twenty_takers_none_gets_anothers_job(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++)
		assert_true(add(NULL, 0));
	assert_int_equal(db_race(20, "gap_worker", take_one, NULL), 12);
	assert_int_equal(db_number("SELECT count(DISTINCT owner) FROM job"), 12);
	assert_int_equal(db_number("SELECT max(attempts) FROM job"), 1);
}

/* Adding wakes the worker; taking and lengthening a lease wakes nobody, or all would spin. */
static void only_new_work_wakes_the_worker(void **state)
{
	struct err e;
	struct arena *a = arena_new();
	struct pg *ear = db_connect(a, "gap_worker");
	bool noticed = false;
	int wait_s;
	assert_ok(pg_listen(ear, "gap_job", &e));
	assert_ok(pg_wait(ear, -1, 0, &noticed, &e)); /* the first one always tells */
	assert_ok(pg_wait(ear, -1, 50, &noticed, &e));
	assert_false(noticed);
	assert_true(add("x", 0));
	assert_ok(pg_wait(ear, -1, 2000, &noticed, &e));
	assert_true(noticed);
	struct job job = take(*state, "w", &wait_s);
	(void)take(*state, "w", &wait_s);
	assert_ok(jobs_beat(d.worker, job.job_id, "w", &e));
	assert_ok(pg_wait(ear, -1, 100, &noticed, &e));
	assert_false(noticed);
	assert_ok(jobs_later(d.worker, job.job_id, "w", 0, 5, &e));
	assert_ok(pg_wait(ear, -1, 2000, &noticed, &e));
	assert_true(noticed);
	arena_free(&a);
}

static void workers_and_the_queue_can_be_watched(void **state)
{
	struct err e;
	int64_t seconds = 0, waiting = -1, oldest = -1;
	int wait_s;
	assert_ok(workers_seen(d.web, &seconds, &e));
	assert_int_equal(seconds, -1);
	assert_ok(workers_beat(d.worker, "host:1", "1.0", &e));
	assert_ok(workers_beat(d.worker, "host:1", "1.1", &e));
	assert_ok(workers_seen(d.web, &seconds, &e));
	assert_in_range(seconds, 0, 2);
	assert_string_equal(db_ask("SELECT version FROM worker_heartbeat"), "1.1");
	assert_ok(jobs_depth(d.web, &waiting, &oldest, &e));
	assert_int_equal(waiting, 0);
	assert_int_equal(oldest, 0);
	assert_true(add(NULL, 0));
	assert_true(add(NULL, 0));
	assert_true(add(NULL, 100));
	(void)take(*state, "w", &wait_s);
	(void)db_do(
		"UPDATE job SET due_at = now() - interval '90 s' WHERE owner IS NULL AND due_at < now()");
	assert_ok(jobs_depth(d.web, &waiting, &oldest, &e));
	assert_int_equal(waiting, 1);
	assert_in_range(oldest, 90, 92);
}

/* Queued with what it belongs to, or not at all. */
static void a_rolled_back_wish_is_no_job(void **state)
{
	struct err e;
	(void)state;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_true(add(NULL, 0));
	pg_rollback(d.web);
	assert_int_equal(db_number("SELECT count(*) FROM job"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		J_TEST(a_job_is_taken_done_and_gone),
		J_TEST(the_installations_own_job_has_no_organisation),
		J_TEST(of_one_name_one_waits_and_the_earlier_time_wins),
		J_TEST(adding_does_not_break_a_lease),
		J_TEST(a_lease_that_runs_out_gives_the_job_to_another),
		J_TEST(the_oldest_due_comes_first),
		J_TEST(of_twenty_takers_none_gets_anothers_job),
		J_TEST(only_new_work_wakes_the_worker),
		J_TEST(workers_and_the_queue_can_be_watched),
		J_TEST(a_rolled_back_wish_is_no_job),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
