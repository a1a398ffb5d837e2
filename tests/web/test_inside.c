/* The smaller pages: notifications, team, profile, settings, the frame around all. */
#include "support/site_test.h"

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
}

static void notices_are_counted_until_read(void **state)
{
	struct firm f;
	struct browser b, a = {0};
	(void)state;
	settle(&f, &b);
	browser_enter(&a, &f.admin, 2);
	assert_has(browse(&b, "/notifications"), "Nothing new");
	for (int i = 0; i < 3; i++)
		sql_do("INSERT INTO notice (org_id, user_id, kind, body, link) VALUES (%lld, %lld,"
		       " 'test', 'Notice <i>%d</i>', '/syncs')",
			(long long)f.org_id, (long long)f.member.user_id, i);
	assert_has(browse(&b, "/clients"), "aria-label=\"Notifications, 3 unread\"");
	assert_has(browse(&a, "/clients"), "aria-label=\"Notifications\"");
	struct fcgi_answer r = browse(&b, "/notifications");
	assert_has(r, "Notice <i>2</i>");
	assert_null(strstr(r.body.p, "<i>"));
	assert_has(r, "Mark all as read");
	assert_goes(submit(&b, "/notifications", ""), "/notifications");
	r = browse(&b, "/notifications");
	assert_has(r, "Notice <i>2</i>");
	assert_has_not(r, "Mark all as read");
	assert_has(r, "aria-label=\"Notifications\"");
	assert_has(browse(&b, "/notifications?show=unread"), "You have read everything");
}

static void the_team_is_listed(void **state)
{
	struct firm f, other;
	struct browser b;
	struct person third;
	(void)state;
	settle(&f, &b);
	firm_make(&other);
	person_make(&third, f.org_id, "Theo <b>Third</b>", "member");
	sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)third.user_id);
	struct fcgi_answer r = browse(&b, "/settings/team");
	assert_has(r, "Ada Admin");
	assert_has(r, f.admin.email);
	assert_has(r, "Enabled");
	assert_has(r, "Theo <b>Third</b>");
	assert_null(strstr(r.body.p, "<b>Third"));
	assert_has(r, "Not set up");
	sql_do("UPDATE app_user SET mfa_reset_at = now() WHERE org_id = %lld",
		(long long)f.org_id);
	assert_has(r, "Deactivated");
	assert_has(r, "Only one admin has Multi-Factor Authentication.");
	assert_has_not(r, other.admin.email);
	/* Whoever has one again is not told of. */
	r = browse(&b, "/settings/team");
	assert_has(r, "Reset");
	assert_has(r, "Enabled");
	assert_has_not(r, "Not set up");
}

static void the_frame_names_firm_and_person(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	sql_do("UPDATE organisation SET name = 'Vale & <b>Harbour</b>' WHERE org_id = %lld",
		(long long)f.org_id);
	assert_goes(submit(&b, "/profile", form_of("name", "Max \"<i>\" O'Brien", NULL)),
		"/profile");
	struct fcgi_answer r = browse(&b, "/profile");
	assert_has(r, "Saved.");
	assert_string_equal(answer_input(&r, "name"), "Max \"<i>\" O'Brien");
	assert_has(r, "Vale & <b>Harbour</b>");
	assert_null(strstr(r.body.p, "<b>Harbour"));
	assert_null(strstr(r.body.p, "<i>"));
	assert_has(r, "aria-label=\"App Bar Menu\"");
	static const char *const menu[] = {
		"Org Settings", "My profile", "Help", "Log out", "Clients", "Sync history"};
	for (size_t i = 0; i < ARRAY_LEN(menu); i++)
		assert_has(r, menu[i]);
	/* Newest wins, once. */
	assert_has_not(browse(&b, "/profile"), "Saved.");
}

static void members_read_the_settings(void **state)
{
	struct firm f;
	struct browser b, a = {0};
	(void)state;
	settle(&f, &b);
	browser_enter(&a, &f.admin, 2);
	struct fcgi_answer r = browse(&b, "/settings");
	assert_has(r, "Only admins can change these.");
	assert_null(answer_input(&r, "zone"));
	r = browse(&a, "/settings");
	assert_string_equal(answer_input(&r, "zone"), "Pacific/Auckland");
	assert_has(r, "at 06:00 and 18:00 in this time zone");
}

/* Forms and scripts of ours only: what a page would load from elsewhere, the policy would stop. */
static void pages_load_nothing_from_elsewhere(void **state)
{
	static const char *const pages[] = {"/clients", "/settings/integrations", "/help",
		"/profile", "/mfa/setup", "/syncs"};
	static const char *const marks[] = {"src=\"http", "href=\"http", "action=\"http",
		"style=\"", " onclick=", "<style", "src=\"//"};
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_enter(&b, &f.admin, 2);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct fcgi_answer r = browse(&b, pages[i]);
		for (size_t k = 0; k < ARRAY_LEN(marks); k++)
			assert_null(strstr(r.body.p, marks[k]));
		assert_non_null(strstr(r.body.p, "<html lang=\"en\">"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(notices_are_counted_until_read),
		SITE_TEST(the_team_is_listed),
		SITE_TEST(the_frame_names_firm_and_person),
		SITE_TEST(members_read_the_settings),
		SITE_TEST(pages_load_nothing_from_elsewhere),
	};
	return site_run(tests);
}
