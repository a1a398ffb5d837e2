/* The password step: log-in, throttle, sessions and their ends. */
#include "support/site_test.h"

static const char no_match[] =
	"That email and password do not match. Check both and try again.";

static struct fcgi_answer try_log_in(struct browser *b, const char *email, const char *password)
{
	return submit(
		b, "/login", form_of("email", email, "password", password, "next", "", NULL));
}

static int64_t sessions_of(const struct person *p)
{
	return sql_int(
		"SELECT count(*) FROM session WHERE user_id = %lld", (long long)p->user_id);
}

static int64_t events(const struct firm *f, const char *event, const char *result)
{
	return sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = '%s'"
		       " AND result = '%s'",
		(long long)f->org_id, event, result);
}

/* The page without what was typed, which it gives back. */
static const char *without(const struct fcgi_answer *r, const char *typed)
{
	struct buf b;
	buf_init(&b, site.arena, 1024 * 1024);
	const char *at = strstr(r->body.p, typed);
	assert_non_null(at);
	buf_add(&b, r->body.p, (size_t)(at - r->body.p));
	buf_adds(&b, at + strlen(typed));
	return b.data;
}

static void every_wrong_log_in_reads_the_same(void **state)
{
	struct firm f;
	struct person off, unset;
	struct fcgi_answer first = {0};
	(void)state;
	firm_make(&f);
	person_make(&off, f.org_id, "Olive Off", "member");
	person_make(&unset, f.org_id, "Una Unset", "member");
	sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)off.user_id);
	sql_do("UPDATE app_user SET password_hash = NULL WHERE user_id = %lld",
		(long long)unset.user_id);
	const char *const tries[][2] = {
		{f.admin.email, "not the password"},
		{"nobody@firm.example", SITE_PASSWORD},
		{off.email, SITE_PASSWORD},
		{unset.email, SITE_PASSWORD},
		{f.admin.email, "Seventeen Green Kettles"},
		{f.admin.email, SITE_PASSWORD " "},
		{f.admin.email, "seventeen"},
	};
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		struct browser b = {0};
		sql_do("DELETE FROM throttle");
		struct fcgi_answer r = try_log_in(&b, tries[i][0], tries[i][1]);
		assert_status(r, 422);
		assert_has(r, no_match);
		assert_string_equal(b.cookie, "");
		assert_null(strstr(r.body.p, tries[i][1]));
		const char *typed = arena_printf(site.arena, "value=\"%s\"", tries[i][0]);
		if (i == 0)
			first = r;
		assert_string_equal(without(&r, typed),
			without(&first, arena_printf(site.arena, "value=\"%s\"", tries[0][0])));
	}
	assert_int_equal(sessions_of(&f.admin) + sessions_of(&off) + sessions_of(&unset), 0);
}

static void a_right_one_opens_a_session(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	struct fcgi_answer r = try_log_in(&b, f.member.email, SITE_PASSWORD);
	assert_goes(r, "/clients");
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Set-Cookie"),
		arena_printf(site.arena,
			SITE_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax", b.cookie));
	/* 256 bits in base64url, and only their hash is kept. */
	assert_int_equal(strlen(b.cookie), 43);
	assert_int_equal(sql_int("SELECT level FROM session WHERE %s", browser_session(&b)), 2);
	assert_int_equal(
		sql_int("SELECT count(*) FROM session s WHERE s::text LIKE '%%%s%%'", b.cookie),
		0);
	assert_int_equal(
		sql_int("SELECT extract(epoch FROM ends_at - created_at)::int FROM session WHERE %s",
			browser_session(&b)),
		12 * 3600);
	assert_int_equal(
		sql_int("SELECT count(last_login_at) FROM app_user WHERE user_id = %lld",
			(long long)f.member.user_id),
		1);
	assert_int_equal(events(&f, "login.password", "ok"), 1);
	assert_has(browse(&b, "/clients"), "Log out");
}

static void the_address_may_be_spelled_otherwise(void **state)
{
	struct firm f;
	(void)state;
	firm_make(&f);
	char *loud = arena_strdup(site.arena, f.member.email);
	for (char *p = loud; *p != '\0'; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	struct browser b = {0}, c = {0};
	assert_goes(try_log_in(&b, loud, SITE_PASSWORD), "/clients");
	assert_goes(try_log_in(&c, arena_printf(site.arena, "  %s ", f.member.email),
			    SITE_PASSWORD),
		"/clients");
}

static void what_is_missing_is_said_beside_the_field(void **state)
{
	static const struct {
		const char *email, *password, *sentence, *kept;
	} forms[] = {
		{"", SITE_PASSWORD, "Enter your email.", ""},
		{"ada@firm.example", "", "Enter your password.", "ada@firm.example"},
		{"no address", SITE_PASSWORD, "Enter an email address like name@example.com.",
			"no address"},
		{"a\"><script>b@firm.example", SITE_PASSWORD,
			"Enter an email address like name@example.com.",
			"a\"><script>b@firm.example"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct browser b = {0};
		struct fcgi_answer r = try_log_in(&b, forms[i].email, forms[i].password);
		assert_status(r, 422);
		assert_has(r, forms[i].sentence);
		assert_string_equal(answer_input(&r, "email"), forms[i].kept);
		assert_null(strstr(r.body.p, SITE_PASSWORD));
		assert_null(strstr(r.body.p, "<script>"));
	}
	struct browser b = {0};
	char *long_one = arena_alloc(site.arena, 1026);
	memset(long_one, 'x', 1025);
	struct fcgi_answer r = try_log_in(&b, "ada@firm.example", long_one);
	assert_status(r, 422);
	assert_has(r, "Use at most 1,024 characters.");
}

static void a_planted_token_is_never_adopted(void **state)
{
	struct firm f;
	struct browser b = {.cookie = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		       planted = b;
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	assert_string_not_equal(b.cookie, planted.cookie);
	assert_goes(browse(&planted, "/clients"), "/login?next=%2Fclients");

	/* An attacker's own live session, pushed into the browser of somebody else. */
	struct browser attacker = {0};
	browser_log_in(&attacker, &f.member);
	struct browser victim = attacker;
	browser_log_in(&victim, &f.admin);
	assert_string_not_equal(victim.cookie, attacker.cookie);
	assert_has(browse(&victim, "/profile"), f.admin.email);
	assert_goes(browse(&attacker, "/clients"), "/login?next=%2Fclients");
}

static void odd_cookies_are_nobody(void **state)
{
	static const char *const cookies[] = {"x", "", "'; DROP TABLE session; --", "%00",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cookies); i++) {
		struct browser b = {0};
		const char *const params[] = {"HTTP_COOKIE",
			arena_printf(site.arena, SITE_COOKIE "=%s", cookies[i]), NULL};
		assert_goes(browser_ask(&b, "GET", "/clients", params, STR("")),
			"/login?next=%2Fclients");
	}
}

/* The token changes when the second factor is given, and the one before is dead. */
static void the_second_factor_gives_a_new_token(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	assert_goes(try_log_in(&b, f.admin.email, SITE_PASSWORD), "/login/mfa");
	struct browser half = b;
	assert_int_equal(
		sql_int("SELECT level FROM session WHERE %s", browser_session(&half)), 1);
	assert_goes(browse(&half, "/clients"), "/login/mfa");
	assert_status(browse(&b, "/login/mfa"), 200);
	assert_goes(submit(&b, "/login/mfa", form_of("code", person_code(&f.admin, 0), NULL)),
		"/clients");
	assert_string_not_equal(b.cookie, half.cookie);
	assert_goes(browse(&half, "/login/mfa"), "/login?next=%2Flogin%2Fmfa");
	assert_status(browse(&b, "/clients"), 200);
	assert_int_equal(sessions_of(&f.admin), 1);
	assert_int_equal(
		sql_int("SELECT extract(epoch FROM ends_at - created_at)::int FROM session WHERE %s",
			browser_session(&b)),
		12 * 3600);
}

static void log_out_ends_it(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.admin);
	assert_status(browse(&b, "/clients"), 200);
	assert_status(browse(&b, "/logout"), 405);
	assert_int_equal(sessions_of(&f.admin), 1);
	struct browser saved = b;
	struct fcgi_answer r = submit(&b, "/logout", "");
	assert_goes(r, "/login");
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Set-Cookie"),
		SITE_COOKIE "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Clear-Site-Data"),
		"\"cache\", \"storage\"");
	assert_int_equal(sessions_of(&f.admin), 0);
	assert_goes(browse(&saved, "/clients"), "/login?next=%2Fclients");
	assert_int_equal(events(&f, "logout", "ok"), 1);
}

static void sessions_end_by_idleness_and_by_age(void **state)
{
	static const struct {
		const char *change;
		int status;
	} cases[] = {
		{"seen_at = now() - interval '29 minutes'", 200},
		{"seen_at = now() - interval '31 minutes'", 303},
		{"ends_at = now() + interval '5 seconds'", 200},
		{"ends_at = now() - interval '1 second'", 303},
	};
	struct firm f;
	(void)state;
	firm_make(&f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct browser b = {0};
		browser_log_in(&b, &f.member);
		sql_do("UPDATE session SET %s WHERE %s", cases[i].change, browser_session(&b));
		assert_status(browse(&b, "/clients"), cases[i].status);
	}
	/* Being there counts. */
	struct browser b = {0};
	browser_log_in(&b, &f.member);
	sql_do("UPDATE session SET seen_at = now() - interval '29 minutes' WHERE %s",
		browser_session(&b));
	assert_status(browse(&b, "/clients"), 200);
	assert_int_equal(sql_int("SELECT count(*) FROM session WHERE %s AND seen_at > now() -"
				 " interval '1 minute'",
				 browser_session(&b)),
		1);
}

static void a_half_log_in_lasts_ten_minutes(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	assert_goes(try_log_in(&b, f.member.email, SITE_PASSWORD), "/login/mfa");
	assert_int_equal(
		sql_int("SELECT extract(epoch FROM ends_at - created_at)::int FROM session WHERE %s",
			browser_session(&b)),
		10 * 60);
	assert_status(browse(&b, "/login/mfa"), 200);
	sql_do("UPDATE session SET ends_at = now() - interval '1 second' WHERE %s",
		browser_session(&b));
	assert_goes(submit(&b, "/login/mfa", form_of("code", person_code(&f.member, 0), NULL)),
		"/login");
}

static void who_is_disabled_is_out_at_once(void **state)
{
	struct firm f;
	struct browser whole = {0}, half = {0}, again = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&whole, &f.member);
	assert_goes(try_log_in(&half, f.member.email, SITE_PASSWORD), "/login/mfa");
	assert_status(browse(&half, "/login/mfa"), 200);
	sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)f.member.user_id);
	assert_goes(browse(&whole, "/clients"), "/login?next=%2Fclients");
	assert_goes(
		submit(&half, "/login/mfa", form_of("code", person_code(&f.member, 0), NULL)),
		"/login");
	assert_has(try_log_in(&again, f.member.email, SITE_PASSWORD), no_match);
	sql_do("DELETE FROM app_user WHERE user_id = %lld", (long long)f.admin.user_id);
	assert_has(try_log_in(&again, f.admin.email, SITE_PASSWORD), no_match);
}

static void assert_waits(struct fcgi_answer r)
{
	int64_t s = 0;
	assert_status(r, 429);
	assert_has(r, "Too many tries. Wait 15 minutes and log in again.");
	const char *after = fcgi_answer_header(site.arena, &r, "Retry-After");
	assert_non_null(after);
	assert_true(str_to_i64(str_of(after), &s) && s > 0 && s <= 15 * 60);
}

/* Known and unknown alike, however spelled, whatever address is claimed; and by nobody else's fault. */
static void guessing_is_throttled(void **state)
{
	struct firm f;
	(void)state;
	firm_make(&f);
	const char *const names[] = {f.admin.email, "unknown@firm.example"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct browser b = {.peer = i == 0 ? "203.0.113.20" : "203.0.113.21"};
		const char *form = form_of("email", names[i], "password", "wrong guess", NULL);
		const char *spelled =
			form_of("email", arena_printf(site.arena, " A%s", names[i] + 1),
				"password", "wrong guess", NULL);
		for (int k = 0; k < 5; k++)
			assert_status(
				submit(&b, "/login", k % 2 == 0 || i == 1 ? form : spelled),
				422);
		assert_waits(submit(&b, "/login", form));
		for (int k = 0; k < 3; k++) {
			const char *const forged[] = {"HTTP_X_FORWARDED_FOR",
				arena_printf(site.arena, "203.0.113.%d", 100 + k),
				"HTTP_X_REAL_IP", "127.0.0.1", NULL};
			assert_waits(browser_ask(&b, "POST", "/login", forged, str_of(form)));
		}
		assert_waits(try_log_in(&b, names[i], SITE_PASSWORD));
	}
	struct browser elsewhere = {.peer = "203.0.113.22"}, later = {.peer = "203.0.113.20"};
	assert_goes(try_log_in(&elsewhere, f.admin.email, SITE_PASSWORD), "/clients");
	sql_do("UPDATE throttle SET since = since - interval '15 minutes', last_at = last_at -"
	       " interval '15 minutes'");
	assert_goes(try_log_in(&later, f.admin.email, SITE_PASSWORD), "/clients");
}

static void one_address_may_not_try_everybody(void **state)
{
	struct firm f;
	(void)state;
	firm_make(&f);
	struct browser b = {.peer = "203.0.113.30"}, other = {.peer = "203.0.113.31"};
	int tries = 0;
	struct fcgi_answer r;
	do {
		const char *name = arena_printf(site.arena, "somebody%d@firm.example", tries);
		r = submit(
			&b, "/login", form_of("email", name, "password", "wrong guess", NULL));
	} while (r.status == 422 && ++tries < 60);
	assert_waits(r);
	assert_int_equal(tries, 50);
	/* A good log-in of the attacker's own does not open it again. */
	assert_waits(try_log_in(&b, f.member.email, SITE_PASSWORD));
	assert_goes(try_log_in(&other, f.member.email, SITE_PASSWORD), "/clients");
}

static void slips_are_forgiven_by_the_right_password(void **state)
{
	struct firm f;
	(void)state;
	firm_make(&f);
	for (int round = 0; round < 3; round++) {
		struct browser b = {0};
		for (int i = 0; i < 4; i++)
			assert_status(try_log_in(&b, f.member.email, "a slip"), 422);
		assert_goes(try_log_in(&b, f.member.email, SITE_PASSWORD), "/clients");
	}
}

static void log_in_leads_on_only_inside(void **state)
{
	static const char *const next[][2] = {
		{"/syncs", "/syncs"},
		{"/clients?filter=archived", "/clients?filter=archived"},
		{"//evil.example/", "/clients"},
		{"/\\evil.example", "/clients"},
		{"https://evil.example", "/clients"},
		{"https:evil.example", "/clients"},
		{"javascript:alert(1)", "/clients"},
		{"/a@evil.example", "/a@evil.example"},
		{"evil.example", "/clients"},
		{"", "/clients"},
	};
	struct firm f;
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	for (size_t i = 0; i < ARRAY_LEN(next); i++) {
		struct browser b = {0}, m = {0};
		assert_goes(submit(&b, "/login",
				    form_of("email", f.member.email, "password", SITE_PASSWORD,
					    "next", next[i][0], NULL)),
			next[i][1]);
		assert_goes(submit(&m, "/login",
				    form_of("email", f.admin.email, "password", SITE_PASSWORD,
					    "next", next[i][0], NULL)),
			"/login/mfa");
		assert_status(browse(&m, "/login/mfa"), 200);
		assert_goes(submit(&m, "/login/mfa",
				    form_of("code", person_code(&f.admin, 0), NULL)),
			next[i][1]);
	}
	struct browser b = {0};
	assert_status(submit(&b, "/login",
			      form_of("email", f.member.email, "password", SITE_PASSWORD,
				      "next", "/x\r\nSet-Cookie: a=b", NULL)),
		422);
	assert_goes(browse(&b, "/syncs?before=7"), "/login?next=%2Fsyncs");
	struct fcgi_answer r = browse(&b, "/login?next=%2Fsyncs");
	assert_string_equal(answer_input(&r, "next"), "/syncs");
}

/* ASVS 7.6.2. */
static void looking_makes_no_session(void **state)
{
	static const char *const pages[] = {"/", "/login", "/login?next=/clients", "/clients",
		"/healthz", "/oauth/xero/callback?code=abcdef&state=x", "/invite/AAAA"};
	(void)state;
	int64_t before = sql_int("SELECT count(*) FROM session");
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct browser b = {0};
		struct fcgi_answer r = browse(&b, pages[i]);
		assert_int_equal(fcgi_answer_count(&r, "Set-Cookie"), 0);
	}
	assert_int_equal(sql_int("SELECT count(*) FROM session"), before);
}

static void the_profile_lists_sessions(void **state)
{
	struct firm f;
	struct browser here = {0}, there = {.peer = "203.0.113.44"};
	(void)state;
	firm_make(&f);
	browser_log_in(&here, &f.member);
	browser_log_in(&there, &f.member);
	struct fcgi_answer r = browse(&here, "/profile");
	assert_has(r, "203.0.113.44");
	assert_has(r, "This one");
	assert_has(r, "Disabled");
	assert_has(r, "Member");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(every_wrong_log_in_reads_the_same),
		SITE_TEST(a_right_one_opens_a_session),
		SITE_TEST(the_address_may_be_spelled_otherwise),
		SITE_TEST(what_is_missing_is_said_beside_the_field),
		SITE_TEST(a_planted_token_is_never_adopted),
		SITE_TEST(odd_cookies_are_nobody),
		SITE_TEST(the_second_factor_gives_a_new_token),
		SITE_TEST(log_out_ends_it),
		SITE_TEST(sessions_end_by_idleness_and_by_age),
		SITE_TEST(a_half_log_in_lasts_ten_minutes),
		SITE_TEST(who_is_disabled_is_out_at_once),
		SITE_TEST(guessing_is_throttled),
		SITE_TEST(one_address_may_not_try_everybody),
		SITE_TEST(slips_are_forgiven_by_the_right_password),
		SITE_TEST(log_in_leads_on_only_inside),
		SITE_TEST(looking_makes_no_session),
		SITE_TEST(the_profile_lists_sessions),
	};
	return site_run(tests);
}
