/* The people of an organisation: there is always an admin who can log in; of each link there is one. */
#include "support/db.h"

#include "store/invites.h"
#include "store/one_time.h"
#include "store/team.h"
#include "store/work.h"

static int64_t usable_admins(void)
{
	return db_number(
		"SELECT count(*) FROM app_user WHERE org_id = 1001 AND role = 'admin' AND"
		" status = 'active' AND password_hash IS NOT NULL");
}

static void settle(void)
{
	(void)db_do("UPDATE app_user SET status = 'active', password_hash = 'hash', role ="
		    " CASE WHEN name LIKE '%Admin' THEN 'admin' ELSE 'member' END");
	(void)db_do("DELETE FROM one_time_token");
}

static int begin(void **state)
{
	int rc = db_begin(state);
	settle();
	return rc;
}
#define TEAM_TEST(f) cmocka_unit_test_setup_teardown((f), begin, test_end)

static bool set_role(struct pg *db, int64_t user, enum user_role role, struct err *e)
{
	bool changed = false;
	bool ok = pg_begin(db, d.org, e) && team_set_role(db, d.org, user, role, &changed, e) &&
		  changed && pg_commit(db, e);
	if (!ok)
		pg_rollback(db);
	return ok;
}

static bool set_active(struct pg *db, int64_t user, bool active, struct err *e)
{
	bool changed = false;
	bool ok = pg_begin(db, d.org, e) &&
		  team_set_active(db, d.org, user, active, &changed, e) && changed &&
		  pg_commit(db, e);
	if (!ok)
		pg_rollback(db);
	return ok;
}

static void the_last_admin_stays(void **state)
{
	struct err e;
	(void)state;
	assert_fails(set_role(d.web, d.admin, USER_MEMBER, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "only admin"));
	assert_fails(set_active(d.web, d.admin, false, &e), ERR_CONFLICT);
	assert_ok(set_role(d.web, d.member, USER_ADMIN, &e));
	assert_ok(set_role(d.web, d.admin, USER_MEMBER, &e));
	assert_fails(set_active(d.web, d.member, false, &e), ERR_CONFLICT);
	assert_ok(set_active(d.web, d.admin, false, &e));
	assert_ok(set_active(d.web, d.admin, true, &e));
}

/* An invited admin who never came, or one who is deactivated, cannot help anybody. */
static void who_cannot_log_in_does_not_count(void **state)
{
	struct err e;
	(void)state;
	(void)db_do("UPDATE app_user SET role = 'admin', password_hash = NULL WHERE name ="
		    " 'Max Member'");
	assert_fails(set_role(d.web, d.admin, USER_MEMBER, &e), ERR_CONFLICT);
	(void)db_do(
		"UPDATE app_user SET status = 'disabled', password_hash = 'hash' WHERE name ="
		" 'Max Member'");
	assert_fails(set_active(d.web, d.admin, false, &e), ERR_CONFLICT);
	assert_ok(set_role(d.web, d.member, USER_MEMBER, &e));
}

/* Each of two admins removes the other, at once: one is left. */
static bool remove_the_other(struct pg *db, int nth, void *user)
{
	struct err e;
	(void)user;
	int64_t whom = nth % 2 == 0 ? d.admin : d.member;
	return nth < 2 ? set_role(db, whom, USER_MEMBER, &e) : set_active(db, whom, false, &e);
}

static void two_who_remove_each_other_leave_one(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++) {
		settle();
		(void)db_do("UPDATE app_user SET role = 'admin' WHERE org_id = 1001");
		assert_int_equal(usable_admins(), 2);
		assert_true(db_race(4, "gap_web", remove_the_other, NULL) >= 1);
		assert_int_equal(usable_admins(), 1);
	}
}

static void another_organisations_people_are_not_here(void **state)
{
	struct user_row r;
	struct err e;
	bool changed = true;
	(void)state;
	assert_ok(team_get(d.web, d.org, d.member, &r, &e));
	assert_string_equal(r.name, "Max Member");
	assert_true(r.has_password);
	assert_fails(team_get(d.web, d.org, d.other_admin, &r, &e), ERR_NOT_FOUND);
	assert_fails(team_get(d.web, d.org, 987654321, &r, &e), ERR_NOT_FOUND);
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(team_set_role(d.web, d.org, d.other_admin, USER_MEMBER, &changed, &e));
	assert_false(changed);
	assert_ok(team_set_active(d.web, d.org, d.other_admin, false, &changed, &e));
	assert_false(changed);
	pg_rollback(d.web);
}

static bool make_link(struct pg *db, const char *purpose)
{
	const struct invite_new n = {d.org, d.member, purpose, 3600};
	struct arena *a = arena_new();
	const char *token;
	struct err e;
	bool ok = invites_add(db, a, &n, &token, &e);
	arena_free(&a);
	return ok;
}

static const char *links_to_set_one(void)
{
	return db_ask("SELECT string_agg(encode(token_hash, 'hex'), ' ') FROM one_time_token"
		      " WHERE purpose = 'set_password'");
}

/* ASVS 6.4.1, 6.4.2: a link dies when a newer one is made, even by a worker that cannot see it. */
static void of_each_link_a_person_has_the_newest(void **state)
{
	struct err e;
	(void)state;
	assert_true(make_link(d.worker, "set_password"));
	const char *first = links_to_set_one();
	assert_true(make_link(d.worker, "invitation"));
	assert_true(make_link(d.worker, "set_password"));
	assert_int_equal(db_number("SELECT count(*) FROM one_time_token"), 2);
	assert_string_not_equal(links_to_set_one(), first);
	assert_int_equal(strlen(links_to_set_one()), 2 * HASH_BYTES);
	assert_ok(one_time_forget(d.web, d.org, d.member, "set_password", &e));
	assert_int_equal(db_number("SELECT count(*) FROM one_time_token"), 1);
	assert_true(make_link(d.worker, "set_password"));
	assert_ok(one_time_forget(d.web, d.org, d.member, NULL, &e));
	assert_int_equal(db_number("SELECT count(*) FROM one_time_token"), 0);
}

static bool make_one(struct pg *db, int nth, void *user)
{
	(void)nth;
	(void)user;
	return make_link(db, "set_password");
}

static void of_many_made_at_once_one_is_left(void **state)
{
	(void)state;
	for (int round = 0; round < 5; round++) {
		assert_true(db_race(8, "gap_worker", make_one, NULL) >= 1);
		assert_int_equal(db_number("SELECT count(*) FROM one_time_token"), 1);
	}
}

static void a_new_password_kills_the_other_links(void **state)
{
	struct err e;
	enum one_time_end end = ONE_TIME_GONE;
	unsigned char hash[HASH_BYTES];
	(void)state;
	(void)db_do("UPDATE app_user SET password_hash = NULL");
	assert_true(make_link(d.worker, "set_password") && make_link(d.worker, "invitation"));
	memset(hash, 6, sizeof hash);
	(void)db_do("UPDATE one_time_token SET token_hash = decode(repeat('06', 32), 'hex')"
		    " WHERE purpose = 'invitation'");
	assert_ok(one_time_set_password(d.web, hash, "new", &end, &e));
	assert_int_equal(end, ONE_TIME_FIRST);
	assert_int_equal(db_number("SELECT count(*) FROM one_time_token"), 0);
	/* Now there is one. */
	assert_true(make_link(d.worker, "set_password"));
	(void)db_do("UPDATE one_time_token SET token_hash = decode(repeat('06', 32), 'hex')");
	assert_ok(one_time_set_password(d.web, hash, "newer", &end, &e));
	assert_int_equal(end, ONE_TIME_CHANGED);
}

static void a_zone_of_ones_own(void **state)
{
	struct err e;
	const char *own, *org_zone;
	(void)state;
	assert_ok(users_set_zone(d.web, d.org, d.member, "Australia/Perth", &e));
	assert_ok(users_zone(d.web, d.org, d.member, &own, &org_zone, &e));
	assert_string_equal(own, "Australia/Perth");
	assert_string_equal(
		org_zone, db_ask("SELECT time_zone FROM organisation WHERE org_id = 1001"));
	assert_ok(users_set_zone(d.web, d.org, d.member, "", &e));
	assert_ok(users_zone(d.web, d.org, d.member, &own, &org_zone, &e));
	assert_string_equal(own, "");
	assert_fails(users_set_zone(d.web, d.org, d.other_admin, "UTC", &e), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEAM_TEST(the_last_admin_stays),
		TEAM_TEST(who_cannot_log_in_does_not_count),
		TEAM_TEST(two_who_remove_each_other_leave_one),
		TEAM_TEST(another_organisations_people_are_not_here),
		TEAM_TEST(of_each_link_a_person_has_the_newest),
		TEAM_TEST(of_many_made_at_once_one_is_left),
		TEAM_TEST(a_new_password_kills_the_other_links),
		TEAM_TEST(a_zone_of_ones_own),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
