/* Matching clients, as pages: who may, what is said in each state, what is asked of the worker. */
#include "support/site_test.h"

static const char here[] = "/settings/integrations/match";

static void a_firm(struct firm *f, struct browser *b, struct browser *m)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	firm_connect(f, "live", NULL);
	*b = *m = (struct browser){0};
	browser_enter(b, &f->admin, 2);
	browser_enter(m, &f->member, 2);
}

static int64_t twins(const struct firm *f, const char *name, int64_t *twin_r)
{
	int64_t hand = firm_client(f, name, false);
	*twin_r = firm_client(f, name, true);
	sql_do("UPDATE contact SET email = 'same@example.com' WHERE org_id = %lld",
		(long long)f->org_id);
	return hand;
}

static const char *at(const char *before, int64_t id)
{
	return arena_printf(site.arena, "%s%lld", before, (long long)id);
}

static int64_t pairs(const struct firm *f, const char *state)
{
	return sql_int("SELECT count(*) FROM client_pair WHERE org_id = %lld AND state = '%s'",
		(long long)f->org_id, state);
}

static void the_way_there(void **state)
{
	struct firm f;
	struct browser b, m;
	int64_t twin;
	(void)state;
	a_firm(&f, &b, &m);
	assert_has_not(browse(&b, "/settings/integrations"), "Match clients");
	assert_has(browse(&b, here), "No hand-added clients to match");
	int64_t hand = twins(&f, "Alder", &twin);
	assert_has(browse(&b, "/settings/integrations"), "Match clients</a>");
	assert_has_not(browse(&m, "/settings/integrations"), "Match clients");
	assert_has(browse(&b, at("/clients/", hand)), "Match to XPM client</a>");
	assert_has_not(browse(&m, at("/clients/", hand)), "Match to XPM client");
	assert_has_not(browse(&b, at("/clients/", twin)), "Match to XPM client");
	/* Beside it in the list, too; who may not match sees only why it is not view only. */
	assert_has(browse(&b, "/clients"),
		arena_printf(site.arena,
			"<span class=\"chip\">Not in XPM</span> <a class=\"fine\" href=\"%s/%lld\"",
			here, (long long)hand));
	assert_has(browse(&m, "/clients"), "Not in XPM");
	assert_has_not(browse(&m, "/clients"), "Match to XPM client");
	assert_has_not(browse(&b, "/clients?filter=xpm"), "Not in XPM");
	assert_status(browse(&m, here), 403);
	firm_connect(&f, "not_connected", NULL);
	assert_has(browse(&b, here), "Connect Xero Practice Manager first.");
}

static void every_answer(void **state)
{
	struct firm f;
	struct browser b, m;
	int64_t twin, twin2;
	(void)state;
	a_firm(&f, &b, &m);
	int64_t hand = twins(&f, "Alder", &twin), hand2 = twins(&f, "Birch", &twin2);
	(void)firm_client(&f, "Hazel", false);
	sql_do("UPDATE contact SET email = 'hazel@example.com' WHERE name = 'Contact of Hazel'");
	struct fcgi_answer r = browse(&b, here);
	assert_has(r, "Confirm 2 matches");
	assert_has(r, "same name and same email");
	assert_has(r, "None found");
	/* Not the same: remembered, and no suggestion any more. */
	assert_goes(submit(&b, here,
			    arena_printf(site.arena, "client=%lld&twin=%lld&choice=different",
				    (long long)hand, (long long)twin)),
		here);
	assert_int_equal(pairs(&f, "refused"), 1);
	r = browse(&b, here);
	assert_has(r, "Confirm 1 match<");
	assert_has(r, "Remembered: they are not the same.");
	/* But it may be chosen. */
	r = browse(&b, at("/settings/integrations/match/", hand));
	assert_has(r, "Same client");
	assert_has(
		r, arena_printf(site.arena, "name=\"twin\" value=\"%lld\"", (long long)twin));
	assert_has(browse(&b, arena_printf(site.arena, "%s/%lld?q=nothing-like-it", here,
				      (long long)hand)),
		"No clients match");
	assert_goes(submit(&b, here,
			    arena_printf(site.arena, "client=%lld&twin=%lld&choice=same",
				    (long long)hand, (long long)twin)),
		here);
	assert_int_equal(pairs(&f, "asked"), 1);
	assert_has(browse(&b, here), "Being matched");
	/* Another one asked for the same twin: said, and nothing changed. */
	assert_goes(submit(&b, here,
			    arena_printf(site.arena, "client=%lld&twin=%lld&choice=same",
				    (long long)hand2, (long long)twin)),
		here);
	assert_has(browse(&b, here), "This XPM client has been matched meanwhile.");
	assert_int_equal(pairs(&f, "asked"), 1);
	assert_goes(submit(&b, "/settings/integrations/match/all", ""), here);
	assert_int_equal(pairs(&f, "asked"), 2);
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'match' AND org_id = %lld",
			(long long)f.org_id),
		2);
	assert_has_not(browse(&b, here), "Confirm ");
	assert_int_equal(site_audited(f.org_id, "match.refused"), 1);
	assert_int_equal(site_audited(f.org_id, "match.asked"), 2);
}

/* The clients on the page, as ",name" each, and where Next leads ("": nowhere). */
static const char *names_on(const struct fcgi_answer *r, const char **next_r)
{
	static const char mark[] = "data-label=\"Added by hand\">", link[] = "&amp;from=";
	struct buf b;
	buf_init(&b, site.arena, 65536);
	for (const char *name = r->body.p; (name = strstr(name, mark)) != NULL;) {
		name = strstr(name, "<bdi>") + strlen("<bdi>");
		buf_printf(&b, ",%.*s", (int)strcspn(name, "<"), name);
	}
	*next_r = "";
	const char *after = strstr(r->body.p, "?after=");
	if (after != NULL) {
		const char *from = strstr(after, link) + strlen(link);
		bool rest = strncmp(from + strcspn(from, "\"&"), "&amp;rank=1\"", 12) == 0;
		*next_r = arena_printf(site.arena, "%s%.*s&from=%.*s%s", here,
			(int)strcspn(after, "&"), after, (int)strcspn(from, "\"&"), from,
			rest ? "&rank=1" : "");
	}
	return b.data;
}

/* However many have none: what is suggested, or being matched, stands on the first page, and is confirmed there. */
static void suggestions_come_first(void **state)
{
	struct firm f;
	struct browser b, m;
	int64_t twin;
	const char *next;
	(void)state;
	a_firm(&f, &b, &m);
	int64_t hand = twins(&f, "Yew", &twin);
	(void)twins(&f, "Zelkova", &twin);
	sql_do("INSERT INTO client (org_id, name) SELECT %lld, 'Alone ' || to_char(i, 'FM000')"
	       " FROM generate_series(1, 60) i",
		(long long)f.org_id);
	struct fcgi_answer r = browse(&b, here);
	assert_has(r, "Confirm 2 matches");
	const char *names = names_on(&r, &next);
	assert_int_equal(strncmp(names, ",Yew,Zelkova,Alone 001,", 23), 0);
	/* Each once. */
	assert_null(strstr(names, "Alone 049"));
	r = browse(&b, next);
	assert_has(r, "Confirm 2 matches");
	names = names_on(&r, &next);
	assert_int_equal(strncmp(names, ",Alone 049,", 11), 0);
	assert_null(strstr(names, "Yew"));
	assert_non_null(strstr(names, "Alone 060"));
	assert_string_equal(next, "");
	/* One that is being matched stays where it was. */
	assert_goes(submit(&b, here,
			    arena_printf(site.arena, "client=%lld&twin=%lld&choice=same",
				    (long long)hand, (long long)(twin - 2))),
		here);
	r = browse(&b, here);
	assert_int_equal(strncmp(names_on(&r, &next), ",Yew,Zelkova,", 13), 0);
	assert_has(r, "Being matched");
	assert_has(r, "Confirm 1 match<");
	/* From any page all of them. */
	(void)browse(&b, next);
	assert_goes(submit(&b, "/settings/integrations/match/all", ""), here);
	assert_int_equal(pairs(&f, "asked"), 2);
	assert_status(
		browse(&b, arena_printf(site.arena, "%s?after=1&from=x&rank=9", here)), 200);
}

static void undo_and_join_are_asked_for(void **state)
{
	struct firm f;
	struct browser b, m;
	int64_t twin;
	(void)state;
	a_firm(&f, &b, &m);
	int64_t hand = twins(&f, "Alder", &twin);
	sql_do("INSERT INTO client_pair (org_id, kind, stays_id, goes_id, state, goes_name, by_name)"
	       " VALUES (%lld, 'match', %lld, 99999999, 'joined', 'Alder of XPM', 'Ada')",
		(long long)f.org_id, (long long)hand);
	assert_has(browse(&b, at("/clients/", hand)), "Undo match</a>");
	assert_has_not(browse(&m, at("/clients/", hand)), "Undo match");
	assert_has(browse(&b, here), "Undo match</button>");
	int64_t pair = sql_int(
		"SELECT pair_id FROM client_pair WHERE org_id = %lld", (long long)f.org_id);
	const char *to = at("/settings/integrations/match/pairs/", pair);
	assert_goes(submit(&b, to, "choice=undo&back=match"), here);
	assert_int_equal(pairs(&f, "parting"), 1);
	assert_goes(submit(&b, to, "choice=undo&back=match"), here);
	assert_has(browse(&b, here), "Somebody has decided on these two meanwhile.");
	assert_int_equal(site_audited(f.org_id, "match.undo_asked"), 1);
	sql_do("UPDATE client_pair SET kind = 'rejoin', goes_id = %lld, state = 'offered',"
	       " reason = 'merged' WHERE pair_id = %lld",
		(long long)twin, (long long)pair);
	sql_do("UPDATE client SET tenant_id = '" SITE_TENANT
	       "', xpm_id = gen_random_uuid() WHERE client_id = %lld",
		(long long)hand);
	sql_do("UPDATE client SET archived_at = now(), archived_reason = 'gone_from_xpm'"
	       " WHERE client_id = %lld",
		(long long)twin);
	struct fcgi_answer r = browse(&b, "/settings/integrations/match?tab=gone");
	assert_has(r, "All its contacts have moved to this client");
	assert_has(browse(&b, at("/clients/", twin)), "The same client as");
	assert_has_not(browse(&m, at("/clients/", twin)), "The same client as");
	/* A wrong answer can be taken back, on the page of the client that is gone. */
	assert_goes(submit(&b, to, "choice=refuse&back=gone"),
		"/settings/integrations/match?tab=gone");
	assert_int_equal(pairs(&f, "refused"), 1);
	assert_has(browse(&b, at("/clients/", twin)), "Join after all</button>");
	assert_has_not(browse(&b, at("/clients/", hand)), "Join after all");
	assert_has_not(browse(&m, at("/clients/", twin)), "Join after all");
	assert_goes(submit(&b, to, "choice=join&back=gone"),
		"/settings/integrations/match?tab=gone");
	assert_int_equal(pairs(&f, "asked"), 1);
	sql_do("UPDATE client_pair SET state = 'joined' WHERE pair_id = %lld", (long long)pair);
	assert_has(browse(&m, at("/clients/", twin)), "Merged into");
	assert_has(browse(&m, at("/clients/", hand)),
		"which is gone from XPM, has been part of this client");
}

/* One that is gone beside the one it may live on in, offered; the pair's id. */
static int64_t a_gone_one(const struct firm *f, const char *name)
{
	int64_t goes = firm_client(f, name, true), stays = firm_client(f, "Survivor", true);
	sql_do("UPDATE client SET archived_at = now(), archived_reason = 'gone_from_xpm'"
	       " WHERE client_id = %lld",
		(long long)goes);
	return sql_int(
		"INSERT INTO client_pair (org_id, kind, stays_id, goes_id, state, reason)"
		" VALUES (%lld, 'rejoin', %lld, %lld, 'offered', 'merged') RETURNING pair_id",
		(long long)f->org_id, (long long)stays, (long long)goes);
}

static void it_opens_where_there_is_something(void **state)
{
	struct firm f;
	struct browser b, m;
	(void)state;
	a_firm(&f, &b, &m);
	struct fcgi_answer r = browse(&b, here);
	assert_has(r, "No hand-added clients to match");
	(void)a_gone_one(&f, "Gone Ltd");
	r = browse(&b, here);
	assert_has(r, "tab=gone\" aria-current=\"page\">Gone from XPM (1)");
	assert_has(r, "Join: Gone Ltd");
	/* Asked for, the empty list is shown all the same. */
	r = browse(&b, "/settings/integrations/match?tab=hand");
	assert_has(r, "tab=hand\" aria-current=\"page\">Added by hand");
	assert_has(r, "No hand-added clients to match");
	(void)firm_client(&f, "Added by me", false);
	r = browse(&b, here);
	assert_has(r, "tab=hand\" aria-current=\"page\">Added by hand");
	assert_has(r, "Added by me");
}

static void nothing_is_joined_while_its_practice_is_away(void **state)
{
	static const char says[] =
		"They can be joined while the practice they come from is connected.";
	struct firm f;
	struct browser b, m;
	(void)state;
	a_firm(&f, &b, &m);
	int64_t pair = a_gone_one(&f, "Gone Ltd");
	const char *to = at("/settings/integrations/match/pairs/", pair);
	const char *page =
		at("/clients/", sql_int("SELECT goes_id FROM client_pair WHERE pair_id = %lld",
					(long long)pair));
	assert_has(browse(&b, page), "value=\"join\">Join</button>");
	assert_has_not(browse(&b, page), says);
	firm_connect(&f, "not_connected", "disconnected");
	sql_do("UPDATE organisation SET active_tenant = NULL WHERE org_id = %lld",
		(long long)f.org_id);
	/* Connected to nothing, that list is all there is. */
	struct fcgi_answer r = browse(&b, here);
	assert_has(r, says);
	assert_has_not(r, "Join: Gone Ltd");
	assert_has(r, "Not the same: Gone Ltd");
	r = browse(&b, page);
	assert_has(r, says);
	assert_has_not(r, ">Join</button>");
	assert_goes(submit(&b, to, "choice=join&back=gone"),
		"/settings/integrations/match?tab=gone");
	assert_int_equal(pairs(&f, "asked"), 0);
	assert_has(browse(&b, here), "These two can be joined only while the practice");
	assert_goes(submit(&b, to, "choice=refuse&back=gone"),
		"/settings/integrations/match?tab=gone");
	assert_int_equal(pairs(&f, "refused"), 1);
	assert_has_not(browse(&b, page), "Join after all");
}

/* The preview and the test of the connection, answered and asked for: who may, and what is queued. */
static void previews_and_tests(void **state)
{
	struct firm f;
	struct browser b, m;
	(void)state;
	a_firm(&f, &b, &m);
	assert_has(browse(&b, "/settings/integrations/preview"), "There is no preview");
	firm_connect(&f, "first_import", NULL);
	sql_do("INSERT INTO connection_preview (org_id, attempt_id, user_id, trigger, state, clients,"
	       " sample) VALUES (%lld, 1, %lld, 'first', 'ready', 1,"
	       " '[{\"name\":\"Alder\",\"archived\":false}]')",
		(long long)f.org_id, (long long)f.admin.user_id);
	assert_has(browse(&b, "/settings/integrations"), "Show the preview</a>");
	assert_has_not(browse(&m, "/settings/integrations"), "Show the preview");
	assert_has(browse(&b, "/settings/integrations/preview"), "Alder");
	assert_status(browse(&m, "/settings/integrations/preview"), 403);
	assert_goes(submit(&b, "/settings/integrations/preview", "choice=import"),
		"/settings/integrations?watch=1");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'sync' AND org_id = %lld",
			(long long)f.org_id),
		1);
	assert_goes(submit(&b, "/settings/integrations/preview", "choice=cancel"),
		"/settings/integrations");
	assert_has(
		browse(&b, "/settings/integrations"), "This preview has been answered already");
	assert_has(browse(&b, "/settings/integrations/test"), "Test now</button>");
	assert_goes(
		submit(&b, "/settings/integrations/test", ""), "/settings/integrations/test");
	assert_has(browse(&b, "/settings/integrations/test"), "Asking Xero");
	assert_goes(
		submit(&b, "/settings/integrations/test", ""), "/settings/integrations/test");
	assert_has(browse(&b, "/settings/integrations/test"),
		"Wait five minutes between two tests.");
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event IN"
			" ('connect.preview', 'connect.tested')",
			(long long)f.org_id),
		2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_way_there),
		SITE_TEST(every_answer),
		SITE_TEST(suggestions_come_first),
		SITE_TEST(undo_and_join_are_asked_for),
		SITE_TEST(it_opens_where_there_is_something),
		SITE_TEST(nothing_is_joined_while_its_practice_is_away),
		SITE_TEST(previews_and_tests),
	};
	return site_run(tests);
}
