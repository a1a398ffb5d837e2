/* The tile about who connected and who stands by: adding, removing, handing over. */
#include "support/site_test.h"

static const char here[] = "/settings/integrations";
static const char standby[] = "/settings/integrations/standby";

struct place {
	struct firm f;
	struct person beth;
	struct browser ada, b;
};

/* Ada connected; Beth is another admin. */
static void begin(struct place *x)
{
	*x = (struct place){0};
	firm_make(&x->f);
	person_enrol(&x->f.admin);
	person_make(&x->beth, x->f.org_id, "Beth", "admin");
	person_enrol(&x->beth);
	firm_connect(&x->f, "live", NULL);
	sql_do("UPDATE connection SET connected_by = %lld, connected_by_name = 'Ada Admin'"
	       " WHERE org_id = %lld",
		(long long)x->f.admin.user_id, (long long)x->f.org_id);
	browser_log_in(&x->ada, &x->f.admin);
	browser_log_in(&x->b, &x->beth);
}

static void another_admin_may_stand_by(void **state)
{
	struct place x;
	(void)state;
	begin(&x);
	assert_has_not(browse(&x.ada, here), "Add a standby");
	const char *ada =
		arena_printf(site.arena, "/settings/team/%lld", (long long)x.f.admin.user_id);
	assert_has(browse(&x.b, ada), "has to select Hand over");
	assert_status(submit(&x.ada, standby, ""), 409);
	assert_has(browse(&x.b, here), "Add a standby</button>");
	struct fcgi_answer r = submit(&x.b, standby, "");
	assert_int_equal(r.status, 303);
	assert_int_equal(site_audited(x.f.org_id, "standby.asked"), 1);
	const char *to = answer_location(&r), *at = strstr(to, "state=");
	assert_int_equal(strncmp(to, SITE_AUTHORIZE, strlen(SITE_AUTHORIZE)), 0);
	assert_non_null(at);
	const char *back = arena_printf(
		site.arena, "/oauth/xero/callback?code=abc&%.*s", (int)strcspn(at, "&"), at);
	assert_goes(browse(&x.b, back), here);
	/* The connection stays as it is. */
	assert_string_equal(sql_text("SELECT state FROM connection WHERE org_id = %lld",
				    (long long)x.f.org_id),
		"live");
	assert_string_equal(
		sql_text("SELECT string_agg(kind, ',') FROM job WHERE org_id = %lld",
			(long long)x.f.org_id),
		"standby");
	assert_has(browse(&x.b, here), "Your sign-in is being checked.");
}

static void shown_and_removed(void **state)
{
	struct place x;
	(void)state;
	begin(&x);
	sql_do("UPDATE connection SET standby_by = %lld, standby_name = 'Beth', standby_at = now()"
	       " WHERE org_id = %lld",
		(long long)x.beth.user_id, (long long)x.f.org_id);
	struct fcgi_answer r = browse(&x.ada, here);
	assert_has(r, "Remove standby");
	assert_has(browse(&x.b, arena_printf(site.arena, "/settings/team/%lld",
					(long long)x.f.admin.user_id)),
		"<bdi>Beth</bdi>, the standby, takes over");
	assert_non_null(strstr(answer_words(&r), "Standby Beth, since"));
	assert_has_not(browse(&x.b, here), "Add a standby");
	assert_goes(submit(&x.ada, "/settings/integrations/standby/remove", ""), here);
	assert_int_equal(sql_int("SELECT count(*) FROM job WHERE kind = 'standby_remove' AND"
				 " org_id = %lld",
				 (long long)x.f.org_id),
		1);
}

static void why_it_was_refused(void **state)
{
	struct place x;
	(void)state;
	begin(&x);
	sql_do("INSERT INTO oauth_attempt (state_hash, session_id, org_id, user_id, nonce, stage,"
	       " cause, standby) VALUES (sha256(random()::text::bytea), 1, %lld, %lld, 'n',"
	       " 'failed', NULL, true)",
		(long long)x.f.org_id, (long long)x.beth.user_id);
	assert_has(browse(&x.b, here), "A standby needs another Xero log-in");
	sql_do("UPDATE oauth_attempt SET cause = 'no_practice' WHERE org_id = %lld",
		(long long)x.f.org_id);
	assert_has(browse(&x.b, here), "does not see the connected practice");
	sql_do("UPDATE oauth_attempt SET cause = 'cancelled' WHERE org_id = %lld",
		(long long)x.f.org_id);
	assert_has(browse(&x.b, here), "Nobody stands by; the connection is as it was.");
}

static void who_connected_leaves(void **state)
{
	struct place x;
	(void)state;
	begin(&x);
	(void)browse(&x.b, "/settings/team");
	const char *page =
		arena_printf(site.arena, "/settings/team/%lld", (long long)x.f.admin.user_id);
	assert_goes(
		submit(&x.b, arena_printf(site.arena, "%s/role", page), "role=member"), page);
	assert_int_equal(sql_int("SELECT count(*) FROM job WHERE kind = 'handover' AND org_id ="
				 " %lld AND payload::json ->> 'left' = '%lld'",
				 (long long)x.f.org_id, (long long)x.f.admin.user_id),
		1);
	struct fcgi_answer r = browse(&x.b, here);
	assert_has(r, "Choose a new connector:");
	assert_has(r, ">Hand over</button>");
	assert_has_not(r, "Add a standby");
	r = submit(&x.b, "/settings/integrations/connect", "");
	assert_int_equal(r.status, 303);
	assert_int_equal(
		strncmp(answer_location(&r), SITE_AUTHORIZE, strlen(SITE_AUTHORIZE)), 0);
}

/* Nothing was to be connected, so the words of connecting do not do. */
static void a_standby_cancelled_at_xero_is_told_as_one(void **state)
{
	struct place x;
	(void)state;
	begin(&x);
	struct fcgi_answer r = submit(&x.b, "/settings/integrations/standby", "");
	const char *at = strstr(answer_location(&r), "state=");
	assert_non_null(at);
	assert_goes(browse(&x.b, arena_printf(site.arena,
					 "/oauth/xero/callback?error=access_denied&%.*s",
					 (int)strcspn(at, "&"), at)),
		here);
	r = browse(&x.b, here);
	assert_has(r, "Nobody stands by; the connection is as it was.");
	assert_has_not(r, "Nothing was connected.");
}

/* The bar goes; the line in the tile stays beside the cause that is still there. */
static void a_refused_reconnect_is_a_line_in_the_tile(void **state)
{
	struct place x;
	(void)state;
	begin(&x);
	sql_do("UPDATE connection SET state = 'needs_reconnect', cause = 'sign_in' WHERE org_id ="
	       " %lld",
		(long long)x.f.org_id);
	assert_has_not(browse(&x.ada, here), "Last try:");
	struct fcgi_answer r = submit(&x.ada, "/settings/integrations/connect", "");
	const char *at = strstr(answer_location(&r), "state=");
	assert_non_null(at);
	assert_goes(browse(&x.ada, arena_printf(site.arena,
					   "/oauth/xero/callback?error=access_denied&%.*s",
					   (int)strcspn(at, "&"), at)),
		here);
	static const char cancelled[] =
		"Last try: You did not allow access in Xero. Nothing was connected.";
	(void)browse(&x.ada, here);
	r = browse(&x.ada, here);
	assert_has(r, cancelled);
	assert_has(r, "Xero asks for a new sign-in.");
	assert_has_not(browse(&x.b, "/clients"), cancelled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(another_admin_may_stand_by),
		SITE_TEST(shown_and_removed),
		SITE_TEST(why_it_was_refused),
		SITE_TEST(a_standby_cancelled_at_xero_is_told_as_one),
		SITE_TEST(who_connected_leaves),
		SITE_TEST(a_refused_reconnect_is_a_line_in_the_tile),
	};
	return site_run(tests);
}
