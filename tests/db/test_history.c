/* What is remembered: notices, the audit chains. */
#include "support/db.h"

#include "codec/json.h"
#include "store/audit.h"
#include "store/notices.h"
#include "store/as_at.h"

/* ---- notices ---- */

static void notices_go_to_admins_or_to_all(void **state)
{
	const struct notice *rows;
	size_t n;
	const struct notice_query all = {.limit = 100};
	struct err e;
	(void)db_do("INSERT INTO app_user (org_id, email, name, role, status) VALUES"
		    " (1001, 'gone', 'Gone', 'admin', 'disabled')");
	assert_ok(notices_add(
		d.worker, d.org, true, "failed", "Sync did not finish.", "/syncs/1", &e));
	assert_ok(notices_add(d.worker, d.org, false, "connected", "Connected.", NULL, &e));
	assert_ok(notices_list(d.web, *state, d.org, d.admin, &all, &rows, &n, &e));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].kind, "connected");
	assert_null(rows[0].link);
	assert_string_equal(rows[1].body, "Sync did not finish.");
	assert_string_equal(rows[1].link, "/syncs/1");
	assert_false(rows[0].read);
	assert_true(rows[0].created_at > 0);
	assert_ok(notices_list(d.web, *state, d.org, d.member, &all, &rows, &n, &e));
	assert_int_equal(n, 1);
	assert_int_equal(db_number("SELECT count(*) FROM notice"), 3);
	assert_ok(notices_read_all(d.web, d.org, d.admin, &e));
	assert_ok(notices_list(d.web, *state, d.org, d.admin, &all, &rows, &n, &e));
	assert_true(rows[0].read && rows[1].read);
	assert_ok(notices_list(d.web, *state, d.org, d.member, &all, &rows, &n, &e));
	assert_false(rows[0].read);
	assert_ok(notices_list(d.web, *state, d.other_org, d.admin, &all, &rows, &n, &e));
	assert_int_equal(n, 0);
}

/* ---- audit ---- */

static void log_lines(struct pg *db, int64_t org, int n)
{
	struct err e;
	unsigned char session[HASH_BYTES] = {1, 2, 3};
	for (int i = 0; i < n; i++) {
		const struct audit_entry entry = {.org_id = org,
			.user_id = i % 2 == 0 ? 0 : d.admin,
			.session_hash = i % 3 == 0 ? NULL : session,
			.peer = "192.0.2.1",
			.event = "test.event",
			.result = i % 5 == 0 ? "refused" : "ok",
			.request_id = i % 4 == 0 ? NULL : "r\"\\\n",
			.detail = i % 7 == 0 ? NULL : "\xC3\xA4 'quoted' \"line\"\n\x01"};
		assert_ok(audit_add(db, &entry, &e));
	}
}

static int64_t bad_seq(int64_t org, int64_t want_rows)
{
	struct err e;
	int64_t rows = -1, bad = -1;
	assert_ok(audit_verify(d.owner, org, &rows, &bad, &e));
	if (want_rows >= 0)
		assert_int_equal(rows, want_rows);
	return bad;
}

static void a_chain_that_nobody_touched_is_whole(void **state)
{
	(void)state;
	assert_int_equal(bad_seq(4242, 0), 0);
	log_lines(d.web, d.org, 25);
	log_lines(d.worker, d.org, 5);
	log_lines(d.web, 0, 3);
	assert_int_equal(bad_seq(d.org, 30), 0);
	assert_int_equal(bad_seq(0, 3), 0);
	assert_int_equal(bad_seq(d.other_org, 0), 0);
}

/* Whoever can write the table itself, as the superuser can, is still found out. */
static void every_kind_of_tampering_is_found(void **state)
{
	static const struct {
		const char *tamper;
		int64_t seq;
	} cases[] = {
		{"UPDATE audit_event SET detail = 'x' WHERE org_id = 1002 AND seq = 3", 3},
		{"UPDATE audit_event SET user_id = 1 WHERE org_id = 1002 AND seq = 7", 7},
		{"UPDATE audit_event SET user_id = NULL WHERE org_id = 1002 AND seq = 2", 2},
		{"UPDATE audit_event SET at = at + interval '1 microsecond' WHERE org_id = 1002 AND seq = 4",
			4},
		{"UPDATE audit_event SET result = 'ok' WHERE org_id = 1002 AND seq = 1", 1},
		{"UPDATE audit_event SET session_hash = NULL WHERE org_id = 1002 AND seq = 2",
			2},
		{"UPDATE audit_event SET hash = sha256('x') WHERE org_id = 1002 AND seq = 5",
			5},
		{"DELETE FROM audit_event WHERE org_id = 1002 AND seq = 6", 7},
		{"DELETE FROM audit_event WHERE org_id = 1002 AND seq = 1", 2},
		{"DELETE FROM audit_event WHERE org_id = 1002 AND seq > 8", 9},
		{"DELETE FROM audit_event WHERE org_id = 1002", 1},
		{"INSERT INTO audit_event SELECT org_id, 11, at, user_id, session_hash, peer, event,"
		 " result, request_id, detail, hash FROM audit_event WHERE org_id = 1002 AND seq = 10",
			11},
		{"UPDATE audit_head SET seq = 11 WHERE org_id = 1002", 11},
	};
	(void)state;
	log_lines(d.web, d.other_org, 10);
	assert_int_equal(bad_seq(d.other_org, 10), 0);
	(void)db_do("CREATE TABLE public.kept AS SELECT * FROM audit_event");
	(void)db_do("CREATE TABLE public.kept_head AS SELECT * FROM audit_head");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(db_do(cases[i].tamper) > 0);
		assert_int_equal(bad_seq(d.other_org, -1), cases[i].seq);
		(void)db_do("DELETE FROM audit_event");
		(void)db_do("INSERT INTO audit_event SELECT * FROM public.kept");
		(void)db_do("DELETE FROM audit_head");
		(void)db_do("INSERT INTO audit_head SELECT * FROM public.kept_head");
		assert_int_equal(bad_seq(d.other_org, 10), 0);
	}
}

static void a_line_is_part_of_what_it_tells(void **state)
{
	struct err e;
	int64_t rows = db_number("SELECT count(*) FROM audit_event WHERE org_id = 1001");
	(void)state;
	assert_ok(pg_begin(d.web, d.org, &e));
	log_lines(d.web, d.org, 1);
	pg_rollback(d.web);
	assert_int_equal(
		db_number("SELECT count(*) FROM audit_event WHERE org_id = 1001"), rows);
	assert_int_equal(bad_seq(d.org, rows), 0);
	/* A result that is none is refused, and with it what it was to tell. */
	const struct audit_entry bad = {.org_id = d.org, .event = "x", .result = "maybe"};
	assert_false(audit_add(d.web, &bad, &e));
}

static bool log_one(struct pg *db, int nth, void *user)
{
	(void)nth;
	(void)user;
	for (int i = 0; i < 5; i++) {
		struct err e;
		const struct audit_entry entry = {
			.org_id = d.org, .event = "parallel", .result = "ok"};
		if (!audit_add(db, &entry, &e))
			return false;
	}
	return true;
}

static void parallel_lines_make_one_chain(void **state)
{
	int64_t rows = db_number("SELECT count(*) FROM audit_event WHERE org_id = 1001");
	(void)state;
	assert_int_equal(db_race(12, "gap_web", log_one, NULL), 12);
	assert_int_equal(bad_seq(d.org, rows + 60), 0);
}

struct export
{
	struct arena *arena;
	int64_t n;
};

static bool export_line(void *user, const char *line, struct err *e)
{
	struct export *x = user;
	const struct json *root;
	int64_t seq = 0;
	if (!json_parse(x->arena, str_of(line), &root, e))
		return false;
	x->n++;
	assert_null(strchr(line, '\n'));
	assert_true(json_int(json_get(root, "seq"), &seq));
	assert_int_equal(seq, x->n);
	assert_int_equal(strlen(json_text(json_get(root, "at"))), 27);
	return true;
}

static void the_export_is_one_json_object_a_line(void **state)
{
	struct export x = {.arena = *state};
	struct err e;
	assert_ok(audit_export(d.owner, d.org, export_line, &x, &e));
	assert_int_equal(
		x.n, db_number("SELECT count(*) FROM audit_event WHERE org_id = 1001"));
	x.n = 0;
	assert_ok(audit_export(d.owner, 0, export_line, &x, &e));
	assert_int_equal(x.n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(notices_go_to_admins_or_to_all),
		DB_TEST(a_chain_that_nobody_touched_is_whole),
		DB_TEST(every_kind_of_tampering_is_found),
		DB_TEST(a_line_is_part_of_what_it_tells),
		DB_TEST(parallel_lines_make_one_chain),
		DB_TEST(the_export_is_one_json_object_a_line),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
