/* The bell's list and the choice of mails: one person's own, page by page, without a script. */
#include "support/site_test.h"

static void settle(struct firm *f, struct browser *b, struct browser *admin)
{
	firm_make(f);
	*b = *admin = (struct browser){0};
	browser_enter(b, &f->member, 2);
	browser_enter(admin, &f->admin, 2);
}

static int64_t notice(const struct firm *f, const struct person *to, int n, const char *link)
{
	sql_do("INSERT INTO notice (org_id, user_id, kind, body, link) VALUES (%lld, %lld, 'test',"
	       " 'Notice %04d', %s)",
		(long long)f->org_id, (long long)to->user_id, n, link);
	return sql_int("SELECT max(notice_id) FROM notice");
}

static void one_is_read_and_unread_again(void **state)
{
	struct firm f;
	struct browser b, admin;
	(void)state;
	settle(&f, &b, &admin);
	long long id = (long long)notice(&f, &f.member, 1, "'/syncs'");
	const char *read = arena_printf(site.arena, "/notifications/%lld/read", id);
	const char *unread = arena_printf(site.arena, "/notifications/%lld/unread", id);
	assert_has(browse(&b, "/notifications"), "Mark as read");
	assert_goes(submit(&b, read, ""), "/notifications");
	struct fcgi_answer r = browse(&b, "/notifications");
	assert_has(r, "Mark as unread");
	assert_has(r, "aria-label=\"Notifications\"");
	assert_goes(submit(&b, unread, "show=unread"), "/notifications?show=unread");
	assert_has(browse(&b, "/notifications?show=unread"), "Notice 0001");
	/* "Show" reads it and goes where it leads. */
	assert_goes(submit(&b, arena_printf(site.arena, "/notifications/%lld/open", id), ""),
		"/syncs");
	assert_has_not(browse(&b, "/notifications?show=unread"), "Notice 0001");
	/* Nobody marks another's. */
	assert_status(submit(&admin, read, ""), 404);
	assert_status(submit(&admin, unread, ""), 404);
	assert_has_not(browse(&b, "/notifications"), "Mark as read");
}

static void a_link_leads_nowhere_else(void **state)
{
	struct firm f;
	struct browser b, admin;
	(void)state;
	settle(&f, &b, &admin);
	long long id = (long long)notice(&f, &f.member, 1, "'//elsewhere.example/'");
	assert_goes(
		submit(&b, arena_printf(site.arena, "/notifications/%lld/open", id), ""), "/");
	id = (long long)notice(&f, &f.member, 2, "NULL");
	assert_goes(submit(&b, arena_printf(site.arena, "/notifications/%lld/open", id), ""),
		"/notifications");
}

static void pages_hold_each_notice_once(void **state)
{
	struct firm f;
	struct browser b, admin;
	int seen = 0, pages = 0;
	(void)state;
	settle(&f, &b, &admin);
	for (int i = 0; i < 60; i++)
		(void)notice(&f, &f.member, i, "NULL");
	for (const char *uri = "/notifications"; uri != NULL && pages < 9; pages++) {
		struct fcgi_answer r = browse(&b, uri);
		assert_status(r, 200);
		for (const char *at = r.body.p; (at = strstr(at, "Notice 00")) != NULL; at++)
			seen++;
		uri = strstr(r.body.p, "rel=\"next\"") == NULL
			      ? NULL
			      : arena_printf(site.arena, "/notifications?show=all&before=%lld",
					(long long)sql_int(
						"SELECT min(notice_id) FROM (SELECT notice_id FROM notice"
						" WHERE user_id = %lld ORDER BY notice_id DESC LIMIT %d) x",
						(long long)f.member.user_id, 25 * (pages + 1)));
		if (uri != NULL)
			assert_has(r, strchr(uri, '&') + 1);
	}
	assert_int_equal(seen, 60);
	assert_int_equal(pages, 3);
	/* A form on a later page comes back to it. */
	long long id =
		(long long)sql_int("SELECT min(notice_id) FROM notice WHERE user_id = %lld",
			(long long)f.member.user_id);
	assert_goes(submit(&b, arena_printf(site.arena, "/notifications/%lld/read", id),
			    arena_printf(site.arena, "show=all&before=%lld", id + 9)),
		arena_printf(site.arena, "/notifications?show=all&before=%lld", id + 9));
}

static const char *wishes(const struct person *who)
{
	return sql_text("SELECT concat_ws('|', array_to_string(mails_off, ','), digest,"
			" digest_since IS NOT NULL) FROM app_user WHERE user_id = %lld",
		(long long)who->user_id);
}

static void an_admin_chooses_mails(void **state)
{
	struct firm f;
	struct browser b, admin;
	(void)state;
	settle(&f, &b, &admin);
	struct fcgi_answer r = browse(&admin, "/profile/mails");
	assert_has(r, "Always sent");
	assert_has(r, "cannot be switched off");
	assert_has(r, "id=\"sync_held\" name=\"sync_held\" value=\"1\" checked");
	assert_has(r, "id=\"digest-off\" name=\"digest\" value=\"off\" checked");
	assert_goes(submit(&admin, "/profile/mails", "sync_failing=1&digest=weekly"),
		"/profile/mails");
	assert_string_equal(wishes(&f.admin), "sync_healed,sync_held|weekly|t");
	r = browse(&admin, "/profile/mails");
	assert_has(r, "Saved.");
	assert_has_not(r, "name=\"sync_held\" value=\"1\" checked");
	assert_has(r, "value=\"weekly\" checked");
	assert_goes(submit(&admin, "/profile/mails",
			    "sync_failing=1&sync_healed=1&sync_held=1&digest=off"),
		"/profile/mails");
	assert_string_equal(wishes(&f.admin), "|off|f");
	/* What the form does not offer changes nothing. */
	assert_status(submit(&admin, "/profile/mails", "digest=hourly"), 422);
	assert_status(submit(&admin, "/profile/mails", ""), 422);
	assert_string_equal(wishes(&f.admin), "|off|f");
}

static void a_member_chooses_the_summary_alone(void **state)
{
	struct firm f;
	struct browser b, admin;
	(void)state;
	settle(&f, &b, &admin);
	assert_has_not(browse(&b, "/profile/mails"), "sync_held");
	assert_goes(submit(&b, "/profile/mails", "digest=daily"), "/profile/mails");
	assert_string_equal(wishes(&f.member), "|daily|t");
	assert_string_equal(wishes(&f.admin), "|off|f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(one_is_read_and_unread_again),
		SITE_TEST(a_link_leads_nowhere_else),
		SITE_TEST(pages_hold_each_notice_once),
		SITE_TEST(an_admin_chooses_mails),
		SITE_TEST(a_member_chooses_the_summary_alone),
	};
	return site_run(tests);
}
