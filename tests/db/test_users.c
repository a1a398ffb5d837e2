/* Accounts and organisations. */
/* LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_once_args */
#include "support/db.h"

#include "codec/b64.h"
#include "store/invites.h"
#include "store/one_time.h"
#include "store/users.h"

static void an_account_is_found_by_its_address(void **state)
{
	struct account a;
	struct err e;
	(void)db_do("UPDATE app_user SET password_hash = 'hash' WHERE name = 'Ada Admin'");
	assert_ok(users_account(d.web, *state, "ada@harbour.example", &a, &e));
	assert_int_equal(a.org_id, d.org);
	assert_int_equal(a.user_id, d.admin);
	assert_string_equal(a.password_hash, "hash");
	assert_true(a.active);
	assert_false(a.has_factor);
	assert_string_equal(a.name, "Ada Admin");
	struct account same;
	assert_ok(users_account_by_id(d.web, *state, d.org, d.admin, &same, &e));
	assert_string_equal(same.password_hash, "hash");
}

/* Every statement that goes to the database passes here. */
static int sent[16];
static size_t n_sent;

bool __real_pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n);
bool __real_pg_once_args(struct pg *db, int64_t org_id, int stmt, struct pg_rows *rows_r,
	struct err *e, const struct pg_arg *args, size_t n);
bool __wrap_pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n);
bool __wrap_pg_once_args(struct pg *db, int64_t org_id, int stmt, struct pg_rows *rows_r,
	struct err *e, const struct pg_arg *args, size_t n);

bool __wrap_pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n)
{
	sent[n_sent++ % ARRAY_LEN(sent)] = stmt;
	return __real_pg_query_args(db, stmt, rows_r, e, args, n);
}

/* With the organisation, the other half of what is sent. */
bool __wrap_pg_once_args(struct pg *db, int64_t org_id, int stmt, struct pg_rows *rows_r,
	struct err *e, const struct pg_arg *args, size_t n)
{
	assert_int_not_equal(org_id, 0);
	sent[n_sent++ % ARRAY_LEN(sent)] = stmt;
	return __real_pg_once_args(db, org_id, stmt, rows_r, e, args, n);
}

/*
 * An unknown address costs the same statements, so that its time does not tell whether an
 * account exists.
 */
static void an_unknown_address_costs_the_same_statements(void **state)
{
	struct account a;
	struct err e;
	n_sent = 0;
	assert_ok(users_account(d.web, *state, "ada@harbour.example", &a, &e));
	assert_int_equal(n_sent, 2);
	int known[] = {sent[0], sent[1]};
	n_sent = 0;
	assert_ok(users_account(d.web, *state, "nobody@nowhere.example", &a, &e));
	assert_int_equal(n_sent, 2);
	assert_memory_equal(known, sent, sizeof known);
	assert_int_equal(a.org_id, 0);
	assert_int_equal(a.user_id, 0);
	assert_null(a.password_hash);
	assert_false(a.active);
	assert_null(a.name);
}

static void a_user_of_another_organisation_is_not_there(void **state)
{
	struct account a;
	struct err e;
	assert_fails(users_account_by_id(d.web, *state, d.org, d.other_admin, &a, &e),
		ERR_NOT_FOUND);
	assert_fails(users_set_password(d.web, d.org, d.other_admin, "x", &e), ERR_NOT_FOUND);
	assert_fails(users_set_name(d.web, d.org, d.other_admin, "x", &e), ERR_NOT_FOUND);
}

static void an_address_is_used_once_in_the_installation(void **state)
{
	struct err e;
	int64_t id = 0;
	struct user_new u = {.org_id = d.other_org,
		.email = "New@Valley.example",
		.email_norm = "new@valley.example",
		.name = "Nina New",
		.role = USER_MEMBER};
	(void)state;
	assert_ok(users_add(d.web, &u, &id, &e));
	assert_true(id > 0);
	u.org_id = d.org;
	assert_fails(users_add(d.web, &u, &id, &e), ERR_CONFLICT);
	assert_string_equal(e.text, "This email is already in use.");
	/* Nothing is left of the refused one. */
	assert_int_equal(db_number("SELECT count(*) FROM app_user WHERE name = 'Nina New'"), 1);
	u.email_norm = "other@valley.example";
	u.name = "";
	assert_fails(users_add(d.web, &u, &id, &e), ERR_INVALID);
}

static void the_list_shows_factor_codes_and_log_in(void **state)
{
	const struct user_row *rows;
	size_t n;
	struct err e;
	int64_t without = -1;
	assert_ok(users_without_factor(d.web, d.org, &without, &e));
	assert_int_equal(without, 2);
	(void)db_do("INSERT INTO totp_factor SELECT org_id, user_id, 'x', 1 FROM app_user"
		    " WHERE name = 'Max Member'");
	(void)db_do("INSERT INTO recovery_code SELECT org_id, user_id, 'x' FROM app_user"
		    " WHERE name = 'Max Member'");
	assert_ok(users_logged_in(d.web, d.org, d.member, &e));
	assert_ok(users_list(d.web, *state, d.org, &rows, &n, &e));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].name, "Ada Admin");
	assert_string_equal(rows[0].role, "admin");
	assert_false(rows[0].has_factor);
	assert_int_equal(rows[0].last_login_at, 0);
	assert_string_equal(rows[1].name, "Max Member");
	assert_string_equal(rows[1].email, "max@harbour.example");
	assert_string_equal(rows[1].status, "active");
	assert_true(rows[1].has_factor);
	assert_int_equal(rows[1].codes_left, 1);
	assert_true(rows[1].last_login_at > 0);
	assert_ok(users_without_factor(d.web, d.org, &without, &e));
	assert_int_equal(without, 1);
}

static void admins_are_named_in_a_sentence(void **state)
{
	const char *names;
	struct err e;
	assert_ok(users_admin_names(d.web, *state, d.org, 0, &names, &e));
	assert_string_equal(names, "Ada Admin");
	(void)db_do("INSERT INTO app_user (org_id, email, name, role, status) VALUES"
		    " (1001, 'b', 'Bob', 'admin', 'active'),"
		    " (1001, 'g', 'Gone', 'admin', 'disabled'),"
		    " (1001, 'z', 'zoe', 'admin', 'active')");
	assert_ok(users_admin_names(d.web, *state, d.org, 0, &names, &e));
	assert_string_equal(names, "Ada Admin, Bob and zoe");
	assert_ok(users_admin_names(d.web, *state, d.org, d.admin, &names, &e));
	assert_string_equal(names, "Bob and zoe");
	/* Each is set apart from the words around it, not the whole from them. */
	(void)db_do("UPDATE app_user SET name = 'גלית' WHERE org_id = 1001 AND email = 'b'");
	assert_ok(users_admin_names(d.web, *state, d.org, 0, &names, &e));
	assert_string_equal(names, "Ada Admin, zoe and \u2068גלית\u2069");
	assert_ok(users_admin_names(d.web, *state, 99999, 0, &names, &e));
	assert_string_equal(names, "");
}

static void name_password_and_banner_are_kept(void **state)
{
	struct err e;
	struct account a;
	assert_ok(users_set_name(d.web, d.org, d.member, "Max M. Member", &e));
	assert_ok(users_set_password(d.web, d.org, d.member, "new hash", &e));
	assert_ok(users_close_banner(d.web, d.org, d.member, &e));
	assert_ok(users_account_by_id(d.web, *state, d.org, d.member, &a, &e));
	assert_string_equal(a.name, "Max M. Member");
	assert_string_equal(a.password_hash, "new hash");
	assert_int_equal(db_number("SELECT count(banner_closed_at) FROM app_user"), 1);
	assert_fails(users_set_name(d.web, d.org, d.member, "", &e), ERR_INVALID);
}

static void an_organisation_is_added_listed_and_changed(void **state)
{
	struct org o;
	const int64_t *ids;
	size_t n;
	struct err e;
	int64_t id = 0;
	assert_ok(orgs_add(d.owner, "New Firm", "Europe/Berlin", &id, &e));
	assert_ok(orgs_get(d.web, *state, id, &o, &e));
	assert_string_equal(o.name, "New Firm");
	assert_string_equal(o.zone, "Europe/Berlin");
	assert_int_equal(o.mfa_required_at, 0);
	assert_int_equal(o.mfa_grace_days, 0);
	assert_ok(orgs_ids(d.worker, *state, &ids, &n, &e));
	assert_int_equal(n, 3);
	assert_int_equal(ids[0], id < d.org ? id : d.org);
	o.name = "Newer Firm";
	o.mfa_grace_days = 7;
	assert_ok(orgs_set(d.web, &o, &e));
	assert_ok(orgs_get(d.web, *state, id, &o, &e));
	assert_string_equal(o.name, "Newer Firm");
	assert_int_equal(o.mfa_grace_days, 7);
	o.mfa_grace_days = 8;
	assert_fails(orgs_set(d.web, &o, &e), ERR_INVALID);
	o.mfa_grace_days = 0;
	o.zone = "Nowhere/Land";
	assert_fails(orgs_set(d.web, &o, &e), ERR_INVALID);
	assert_fails(orgs_add(d.owner, "", "UTC", &id, &e), ERR_INVALID);
	assert_fails(orgs_get(d.web, *state, 424242, &o, &e), ERR_NOT_FOUND);
	assert_fails(orgs_add(d.web, "By the web", "UTC", &id, &e), ERR_DENIED);
}

static void a_younger_link_ends_the_older_one(void **state)
{
	struct err e;
	const char *one, *two;
	const struct invite_new i = {d.org, d.member, "set_password", INVITE_LIFE_S};
	assert_ok(invites_add(d.owner, *state, &i, &one, &e));
	assert_ok(invites_add(d.owner, *state, &i, &two, &e));
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 22);
	assert_int_equal(db_number("SELECT count(*) FROM one_time_token"), 1);
	assert_int_equal(
		db_number("SELECT epoch(ends_at) - epoch(created_at) FROM one_time_token"),
		INVITE_LIFE_S);
	/* Only the hash is kept. */
	assert_int_equal(
		db_number(arena_printf(*state,
			"SELECT count(*) FROM one_time_token t WHERE t::text LIKE '%%%s%%'",
			two)),
		0);
	assert_fails(invites_add(d.web, *state, &i, &one, &e), ERR_DENIED);
}

static unsigned char link_hash[HASH_BYTES];

static bool use_link(struct pg *db, int nth, void *user)
{
	struct err e;
	enum one_time_end end;
	char hash[20];
	(void)user;
	(void)snprintf(hash, sizeof hash, "hash %d", nth);
	return one_time_set_password(db, link_hash, hash, &end, &e) && end != ONE_TIME_GONE;
}

/* ASVS 6.4.1 */
static void of_twenty_with_one_link_one_sets_the_password(void **state)
{
	struct err e;
	const char *token;
	struct str bytes;
	struct one_time found;
	const struct invite_new i = {d.org, d.member, "set_password", INVITE_LIFE_S};
	assert_ok(invites_add(d.owner, *state, &i, &token, &e));
	assert_true(b64url_decode(*state, str_of(token), &bytes));
	hash_sha256(bytes.p, bytes.n, link_hash);
	assert_ok(one_time_look(d.web, *state, link_hash, &found, &e));
	assert_int_equal(found.user_id, d.member);
	assert_string_equal(found.email, "max@harbour.example");
	(void)db_do(
		"INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer,"
		" user_agent) SELECT 'x', org_id, user_id, 2, now() + interval '1 h', '', ''"
		" FROM app_user WHERE email = 'max@harbour.example'");
	assert_int_equal(db_race(20, "gap_web", use_link, NULL), 1);
	assert_int_equal(db_number("SELECT count(*) FROM one_time_token"), 0);
	assert_int_equal(db_number("SELECT count(*) FROM session"), 0);
	assert_int_equal(
		db_number("SELECT count(*) FROM app_user WHERE password_hash LIKE 'hash %'"),
		1);
	assert_ok(one_time_look(d.web, *state, link_hash, &found, &e));
	assert_int_equal(found.user_id, 0);
}

static void a_link_that_is_over_does_nothing(void **state)
{
	struct err e;
	const char *token;
	struct str bytes;
	struct one_time found;
	enum one_time_end end = ONE_TIME_CHANGED;
	const struct invite_new i = {d.org, d.member, "set_password", INVITE_RESET_LIFE_S};
	assert_ok(invites_add(d.owner, *state, &i, &token, &e));
	assert_true(b64url_decode(*state, str_of(token), &bytes));
	hash_sha256(bytes.p, bytes.n, link_hash);
	(void)db_do("UPDATE one_time_token SET ends_at = now() - interval '1 s'");
	assert_ok(one_time_look(d.web, *state, link_hash, &found, &e));
	assert_int_equal(found.user_id, 0);
	assert_ok(one_time_set_password(d.web, link_hash, "late", &end, &e));
	assert_int_equal(end, ONE_TIME_GONE);
	assert_int_equal(
		db_number("SELECT count(*) FROM app_user WHERE password_hash = 'late'"), 0);
	(void)db_do("DELETE FROM one_time_token");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(an_account_is_found_by_its_address),
		DB_TEST(an_unknown_address_costs_the_same_statements),
		DB_TEST(a_user_of_another_organisation_is_not_there),
		DB_TEST(an_address_is_used_once_in_the_installation),
		DB_TEST(the_list_shows_factor_codes_and_log_in),
		DB_TEST(admins_are_named_in_a_sentence),
		DB_TEST(name_password_and_banner_are_kept),
		DB_TEST(an_organisation_is_added_listed_and_changed),
		DB_TEST(of_twenty_with_one_link_one_sets_the_password),
		DB_TEST(a_link_that_is_over_does_nothing),
		DB_TEST(a_younger_link_ends_the_older_one),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
