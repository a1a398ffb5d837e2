/* One-time links: choosing a password by one. */
#include "codec/b64.h"
#include "codec/hash.h"
#include "support/site_test.h"

static struct fcgi_answer try_log_in(struct browser *b, const char *email, const char *password)
{
	return submit(b, "/login", form_of("email", email, "password", password, NULL));
}

static const char *make_link_of(const struct person *p, const char *purpose, const char *life)
{
	static unsigned char next;
	unsigned char secret[16] = {++next, (unsigned char)purpose[0], 'l', 'i', 'n', 'k'},
		      hash[HASH_BYTES];
	hash_sha256(secret, sizeof secret, hash);
	sql_do("INSERT INTO one_time_token VALUES ('\\x%s', %lld, %lld, '%s', now() +"
	       " interval '%s')",
		hex_encode(site.arena, hash, sizeof hash), (long long)p->org_id,
		(long long)p->user_id, purpose, life);
	const char *token = b64url_encode(site.arena, secret, sizeof secret);
	site_keep_out(token);
	return arena_printf(site.arena, "/%s/%s",
		strcmp(purpose, "invitation") == 0 ? "invite" : "password/reset", token);
}

static const char *make_link(const struct person *p, const char *life)
{
	return make_link_of(p, "invitation", life);
}

static void a_link_sets_a_password_once(void **state)
{
	static const char fresh[] = "forty brass lanterns";
	struct firm f;
	struct browser old = {0}, b = {0};
	(void)state;
	firm_make(&f);
	site_keep_out(fresh);
	browser_log_in(&old, &f.member);
	const char *link = make_link(&f.member, "1 hour");
	assert_has(browse(&b, link), f.member.email);
	assert_has(
		submit(&b, link, form_of("password", "short", NULL)), "at least 8 characters");
	assert_has(submit(&b, link, form_of("password", "", NULL)), "Enter a password.");
	assert_status(browse(&old, "/clients"), 200);
	struct fcgi_answer r = submit(&b, link, form_of("password", fresh, NULL));
	/* It ends at the log-in form: nobody is logged in by a link. */
	assert_goes(r, "/login?saved=1");
	assert_int_equal(fcgi_answer_count(&r, "Set-Cookie"), 0);
	assert_goes(browse(&old, "/clients"), "/login?next=%2Fclients");
	assert_status(submit(&b, link, form_of("password", fresh, NULL)), 404);
	assert_status(browse(&b, link), 404);
	assert_has(try_log_in(&b, f.member.email, SITE_PASSWORD), "do not match");
	assert_goes(try_log_in(&b, f.member.email, fresh), "/clients");
	assert_int_equal(sql_int("SELECT count(*) FROM app_user WHERE user_id = %lld AND"
				 " password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%%'",
				 (long long)f.member.user_id),
		1);
}

static void a_link_does_not_skip_the_second_factor(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	const char *link = make_link(&f.member, "1 hour");
	assert_goes(submit(&b, link, form_of("password", "forty brass lanterns", NULL)),
		"/login?saved=1");
	assert_goes(try_log_in(&b, f.member.email, "forty brass lanterns"), "/login/mfa");
}

static void dead_links_are_all_alike(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	struct fcgi_answer like = browse(&b, "/invite/AAAAAAAAAAAAAAAAAAAAAA");
	const char *const links[] = {make_link(&f.member, "-1 second"), "/invite/AAAA",
		"/invite/%41AAAAAAAAAAAAAAAAAAAAA", "/invite/AAAAAAAAAAAAAAAAAAAAAA=="};
	assert_status(like, 404);
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct fcgi_answer r = browse(&b, links[i]);
		assert_status(r, 404);
		assert_true(str_eq(r.body, like.body));
		assert_status(
			submit(&b, links[i], form_of("password", "good enough one", NULL)),
			404);
	}
	/* A disabled person's link is dead, too. */
	const char *link = make_link(&f.member, "1 hour");
	sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)f.member.user_id);
	assert_status(browse(&b, link), 404);
	assert_status(submit(&b, link, form_of("password", "good enough one", NULL)), 404);
}

static void one_use_wins(const char *purpose)
{
	enum { CROWD = 50 };
	struct browser crowd[CROWD] = {0};
	struct fcgi_answer r[CROWD];
	struct firm f;
	size_t won = 0;
	firm_make(&f);
	const char *link = make_link_of(&f.member, purpose, "1 hour");
	sql_hold(100, "SELECT count(*) FROM (SELECT FROM one_time_token FOR UPDATE) held");
	ask_at_once(crowd, CROWD, "POST", link,
		form_of("password", "forty brass lanterns", NULL), r);
	for (size_t i = 0; i < CROWD; i++) {
		bool is_winner = strcmp(answer_location(&r[i]), "/login?saved=1") == 0;
		won += is_winner;
		/* Too late for the page, or between page and use: then it leads to the page, which says so. */
		if (!is_winner && r[i].status != 404 &&
			strcmp(answer_location(&r[i]), link) != 0)
			fail_msg("%s: %d %s", link, r[i].status, answer_location(&r[i]));
	}
	assert_int_equal(won, 1);
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'password.set' AND result = 'ok'",
			(long long)f.org_id),
		1);
}

static void of_parallel_uses_of_a_reset_link_one_wins(void **state)
{
	(void)state;
	for (int round = 0; round < site_race_rounds(); round++)
		one_use_wins("set_password");
}

static void of_parallel_uses_of_an_invitation_one_wins(void **state)
{
	(void)state;
	for (int round = 0; round < site_race_rounds(); round++)
		one_use_wins("invitation");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_link_sets_a_password_once),
		SITE_TEST(a_link_does_not_skip_the_second_factor),
		SITE_TEST(dead_links_are_all_alike),
		SITE_TEST(of_parallel_uses_of_a_reset_link_one_wins),
		SITE_TEST(of_parallel_uses_of_an_invitation_one_wins),
	};
	return site_run(tests);
}
