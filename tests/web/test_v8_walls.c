/* ASVS 8.2.2, 8.4.1: two firms with clients of the same names and the same XPM ids, and nothing of one at the other. */
#include "support/site_test.h"

enum { TWINS = 70 };

static struct firm home, away;

/* The same seventy clients, contacts and XPM ids in both; only the mark differs. */
static void fill(const struct firm *f, const char *mark)
{
	sql_do("UPDATE connection SET label = 'Practice %s' WHERE org_id = %lld", mark,
		(long long)f->org_id);
	sql_do("INSERT INTO client (org_id, tenant_id, xpm_id, name, search, flags) SELECT %lld,"
	       " '" SITE_TENANT
	       "', ('7d0f2c55-9f65-4a0a-b6e4-' || lpad(i::text, 12, '0'))::uuid,"
	       " 'Twin ' || lpad(i::text, 3, '0'), 'twin ' || lpad(i::text, 3, '0') || ' kim@%s.example', 8"
	       " FROM generate_series(1, %d) i",
		(long long)f->org_id, mark, TWINS);
	sql_do("INSERT INTO contact (org_id, tenant_id, xpm_id, name, email) SELECT org_id,"
	       " tenant_id, xpm_id, 'Kim %s', 'kim@%s.example' FROM client WHERE org_id = %lld",
		mark, mark, (long long)f->org_id);
	sql_do("INSERT INTO client_contact SELECT c.org_id, c.client_id, k.contact_id,"
	       " c.tenant_id, true, 0 FROM client c JOIN contact k USING (org_id, xpm_id) WHERE"
	       " c.org_id = %lld",
		(long long)f->org_id);
	sql_do("UPDATE client c SET primary_contact_id = l.contact_id FROM client_contact l WHERE"
	       " l.org_id = c.org_id AND l.client_id = c.client_id AND c.org_id = %lld",
		(long long)f->org_id);
}

static void settle(struct browser *here, struct browser *there)
{
	firm_make(&home);
	firm_make(&away);
	person_enrol(&home.admin);
	person_enrol(&away.admin);
	firm_connect(&home, "live", NULL);
	firm_connect(&away, "live", NULL);
	fill(&home, "HOMEMARK");
	fill(&away, "AWAYMARK");
	*here = *there = (struct browser){0};
	browser_enter(here, &home.admin, 2);
	browser_enter(there, &away.admin, 2);
}

static int64_t client_of(const struct firm *f, int nth)
{
	return sql_int(
		"SELECT client_id FROM client WHERE org_id = %lld AND name = 'Twin %03d'",
		(long long)f->org_id, nth);
}

/* Own marks only; and at least one where the page is about contacts. */
static void own_only(
	struct browser *b, const char *uri, const char *own, const char *other, bool must)
{
	struct fcgi_answer r = browse(b, uri);
	if (strstr(r.body.p, other) != NULL || strstr(r.head, other) != NULL)
		fail_msg("%s shows %s", uri, other);
	if (must && strstr(r.body.p, own) == NULL)
		fail_msg("%s does not show %s", uri, own);
}

/* List, search, filters, places, exports, with ids of one's own and of the twin's. */
static void v8_2_2_lists_searches_and_exports_are_ones_own(void **state)
{
	static const char *const pages[] = {"/clients", "/clients?q=twin", "/clients?q=kim",
		"/clients?q=HOMEMARK", "/clients?q=AWAYMARK", "/clients?q=%%", "/clients?q=_",
		"/clients?filter=attention", "/clients?filter=archived", "/clients.csv",
		"/clients.csv?q=twin", "/clients.csv?q=AWAYMARK", "/clients.csv?q=HOMEMARK",
		"/syncs", "/notifications", "/settings/team", "/settings/integrations",
		"/settings/integrations/review", "/clients/status"};
	struct browser here, there;
	(void)state;
	settle(&here, &there);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		own_only(&here, pages[i], "HOMEMARK", "kim@AWAYMARK", i < 3 || i == 9);
		own_only(&there, pages[i], "AWAYMARK", "kim@HOMEMARK", i < 3 || i == 9);
	}
	const struct firm *const firms[] = {&home, &away};
	for (size_t i = 0; i < ARRAY_LEN(firms); i++)
		for (int nth = 1; nth <= TWINS; nth += 23) {
			long long id = client_of(firms[i], nth);
			const char *const places[] = {"after", "before"};
			for (size_t k = 0; k < ARRAY_LEN(places); k++)
				own_only(&here,
					arena_printf(site.arena,
						"/clients?%s=%lld&from=Twin+%03d", places[k],
						id, nth),
					"HOMEMARK", "AWAYMARK", false);
		}
}

/* Each twin is at home for its own firm, and for the other as if it had never been. */
static void v8_2_2_a_twin_is_404_like_nobody(void **state)
{
	static const char *const below[] = {"", "/edit"};
	static const char *const posts[] = {"/edit", "/archive", "/restore"};
	struct browser here, there;
	(void)state;
	settle(&here, &there);
	const char *before = sql_state_of(home.org_id, away.org_id);
	for (size_t i = 0; i < ARRAY_LEN(below); i++) {
		long long mine = client_of(&home, 1), theirs = client_of(&away, 1);
		struct fcgi_answer own = browse(
			&here, arena_printf(site.arena, "/clients/%lld%s", mine, below[i]));
		struct fcgi_answer other = browse(
			&here, arena_printf(site.arena, "/clients/%lld%s", theirs, below[i]));
		struct fcgi_answer never = browse(
			&here, arena_printf(site.arena, "/clients/987654321%s", below[i]));
		assert_true(own.status == 200 || own.status == 409);
		assert_status(other, 404);
		assert_string_equal(answer_words(&other), answer_words(&never));
	}
	for (size_t i = 0; i < ARRAY_LEN(posts); i++) {
		long long theirs = client_of(&away, 1);
		assert_status(
			submit(&here,
				arena_printf(site.arena, "/clients/%lld%s", theirs, posts[i]),
				"name=Taken&status=client"),
			404);
	}
	assert_string_equal(sql_state_of(home.org_id, away.org_id), before);
}

/* People, sessions, runs and links of the other firm. */
static void v8_2_2_so_are_people_sessions_and_runs(void **state)
{
	struct browser here, there;
	(void)state;
	settle(&here, &there);
	long long session =
		sql_int("SELECT session_id FROM session WHERE %s", browser_session(&there));
	const long long people[] = {away.admin.user_id, away.member.user_id, 987654321};
	const char *const posts[] = {"role", "deactivate", "activate", "invite", "reset-mfa"};
	for (size_t i = 0; i < ARRAY_LEN(people); i++) {
		assert_status(browse(&here, arena_printf(site.arena, "/settings/team/%lld",
						    people[i])),
			404);
		for (size_t k = 0; k < ARRAY_LEN(posts); k++)
			assert_status(submit(&here,
					      arena_printf(site.arena, "/settings/team/%lld/%s",
						      people[i], posts[k]),
					      "role=member&code=000000"),
				404);
	}
	assert_status(
		submit(&here, arena_printf(site.arena, "/profile/sessions/%lld/end", session),
			""),
		404);
	assert_status(browse(&there, "/clients"), 200);
	int64_t run = firm_run(&away, "complete");
	assert_status(
		browse(&here, arena_printf(site.arena, "/syncs/%lld", (long long)run)), 404);
	assert_status(
		browse(&there, arena_printf(site.arena, "/syncs/%lld", (long long)run)), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(v8_2_2_lists_searches_and_exports_are_ones_own),
		SITE_TEST(v8_2_2_a_twin_is_404_like_nobody),
		SITE_TEST(v8_2_2_so_are_people_sessions_and_runs),
	};
	return site_run(tests);
}
