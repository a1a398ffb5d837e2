/* LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_exec_args */
/* Undoing a run: everything is as before it, what is held stays so, and nothing is lost or judged wrongly. */
#include "store/undo.h"
#include "support/sync_cases.h"

static int statements;

bool __real_pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n);
bool __wrap_pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n);
bool __real_pg_exec_args(struct pg *db, int stmt, size_t *touched_r, struct err *e,
	const struct pg_arg *args, size_t n);
bool __wrap_pg_exec_args(struct pg *db, int stmt, size_t *touched_r, struct err *e,
	const struct pg_arg *args, size_t n);

bool __wrap_pg_query_args(struct pg *db, int stmt, struct pg_rows *rows_r, struct err *e,
	const struct pg_arg *args, size_t n)
{
	statements += db == g.w.db; /* signs of life come when their time is there */
	return __real_pg_query_args(db, stmt, rows_r, e, args, n);
}

bool __wrap_pg_exec_args(struct pg *db, int stmt, size_t *touched_r, struct err *e,
	const struct pg_arg *args, size_t n)
{
	statements += db == g.w.db; /* signs of life come when their time is there */
	return __real_pg_exec_args(db, stmt, touched_r, e, args, n);
}

static int64_t last_run(void)
{
	return world_run("run_id");
}

/* The state of the undo's own run. */
static const char *undo(int64_t run_id)
{
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE due_at <= now()");
	world_queue(
		"undo", arena_printf(g.home, "{\"run\":%lld,\"user\":%lld,\"name\":\"Ada\"}",
				(long long)run_id, (long long)d.admin));
	step();
	return db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1");
}

static const char *state_of(int64_t run_id)
{
	return db_ask(arena_printf(
		g.home, "SELECT state FROM sync_run WHERE run_id = %lld", (long long)run_id));
}

/* As world_picture, and what a person sees besides: when and why archived. */
static const char *whole(void)
{
	return arena_printf(g.home, "%s\n%s", world_picture(d.org),
		db_ask("SELECT coalesce(string_agg(name || coalesce(archived_at::text, 'live'), ' ' ORDER BY xpm_id), '')"
		       " FROM client"));
}

/* n clients of one contact each, numbered from 100. */
static void many_clients(int n)
{
	for (int i = 0; i < n; i++) {
		struct stub_client *c =
			stub_client(g.x, 100 + i, arena_printf(g.home, "Client %03d", i));
		stub_contact(c, 100 + i, "Somebody",
			arena_printf(g.home, "somebody%d@example.com", i))
			->primary = true;
	}
}

/* Every kind of change that a run makes, in one. Of ten clients 100.. and the usual three. */
static void change_everything(void)
{
	struct stub_client *a = stub_find(g.x, 1), *b = stub_find(g.x, 2);
	a->name = "Alder and Company";	   /* renamed */
	a->contacts[0].phone = "(09) 999"; /* contact changed */
	a->contacts[0].primary = false;	   /* primary moved */
	a->contacts[1].primary = true;	   /* ... to the shared one */
	a->contacts[1].email = b->contacts[0].email = "bob@new.example"; /* shared changed */
	b->contacts[0].primary = false;
	stub_contact(b, 9, "Nina New", "nina@new.example")->primary = true;
	struct stub_contact moved = stub_find(g.x, 100)->contacts[0]; /* contact moved */
	stub_find(g.x, 100)->n_contacts = 0;
	struct stub_client *to = stub_find(g.x, 101);
	to->contacts[to->n_contacts++] = moved;
	stub_find(g.x, 102)->contacts[0] = /* replaced: the old one goes for good */
		(struct stub_contact){.uuid = stub_uuid(NULL, 'p', 77),
			.name = "Successor",
			.email = "successor@example.com",
			.primary = true};
	stub_find(g.x, 103)->archived = true;  /* archived in XPM */
	stub_drop(g.x, 104);		       /* gone */
	stub_find(g.x, 105)->archived = false; /* comes back */
	stub_find(g.x, 106)->prospect = true;
	(void)stub_client(g.x, 7, "Newcomer");
}

static void a_firm(void)
{
	three_clients();
	many_clients(40);
	stub_find(g.x, 105)->archived = true;
	first_import();
}

static void everything_is_as_before(void **state)
{
	(void)state;
	a_firm();
	const char *before = whole();
	change_everything();
	sync_again();
	int64_t run = last_run();
	assert_string_not_equal(whole(), before);
	assert_string_equal(undo(run), "complete");
	/* The one that came is archived, not removed; all else is as it was. */
	assert_string_equal(
		db_ask("SELECT archived_reason FROM client WHERE name = 'Newcomer'"), "undone");
	(void)db_do("DELETE FROM client WHERE name = 'Newcomer'");
	assert_string_equal(whole(), before);
	assert_string_equal(state_of(run), "undone");
	assert_int_equal(world_run("archived"), 2);
	assert_int_equal(world_run("restored"), 3);
	assert_int_equal(db_number("SELECT live_clients FROM connection"), 42);
	assert_int_equal(db_number("SELECT count(*) FROM notice WHERE kind = 'sync_undone'"),
		db_number(
			"SELECT count(*) FROM app_user WHERE org_id = 1001 AND role = 'admin'"));
	assert_int_equal(count("audit_event WHERE event = 'sync.undone' AND result = 'ok'"), 1);
	/* History of its own, for both sides of a moved contact. */
	assert_true(count(arena_printf(g.home, "client_change WHERE run_id = %lld",
			    (long long)last_run())) > 15);
	assert_int_equal(
		count(arena_printf(g.home,
			"client_change h JOIN client c USING (client_id) WHERE h.run_id = %lld"
			" AND h.field = 'contact' AND c.name IN ('Client 000', 'Client 001')",
			(long long)last_run())),
		2);
	/* The same list again changes nothing, asks for nobody, and counts what is held. */
	stub_drop(g.x, 7);
	sync_again();
	run_said(0, 0, 0, 0, 34);
	assert_int_equal(g.x->gets, 1);
	assert_int_equal(world_run("held"), 9);
	assert_string_equal(whole(), before);
}

static void an_import_is_undone(void **state)
{
	int64_t n = -1;
	struct err e;
	(void)state;
	three_clients();
	first_import();
	int64_t run = last_run();
	assert_string_equal(undo(run), "complete");
	assert_int_equal(count("client WHERE archived_reason = 'undone'"), 3);
	assert_int_equal(count("client_contact"), 3);
	int64_t undoing = last_run();
	sync_again();
	run_said(0, 0, 0, 0, 0);
	assert_int_equal(world_run("held"), 3);
	/* XPM changes one: it is applied, and its hold is over. */
	stub_find(g.x, 2)->name = "Birch Limited";
	sync_again();
	run_said(0, 0, 0, 1, 0);
	assert_int_equal(world_run("held"), 2);
	assert_int_equal(count("client WHERE name = 'Birch Limited' AND archived_at IS NULL"
			       " AND held_run IS NULL"),
		1);
	/* An admin lifts one, then all. */
	int64_t one = db_number("SELECT client_id FROM client WHERE name = 'Alder & Co'");
	assert_ok(hold_lift(d.web, d.org, one, 0, &n, &e));
	assert_int_equal(n, 1);
	sync_again();
	run_said(0, 0, 0, 1, 1);
	assert_int_equal(world_run("held"), 1);
	assert_ok(hold_lift(d.web, d.org, 0, undoing, &n, &e));
	assert_int_equal(n, 1);
	sync_again();
	run_said(0, 0, 0, 1, 2);
	assert_int_equal(world_run("held"), 0);
	assert_int_equal(count("client WHERE archived_at IS NULL"), 3);
}

static void a_wave_of_archives_is_undone(void **state)
{
	int64_t n = -1;
	struct err e;
	(void)state;
	many_clients(60);
	first_import();
	const char *before = whole();
	for (int i = 0; i < 4; i++)
		stub_drop(g.x, 100 + i);
	stub_find(g.x, 104)->unlisted = stub_find(g.x, 104)->archived = true;
	sync_again();
	run_said(0, 0, 5, 0, 55);
	int64_t run = last_run();
	int gets = g.x->gets;
	assert_string_equal(undo(run), "complete");
	assert_string_equal(whole(), before);
	/* Their absence is nothing new: nobody is asked for, and they weigh on no brake. */
	for (int i = 5; i < 10; i++)
		stub_find(g.x, 100 + i)->archived = true;
	sync_again();
	run_said(0, 0, 5, 0, 50);
	assert_int_equal(world_run("held"), 5);
	assert_int_equal(g.x->gets, gets);
	assert_int_equal(count("client WHERE held_run IS NOT NULL AND archived_at IS NULL"), 5);
	/* One stands in the list again: that is another record than its absence. */
	stub_find(g.x, 104)->unlisted = stub_find(g.x, 104)->archived = false;
	sync_again();
	assert_int_equal(world_run("held"), 4);
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 4);
	/* Lifted, the next run asks, and takes them away again. */
	assert_ok(hold_lift(d.web, d.org, 0, 0, &n, &e));
	assert_int_equal(n, 4);
	sync_again();
	run_said(0, 0, 4, 0, 56);
	assert_int_equal(g.x->gets, gets + 4);
}

static void all_held_and_an_empty_list_is_no_alarm(void **state)
{
	(void)state;
	many_clients(2);
	first_import();
	stub_drop(g.x, 100);
	sync_again();
	int64_t first = last_run();
	stub_find(g.x, 101)->prospect = true;
	sync_again();
	assert_string_equal(undo(last_run()), "complete");
	assert_string_equal(undo(first), "complete");
	assert_int_equal(count("client WHERE archived_at IS NULL AND held_gone"), 2);
	sync_again();
	run_said(0, 0, 0, 0, 0);
	assert_int_equal(world_run("held"), 2);
	g.x->n = 0;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(count("client WHERE archived_at IS NULL"), 2);
}

static void another_client_does_not_bring_a_held_contact_back(void **state)
{
	(void)state;
	three_clients();
	first_import();
	struct stub_client *a = stub_find(g.x, 1), *b = stub_find(g.x, 2);
	a->contacts[1].mobile = b->contacts[0].mobile = "021 999";
	sync_again();
	run_said(0, 2, 0, 0, 1);
	assert_string_equal(undo(last_run()), "complete");
	b->name = "Birch Limited"; /* its hold ends; Alder's does not */
	sync_again();
	run_said(0, 1, 0, 0, 1);
	assert_int_equal(world_run("held"), 1);
	assert_string_equal(
		db_ask("SELECT phone FROM contact WHERE name = 'Bob Both'"), "021 222");
	/* When XPM changes the contact, both know. */
	a->contacts[1].mobile = b->contacts[0].mobile = "021 777";
	sync_again();
	assert_string_equal(
		db_ask("SELECT phone FROM contact WHERE name = 'Bob Both'"), "021 777");
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 0);
}

static void what_changed_since_is_left_and_named(void **state)
{
	(void)state;
	three_clients();
	first_import();
	stub_find(g.x, 1)->name = "Alder 2";
	stub_find(g.x, 3)->name = "Cedar 2";
	sync_again();
	int64_t run = last_run();
	stub_find(g.x, 3)->name = "Cedar 3";
	sync_again();
	assert_string_equal(undo(run), "problems");
	assert_string_equal(db_ask("SELECT string_agg(name, ', ' ORDER BY name) FROM client"),
		"Alder & Co, Birch Ltd, Cedar 3");
	assert_string_equal(
		db_ask("SELECT name || ': ' || rule FROM run_skip"), "Cedar 3: changed_since");
	assert_int_equal(world_run("skipped"), 1);
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 1);
}

static void refused_with_a_sentence(int64_t run_id, const char *sentence)
{
	const char *before = whole();
	assert_string_equal(undo(run_id), "failed");
	assert_string_equal(
		db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
		sentence);
	assert_string_equal(whole(), before);
}

static void what_cannot_be_undone_is_refused(void **state)
{
	(void)state;
	three_clients();
	first_import();
	int64_t run = last_run();
	assert_string_equal(undo(run), "complete");
	int64_t undoing = last_run();
	refused_with_a_sentence(run, "This sync has been undone already.");
	refused_with_a_sentence(undoing,
		"An undo cannot be undone. Lift the hold instead: the next sync then brings the"
		" changes again.");
	sync_again();
	refused_with_a_sentence(
		last_run(), "This sync changed no client, so there is nothing to undo.");
	assert_int_equal(
		count("audit_event WHERE event = 'sync.undone' AND result = 'refused'"), 3);
}

static void it_waits_for_a_sync_under_way(void **state)
{
	(void)state;
	three_clients();
	first_import();
	int64_t run = last_run();
	(void)db_do("INSERT INTO sync_run (org_id, trigger) VALUES (1001, 'manual')");
	assert_string_equal(undo(run), "running");
	assert_int_equal(count("job WHERE kind = 'undo' AND due_at > now()"), 1);
	assert_string_equal(state_of(run), "complete");
	(void)db_do("UPDATE sync_run SET state = 'failed' WHERE state = 'running'");
	world_due("undo");
	step();
	assert_string_equal(state_of(run), "undone");
}

static void a_reconnect_does_not_end_a_hold(void **state)
{
	struct err e;
	(void)state;
	three_clients();
	first_import();
	stub_find(g.x, 1)->name = "Alder 2";
	sync_again();
	assert_string_equal(undo(last_run()), "complete");
	assert_ok(pg_begin(d.worker, d.org, &e));
	assert_ok(sync_forget_fingerprints(d.worker, d.org, stub_uuid(NULL, 't', 1), &e));
	assert_ok(pg_commit(d.worker, &e));
	sync_again();
	assert_string_equal(
		db_ask("SELECT name FROM client WHERE held_run IS NOT NULL"), "Alder & Co");
}

/* The list as text: more clients than the stub holds. */
static const char *long_list(int n, const char *word)
{
	struct buf b;
	buf_init(&b, g.home, SIZE_MAX / 4);
	buf_adds(&b, "<Response><Status>OK</Status><Clients>");
	for (int i = 0; i < n; i++)
		buf_printf(&b,
			"<Client><UUID>c0000000-0000-4000-8000-%012d</UUID><Name>%s %d</Name>"
			"<Contacts><Contact><UUID>d0000000-0000-4000-8000-%012d</UUID>"
			"<Name>Person %d</Name><Email>%s%d@example.com</Email>"
			"<IsPrimary>Yes</IsPrimary></Contact></Contacts></Client>",
			i, word, i, i, i, word, i);
	buf_adds(&b, "</Clients></Response>");
	return b.data;
}

static int statements_of_an_undo(int n)
{
	g.x->raw = long_list(n, "After");
	sync_again();
	assert_int_equal(world_run("changed"), n);
	int64_t run = last_run();
	statements = 0;
	assert_string_equal(undo(run), "complete");
	return statements;
}

static void ten_thousand_changes_take_no_more_statements_than_ten(void **state)
{
	(void)state;
	world_connect();
	g.x->raw = long_list(10, "Before");
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
	int few = statements_of_an_undo(10);
	assert_true(few > 10 && few < 60);
	g.x->raw = long_list(10000, "Before");
	sync_again();
	const char *before = world_picture(d.org);
	assert_int_equal(statements_of_an_undo(10000), few);
	assert_string_equal(world_picture(d.org), before);
	assert_int_equal(count("client WHERE held_run IS NOT NULL"), 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(everything_is_as_before),
		WORLD_TEST(an_import_is_undone),
		WORLD_TEST(a_wave_of_archives_is_undone),
		WORLD_TEST(all_held_and_an_empty_list_is_no_alarm),
		WORLD_TEST(another_client_does_not_bring_a_held_contact_back),
		WORLD_TEST(what_changed_since_is_left_and_named),
		WORLD_TEST(what_cannot_be_undone_is_refused),
		WORLD_TEST(it_waits_for_a_sync_under_way),
		WORLD_TEST(a_reconnect_does_not_end_a_hold),
		WORLD_TEST(ten_thousand_changes_take_no_more_statements_than_ten),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
