/*
 * Deleting for good, place by place: a word is put into every column of every table that may hold a client's or a
 * contact's words, and afterwards it is nowhere. A new column is either planted here or named as telling nothing.
 */
#include "support/sync_cases.h"

/* Words of a fixed vocabulary, of people who work here, or ids. */
static const char *const silent_columns =
	"client.status client.archived_reason client_was.status client_was.archived_reason client_change.field"
	" client_change.by_name client_pair.kind client_pair.reason client_pair.state client_pair.by_name"
	" client_pair.moved edit_mark.field fix_item.assigned_by fix_item.rule fix_item.record_xpm held_change.kind"
	" practice_removal.practice"
	" held_edit.field import_preview.file_name import_preview.ignored import_row.status"
	" import_row.is_primary_text import_row.fault import_row.mark import_row.reason connection_preview.trigger"
	" import_preview.state import_preview.said"
	" connection_preview.state connection_preview.why notice.kind notice.link run_skip.xpm_id run_skip.rule"
	" why_ask.state why_ask.error why_row.what why_row.reason";

/* Of people who work here, of the firm, of the installation. */
static const char *const silent_tables =
	"app_user audit_event audit_head connection connection_test installation job known_address login oauth_attempt"
	" oauth_choice one_time_token org_logo org_turn organisation passkey recovery_code schema_migration session sync_run sync_stage"
	" throttle totp_factor totp_pending worker_heartbeat xero_grant";

static int64_t gone, other; /* clients: Quokka, and one that has its contact no more */

#define ORG    "1001"
#define GONE   "current_setting('t.gone')::bigint"
#define OTHER  "current_setting('t.other')::bigint"
#define PERSON "(SELECT contact_id FROM contact WHERE name = 'Quo Quokka')"

static void put(const char *text)
{
	(void)db_do(arena_printf(g.home,
		"SELECT set_config('t.gone', '%lld', false), set_config('t.other', '%lld', false),"
		" set_config('gap.org_id', '" ORG "', false)",
		(long long)gone, (long long)other));
	(void)db_do(text);
	(void)db_do("SELECT set_config('gap.org_id', '', false)");
}

/* The rows themselves, as they are and as they were; the contact was once the other client's, too. */
static void rows(void)
{
	put("UPDATE client SET name = 'Quokka Ltd', search = 'quokka ltd', web_url = 'https://quokka.example',"
	    " archived_at = now(), archived_reason = 'gone_from_xpm' WHERE client_id = " GONE);
	put("UPDATE contact SET name = 'Quo Quokka', email = 'quo@quokka.example', phone = 'quokka 1'"
	    " WHERE name = 'Ann Alder'");
	put("INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord) VALUES (" ORG
	    ", " OTHER ", " PERSON ", false, 9)");
	put("UPDATE client SET search = search || ' quokka' WHERE client_id = " OTHER);
	put("DELETE FROM client_contact WHERE client_id = " OTHER " AND contact_id = " PERSON);
	put("UPDATE client SET search = lower(name) WHERE client_id = " OTHER);
	put("UPDATE client SET name = 'Quokka Limited', web_url = 'https://quokka.example/2' WHERE client_id = " GONE);
	put("UPDATE contact SET phone = 'quokka 2' WHERE contact_id = " PERSON);
}

static void history(void)
{
	put("INSERT INTO client_change (org_id, client_id, field, old, new) VALUES (" ORG
	    ", " GONE ", 'name', 'Quokka', 'Quokka Ltd'), (" ORG ", " OTHER
	    ", 'joined', NULL, 'Quokka Ltd'), (" ORG ", " OTHER
	    ", 'primary', 'Quo Quokka', 'Bob Both'), (" ORG ", " OTHER
	    ", 'name', 'Old Quokka', 'Quokka Ltd')");
	put("INSERT INTO client_change (org_id, client_id, contact_id, field, old) VALUES (" ORG
	    ", " OTHER ", " PERSON ", 'contact.email', 'quo@quokka.example')");
	put("INSERT INTO fix_item (org_id, client_id, name, reasons) VALUES (" ORG ", " GONE
	    ", 'Quokka Ltd', 1)");
	put("INSERT INTO fix_item (org_id, name, rule) VALUES (" ORG
	    ", 'Quokka Ltd', 'no_uuid')");
	put("INSERT INTO run_skip (org_id, run_id, name, rule, detail) VALUES (" ORG
	    ", 1, 'Quokka Ltd', 'no_uuid', 'quokka')");
	put("INSERT INTO held_change (org_id, run_id, client_id, kind, detail) VALUES (" ORG
	    ", 1, " GONE ", 'blank', 'quokka')");
	put("INSERT INTO notice (org_id, user_id, kind, body, link) SELECT " ORG
	    ", min(user_id), 'x', 'About Quokka',"
	    " '/clients/' || " GONE " FROM app_user WHERE org_id = " ORG);
	put("INSERT INTO notice (org_id, user_id, kind, body, link) SELECT " ORG
	    ", min(user_id), 'client_moved', 'Else is gone and may live on in Quokka Ltd',"
	    " '/clients/' || " OTHER " FROM app_user WHERE org_id = " ORG);
}

/* One that it is part of, and one of two others that holds its contact as it was. */
static void pairs(void)
{
	put("INSERT INTO client_pair (org_id, kind, stays_id, goes_id, state, goes_name, goes_was, moved) SELECT " ORG
	    ", 'rejoin', " OTHER ", " GONE
	    ", 'joined', 'Quokka Ltd', '{\"name\":\"Quokka\"}', array_agg(change_id)"
	    " FROM client_change WHERE old = 'Old Quokka'");
	put("INSERT INTO client_pair (org_id, kind, stays_id, goes_id, state, goes_name, stays_was, goes_was, stays_links,"
	    " goes_links, stays_contacts) SELECT " ORG ", 'match', " OTHER
	    ", 4711, 'joined', 'Else',"
	    " jsonb_build_object('name', 'Else', 'search', 'else quokka', 'primary_contact_id', contact_id),"
	    " jsonb_build_object('name', 'Else', 'search', 'else quokka'),"
	    " jsonb_build_array(jsonb_build_object('contact_id', contact_id, 'x', 'quokka')),"
	    " jsonb_build_array(jsonb_build_object('contact_id', contact_id, 'x', 'quokka'),"
	    "  jsonb_build_object('contact_id', 4712)),"
	    " jsonb_build_array(to_jsonb(k)) FROM contact k WHERE name = 'Quo Quokka'");
}

static void answers(void)
{
	put("INSERT INTO why_ask (org_id, client_id, asked_by) VALUES (" ORG ", " GONE
	    ", 1), (" ORG ", " OTHER ", 1)");
	put("INSERT INTO why_row (org_id, client_id, ord, what, who, ours, theirs, reason, detail) VALUES"
	    " (" ORG ", " GONE ", 1, 'name', 'x', 'Quokka', 'Quokka 3', 'rule', 'quokka'),"
	    " (" ORG ", " OTHER
	    ", 1, 'email', 'Quo Quokka', 'quo@quokka.example', 'x', 'rule', NULL),"
	    " (" ORG ", " OTHER ", 2, 'email', 'Bob', 'x', 'y', 'rule', NULL)");
	put("INSERT INTO held_edit (org_id, run_id, client_id, field, who, ours, theirs) VALUES"
	    " (" ORG ", 1, " GONE ", 'name', NULL, 'Quokka', 'Quokka 4'),"
	    " (" ORG ", 1, " OTHER ", 'contact.phone', 'Quo Quokka', 'quokka 2', 'x')");
	put("INSERT INTO client_look (org_id, user_id, news, news_version) SELECT " ORG
	    ", min(user_id), '[1, \"Quokka Ltd\"]', 1 FROM app_user WHERE org_id = " ORG);
	put("INSERT INTO import_preview (org_id, user_id, file_name, ignored) VALUES (" ORG
	    ", 1, 'f', '')");
	put("INSERT INTO import_row (org_id, user_id, line, client_name, first_name, last_name, email, phone, status,"
	    " is_primary_text, fault, mark, reason, is_primary, contact_name, client_search, contact_search)"
	    " SELECT " ORG
	    ", 1, l, n, 'Quokka', 'Quokka', e, 'quokka 2', '', '', 'add', 'add', '', true, c, 'quokka', 'quokka'"
	    " FROM (VALUES (1, 'QUOKKA LTD', '', ''), (2, 'Else', 'Quo@Quokka.example', ''), (3, 'Else', '', 'quo quokka'))"
	    " v (l, n, e, c)");
	put("INSERT INTO connection_preview (org_id, attempt_id, user_id, trigger, sample, skips) VALUES (" ORG
	    ", 1, 1, 'first',"
	    " '[{\"name\":\"Quokka Ltd\"},{\"name\":\"Else\",\"email\":\"quo@quokka.example\"},{\"name\":\"Keep\"}]',"
	    " '[{\"xpm_id\":null,\"name\":\"Quokka Ltd\"},{\"name\":\"Keep\"}]')");
	put("INSERT INTO client_look (org_id, user_id, news, news_version) SELECT " ORG
	    ", min(user_id), '[\"Quokka Ltd\"]', 1 FROM app_user WHERE org_id = " ORG
	    " ON CONFLICT (org_id, user_id) DO UPDATE SET news = excluded.news");
}

static void plant(void)
{
	(void)db_do("DELETE FROM import_preview");
	(void)db_do("DELETE FROM connection_preview");
	three_clients();
	first_import();
	gone = db_number("SELECT client_id FROM client WHERE name = 'Alder & Co'");
	other = db_number("SELECT client_id FROM client WHERE name = 'Birch Ltd'");
	rows();
	history();
	pairs();
	answers();
}

/* Of the columns that can hold text, those that are neither planted nor silent. */
static const char *unplanted(const char *planted)
{
	return db_ask(arena_printf(g.home,
		"SELECT coalesce(string_agg(table_name || '.' || column_name, ' '), '') FROM information_schema.columns"
		" JOIN information_schema.tables USING (table_schema, table_name)"
		" WHERE table_schema = 'gap' AND table_type = 'BASE TABLE'"
		" AND data_type IN ('text', 'json', 'jsonb', 'ARRAY', 'character varying')"
		" AND table_name <> ALL (string_to_array('%s', ' '))"
		" AND table_name || '.' || column_name <> ALL (string_to_array('%s %s', ' '))",
		silent_tables, silent_columns, planted));
}

static void it_is_nowhere_afterwards(void **state)
{
	(void)state;
	plant();
	assert_string_equal(unplanted(places_of("quokka")), "");
	forget(gone);
	assert_string_equal(places_of("quokka"), "");
}

static void what_is_of_others_stays(void **state)
{
	(void)state;
	plant();
	forget(gone);
	assert_int_equal(count("client"), 2);
	assert_int_equal(count("contact WHERE name = 'Bob Both'"), 1);
	assert_int_equal(
		count("client_pair WHERE goes_id = 4711 AND jsonb_array_length(goes_links) = 1 AND"
		      " jsonb_array_length(stays_contacts) = 0 AND stays_was ->> 'search' = 'else' AND"
		      " stays_was -> 'primary_contact_id' = 'null'"),
		1);
	assert_int_equal(count("why_row"), 1);
	assert_int_equal(count("import_row"), 0);
	assert_string_equal(db_ask("SELECT sample::text || skips FROM connection_preview"),
		"[{\"name\": \"Keep\"}][{\"name\": \"Keep\"}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(it_is_nowhere_afterwards),
		WORLD_TEST(what_is_of_others_stays),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
