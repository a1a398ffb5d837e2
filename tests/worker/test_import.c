/*
 * "Import" of a file by the worker: what is added, what is told, and that it is whole or nothing whatever becomes of
 * the worker meanwhile.
 */
#include "store/import.h"
#include "support/kill_points.h"
#include "support/sync_cases.h"

/* LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_exec_args -Wl,--wrap=pg_once_args -Wl,--wrap=pg_commit -Wl,--wrap=pg_copy_start -Wl,--wrap=pg_copy_end -Wl,--wrap=pg_each */

#define DONE   "2 clients were added with 3 contacts. 1 row was left out."
#define FAILED "The import did not finish, and nothing was added. Select Import to try again."

enum { POINTS_MIN = 20, POINTS_MAX = 120, TRIES = 100 };

/* A file of four rows, one of them bad, looked through by Ada; "Import" is selected. */
static void ask_of(int64_t clients)
{
	const char *a =
		arena_printf(g.home, "%lld, %lld", (long long)d.org, (long long)d.admin);
	(void)db_do("DELETE FROM import_preview");
	(void)db_do(arena_printf(g.home,
		"INSERT INTO import_preview (org_id, user_id, file_name, ignored, state, asked_at, asked_clients)"
		" VALUES (%s, 'list.csv', '', 'asked', now(), %lld)",
		a, (long long)clients));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO import_row (org_id, user_id, line, client_name, first_name, last_name, email, phone, status,"
		" is_primary_text, fault, mark, reason, is_primary, contact_name, client_search, contact_search)"
		" SELECT %s, line, name, 'A', 'B', mail, '', '', '', mark, mark, '', false, 'A B', lower(name), ' a b'"
		" FROM (VALUES (2, 'Bravo', 'a@b.example', 'add'), (3, 'Bravo', 'b@b.example', 'add'),"
		" (4, 'Charlie', 'a@c.example', 'add'), (5, 'Delta', 'none', 'bad-email')) v (line, name, mail, mark)",
		a));
	world_queue("import",
		arena_printf(g.home, "{\"user\":%lld,\"name\":\"Ada\"}", (long long)d.admin));
}

/* Everything that an import writes. */
static const char *picture(void)
{
	return db_ask(
		"SELECT concat_ws(' ', (SELECT count(*) FROM client), (SELECT count(*) FROM contact),"
		" (SELECT count(*) FROM client_contact), (SELECT count(*) FROM client_change),"
		" (SELECT count(*) FROM import_row), (SELECT state FROM import_preview))");
}
static const char untouched[] = "0 0 0 0 4 asked", whole[] = "2 3 3 2 0 done";

static const char *said(void)
{
	return db_ask("SELECT state || ': ' || said FROM import_preview");
}

static void the_good_rows_become_clients(void **state)
{
	(void)state;
	int64_t version =
		db_number("SELECT data_version FROM organisation WHERE org_id = 1001");
	ask_of(2);
	assert_string_equal(picture(), untouched);
	assert_int_equal(world_work(), 1);
	assert_string_equal(picture(), whole);
	assert_string_equal(said(), "done: " DONE);
	assert_int_equal(count("job"), 0);
	assert_int_equal(count("client_change WHERE by_name = 'Ada (import)'"), 2);
	assert_int_equal(world_audited("import.applied", "ok"), 1);
	assert_string_equal(db_ask("SELECT detail FROM audit_event WHERE event ="
				   " 'import.applied' ORDER BY seq DESC LIMIT 1"),
		DONE);
	/* Whoever looks at the list sees them come. */
	assert_true(db_number("SELECT data_version FROM organisation WHERE org_id = 1001") >
		    version);
	/* Settled too late: the job comes once more, and there is nothing left to do. */
	world_queue("import", arena_printf(g.home, "{\"user\":%lld}", (long long)d.admin));
	assert_int_equal(world_work(), 1);
	assert_string_equal(picture(), whole);
	assert_int_equal(world_audited("import.applied", "ok"), 1);
}

/* Whoever selects Cancel meanwhile would wait for the preview's row: it is taken when the long work is done. */
static void the_preview_is_free_until_the_work_is_done(void **state)
{
	(void)state;
	(void)db_do("CREATE TABLE seen (state text)");
	(void)db_do(
		"CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
		" SET search_path = gap AS"
		" $$BEGIN INSERT INTO seen SELECT state FROM import_preview; RETURN NULL; END$$");
	(void)db_do("CREATE TRIGGER look AFTER INSERT ON client_change"
		    " FOR EACH STATEMENT EXECUTE FUNCTION look()");
	ask_of(2);
	assert_int_equal(world_work(), 1);
	assert_string_equal(
		db_ask("SELECT string_agg(DISTINCT state, ' ') FROM seen"), "asked");
	assert_string_equal(picture(), whole);
	(void)db_do("DROP FUNCTION look CASCADE");
	(void)db_do("DROP TABLE seen");
}

static void a_list_that_has_changed_is_looked_at_again(void **state)
{
	(void)state;
	(void)db_do(
		"INSERT INTO contact (org_id, name, email) VALUES (1001, 'A B', 'A@b.example')");
	(void)db_do(
		"INSERT INTO client (org_id, name, status) VALUES (1001, 'BRAVO', 'client')");
	(void)db_do(
		"INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)"
		" SELECT 1001, client_id, contact_id, true, 0 FROM client, contact");
	ask_of(2);
	assert_int_equal(world_work(), 1);
	assert_string_equal(said(), "changed: ");
	assert_int_equal(count("client"), 1);
	assert_string_equal(
		db_ask("SELECT string_agg(mark, ' ' ORDER BY line) FROM import_row"),
		"duplicate duplicate add bad-email");
	assert_int_equal(world_audited("import.applied", "refused"), 1);
}

static void a_practice_connected_meanwhile_is_said(void **state)
{
	(void)state;
	(void)db_do(arena_printf(g.home,
		"UPDATE organisation SET active_tenant = '%s' WHERE org_id = 1001",
		stub_uuid(NULL, 't', 1)));
	ask_of(2);
	assert_int_equal(world_work(), 1);
	assert_string_equal(said(),
		"failed: Clients come from Xero Practice Manager while it is connected. Nothing was imported.");
	assert_int_equal(count("client"), 0);
	assert_int_equal(count("import_row"), 4);
	assert_int_equal(world_audited("import.applied", "refused"), 1);
}

/* What will not pass is said at once, and may be tried again. */
static void what_fails_writes_nothing_and_is_said(void **state)
{
	(void)state;
	(void)db_do("CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS"
		    " $$BEGIN PERFORM 1 / 0; END$$");
	(void)db_do("CREATE TRIGGER trouble AFTER INSERT ON client_contact"
		    " FOR EACH STATEMENT EXECUTE FUNCTION trouble()");
	ask_of(2);
	assert_int_equal(world_work(), 1);
	(void)db_do("DROP FUNCTION trouble CASCADE");
	assert_string_equal(picture(), "0 0 0 0 4 failed");
	assert_string_equal(said(), "failed: " FAILED);
	assert_int_equal(count("job"), 0);
	assert_int_equal(world_audited("import.applied", "refused"), 1);
	ask_of(2);
	assert_int_equal(world_work(), 1);
	assert_string_equal(picture(), whole);
}

static void one_that_kills_its_workers_is_told(void **state)
{
	(void)state;
	ask_of(2);
	(void)db_do("UPDATE job SET owner = 'dead', attempts = 3, lost = 2");
	assert_int_equal(world_work(), 1);
	assert_string_equal(picture(), "0 0 0 0 4 failed");
	assert_string_equal(said(), "failed: " FAILED);
	assert_int_equal(count("job"), 0);
}

/* A colleague's file, or the dead worker's link that the server has not missed yet. */
static void another_file_of_the_firm_goes_first(void **state)
{
	struct err e;
	(void)state;
	ask_of(2);
	assert_ok(pg_begin(d.super, 0, &e));
	(void)db_do("SELECT pg_advisory_xact_lock(1010, hashint8(1001))");
	assert_int_equal(world_work(), 1);
	pg_rollback(d.super);
	assert_string_equal(picture(), untouched);
	assert_in_range(db_number("SELECT epoch(due_at) - epoch(now()) FROM job"), 1, 2);
	(void)db_do("UPDATE job SET due_at = now()");
	assert_int_equal(world_work(), 1);
	assert_string_equal(picture(), whole);
}

static void start_over(void)
{
	static const char *const tables[] = {
		"client_contact", "client", "contact", "client_change", "job", "org_turn"};
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		(void)db_do(arena_printf(g.home, "DELETE FROM %s", tables[i]));
	ask_of(2);
}

/* The lease has run out, and another worker finds the job; until the server misses the dead one, it waits. */
static void another_takes_over(void)
{
	for (int i = 0; i < TRIES && strcmp(picture(), untouched) == 0; i++) {
		if (i > 0)
			(void)usleep(20000);
		(void)db_do("UPDATE job SET due_at = now()");
		(void)world_work();
	}
}

/* At each statement: dead, or cut off from its database. */
static void broken_anywhere_it_is_whole_or_nothing(bool cut)
{
	kill_points_of(g.x, cut);
	start_over();
	assert_false(work_until(INT64_MAX));
	assert_string_equal(picture(), whole);
	int64_t points = plan->passed, before = world_audited("import.applied", "ok");
	assert_in_range(points, POINTS_MIN, POINTS_MAX);
	int64_t wide = getenv("LONG") == NULL ? 5 : 1, rounds = 0;
	for (int64_t last = 1; last <= points; last += wide, rounds++) {
		start_over();
		assert_int_equal(work_until(last), !cut);
		const char *left = picture();
		if (strcmp(left, untouched) != 0 && strcmp(left, whole) != 0)
			fail_msg("broken at %lld it left %s", (long long)last, left);
		another_takes_over();
		assert_string_equal(picture(), whole);
	}
	assert_int_equal(world_audited("import.applied", "ok"), before + rounds);
	assert_int_equal(world_audited("import.applied", "refused"), 0);
}

static void a_killed_worker_leaves_it_to_another(void **state)
{
	(void)state;
	broken_anywhere_it_is_whole_or_nothing(false);
}

static void a_database_that_goes_away_is_waited_for(void **state)
{
	(void)state;
	broken_anywhere_it_is_whole_or_nothing(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(the_good_rows_become_clients),
		WORLD_TEST(the_preview_is_free_until_the_work_is_done),
		WORLD_TEST(a_list_that_has_changed_is_looked_at_again),
		WORLD_TEST(a_practice_connected_meanwhile_is_said),
		WORLD_TEST(what_fails_writes_nothing_and_is_said),
		WORLD_TEST(one_that_kills_its_workers_is_told),
		WORLD_TEST(another_file_of_the_firm_goes_first),
		WORLD_TEST(a_killed_worker_leaves_it_to_another),
		WORLD_TEST(a_database_that_goes_away_is_waited_for),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
