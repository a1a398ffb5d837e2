/*
 * Fault 8: somebody is in the way. A deadlock, a lock or a statement that takes too long is tried once more and
 * then a calm page with the request's number; it happened once or not at all, and nobody waits without end. Faults 6 and 7: no room for what is to be written.
 */
#include "base/clock.h"
#include "support/site_test.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LOCK_MS = 13 * 1000, PATIENCE_MS = 12 * 1000 };

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
	assert_status(browse(b, "/clients/new"), 200);
}

/* The next `times` new clients meet this error, in the server's own words. */
static void in_the_way(const char *sqlstate, int times)
{
	sql_do("DROP SEQUENCE IF EXISTS test.busy; CREATE SEQUENCE test.busy;"
	       "CREATE OR REPLACE FUNCTION test.busy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $f$"
	       "BEGIN IF nextval('test.busy') <= %d THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '%s';"
	       " END IF; RETURN NEW; END$f$;"
	       "CREATE OR REPLACE TRIGGER test_busy BEFORE INSERT ON gap.client FOR EACH ROW EXECUTE FUNCTION test.busy()",
		times, sqlstate);
}

static int64_t clients(const struct firm *f)
{
	return sql_int("SELECT count(*) FROM client WHERE org_id = %lld", (long long)f->org_id);
}

static int64_t lines(const struct firm *f)
{
	return sql_int(
		"SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = 'client.added'",
		(long long)f->org_id);
}

static void assert_calm(struct fcgi_answer r)
{
	assert_status(r, 503);
	assert_has(r, "We will be right back");
	assert_has(r, "Nothing was lost or changed.");
	assert_has(r, "give this number");
	assert_has_not(r, "in the way");
}

static void fault_8_once_in_the_way_is_tried_again_and_twice_is_a_calm_page(void **state)
{
	static const char *const passing[] = {"40P01", "40001", "55P03", "57014"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	site.may_fail = true;
	for (size_t i = 0; i < ARRAY_LEN(passing); i++) {
		int64_t before = clients(&f);
		const char *form =
			arena_printf(site.arena, "name=Harbour+%zu&status=client", i);
		in_the_way(passing[i], 2);
		assert_calm(submit(&b, "/clients/new", form));
		assert_int_equal(clients(&f), before);
		in_the_way(passing[i], 1);
		assert_status(browse(&b, "/clients/new"), 200);
		assert_status(submit(&b, "/clients/new", form), 303);
		assert_int_equal(clients(&f), before + 1);
		assert_int_equal(lines(&f), before + 1);
	}
	/* What does not pass by itself is not tried again. */
	in_the_way("53100", 1);
	assert_calm(submit(&b, "/clients/new", "name=Full&status=client"));
	assert_status(submit(&b, "/clients/new", "name=Full&status=client"), 303);
	sql_do("DROP TRIGGER test_busy ON gap.client");
}

static void fault_8_a_lock_is_waited_for_twice_and_no_longer(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	site.may_fail = true;
	sql_hold(LOCK_MS, "SELECT count(*) FROM (SELECT FROM organisation FOR UPDATE) held");
	int64_t from = clock_mono_ms();
	assert_status(browse(&b, "/clients"), 200); /* reading goes on */
	assert_calm(submit(&b, "/clients/new", "name=Waiting&status=client"));
	assert_in_range(clock_mono_ms() - from, 9500, PATIENCE_MS);
	assert_int_equal(clients(&f), 0);
	assert_int_equal(lines(&f), 0);
}

static const char *file_text(const char *path)
{
	char *text = arena_alloc(site.arena, 4096);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	size_t n = fread(text, 1, 4095, f);
	assert_int_equal(fclose(f), 0);
	text[n] = '\0';
	return text;
}

static int first_free_fd(pid_t pid)
{
	int fd = 0;
	while (access(arena_printf(site.arena, "/proc/%d/fd/%d", (int)pid, fd), F_OK) == 0)
		fd++;
	return fd;
}

/* So many descriptors beside those that each child of the web has open, or no limit of ours. */
static void limit_descriptors(bool limited)
{
	const char *p = file_text(arena_printf(
		site.arena, "/proc/%d/task/%d/children", (int)site.parent, (int)site.parent));
	char *end = NULL;
	for (pid_t pid = (pid_t)strtol(p, &end, 10); end != p;
		pid = (pid_t)strtol(p, &end, 10)) {
		struct rlimit limit;
		p = end;
		assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
		limit.rlim_cur = limited ? (rlim_t)first_free_fd(pid) + 1 : limit.rlim_max;
		assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &limit, NULL), 0);
	}
}

/* Fault 16: a descriptor for the browser, and none for the database any more; then there are some again. */
static void fault_16_without_a_descriptor_left_the_page_is_calm_and_comes_back(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	site.may_fail = true;
	for (int i = 0; i < 40; i++)
		assert_status(browse(&b, "/clients"), 200);
	limit_descriptors(true);
	sql_do("DO $$BEGIN PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename = 'gap_web'"
	       " AND datname = current_database(); END$$");
	int calm = 0;
	for (int i = 0; i < 12; i++) {
		struct fcgi_answer r = browse(&b, "/clients");
		assert_true(r.status == 200 || r.status == 503);
		calm += r.status == 503;
	}
	assert_true(calm > 0);
	limit_descriptors(false);
	const struct timespec pause = {1, 200 * 1000000}; /* io/pg: not within a second */
	(void)nanosleep(&pause, NULL);
	for (int i = 0; i < 12; i++)
		assert_status(browse(&b, "/clients"), 200);
}

/*
 * Faults 6 and 7: no room for the audit line. What needs one does not happen, a log-in above all; reading goes
 * on, and with room again everything does.
 */
static void fault_6_7_without_room_for_its_audit_line_nothing_happens(void **state)
{
	struct firm f;
	struct browser b, new_one = {0};
	(void)state;
	settle(&f, &b);
	site.may_fail = true;
	int64_t sessions = sql_int("SELECT count(*) FROM session");
	const char *log_in =
		form_of("email", f.admin.email, "password", SITE_PASSWORD, "next", "", NULL);
	sql_do("CREATE FUNCTION test.full() RETURNS trigger LANGUAGE plpgsql AS $f$"
	       "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END$f$;"
	       "CREATE TRIGGER test_full BEFORE INSERT ON gap.audit_event FOR EACH ROW EXECUTE FUNCTION test.full()");
	assert_calm(submit(&new_one, "/login", log_in));
	assert_int_equal(sql_int("SELECT count(*) FROM session"), sessions);
	assert_calm(submit(&b, "/clients/new", "name=Unwritten&status=client"));
	assert_calm(submit(&b, "/profile", "name=Nobody"));
	assert_int_equal(clients(&f), 0);
	assert_status(browse(&b, "/clients"), 200);
	assert_status(browse(&b, "/profile"), 200);
	sql_do("DROP TRIGGER test_full ON gap.audit_event");
	assert_status(submit(&new_one, "/login", log_in), 303);
	assert_int_equal(sql_int("SELECT count(*) FROM session"), sessions + 1);
	assert_status(submit(&b, "/clients/new", "name=Written&status=client"), 303);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(fault_8_once_in_the_way_is_tried_again_and_twice_is_a_calm_page),
		SITE_TEST(fault_8_a_lock_is_waited_for_twice_and_no_longer),
		SITE_TEST(fault_16_without_a_descriptor_left_the_page_is_calm_and_comes_back),
		SITE_TEST(fault_6_7_without_room_for_its_audit_line_nothing_happens),
	};
	return site_verdict(cmocka_run_group_tests(tests, site_begin, site_end));
}
