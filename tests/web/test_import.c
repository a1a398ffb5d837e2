/* Clients from a CSV file: the preview and its marks, "Import" and "Cancel", what is left out, and who may. */
#include "support/import_site.h"

#include "base/buf.h"

#define MINE "user_id = %lld"

static int64_t rows_of(const struct firm *f)
{
	return sql_int(
		"SELECT count(*) FROM import_row WHERE " MINE, (long long)f->member.user_id);
}

static const char *mark_of(const struct firm *f, int line)
{
	return sql_text("SELECT mark FROM import_row WHERE " MINE " AND line = %d",
		(long long)f->member.user_id, line);
}

static void each_row_is_marked_and_nothing_written(void **state)
{
	static const struct {
		int line;
		const char *mark;
	} want[] = {{2, "add"}, {3, "add"}, {4, "duplicate"}, {5, "duplicate"},
		{6, "duplicate"}, {7, "missing"}, {8, "held"}, {9, "bad-email"},
		{10, "bad-value"}, {11, "add"}};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	int64_t id = firm_client(&f, "Alpha", false);
	const char *email = sql_text("SELECT k.email FROM contact k JOIN client_contact l USING"
				     " (org_id, contact_id) WHERE l.client_id = %lld",
		(long long)id);
	const char *before = sql_text("SELECT count(*)::text || '/' || (SELECT count(*) FROM"
				      " contact) FROM client");
	upload(&b, arena_printf(site.arena,
			   HEADS "Bravo,Ada,Lind,ada@b.example,,,\n"
				 "bravo,Ben,Lind,ben@b.example,,,yes\n"
				 "BRAVO,Ada,Lind,ADA@b.example,,,\n"
				 "ALPHA,Al,Fa,%s,,,\n"
				 "alpha,Bet,Fa,bet@a.example,,,\n"
				 "Charlie,Cy,,cy@c.example,,,\n"
				 "Charlie,Cy,Lie,cy2@c.example,,,\n"
				 "Delta,Di,Ta,nowhere,,,\n"
				 "Echo,Ed,Ko,ed@e.example,,Friend,\n"
				 "\"Fox <b>&trot</b>\",Fi,Ox,fi@f.example,=1+1,Prospect,\n",
			   email));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_string_equal(mark_of(&f, want[i].line), want[i].mark);
	assert_string_equal(sql_text("SELECT count(*)::text || '/' || (SELECT count(*) FROM"
				     " contact) FROM client"),
		before);
	struct fcgi_answer r = browse(&b, "/clients/import/preview");
	assert_has(r, "list.csv, 10 rows. Nothing has been added yet.");
	assert_has(r, "Duplicate of row 2: the same client and email.");
	assert_has(r, "Missing last name.");
	assert_has(r, "Row 7 of the same client has to be put right first.");
	assert_has(r, "The status is Client or Prospect.");
	assert_has(r, "Fox <b>&trot</b>");
	assert_null(strstr(r.body.p, "<b>&trot"));
	assert_non_null(strstr(
		r.body.p, arena_printf(site.arena, "href=\"/clients/%lld\"", (long long)id)));
	r = browse(&b, "/clients/import/preview?mark=missing");
	assert_has(r, "Charlie");
	assert_has_not(r, "Delta");
	assert_has(
		browse(&b, "/clients/import/preview?mark=too-long"), "No row has this mark.");
	assert_goes(
		browse(&b, "/clients/import/preview?mark=nonsense"), "/clients/import/preview");
	assert_status(browse(&b, "/clients/import/preview?page=99"), 200);
}

/* The words in a cell of the preview. */
static const char *cell_of(const struct fcgi_answer *r, int line, const char *label)
{
	const char *row =
		strstr(r->body.p, arena_printf(site.arena, "data-label=\"Row\">%d</td>", line));
	assert_non_null(row);
	const char *cell = strstr(row, arena_printf(site.arena, "data-label=\"%s\">", label));
	assert_non_null(cell);
	cell = strstr(cell, "><") + 1; /* <bdi>, or <span> where there is nothing */
	cell = strchr(cell, '>') + 1;
	return str_dup(site.arena, (struct str){cell, strcspn(cell, "<")});
}

/* What the file leaves open is said before "Import", in the word of the client list. */
static void the_preview_says_what_a_row_becomes(void **state)
{
	static const char *const want[] = {"Client", "Prospect", "Prospect", "Client", "Client",
		"—", "Prospect", "Friend"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "Alpha,Al,Fa,al@a.example,,,\n"
			 "Bravo,Ada,Lind,ada@b.example,,,\n"
			 "BRAVO,Ben,Lind,ben@b.example,,prospect,yes\n"
			 "Charlie,Cy,Lie,cy@c.example,,CLIENT,\n"
			 "charlie,Di,Lie,di@c.example,,Prospect,\n"
			 "Delta,,,,,,\n"
			 "Echo,Ed,,,,Prospect,\n"
			 "Fox,Fi,Ox,fi@f.example,,Friend,\n");
	struct fcgi_answer r = browse(&b, "/clients/import/preview");
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_string_equal(cell_of(&r, (int)i + 2, "Status"), want[i]);
	import_all(&b);
	assert_string_equal(
		sql_text("SELECT string_agg(name || '/' || status, ' ' ORDER BY name)"
			 " FROM client WHERE org_id = %lld",
			(long long)f.org_id),
		"Alpha/client Bravo/prospect Charlie/client");
}

static void import_adds_the_good_rows_at_once(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "Bravo,Ada,Lind,ada@b.example,021 1,,\n"
			 "Bravo,Ben,Lind,ben@b.example,,prospect,yes\n"
			 "Twin One,Sam,Same,sam@t.example,,,\n"
			 "Twin Two,Sam,Same,sam@t.example,,,\n"
			 "Bad,,,,,,\n");
	import_all(&b);
	struct fcgi_answer r = browse(&b, "/clients");
	assert_has(r, "3 clients were added with 4 contacts. 1 row was left out.");
	assert_has(r, "Twin Two");
	assert_int_equal(rows_of(&f), 0);
	assert_string_equal(
		sql_text(
			"SELECT string_agg(concat_ws('/', c.name, c.status, k.name, k.email, k.phone,"
			" c.flags, (SELECT count(*) FROM client_contact l WHERE l.client_id ="
			" c.client_id), c.search), '; ' ORDER BY c.name) FROM client c JOIN contact k ON"
			" k.contact_id = c.primary_contact_id WHERE c.org_id = %lld",
			(long long)f.org_id),
		"Bravo/prospect/Ben Lind/ben@b.example/0/2/bravo ada lind ada@b.example 021 1 0211 ben"
		" lind ben@b.example; Twin One/client/Sam Same/sam@t.example/0/1/twin one sam same"
		" sam@t.example; Twin Two/client/Sam Same/sam@t.example/0/1/twin two sam same"
		" sam@t.example");
	assert_int_equal(sql_int("SELECT count(DISTINCT contact_id) FROM client_contact WHERE"
				 " org_id = %lld",
				 (long long)f.org_id),
		4);
	assert_has(browse(&b, "/clients?q=ben%40b"), "Bravo");
	int64_t id =
		sql_int("SELECT client_id FROM client WHERE org_id = %lld AND name = 'Bravo'",
			(long long)f.org_id);
	assert_has(browse(&b, arena_printf(site.arena, "/clients/%lld", (long long)id)),
		"By hand, Max Member (import)");
	assert_int_equal(sql_int("SELECT count(*) FROM client_change WHERE org_id = %lld",
				 (long long)f.org_id),
		3);
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'import.applied'",
			(long long)f.org_id),
		1);
	/* Nothing is left to import a second time; the same file again is all duplicates. */
	assert_goes(submit(&b, "/clients/import/apply", "clients=3&made=1"),
		"/clients/import/preview");
	assert_int_equal(site_work("import"), 0);
	assert_has(browse(&b, "/clients/import"),
		"list.csv has been imported. 3 clients were added with 4 contacts.");
	upload(&b, HEADS "bravo,Ada,Lind,ADA@b.example,021 1,,\n");
	assert_string_equal(mark_of(&f, 2), "duplicate");
	r = browse(&b, "/clients/import/preview");
	assert_null(answer_input(&r, "made"));
}

static void what_was_left_out_comes_back_as_a_file(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "Good,Go,Od,go@g.example,,,\n"
			 "\"=cmd|' /C calc'!A0\",Ev,Il,ev@e.example,+64 21,Client,\n"
			 "\"=cmd|' /C calc'!A0\",Ev,Il,bad,-1,Client,No\n");
	struct fcgi_answer r = browse(&b, "/clients/import/rejected.csv");
	assert_status(r, 200);
	assert_string_equal(r.body.p,
		"Client Name,First Name,Last Name,Client Email,Phone,Status,Primary,Line,Reason\r\n"
		"'=cmd|' /C calc'!A0,Ev,Il,ev@e.example,'+64 21,Client,,3,Row 4 of the same client has"
		" to be put right first.\r\n"
		"'=cmd|' /C calc'!A0,Ev,Il,bad,'-1,Client,No,4,\"\"\"bad\"\" is not an email address. Write"
		" one like name@example.com.\"\r\n");
	/* Put right and brought again: as it was typed at first. */
	char *again = str_dup(site.arena, r.body);
	memcpy(strstr(again, ",bad,"), ",b@d,", 5);
	upload(&b, again);
	assert_string_equal(mark_of(&f, 3), "bad-email");
	const char *fixed = arena_printf(site.arena, "%.*sb@d.example%s",
		(int)(strstr(again, "b@d") - again), again, strstr(again, "b@d") + 3);
	upload(&b, fixed);
	assert_string_equal(mark_of(&f, 2), "add");
	assert_string_equal(mark_of(&f, 3), "add");
	assert_string_equal(sql_text("SELECT client_name || phone FROM import_row WHERE " MINE
				     " AND line = 2",
				    (long long)f.member.user_id),
		"=cmd|' /C calc'!A0+64 21");
	assert_has_not(browse(&b, "/clients/import/preview"), "These columns are not read");
}

static void whole_files_are_refused_with_a_sentence(void **state)
{
	static const char *const cases[][2] = {
		{"", "Nothing came. Choose a file"},
		{"\xFF\xFE"
		 "C",
			"UTF-16"},
		{"Caf\xE9,b\n1,2\n", "not in UTF-8"},
		{"Name,Mail\nA,B\n",
			"no column Client Name, First Name, Last Name, Client Email"},
		{HEADS, "There is no client in this file"},
		{"\n\n", "There is nothing in this file"},
	};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "Kept,Ke,Pt,k@k.example,,,\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fcgi_answer r = send_file(&b, b.csrf, cases[i][0]);
		assert_status(r, 422);
		assert_has(r, cases[i][1]);
		assert_has(r, "A preview of list.csv");
	}
	assert_int_equal(rows_of(&f), 1);
	assert_status(submit(&b, "/clients/import", "file=x"), 422);
	upload(&b, HEADS "New,Ne,Ew,n@n.example,,,\nNew,Ne,Ew,n2@n.example,,,\n");
	assert_int_equal(rows_of(&f), 2);
	assert_goes(submit(&b, "/clients/import/cancel", ""), "/clients");
	assert_int_equal(rows_of(&f), 0);
	assert_has(browse(&b, "/clients"), "Import cancelled. Nothing was added.");
	assert_int_equal(site_audited(f.org_id, "import.cancelled"), 1);
	assert_int_equal(site_audited(f.org_id, "import.previewed"), 2);
	assert_goes(browse(&b, "/clients/import/preview"), "/clients/import");
	assert_goes(browse(&b, "/clients/import/rejected.csv"), "/clients/import");
}

static void a_preview_is_its_owners_alone_and_forgotten(void **state)
{
	struct firm f;
	struct browser b, other = {0};
	(void)state;
	settle(&f, &b);
	upload(&b, HEADS "Mine,M,Ine,m@m.example,,,\n");
	person_enrol(&f.admin);
	browser_enter(&other, &f.admin, 2);
	assert_goes(browse(&other, "/clients/import/preview"), "/clients/import");
	(void)browse(&other, "/clients/import");
	assert_goes(submit(&other, "/clients/import/cancel", ""), "/clients");
	assert_int_equal(rows_of(&f), 1);
	sql_do("UPDATE import_preview SET created_at = now() - interval '25 hours'");
	assert_goes(browse(&b, "/clients/import/preview"), "/clients/import");
	assert_goes(submit(&b, "/clients/import/apply", "clients=1&made=1"), "/clients/import");
}

static void the_token_is_asked_before_the_file_is_read(void **state)
{
	struct firm f;
	struct browser b, nobody = {0};
	(void)state;
	settle(&f, &b);
	assert_status(send_file(&b, "wrong", HEADS "A,B,C,a@b.example,,,\n"), 403);
	assert_goes(send_file(&nobody, "wrong", HEADS "A,B,C,a@b.example,,,\n"), "/login");
	assert_int_equal(rows_of(&f), 0);
	assert_status(browse(&b, "/clients/import/template.csv"), 200);
}

/* One file of a firm, and two of all, are worked on at a time: the site stays there for everybody else. */
static void one_at_a_time(void **state)
{
	static const char one[] = HEADS "Bravo,Ada,Lind,ada@b.example,,,\n";
	static const char *const held[] = {
		"SELECT pg_advisory_xact_lock(1010, hashint8(%lld))::text",
		"SELECT pg_advisory_xact_lock(1011, 1)::text || pg_advisory_xact_lock(1011, 2)::text"
		" WHERE %lld > 0"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	upload(&b, one);
	for (size_t i = 0; i < ARRAY_LEN(held); i++) {
		struct str before, after;
		(void)str_cut(str_of(held[i]), '%', &before, &after);
		(void)browse(&b, "/clients/import");
		sql_hold(2000, arena_printf(site.arena, "%.*s%lld%s", (int)before.n, before.p,
				       (long long)f.org_id, after.p + strlen("lld")));
		struct fcgi_answer r = send_file(&b, b.csrf, one);
		assert_status(r, 429);
		assert_has(r, "Another file is being imported at this moment.");
		assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
		sql_hold(0, "SELECT 1::text"); /* waits for the one before */
	}
	upload(&b, one);
	import_all(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(one_at_a_time),
		SITE_TEST(each_row_is_marked_and_nothing_written),
		SITE_TEST(the_preview_says_what_a_row_becomes),
		SITE_TEST(import_adds_the_good_rows_at_once),
		SITE_TEST(what_was_left_out_comes_back_as_a_file),
		SITE_TEST(whole_files_are_refused_with_a_sentence),
		SITE_TEST(a_preview_is_its_owners_alone_and_forgotten),
		SITE_TEST(the_token_is_asked_before_the_file_is_read),
	};
	return site_run(tests);
}
