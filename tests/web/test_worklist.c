/* What people do about the list, as pages: what to put right in XPM, deleting for good, what is new to me. */
#include "support/site_test.h"

struct office {
	struct firm f;
	struct browser admin, member;
	int64_t client;
};

static void open_office(struct office *o)
{
	*o = (struct office){.client = 0};
	firm_make(&o->f);
	person_enrol(&o->f.admin);
	person_enrol(&o->f.member);
	firm_connect(&o->f, "live", NULL);
	o->client = firm_client(&o->f, "Alder <Co>", true);
	browser_enter(&o->admin, &o->f.admin, 2);
	browser_enter(&o->member, &o->f.member, 2);
}

static const char *at(const char *before, int64_t id, const char *after)
{
	return arena_printf(site.arena, "%s%lld%s", before, (long long)id, after);
}

/* As the apply leaves it. */
static int64_t a_fix(const struct office *o, const char *name, int64_t client_id, int reasons)
{
	return sql_int("INSERT INTO fix_item (org_id, client_id, name, reasons, rule)"
		       " VALUES (%lld, nullif(%lld, 0), %s, %d, %s) RETURNING fix_id",
		(long long)o->f.org_id, (long long)client_id, sql_quoted(name), reasons,
		client_id == 0 ? "'no_name'" : "NULL");
}

static int64_t notices_of(const struct person *p)
{
	return sql_int("SELECT count(*) FROM notice WHERE org_id = %lld AND user_id = %lld AND"
		       " kind = 'fix_assigned'",
		(long long)p->org_id, (long long)p->user_id);
}

static void entries_are_listed_with_what_to_do(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	assert_has(browse(&o.member, "/fix"), "Nothing to fix");
	a_fix(&o, "Alder <Co>", o.client, 1 | 4);
	sql_do("UPDATE client SET flags = 5 WHERE client_id = %lld", (long long)o.client);
	a_fix(&o, "", 0, 0);
	struct fcgi_answer r = browse(&o.member, "/fix");
	assert_has(r, "Open (2)");
	assert_has(r, "Alder &lt;Co&gt;");
	assert_has(r, "None of its contacts has an email. Add one in XPM");
	assert_has(r, "More than one contact is marked as primary in XPM.");
	assert_has(r, "It has no name. Give it one in XPM.");
	assert_has(r, "Without a name");
	assert_has_not(browse(&o.member, "/fix?reason=skipped"), "Alder");
	assert_has(browse(&o.member, "/fix?reason=two-primaries"), "Alder");
	assert_has(browse(&o.member, "/fix?reason=bad-email"), "No open entry fits.");
	assert_has(browse(&o.member, "/fix?reason=bad-phone"), "No open entry fits.");
	assert_has(browse(&o.member, "/fix?who=-1"), "Alder");
	assert_goes(browse(&o.member, "/fix?who=x"), "/fix");
	assert_has(browse(&o.member, "/clients"), "Fix in XPM (2)");
	assert_has(browse(&o.member, at("/clients/", o.client, "")),
		"nobody takes care of it yet");
	r = browse(&o.member, "/fix.csv?reason=no-email&who=0");
	assert_has(r, "Alder <Co>,No email in XPM,");
	assert_has_not(r, "Skipped");
	assert_int_equal(site_audited(o.f.org_id, "fix.exported"), 1);
	sql_do("UPDATE fix_item SET closed_at = now() WHERE client_id = %lld",
		(long long)o.client);
	assert_has_not(browse(&o.member, "/fix"), "Alder");
	assert_has(browse(&o.member, "/fix?tab=closed"), "Alder");
}

/* The last name of a page stands in the link to the next: 1,023 bytes are 3,069 characters of an address. */
static void the_longest_name_leads_to_the_next_page(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	sql_do("INSERT INTO fix_item (org_id, name, rule) SELECT %lld, repeat('\u6f22', 341), 'no_name'"
	       " FROM generate_series(1, 51)",
		(long long)o.f.org_id);
	struct fcgi_answer r = browse(&o.member, "/fix");
	char *link = strstr(r.body.p, "href=\"/fix?after=");
	assert_non_null(link);
	link += strlen("href=\"");
	*strchr(link, '"') = '\0';
	for (char *amp = strstr(link, "&amp;"); amp != NULL; amp = strstr(amp + 1, "&amp;"))
		memmove(amp + 1, amp + 5, strlen(amp + 5) + 1);
	r = browse(&o.member, link);
	assert_status(r, 200);
	assert_has(r, "\u6f22");
	assert_has_not(r, "rel=\"next\"");
}

static void an_entry_is_given_to_somebody(void **state)
{
	struct office o, other;
	(void)state;
	open_office(&o);
	open_office(&other);
	int64_t id = a_fix(&o, "Alder <Co>", o.client, 1);
	const char *own = at("/fix/", id, "/assign");
	const char *to_max = at("to=", o.f.member.user_id, "");
	assert_has(browse(&o.admin, at("/fix/", id, "")), "I take care of it");
	assert_goes(submit(&o.admin, own, to_max), "/fix");
	assert_int_equal(notices_of(&o.f.member), 1);
	/* Told once until it is read; and nobody tells themselves. */
	assert_goes(submit(&o.admin, own, to_max), "/fix");
	assert_int_equal(notices_of(&o.f.member), 1);
	assert_has(browse(&o.member, "/fix"), "1 assigned to you");
	assert_goes(submit(&o.member, own, at("to=", o.f.admin.user_id, "")), "/fix");
	assert_goes(submit(&o.admin, own, at("to=", o.f.admin.user_id, "")), "/fix");
	assert_int_equal(notices_of(&o.f.admin), 1);
	assert_int_equal(site_audited(o.f.org_id, "fix.assigned"), 4);
	/* Not to strangers, not to who is not active, not of another firm, not when closed. */
	assert_status(submit(&o.admin, own, at("to=", other.f.member.user_id, "")), 409);
	sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
		(long long)o.f.member.user_id);
	assert_status(submit(&o.admin, own, to_max), 409);
	assert_status(submit(&o.admin, own, "to=x"), 422);
	browse(&other.admin, "/fix");
	assert_status(submit(&other.admin, own, "to=0"), 404);
	assert_status(browse(&other.admin, at("/fix/", id, "")), 404);
	assert_goes(submit(&o.admin, own, "to=0"), "/fix");
	sql_do("UPDATE fix_item SET closed_at = now() WHERE fix_id = %lld", (long long)id);
	assert_status(submit(&o.admin, own, "to=0"), 409);
}

/* Where no <bdi> can go around it: an option, a label, a title, a notice, a bar. */
static void a_name_turns_only_itself_where_no_markup_can_stand(void **state)
{
	const char *name = "\xD7\xA0\xD7\x95 (1)";
	const char *alone = arena_printf(site.arena, "\xE2\x81\xA8%s\xE2\x81\xA9", name);
	struct office o;
	(void)state;
	open_office(&o);
	sql_do("UPDATE app_user SET name = '%s' WHERE user_id = %lld", name,
		(long long)o.f.admin.user_id);
	sql_do("UPDATE client SET name = '%s' WHERE client_id = %lld", name,
		(long long)o.client);
	int64_t id = a_fix(&o, name, o.client, 1);
	struct fcgi_answer r = browse(&o.member, "/fix");
	assert_has(r, arena_printf(site.arena, "aria-label=\"Assign %s\"", alone));
	assert_has(browse(&o.member, at("/fix/", id, "")),
		arena_printf(site.arena, ">%s</option>", alone));
	assert_has(browse(&o.admin, at("/fix/", id, "")),
		arena_printf(site.arena, "%s (you)", alone));
	assert_has(browse(&o.member, at("/clients/", o.client, "")),
		arena_printf(site.arena, "<title>%s \xC2\xB7", alone));
	assert_goes(
		submit(&o.admin, at("/fix/", id, "/assign"), at("to=", o.f.member.user_id, "")),
		"/fix");
	assert_has(browse(&o.member, "/notifications"),
		arena_printf(site.arena, "%s asked you to put something right", alone));
}

/* Lines of the audit chain of this event that went well. */
static int64_t audited(const struct office *o, const char *event)
{
	return sql_int(
		"SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = '%s' AND"
		" result = 'ok'",
		(long long)o->f.org_id, event);
}

static void there_is_nothing_to_put_right_while_not_connected(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	int64_t id = a_fix(&o, "Alder", o.client, 1);
	firm_connect(&o.f, "not_connected", "disconnected");
	struct fcgi_answer r = browse(&o.admin, "/fix");
	assert_has(r, "Xero Practice Manager is not connected");
	assert_has(r, "Connect Xero Practice Manager</a>");
	assert_status(submit(&o.admin, at("/fix/", id, "/assign"), "to=0"), 409);
}

static void deleting_for_good_is_asked_for(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	const char *own = at("/clients/", o.client, "/delete");
	/* Live and from XPM: not yet. */
	assert_status(browse(&o.admin, own), 409);
	assert_has_not(browse(&o.admin, at("/clients/", o.client, "")), "Delete for good");
	assert_status(submit(&o.admin, own, ""), 409);
	sql_do("UPDATE client SET archived_at = now(), archived_reason = 'archived_in_xpm' WHERE"
	       " client_id = %lld",
		(long long)o.client);
	assert_has(browse(&o.admin, at("/clients/", o.client, "")), "Delete for good</a>");
	assert_has_not(browse(&o.member, at("/clients/", o.client, "")), "Delete for good");
	assert_status(browse(&o.member, own), 403);
	struct fcgi_answer r = browse(&o.admin, own);
	assert_has(r, "Contacts of this client alone: 1");
	assert_has(r, "The id it has in XPM, so that no sync brings it back");
	assert_goes(submit(&o.admin, own, ""), "/clients");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'forget' AND org_id = %lld",
			(long long)o.f.org_id),
		1);
	assert_has(browse(&o.admin, own), "This client is being deleted.");
	assert_goes(submit(&o.admin, own, ""), "/clients");
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'forget' AND org_id = %lld",
			(long long)o.f.org_id),
		1);
	assert_int_equal(audited(&o, "privacy.asked"), 2);
	/* Not with an old log-in. */
	sql_do("UPDATE session SET fresh_at = now() - interval '6 minutes' WHERE %s",
		browser_session(&o.admin));
	assert_goes(browse(&o.admin, own), "/confirm");
}

static void a_deleted_one_is_allowed_again(void **state)
{
	struct office o, other;
	(void)state;
	open_office(&o);
	open_office(&other);
	int64_t id =
		sql_int("INSERT INTO client_tombstone (org_id, tenant_id, xpm_id, by_user)"
			" VALUES (%lld, '%s', '7d0f2c55-9f65-4a0a-b6e4-012345678901', %lld)"
			" RETURNING tombstone_id",
			(long long)o.f.org_id, SITE_TENANT, (long long)o.f.admin.user_id);
	const char *own = at("/clients/deleted/", id, "/allow");
	assert_has(browse(&o.admin, "/clients?filter=archived"), "/clients/deleted");
	struct fcgi_answer r = browse(&o.admin, "/clients/deleted");
	assert_has(r, "7d0f2c55-9f65-4a0a-b6e4-012345678901");
	assert_has(r, "Ada");
	assert_status(browse(&o.member, "/clients/deleted"), 403);
	assert_has(browse(&other.admin, "/clients/deleted"), "Nothing was deleted for good");
	assert_status(submit(&other.admin, own, ""), 404);
	assert_goes(submit(&o.admin, own, ""), "/clients/deleted");
	assert_has(browse(&o.admin, "/clients/deleted"), "Nothing was deleted for good");
	assert_status(submit(&o.admin, own, ""), 404);
	assert_int_equal(audited(&o, "privacy.allowed"), 1);
}

static void a_change(const struct office *o, const char *field, const char *old,
	const char *new, const char *by, const char *ago)
{
	sql_do("INSERT INTO client_change (org_id, client_id, field, old, new, by_name, at) VALUES"
	       " (%lld, %lld, '%s', %s, %s, %s, now() - interval '%s')",
		(long long)o->f.org_id, (long long)o->client, field, old, new, by, ago);
	/* As what changed does it. */
	sql_do("UPDATE organisation SET data_version = data_version + 1 WHERE org_id = %lld",
		(long long)o->f.org_id);
}

static void what_changed_since_i_looked(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	a_change(&o, "client", "NULL", "'Alder'", "NULL", "1 day");
	/* A first visit: nothing is news, and nothing is said. */
	struct fcgi_answer r = browse(&o.member, "/clients");
	assert_has_not(r, "Since you last looked");
	sql_do("UPDATE client_look SET mark = now() - interval '3 hours', looked_at = now() -"
	       " interval '1 hour' WHERE org_id = %lld",
		(long long)o.f.org_id);
	assert_has_not(browse(&o.member, "/clients"), "Since you last looked");
	/* What I did myself is no news to me, but to others. */
	a_change(&o, "name", "'A'", "'Alder'", sql_quoted(o.f.member.name), "2 hours");
	assert_has_not(browse(&o.member, "/clients"), "Since you last looked");
	a_change(&o, "contact.email", "'a'", "'b'", "NULL", "2 hours");
	r = browse(&o.member, "/clients");
	assert_has(r, "Since you last looked");
	assert_has(r, "1 changed, 1 with contacts changed");
	assert_has(r, "Alder &lt;Co&gt;");
	assert_has_not(browse(&o.member, "/clients?q=al"), "Since you last looked");
	r = browse(&o.member, "/clients?filter=since");
	assert_has(r, "Alder &lt;Co&gt;");
	assert_has(browse(&o.member, "/clients.csv?filter=since"), "Alder <Co>");
	/* Within a visit the mark stays; "Seen" moves it. */
	assert_has(browse(&o.member, "/clients"), "Since you last looked");
	assert_goes(submit(&o.member, "/clients/seen", ""), "/clients");
	assert_has_not(browse(&o.member, "/clients"), "Since you last looked");
	assert_has(browse(&o.member, "/clients?filter=since"), "There is nothing here.");
}

/* Three hours ago, and everything since is news. */
static void first_look(struct office *o)
{
	(void)browse(&o->member, "/clients");
	sql_do("UPDATE client_look SET mark = now() - interval '3 hours' WHERE org_id = %lld",
		(long long)o->f.org_id);
}

static void by_run(const struct office *o, int64_t run)
{
	sql_do("UPDATE client_change SET run_id = %lld WHERE org_id = %lld AND run_id IS NULL",
		(long long)run, (long long)o->f.org_id);
}

/* Added and archived by one run: nobody has ever had it. What a later run does to it is another matter. */
static void what_came_archived_is_no_news(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	first_look(&o);
	a_change(&o, "client", "NULL", "'Alder'", "NULL", "2 hours");
	a_change(&o, "archived", "NULL", "'archived_in_xpm'", "NULL", "2 hours");
	by_run(&o, 1);
	assert_has_not(browse(&o.member, "/clients"), "Since you last looked");
	assert_has(browse(&o.member, "/clients?filter=since"), "There is nothing here.");
	assert_has_not(browse(&o.member, "/clients.csv?filter=since"), "Alder");
	a_change(&o, "archived", "'archived_in_xpm'", "NULL", "NULL", "1 hour");
	by_run(&o, 2);
	assert_has(browse(&o.member, "/clients"), "1 new");
	assert_has(browse(&o.member, "/clients?filter=since"), "Alder &lt;Co&gt;");
	/* New in one run and archived by the next: it was there. */
	sql_do("DELETE FROM client_change WHERE org_id = %lld AND run_id = 2",
		(long long)o.f.org_id);
	sql_do("UPDATE client_change SET run_id = 3 WHERE org_id = %lld AND field = 'archived'",
		(long long)o.f.org_id);
	sql_do("UPDATE organisation SET data_version = data_version + 1 WHERE org_id = %lld",
		(long long)o.f.org_id);
	assert_has(browse(&o.member, "/clients"), "Since you last looked");
}

static int64_t told_of_alder(const struct office *o)
{
	return sql_int("SELECT count(*) FROM client_look WHERE news LIKE '%%Alder%%'"
		       " AND org_id = %lld",
		(long long)o->f.org_id);
}

static void what_was_told_leaves_with_the_client(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	first_look(&o);
	a_change(&o, "name", "'A'", "'Alder'", "NULL", "1 minute");
	assert_has(browse(&o.member, "/clients"), "Since you last looked");
	assert_int_equal(told_of_alder(&o), 1);
	sql_do("DO $$BEGIN PERFORM set_config('gap.org_id', '%lld', true);"
	       " DELETE FROM client WHERE client_id = %lld; END$$",
		(long long)o.f.org_id, (long long)o.client);
	assert_int_equal(told_of_alder(&o), 0);
	assert_has_not(browse(&o.member, "/clients"), "Alder");
}

static void the_mark_moves_by_itself_with_a_new_visit(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	browse(&o.member, "/clients");
	a_change(&o, "name", "'A'", "'Alder'", "NULL", "6 hours");
	sql_do("UPDATE client_look SET mark = now() - interval '9 hours', looked_at = now() -"
	       " interval '3 hours' WHERE org_id = %lld",
		(long long)o.f.org_id);
	assert_has(browse(&o.member, "/clients"), "Since you last looked");
	/* Looked after the change, and then five hours not at all: that visit has shown it. */
	sql_do("UPDATE client_look SET mark = now() - interval '9 hours', looked_at = now() -"
	       " interval '5 hours' WHERE org_id = %lld",
		(long long)o.f.org_id);
	assert_has_not(browse(&o.member, "/clients"), "Since you last looked");
	assert_int_equal(
		sql_int("SELECT count(*) FROM client_look WHERE org_id = %lld AND mark BETWEEN"
			" now() - interval '301 minutes' AND now() - interval '299 minutes'"
			" AND looked_at > now() - interval '1 minute'",
			(long long)o.f.org_id),
		1);
}

static void the_list_by_source(void **state)
{
	struct office o;
	(void)state;
	open_office(&o);
	int64_t hand = firm_client(&o.f, "Birch by hand", false);
	(void)firm_client(&o.f, "Cedar by hand", false);
	sql_do("UPDATE client SET status = 'prospect' WHERE client_id = %lld", (long long)hand);
	static const struct {
		const char *query;
		int alder, birch, cedar;
	} cases[] = {{"", 1, 1, 1}, {"?filter=xpm", 1, 0, 0}, {"?filter=by-hand", 0, 1, 1},
		{"?filter=prospects", 0, 1, 0}, {"?filter=by-hand&q=hand", 0, 1, 1},
		{"?filter=prospects&q=hand", 0, 1, 0}, {"?filter=xpm&q=hand", 0, 0, 0},
		{"?filter=xpm&q=alder", 1, 0, 0}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fcgi_answer page = browse(
			&o.member, arena_printf(site.arena, "/clients%s", cases[i].query));
		struct fcgi_answer file = browse(
			&o.member, arena_printf(site.arena, "/clients.csv%s", cases[i].query));
		assert_holds_at(
			page, "Alder &lt;Co&gt;", cases[i].alder, cases[i].query, (int)i);
		assert_holds_at(page, "Birch by hand", cases[i].birch, cases[i].query, (int)i);
		assert_holds_at(page, "Cedar by hand", cases[i].cedar, cases[i].query, (int)i);
		assert_holds_at(file, "Alder <Co>", cases[i].alder, cases[i].query, (int)i);
		assert_holds_at(file, "Birch by hand", cases[i].birch, cases[i].query, (int)i);
		assert_holds_at(file, "Cedar by hand", cases[i].cedar, cases[i].query, (int)i);
	}
	assert_has(browse(&o.member, at("/clients/", hand, "")), "Not in XPM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(entries_are_listed_with_what_to_do),
		SITE_TEST(the_longest_name_leads_to_the_next_page),
		SITE_TEST(an_entry_is_given_to_somebody),
		SITE_TEST(a_name_turns_only_itself_where_no_markup_can_stand),
		SITE_TEST(there_is_nothing_to_put_right_while_not_connected),
		SITE_TEST(deleting_for_good_is_asked_for),
		SITE_TEST(a_deleted_one_is_allowed_again),
		SITE_TEST(what_changed_since_i_looked),
		SITE_TEST(what_came_archived_is_no_news),
		SITE_TEST(what_was_told_leaves_with_the_client),
		SITE_TEST(the_mark_moves_by_itself_with_a_new_visit),
		SITE_TEST(the_list_by_source),
	};
	return site_run(tests);
}
