/* Org Settings > Integrations: what the tile, the bar and the banner say in every state, to whom. */
#include "core/connection.h"
#include "support/site_test.h"

static const char here[] = "/settings/integrations";
static const char watching[] = "/settings/integrations?watch=1";
static const char banner[] = "You've been disconnected from XPM";

struct look {
	const char *state, *cause;
	const char *badge;
	const char *admin[5];  /* an admin reads these */
	const char *not_admin; /* and not this */
	const char *member[3]; /* another member reads these */
	bool banner;
};

#define ADMINS_ONLY "Only admins can manage this connection: Ada Admin."

/*
 * What the tile shows in each state. A button is looked for with its tag, a sentence without.
 */
static const struct look looks[] = {
	{"not_connected", NULL, "Not connected",
		{">Connect</button>", "Connect third-party add-ons",
			"Settings > Staff > [you] > Permissions > Advanced",
			"2 other members will be asked to set up Multi-Factor Authentication"},
		"Disconnect</a>", {ADMINS_ONLY}, false},
	{"not_connected", "cancelled", "Not connected",
		{">Connect</button>",
			"You did not allow access in Xero. Nothing was connected."},
		"Disconnect</a>", {"You did not allow access in Xero."}, false},
	{"not_connected", "expired", "Not connected",
		{">Connect</button>",
			"This sign-in link has expired. Select Connect to start again.",
			"Did not come back from Xero?"},
		NULL, {ADMINS_ONLY}, false},
	{"not_connected", "no_practice", "Not connected",
		{">Connect</button>",
			"This Xero login has no access to a Xero Practice Manager account.",
			"Connect third-party add-ons"},
		NULL, {ADMINS_ONLY}, false},
	{"not_connected", "practice_taken", "Not connected",
		{">Connect</button>",
			"This practice is already connected to another organisation in The Gap."},
		NULL, {ADMINS_ONLY}, false},
	{"not_connected", "xero_down", "Not connected",
		{">Connect</button>", "Xero is not answering."}, NULL, {ADMINS_ONLY}, false},
	{"not_connected", "bad_sign_in", "Not connected",
		{">Connect</button>", "did not belong to this request"}, NULL, {ADMINS_ONLY},
		false},
	{"not_connected", "disconnected", "Not connected",
		{">Connect</button>", "Disconnected from XPM."}, NULL, {ADMINS_ONLY}, true},
	{"not_connected", "removed_in_xero", "Not connected",
		{">Connect</button>", "The connection was removed in Xero."}, NULL,
		{ADMINS_ONLY}, true},
	{"connecting", NULL, "Connecting",
		{"Finishing connection", "disabled>Connect</button>", "http-equiv=\"refresh\""},
		"submit\">Connect", {"Finishing connection", ADMINS_ONLY}, false},
	{"choosing", NULL, "Connecting", {"Choose the practice to use"}, ">Connect</button>",
		{"An admin is choosing the practice to use.", ADMINS_ONLY}, false},
	{"choosing", "other_practice", "Connecting",
		{"Use this practice instead", "another practice than before",
			"synced clients stay here"},
		">Connect</button>", {ADMINS_ONLY}, false},
	{"first_import", NULL, "Syncing",
		{"Reading clients from Xero", "You may leave this page", "Disconnect</a>",
			"http-equiv=\"refresh\""},
		">Connect</button>", {"Reading clients from Xero", ADMINS_ONLY}, false},
	{"first_import", "first_failed", "Syncing",
		{"The first import did not finish. You are connected; we will try again."},
		">Connect</button>", {ADMINS_ONLY}, false},
	{"live", NULL, "Connected",
		{"Harbour Practice", "by Ada Admin", "Next sync", "Update Xero Clients",
			"Disconnect</a>"},
		">Connect</button>", {"Harbour Practice", "Sync history", ADMINS_ONLY}, false},
	{"live", "config", "Connected", {"Syncing is paused. Our team has been told."}, NULL,
		{ADMINS_ONLY}, false},
	{"degraded", "sync_failed", "Connected",
		{"The last sync did not finish.", "Disconnect</a>"}, ">Connect</button>",
		{"The last sync did not finish.", ADMINS_ONLY}, false},
	{"degraded", "limit", "Connected", {"Xero's limit is reached."}, NULL, {ADMINS_ONLY},
		false},
	{"degraded", "slow", "Connected", {"The last sync took too long and was ended."}, NULL,
		{ADMINS_ONLY}, false},
	{"held", "brake", "Connected",
		{"Sync paused: many clients would be archived or blanked.",
			"Review changes</a>"},
		">Connect</button>", {"Sync paused", ADMINS_ONLY}, false},
	{"held", "empty", "Connected", {"Sync paused: XPM sent an empty client list."}, NULL,
		{ADMINS_ONLY}, false},
	{"held", "edits", "Connected",
		{"Sync paused: edits made here would be replaced. Review the changes",
			"Review changes</a>"},
		NULL, {"An admin has to review the changes.", ADMINS_ONLY}, false},
	{"needs_reconnect", "sign_in", "Reconnect needed",
		{">Reconnect</button>", "Xero asks for a new sign-in.", "Disconnect</a>"},
		">Connect</button>", {"Xero asks for a new sign-in.", ADMINS_ONLY}, true},
	{"needs_reconnect", "permission", "Reconnect needed",
		{">Reconnect</button>", "has lost its access to this practice",
			"Connect third-party add-ons"},
		NULL, {ADMINS_ONLY}, true},
	{"needs_reconnect", "scopes", "Reconnect needed",
		{">Reconnect</button>", "Xero did not grant all the permissions"}, NULL,
		{ADMINS_ONLY}, true},
	{"disconnecting", "disconnected", "Not connected",
		{"Disconnecting", "http-equiv=\"refresh\""}, ">Connect</button>", {ADMINS_ONLY},
		false},
};

static void holds_all(
	struct fcgi_answer r, const struct look *l, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n && words[i] != NULL; i++)
		if (!answer_holds(&r, words[i]))
			(void)fprintf(stderr, "in state %s, cause %s:\n", l->state,
				l->cause == NULL ? "none" : l->cause);
	for (size_t i = 0; i < n && words[i] != NULL; i++)
		assert_has(r, words[i]);
}

static const char *badge(const struct fcgi_answer *r)
{
	const char *at = strstr(r->body.p, "data-state=\"");
	assert_non_null(at);
	at += strlen("data-state=\"");
	return arena_strndup(site.arena, at, strcspn(at, "\""));
}

/* Two admins' browsers would do as well: a firm with a member and somebody else, none with a factor but Ada. */
static void settle(struct firm *f, struct browser *a, struct browser *m)
{
	struct person third;
	firm_make(f);
	person_make(&third, f->org_id, "Theo Third", "member");
	person_enrol(&f->admin);
	*a = *m = (struct browser){0};
	browser_enter(a, &f->admin, 2);
	browser_enter(m, &f->member, 2);
	/* Days of grace, so that Max may still look. */
	sql_do("UPDATE organisation SET mfa_grace_days = 7 WHERE org_id = %lld",
		(long long)f->org_id);
}

static void each_state_has_its_words(void **state)
{
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		const struct look *l = &looks[i];
		firm_connect(&f, l->state, l->cause);
		struct fcgi_answer admin = browse(&a, here), member = browse(&m, here);
		assert_has(admin, "Xero Practice Manager");
		assert_has(admin, "Xero XPM");
		assert_string_equal(badge(&admin), l->badge);
		assert_string_equal(badge(&member), l->badge);
		holds_all(admin, l, l->admin, ARRAY_LEN(l->admin));
		holds_all(member, l, l->member, ARRAY_LEN(l->member));
		if (l->not_admin != NULL)
			assert_has_not(admin, l->not_admin);
		/* The connection is the admins' alone. */
		assert_has_not(member, "Connect</button>");
		assert_has_not(member, "Reconnect</button>");
		assert_has_not(member, "Disconnect</a>");
		assert_has_not(member, "Review changes</a>");
		assert_has_not(member, "Rename");
		assert_has_not(member, "name=\"days\"");
		assert_int_equal(answer_holds(&admin, banner), l->banner);
		assert_int_equal(answer_holds(&member, banner), l->banner);
	}
}

/* Tile, bar, strip and review page: the same words, and what this reader has to do. */
static void held_says(struct browser *b, const char *words, bool admin)
{
	const char *all = arena_printf(site.arena, "%s. %s", words,
		admin ? "Review the changes before they are applied."
		      : "An admin has to review the changes.");
	assert_has(browse(b, here), all);
	assert_has(browse(b, "/syncs"), all);
	const char *in_tile = strstr(browse(b, watching).body.p, words);
	assert_non_null(in_tile);
	assert_non_null(strstr(in_tile + 1, words)); /* and in the bar */
	assert_has(browse(b, "/settings/integrations/review"),
		arena_printf(site.arena, "%s. Nothing of this sync was applied.", words));
}

/* A held run tells how many clients it is about, and what would become of them, wherever it is told. */
static void a_held_run_says_how_many(void **state)
{
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	firm_connect(&f, "held", "brake");
	int64_t run = firm_run(&f, "held");
	for (int i = 0; i < 3; i++) {
		const char *name = arena_printf(site.arena, "Alder %d", i);
		sql_do("INSERT INTO held_change (org_id, run_id, client_id, kind)"
		       " VALUES (%lld, %lld, %lld, 'archive')",
			(long long)f.org_id, (long long)run,
			(long long)firm_client(&f, name, true));
	}
	held_says(&a, "Sync paused: 3 clients would be archived", true);
	held_says(&m, "Sync paused: 3 clients would be archived", false);
	sql_do("UPDATE held_change SET kind = 'blank' WHERE client_id = (SELECT max(client_id)"
	       " FROM held_change WHERE org_id = %lld)",
		(long long)f.org_id);
	held_says(&a, "Sync paused: 2 clients would be archived and 1 blanked", true);
	sql_do("DELETE FROM held_change WHERE org_id = %lld AND kind = 'archive'",
		(long long)f.org_id);
	held_says(&a, "Sync paused: 1 client would be blanked", true);
	sql_do("DELETE FROM held_change WHERE org_id = %lld", (long long)f.org_id);
	firm_connect(&f, "held", "empty");
	sql_do("UPDATE sync_run SET cause = 'empty', would_go = 1412, cause_text = 'Sync paused: as"
	       " stored.' WHERE run_id = %lld",
		(long long)run);
	held_says(&a,
		"Sync paused: XPM sent an empty client list, so 1,412 clients would be archived",
		true);
	assert_has(browse(&a, "/settings/integrations/review"), "Apply these changes (1,412)");
	/* The run's own pages keep what it said when it ended. */
	assert_has(browse(&a, arena_printf(site.arena, "/syncs/%lld", (long long)run)),
		"Sync paused: as stored.");
	assert_has(browse(&a, arena_printf(site.arena, "/syncs/%lld/log", (long long)run)),
		"(0 bytes). Sync paused: as stored.");
}

/* No cause and no state without a row here. */
static void the_table_is_whole(void **state)
{
	(void)state;
	for (int s = 0; s < CONNECTION__MAX; s++) {
		size_t found = 0;
		for (size_t i = 0; i < ARRAY_LEN(looks); i++)
			found += strcmp(looks[i].state,
					 connection_state_name((enum connection_state)s)) == 0;
		assert_true(found > 0);
	}
	for (int c = 1; c < CAUSE__MAX; c++) {
		const char *name = connection_cause_name((enum connection_cause)c);
		size_t found = c == CAUSE_CHANGES_ONLY; /* of a run, never of a connection */
		for (size_t i = 0; i < ARRAY_LEN(looks); i++)
			found += looks[i].cause != NULL && strcmp(looks[i].cause, name) == 0;
		if (found == 0)
			fail_msg("no row for cause %s", name);
	}
}

static void one_member_is_one(void **state)
{
	struct firm f;
	struct browser a = {0};
	(void)state;
	firm_make(&f);
	browser_enter(&a, &f.admin, 2);
	/* Ada has none either, but she is told otherwise. */
	struct fcgi_answer r = browse(&a, here);
	assert_has(r, "1 other member will be asked to set up Multi-Factor Authentication");
	assert_has(r, "You will be asked to set up Multi-Factor Authentication");
	person_enrol(&f.member);
	assert_has_not(
		browse(&a, here), "will be asked to set up Multi-Factor Authentication at");
}

static void facts_are_those_of_the_connection(void **state)
{
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	firm_connect(&f, "live", NULL);
	sql_do("UPDATE connection SET last_success_at = now() - interval '27 hours', connected_at ="
	       " '2026-03-01 12:30:00+00', tenant_name = NULL WHERE org_id = %lld",
		(long long)f.org_id);
	struct fcgi_answer r = browse(&a, here);
	assert_has(r, "Stale");
	/* The firm's own zone: it was past midnight there. */
	assert_has(r, "2 Mar 2026");
	assert_has(r, "Your practice");
	sql_do("INSERT INTO sync_run (org_id, trigger) VALUES (%lld, 'manual')",
		(long long)f.org_id);
	sql_do("UPDATE connection SET progress_done = 1234 WHERE org_id = %lld",
		(long long)f.org_id);
	r = browse(&a, here);
	assert_has(r, "Syncing now");
	assert_has(r, "1234");
	assert_has(r, "http-equiv=\"refresh\"");
}

static void set_last_run(const struct firm *f, const char *state, int skipped)
{
	sql_do("UPDATE connection SET last_run_id = %lld WHERE org_id = %lld",
		(long long)firm_run(f, state), (long long)f->org_id);
	sql_do("UPDATE sync_run SET skipped = %d WHERE org_id = %lld", skipped,
		(long long)f->org_id);
}

/* Who waited for the end of connecting reads how it ended; in a bar at the bottom. */
static void the_bar_tells_the_end(void **state)
{
	static const struct {
		const char *state, *cause, *run;
		int skipped;
		const char *text, *role;
	} cases[] = {
		{"live", NULL, "complete", 0,
			"All clients have been imported from XPM. 1,412 clients, 655 contacts.",
			"status"},
		{"live", NULL, "problems", 3,
			"1,412 of 1,415 clients imported. 3 need attention.", "status"},
		{"not_connected", "disconnected", "complete", 0, "Disconnected from XPM",
			"status"},
		{"not_connected", "practice_taken", "complete", 0,
			"This practice is already connected to another organisation in The Gap.",
			"alert"},
		{"needs_reconnect", "sign_in", "complete", 0, "Xero asks for a new sign-in.",
			"alert"},
		{"degraded", "sync_failed", "failed", 0, "The last sync did not finish.",
			"alert"},
		{"held", "brake", "held", 0, "Sync paused", "alert"},
	};
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		firm_connect(&f, cases[i].state, cases[i].cause);
		set_last_run(&f, cases[i].run, cases[i].skipped);
		struct fcgi_answer r = browse(&a, watching);
		const char *bar = strstr(r.body.p, "<div class=\"bar ");
		assert_non_null(bar);
		r.body = str_of(arena_strndup(site.arena, bar, 700));
		assert_has(r, cases[i].text);
		assert_has(r, arena_printf(site.arena, "role=\"%s\"", cases[i].role));
		/* Who did not wait is not disturbed. */
		assert_null(strstr(browse(&a, here).body.p, "<div class=\"bar "));
	}
	/* A run that was cleared away long since is no reason to fail. */
	firm_connect(&f, "live", NULL);
	assert_status(browse(&a, watching), 200);
}

static void the_banner_is_on_every_page(void **state)
{
	static const char *const pages[] = {"/clients", "/syncs", "/profile", "/settings",
		"/settings/team", "/settings/integrations", "/notifications", "/help",
		"/clients/new"};
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	firm_connect(&f, "not_connected", "disconnected");
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct fcgi_answer admin = browse(&a, pages[i]), member = browse(&m, pages[i]);
		assert_has(admin, banner);
		assert_has(admin, "Reconnect</a>");
		assert_has(member, banner);
		assert_has(member, "Ask an admin to reconnect: Ada Admin.");
		assert_has_not(member, "Reconnect</a>");
	}
}

static void each_closes_the_banner_for_oneself(void **state)
{
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	firm_connect(&f, "not_connected", "disconnected");
	assert_goes(submit(&m, "/settings/integrations/banner", ""), "/clients");
	assert_has_not(browse(&m, "/clients"), banner);
	assert_has(browse(&a, "/clients"), banner);
	assert_goes(submit(&a, "/settings/integrations/banner", ""), "/clients");
	assert_has_not(browse(&a, "/clients"), banner);
	/* Another disconnect is another matter. */
	firm_connect(&f, "not_connected", "disconnected");
	assert_has(browse(&m, "/clients"), banner);
	assert_has(browse(&a, "/clients"), banner);
}

/* After an unexpected break admins keep it until it is mended, whatever they post. */
static void admins_cannot_close_an_unexpected_one(void **state)
{
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	firm_connect(&f, "needs_reconnect", "sign_in");
	struct fcgi_answer r = browse(&a, "/clients");
	assert_has(r, banner);
	assert_has(r, "Xero asks for a new sign-in.");
	assert_null(strstr(r.body.p, "action=\"/settings/integrations/banner\""));
	assert_status(submit(&a, "/settings/integrations/banner", ""), 303);
	assert_has(browse(&a, "/clients"), banner);
	assert_goes(submit(&m, "/settings/integrations/banner", ""), "/clients");
	assert_has_not(browse(&m, "/clients"), banner);
	firm_connect(&f, "live", NULL);
	assert_has_not(browse(&a, "/clients"), banner);
}

static void the_key_of_the_poll_changes_with_the_state(void **state)
{
	struct firm f;
	struct browser a, m;
	(void)state;
	settle(&f, &a, &m);
	firm_connect(&f, "live", NULL);
	struct fcgi_answer r = browse(&a, "/settings/integrations/status");
	assert_status(r, 200);
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Content-Type"),
		"application/json; charset=utf-8");
	const char *before = str_dup(site.arena, r.body);
	assert_true(str_starts(r.body, "{\"key\":\""));
	assert_true(str_is(browse(&a, "/settings/integrations/status").body, before));
	const char *key = arena_strndup(site.arena, before + 8, strlen(before) - 10);
	assert_non_null(strstr(
		browse(&a, here).body.p, arena_printf(site.arena, "data-key=\"%s\"", key)));
	firm_connect(&f, "degraded", "sync_failed");
	assert_false(str_is(browse(&a, "/settings/integrations/status").body, before));
}

static void admins_rename_the_practice(void **state)
{
	struct firm f;
	struct browser a, m;
	char *wide = arena_alloc(*state, 122);
	memset(wide, 'p', 121);
	settle(&f, &a, &m);
	firm_connect(&f, "live", NULL);
	assert_status(browse(&a, here), 200);
	assert_goes(submit(&a, "/settings/integrations/label",
			    form_of("label", "Ours & <i>theirs</i>", NULL)),
		here);
	struct fcgi_answer r = browse(&a, here);
	assert_has(r, "Ours & <i>theirs</i>");
	assert_null(strstr(r.body.p, "<i>"));
	const char *const bad[] = {"", "   ", wide, "two\nlines"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_goes(submit(&a, "/settings/integrations/label",
				    form_of("label", bad[i], NULL)),
			here);
		assert_has(browse(&a, here), "A name has 1 to 120 characters.");
	}
	assert_string_equal(sql_text("SELECT label FROM connection WHERE org_id = %lld",
				    (long long)f.org_id),
		"Ours & <i>theirs</i>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(each_state_has_its_words),
		SITE_TEST(a_held_run_says_how_many),
		SITE_TEST(the_table_is_whole),
		SITE_TEST(one_member_is_one),
		SITE_TEST(facts_are_those_of_the_connection),
		SITE_TEST(the_bar_tells_the_end),
		SITE_TEST(the_banner_is_on_every_page),
		SITE_TEST(each_closes_the_banner_for_oneself),
		SITE_TEST(admins_cannot_close_an_unexpected_one),
		SITE_TEST(the_key_of_the_poll_changes_with_the_state),
		SITE_TEST(admins_rename_the_practice),
	};
	return site_run(tests);
}
