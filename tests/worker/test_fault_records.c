/* Faults 34, 35, 43 to 46, 51 to 53: what single records may hold, and what becomes of them in a run. */
#include "support/sync_cases.h"

#define DOC(records)	"<Response><Status>OK</Status><Clients>" records "</Clients></Response>"
#define FIRST		"<UUID>00000001-0000-4000-8000-000000000001</UUID>"
#define NAMED(raw_name) DOC("<Client>" FIRST "<Name>" raw_name "</Name><Contacts /></Client>")

static const char *names(void)
{
	return db_ask("SELECT string_agg(name, ', ' ORDER BY name) FROM client");
}

static const char *skipped(void)
{
	return db_ask(
		"SELECT string_agg(rule || ':' || coalesce(name, '-'), ', ' ORDER BY rule, name)"
		" FROM run_skip WHERE run_id = (SELECT max(run_id) FROM sync_run)");
}

/* Bytes that no document of the kind may hold: the page is refused, F. */
static void fault_34_bytes_that_are_no_text_refuse_the_page(void **state)
{
	static const struct {
		const char *media_type, *raw;
	} bad[] = {
		{"text/xml", NAMED("Caf\xE9")},
		{"text/xml", NAMED("a\xED\xA0\x80z")},
		{"text/xml", NAMED("a\xC0\x80z")},
		{"text/xml", NAMED("a\x01z")},
		{"text/xml", NAMED("a&#0;z")},
		{"text/xml", NAMED("a&#xD800;z")},
		{"application/json",
			"{\"status\":\"OK\",\"clients\":[{\"name\":\"\\ud83d\"}]}"},
		{"application/json",
			"{\"status\":\"OK\",\"clients\":[{\"name\":\"a\\u0000z\"}]}"},
		{"application/json", "{\"status\":\"OK\",\"clients\":[{\"name\":\"\xE9\"}]}"},
	};
	(void)state;
	three_clients();
	first_import();
	const char *before = world_picture(d.org);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		g.x->media_type = bad[i].media_type;
		g.x->raw = bad[i].raw;
		assert_string_equal(world_sync(MANUAL), "failed");
		assert_string_equal(world_picture(d.org), before);
		assert_string_equal(world_connection("state"), "degraded");
		assert_int_equal(
			db_number(
				"SELECT count(*) FROM sync_run WHERE run_id = (SELECT max(run_id) FROM sync_run) AND length(cause_text) > 100"),
			1);
	}
	g.x->raw = NULL;
	g.x->media_type = "text/xml";
	stub_find(g.x, 3)->name = "Cedar, renamed";
	assert_string_equal(world_sync(MANUAL), "complete");
	run_said(0, 1, 0, 0, 2);
}

/* Text, but of no use: the record is left out, counted and named, and the others come in. */
static void fault_34_control_characters_skip_the_record_and_name_it(void **state)
{
	(void)state;
	three_clients();
	first_import();
	stub_client(g.x, 5, "Elm")->name = "E\xC2\x85lm";
	stub_find(g.x, 1)->contacts[0].phone = "09\xC2\x9B 1";
	(void)stub_client(g.x, 6, "Fir");
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_int_equal(world_run("skipped"), 2);
	assert_string_equal(skipped(), "bad_text:Alder & Co, bad_text:E\xC2\x85lm");
	assert_string_equal(names(), "Alder & Co, Birch Ltd, Cedar Trust, Fir");
	/* Left out is not missing. */
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE archived_at IS NOT NULL"), 0);
	assert_int_equal(g.x->gets, 0);
}

static const char *storm(struct arena *a, const char *head, int marks)
{
	struct buf b;
	buf_init(&b, a, 64 * 1024);
	buf_adds(&b, head);
	for (int i = 0; i < marks; i++)
		buf_adds(&b, "\xCC\x81\xCC\xA7");
	buf_adds(&b, ".");
	return b.data;
}

static void fault_35_what_people_write_is_stored_as_it_is(void **state)
{
	const char *const as_sent[] = {"Caf\xC3\xA9 \xE2\x98\x80\xEF\xB8\x8F\xF0\x9F\xA5\x90",
		"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x8D\xB3",
		"\xD9\x85\xD8\xB5\xD8\xA7 Lamps \xD7\xA0\xD7\x95",
		"\xE2\x80\xAE"
		"evil\xE2\x80\xAC file",
		"Ze\xE2\x80\x8Bro\xE2\x80\x8D width", storm(*state, "Storm", 200)};
	const char *huge = storm(*state, "Huge", 2560); /* 10 KB */
	int n = (int)ARRAY_LEN(as_sent);
	for (int i = 0; i < n; i++)
		stub_contact(stub_client(g.x, i, as_sent[i]), i, as_sent[i], NULL)->primary =
			true;
	(void)stub_client(g.x, n, huge);
	first_import();
	for (int i = 0; i < n; i++)
		assert_string_equal(
			db_ask(arena_printf(*state,
				"SELECT c.name || '=' || k.name FROM client c JOIN client_contact USING (org_id, client_id)"
				" JOIN contact k USING (org_id, contact_id) WHERE c.xpm_id = '%s'",
				stub_uuid(NULL, 'c', i))),
			arena_printf(*state, "%s=%s", as_sent[i],
				/* A contact's name has less room. */
				strlen(as_sent[i]) <= CONTACT_TEXT_MAX
					? as_sent[i]
					: str_dup(*state, str_sub(str_of(as_sent[i]), 0,
								  CONTACT_TEXT_MAX - 1))));
	/* Up to the limit, at a code point, and somebody is told. */
	const char *kept = db_ask(arena_printf(*state,
		"SELECT name FROM client WHERE xpm_id = '%s'", stub_uuid(NULL, 'c', n)));
	assert_in_range(strlen(kept), CLIENT_NAME_MAX - 3, CLIENT_NAME_MAX);
	assert_memory_equal(kept, huge, strlen(kept));
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE flags & 16 <> 0"), 1);
	/* And the same again is no change. */
	sync_again();
	run_said(0, 0, 0, 0, n + 1);
}

static void fault_43_equal_doubles_are_one_row_and_nobodys_problem(void **state)
{
	(void)state;
	three_clients();
	g.x->clients[g.x->n++] = g.x->clients[0];
	g.x->clients[g.x->n++] = g.x->clients[1];
	first_import();
	run_said(3, 0, 0, 0, 0);
	assert_int_equal(db_number("SELECT count(*) FROM client_contact"), 3);
	/* Differing, in a later run: the last in the list counts, and is told. */
	g.x->clients[3].name = "Alder, later";
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_string_equal(names(), "Alder, later, Birch Ltd, Cedar Trust");
	assert_string_equal(
		db_ask("SELECT DISTINCT rule FROM run_skip WHERE run_id = (SELECT max(run_id) FROM sync_run)"),
		"double");
}

static void fault_44_a_contact_of_two_clients_is_one_and_leaves_one_by_one(void **state)
{
	(void)state;
	three_clients();
	/* Twice within one client, too: its first place, its last words. */
	struct stub_client *a = stub_find(g.x, 1);
	stub_contact(a, 2, "Bob Both", "bob@both.example")->mobile = "021 222";
	first_import();
	assert_int_equal(db_number("SELECT count(*) FROM contact WHERE name = 'Bob Both'"), 1);
	assert_int_equal(
		db_number(
			"SELECT count(*) FROM client_contact JOIN contact USING (org_id, contact_id) WHERE name = 'Bob Both'"),
		2);
	a->n_contacts = 1;
	sync_again();
	assert_string_equal(
		db_ask("SELECT string_agg(c.name, ',') FROM client_contact JOIN client c USING (org_id, client_id)"
		       " JOIN contact k USING (org_id, contact_id) WHERE k.name = 'Bob Both'"),
		"Birch Ltd");
	assert_string_equal(db_ask("SELECT email FROM contact WHERE name = 'Bob Both'"),
		"bob@both.example");
}

static const char *primaries(void)
{
	return db_ask(
		"SELECT string_agg(c.name || '=' || coalesce(k.name, '-') || ' ' || flags, ', ' ORDER BY c.name)"
		" FROM client c LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = primary_contact_id");
}

/* The first marked one in XPM's order, whatever the order of the runs; no mark or no e-mail: none. */
static void fault_45_the_first_primary_counts_and_none_is_none(void **state)
{
	(void)state;
	struct stub_client *c = stub_client(g.x, 1, "Two");
	stub_contact(c, 1, "Ann", "ann@example.com")->primary = true;
	stub_contact(c, 2, "Bob", "bob@example.com")->primary = true;
	c = stub_client(g.x, 2, "None");
	stub_contact(c, 3, "Cid", "cid@example.com");
	c = stub_client(g.x, 3, "Silent");
	stub_contact(c, 4, "Dee", NULL)->primary = true;
	(void)stub_client(g.x, 4, "Alone");
	first_import();
	const char *always = "Alone=- 8, None=- 2, Silent=- 1, Two=Ann 4";
	assert_string_equal(primaries(), always);
	c = stub_find(g.x, 1);
	c->contacts[0].name = "Ann Other";
	sync_again();
	assert_string_equal(primaries(), "Alone=- 8, None=- 2, Silent=- 1, Two=Ann Other 4");
	c->contacts[0].name = "Ann";
	sync_again();
	assert_string_equal(primaries(), always);
}

static void fault_46_a_uuid_in_capitals_is_the_same_client(void **state)
{
	three_clients();
	first_import();
	struct stub_client *c = stub_find(g.x, 1);
	char *upper = arena_strdup(*state, c->uuid);
	for (char *p = upper; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'f')
			*p = (char)(*p - 'a' + 'A');
	c->uuid = upper;
	sync_again();
	run_said(0, 0, 0, 0, 3);
	/* Bad ones are refused and named; of a contact, the client with it. */
	g.x->clients[1].contacts[0].uuid = "2";
	stub_client(g.x, 7, "Without")->uuid = NULL;
	stub_client(g.x, 8, "Short")->uuid = "00000008-0000";
	assert_string_equal(world_sync(MANUAL), "problems");
	assert_string_equal(skipped(), "bad_contact:Birch Ltd, no_uuid:Short, no_uuid:Without");
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE archived_at IS NULL"), 3);
}

static int64_t row_of(int id)
{
	return db_number(arena_printf(g.home,
		"SELECT client_id FROM client WHERE xpm_id = '%s'", stub_uuid(NULL, 'c', id)));
}

static void fault_51_clients_are_known_by_uuid_and_never_by_name(void **state)
{
	(void)state;
	three_clients();
	first_import();
	int64_t one = row_of(1), two = row_of(2), three = row_of(3);
	/* Two swap their names, with nothing else to tell them apart by. */
	stub_find(g.x, 1)->name = "Birch Ltd";
	stub_find(g.x, 2)->name = "Alder & Co";
	sync_again();
	run_said(0, 2, 0, 0, 1);
	assert_int_equal(row_of(1), one);
	assert_int_equal(row_of(2), two);
	/* One merges into another: its contacts go over, it is deleted. */
	stub_contact(stub_find(g.x, 3), 1, "Ann Alder", "ann@alder.example")->phone =
		"(09) 111";
	stub_find(g.x, 1)->n_contacts = 0;
	stub_find(g.x, 1)->deleted = true;
	sync_again();
	assert_string_equal(db_ask(arena_printf(g.home,
				    "SELECT archived_reason FROM client WHERE client_id = %lld",
				    (long long)one)),
		"deleted_in_xpm");
	assert_int_equal(db_number(arena_printf(g.home,
				 "SELECT count(*) FROM client_contact WHERE client_id = %lld",
				 (long long)three)),
		1);
	/* Its UUID stands for somebody else: the same row tells the new story, and its history the old. */
	stub_find(g.x, 1)->deleted = false;
	stub_find(g.x, 1)->name = "Somebody Else";
	sync_again();
	assert_int_equal(row_of(1), one);
	assert_int_equal(
		db_number(arena_printf(g.home,
			"SELECT count(*) FROM client_change WHERE client_id = %lld AND field = 'name' AND new = 'Somebody Else'",
			(long long)one)),
		1);
	assert_int_equal(db_number("SELECT count(*) FROM client"), 3);
}

/* XPM's modified time of the client may stay: nothing of ours looks at it. */
static void fault_52_a_contact_edited_without_its_client_is_found(void **state)
{
	(void)state;
	three_clients();
	first_import();
	stub_find(g.x, 1)->contacts[0].email = "ann@new.example";
	sync_again();
	run_said(0, 1, 0, 0, 2);
	assert_string_equal(db_ask("SELECT email FROM contact WHERE name = 'Ann Alder'"),
		"ann@new.example");
}

static void rename_two(struct stub_xero *s)
{
	stub_find(s, 1)->name = "Alder, meanwhile";
	stub_find(s, 3)->name = "Cedar, meanwhile";
}

/* The list was told before: this run knows the old, the next one the new. */
static void fault_53_a_change_during_the_run_is_in_the_next_one(void **state)
{
	(void)state;
	three_clients();
	first_import();
	g.x->piece = 40;
	g.x->during = rename_two;
	assert_string_equal(world_sync(MANUAL), "complete");
	run_said(0, 0, 0, 0, 3);
	assert_string_equal(names(), "Alder & Co, Birch Ltd, Cedar Trust");
	assert_string_equal(world_sync(MANUAL), "complete");
	run_said(0, 2, 0, 0, 1);
	assert_string_equal(names(), "Alder, meanwhile, Birch Ltd, Cedar, meanwhile");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_34_bytes_that_are_no_text_refuse_the_page),
		WORLD_TEST(fault_34_control_characters_skip_the_record_and_name_it),
		WORLD_TEST(fault_35_what_people_write_is_stored_as_it_is),
		WORLD_TEST(fault_43_equal_doubles_are_one_row_and_nobodys_problem),
		WORLD_TEST(fault_44_a_contact_of_two_clients_is_one_and_leaves_one_by_one),
		WORLD_TEST(fault_45_the_first_primary_counts_and_none_is_none),
		WORLD_TEST(fault_46_a_uuid_in_capitals_is_the_same_client),
		WORLD_TEST(fault_51_clients_are_known_by_uuid_and_never_by_name),
		WORLD_TEST(fault_52_a_contact_edited_without_its_client_is_found),
		WORLD_TEST(fault_53_a_change_during_the_run_is_in_the_next_one),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
