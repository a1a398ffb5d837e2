/* One client: its page, adding and editing by hand, and what is view only. */
#include "support/site_test.h"

#define FIFTY "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
}

static const char *page_of(int64_t id, const char *rest)
{
	return arena_printf(site.arena, "/clients/%lld%s", (long long)id, rest);
}

static void a_synced_client_is_view_only(void **state)
{
	static const char *const posts[][2] = {{"/edit", "name=Mine&status=client"},
		{"/archive", ""}, {"/restore", ""}, {"/edit", ""}};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	int64_t id = firm_client(&f, "Harbour Cafe", true);
	sql_do("UPDATE client SET web_url = 'https://xpm.example/client/1' WHERE client_id = %lld",
		(long long)id);
	struct fcgi_answer r = browse(&b, page_of(id, ""));
	assert_has(r, "View only");
	assert_has(r, "Synced from XPM");
	assert_has(r, "Contact of Harbour Cafe");
	assert_has(r, "Primary");
	assert_non_null(strstr(r.body.p, "href=\"https://xpm.example/client/1\""));
	assert_has(
		r, sql_text("SELECT xpm_id FROM client WHERE client_id = %lld", (long long)id));
	assert_has_not(r, ">Edit</a>");
	assert_has_not(r, ">Archive</button>");
	assert_null(strstr(r.body.p, page_of(id, "/edit")));
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < ARRAY_LEN(posts); i++) {
		r = submit(&b, page_of(id, posts[i][0]), posts[i][1]);
		assert_status(r, 409);
		assert_has(r, "view only");
		assert_string_equal(sql_state_of(f.org_id, 0), before);
	}
	assert_status(browse(&b, page_of(id, "/edit")), 409);
}

/* The run that read the whole list last: when, what it found, or that the client was not in it. */
static void when_it_was_checked_is_said(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	int64_t id = firm_client(&f, "Harbour Cafe", true);
	const char *own = page_of(id, "");
	assert_has_not(browse(&b, own), "<dt>Checked</dt>");
	int64_t run = firm_run(&f, "complete");
	sql_do("UPDATE sync_run SET tenant_id = '" SITE_TENANT
	       "', started_at = '2026-03-04 05:00+00', ended_at = '2026-03-04 05:06+00' WHERE run_id = %lld",
		(long long)run);
	const char *link = arena_printf(
		site.arena, "<a href=\"/syncs/%lld\">Show the sync</a>", (long long)run);
	struct fcgi_answer r = browse(&b, own);
	assert_has(r, "datetime=\"2026-03-04T05:06:00Z\"");
	assert_has(r, "unchanged. ");
	assert_has(r, link);
	/* A run that read only what had changed has not looked at it, and one that failed at nothing. */
	int64_t delta = firm_run(&f, "complete");
	sql_do("UPDATE sync_run SET tenant_id = '" SITE_TENANT
	       "', cause = 'changes_only' WHERE run_id = %lld",
		(long long)delta);
	(void)firm_run(&f, "failed");
	assert_has(browse(&b, own), link);
	sql_do("UPDATE client SET changed_run = %lld WHERE client_id = %lld", (long long)run,
		(long long)id);
	r = browse(&b, own);
	assert_has_not(r, "unchanged. ");
	assert_has(r, ": changed. ");
	sql_do("INSERT INTO run_skip (org_id, run_id, xpm_id, rule) SELECT org_id, %lld,"
	       " upper(xpm_id::text), 'undecided' FROM client WHERE client_id = %lld",
		(long long)run, (long long)id);
	r = browse(&b, own);
	assert_has(r, "did not hold this client, and XPM has not said why");
	assert_has_not(r, "<dt>Checked</dt>");
	sql_do("UPDATE client SET archived_at = now(), archived_reason = 'gone_from_xpm' WHERE client_id = %lld",
		(long long)id);
	assert_has_not(browse(&b, own), "did not hold this client");
}

/* The tenant decides: after a disconnect the same row is editable, and keeps its id in XPM. */
static void after_a_disconnect_it_is_editable(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	int64_t id = firm_client(&f, "Harbour Cafe", true);
	firm_connect(&f, "not_connected", "disconnected");
	struct fcgi_answer r = browse(&b, page_of(id, ""));
	assert_has(r, ">Edit</a>");
	assert_has(r, "Last synced from XPM");
	assert_has_not(r, "<span class=\"chip lock\">View only</span>");
	assert_goes(
		submit(&b, page_of(id, "/edit"),
			"name=Harbour+Bar&status=client&contact_first=Nora&email=n%40b.example"),
		page_of(id, ""));
	r = browse(&b, page_of(id, ""));
	assert_has(r, "Harbour Bar");
	assert_has(r, "Saved.");
	assert_int_equal(sql_int("SELECT count(xpm_id) FROM client WHERE client_id = %lld",
				 (long long)id),
		1);
}

static void its_page_tells_all_contacts_and_changes(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	int64_t id = firm_client(&f, "Alpha", true), other = firm_client(&f, "Beta", true);
	sql_do("INSERT INTO client_contact SELECT org_id, %lld, contact_id, tenant_id, false, 2 FROM"
	       " client_contact WHERE client_id = %lld",
		(long long)id, (long long)other);
	int64_t run = firm_run(&f, "complete");
	sql_do("INSERT INTO client_change (org_id, client_id, run_id, field, old, new) VALUES (%lld,"
	       " %lld, %lld, 'name', 'Alfa <b>', 'Alpha')",
		(long long)f.org_id, (long long)id, (long long)run);
	struct fcgi_answer r = browse(&b, page_of(id, ""));
	assert_has(r, "Contact of Alpha");
	assert_has(r, "Contact of Beta");
	assert_has(r, "Also contact of Beta");
	assert_has(r, "Alfa <b>");
	assert_null(strstr(r.body.p, "Alfa <b>"));
	assert_has(r, arena_printf(site.arena, "/syncs/%lld", (long long)run));
	/* A link that is none, out of the data. */
	sql_do("UPDATE client SET web_url = 'javascript:alert(1)' WHERE client_id = %lld",
		(long long)id);
	assert_null(strstr(browse(&b, page_of(id, "")).body.p, "javascript:"));
	sql_do("UPDATE client SET archived_at = now(), archived_reason = 'deleted_in_xpm' WHERE"
	       " client_id = %lld",
		(long long)id);
	assert_has(browse(&b, page_of(id, "")), "Deleted in Xero Practice Manager on");
	sql_do("DELETE FROM client_contact WHERE client_id = %lld", (long long)id);
	sql_do("UPDATE client SET primary_contact_id = NULL, flags = 8 WHERE client_id = %lld",
		(long long)id);
	r = browse(&b, page_of(id, ""));
	assert_has(r, "No Primary Contact");
	/* There is nothing to put right in a client that is gone. */
	assert_has_not(r, "Add one with an email in XPM");
	sql_do("UPDATE client SET archived_at = NULL, archived_reason = NULL WHERE client_id = %lld",
		(long long)id);
	assert_has(browse(&b, page_of(id, "")), "Add one with an email in XPM");
}

static void a_client_is_added_by_hand(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	struct fcgi_answer r = browse(&b, "/clients/new");
	static const char *const labels[] = {"Client name", "Contact first name",
		"Contact last name", "Contact email", "Contact numbers", "Status", "Prospect"};
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		assert_has(r, labels[i]);
	r = submit(&b, "/clients/new",
		form_of("name", "  Blue <b>Door</b> & Co  ", "status", "prospect",
			"contact_first", "Ngaire", "contact_last", "O'Neill", "email",
			"ngaire@door.example", "phone", "+64 (21) 555-0101", "xpm_id",
			"nonsense", "org_id", "1", NULL));
	assert_status(r, 303);
	r = browse(&b, answer_location(&r));
	assert_has(r, "Blue <b>Door</b> & Co");
	assert_null(strstr(r.body.p, "<b>Door"));
	assert_has(r, "Ngaire O'Neill");
	assert_has(r, "ngaire@door.example");
	assert_has(r, "+64 (21) 555-0101");
	assert_has(r, "Prospect");
	assert_has(r, "Client added.");
	assert_string_equal(
		sql_text("SELECT name || '|' || status || '|' || coalesce(xpm_id::text,"
			 " '-') FROM client WHERE org_id = %lld",
			(long long)f.org_id),
		"Blue <b>Door</b> & Co|prospect|-");
	r = browse(&b, "/clients?q=ngaire");
	assert_has(r, "The Gap");
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'client.added'",
			(long long)f.org_id),
		1);
}

/* One right form; each case spoils one field of it. */
static void what_is_wrong_stands_beside_its_field(void **state)
{
	static const struct {
		const char *field, *value, *sentence, *error_id;
	} cases[] = {
		{"name", "", "Enter the client's name.", "name-error"},
		{"name", "   ", "Enter the client's name.", "name-error"},
		{"name", FIFTY FIFTY FIFTY FIFTY "x", "Use at most 200 characters.",
			"name-error"},
		{"name", "two\nlines", "Use one line of plain text.", "name-error"},
		{"contact_first", FIFTY FIFTY "x", "Use at most 100 characters.",
			"first-error"},
		{"contact_last", FIFTY FIFTY "x", "Use at most 100 characters.", "last-error"},
		{"contact_last", "a\tb", "Use one line of plain text.", "last-error"},
		{"email", "no address", "Enter an email address like name@example.com.",
			"email-error"},
		{"email", "a@b.example\nBcc: c@d.example",
			"Enter an email address like name@example.com.", "email-error"},
		{"email", "<script>@b.example", "Enter an email address like name@example.com.",
			"email-error"},
		{"phone", FIFTY "xxxxxxxxxxx", "Use at most 60 characters.", "phone-error"},
	};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *names[] = {
			"name", "contact_first", "contact_last", "email", "phone"};
		const char *values[] = {
			"Blue \"Door\"", "Ngaire", "O'Neill", "n@door.example", "021 555"};
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (strcmp(names[k], cases[i].field) == 0)
				values[k] = cases[i].value;
		struct fcgi_answer r = submit(&b, "/clients/new",
			form_of(names[0], values[0], names[1], values[1], names[2], values[2],
				names[3], values[3], names[4], values[4], "status", "prospect",
				NULL));
		assert_status(r, 422);
		assert_has(r, cases[i].sentence);
		assert_has(r, arena_printf(site.arena, "<p class=\"field-error\" id=\"%s\">",
				      cases[i].error_id));
		assert_has(r,
			arena_printf(site.arena, "aria-describedby=\"%s\"", cases[i].error_id));
		/* What was typed is still there. */
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			assert_string_equal(answer_input(&r, names[k]), values[k]);
		assert_has(r, "value=\"prospect\" selected");
		assert_string_equal(sql_state_of(f.org_id, 0), before);
	}
}

static void other_wrong_forms_write_nothing(void **state)
{
	static const char *const forms[][2] = {
		{"name=A&status=client&email=a%40b.example", "Enter the name of the person"},
		{"name=A&status=client&phone=123", "Enter the name of the person"},
		{"name=A", "Choose one of the options."},
		{"name=A&status=owner", "Choose one of the options."},
		{"status=client", "Enter the client's name."},
		{"", "Enter the client's name."},
	};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	const char *before = sql_state_of(f.org_id, 0);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct fcgi_answer r = submit(&b, "/clients/new", forms[i][0]);
		assert_status(r, 422);
		assert_has(r, forms[i][1]);
		assert_has(r, "class=\"field-error\"");
		assert_string_equal(sql_state_of(f.org_id, 0), before);
	}
}

static void nobody_is_added_twice(void **state)
{
	static const char form[] =
		"name=Blue+Door&status=client&contact_first=N&email=n%40d.example";
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	assert_status(submit(&b, "/clients/new", form), 303);
	const char *before = sql_state_of(f.org_id, 0);
	struct fcgi_answer r = submit(&b, "/clients/new", form);
	assert_status(r, 409);
	assert_has(r, "Client with this name and email is already in your client list");
	assert_string_equal(answer_input(&r, "name"), "Blue Door");
	assert_string_equal(sql_state_of(f.org_id, 0), before);
}

static void while_connected_nobody_is_added(void **state)
{
	static const char *const states[] = {
		"first_import", "live", "degraded", "held", "needs_reconnect"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		firm_connect(&f, states[i], NULL);
		const char *before = sql_state_of(f.org_id, 0);
		struct fcgi_answer r = browse(&b, "/clients/new");
		assert_status(r, 409);
		assert_has(r, "Clients come from Xero Practice Manager while it is connected.");
		assert_status(submit(&b, "/clients/new", "name=A&status=client"), 409);
		assert_string_equal(sql_state_of(f.org_id, 0), before);
	}
}

static void editing_changes_what_was_typed(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	int64_t id = firm_client(&f, "Old \"name\"", false);
	struct fcgi_answer r = browse(&b, page_of(id, "/edit"));
	assert_string_equal(answer_input(&r, "name"), "Old \"name\"");
	assert_string_equal(answer_input(&r, "contact_first"), "Contact of Old \"name\"");
	r = submit(&b, page_of(id, "/edit"), "name=&status=client");
	assert_status(r, 422);
	assert_has(r, "Enter the client's name.");
	assert_goes(submit(&b, page_of(id, "/edit"),
			    "name=New+name&status=prospect&contact_first=Tui&phone=1"),
		page_of(id, ""));
	r = browse(&b, page_of(id, ""));
	assert_has(r, "New name");
	assert_has(r, "Tui");
	assert_has(r, "No email");
	assert_has_not(browse(&b, page_of(id, "/edit")), "Contact of Old");
	/* Without a contact. */
	assert_goes(submit(&b, page_of(id, "/edit"), "name=New+name&status=client"),
		page_of(id, ""));
	assert_has(browse(&b, page_of(id, "")), "This client has no contacts.");
	assert_has(browse(&b, "/clients"), "No Primary Contact");
	assert_int_equal(sql_int("SELECT count(*) FROM contact WHERE org_id = %lld",
				 (long long)f.org_id),
		0);
}

static void archiving_hides_and_restoring_shows(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	int64_t id = firm_client(&f, "Seldom Seen", false);
	assert_has(browse(&b, "/clients"), "Seldom Seen");
	assert_goes(submit(&b, page_of(id, "/archive"), ""), page_of(id, ""));
	struct fcgi_answer r = browse(&b, page_of(id, ""));
	assert_has(r, "Archived here on");
	assert_has(r, ">Restore</button>");
	assert_has_not(browse(&b, "/clients"), "Seldom Seen");
	assert_has(browse(&b, "/clients?filter=archived"), "Seldom Seen");
	assert_goes(submit(&b, page_of(id, "/restore"), ""), page_of(id, ""));
	assert_has(browse(&b, "/clients"), "Seldom Seen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_synced_client_is_view_only),
		SITE_TEST(when_it_was_checked_is_said),
		SITE_TEST(after_a_disconnect_it_is_editable),
		SITE_TEST(its_page_tells_all_contacts_and_changes),
		SITE_TEST(a_client_is_added_by_hand),
		SITE_TEST(what_is_wrong_stands_beside_its_field),
		SITE_TEST(other_wrong_forms_write_nothing),
		SITE_TEST(nobody_is_added_twice),
		SITE_TEST(while_connected_nobody_is_added),
		SITE_TEST(editing_changes_what_was_typed),
		SITE_TEST(archiving_hides_and_restoring_shows),
	};
	return site_run(tests);
}
