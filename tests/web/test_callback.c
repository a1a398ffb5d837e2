/* Back from Xero: one return of one try, in the browser that began it; and choosing a practice. */
#include "codec/form.h"
#include "support/site_test.h"

enum { CROWD = 50 };

static const char expired[] = "This sign-in link has expired. Select Connect to start again.";
static const char here[] = "/settings/integrations";
static const char watching[] = "/settings/integrations?watch=1";

/* An admin with a factor, logged in, at home in a firm of its own. */
static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->admin, 2);
}

/* Presses Connect; the state that went to Xero. */
static const char *begin(struct browser *b)
{
	struct form q;
	struct str base, query;
	struct err e;
	bool twice = false;
	struct fcgi_answer r = submit(b, "/settings/integrations/connect", "");
	assert_status(r, 303);
	assert_true(str_cut(str_of(answer_location(&r)), '?', &base, &query));
	assert_ok(form_parse(site.arena, query, &q, &e));
	const char *sent = form_get(&q, "state", &twice);
	assert_non_null(sent);
	site_keep_out(sent);
	return sent;
}

static const char *new_code(void)
{
	static int n;
	const char *code = arena_printf(site.arena, "xero-code-%d-Zm9vYmFy", ++n);
	site_keep_out(code);
	return code;
}

static const char *return_address(const char *sent, const char *code)
{
	return arena_printf(site.arena, "/oauth/xero/callback?%s",
		form_of("code", code, "scope", "openid", "state", sent, "session_state", "x.y",
			NULL));
}

static struct fcgi_answer come_back(struct browser *b, const char *sent, const char *code)
{
	struct fcgi_answer r = browse(b, return_address(sent, code));
	/* An address bar, a history or a Referer must not hold the code any longer. */
	assert_null(strstr(r.head, code));
	assert_int_equal(r.body.n, 0);
	return r;
}

static const char *look(const struct firm *f)
{
	return sql_text(
		"SELECT coalesce((SELECT state || coalesce(' ' || cause, '') FROM connection"
		" WHERE org_id = %lld), 'none') || ' ' || (SELECT count(*) FROM job WHERE"
		" org_id = %lld)",
		(long long)f->org_id, (long long)f->org_id);
}

static void a_good_return_queues_the_exchange(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *sent = begin(&b), *code = new_code();
	assert_goes(come_back(&b, sent, code), watching);
	assert_string_equal(look(&f), "connecting 1");
	assert_int_equal(
		sql_int("SELECT count(*) FROM oauth_attempt WHERE org_id = %lld AND stage ="
			" 'returned' AND code = '%s' AND verifier IS NOT NULL",
			(long long)f.org_id, code),
		1);
	assert_string_equal(
		sql_text("SELECT kind || ' ' || payload FROM job WHERE org_id = %lld",
			(long long)f.org_id),
		sql_text("SELECT 'connect {\"attempt\" : ' || max(attempt_id) || ', \"from\" :"
			 " \"not_connected\"}' FROM oauth_attempt WHERE org_id = %lld",
			(long long)f.org_id));
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'connect.returned' AND result = 'ok' AND detail = ''",
			(long long)f.org_id),
		1);
	struct fcgi_answer r = browse(&b, watching);
	assert_has(r, "Finishing connection");
	assert_null(strstr(r.body.p, code));
}

static void fault_61_a_replay_does_nothing(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *sent = begin(&b), *code = new_code();
	assert_goes(come_back(&b, sent, code), watching);
	assert_goes(come_back(&b, sent, code), watching);
	assert_goes(come_back(&b, sent, new_code()), watching);
	assert_string_equal(look(&f), "connecting 1");
	assert_int_equal(
		sql_int("SELECT count(*) FROM oauth_attempt WHERE org_id = %lld AND code ="
			" '%s'",
			(long long)f.org_id, code),
		1);
}

static void strange_states_are_told_the_link_has_expired(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *sent = begin(&b);
	char *cut = arena_strdup(site.arena, sent);
	cut[strlen(cut) - 1] = '\0';
	char *wide = arena_alloc(site.arena, 3001);
	memset(wide, 's', 3000);
	const char *const states[] = {"unknown-state-of-nobody", "", cut, wide,
		arena_printf(site.arena, "%sA", sent), "' OR 1=1 --"};
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		sql_do("UPDATE connection SET cause = NULL WHERE org_id = %lld",
			(long long)f.org_id);
		assert_goes(come_back(&b, states[i], new_code()), here);
		/* Bar and tile. */
		struct fcgi_answer r = browse(&b, here);
		assert_has(r, expired);
		assert_non_null(strstr(r.body.p, "role=\"alert\""));
		assert_string_equal(look(&f), "not_connected expired 0");
	}
	assert_goes(browse(&b, "/oauth/xero/callback"), here);
	assert_status(browse(&b, arena_printf(site.arena,
					 "/oauth/xero/callback?state=%s&state=%s&code=abcdefg",
					 sent, sent)),
		400);
	/* The open one still works. */
	assert_goes(come_back(&b, sent, new_code()), watching);
}

static void ten_minutes_are_the_limit(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *sent = begin(&b);
	sql_do("UPDATE oauth_attempt SET ends_at = now() - interval '1 second' WHERE org_id = %lld",
		(long long)f.org_id);
	assert_goes(come_back(&b, sent, new_code()), here);
	assert_has(browse(&b, here), expired);
	assert_string_equal(look(&f), "not_connected expired 0");
	assert_has(browse(&b, here), "Did not come back from Xero?");
}

/* Login CSRF and code injection: another browser's state is nobody's. */
static void only_the_browser_that_began_may_return(void **state)
{
	struct firm f, other;
	struct browser b, elsewhere = {0}, colleague = {0}, stranger, nobody = {0};
	struct person second;
	(void)state;
	settle(&f, &b);
	settle(&other, &stranger);
	person_make(&second, f.org_id, "Second Admin", "admin");
	person_enrol(&second);
	browser_enter(&elsewhere, &f.admin, 2);
	browser_enter(&colleague, &second, 2);
	const char *sent = begin(&b);
	assert_goes(come_back(&elsewhere, sent, new_code()), here);
	assert_goes(come_back(&colleague, sent, new_code()), here);
	assert_goes(come_back(&stranger, sent, new_code()), here);
	assert_goes(
		come_back(&nobody, sent, new_code()), "/login?next=%2Foauth%2Fxero%2Fcallback");
	assert_int_equal(sql_int("SELECT count(*) FROM job WHERE org_id IN (%lld, %lld)",
				 (long long)f.org_id, (long long)other.org_id),
		0);
	assert_int_equal(sql_int("SELECT count(*) FROM oauth_attempt WHERE code IS NOT NULL AND"
				 " org_id IN (%lld, %lld)",
				 (long long)f.org_id, (long long)other.org_id),
		0);
	assert_goes(come_back(&b, sent, new_code()), watching);
}

static void fault_61_after_log_out_it_is_over(void **state)
{
	struct firm f;
	struct browser b, again = {0};
	(void)state;
	settle(&f, &b);
	const char *sent = begin(&b);
	assert_goes(submit(&b, "/logout", ""), "/login");
	browser_enter(&again, &f.admin, 2);
	assert_goes(come_back(&again, sent, new_code()), here);
	assert_string_equal(look(&f), "not_connected expired 0");
}

static void members_cannot_return(void **state)
{
	struct firm f;
	struct browser b, m = {0};
	(void)state;
	settle(&f, &b);
	browser_enter(&m, &f.member, 2);
	const char *sent = begin(&b);
	/* An admin who is one no longer. */
	sql_do("UPDATE app_user SET role = 'member' WHERE user_id = %lld",
		(long long)f.admin.user_id);
	assert_goes(come_back(&b, sent, new_code()), here);
	assert_goes(come_back(&m, sent, new_code()), here);
	assert_string_equal(look(&f), "none 0");
}

static void fault_61_what_xero_says_instead_of_a_code(void **state)
{
	static const struct {
		const char *query, *look, *sentence;
	} cases[] = {
		{"error=access_denied&error_description=<b>no</b>", "not_connected cancelled 0",
			"You did not allow access in Xero. Nothing was connected."},
		{"error=temporarily_unavailable", "not_connected xero_down 0",
			"Xero is not answering."},
		{"error=server_error", "not_connected xero_down 0", "Xero is not answering."},
		{"error=unheard_of", "not_connected cancelled 0", "Nothing was connected."},
		{"code=abcdefgh&iss=https://evil.example", "not_connected bad_sign_in 0",
			"did not belong to this request"},
		{"code=abcdefgh&iss=", "not_connected bad_sign_in 0",
			"did not belong to this request"},
		{"code=", "not_connected expired 0", expired},
	};
	struct firm f;
	struct browser b;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		settle(&f, &b);
		const char *sent = begin(&b);
		const char *uri = arena_printf(
			site.arena, "/oauth/xero/callback?state=%s&%s", sent, cases[i].query);
		assert_goes(browse(&b, uri), here);
		assert_string_equal(look(&f), cases[i].look);
		struct fcgi_answer r = browse(&b, here);
		assert_has(r, cases[i].sentence);
		assert_null(strstr(r.body.p, "<b>no</b>"));
		assert_has(r, "Not connected");
		/* The state is spent and the verifier gone: a code may not follow. */
		assert_goes(come_back(&b, sent, new_code()), here);
		assert_int_equal(
			sql_int("SELECT count(*) FROM oauth_attempt WHERE org_id = %lld"
				" AND (verifier IS NOT NULL OR code IS NOT NULL)",
				(long long)f.org_id),
			0);
	}
	/* Its own issuer is fine. */
	settle(&f, &b);
	assert_goes(
		browse(&b, arena_printf(site.arena,
				   "/oauth/xero/callback?state=%s&code=%s&iss=https%%3A%%2F%%2F"
				   "127.0.0.1%%3A8444",
				   begin(&b), new_code())),
		watching);
}

static void of_parallel_returns_one_wins(void **state)
{
	struct firm f;
	struct browser b, crowd[CROWD];
	struct fcgi_answer r[CROWD];
	(void)state;
	for (int round = 0; round < site_race_rounds(); round++) {
		settle(&f, &b);
		const char *uri = return_address(begin(&b), new_code());
		for (size_t i = 0; i < CROWD; i++)
			crowd[i] = b;
		sql_hold(200,
			arena_printf(site.arena,
				"SELECT 1 FROM oauth_attempt WHERE org_id = %lld FOR UPDATE",
				(long long)f.org_id));
		ask_at_once(crowd, CROWD, "GET", uri, "", r);
		for (size_t i = 0; i < CROWD; i++)
			assert_goes(r[i], watching);
		assert_string_equal(look(&f), "connecting 1");
	}
}

static void fault_61_of_two_tabs_the_later_one_counts(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *first = begin(&b), *second = begin(&b);
	assert_goes(come_back(&b, first, new_code()), here);
	assert_string_equal(look(&f), "not_connected expired 0");
	assert_goes(come_back(&b, second, new_code()), watching);
	assert_string_equal(look(&f), "connecting 1");
}

static void of_two_admins_the_first_one_counts(void **state)
{
	struct firm f;
	struct browser b, c = {0};
	struct person second;
	(void)state;
	settle(&f, &b);
	person_make(&second, f.org_id, "Second Admin", "admin");
	person_enrol(&second);
	browser_enter(&c, &second, 2);
	const char *one = begin(&b), *two = begin(&c);
	assert_goes(come_back(&b, one, new_code()), watching);
	assert_goes(come_back(&c, two, new_code()), watching);
	assert_string_equal(look(&f), "connecting 1");
	assert_int_equal(
		sql_int("SELECT count(*) FROM oauth_attempt WHERE org_id = %lld AND code IS"
			" NOT NULL",
			(long long)f.org_id),
		1);
}

/* What is broken stays broken, and said so, until it is mended. */
static void a_refused_reconnect_leaves_the_banner(void **state)
{
	static const char *const was[][2] = {{"needs_reconnect", "sign_in"},
		{"not_connected", "removed_in_xero"}, {"not_connected", "disconnected"}};
	struct firm f;
	struct browser b, m;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(was); i++) {
		settle(&f, &b);
		m = (struct browser){0};
		browser_enter(&m, &f.member, 2);
		firm_connect(&f, was[i][0], was[i][1]);
		const char *sent = begin(&b);
		assert_goes(
			browse(&b, arena_printf(site.arena,
					   "/oauth/xero/callback?state=%s&error=access_denied",
					   sent)),
			here);
		struct fcgi_answer r = browse(&b, here);
		assert_has(r, "You did not allow access in Xero.");
		assert_has(browse(&b, "/clients"), "You've been disconnected from XPM");
		assert_status(come_back(&b, "no such state", new_code()), 303);
		assert_has(browse(&m, "/clients"), "You've been disconnected from XPM");
	}
}

static void a_reconnect_remembers_where_it_came_from(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "needs_reconnect", "sign_in");
	assert_has(browse(&b, here), "Reconnect");
	assert_goes(come_back(&b, begin(&b), new_code()), watching);
	assert_string_equal(look(&f), "connecting 1");
	assert_non_null(strstr(
		sql_text("SELECT payload FROM job WHERE org_id = %lld", (long long)f.org_id),
		"\"needs_reconnect\""));
}

static int64_t offer_choice(const struct firm *f)
{
	firm_connect(f, "choosing", NULL);
	int64_t attempt =
		sql_int("INSERT INTO oauth_attempt (state_hash, session_id, org_id, user_id,"
			" nonce, stage) VALUES (sha256(random()::text::bytea), 1, %lld,"
			" %lld, 'n', 'choosing') RETURNING attempt_id",
			(long long)f->org_id, (long long)f->admin.user_id);
	sql_do("INSERT INTO oauth_choice SELECT %lld, %lld, i, gen_random_uuid(), gen_random_uuid(),"
	       " (ARRAY['North <b>Practice</b>', 'South Practice', NULL])[i + 1], i = 1 FROM"
	       " generate_series(0, 2) i",
		(long long)f->org_id, (long long)attempt);
	return attempt;
}

static void an_admin_chooses_the_practice(void **state)
{
	struct firm f, other;
	struct browser b, m = {0}, stranger;
	(void)state;
	settle(&f, &b);
	settle(&other, &stranger);
	browser_enter(&m, &f.member, 2);
	int64_t attempt = offer_choice(&f), theirs = offer_choice(&other);
	struct fcgi_answer r = browse(&b, here);
	assert_has(r, "Choose the practice to use");
	assert_has(r, "North <b>Practice</b>");
	assert_null(strstr(r.body.p, "North <b>"));
	assert_has(r, "Practice 3");
	assert_non_null(strstr(r.body.p, "value=\"1\" required checked"));
	assert_string_equal(answer_input(&r, "attempt"),
		arena_printf(site.arena, "%lld", (long long)attempt));
	assert_has(browse(&m, here), "An admin is choosing the practice to use.");
	const char *const bad[] = {"choice=3&attempt=%lld", "choice=-1&attempt=%lld",
		"choice=x&attempt=%lld", "attempt=%lld"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct str before, after;
		(void)str_cut(str_of(bad[i]), '%', &before, &after);
		r = submit(&b, "/settings/integrations/practice",
			arena_printf(site.arena, "%.*s%lld", (int)before.n, before.p,
				(long long)attempt));
		assert_true(r.status == 409 || r.status == 303);
		assert_string_equal(look(&f), "choosing 0");
	}
	/* Another firm's choice is no choice. */
	const char *foreign =
		arena_printf(site.arena, "choice=1&attempt=%lld", (long long)theirs);
	assert_status(submit(&b, "/settings/integrations/practice", foreign), 409);
	assert_string_equal(look(&other), "choosing 0");
	assert_goes(
		submit(&b, "/settings/integrations/practice",
			arena_printf(site.arena, "choice=1&attempt=%lld", (long long)attempt)),
		watching);
	assert_string_equal(look(&f), "connecting 1");
	assert_int_equal(site_audited(f.org_id, "connect.practice"), 1);
	assert_non_null(strstr(sql_text("SELECT kind || payload FROM job WHERE org_id = %lld",
				       (long long)f.org_id),
		"\"idx\" : 1"));
}

static void or_none_of_them(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	int64_t attempt = offer_choice(&f);
	const char *form = arena_printf(site.arena, "attempt=%lld", (long long)attempt);
	assert_goes(submit(&b, "/settings/integrations/practice/cancel", form), watching);
	assert_non_null(strstr(sql_text("SELECT kind || payload FROM job WHERE org_id = %lld",
				       (long long)f.org_id),
		"\"idx\" : -1"));
	assert_status(submit(&b, "/settings/integrations/practice/cancel", form), 409);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_good_return_queues_the_exchange),
		SITE_TEST(fault_61_a_replay_does_nothing),
		SITE_TEST(strange_states_are_told_the_link_has_expired),
		SITE_TEST(ten_minutes_are_the_limit),
		SITE_TEST(only_the_browser_that_began_may_return),
		SITE_TEST(fault_61_after_log_out_it_is_over),
		SITE_TEST(members_cannot_return),
		SITE_TEST(fault_61_what_xero_says_instead_of_a_code),
		SITE_TEST(of_parallel_returns_one_wins),
		SITE_TEST(fault_61_of_two_tabs_the_later_one_counts),
		SITE_TEST(of_two_admins_the_first_one_counts),
		SITE_TEST(a_refused_reconnect_leaves_the_banner),
		SITE_TEST(a_reconnect_remembers_where_it_came_from),
		SITE_TEST(an_admin_chooses_the_practice),
		SITE_TEST(or_none_of_them),
	};
	return site_run(tests);
}
